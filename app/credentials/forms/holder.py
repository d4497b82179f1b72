"""The form of a share link."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.columns import new_code
from app.core.text import _l
from app.credentials.models import Certificate
from app.credentials.rules.sharing import DAYS
from app.credentials.states import SharedField
from app.credentials.wording_holders import FIELDS, TERMS, title_of


class MultiCheckboxField(SelectMultipleField):
    """Several choices, each a box with its label."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ShareForm(FlaskForm):
    """What a link shows, and for how long."""

    certificates = MultiCheckboxField(
        _l("Certificates"),
        validators=[InputRequired(_l("Choose at least one certificate."))],
        validate_choice=False,
    )
    fields = MultiCheckboxField(
        _l("What is shown beside the name, the kind of certificate and its state"),
        description=_l(
            "Whoever knows the unified number can open the whole certificate, which is public. Leave the number out if "
            "the other entries are not to be read."
        ),
        choices=list(FIELDS.items()),
        validate_choice=False,
    )
    label = StringField(
        _l("Label"),
        description=_l("For your own list, such as the name of the employer. Nobody else reads it."),
        validators=[DataRequired(_l("Give the link a label.")), Length(max=100, message=_l("At most 100 characters."))],
    )
    days = SelectField(_l("Open for"), coerce=int, choices=[(days, TERMS[days]) for days in DAYS], default=30)
    number = HiddenField(validators=[DataRequired(), Length(min=26, max=26)])

    @property
    def asked_with(self) -> str:
        """Return the number of this form, by which a repeated request is known."""
        return str(self.number.data)


def share_form(held: Sequence[Certificate], chosen: str = "", **given: Any) -> ShareForm:  # noqa: ANN401 - as FlaskForm
    """Return the form with the holder's certificates; `chosen` is ticked at first, and every field but the number."""
    form = ShareForm(**given)
    form.certificates.choices = [(one.code, title_of(one)) for one in held]
    if not form.is_submitted():
        form.certificates.data = [chosen] if chosen else [one.code for one in held[:1]]
        form.fields.data = [field.value for field in SharedField if field is not SharedField.NUMBER]
        form.number.data = new_code()
    return form

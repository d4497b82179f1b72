"""Forms of the bases room."""

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.text import _l

REASON_HINT = _l("The base reads this reason; of an accredited base the public reads it too.")
STATES = [
    ("accredited", _l("Accredited")),
    ("suspended", _l("Suspended")),
    ("exited", _l("Exited")),
]


class ApplicationForm(FlaskForm):
    """What a base says of itself when it applies."""

    levels = SelectMultipleField(
        _l("Levels to train"),
        validate_choice=False,
        validators=[DataRequired(_l("Choose at least one level."))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    address_zh = StringField(
        _l("Address (Chinese)"),
        validators=[DataRequired(_l("Give the address.")), Length(max=200)],
    )
    address_en = StringField(
        _l("Address (English)"),
        validators=[DataRequired(_l("Give the address.")), Length(max=200)],
    )
    capacity = IntegerField(
        _l("Places per cohort"),
        validators=[
            DataRequired(_l("Give the number of places.")),
            NumberRange(1, 2000, _l("Between 1 and 2,000 places.")),
        ],
    )


class DecisionForm(FlaskForm):
    """The period of an accreditation, with the reason that the base and the public read."""

    starts_on = DateField(_l("Accredited from"), validators=[DataRequired(_l("Give the first day."))])
    ends_on = DateField(_l("Accredited until"), validators=[DataRequired(_l("Give the last day."))])
    reason = TextAreaField(
        _l("Reason"),
        description=REASON_HINT,
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class MoveForm(FlaskForm):
    """The reason of a refusal, suspension, reinstatement or exit."""

    reason = TextAreaField(
        _l("Reason"),
        description=REASON_HINT,
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class FilterForm(FlaskForm):
    """What to look for in the register."""

    class Meta:
        """Filters travel in the address."""

        csrf = False

    text = StringField(_l("Name"))
    state = SelectField(_l("State"), choices=[("", _l("All states")), *STATES])

"""Forms of marking anew."""

import re

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.assessment.exams.forms.parts import REQUIRED
from app.assessment.exams.rules.marking import Ruling
from app.core.text import _l

VOID, KEY, BACK = "void", "key", "back"


class RulingForm(FlaskForm):  # type: ignore[misc]
    """What is decided of one item of a marked paper."""

    position = SelectField(_l("Item"), coerce=int, validators=[DataRequired(REQUIRED)])
    ruling = RadioField(
        _l("Decision"),
        choices=[
            (VOID, _l("The item is void")),
            (KEY, _l("Another key is right")),
            (BACK, _l("Take the earlier decision back")),
        ],
        default=VOID,
        validators=[DataRequired(REQUIRED)],
    )
    key = StringField(
        _l("Right options"),
        description=_l("Letters of the item in the bank, such as A or AC; only where another key is right."),
        validators=[Length(max=20)],
    )
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=1000)])

    def chosen(self) -> Ruling | None:
        """Return the ruling, None where the earlier one is taken back."""
        if self.ruling.data == BACK:
            return None
        if self.ruling.data == VOID:
            return Ruling(void=True)
        return Ruling(key=frozenset(re.findall("[A-Z]", (self.key.data or "").upper())))

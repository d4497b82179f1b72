"""Forms of marking anew."""

import re

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.assessment.exams.forms.parts import REQUIRED
from app.assessment.exams.rules.marking import Ruling
from app.core.text import _l

VOID, KEY, ALSO, BACK = "void", "key", "also", "back"
MOST_ANSWERS = 2000


class RulingForm(FlaskForm):  # type: ignore[misc]
    """What is decided of one item of a marked paper."""

    position = SelectField(_l("Item"), coerce=int, validators=[DataRequired(REQUIRED)])
    ruling = RadioField(
        _l("Decision"),
        choices=[
            (VOID, _l("The item is void")),
            (KEY, _l("Another key is right")),
            (ALSO, _l("Further answers are right too")),
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
    also = TextAreaField(
        _l("Further right answers"),
        description=_l(
            "Only for blanks and numbers: a line for each blank in its order, several answers separated by a bar (|)."
        ),
        validators=[Length(max=MOST_ANSWERS)],
    )
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=1000)])

    def chosen(self) -> Ruling | None:
        """Return the ruling, None where the earlier one is taken back."""
        if self.ruling.data == BACK:
            return None
        if self.ruling.data == VOID:
            return Ruling(void=True)
        if self.ruling.data == ALSO:
            return Ruling(also=_answers(self.also.data or ""))
        return Ruling(key=frozenset(re.findall("[A-Z]", (self.key.data or "").upper())))


def _answers(text: str) -> tuple[tuple[str, ...], ...]:
    """Read a line for each gap, without those that are left empty at the end."""
    lines = text.rstrip().splitlines()
    return tuple(tuple(answer.strip() for answer in line.split("|") if answer.strip()) for line in lines)

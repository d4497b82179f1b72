"""Forms of marking anew."""

import re

from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app.assessment.exams.forms.parts import REQUIRED
from app.assessment.exams.rules.rulings import Ruling
from app.core.text import _l

VOID, KEY, ALSO, BACK = "void", "key", "also", "back"
MOST_ANSWERS = 2000


class RulingForm(FlaskForm):
    """What is decided of one item of a marked paper."""

    position = SelectField(_l("Item"), coerce=int, validators=[DataRequired(REQUIRED)])
    part = IntegerField(
        _l("Part of the case"),
        description=_l("Its number, counted from 1; only where another key or further answers of a part are right."),
        validators=[Optional(), NumberRange(min=1, max=99)],
    )
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
            "Blanks and matching: a line for each gap in its order, several answers separated by a bar (|), empty "
            "where nothing is added. Numbers: one line. Ordering: a line for each further order, such as BAC."
        ),
        validators=[Length(max=MOST_ANSWERS)],
    )
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=1000)])

    def chosen(self) -> Ruling | None:
        """Return the ruling, None where the earlier one is taken back."""
        if self.part.data:
            return Ruling(parts=((self.part.data, self._said() or Ruling()),))
        return self._said()

    def _said(self) -> Ruling | None:
        if self.ruling.data == BACK:
            return None
        if self.ruling.data == VOID:
            return Ruling(void=True)
        if self.ruling.data == ALSO:
            return Ruling(also=_answers(self.also.data or ""))
        return Ruling(key=frozenset(re.findall("[A-Z]", (self.key.data or "").upper())))


def _answers(text: str) -> tuple[tuple[str, ...], ...]:
    """Read a line for each gap, without those that are left empty at the end; a bar of full width is one too."""
    lines = text.replace(chr(0xFF5C), "|").rstrip().splitlines()
    return tuple(tuple(answer.strip() for answer in line.split("|") if answer.strip()) for line in lines)

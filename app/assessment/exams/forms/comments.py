"""Forms of the review of a paper."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.assessment.exams.queries.papers import SheetItem
from app.core.columns import new_code
from app.core.text import _, _l

MOST_WORDS = 2000
SAY = _l("Write what you have to say.")


class WordsForm(FlaskForm):
    """An answer to a comment, or why it does not settle it."""

    words = TextAreaField(_l("What you have to say"), validators=[DataRequired(SAY), Length(max=MOST_WORDS)])
    number = HiddenField(validators=[Length(max=64)])

    @property
    def asked_with(self) -> str | None:
        """Return the number of this form, by which a repeated request is known."""
        return self.number.data or None


class CommentForm(WordsForm):
    """A comment on the whole paper or on one of its places."""

    place = SelectField(_l("About"), default="")

    @property
    def position(self) -> int | None:
        """Return the place, None for the whole paper."""
        return int(self.place.data) if self.place.data else None


def words_form() -> WordsForm:
    """Make the form of an answer, under a number of its own."""
    return WordsForm(formdata=None, data={"number": new_code()})


def comment_form(sheet: Sequence[SheetItem], place: str = "") -> CommentForm:
    """Make the form with the places of a paper to choose from; `place` is chosen at first."""
    form = CommentForm(data={"place": place, "number": new_code()})
    form.place.choices = [
        ("", _("The whole paper")),
        *((str(one.position), _("Place %(place)d: %(item)s", place=one.position, item=one.code)) for one in sheet),
    ]
    return form

"""Forms of the certification room."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.text import _l
from app.rulebook import queries as rulebook


class RefusalForm(FlaskForm):
    """Why a level is refused."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("The candidate reads this reason."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class SearchForm(FlaskForm):
    """What to look for in the register."""

    class Meta:
        """A search travels in the address."""

        csrf = False

    text = StringField(_l("Name or unified number"))
    level = SelectField(_l("Level"))

    def __init__(self, *args: Any, **given: Any) -> None:  # noqa: ANN401 - as FlaskForm
        super().__init__(*args, **given)
        self.level.choices = [("", _l("All levels")), *rulebook.level_choices()]

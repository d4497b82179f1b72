"""Forms of the rulebook."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from app.core.text import _l
from app.rulebook.rules.packs import SERIES


class UploadForm(FlaskForm):
    """A pack file to load as a draft."""

    file = FileField(
        _l("Pack file (TOML)"),
        description=_l("Download a published pack, change its values and upload it here."),
        validators=[FileRequired(_l("Choose the pack file."))],
    )


class ReasonForm(FlaskForm):
    """Why a pack goes back or is withdrawn."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[DataRequired(_l("Give the reason.")), Length(max=1000)],
    )


class ReplayForm(FlaskForm):
    """Which year's decisions to replay."""

    year = IntegerField(
        _l("Year of the decisions"),
        description=_l("The decisions of that year in your region are judged again; nothing is changed."),
        validators=[InputRequired(_l("Give the year.")), NumberRange(2000, 2100, _l("Give a year such as 2026."))],
    )


class StartForm(FlaskForm):
    """The code of a first pack, and the pack with whose values it begins."""

    origin = SelectField(
        _l("Begin with"), description=_l("Empty, or the values and test cases of a pack that is published.")
    )
    code = StringField(
        _l("Code"),
        description=_l("Small letters, digits and dashes. It names these rules from now on."),
        validators=[
            DataRequired(_l("Give a code.")),
            Regexp(SERIES, message=_l("Use 2 to 51 small letters, digits and dashes, a letter or digit first.")),
        ],
    )


class LineageForm(FlaskForm):
    """Which rules, on which day, for which region."""

    kind = SelectField(_l("Kind"))
    on = DateField(_l("Day"), validators=[Optional()])
    region = StringField(_l("Region"), description=_l("Name or code."), validators=[Length(max=60)])


class CompareForm(FlaskForm):
    """The pack to compare with."""

    left = SelectField(_l("Compare with"))

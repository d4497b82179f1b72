"""Forms of the rulebook."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.core.text import _l


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


class LineageForm(FlaskForm):
    """Which rules, on which day, for which region."""

    kind = SelectField(_l("Kind"))
    on = DateField(_l("Day"), validators=[Optional()])
    region = StringField(_l("Region"), description=_l("Name or code."), validators=[Length(max=60)])


class CompareForm(FlaskForm):
    """The pack to compare with."""

    left = SelectField(_l("Compare with"))

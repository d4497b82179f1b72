"""Forms of the rulebook."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.text import _l


class UploadForm(FlaskForm):  # type: ignore[misc]
    """A pack file to load as a draft."""

    file = FileField(
        _l("Pack file (TOML)"),
        description=_l("Download a published pack, change its values and upload it here."),
        validators=[FileRequired(_l("Choose the pack file."))],
    )


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why a pack goes back or is withdrawn."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[DataRequired(_l("Give the reason.")), Length(max=1000)],
    )

"""Fields that several forms of the room share."""

from flask_wtf import FlaskForm
from wtforms import (
    DecimalField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, ValidationError

from app.core.text import _l

REQUIRED = _l("Fill in this field.")
PLACES = 2


def two_places(form: FlaskForm, field: DecimalField) -> None:
    """Refuse a figure that the record could keep only rounded."""
    del form
    if field.data is not None and field.data != round(field.data, PLACES):
        raise ValidationError(_l("At most two decimal places."))


class NamedForm(FlaskForm):
    """A record with a name in both languages."""

    name_zh = StringField(_l("Name in Chinese"), validators=[DataRequired(REQUIRED), Length(max=200)])
    name_en = StringField(_l("Name in English"), validators=[DataRequired(REQUIRED), Length(max=200)])


class ReasonForm(FlaskForm):
    """Why a proposal goes back."""

    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=1000)])

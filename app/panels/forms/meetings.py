"""Forms of meetings."""

from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.text import _l

GIVE = _l("Fill this in.")


class MeetingForm(FlaskForm):
    """When and where a committee meets; the time is Shanghai's."""

    committee = SelectField(_l("Committee"), validators=[DataRequired(GIVE)])
    name_zh = StringField(_l("Name (Chinese)"), validators=[DataRequired(GIVE), Length(max=200)])
    name_en = StringField(_l("Name (English)"), validators=[DataRequired(GIVE), Length(max=200)])
    place = StringField(_l("Venue"), validators=[DataRequired(GIVE), Length(max=200)])
    starts_at = DateTimeLocalField(_l("Starts at"), validators=[DataRequired(_l("Give the day and time."))])


class ItemForm(FlaskForm):
    """A case to put on the agenda."""

    case = SelectField(_l("Case"), validators=[DataRequired(GIVE)])


class OpinionForm(FlaskForm):
    """What the committee holds of an item."""

    opinion = TextAreaField(_l("Opinion"), validators=[DataRequired(GIVE), Length(max=4000)])


class ItemRecusalForm(FlaskForm):
    """A member to recuse from an item, and why."""

    member = SelectField(_l("Member"), validators=[DataRequired(GIVE)])
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=2000)])

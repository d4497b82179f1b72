"""Forms of pools and committees."""

from datetime import date
from typing import cast

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.text import _l
from app.panels.states import COMPOSITION_LABELS, FIELD_LABELS, TITLE_LABELS

STATES = [
    ("nominated", _l("Nominated")),
    ("accepted", _l("Willing, to be admitted")),
    ("admitted", _l("Serving")),
    ("expired", _l("Term ended")),
    ("suspended", _l("Suspended")),
    ("declined", _l("Declined")),
    ("refused", _l("Not admitted")),
]
GIVE = _l("Fill this in.")


class PoolFilterForm(FlaskForm):
    """What to look for in a pool."""

    class Meta:
        """Filters travel in the address."""

        csrf = False

    text = StringField(_l("Name or unit"))
    field = SelectField(_l("Professional field"), choices=[("", _l("All fields")), *FIELD_LABELS.items()])
    title = SelectField(_l("Professional title"), choices=[("", _l("All titles")), *TITLE_LABELS.items()])
    state = SelectField(_l("State"), choices=[("", _l("All states")), *STATES])


class NominationForm(FlaskForm):
    """A person whom a unit nominates to a pool."""

    pool = SelectField(_l("Expert pool"), validators=[DataRequired(GIVE)])
    name = StringField(_l("Name of the person"), validators=[DataRequired(GIVE), Length(max=100)])
    number = StringField(_l("Resident identity number"), validators=[DataRequired(GIVE), Length(max=30)])
    unit = StringField(_l("Unit"), validators=[DataRequired(GIVE), Length(max=200)])
    region = SelectField(_l("Province of the unit"), validators=[DataRequired(GIVE)])
    field = SelectField(_l("Professional field"), choices=list(FIELD_LABELS.items()))
    title = SelectField(_l("Professional title"), choices=list(TITLE_LABELS.items()))


class ImportForm(FlaskForm):
    """A list of experts as a file."""

    file = FileField(
        _l("File"),
        description=_l("xlsx or csv with the six columns of the template, one expert a row."),
        validators=[FileRequired(_l("Choose a file."))],
    )


class TermForm(FlaskForm):
    """The term of an admission or the period of a filing."""

    starts_on = DateField(_l("First day of the period"), validators=[DataRequired(_l("Give the first day."))])
    ends_on = DateField(_l("Last day of the period"), validators=[DataRequired(_l("Give the last day."))])

    def days(self) -> tuple[date, date]:
        """Return both days, once the form has been validated."""
        return cast("date", self.starts_on.data), cast("date", self.ends_on.data)


class ReasonForm(FlaskForm):
    """Why something is decided; those concerned read it."""

    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=2000)])


class CommitteeForm(FlaskForm):
    """What a committee is for."""

    pool = SelectField(_l("Expert pool"), validators=[DataRequired(GIVE)])
    name_zh = StringField(_l("Name (Chinese)"), validators=[DataRequired(GIVE), Length(max=200)])
    name_en = StringField(_l("Name (English)"), validators=[DataRequired(GIVE), Length(max=200)])
    series = StringField(_l("Series"), validators=[DataRequired(GIVE), Length(max=200)])
    composition = SelectField(_l("Reviews"), choices=list(COMPOSITION_LABELS.items()))
    level = SelectField(_l("Title level"), choices=list(TITLE_LABELS.items()))


class MembersForm(FlaskForm):
    """Who sits on a committee, and who leads it."""

    members = SelectMultipleField(
        _l("Committee members"),
        validators=[DataRequired(_l("Choose at least one member."))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    chair = SelectField(_l("Chair"), validators=[DataRequired(GIVE)])

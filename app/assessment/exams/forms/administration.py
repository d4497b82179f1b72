"""Forms of the administration of sessions."""

from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.assessment.exams.administration_states import INCIDENT_LABELS, STANDING_LABELS, IncidentKind, Standing
from app.assessment.exams.forms.parts import REQUIRED, NamedForm
from app.assessment.exams.queries.board import Wanted
from app.assessment.exams.services.extra_time import More
from app.assessment.exams.services.freezing import Window
from app.assessment.exams.services.venues import Place
from app.core.clock import SHANGHAI
from app.core.text import _l

REASON = [DataRequired(_l("Give the reason.")), Length(max=1000)]
BEIJING = _l("Beijing time")


def instant(local: datetime) -> datetime:
    """Return the instant of a time typed as Beijing time."""
    return local.replace(tzinfo=SHANGHAI)


def local(at: datetime | None) -> datetime | None:
    """Return an instant as a form shows it."""
    return at.astimezone(SHANGHAI).replace(tzinfo=None) if at else None


class VenueForm(NamedForm):
    """A new venue."""

    address = StringField(_l("Address"), validators=[DataRequired(REQUIRED), Length(max=200)])
    region = SelectField(_l("Region"), validators=[DataRequired(REQUIRED)])

    def place(self) -> Place:
        """Return what was typed."""
        given: dict[str, Any] = self.data
        return Place(given["name_zh"], given["name_en"], given["address"], given["region"])


class RoomForm(FlaskForm):
    """A new room of a venue."""

    name = StringField(_l("Room"), validators=[DataRequired(REQUIRED), Length(max=200)])
    seats = IntegerField(_l("Number of seats"), validators=[InputRequired(REQUIRED), NumberRange(min=1, max=2000)])


class ArrangeForm(FlaskForm):
    """How a session is held."""

    venue = SelectField(_l("Exam venue"), description=_l("Online where no venue is chosen."))
    rooms = SelectMultipleField(
        _l("Rooms"),
        description=_l("Changing the rooms frees every seat; give the seats again afterwards."),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    registers_from = DateTimeLocalField(
        _l("Candidates register themselves from"), description=BEIJING, validators=[Optional()]
    )
    registers_until = DateTimeLocalField(
        _l("Candidates register themselves until"), description=BEIJING, validators=[Optional()]
    )
    identity_check = BooleanField(_l("Nobody starts whose identity was not checked at the door"))
    rehearsal = BooleanField(
        _l("A rehearsal: anyone may sit it, nothing is counted"),
        description=_l("Whoever sits it sees its questions, so they count as used. Take a paper that no exam needs."),
    )
    extends = BooleanField(_l("Extra time may run past the close of the window"))


class WindowForm(FlaskForm):
    """New times of a session, with the reason."""

    opens_at = DateTimeLocalField(_l("Window opens"), description=BEIJING, validators=[InputRequired(REQUIRED)])
    closes_at = DateTimeLocalField(_l("Window closes"), description=BEIJING, validators=[InputRequired(REQUIRED)])
    minutes = IntegerField(
        _l("Minutes for each sitting"), validators=[InputRequired(REQUIRED), NumberRange(min=1, max=600)]
    )
    reason = TextAreaField(_l("Reason"), validators=REASON)

    def window(self) -> Window:
        """Return the times as typed."""
        given: dict[str, Any] = self.data
        return Window(instant(given["opens_at"]), instant(given["closes_at"]), given["minutes"])


class TicketForm(FlaskForm):
    """The ticket at the door; it changes nothing, so it needs no token."""

    class Meta:
        """No token: a look only."""

        csrf = False

    ticket = StringField(_l("Ticket number or scanned code"), validators=[DataRequired(REQUIRED), Length(max=300)])


class CheckForm(FlaskForm):
    """What the invigilator found at the door."""

    note = StringField(
        _l("Note"), description=_l("Needed where something does not match."), validators=[Length(max=200)]
    )


class BoardForm(FlaskForm):
    """The filter of the board."""

    class Meta:
        """A filter changes nothing, so it needs no token."""

        csrf = False

    room = SelectField(_l("Room"))
    standing = SelectField(_l("State"), choices=[("", _l("All")), *STANDING_LABELS.items()])
    flag = SelectField(_l("Flag"), choices=[("", _l("All")), ("yes", _l("With a flag only"))])
    text = StringField(_l("Name or end of the ticket number"))

    def wanted(self) -> Wanted:
        """Return what the board is to show; what it does not know is left out."""
        standing = self.standing.data if self.standing.data in set(Standing) else ""
        rooms = {one[0] for one in self.room.choices or ()}
        room = self.room.data if self.room.data in rooms else ""
        return Wanted(room or "", standing or "", self.flag.data == "yes", (self.text.data or "").strip())


class RoomReasonForm(FlaskForm):
    """Why a room is paused."""

    reason = StringField(_l("Reason"), validators=REASON)


class PauseForm(RoomReasonForm):
    """Whose sittings are paused, and why."""

    tickets = SelectMultipleField(
        _l("Candidates to pause"),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class ResumeForm(FlaskForm):
    """Whose sittings go on."""

    tickets = SelectMultipleField(
        _l("Candidates who go on"),
        id="resumed",
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class MoveForm(FlaskForm):
    """Where a candidate goes on."""

    room = SelectField(_l("Room"), validators=[DataRequired(REQUIRED)])
    seat = IntegerField(_l("Seat"), validators=[InputRequired(REQUIRED), NumberRange(min=1)])
    reason = StringField(_l("Reason"), validators=REASON)


class ExtraTimeForm(FlaskForm):
    """More time for one or many candidates: minutes, or a share of the session's own."""

    minutes = IntegerField(_l("Extra minutes"), validators=[Optional(), NumberRange(min=1, max=600)])
    percent = IntegerField(
        _l("or per cent of the exam's time"),
        description=_l("Instead of minutes; it follows when the minutes of the exam are changed before the start."),
        validators=[Optional(), NumberRange(min=1, max=100)],
    )
    reason = TextAreaField(_l("Reason"), validators=REASON)

    def more(self) -> More:
        """Return what was typed."""
        return More(self.minutes.data, self.percent.data)


class IncidentForm(FlaskForm):
    """An entry of the incident log."""

    kind = SelectField(_l("Kind"), choices=[*INCIDENT_LABELS.items()], validators=[DataRequired(REQUIRED)])
    happened_at = DateTimeLocalField(_l("Happened at"), description=BEIJING, validators=[InputRequired(REQUIRED)])
    room = SelectField(_l("Room"))
    ticket = StringField(_l("Ticket number"), description=_l("Where it concerns one candidate."))
    description = TextAreaField(_l("Course of events"), validators=[DataRequired(REQUIRED), Length(max=4000)])
    action = TextAreaField(_l("What was done"), validators=[DataRequired(REQUIRED), Length(max=4000)])
    files = MultipleFileField(_l("Files (PDF, PNG or JPEG)"))


class IncidentFilter(FlaskForm):
    """Filter of the incident log."""

    class Meta:
        """A filter changes nothing, so it needs no token."""

        csrf = False

    kind = SelectField(_l("Kind"), choices=[("", _l("All")), *INCIDENT_LABELS.items()])

    def chosen(self) -> IncidentKind | None:
        """Return the kind to show, None for all."""
        return IncidentKind(self.kind.data) if self.kind.data in set(IncidentKind) else None


class ConductForm(FlaskForm):
    """A conduct record of a candidate."""

    conduct = SelectField(_l("Conduct"), validators=[DataRequired(REQUIRED)])
    description = TextAreaField(
        _l("Course of events"),
        description=_l("What you saw, when, and what was found. The candidate reads it."),
        validators=[DataRequired(REQUIRED), Length(max=4000)],
    )
    witness = SelectField(_l("Witness"), validators=[DataRequired(REQUIRED)])


class StatementForm(FlaskForm):
    """What the candidate says to a notice."""

    statement = TextAreaField(_l("Your statement"), validators=[DataRequired(REQUIRED), Length(max=8000)])

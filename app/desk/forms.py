"""Forms of the desk: filters of inbox and access log, when notices are mailed."""

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional

from app.core.access_log import PURPOSE_LABELS
from app.core.text import _l
from app.desk.queries.looks import Wanted as WantedLooks
from app.desk.queries.todos import Wanted
from app.desk.states import RHYTHM_LABELS, Rhythm

WEEKDAYS = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)
EVERYTHING = _l("Everything")
DUE = (
    ("", _l("At any time")),
    ("overdue", _l("Overdue")),
    ("week", _l("Within seven days")),
    ("later", _l("Later than that")),
    ("undated", _l("Without a date")),
)
ORDERS = (
    ("due", _l("What is due first")),
    ("-due", _l("What is due last")),
    ("opened", _l("What waited longest")),
    ("-opened", _l("What came last")),
)


class InboxFilter(FlaskForm):
    """What of the inbox is shown, and in which order."""

    class Meta:
        """A filter changes nothing and needs no token."""

        csrf = False

    kind = SelectField(_l("What for"), choices=[("", EVERYTHING)])
    due = SelectField(_l("Due"), choices=list(DUE))
    sort = SelectField(_l("Order"), choices=list(ORDERS))

    @property
    def wanted(self) -> Wanted:
        """Return what was asked for; what no choice names counts as everything."""
        return Wanted(self.kind.data or "", self.due.data or "", self.sort.data or "due")


class LooksFilter(FlaskForm):
    """What of the access log is shown."""

    class Meta:
        """A filter changes nothing and needs no token."""

        csrf = False

    name = StringField(_l("Full name"), validators=[Length(max=50)])
    purpose = SelectField(
        _l("Purpose"), choices=[("", _l("All")), *((one.value, label) for one, label in PURPOSE_LABELS.items())]
    )
    since = DateField(_l("From"), validators=[Optional()])
    until = DateField(_l("Until"), validators=[Optional()])

    @property
    def wanted(self) -> WantedLooks:
        """Return what was asked for."""
        return WantedLooks((self.name.data or "")[:50], self.purpose.data or "", self.since.data, self.until.data)


class RhythmForm(FlaskForm):
    """When notices are mailed."""

    rhythm = RadioField(
        _l("When we write"),
        choices=[(one.value, label) for one, label in RHYTHM_LABELS.items()],
        validators=[DataRequired(_l("Choose when we write to you."))],
    )
    hour = SelectField(_l("At what hour"), choices=[(str(hour), f"{hour:02d}:00") for hour in range(24)])
    weekday = SelectField(_l("On which day of the week"), choices=[(str(at), day) for at, day in enumerate(WEEKDAYS)])

    @property
    def chosen(self) -> Rhythm:
        """Return the chosen rhythm of a valid form."""
        return Rhythm(self.rhythm.data)

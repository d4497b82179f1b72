"""Forms of exam sessions."""

from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateTimeLocalField,
    IntegerField,
    SelectField,
)
from wtforms.validators import DataRequired, InputRequired, NumberRange

from app.assessment.exams.forms.parts import REQUIRED, NamedForm
from app.assessment.exams.services.sessions import Plan
from app.assessment.exams.states import SESSION_LABELS, SessionState
from app.core.clock import SHANGHAI
from app.core.text import _l


class SessionForm(NamedForm):
    """A session on a frozen paper; times are Shanghai time."""

    paper = SelectField(_l("Paper"), validators=[DataRequired(REQUIRED)])
    region = SelectField(
        _l("Region"),
        description=_l("Candidates of cohorts in this region may register."),
        validators=[DataRequired(REQUIRED)],
    )
    opens_at = DateTimeLocalField(_l("Window opens"), validators=[InputRequired(REQUIRED)])
    closes_at = DateTimeLocalField(
        _l("Window closes"),
        description=_l("Every sitting ends by then at the latest."),
        validators=[InputRequired(REQUIRED)],
    )
    minutes = IntegerField(
        _l("Minutes for each sitting"), validators=[InputRequired(REQUIRED), NumberRange(min=1, max=600)]
    )

    def plan(self) -> Plan:
        """Return what was asked for."""
        given: dict[str, Any] = self.data
        return Plan(
            name_zh=given["name_zh"],
            name_en=given["name_en"],
            opens_at=_instant(given["opens_at"]),
            closes_at=_instant(given["closes_at"]),
            minutes=given["minutes"],
            region_code=given["region"],
        )


def _instant(local: datetime) -> datetime:
    return local.replace(tzinfo=SHANGHAI)


class StateFilter(FlaskForm):
    """Filter of the list of sessions."""

    class Meta:
        """A filter changes nothing, so it needs no token."""

        csrf = False

    state = SelectField(_l("State"), choices=[("", _l("All")), *SESSION_LABELS.items()])

    def chosen(self) -> SessionState | None:
        """Return the state to show, None for all."""
        return SessionState(self.state.data) if self.state.data in set(SessionState) else None

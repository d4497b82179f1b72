"""What an office finds about a declaration that gave a name alone, and what it gives back to who made it."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Person
from app.ballots import services as ballots
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk
from app.panels.models.draws import Panel, PanelCase
from app.panels.queries.recusals import recorded
from app.panels.services.barring import find
from app.panels.services.recusal import come_back, meetings_on
from app.panels.services.signing import ask_signatories
from app.panels.states import PanelState

SETTLED = _l("This is settled already. Reload the page to see what was found.")


def settle(
    subject: Subject, person_code: str, *, same: bool, reason: str, about: Subject, by: Actor, at: datetime
) -> None:
    """Let the office find whether a declaration that gave a name alone means whom a subject concerns.

    Until then its author is barred. After “another person” they may judge again, also what was called or drawn
    meanwhile and has not begun, and have the notices again that the recusal took. Raises ConflictError where nothing
    is open.
    """
    meetings = meetings_on(subject)
    known = next((one for one in recorded(subject) if one.waits and one.recusal.person.code == person_code), None)
    if known is None:
        raise ConflictError(SETTLED)
    find(known, same=same, reason=reason, by=by, at=at)
    person = known.recusal.person
    kind = "panels.same_person" if same else "panels.another_person"
    events.record(kind, about, by=by, at=at, reason=reason, data={"person": person.code})
    ask_signatories(subject, at=at)
    if not same:
        ballots.readmit(meetings, subject.code, person_id=person.id, by=by, at=at)
        _return_to_panels(subject, person, at=at)
        desk.return_notices(subject, person_id=person.id, withdrawn_at=known.recusal.at)


def _return_to_panels(subject: Subject, person: Person, *, at: datetime) -> None:
    query = (
        select(Panel)
        .join(PanelCase, PanelCase.panel_id == Panel.id)
        .where(
            PanelCase.subject_type == subject.type,
            PanelCase.subject_code == subject.code,
            Panel.state == PanelState.DRAWN,
        )
    )
    for panel in session.scalars(query.order_by(Panel.id)).all():
        come_back(panel, person, at=at)

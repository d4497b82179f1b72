"""What rooms below refuse a restricted person: they cannot ask, so they are refused with the event of the act.

The event is recorded in the transaction that would do the act, so nothing of it stays.
"""

from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import select

from app.accounts.models import Person
from app.cases.kinds import RestrictionKind
from app.cases.queries import restrictions
from app.core import clock
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.core.text import _l

MEMBERSHIP, WRITE, REVIEW = "accounts.membership", "items.write", "items.review"
ACTS = {
    WRITE: ("items.written", "items.imported", "items.file_staged", "items.file_added"),
    REVIEW: ("items.accepted", "items.approved", "items.revision_asked", "items.alike_cleared", "items.retired"),
}
"""The events of the item bank whose actor each restriction stops."""


def refuse_restricted_grant(event: Event) -> None:
    """Refuse a role for a restricted person, in the transaction that would give it."""
    person = session.scalars(select(Person).where(Person.code == event.subject_code)).one()
    restrictions.refuse_if_restricted(MEMBERSHIP, person_id=person.id, on=clock.day_of(event.at))


def refuse_restricted_grants(granted: Sequence[Event]) -> None:
    """Refuse roles that are given together where one of the persons is restricted; few statements however many."""
    query = select(Person.id).where(Person.code.in_([event.subject_code for event in granted]))
    found = restrictions.restricted(MEMBERSHIP, session.scalars(query), on=clock.day_of(granted[0].at))
    if found:
        raise restrictions.refusal(found[min(found)])


def refuse_restricted_actor(kind: str, event: Event) -> None:
    """Refuse an act of a restricted person; what the machine does by itself is asked for nobody."""
    if event.actor_id is not None:
        restrictions.refuse_if_restricted(kind, person_id=event.actor_id, on=clock.day_of(event.at))


def refuse_restricted_acts(kind: str, acts: Sequence[Event]) -> None:
    """Refuse acts that one person does together: asked once."""
    refuse_restricted_actor(kind, acts[0])


def _stops(kind: str, event: str) -> Subscriber:
    one: Callable[[Event], None] = partial(refuse_restricted_actor, kind)
    many: Callable[[Sequence[Event]], None] = partial(refuse_restricted_acts, kind)
    return Subscriber(event, f"cases.refuse_{kind}", one, now=True, handle_all=many)


RESTRICTIONS = (
    RestrictionKind(MEMBERSHIP, _l("No new role may be given"), "person"),
    RestrictionKind(WRITE, _l("No item may be written or imported into an item bank"), "person"),
    RestrictionKind(REVIEW, _l("No item may be reviewed or approved"), "person"),
)
SUBSCRIBERS = (
    Subscriber(
        "accounts.role_granted",
        "cases.refuse_restricted_grant",
        refuse_restricted_grant,
        now=True,
        handle_all=refuse_restricted_grants,
    ),
    *(_stops(kind, event) for kind, listened in ACTS.items() for event in listened),
)

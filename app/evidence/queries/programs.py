"""Reads for programs: what their organisation entered, never what the maker of a key entered for themselves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.evidence.models import Evidence
from app.evidence.queries.pages import Page, page_of
from app.evidence.states import State

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """Which records a program asks for: of a state, changed at an instant of the house's own clock or later."""

    state: State | None = None
    since: datetime | None = None
    page: int = 1


def _entered(actor: Actor) -> Select[Evidence]:
    """Select what the actor's organisation entered and declared, by whichever way; nothing where it acts for none."""
    own = Evidence.organisation_id == actor.organisation_id
    return select(Evidence).where(Evidence.organisation_id.is_not(None), own, Evidence.state != State.DRAFT)


def entered_record(code: str, actor: Actor) -> Evidence:
    """Return one record that the actor's organisation entered; raises NotFoundError for any other."""
    found = session.scalar(_entered(actor).where(Evidence.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def entered_records(actor: Actor, asked: Asked) -> Page[Evidence]:
    """List what the actor's organisation entered, what changed longest ago first: two statements."""
    query = _entered(actor)
    if asked.state is not None:
        query = query.where(Evidence.state == asked.state)
    if asked.since is not None:
        query = query.where(Evidence.changed_at >= asked.since)
    return page_of(query, (Evidence.changed_at, Evidence.id), asked.page, PER_PAGE)

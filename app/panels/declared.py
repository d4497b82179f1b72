"""What the room hears: a declaration that names somebody, a draw that was made, a restriction of an expert."""

from sqlalchemy import select

from app.accounts.models import Person
from app.ballots.states import SERVE
from app.cases.models import Case, Restriction
from app.cases.services.relations import TOLD
from app.core.clock import day_of
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.panels.models.draws import Panel
from app.panels.models.pools import PoolExpert
from app.panels.services.heeding import heed, heed_all
from app.panels.services.meetings import send_out


def on_declared(event: Event) -> None:
    """Recuse whoever made the declaration from the open cases of those it names."""
    author = select(Case.raised_by_id).where(Case.code == event.subject_code)
    for person in session.scalars(select(Person).where(Person.id.in_(author))):
        heed(person, at=event.at)


def on_drawn(event: Event) -> None:
    """Recuse whoever was drawn although they declared a relation after the population was published."""
    heed_all(session.scalars(select(Panel).where(Panel.code == event.subject_code)).one(), at=event.at)


def on_restricted(event: Event) -> None:
    """Let who may not serve as an expert from today on leave the meetings that they sit in."""
    found = session.scalars(select(Restriction).where(Restriction.code == event.subject_code)).one()
    if found.kind == SERVE and found.starts_on <= day_of(event.at):
        query = select(PoolExpert).where(PoolExpert.person_id == found.person_id).order_by(PoolExpert.id)
        for expert in session.scalars(query).all():
            send_out(expert, by=None, at=event.at)


SUBSCRIBERS = (
    Subscriber(TOLD, "panels.heed_declaration", on_declared, now=True),
    Subscriber("panels.drawn", "panels.heed_declarations", on_drawn, now=True),
    Subscriber("cases.restricted", "panels.heed_restriction", on_restricted, now=True),
)

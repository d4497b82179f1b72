"""What the room hears: a declaration that names somebody, and a draw that was made."""

from sqlalchemy import select

from app.accounts.models import Person
from app.cases.models import Case
from app.cases.services.relations import TOLD
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.panels.models.draws import Panel
from app.panels.services.heeding import heed, heed_all


def on_declared(event: Event) -> None:
    """Recuse whoever made the declaration from the open cases of those it names."""
    author = select(Case.raised_by_id).where(Case.code == event.subject_code)
    for person in session.scalars(select(Person).where(Person.id.in_(author))):
        heed(person, at=event.at)


def on_drawn(event: Event) -> None:
    """Recuse whoever was drawn although they declared a relation after the population was published."""
    heed_all(session.scalars(select(Panel).where(Panel.code == event.subject_code)).one(), at=event.at)


SUBSCRIBERS = (
    Subscriber(TOLD, "panels.heed_declaration", on_declared, now=True),
    Subscriber("panels.drawn", "panels.heed_declarations", on_drawn, now=True),
)

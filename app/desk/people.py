"""What of a person can be found: the name, by the administrators of the regions where the person holds a role."""

from collections.abc import Collection, Iterator
from urllib.parse import quote

from sqlalchemy import select

from app.accounts.access import Permission, within
from app.accounts.models import Membership, Person
from app.accounts.queries import in_force
from app.accounts.rights_queries import findable
from app.core import clock
from app.core.access import Actor
from app.core.db import session
from app.core.events import Event, Subject
from app.core.room import Subscriber
from app.core.text import _l
from app.desk.kinds import Document, DocumentKind, ScopeKind, in_region
from app.desk.services import documents

NAME = "accounts.person"
CHANGES = ("role_granted", "role_ended", "erasure_limited", "person_erased", "name_corrected", "people_merged")


def _every(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(Person.id, Person.code).where(Person.id > after).order_by(Person.id).limit(limit)
    return [(key, code) for key, code in session.execute(query)]


def _of(codes: Collection[str]) -> Iterator[Document]:
    query = (
        select(Person, Membership.region_code)
        .join(Membership, Membership.person_id == Person.id)
        .where(Person.code.in_(codes), findable(), in_force(clock.today()))
    )
    regions: dict[Person, set[str]] = {}
    for person, region in session.execute(query):
        regions.setdefault(person, set()).add(region)
    for person, held in regions.items():
        yield Document(
            kind=NAME,
            subject=Subject("person", person.code),
            title_zh=person.name,
            title_en=person.name_latin or "",
            url=f"/people?name={quote(person.name[:20])}",
            scopes=tuple(in_region(region, Permission.PEOPLE_VIEW) for region in sorted(held)),
        )


def _among(actor: Actor, codes: Collection[str]) -> set[str]:
    """Leave out who holds no role in force today in the actor's region: a period may have ended overnight."""
    query = (
        select(Person.code)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Person.code.in_(codes),
            findable(),
            in_force(clock.today()),
            within(Membership.region_code, actor),
        )
    )
    return set(session.scalars(query))


def _withdraw_joined(happened: Event) -> None:
    """Let the record that was joined with another be found no more; the one that stays is made anew by its event."""
    documents.withdraw(NAME, Subject("person", str(happened.data["gone"])))


JOINED = Subscriber("accounts.people_merged", "desk.found_once", _withdraw_joined, now=True)
DOCUMENTS = {
    NAME: DocumentKind(
        _l("People"),
        forms=((ScopeKind.REGION, Permission.PEOPLE_VIEW),),
        of=_of,
        every=_every,
        on=tuple(f"accounts.{kind}" for kind in CHANGES),
        among=_among,
        person=True,
    )
}

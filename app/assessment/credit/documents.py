"""What of credit records can be found: by the officers of their region, and once confirmed by whom they are about."""

from collections.abc import Collection, Iterator

from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.rights_queries import findable
from app.assessment.credit.access import Permission
from app.assessment.credit.models import CreditRecord
from app.assessment.credit.queries.records import subject
from app.assessment.credit.states import GRAVITY_LABELS, KNOWN_STATES, POLARITY_LABELS
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.core.text import _l, in_language
from app.desk.kinds import Document, DocumentKind, Scope, ScopeKind, for_person, in_region
from app.desk.services import documents

NAME = "credit.record"
CHANGES = ("person_erased", "erasure_limited", "people_merged", "name_corrected")


def _every(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(CreditRecord.id, CreditRecord.code).where(CreditRecord.id > after)
    return [(key, code) for key, code in session.execute(query.order_by(CreditRecord.id).limit(limit))]


def _of(codes: Collection[str]) -> Iterator[Document]:
    """Make the documents of records; what is about an erased person is nobody's to find."""
    query = select(CreditRecord).join(CreditRecord.person).where(CreditRecord.code.in_(codes), findable())
    for record in session.scalars(query):
        yield Document(
            kind=NAME,
            subject=subject(record),
            title_zh=record.person.name,
            title_en=record.person.name_latin or "",
            url=f"/credit/records/{record.code}",
            scopes=_scopes(record),
            words=f"{record.conduct} {_class_of(record)} {record.basis}",
        )


def _scopes(record: CreditRecord) -> tuple[Scope, ...]:
    """Return under what a record is found: the same conditions as `access.seen`."""
    officers = in_region(record.region_code, Permission.READ)
    return (officers, for_person(record.person_id)) if record.state in KNOWN_STATES else (officers,)


def _class_of(record: CreditRecord) -> str:
    label = POLARITY_LABELS[record.polarity] if record.gravity is None else GRAVITY_LABELS[record.gravity]
    return f"{in_language(label, 'zh_CN')} {in_language(label, 'en')}"


def _anew(happened: Event) -> None:
    """Make what is found of a person's records anew: they were erased, joined with another, or their name corrected."""
    person = select(Person.id).where(Person.code == happened.subject_code)
    documents.refresh(NAME, session.scalars(select(CreditRecord.code).where(CreditRecord.person_id.in_(person))))


ABOUT_PEOPLE = tuple(Subscriber(f"accounts.{kind}", "credit.found_anew", _anew, now=True) for kind in CHANGES)
DOCUMENTS = {
    NAME: DocumentKind(
        _l("Credit records"),
        forms=((ScopeKind.REGION, Permission.READ), (ScopeKind.PERSON, None)),
        of=_of,
        every=_every,
        on=("credit.entered", "credit.confirmed"),
    )
}

"""What of the ledger can be found: by whom a record is about, who entered it, and the authority of its region."""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.accounts.models import Person
from app.accounts.rights_queries import findable
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.core.text import _l, in_language
from app.desk.kinds import Document, DocumentKind, Scope, ScopeKind, for_person, in_region, of_organisation
from app.desk.services import documents
from app.evidence.access import Permission
from app.evidence.models import Evidence
from app.evidence.services.subjects import of_evidence
from app.evidence.states import KIND_LABELS, State

NAME = "evidence.record"


def _every(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(Evidence.id, Evidence.code).where(Evidence.id > after, Evidence.state != State.DRAFT)
    return [(key, code) for key, code in session.execute(query.order_by(Evidence.id).limit(limit))]


def _of(codes: Collection[str]) -> Iterator[Document]:
    """Make the documents of declared records; a draft is nobody's to find, nor what is about an erased person."""
    query = (
        select(Evidence)
        .join(Evidence.person)
        .options(contains_eager(Evidence.person))
        .where(Evidence.code.in_(codes), Evidence.state != State.DRAFT, findable())
    )
    for record in session.scalars(query):
        label = KIND_LABELS[record.kind]
        yield Document(
            kind=NAME,
            subject=of_evidence(record),
            title_zh=record.title,
            title_en="",
            url=f"/evidence/{record.code}",
            scopes=_scopes(record),
            words=f"{in_language(label, 'zh_CN')} {in_language(label, 'en')} {record.number or ''}".strip(),
            identifiers=(record.number,) if record.number else (),
        )


def _scopes(record: Evidence) -> tuple[Scope, ...]:
    """Return under what a declared record is found: the same conditions as `access.sees`."""
    scopes = (for_person(record.person_id), in_region(record.region_code, Permission.CHECK))
    if record.organisation_id is None:
        return scopes
    return (*scopes, of_organisation(record.organisation_id, Permission.ENTER))


def _anew(happened: Event) -> None:
    """Make what is found of a person's records anew after the person was erased or joined with another."""
    person = select(Person.id).where(Person.code == happened.subject_code)
    query = select(Evidence.code).where(Evidence.person_id.in_(person), Evidence.state != State.DRAFT)
    documents.refresh(NAME, session.scalars(query))


ABOUT_PEOPLE = tuple(
    Subscriber(f"accounts.{kind}", "evidence.found_anew", _anew, now=True)
    for kind in ("person_erased", "erasure_limited", "people_merged")
)
DOCUMENTS = {
    NAME: DocumentKind(
        _l("Evidence records"),
        forms=(
            (ScopeKind.PERSON, None),
            (ScopeKind.REGION, Permission.CHECK),
            (ScopeKind.ORGANISATION, Permission.ENTER),
        ),
        of=_of,
        every=_every,
        on=("evidence.declared",),
    )
}

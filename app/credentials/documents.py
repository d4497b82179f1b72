"""What of certificates can be found: by whoever holds one and by the issuers of its body, never by the public.

The public finds a certificate by its whole number or address where it is verified; a search by name would tell anybody
who holds what.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.accounts.rights_queries import findable
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.core.text import _l, in_language
from app.credentials.access import Permission
from app.credentials.models import ERASED, Certificate
from app.credentials.queries.records import PUBLIC_STATES
from app.credentials.services.issuing import subject
from app.credentials.states import DOCUMENT, CertificateState
from app.credentials.wording import KINDS
from app.desk.kinds import Document, DocumentKind, Scope, ScopeKind, for_person, of_organisation
from app.desk.services import documents

CHANGES = ("person_erased", "erasure_limited", "people_merged", "name_corrected")
NOT_STANDING = {
    CertificateState.REVOKED: " 已撤销 revoked",  # zh: what is found is read in both languages
    CertificateState.SUSPENDED: " 已暂停 suspended",  # zh: what is found is read in both languages
}


def _every(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(Certificate.id, Certificate.code).where(Certificate.id > after, Certificate.state.in_(PUBLIC_STATES))
    return [(key, code) for key, code in session.execute(query.order_by(Certificate.id).limit(limit))]


def _of(codes: Collection[str]) -> Iterator[Document]:
    """Make the documents of issued certificates; one of an erased person is nobody's to find."""
    shown = or_(Certificate.person_id.is_(None), Certificate.person_id.in_(select(Person.id).where(findable())))
    query = (
        select(Certificate)
        .options(joinedload(Certificate.person), joinedload(Certificate.organisation))
        .where(Certificate.code.in_(codes), Certificate.state.in_(PUBLIC_STATES), Certificate.credential != ERASED)
        .where(shown)
    )
    for record in session.scalars(query):
        label = KINDS[record.kind]
        words = (record.number or "", in_language(label, "zh_CN"), in_language(label, "en"))
        yield Document(
            kind=DOCUMENT,
            subject=subject(record),
            title_zh=record.holder_name,
            title_en=_english_name(record),
            url=f"/credentials/{record.code}",
            scopes=_scopes(record),
            words=f"{' '.join(words).strip()}{NOT_STANDING.get(record.state, '')}",
            identifiers=tuple(one for one in (record.number, record.code) if one),
        )


def _english_name(record: Certificate) -> str:
    if record.person is not None:
        return record.person.name_latin or ""
    return record.organisation.name_en if record.organisation is not None else ""


def _scopes(record: Certificate) -> tuple[Scope, ...]:
    issuers = of_organisation(record.body.organisation_id, Permission.PREPARE)
    if record.person_id is not None:
        return issuers, for_person(record.person_id)
    return (issuers, of_organisation(record.organisation_id)) if record.organisation_id is not None else (issuers,)


def _anew(happened: Event) -> None:
    """Make what is found of a person's certificates anew: erased, joined with another, or their name corrected."""
    person = select(Person.id).where(Person.code == happened.subject_code)
    documents.refresh(DOCUMENT, session.scalars(select(Certificate.code).where(Certificate.person_id.in_(person))))


ABOUT_PEOPLE = tuple(Subscriber(f"accounts.{kind}", "credentials.found_anew", _anew, now=True) for kind in CHANGES)
DOCUMENTS = {
    DOCUMENT: DocumentKind(
        _l("Certificates"),
        forms=(
            (ScopeKind.ORGANISATION, Permission.PREPARE),
            (ScopeKind.ORGANISATION, None),
            (ScopeKind.PERSON, None),
        ),
        of=_of,
        every=_every,
        # one that is published is found from the step on that tells its holder (`services.notifying`)
        on=("credentials.revoked", "credentials.suspended", "credentials.reinstated"),
    )
}

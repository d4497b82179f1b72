"""The identity documents of a person: the one that stands first, and others that the same person holds.

A number is corrected and a further document added by two people (`orders`); no document belongs to two people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Person, PersonDocument
from app.accounts.queries import IDENTITY, person_by_identity
from app.accounts.rules.identity import FOR_LIFE, check_born, clean_number, mask_identity, two_people
from app.accounts.services.people import open_field, seal_field, seal_identity, unseal_field
from app.accounts.states import IDENTITY_LABELS, IdentityKind
from app.core import clock, events
from app.core.access import Actor
from app.core.crypto import blind_index
from app.core.db import session
from app.core.errors import ConflictError, Text
from app.core.events import Subject
from app.core.text import _l


@dataclass(frozen=True, slots=True)
class Document:
    """A document in the clear."""

    kind: IdentityKind
    number: str
    first: bool = False

    @property
    def masked(self) -> str:
        """The number as screens show it."""
        return mask_identity(self.number)


def first_of(person: Person) -> Document | None:
    """Return the document that stands first, None where a person has none."""
    number = open_field(person, IDENTITY)
    return (
        None if person.identity_kind is None or number is None else Document(person.identity_kind, number, first=True)
    )


def further_of(person: Person) -> list[PersonDocument]:
    """Return the rows of a person's documents beside the first."""
    query = select(PersonDocument).where(PersonDocument.person_id == person.id)
    return list(session.scalars(query.order_by(PersonDocument.id)))


def documents_of(person: Person) -> list[Document]:
    """Return every document of a person, the first one first; none after an erasure."""
    if person.data_key is None:
        return []
    first = first_of(person)
    others = [
        Document(row.identity_kind, unseal_field(person, row.identity_sealed, IDENTITY)) for row in further_of(person)
    ]
    return [*([first] if first else []), *others]


def documents_in_words(person: Person) -> list[tuple[Text, str, str]]:
    """Return the documents of a person as a list of facts shows them, masked, the first one first."""
    return [(IDENTITY_LABELS[one.kind], one.masked, "code") for one in documents_of(person)]


def further_in_words(people: Sequence[Person]) -> list[str]:
    """Return the further documents of each of some people, masked, in one statement."""
    rows = session.scalars(select(PersonDocument).where(PersonDocument.person_id.in_([one.id for one in people])))
    found: dict[int, list[str]] = {one.id: [] for one in people}
    keyed = {one.id: one for one in people if one.data_key is not None}
    for row in rows:
        if row.person_id in keyed:
            number = unseal_field(keyed[row.person_id], row.identity_sealed, IDENTITY)
            found[row.person_id].append(f"{IDENTITY_LABELS[row.identity_kind]} {mask_identity(number)}")
    return [", ".join(found[one.id]) for one in people]


def keep_further(person: Person, document: Document, *, at: datetime) -> PersonDocument:
    """Keep a document beside the first."""
    row = PersonDocument(
        person_id=person.id,
        identity_kind=document.kind,
        identity_sealed=seal_field(person, document.number, IDENTITY),
        identity_index=blind_index(f"{document.kind}:{document.number}", IDENTITY),
        added_at=at,
    )
    session.add(row)
    session.flush()
    return row


def check_document(person: Person, kind: IdentityKind, number: str, *, further: bool) -> str:
    """Return a number as it is kept; raises InvalidError where it stands already, ConflictError where it is another's.

    A document that a person has beside the first may be put first.
    """
    written = clean_number(kind, number)
    check_born(kind, written, clock.today())
    owner = person_by_identity(kind, written)
    if owner is not None and owner.id != person.id:
        raise ConflictError(
            _l("This document belongs to another record. If both are one person, have the records joined."),
            field="identity_number",
        )
    first = first_of(person)
    if further and two_people([(kind, written)], [(one.kind, one.number) for one in documents_of(person)]):
        raise ConflictError(
            _l("A person has one number of this kind for life. Correct the one that is kept instead."),
            field="identity_number",
        )
    if owner is not None and (further or (first is not None and (first.kind, first.number) == (kind, written))):
        raise ConflictError(_l("This document is kept of the person already."), field="identity_number")
    return written


def correct_document(person: Person, kind: IdentityKind, number: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Put a document in the place of the first: a corrected number, or one that stood beside it.

    Of a kind whose number is one for life, the number is corrected where it stands, also beside the first.
    """
    written, further = check_document(person, kind, number, further=False), further_of(person)
    same = [row for row in further if row.identity_kind is kind]
    known = next((row for row in same if unseal_field(person, row.identity_sealed, IDENTITY) == written), None)
    if known is not None:
        _swap(person, known, at=at)
    elif same and kind in FOR_LIFE:
        same[0].identity_sealed = seal_field(person, written, IDENTITY)
        same[0].identity_index = blind_index(f"{kind}:{written}", IDENTITY)
    else:
        seal_identity(person, kind, written)
    session.flush()
    _record("accounts.document_corrected", person, by=by, at=at, reason=reason)


def _swap(person: Person, row: PersonDocument, *, at: datetime) -> None:
    """Let a document beside the first change places with it."""
    before, kind = first_of(person), row.identity_kind
    number = unseal_field(person, row.identity_sealed, IDENTITY)
    session.delete(row)
    session.flush()
    seal_identity(person, kind, number)
    session.flush()
    if before is not None:
        keep_further(person, before, at=at)


def add_document(person: Person, kind: IdentityKind, number: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Keep a further document of a person, by which they are found as by the first."""
    written = check_document(person, kind, number, further=True)
    if person.identity_index is None:
        seal_identity(person, kind, written)
        session.flush()
    else:
        keep_further(person, Document(kind, written), at=at)
    _record("accounts.document_added", person, by=by, at=at, reason=reason)


def _record(kind: str, person: Person, *, by: Actor, at: datetime, reason: str) -> None:
    events.record(kind, Subject("person", person.code), by=by, at=at, reason=reason)

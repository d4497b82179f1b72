"""Reads of staged imports, and what the ledger knows of the people in them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, select

from app.accounts.models import Membership, Person, PersonDocument
from app.accounts.queries import IDENTITY, in_force
from app.accounts.rules.identity import clean_number
from app.accounts.states import IdentityKind
from app.core.access import Actor
from app.core.clock import today
from app.core.crypto import blind_indexes
from app.core.db import session
from app.core.errors import DomainError, NotFoundError
from app.core.text import _l
from app.evidence.models import ContractShare, Evidence, EvidenceImport, EvidenceImportRow
from app.evidence.queries.pages import Page, page_of
from app.evidence.rules.roster import Known
from app.evidence.states import LIVE, ImportState, Kind

BATCH = 500


def import_of(code: str, actor: Actor) -> EvidenceImport:
    """Return an import of the actor's organisation; raises NotFoundError."""
    query = select(EvidenceImport).where(
        EvidenceImport.code == code, EvidenceImport.organisation_id == actor.organisation_id
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("Your organisation has no such import."))
    return found


def staged(organisation_id: int, kind: Kind) -> list[EvidenceImport]:
    """Return the imports of a kind that wait for a decision."""
    query = select(EvidenceImport).where(
        EvidenceImport.organisation_id == organisation_id,
        EvidenceImport.kind == kind,
        EvidenceImport.state == ImportState.STAGED,
    )
    return list(session.scalars(query))


def latest(organisation_id: int | None) -> list[EvidenceImport]:
    """Return the latest imports of an organisation that were not discarded."""
    query = select(EvidenceImport).where(
        EvidenceImport.organisation_id == organisation_id, EvidenceImport.state != ImportState.DISCARDED
    )
    return list(session.scalars(query.order_by(EvidenceImport.id.desc()).limit(10)))


class Counts(NamedTuple):
    """How many rows of an import are good, and how many are not."""

    good: int
    bad: int


def counts(import_id: int) -> Counts:
    """Count the good and the bad rows of an import."""
    query = (
        select(EvidenceImportRow.good, func.count())
        .where(EvidenceImportRow.import_id == import_id)
        .group_by(EvidenceImportRow.good)
    )
    found = dict(session.execute(query).all())
    return Counts(found.get(True, 0), found.get(False, 0))


def rows(import_id: int, *, only_bad: bool = False, page: int = 1) -> Page[EvidenceImportRow]:
    """Return a page of the staged rows in the order of the file."""
    query = select(EvidenceImportRow).where(EvidenceImportRow.import_id == import_id)
    if only_bad:
        query = query.where(EvidenceImportRow.good.is_(False))
    return page_of(query, (EvidenceImportRow.line,), page, 50)


def all_rows(import_id: int, *, good: bool) -> list[EvidenceImportRow]:
    """Return every good or every bad row in the order of the file."""
    query = select(EvidenceImportRow).where(EvidenceImportRow.import_id == import_id, EvidenceImportRow.good.is_(good))
    return list(session.scalars(query.order_by(EvidenceImportRow.line)))


def known(organisation_id: int, kind: Kind, documents: Iterable[str], numbers: Iterable[str]) -> Known:
    """Look up a whole file in batches: people of the organisation by document, numbers and shares claimed."""
    people = _people(organisation_id, documents)
    return Known(people, _declared(kind, {person_id for person_id, _name in people.values()}), _claimed(numbers))


def _people(organisation_id: int, documents: Iterable[str]) -> dict[str, tuple[int, str]]:
    text_of: dict[bytes, str] = {}
    for document in {one.strip().upper() for one in documents if one}:
        text_of |= dict.fromkeys(_indexes(document), document)
    found: dict[str, tuple[int, str]] = {}
    keys = list(text_of)
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        own = select(Person.identity_index, Person.id, Person.name).where(Person.identity_index.in_(part))
        further = (
            select(PersonDocument.identity_index, Person.id, Person.name)
            .join(Person, Person.id == PersonDocument.person_id)
            .where(PersonDocument.identity_index.in_(part))
        )
        for query in (own, further):
            here = query.join(Membership, Membership.person_id == Person.id).where(
                Membership.organisation_id == organisation_id, in_force(today())
            )
            found |= {text_of[index]: (person_id, name) for index, person_id, name in session.execute(here) if index}
    return found


def _indexes(document: str) -> list[bytes]:
    indexes: list[bytes] = []
    for kind in IdentityKind:
        try:
            indexes += blind_indexes(f"{kind}:{clean_number(kind, document)}", IDENTITY)
        except DomainError:
            continue
    return indexes


def _declared(kind: Kind, person_ids: set[int]) -> frozenset[tuple[int, str]]:
    query = select(Evidence.person_id, Evidence.number).where(
        Evidence.kind == kind,
        Evidence.person_id.in_(person_ids),
        Evidence.state.in_(LIVE),
        Evidence.number.is_not(None),
    )
    return frozenset((person_id, number or "") for person_id, number in session.execute(query))


def _claimed(numbers: Iterable[str]) -> dict[str, Decimal]:
    query = select(ContractShare.number, ContractShare.claimed).where(ContractShare.number.in_(set(numbers)))
    return dict(session.execute(query).all())

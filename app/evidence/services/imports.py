"""Imports of an organisation: staged row by row with every problem, then taken over all or none."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import insert

from app.accounts.models import Organisation, Person
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError
from app.core.text import _l
from app.evidence.access import Permission
from app.evidence.models import Evidence, EvidenceImport, EvidenceImportRow
from app.evidence.queries import imports as queries
from app.evidence.rules import roster, tables
from app.evidence.rules.numbers import tidy
from app.evidence.services.doors import refuse_entering
from app.evidence.services.entry import Place, declare, save_draft
from app.evidence.services.subjects import of_import
from app.evidence.states import IMPORT, Entry, ImportState, Kind

CHUNK = 500


def stage_import(kind: Kind, data: bytes, *, name: str, by: Actor, at: datetime) -> EvidenceImport:
    """Stage a file of one kind for the actor's organisation; nothing is entered yet.

    The same file waiting already is returned as it is, another of the kind gives way. Raises InvalidError for
    the field `file`, ForbiddenError for a body or a person who may enter nothing.
    """
    organisation_id = organisation_of(by)
    refuse_entering(by, on=day_of(at), organisation_id=organisation_id)
    digest = sha256(data).hexdigest()
    waiting = queries.staged(organisation_id, kind)
    for earlier in waiting:
        if earlier.digest == digest:
            return earlier
    lines = tables.read(data, kind)
    documents = [line.document for line in lines]
    numbers = [tidy(line.fields.get("number", "")) for line in lines]
    known = queries.known(organisation_id, kind, documents, numbers)
    candidates = roster.judged(lines, kind, known, today=day_of(at))
    for earlier in waiting:
        discard_import(earlier, by=by, at=at)
    made = EvidenceImport(
        organisation_id=organisation_id, kind=kind, file_name=name[:200], digest=digest, by_id=by.person_id, at=at
    )
    session.add(made)
    session.flush()
    _stage_rows(made, candidates)
    good = sum(not one.problems for one in candidates)
    counted = {"good": good, "bad": len(candidates) - good}
    events.record("evidence.import_staged", of_import(made), by=by, at=at, data=counted)
    return made


def organisation_of(by: Actor) -> int:
    """Return the body for whose people the actor enters evidence; raises ForbiddenError for anyone else."""
    if not by.may(Permission.ENTER) or by.organisation_id is None:
        raise ForbiddenError(_l("The administrator of an organisation enters evidence for its people."))
    return by.organisation_id


def _stage_rows(made: EvidenceImport, candidates: Sequence[roster.Candidate]) -> None:
    for start in range(0, len(candidates), CHUNK):
        chunk = candidates[start : start + CHUNK]
        session.execute(insert(EvidenceImportRow), [_columns(made, one) for one in chunk])


def _columns(made: EvidenceImport, row: roster.Candidate) -> dict[str, object]:
    return {
        "import_id": made.id,
        "line": row.line,
        "person_id": row.person_id,
        "name": row.name,
        "masked": row.masked,
        "details": row.details,
        "problems": [
            {
                "field": one.field,
                "reason": one.reason,
                "params": {name: str(value) for name, value in one.params.items()},
            }
            for one in row.problems
        ],
        "good": not row.problems,
    }


def commit_import(found: EvidenceImport, *, by: Actor, at: datetime) -> list[Evidence]:
    """Declare every row of an import, or none; each waits for its person first.

    Repeated, it returns what it made. Raises InvalidError where a row has a problem, ConflictError where the
    ledger changed meanwhile.
    """
    organisation_id = organisation_of(by)
    if found.state is ImportState.COMMITTED:
        return _made(found)
    refuse_entering(by, on=day_of(at), organisation_id=organisation_id)
    counts = queries.counts(found.id)
    if counts.bad:
        raise InvalidError(_l("%(count)s rows have problems. Correct the file and upload it again.", count=counts.bad))
    IMPORT.move(found, "commit", decided_at=at)
    session.flush()
    organisation = session.get_one(Organisation, organisation_id)
    place = Place(organisation.region_code, Entry.IMPORT, organisation_id)
    made = [_enter(found, row, place, by=by, at=at) for row in queries.all_rows(found.id, good=True)]
    events.record("evidence.import_committed", of_import(found), by=by, at=at, data={"count": len(made)})
    return made


def _enter(found: EvidenceImport, row: EvidenceImportRow, place: Place, *, by: Actor, at: datetime) -> Evidence:
    person = session.get_one(Person, row.person_id)
    try:
        draft = save_draft(found.kind, row.details, person=person, place=place, by=by, at=at)
        declare(draft, by=by, at=at)
    except DomainError as error:
        raise ConflictError(
            _l("Row %(line)s: %(reason)s Upload the file again.", line=row.line, reason=str(error))
        ) from error
    row.evidence_id = draft.id
    session.flush()
    return draft


def _made(found: EvidenceImport) -> list[Evidence]:
    rows = queries.all_rows(found.id, good=True)
    return [session.get_one(Evidence, row.evidence_id) for row in rows if row.evidence_id]


def discard_import(found: EvidenceImport, *, by: Actor, at: datetime) -> None:
    """Discard a staged import."""
    organisation_of(by)
    IMPORT.move(found, "discard", decided_at=at)
    session.flush()
    events.record("evidence.import_discarded", of_import(found), by=by, at=at)

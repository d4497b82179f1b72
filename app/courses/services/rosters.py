"""Rosters: staged row by row with every problem, then taken over at once."""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import insert, select, update

from app.accounts import services as accounts
from app.accounts.states import IdentityKind
from app.core import events
from app.core.access import Actor
from app.core.crypto import new_wrapped_key, seal, unseal, unwrap_key
from app.core.db import session
from app.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError
from app.core.text import _l
from app.courses.models import Cohort, Enrolment, RosterImport, RosterRow
from app.courses.queries import rosters as queries
from app.courses.rules import roster as rules
from app.courses.rules import roster_file
from app.courses.services.cohorts import check_runs
from app.courses.services.enrolments import invite
from app.courses.services.subjects import of_cohort
from app.courses.states import ROSTER, CohortState, RosterState

ROW = "roster.row"
LONGEST_FILE_NAME = 200
CHUNK = 500


def stage_roster(cohort: Cohort, data: bytes, *, name: str, by: Actor, at: datetime) -> RosterImport:
    """Stage a roster file; nobody is enrolled yet. The same file waiting already is returned as it is.

    Raises InvalidError for the field `file`, ConflictError where the cohort is not open.
    """
    check_runs(cohort, by)
    _check_open(cohort)
    digest = sha256(data).hexdigest()
    waiting = queries.staged(cohort.id)
    for earlier in waiting:
        if earlier.digest == digest:
            return earlier
    candidates = rules.checked(roster_file.read(data))
    rows = rules.judged(candidates, queries.house(cohort, candidates))
    for earlier in waiting:
        discard_roster(cohort, earlier, by=by, at=at)
    roster = RosterImport(
        cohort_id=cohort.id, file_name=name[:LONGEST_FILE_NAME], digest=digest, by_id=by.person_id, at=at
    )
    session.add(roster)
    session.flush()
    _stage_rows(roster, rows)
    good = sum(not row.problems for row in rows)
    data_of_event = {"roster": roster.code, "good": good, "bad": len(rows) - good}
    events.record("courses.roster_staged", of_cohort(cohort), by=by, at=at, data=data_of_event)
    return roster


def _check_open(cohort: Cohort) -> None:
    if cohort.state is not CohortState.OPEN:
        raise ConflictError(_l("Trainees can be added while the cohort is open. Open it first."))


def _stage_rows(roster: RosterImport, rows: Sequence[rules.Candidate]) -> None:
    """Write the rows in chunks; all are sealed under one fresh key, which goes with the decision."""
    wrapped = new_wrapped_key()
    key = unwrap_key(wrapped)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        session.execute(insert(RosterRow), [_columns(roster, row, key, wrapped) for row in chunk])


def _columns(roster: RosterImport, row: rules.Candidate, key: bytes, wrapped: bytes) -> dict[str, object]:
    private = {"kind": row.kind.value, "number": row.number, "phone": row.phone, "email": row.email}
    return {
        "roster_import_id": roster.id,
        "line": row.line,
        "name": row.name,
        "masked": row.masked,
        "employer": row.employer or None,
        "sealed": None if row.problems else seal(key, json.dumps(private), ROW),
        "key": None if row.problems else wrapped,
        "problems": [problem.to_json() for problem in row.problems],
        "good": not row.problems,
        "known": row.known,
    }


def commit_roster(cohort: Cohort, roster: RosterImport, *, only_good: bool, by: Actor, at: datetime) -> list[Enrolment]:
    """Take over a staged roster: all rows or none, or the good ones only as the base chooses.

    Repeated, it returns the enrolments it made. Raises InvalidError where rows have problems and all
    were asked for, ConflictError where the roster was discarded or places are gone meanwhile.
    """
    check_runs(cohort, by)
    if roster.state is RosterState.COMMITTED:
        return _made(roster)
    session.refresh(cohort, ["state", "version"], with_for_update=True)
    _check_open(cohort)
    counts = queries.counts(roster.id)
    if counts.bad and not only_good:
        raise InvalidError(
            _l(
                "%(count)s rows have problems. Correct the file and upload it again, or take over the good rows only.",
                count=counts.bad,
            )
        )
    if counts.good == 0:
        raise InvalidError(_l("No row can be taken over. Correct the file and upload it again."))
    if counts.good > queries.places_left(cohort):
        raise ConflictError(_l("Places were taken meanwhile. Upload the roster again to see which rows still fit."))
    enrolments = [_enrol(cohort, row, by=by, at=at) for row in queries.good_rows(roster.id)]
    _decide(cohort, roster, "commit", by=by, at=at)
    return enrolments


def _made(roster: RosterImport) -> list[Enrolment]:
    query = (
        select(Enrolment)
        .join(RosterRow, RosterRow.enrolment_id == Enrolment.id)
        .where(RosterRow.roster_import_id == roster.id)
        .order_by(RosterRow.line)
    )
    return list(session.scalars(query))


def _enrol(cohort: Cohort, row: RosterRow, *, by: Actor, at: datetime) -> Enrolment:
    if row.sealed is None or row.key is None:
        raise ConflictError(_l("This roster was decided on already."))
    private = json.loads(unseal(unwrap_key(row.key), row.sealed, ROW))
    try:
        person = accounts.add_person(
            name=row.name,
            identity_kind=IdentityKind(private["kind"]),
            identity_number=private["number"],
            phone=private["phone"] or None,
            email=private["email"] or None,
            by=by,
            at=at,
        )
    except DomainError as error:
        raise ConflictError(
            _l("Row %(line)s: %(reason)s Upload the roster again.", line=row.line, reason=str(error))
        ) from error
    try:
        enrolment = invite(cohort, person, employer=row.employer, by=by, at=at)
    except ForbiddenError as error:
        raise ForbiddenError(
            _l("Row %(line)s: %(reason)s Take the row out and upload again.", line=row.line, reason=str(error))
        ) from error
    row.enrolment_id = enrolment.id
    return enrolment


def discard_roster(cohort: Cohort, roster: RosterImport, *, by: Actor, at: datetime) -> None:
    """Discard a staged roster; its personal data goes."""
    check_runs(cohort, by)
    _decide(cohort, roster, "discard", by=by, at=at)


PAST = {"commit": "courses.roster_committed", "discard": "courses.roster_discarded"}


def _decide(cohort: Cohort, roster: RosterImport, move: str, *, by: Actor, at: datetime) -> None:
    ROSTER.move(roster, move, decided_at=at)
    session.flush()
    session.execute(
        update(RosterRow)
        .where(RosterRow.roster_import_id == roster.id)
        .values(sealed=None, key=None)
        .execution_options(synchronize_session=False)
    )
    events.record(PAST[move], of_cohort(cohort), by=by, at=at, data={"roster": roster.code})

"""Rosters: read once, checked block by block with every problem, then taken over at once."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import exists, insert, literal, select

from app.accounts.models import Membership, Person
from app.accounts.queries import in_force
from app.accounts.services import people_import as people
from app.accounts.services.people_import import ReadFile
from app.accounts.staged import PeopleImport, PeopleRow
from app.accounts.states import Role
from app.cases.doors import MEMBERSHIP
from app.cases.models import Restriction
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import JsonObject, UtcDateTime
from app.core.db import keep_pages, session
from app.core.errors import ConflictError, ForbiddenError
from app.core.jobs import Job, start_job
from app.core.text import _l
from app.courses.models import Cohort, Enrolment, RosterImport
from app.courses.queries import rosters as queries
from app.courses.rules import roster as rules
from app.courses.services.cohorts import check_runs
from app.courses.services.enrolments import ENROL
from app.courses.services.roster_places import follow
from app.courses.services.subjects import of_cohort
from app.courses.states import ROSTER, CohortState, RosterState

AT_ONCE = 1000
"""Up to so many rows a roster is checked and followed up within the request; a longer one by jobs."""
CHECK_JOB, PLACES_JOB = "courses.roster_check", "courses.roster_places"
PURPOSE = "cohort"

read_roster = people.read_file


def stage_roster(cohort: Cohort, read: ReadFile, *, by: Actor, at: datetime) -> RosterImport:
    """Stage a roster that `read_roster` read; nobody is enrolled yet. The same file waiting already is returned.

    A long roster is checked by a job. Raises ConflictError where the cohort is not open.
    """
    check_runs(cohort, by)
    _check_open(cohort)
    waiting = queries.staged(cohort.id)
    for earlier in waiting:
        if earlier.digest == read.digest:
            return earlier
    for earlier in waiting:
        discard_roster(cohort, earlier, by=by, at=at)
    staged = people.stage(read, purpose=PURPOSE, by=by, at=at)
    roster = RosterImport(
        cohort_id=cohort.id,
        people_import_id=staged.id,
        file_name=read.name,
        digest=read.digest,
        by_id=by.person_id,
        at=at,
    )
    session.add(roster)
    session.flush()
    session.refresh(roster, ["people"])
    if staged.total > AT_ONCE:
        start_job(CHECK_JOB, key=f"{CHECK_JOB}:{roster.code}", by=by, args={"roster": roster.code})
        return roster
    while keep_rows(cohort, roster, check_rows(cohort, roster), by=by, at=at):
        pass
    return roster


def _check_open(cohort: Cohort) -> None:
    if cohort.state is not CohortState.OPEN:
        raise ConflictError(_l("Trainees can be added while the cohort is open. Open it first."))


def check_rows(cohort: Cohort, roster: RosterImport) -> Sequence[JsonObject]:
    """Check and encrypt the next block of a roster; reads only."""
    staged = roster.people
    judge = rules.judge(queries.enrolled(cohort.id), places=queries.places_left(cohort), taken=staged.good)
    return people.check_block(staged, judge)


def keep_rows(
    cohort: Cohort, roster: RosterImport, rows: Sequence[JsonObject], *, by: Actor | None, at: datetime
) -> bool:
    """Keep a checked block; return whether blocks are left. After the last one the base can decide."""
    if roster.state is not RosterState.CHECKING:
        return False
    staged = roster.people
    if people.keep_block(staged, rows, at=at):
        return True
    ROSTER.move(roster, "check")
    session.flush()
    facts = {"roster": roster.code, "good": staged.good, "bad": staged.bad}
    events.record("courses.roster_staged", of_cohort(cohort), by=by, at=at, data=facts)
    return False


def commit_roster(cohort: Cohort, roster: RosterImport, *, only_good: bool, by: Actor, at: datetime) -> int:
    """Take over a staged roster: all rows or none, or the good ones only as the base chooses; return how many.

    The people are added in this transaction. A short roster gives its places in it too; of a long one they stay
    reserved and everybody is given theirs at once by `give_places`, in a transaction of its own, so that none holds the
    write lock for long. The trainee's role, invitation links, to-dos and each person's own events follow, by a job for
    a long roster, which also gives the places where nobody else did. Repeated, it does nothing more.
    Raises InvalidError where rows have problems and all were asked for, ConflictError where the roster was
    discarded or places are gone meanwhile.
    """
    check_runs(cohort, by)
    staged = roster.people
    if staged.committed_at is None:
        session.refresh(cohort, ["state", "version"], with_for_update=True)
        _check_open(cohort)
        people.check_commit(staged, only_good=only_good)
        _check_places(cohort, staged)
        _check_restrictions(staged, day_of(at))
        people.take_over(staged, only_good=only_good, at=at)
        if staged.total > AT_ONCE:
            _follow_later(roster, by=by)
    if staged.total <= AT_ONCE:
        give_places(cohort, roster, by=by, at=at)
    return staged.good


def give_places(cohort: Cohort, roster: RosterImport, *, by: Actor | None, at: datetime) -> None:
    """Give everybody on a roster whose people were taken over their places, all by one statement; repeated, nothing.

    The places were reserved with the people, so this refuses nobody: who got one by another way meanwhile keeps it.
    """
    session.refresh(roster, ["state", "version"], with_for_update=True)
    if roster.people.committed_at is None or roster.state is not RosterState.STAGED:
        return
    _insert_places(cohort, roster, by=by, at=at)
    _decide(cohort, roster, "commit", by=by, at=at)
    if roster.people.total <= AT_ONCE:
        _follow_now(cohort, roster, by=by, at=at)


def _check_places(cohort: Cohort, staged: PeopleImport) -> None:
    if staged.good > queries.places_left(cohort):
        raise ConflictError(_l("Places were taken meanwhile. Upload the roster again to see which rows still fit."))
    taken = (
        select(PeopleRow.line)
        .join(Person, Person.code == PeopleRow.person_code)
        .join(Enrolment, (Enrolment.person_id == Person.id) & (Enrolment.cohort_id == cohort.id))
        .where(PeopleRow.people_import_id == staged.id, PeopleRow.good, PeopleRow.known)
    )
    line = session.scalar(taken.order_by(PeopleRow.line).limit(1))
    if line is not None:
        raise ConflictError(_l("Row %(line)s: this person was enrolled meanwhile. Upload the roster again.", line=line))


def _check_restrictions(staged: PeopleImport, on: date) -> None:
    """Refuse a roster that names who may not be enrolled or given the role: one statement however long it is."""
    trainee = exists().where(Membership.person_id == Person.id, Membership.role == Role.TRAINEE, in_force(on))
    barred = (Restriction.kind == ENROL) | ((Restriction.kind == MEMBERSHIP) & ~trainee)
    restricted = (
        select(PeopleRow.line, Restriction)
        .join(Person, Person.code == PeopleRow.person_code)
        .join(Restriction, Restriction.person_id == Person.id)
        .where(PeopleRow.people_import_id == staged.id, PeopleRow.good, PeopleRow.known, barred)
        .where(restrictions.holding(on))
    )
    found = session.execute(restricted.order_by(PeopleRow.line).limit(1)).first()
    if found is not None:
        line, restriction = found
        reason = str(restrictions.refusal(restriction))
        raise ForbiddenError(
            _l("Row %(line)s: %(reason)s Take the row out and upload again.", line=line, reason=reason)
        )


def _insert_places(cohort: Cohort, roster: RosterImport, *, by: Actor | None, at: datetime) -> None:
    there = exists().where(Enrolment.cohort_id == cohort.id, Enrolment.person_id == Person.id)
    rows = (
        select(
            PeopleRow.code,
            Person.id,
            literal(cohort.id),
            PeopleRow.employer,
            literal(at, UtcDateTime()),
            literal(by.person_id if by else roster.by_id),
        )
        .join(Person, Person.code == PeopleRow.person_code)
        .where(PeopleRow.people_import_id == roster.people_import_id, PeopleRow.good, ~there)
        .order_by(PeopleRow.id)
    )
    keep_pages()
    session.execute(
        insert(Enrolment).from_select(
            ("code", "person_id", "cohort_id", "employer", "invited_at", "invited_by_id"), rows
        )
    )


def _follow_later(roster: RosterImport, *, by: Actor) -> Job:
    return start_job(PLACES_JOB, key=f"{PLACES_JOB}:{roster.code}", by=by, args={"roster": roster.code})


def _follow_now(cohort: Cohort, roster: RosterImport, *, by: Actor | None, at: datetime) -> None:
    line: int | None = 0
    while line is not None:
        line = follow(cohort, roster, after=line, by=by, at=at)


def discard_roster(cohort: Cohort, roster: RosterImport, *, by: Actor, at: datetime) -> None:
    """Discard a staged roster; its personal data goes."""
    check_runs(cohort, by)
    people.discard(roster.people, at=at)
    _decide(cohort, roster, "discard", by=by, at=at)
    if roster.people.total > AT_ONCE:
        _follow_later(roster, by=by)
    else:
        _follow_now(cohort, roster, by=by, at=at)


PAST = {"commit": "courses.roster_committed", "discard": "courses.roster_discarded"}


def _decide(cohort: Cohort, roster: RosterImport, move: str, *, by: Actor | None, at: datetime) -> None:
    ROSTER.move(roster, move, decided_at=at)
    session.flush()
    facts = {"roster": roster.code, "persons": roster.people.good, "file": roster.digest}
    events.record(PAST[move], of_cohort(cohort), by=by, at=at, data=facts)

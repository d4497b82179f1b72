"""Rosters of people that an administrator uploads on the page: checked, decided on, taken over, followed up.

The steps are those of `people_import`; a short roster goes through them within the request, a long one by jobs.
"""

from collections.abc import Sequence
from datetime import datetime

from app.accounts import staged_queries as queries
from app.accounts.access import Permission
from app.accounts.services import people_import as people
from app.accounts.services.people_import import ReadFile
from app.accounts.staged import PeopleImport
from app.core import events
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Subject
from app.core.jobs import start_job
from app.core.text import _l

AT_ONCE = 1000
"""Up to so many rows a roster is checked and followed up within the request; a longer one by jobs."""
CHECK_JOB, SETTLE_JOB = "accounts.roster_check", "accounts.roster_settle"


def of_import(staged: PeopleImport) -> Subject:
    """Name an import of people in events."""
    return Subject("people_import", staged.code)


def stage_people(read: ReadFile, *, by: Actor, at: datetime) -> PeopleImport:
    """Stage a roster that `read_file` read, in the administrator's region; nobody is added yet.

    The same file waiting already is returned. Raises ForbiddenError for who does not administer people of a region.
    """
    _check_administers(by)
    waiting = queries.waiting_administered(read.digest, by)
    if waiting is not None:
        return waiting
    staged = people.stage(read, purpose=queries.ADMINISTERED, region_code=by.region_code, by=by, at=at)
    if staged.total > AT_ONCE:
        start_job(CHECK_JOB, key=f"{CHECK_JOB}:{staged.code}", by=by, args={"import": staged.code})
        return staged
    while keep_people(staged, check_people(staged), by=by, at=at):
        pass
    return staged


def _check_administers(by: Actor) -> None:
    if not by.may(Permission.PEOPLE_IMPORT) or by.region_code is None:
        raise ForbiddenError(_l("A security administrator adds people from a roster."))


def check_people(staged: PeopleImport) -> Sequence[JsonObject]:
    """Check and encrypt the next block of a roster; reads only."""
    return people.check_block(staged) if _is_checked(staged) else ()


def _is_checked(staged: PeopleImport) -> bool:
    return staged.checked_at is None and staged.discarded_at is None


def keep_people(staged: PeopleImport, rows: Sequence[JsonObject], *, by: Actor | None, at: datetime) -> bool:
    """Keep a checked block; return whether blocks are left. After the last one the administrator can decide."""
    if not _is_checked(staged):
        return False
    if people.keep_block(staged, rows, at=at):
        return True
    counted = {"good": staged.good, "bad": staged.bad}
    events.record("accounts.roster_staged", of_import(staged), by=by, at=at, data=counted)
    return False


def take_over_people(staged: PeopleImport, *, only_good: bool, by: Actor, at: datetime) -> int:
    """Add the people of a checked roster: all rows or none, or the good ones only as chosen; return how many are new.

    Repeated, it does nothing more. Raises as `people_import.take_over`, ForbiddenError for others.
    """
    _check_administers(by)
    session.refresh(staged, with_for_update=True)
    if staged.committed_at is None:
        people.take_over(staged, only_good=only_good, at=at)
        facts = {"persons": queries.count_new(staged), "file": staged.digest}
        events.record("accounts.roster_committed", of_import(staged), by=by, at=at, data=facts)
        _follow(staged, by=by, at=at)
    return queries.count_new(staged)


def discard_people(staged: PeopleImport, *, by: Actor, at: datetime) -> None:
    """Give up a roster that nobody took over; its personal data goes. Raises ConflictError where it is decided."""
    _check_administers(by)
    session.refresh(staged, with_for_update=True)
    if staged.discarded_at is not None:
        raise ConflictError(_l("This file was discarded already."))
    people.discard(staged, at=at)
    events.record("accounts.roster_discarded", of_import(staged), by=by, at=at, data={"file": staged.digest})
    _follow(staged, by=by, at=at)


def _follow(staged: PeopleImport, *, by: Actor, at: datetime) -> None:
    """Record each person and clear what was staged of them: now, or by a job for a long roster."""
    if staged.total > AT_ONCE:
        start_job(SETTLE_JOB, key=f"{SETTLE_JOB}:{staged.code}", by=by, args={"import": staged.code})
        return
    line: int | None = 0
    while line is not None:
        line = people.settle(staged, after=line, by=by, at=at)

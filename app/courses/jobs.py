"""Long work of the courses room: checking a long roster, and what follows its taking over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.services.people_import import SETTLED_ROWS, settle
from app.core import clock
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session
from app.core.jobs import Job
from app.core.room import JobKind
from app.core.text import _l
from app.courses.models import RosterImport
from app.courses.queries.rosters import roster_by_code
from app.courses.services.roster_places import Place, give_notice, prepare_places
from app.courses.services.rosters import CHECK_JOB, PLACES_JOB, check_rows, give_places, keep_rows
from app.courses.states import RosterState


def _actor(job: Job) -> Actor | None:
    """Return who started the job, under the role they had."""
    if job.person_id is None:
        return None
    person = session.get_one(Person, job.person_id)
    return replace(actor_of(person, None), role=job.acting_role or "")


def _prepare_check(job: Job) -> Sequence[JsonObject]:
    roster = _roster(job)
    return check_rows(roster.cohort, roster) if roster.state is RosterState.CHECKING else ()


def _check(job: Job, rows: Sequence[JsonObject]) -> bool:
    roster = _roster(job)
    more = keep_rows(roster.cohort, roster, rows, by=_actor(job), at=clock.now())
    job.total, job.done, job.cursor = roster.people.total, roster.people.checked, roster.people.checked
    return more


def _prepare_places(job: Job) -> list[Place]:
    roster = _roster(job)
    return prepare_places(roster, job.cursor) if roster.state is RosterState.COMMITTED else []


def _places(job: Job, places: list[Place]) -> bool:
    """Give the places where whoever took the roster over was cut off, then follow up the next rows."""
    roster = _roster(job)
    if roster.state is RosterState.STAGED:
        give_places(roster.cohort, roster, by=_actor(job), at=roster.people.committed_at or clock.now())
        return True
    at: datetime = roster.decided_at or clock.now()
    give_notice(roster.cohort, places, by=_actor(job), at=at)
    line = settle(roster.people, after=job.cursor, by=_actor(job), at=at)
    job.total = roster.people.checked
    if line is None:
        job.done = job.total
        return False
    job.done = min(job.done + SETTLED_ROWS, job.total)
    job.cursor = line
    return True


def _roster(job: Job) -> RosterImport:
    return roster_by_code(job.args["roster"])


JOBS = (
    JobKind(CHECK_JOB, _l("Checking a roster"), _check, _prepare_check),
    JobKind(PLACES_JOB, _l("Preparing invitations"), _places, _prepare_places),
)

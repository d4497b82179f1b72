"""Periodic and long work of the accounts room."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from app.accounts import services
from app.accounts import staged_queries as staged_people
from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.services import contacts, erasure, exports, people_import, people_rosters
from app.core.access import Actor
from app.core.clock import now, real_now, today
from app.core.columns import JsonObject
from app.core.db import session, unit_of_work
from app.core.jobs import Job
from app.core.room import JobKind, Periodic
from app.core.text import _l

HOUR = 3600
ANSWERED_WITHIN = timedelta(hours=1)


def _sweep() -> None:
    with unit_of_work():
        services.forget_old_tries(at=real_now())
        services.forget_old_resets(at=real_now())
        contacts.forget_changes(at=real_now())
        services.forget_old_challenges(before=real_now() - ANSWERED_WITHIN)


SWEEP = Periodic("accounts.sweep", HOUR, _sweep)


def _keep_rights() -> None:
    with unit_of_work():
        exports.drop_old_exports(at=real_now())
        erasure.finish_erasures(on=today(), at=now())


RIGHTS = Periodic("accounts.rights", HOUR, _keep_rights)


def _collect(job: Job) -> bytes:
    return exports.make_export(job.args["export"])


def _keep(job: Job, packed: bytes) -> bool:
    job.total = job.done = 1
    exports.keep_export(job.args["export"], packed, at=real_now())
    return False


EXPORT = JobKind(exports.JOB, _l("Collecting the own data"), _keep, _collect)


def _by(job: Job) -> Actor | None:
    """Return who started the job, under the role they had."""
    if job.person_id is None:
        return None
    return replace(actor_of(session.get_one(Person, job.person_id), None), role=job.acting_role or "")


def _prepare_check(job: Job) -> Sequence[JsonObject]:
    return people_rosters.check_people(staged_people.by_code(job.args["import"]))


def _check(job: Job, rows: Sequence[JsonObject]) -> bool:
    staged = staged_people.by_code(job.args["import"])
    more = people_rosters.keep_people(staged, rows, by=_by(job), at=now())
    job.total, job.done, job.cursor = staged.total, staged.checked, staged.checked
    return more


def _settle(job: Job) -> bool:
    """Record the next people who were added, and clear what was staged of them."""
    staged = staged_people.by_code(job.args["import"])
    at = staged.committed_at or staged.discarded_at or now()
    line = people_import.settle(staged, after=job.cursor, by=_by(job), at=at)
    job.total = staged.checked
    if line is None:
        job.done = job.total
        return False
    job.done = min(job.done + people_import.SETTLED_ROWS, job.total)
    job.cursor = line
    return True


ROSTERS = (
    JobKind(people_rosters.CHECK_JOB, _l("Checking a roster"), _check, _prepare_check),
    JobKind(people_rosters.SETTLE_JOB, _l("Recording the people of a roster"), _settle),
)

"""Periodic work of the accounts room."""

from datetime import timedelta

from app.accounts import services
from app.accounts.services import erasure, exports
from app.core.clock import now, real_now, today
from app.core.db import unit_of_work
from app.core.jobs import Job
from app.core.room import JobKind, Periodic
from app.core.text import _l

HOUR = 3600
ANSWERED_WITHIN = timedelta(hours=1)


def _sweep() -> None:
    with unit_of_work():
        services.forget_old_tries(at=real_now())
        services.forget_old_resets(at=real_now())
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

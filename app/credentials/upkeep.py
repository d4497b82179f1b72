"""What follows a change outside of its request: lists signed again, suspensions that end, changes of many."""

from collections.abc import Sequence

from sqlalchemy import select

from app.core import clock, failpoints
from app.core.db import session, unit_of_work
from app.core.events import Event
from app.core.jobs import Job
from app.core.room import JobKind, Periodic, Subscriber
from app.core.text import _l
from app.credentials.models import Certificate, StatusList
from app.credentials.queries import changes
from app.credentials.services import bulk, suspension
from app.credentials.services.status_lists import beside, keep_signed, to_sign
from app.credentials.services.succession import follow, follow_all

ENDED_AT_ONCE = 200
CHANGES = ("revoked", "suspended", "reinstated")


def on_changed(event: Event) -> None:
    """Sign both lists of a certificate again after a change; until then they are signed when asked for."""
    on_all_changed([event])


def on_all_changed(happened: Sequence[Event]) -> None:
    """Do so for many certificates that changed: each list once."""
    at, codes = happened[0].at, [one.subject_code for one in happened]
    listed = select(Certificate.status_list_id).where(Certificate.code.in_(codes)).distinct()
    for list_id in sorted(session.scalars(listed)):
        keep_signed(session.get_one(StatusList, list_id), at=at)
        suspensions = beside(list_id)
        if suspensions is not None:
            keep_signed(suspensions, at=at)


def keep_lists() -> None:
    """Give every list whose edition is a day old its next one, so that a verifier can tell that it is kept."""
    with unit_of_work():
        waiting = to_sign()
    for listed in waiting:
        with unit_of_work():
            keep_signed(listed, at=clock.now())


def end_suspensions() -> None:
    """Let certificates count again whose suspension ended with its day."""
    with unit_of_work():
        for certificate in suspension.due(clock.now(), ENDED_AT_ONCE):
            suspension.end_with_its_day(certificate)


def check_change(job: Job) -> bool:
    """Check the next block of a long list; return whether blocks are left."""
    change = changes.bulk_of_job(job)
    left = bulk.check_some(change, at=clock.now())
    job.total, job.done = change.total, change.checked
    return left


def run_change(job: Job) -> bool:
    """Carry out the next rows of an approved change; return whether it may have some left."""
    change = changes.bulk_of_job(job)
    failpoints.reach("before_change")
    done = bulk.run_some(change, at=clock.now())
    failpoints.reach("in_change")
    job.done = min(job.done + done, job.total)
    return done > 0


PERIODIC = (
    Periodic("credentials.status_lists", 3600, keep_lists),
    Periodic("credentials.suspensions", 60, end_suspensions),
)
JOBS = (
    JobKind(bulk.CHECK_JOB, _l("Check a list of certificates"), check_change),
    JobKind(bulk.RUN_JOB, _l("Change many certificates"), run_change),
)
SUBSCRIBERS = (
    Subscriber("credentials.published", "credentials.follow", follow, now=True, handle_all=follow_all),
    *(
        Subscriber(f"credentials.{act}", "credentials.sign_status_list", on_changed, handle_all=on_all_changed)
        for act in CHANGES
    ),
)

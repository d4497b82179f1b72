"""Work around seals that goes on by itself: authorities asked, PDF files completed, own lists followed, ends told."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core import clock, failpoints, files
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.errors import UnavailableError
from app.core.events import Event
from app.core.files import StoredFile
from app.core.jobs import Job
from app.core.room import JobKind, Periodic, Subscriber
from app.core.text import _l
from app.credentials import paper
from app.credentials.models import Certificate, SigningKey
from app.credentials.queries import keys as reads
from app.credentials.queries import seals
from app.credentials.services import completing, proofs, seal_ends, seal_lists
from app.credentials.services.completing import Completed, Proving
from app.credentials.services.proofs import Plan
from app.credentials.states import KeyAct, SealLevel

HOUR = 3600
log = logging.getLogger("jijing.seals")


def ask_authorities() -> None:
    """Ask about the certificates of every current seal whose proof is missing or ageing."""
    with unit_of_work():
        plans = [proofs.plan_of(key) for key in seals.certified_keys() if proofs.due(key, real_now())]
    for plan in plans:
        _ask(plan)


def _ask(plan: Plan) -> None:
    told = proofs.ask(plan)
    with unit_of_work():
        proofs.keep(plan, told, now=real_now(), at=clock.now())
        seal_ends.put_on_desks(at=clock.now())


def on_certified(event: Event) -> None:
    """Ask as soon as a seal has another chain."""
    with unit_of_work():
        order = reads.order_with(event.subject_code)
        plan = proofs.plan_of(order.key) if order.act is KeyAct.CERTIFY else None
    if plan is not None:
        _ask(plan)
        complete_seals()


def complete_seals() -> None:
    """Start the completion of the PDF files whose proofs are there now."""
    with unit_of_work():
        completing.start_where_due()


def time_seals() -> None:
    """Start having the time of seals vouched for that were set before there was a time-stamp authority."""
    if paper.time_authority() is None:
        return
    with unit_of_work():
        completing.start_timing_where_due()


@dataclass(frozen=True, slots=True)
class Work:
    """What was made for the next chunk: what is kept, up to which certificate was looked, and how many stay."""

    made: Sequence[Completed]
    after: int | None
    skipped: int = 0


def next_completed(job: Job) -> Work:
    """Make the next longer files and put their bytes in place, so that no lock waits for either."""
    proving = completing.proving(clock.real_now())
    found = seals.incomplete_after(job.result.get("after", 0), completing.AT_ONCE, proving)
    made = [one for certificate, stored in found if (one := _completed(certificate, stored, proving)) is not None]
    for one in made:
        if one.pdf is not None:
            files.put_in_place(one.pdf)
    failpoints.reach("before_complete")
    return Work(made, found[-1][0].id if found else None, len(found) - len(made))


def _completed(certificate: Certificate, stored: StoredFile, proving: Mapping[str, Proving]) -> Completed | None:
    """Return what becomes of a PDF; None where its file is damaged or missing, which is told in the log of the job."""
    try:
        pdf = files.load(stored)
        under = certificate.sealed_under or seals.fingerprint_of(paper.sealed_under(pdf))
        longer = paper.completed(pdf, proving[under]) if under in proving else None
    except (UnavailableError, OSError, RuntimeError) as error:
        log.warning("the seal of %s was not completed: %s", certificate.code, error)
        return None
    return Completed(certificate.id, certificate.version, stored.id, under, longer)


def next_timed(job: Job) -> Work:
    """Have the next files stamped and put their bytes in place, so that no lock waits for the authority.

    Raises UnavailableError where it does not answer: the job is tried again.
    """
    found = seals.untimed_after(job.result.get("after", 0), completing.AT_ONCE)
    made = [one for certificate, stored in found if (one := _timed(certificate, stored)) is not None]
    for one in made:
        if one.pdf is not None:
            files.put_in_place(one.pdf)
    failpoints.reach("before_time")
    return Work(made, found[-1][0].id if found else None, len(found) - len(made))


def _timed(certificate: Certificate, stored: StoredFile) -> Completed | None:
    """Return a PDF with its time; None where its file is damaged or missing, which is told in the log of the job."""
    try:
        made = paper.timed(files.load(stored))
    except (OSError, RuntimeError, ValueError) as error:
        log.warning("the seal of %s got no time: %s", certificate.code, error)
        return None
    if made is None:
        return None
    under = seals.fingerprint_of(made.under)
    return Completed(certificate.id, certificate.version, stored.id, under, made.pdf, SealLevel.TIMED)


def complete(job: Job, work: Work) -> bool:
    """Keep what was made; return whether work is left. Killed and done again, each file is completed once."""
    job.cursor += 1
    if work.after is None:
        job.done = job.total
        return False
    kept = completing.keep(work.made, at=clock.now())
    failpoints.reach("in_complete")
    told = job.result
    job.result = {
        "after": work.after,
        "completed": told.get("completed", 0) + kept,
        "skipped": told.get("skipped", 0) + work.skipped,
    }
    job.done = min(job.done + len(work.made) + work.skipped, job.total)
    return True


def keep_own_lists() -> None:
    """Follow the lists of keys that certified themselves, each in a transaction of its own."""
    with unit_of_work():
        seal_lists.renew_own(at=clock.now())
        waiting = [one.id for one in seal_lists.waiting()]
    for key_id in waiting:
        with unit_of_work():
            seal_lists.keep(session.get_one(SigningKey, key_id))


def look_at_ends() -> None:
    """Put the seals that need another certificate on the desks of their issuers."""
    with unit_of_work():
        seal_ends.put_on_desks(at=clock.now())


PERIODIC = (
    Periodic("credentials.seal_proofs", HOUR, ask_authorities),
    Periodic("credentials.seal_lists", HOUR, keep_own_lists),
    Periodic("credentials.seals_timed", HOUR, time_seals),
    Periodic("credentials.seals_completed", HOUR, complete_seals),
    Periodic("credentials.seal_ends", HOUR, look_at_ends),
)
JOBS = (
    JobKind(completing.JOB, _l("Complete the seals of PDF files"), complete, prepare=next_completed),
    JobKind(completing.TIME_JOB, _l("Have the time of PDF files vouched for"), complete, prepare=next_timed),
)
SUBSCRIBERS = (
    Subscriber("credentials.key_order_carried_out", "credentials.ask_about_seal", on_certified, outside=True),
)

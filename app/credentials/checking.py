"""Work that goes on by itself: lists answered block by block, rows and links forgotten when that was promised."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.db import session, unit_of_work
from app.core.events import Event
from app.core.jobs import Job
from app.core.room import JobKind, Periodic, Subscriber
from app.core.staging import SealedRows
from app.core.text import _l
from app.credentials import paper, result_paper
from app.credentials.models import CertificateCheck
from app.credentials.queries import lookups as queries
from app.credentials.services import checks, sharing
from app.credentials.services.checks import Part
from app.credentials.services.lookups import Answered

HOUR = 3600


def _prepare(job: Job) -> Sequence[Answered]:
    """Answer the next block before the transaction that keeps it, so that no lock is held meanwhile."""
    return checks.next_answers(_check(job), at=clock.now())


def _keep(job: Job, answers: Sequence[Answered]) -> bool:
    check = _check(job)
    if check.finished_at is not None:
        return False
    more = checks.keep_answers(check, answers, by=checks.actor_of_check(check), at=clock.now())
    job.total, job.done, job.cursor = check.total, check.done, check.done
    return more


def _check(job: Job) -> CertificateCheck:
    return queries.check_by_code(job.args["check"])


class Drawn(NamedTuple):
    """A part of a result on paper, sealed as it will be kept."""

    part: Part
    paper: SealedRows


def _draw(job: Job) -> Drawn | None:
    """Draw and seal the next part before the transaction that keeps it; a machine without Pango goes without."""
    check = _check(job)
    part = checks.next_part(check) if paper.available() else None
    return None if part is None else Drawn(part, checks.sealed_paper(result_paper.draw(check, part)))


def _keep_drawn(job: Job, drawn: Drawn | None) -> bool:
    """Keep a part; return whether parts are left."""
    job.cursor += 1
    if drawn is None:
        return False
    checks.keep_paper(_check(job), drawn.part, drawn.paper)
    job.total, job.done = drawn.part.of, drawn.part.number
    return drawn.part.number < drawn.part.of


def forget() -> None:
    """Delete the rows of checks and the ended links whose time has come."""
    with unit_of_work():
        checks.forget_rows(at=clock.now())
    with unit_of_work():
        sharing.forget_ended_links(real=clock.real_now())


def end_links(happened: Event) -> None:
    """End the links of a person whose data is being erased, also while the law keeps a certificate."""
    for person_id in session.scalars(select(Person.id).where(Person.code == happened.subject_code)):
        sharing.end_links_of(person_id, real=clock.real_now())


CHECKS = (
    JobKind(checks.JOB, _l("Checking a list of certificates"), _keep, _prepare),
    JobKind(checks.PAPER_JOB, _l("Drawing the result sheet of a list"), _keep_drawn, _draw),
)
PERIODIC = (Periodic("credentials.forget", HOUR, forget),)
SUBSCRIBERS = (Subscriber("accounts.erasure_limited", "credentials.end_links", end_links, now=True),)

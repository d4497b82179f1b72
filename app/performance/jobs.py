"""Long work of the performance room: the computation of a cycle."""

from dataclasses import replace

from sqlalchemy import select

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.core import clock
from app.core.access import Actor
from app.core.db import session
from app.core.jobs import Job
from app.core.room import JobKind
from app.core.text import _l
from app.performance import services
from app.performance.models import AppraisalCycle
from app.performance.queries import JOB


def _actor(job: Job) -> Actor | None:
    """Return who started the job, under the role they had."""
    if job.person_id is None:
        return None
    return replace(actor_of(session.get_one(Person, job.person_id), None), role=job.acting_role or "")


def _compute(job: Job) -> bool:
    cycle = session.scalars(select(AppraisalCycle).where(AppraisalCycle.code == job.args["cycle"])).one()
    rows = services.compute(cycle, after=job.cursor, by=_actor(job), at=clock.now())
    if not rows:
        job.done = job.total
        return False
    job.cursor = rows[-1].id
    job.done = min(job.done + len(rows), job.total)
    return True


JOBS = (JobKind(JOB, _l("Computing an appraisal cycle"), _compute),)

"""Long work of the credit room: the rating of everybody of a region, one transaction a chunk."""

from app.assessment.credit.services.ratings import CYCLE, rate_some
from app.core import clock
from app.core.jobs import Job
from app.core.room import JobKind
from app.core.text import _l


def _rate(job: Job) -> bool:
    return rate_some(job, at=clock.now())


JOB = JobKind(CYCLE, _l("Rating of everybody of a region"), _rate)

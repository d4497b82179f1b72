"""The job that draws parallel papers, one a chunk, and the periodic work that opens papers with their window."""

from app.assessment.exams.rules.infeasible import Unmet
from app.assessment.exams.services import papers, sealing
from app.assessment.exams.services.papers import Next
from app.core import clock
from app.core.db import unit_of_work
from app.core.jobs import Job
from app.core.room import JobKind, Periodic
from app.core.text import _l

OPEN_SECONDS = 60


def _prepare(job: Job) -> Next | tuple[Unmet, ...]:
    """Solve for the next paper; the solver holds no lock."""
    return papers.draw_for(job, at=clock.now())


def _chunk(job: Job, found: Next | tuple[Unmet, ...]) -> bool:
    """Keep the paper drawn; where none can be drawn keep the constraints instead and end."""
    if isinstance(found, Next):
        papers.store_drawn(job, found, at=clock.now())
        job.done += 1
        return job.done < job.total
    job.result = {**job.result, "unmet": [one.to_json() for one in found]}
    return False


def open_due() -> None:
    """Open the papers whose window has opened."""
    with unit_of_work():
        sealing.open_due(at=clock.now())


ASSEMBLE = JobKind(papers.ASSEMBLE, _l("Assemble parallel papers"), _chunk, _prepare)
OPEN = Periodic("exams.open_papers", OPEN_SECONDS, open_due)

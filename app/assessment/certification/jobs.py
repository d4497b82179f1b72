"""What a released session brings: a proposal for every candidate who passed, in chunks."""

from app.assessment.certification import queries, services
from app.core import clock
from app.core.events import Event
from app.core.jobs import Job, start_job
from app.core.room import JobKind, Subscriber
from app.core.text import _l

PROPOSE = "certification.propose"
CHUNK = 100


def on_released(event: Event) -> None:
    """Start proposing once the results of a session are released."""
    start_job(
        PROPOSE,
        key=f"{PROPOSE}:{event.subject_code}",
        by=None,
        args={"session": event.subject_code},
    )


def propose_some(job: Job) -> bool:
    """Propose the next candidates; return whether some are left."""
    code = str(job.args["session"])
    passed = queries.passed(code, after=job.cursor, limit=CHUNK)
    for one in passed:
        services.propose(one, at=clock.now())
    job.total = job.total or queries.passed_count(code)
    job.done += len(passed)
    job.cursor = passed[-1].result_id if passed else job.cursor
    return len(passed) == CHUNK


JOB = JobKind(PROPOSE, _l("Propose the levels of those who passed"), propose_some)
RELEASED = Subscriber("exams.released", "certification.on_released", on_released)

"""Long work of the rulebook: replaying the decisions of a year, one transaction a chunk."""

from app.core import clock
from app.core.jobs import Job
from app.core.room import JobKind
from app.core.text import _l
from app.rulebook.services.replays import REPLAY, replay_some


def _replay(job: Job) -> bool:
    return replay_some(job, at=clock.now())


JOB = JobKind(REPLAY, _l("Replay past decisions under a pack"), _replay)

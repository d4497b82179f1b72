"""Long work of the rulebook, one transaction a chunk: replaying a year's decisions, counting days anew."""

from app.core import clock
from app.core.jobs import Job
from app.core.room import JobKind
from app.core.text import _l
from app.rulebook.services.recounting import RECOUNT, recount_some
from app.rulebook.services.replays import REPLAY, replay_some


def _replay(job: Job) -> bool:
    return replay_some(job, at=clock.now())


def _recount(job: Job) -> bool:
    return recount_some(job, at=clock.now())


JOBS = (
    JobKind(REPLAY, _l("Replay past decisions under a pack"), _replay),
    JobKind(RECOUNT, _l("Count days anew with the holidays of a year"), _recount),
)

"""Linting and issuing a batch in small steps: any may be killed and done again without issuing twice.

What a step writes is computed under no lock; a chunk's transaction only writes it. Where a batch stands is in its rows:
a step takes what is not done yet, and the job's own place only saves it from looking at what is done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core import clock, failpoints, files
from app.core.jobs import Job
from app.core.room import JobKind
from app.core.text import _l
from app.credentials import paper, queries
from app.credentials.models import Batch
from app.credentials.queries.seals import fingerprint_of
from app.credentials.services import (
    batches,
    closing,
    handing_over,
    issuing,
    linting,
    log,
    notifying,
    publishing,
    rendering,
    signing,
    storing,
    succession,
)
from app.credentials.services.bodies import seal_of
from app.credentials.services.deciding import JOB
from app.credentials.services.rendering import Rendered
from app.credentials.services.revocation import keep_signed
from app.credentials.states import BatchState


@dataclass(frozen=True, slots=True)
class Step:
    """One step of issuing: `compute(batch, after, at)` gives the next rows, each with an `id`; `write` keeps them.

    The rows of a step that `drops` are stored certificates of which the public log tells nothing yet: those that are no
    longer to be issued leave the batch before it.
    """

    name: str
    compute: Callable[[Batch, int, datetime], Sequence[Any]]
    write: Callable[[Batch, Any, datetime], None]
    drops: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """What was computed for the next chunk of a job."""

    step: str
    rows: Sequence[Any]
    at: datetime


def _render(batch: Batch, after: int, at: datetime) -> list[Rendered]:
    """Draw the next papers and put their bytes in place, so that no lock waits for either; seal the log before."""
    del at
    if not after:
        log.seal()
    if not paper.available():
        return rendering.undrawn(batch, after)
    waiting = rendering.waiting(batch, after)
    if not waiting:
        return []
    seal = seal_of(batch.body)
    level, under = paper.level_of(seal), fingerprint_of(seal.certificate)
    made = [
        Rendered(one.id, one.version, one.code, paper.certificate_pdf(one, seal=seal), level, under) for one in waiting
    ]
    for one in made:
        if one.pdf is not None:
            files.put_in_place(one.pdf)
    return made


STEPS: tuple[Step, ...] = (
    Step("store", storing.draft, storing.store),
    Step("lint", linting.look_again, linting.keep_again, drops=True),
    Step("sign", signing.sign_next, signing.keep, drops=True),
    Step("log", log.next_unlogged, log.keep, drops=True),
    Step("render", _render, rendering.keep),
    Step("publish", publishing.publish_next, publishing.keep),
    Step("notify", notifying.next_untold, notifying.tell),
)
BY_NAME = {one.name: one for one in STEPS}


def next_work(job: Job) -> Work:
    """Compute the next rows of the step at which a batch stands."""
    done = job.result.get("step")
    failpoints.reach(f"after_{done or 'approve'}")
    step = BY_NAME[done or STEPS[0].name]
    at = clock.now()
    rows = step.compute(queries.batch_of_job(job), job.result.get("after", 0), at)
    failpoints.reach(f"before_{step.name}")
    return Work(step.name, rows, at)


def issue(job: Job, work: Work) -> bool:
    """Keep what was computed, or go on to the next step where nothing was left; return whether work is left."""
    batch = queries.batch_of_job(job)
    job.cursor += 1
    if not work.rows:
        return _next_step(job, batch, work)
    step = BY_NAME[work.step]
    rows = closing.still_wanted(batch, work.rows, at=work.at) if step.drops else work.rows
    if rows:
        step.write(batch, rows, work.at)
    done = job.result.get("done", 0) + len(work.rows)
    job.result = {"step": work.step, "after": work.rows[-1].id, "done": done}
    job.total = batch.size * len(STEPS)
    job.done = min(job.done + len(work.rows), job.total)
    failpoints.reach(f"in_{work.step}")
    return True


def _next_step(job: Job, batch: Batch, work: Work) -> bool:
    place = [one.name for one in STEPS].index(work.step) + 1
    if place < len(STEPS):
        job.result = {"step": STEPS[place].name, "after": 0, "done": 0}
        return True
    issuing.finish(batch, at=work.at)
    if batch.body.closed_at is not None:
        handing_over.pass_on(batch.body, at=work.at)
        succession.ask_at_body_after(batch.body, by=None, at=work.at)
    keep_signed_lists(batch, work.at)
    job.done = job.total
    job.result = {"step": work.step, "after": 0, "done": batch.size}
    failpoints.reach("in_finish")
    return False


def keep_signed_lists(batch: Batch, at: datetime) -> None:
    """Keep the status lists of a batch in signed form."""
    for listed in queries.lists_of_batch(batch.id):
        keep_signed(listed, at=at)


def next_looked(job: Job) -> Work:
    """Lint the next requests of a batch."""
    failpoints.reach("after_look")
    at = clock.now()
    return Work("look", linting.look(queries.batch_of_job(job), job.result.get("after", 0), at=at), at)


def lint(job: Job, work: Work) -> bool:
    """Keep what was found, and put the batch before a second person once every row was looked at.

    A batch that was rejected meanwhile is not looked at further.
    """
    batch = queries.batch_of_job(job)
    if batch.state is not BatchState.PREPARED:
        return False
    job.cursor += 1
    if not work.rows:
        batches.offer(batch, at=work.at)
        return False
    linting.keep(batch, work.rows)
    failpoints.reach("in_look")
    job.result = {"after": work.rows[-1].id}
    job.done = min(job.done + len(work.rows), job.total)
    return True


JOBS = (
    JobKind(batches.LINT_JOB, _l("Check a batch of certificates"), lint, prepare=next_looked),
    JobKind(JOB, _l("Issue certificates"), issue, prepare=next_work),
)

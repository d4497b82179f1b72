"""Work of the case room that time or a request starts."""

from collections.abc import Callable
from dataclasses import dataclass

from app.cases import dossier, services
from app.cases.queries import cases as queries
from app.cases.services.dossiers import JOB
from app.core import clock, files
from app.core.db import unit_of_work
from app.core.jobs import Job
from app.core.room import JobKind, Periodic
from app.core.text import _l

CLOCK_SECONDS = 900
HOURLY_SECONDS = 3600
CHUNK = 200
YEARLY_SECONDS = 24 * 3600


def watch_clocks() -> None:
    """Escalate what is overdue, tell of materials that did not come and of periods that have passed, in chunks."""
    _until_done(lambda: services.escalate(at=clock.now()))
    _until_done(lambda: services.tell_of_missing(at=clock.now()))
    _until_done(lambda: services.end_publicity(at=clock.now()))


def pass_up() -> None:
    """Let each open case that nobody of its authority may decide any more go up; they are looked for under no lock."""
    after, left = 0, list[str]()
    while found := queries.open_after(after, CHUNK):
        after = found[-1].id
        left += [one.code for one in found if services.is_left_alone(one, on=clock.today())]
    for code in left:
        with unit_of_work():
            services.rise(code, at=clock.now())


def _until_done(step: Callable[[], int]) -> None:
    while True:
        with unit_of_work():
            done = step()
        if done == 0:
            return


def tend_older() -> None:
    """Bring older rows under what came since, chunk by chunk: texts under the keys of cases, days to appeal kept."""
    _until_done(services.seal_some)
    _to_the_end(lambda after: services.keep_older(after=after, at=clock.now()))


def ask_for_declarations() -> None:
    """Ask every member of staff who has not declared this year, chunk by chunk."""
    _to_the_end(lambda after: services.remind_of_declarations(after=after, at=clock.now()))


def _to_the_end(step: Callable[[int], int | None]) -> None:
    """Take a step after the last key that the step before did, until none is left."""
    after: int | None = 0
    while after is not None:
        with unit_of_work():
            after = step(after)


@dataclass(frozen=True, slots=True)
class Made:
    """The court-ready file of a case, and whether the texts of the case were erased when it was made."""

    pdf: bytes
    erased: bool


def draw_file(job: Job) -> Made:
    """Make the court-ready file of a case: it takes minutes where much was shown, so no lock waits for it."""
    case = queries.by_code(str(job.args["case"]))
    erased = case.texts_erased
    return Made(dossier.build(case), erased)


def keep_file(job: Job, made: Made) -> bool:
    """Keep the file by its content; where the texts of the case were erased since it was made it is made anew."""
    case = queries.by_code(str(job.args["case"]))
    if case.texts_erased != made.erased:
        return True
    stored = files.store(made.pdf, name=f"{case.number}.pdf", media_type="application/pdf")
    job.done = job.total = 1
    job.result = {"sha256": stored.sha256}
    return False


FILE = JobKind(JOB, _l("Make the file of a case"), keep_file, prepare=draw_file)
CLOCKS = Periodic("cases.clocks", CLOCK_SECONDS, watch_clocks)
OLDER = Periodic("cases.older", YEARLY_SECONDS, tend_older)
RISING = Periodic("cases.rising", HOURLY_SECONDS, pass_up)
DECLARATIONS = Periodic("cases.declarations", YEARLY_SECONDS, ask_for_declarations)

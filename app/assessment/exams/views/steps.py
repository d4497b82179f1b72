"""What happens next with an exam session, with its date and who does it."""

from dataclasses import dataclass
from datetime import datetime

from app.assessment.exams.models import ExamSession
from app.assessment.exams.states import SessionState
from app.core.errors import Text
from app.core.text import _l

EXAMINER = _l("an examiner of the organisation")
SECOND = _l("another examiner of the organisation")
CANDIDATES = _l("the candidates")
RUNNER = _l("the system")


@dataclass(frozen=True, slots=True)
class Step:
    """One sentence for the head of the page."""

    text: Text
    who: Text
    when: datetime | None = None


LATER = {
    SessionState.MARKED: Step(_l("Look through the results and propose their release"), EXAMINER),
    SessionState.PROPOSED: Step(_l("A second examiner confirms the release or sends it back"), SECOND),
}


def next_step(found: ExamSession, registered: int, at: datetime) -> Step | None:
    """Tell what happens next; None once the results are released, or a rehearsal is marked."""
    if found.state is SessionState.PLANNED:
        return _planned(found, registered)
    if found.state is SessionState.PREPARED:
        return _prepared(found, at)
    return None if found.rehearsal else LATER.get(found.state)


def _planned(found: ExamSession, registered: int) -> Step:
    if found.prepared_at is not None:
        return Step(_l("Every candidate's paper is being prepared"), RUNNER)
    if registered:
        return Step(_l("Prepare the papers before the window opens"), EXAMINER, found.opens_at)
    return Step(_l("Register the eligible candidates"), EXAMINER, found.opens_at)


def _prepared(found: ExamSession, at: datetime) -> Step:
    if found.marked_at is not None:
        return Step(_l("The sittings are being marked"), RUNNER)
    if at < found.opens_at:
        return Step(_l("The window opens and candidates start"), CANDIDATES, found.opens_at)
    if at < found.closes_at:
        return Step(_l("The window closes; what is not handed in is collected"), RUNNER, found.closes_at)
    return Step(_l("Collect what is left, then mark the sittings"), EXAMINER)

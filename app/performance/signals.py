"""What the performance room does on the events of the case room: publicity that passed, an objection upheld."""

from app.cases.services.publicity import CORRECTED
from app.core.events import Event
from app.core.room import Subscriber
from app.performance.services.outcomes import PUBLICITY, publicity_corrected, publicity_passed, reopen
from app.performance.services.subjects import TYPE


def _is_ours(event: Event) -> bool:
    return (event.data["kind"], event.data["subject_type"]) == (PUBLICITY, TYPE)


def note_passed(event: Event) -> None:
    """Let a grade be confirmed once its publicity has passed without an open objection."""
    if _is_ours(event):
        publicity_passed(event.data["subject_code"], event.subject_code, at=event.at)


def follow_corrected(event: Event) -> None:
    """Wait for the period of the notice that was opened in place of a wrong one."""
    if _is_ours(event):
        publicity_corrected(event.data["subject_code"], event.data["corrects"], event.subject_code)


def compute_again(event: Event) -> None:
    """Bring a base back to its computation after an upheld objection."""
    if _is_ours(event):
        reopen(event.data["subject_code"], at=event.at)


SUBSCRIBERS = (
    Subscriber("cases.publicity_ended", "performance.note_passed", note_passed, now=True),
    Subscriber(CORRECTED, "performance.follow_corrected", follow_corrected, now=True),
    Subscriber("cases.objection_upheld", "performance.compute_again", compute_again, now=True),
)

"""Where a comment on an assembled paper is, and the moves between."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class CommentState(StrEnum):
    """A comment waits for an answer, for the consent of who made it, or is done with."""

    OPEN = "open"
    ANSWERED = "answered"
    RESOLVED = "resolved"


COMMENT_LABELS: dict[str, Text] = {
    CommentState.OPEN: _l("Waits for an answer"),
    CommentState.ANSWERED: _l("Answered, to be resolved"),
    CommentState.RESOLVED: _l("Resolved"),
}

PAPER_COMMENT = Lifecycle[CommentState](
    "paper_comment",
    CommentState.OPEN,
    (
        Move(
            "answer",
            frozenset({CommentState.OPEN}),
            CommentState.ANSWERED,
            "exams.blueprint",
            _l("Answer the comment"),
        ),
        Move(
            "reopen",
            frozenset({CommentState.ANSWERED}),
            CommentState.OPEN,
            "exams.blueprint",
            _l("Ask once more"),
        ),
        Move(
            "resolve",
            frozenset({CommentState.OPEN, CommentState.ANSWERED}),
            CommentState.RESOLVED,
            "exams.blueprint",
            _l("Resolve the comment"),
        ),
    ),
)

"""What of an item people mark: the item itself, or sub-items of a case, each with its rubric; pure functions."""

from dataclasses import dataclass
from decimal import Decimal

from app.core.text import _
from app.items.rules.bodies import Criterion, Part
from app.items.rules.responses import Parts, Response, Written
from app.items.states import ItemType

WRITTEN = frozenset({ItemType.SHORT_ANSWER, ItemType.ESSAY})


@dataclass(frozen=True, slots=True)
class Needed:
    """An answer that a marker must read: `part` 0 for the item, else the number of the sub-item."""

    part: int
    question: Part

    @property
    def points(self) -> Decimal:
        """Return the points of its rubric."""
        return sum((one.points for one in rubric_of(self.question)), Decimal(0))


def needed(item: Part) -> list[Needed]:
    """Return what of an item a marker must read, in order; nothing of an item that its key marks."""
    if item.type in WRITTEN:
        return [Needed(0, item)]
    return [Needed(at, part) for at, part in enumerate(item.body.parts, start=1) if part.type in WRITTEN]


def rubric_of(question: Part) -> tuple[Criterion, ...]:
    """Return the criteria of an answer; without a rubric one criterion of ten points stands for the whole."""
    return question.body.rubric or (Criterion(_("Whole answer"), Decimal(10)),)


def question_of(item: Part, part: int) -> Part:
    """Return the question a task is about."""
    return item.body.parts[part - 1] if part else item


def written(response: Response | None, part: int) -> str:
    """Return the text that answers a task, empty where nothing was written."""
    if part:
        given = response.parts if isinstance(response, Parts) else ()
        response = given[part - 1] if part <= len(given) else None
    return response.text if isinstance(response, Written) and response.answered else ""

"""Who is present and whether a quorum is: derived from the rows of coming and leaving."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Passage:
    """An expert (by id) who came or left at a time."""

    expert: int
    entering: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many of the members are present, and how many have to be."""

    present: int
    members: int
    needed: int

    @property
    def met(self) -> bool:
        """Tell whether enough members are present."""
        return self.present >= self.needed


def present(passages: Iterable[Passage], at: datetime | None = None) -> set[int]:
    """Return the experts who are in the room, now or at a time; passages come in their order."""
    inside: dict[int, bool] = {}
    for one in passages:
        if at is None or one.at <= at:
            inside[one.expert] = one.entering
    return {expert for expert, is_in in inside.items() if is_in}


def ever_present(passages: Iterable[Passage]) -> set[int]:
    """Return the experts who were in the room at any time."""
    return {one.expert for one in passages if one.entering}

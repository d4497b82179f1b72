"""What the writes of a sitting take and give: the page that writes, the answers, what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.access import Actor

Key = tuple[int, int]
"""Place as shown and sequence: what tells one answer of a sitting from another."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A page of a sitting: the code of the sitting, the page's own random name, and who is in front of it."""

    code: str
    page: str
    by: Actor


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as a page sends it: the place as shown, a sequence that only grows, the response by type of item.

    `client_at` is when it was typed, on the server's clock as the page knows it.
    """

    position: int
    sequence: int
    response: Mapping[str, Any]
    review: bool
    client_at: datetime | None = None

    @property
    def key(self) -> Key:
        """Return what tells one answer of a sitting from another."""
        return (self.position, self.sequence)

    @property
    def value(self) -> dict[str, Any]:
        """Return what the history keeps."""
        return {**self.response, "review": self.review}


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of sent answers: durable ones, and those whose sequence another answer has taken."""

    saved: tuple[Key, ...]
    superseded: tuple[Key, ...]
    deadline_at: datetime
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Beat:
    """What a heartbeat carries back: the deadline in force, whether this page still writes, whether the room rests."""

    deadline_at: datetime
    holds: bool
    paused: bool = False

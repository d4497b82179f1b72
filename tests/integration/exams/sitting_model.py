"""A sitting in the plainest words, beside which the state machine of the product is held."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.factories.exams import MINUTES, OPENS

LATE_ENTRY = timedelta(minutes=30)
"""So long after the opening nobody starts at a venue any more, under the sample rule."""
Key = tuple[int, int]
Kept = tuple[str, int, int]


@dataclass(frozen=True)
class Stored:
    """One answer of the model: its letter, when it was typed, whether it came by the side door."""

    letter: str
    typed: datetime
    merged: bool = False


@dataclass
class Model:
    """What a sitting is: online, or `seated` in a room of a venue; `closes_at` is the end of its session's window.

    `asked` are the minutes of extra time that wait for a second person, `granted` those in force, by code.
    """

    closes_at: datetime
    seated: bool
    deadline: datetime | None = None
    paused: datetime | None = None
    room_paused: bool = False
    extra: int = 0
    asked: dict[str, int] = field(default_factory=dict)
    granted: dict[str, int] = field(default_factory=dict)
    held: timedelta = timedelta()
    holder: str | None = None
    submitted: str | None = None
    history: dict[Key, Stored] = field(default_factory=dict)
    kept: dict[Kept, Stored] = field(default_factory=dict)
    merged: dict[Kept, int] = field(default_factory=dict)
    came: set[Kept] = field(default_factory=set)

    @property
    def goes_on(self) -> bool:
        """Tell whether the sitting has begun and is not handed in."""
        return self.deadline is not None and self.submitted is None

    @property
    def closes(self) -> datetime:
        """Return when the window closes for this candidate: later by every pause that held the start."""
        return self.closes_at + self.held

    def start(self, at: datetime) -> str | None:
        """Start where that may be; return why not."""
        if self.deadline is not None:
            return None
        if self.paused:
            return "paused"
        if at >= self.closes:
            return "ConflictError"
        if self.seated and (self.room_paused or at > OPENS + LATE_ENTRY + self.held):
            return "not_admitted"
        self.deadline = min(at + timedelta(minutes=MINUTES), self.closes) + timedelta(minutes=self.extra)
        return None

    def stops(self, at: datetime) -> bool:
        """Tell whether a pause has something to stop: a sitting in time, or a start that may still be."""
        return self.submitted is None and (at < self.closes if self.deadline is None else at <= self.deadline)

    def pause(self, at: datetime) -> bool:
        """Pause where there is something to stop; tell whether there was."""
        stopped = self.paused is None and self.stops(at)
        if stopped:
            self.paused = at
        return stopped

    def go_on(self, at: datetime) -> None:
        """End the pause, if there is one: the rest is given back, none where the clock was set back."""
        if self.paused is None:
            return
        rest, self.paused = max(at - self.paused, timedelta(0)), None
        if self.deadline is None:
            self.held += rest
        else:
            self.deadline += rest

    def shift(self, minutes: int) -> None:
        """Give or take extra time, which a sitting that was handed in has no more use for."""
        if self.submitted:
            return
        self.extra += minutes
        if self.deadline is not None:
            self.deadline += timedelta(minutes=minutes)

    def take_back(self, code: str) -> str | None:
        """Take extra time back before anybody has started with it; return why not."""
        if code in self.asked:
            del self.asked[code]
            return None
        if self.deadline is not None:
            return "ConflictError"
        self.shift(-self.granted.pop(code))
        return None

    def ended(self, at: datetime) -> str | None:
        """Return why nobody may write now, None where somebody may."""
        if self.submitted:
            return "submitted"
        if self.deadline is None:
            return "not_started"
        if self.paused:
            return "paused"
        return "late" if at > self.deadline else None

    def refusal(self, page: str, at: datetime) -> str | None:
        """Return why a page may not write, None where it may."""
        return self.ended(at) or (None if self.holder == page else "taken_over")

    def last(self, place: int) -> tuple[int, Stored] | None:
        """Return sequence and answer that count at a place."""
        mine = {sequence: one for (position, sequence), one in self.history.items() if position == place}
        return (max(mine), mine[max(mine)]) if mine else None

    def enter(self, place: int, sequence: int, one: Stored, received: datetime) -> int | None:
        """Put an answer that came by the side door last, unless one typed later is there."""
        known = self.last(place)
        if known is not None and min(one.typed, received) <= known[1].typed:
            return None
        taken = sequence if known is None else max(sequence, known[0] + 1)
        self.history[place, taken] = Stored(one.letter, one.typed, merged=True)
        return taken

"""What a new count makes of a day counted in working days; pure functions."""

from datetime import date
from typing import NamedTuple

from app.core.calendar import Deadline


class Recounted(NamedTuple):
    """A day counted anew: as it is kept now and before, what was counted, and whether anything is to be kept."""

    day: date
    provisional: bool
    was: date
    counted: date
    changed: bool

    @property
    def moved(self) -> bool:
        """Tell whether it is another day."""
        return self.day != self.was

    @property
    def stays(self) -> bool:
        """Tell whether the day stands although the count gives another."""
        return self.day != self.counted


def recounted(was: Deadline, anew: Deadline, today: date, *, told: bool) -> Recounted:
    """Return what a new count makes of a running day.

    Nobody's time ends on a day that has passed already, and what was told to a party who may act until then does not
    become earlier: they may rely on it.
    """
    first = max(today, was.day) if told else today
    day = was.day if anew.day < first else anew.day
    settled = was.provisional and not anew.provisional
    return Recounted(day, anew.provisional, was.day, anew.day, changed=day != was.day or settled)

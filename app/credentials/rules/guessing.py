"""How much guessing of numbers is heard: a budget that refills, spent by what was not found and by nothing else."""

from datetime import datetime, timedelta

FREE_GUESSES = 60
FREE_SIGNED_IN = 600
"""Whoever signed in is known, so that a guesser can be asked."""
REFILL = timedelta(minutes=1)
"""One guess comes back in this time: sixty an hour."""
HITS_FOR_ONE = 4
"""An honest list has typos: of so many certificates found, one unknown number costs nothing."""


def level(spent: int, last_at: datetime, at: datetime) -> int:
    """Return how many guesses are spent at an instant."""
    return max(0, spent - max(at - last_at, timedelta(0)) // REFILL)


def cost(guesses: int, hits: int) -> int:
    """Return what a list costs: its guesses beyond those that its hits excuse."""
    return max(0, guesses - hits // HITS_FOR_ONE)


def is_closed(spent: int, free: int) -> bool:
    """Tell whether the budget is spent; then nothing is answered, since the refusal itself would be an answer."""
    return spent >= free


def opens_in(spent: int, free: int) -> timedelta:
    """Return how long nothing is answered."""
    return REFILL * max(spent - free + 1, 0)

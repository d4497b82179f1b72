"""What a chain of decisions comes to, and which hook a new one calls."""

from enum import StrEnum

from app.cases.models import Case
from app.cases.states import Outcome


class Effect(StrEnum):
    """What a decision changes for the record complained of."""

    UPHELD = "upheld"
    REJECTED = "rejected"
    REVERSED = "reversed"
    NONE = "none"


def stands(case: Case) -> bool:
    """Tell whether the first claim stands after a decision: an upheld appeal turns the earlier decision round."""
    upheld = case.outcome is Outcome.UPHELD
    if case.previous is None:
        return upheld
    before = stands(case.previous)
    return not before if upheld else before


def effect_of(case: Case) -> Effect:
    """Return what a decided case changes."""
    if case.previous is None:
        return Effect.UPHELD if stands(case) else Effect.REJECTED
    before, now = stands(case.previous), stands(case)
    if before == now:
        return Effect.NONE
    return Effect.UPHELD if now else Effect.REVERSED

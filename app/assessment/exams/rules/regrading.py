"""Marking anew (重新评卷): rulings as a run keeps them, and which of two results stays; pure functions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from app.assessment.exams.rules.marking import Ruling
from app.assessment.exams.states import LowerPolicy


@dataclass(frozen=True, slots=True)
class Figures:
    """What decides between two results: the score, what could be reached, and the cut score."""

    score: Decimal
    best: Decimal
    cut_score: Decimal

    @property
    def passed(self) -> bool:
        """Tell whether the score reaches the cut score."""
        return self.score >= self.cut_score


def worse(now: Figures, was: Figures) -> bool:
    """Tell whether new figures are worse: a pass lost, or, with the same verdict, a smaller share of the points.

    Shares are compared crosswise, exactly, because a void item may have left the total.
    """
    if now.passed != was.passed:
        return was.passed
    return now.score * was.best < was.score * now.best


def stays(now: Figures, was: Figures, policy: LowerPolicy) -> bool:
    """Tell whether the earlier result stays although it was marked anew."""
    return policy is LowerPolicy.HIGHER and worse(now, was)


def to_json(rulings: Mapping[int, Ruling]) -> dict[str, dict[str, Any]]:
    """Return rulings as a run stores them, by position."""
    return {
        str(position): {"void": True} if ruling.void else {"key": sorted(ruling.key or ())}
        for position, ruling in sorted(rulings.items())
    }


def from_json(stored: Mapping[str, Mapping[str, Any]]) -> dict[int, Ruling]:
    """Read stored rulings back."""
    return {
        int(position): Ruling(void=True) if given.get("void") else Ruling(key=frozenset(given["key"]))
        for position, given in stored.items()
    }


def key_hash(content_hash: str, rulings: Mapping[int, Ruling]) -> str:
    """Name the key that a marking stands on: the frozen paper's own hash, or one over it and the rulings."""
    if not rulings:
        return content_hash
    said = json.dumps(to_json(rulings), sort_keys=True, separators=(",", ":"))
    return sha256(f"{content_hash}:{said}".encode()).hexdigest()

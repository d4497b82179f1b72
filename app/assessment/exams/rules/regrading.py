"""Marking anew (重新评卷): rulings as a run keeps them, and which of two results stays; pure functions."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from app.assessment.exams.rules.marking import KeyedItem, Ruling
from app.assessment.exams.states import LowerPolicy
from app.core.errors import InvalidError
from app.core.text import _l
from app.items.states import CHOICES, ItemType

PLAIN_NUMBER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?", re.ASCII)


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
    return {str(position): _stored(ruling) for position, ruling in sorted(rulings.items())}


def _stored(ruling: Ruling) -> dict[str, Any]:
    if ruling.void:
        return {"void": True}
    if ruling.also:
        return {"also": [list(answers) for answers in ruling.also]}
    return {"key": sorted(ruling.key or ())}


def from_json(stored: Mapping[str, Mapping[str, Any]]) -> dict[int, Ruling]:
    """Read stored rulings back."""
    return {int(position): _ruling(given) for position, given in stored.items()}


def _ruling(given: Mapping[str, Any]) -> Ruling:
    if given.get("void"):
        return Ruling(void=True)
    if "also" in given:
        return Ruling(also=tuple(tuple(answers) for answers in given["also"]))
    return Ruling(key=frozenset(given["key"]))


def check(ruling: Ruling, item: KeyedItem) -> None:
    """Raise InvalidError, naming the field, where a ruling says nothing that the type of its item is marked by."""
    if ruling.void:
        return
    if item.type in CHOICES:
        _check_key(ruling, {option.key for option in item.options})
    elif item.type in {ItemType.BLANK, ItemType.NUMERIC}:
        _check_answers(ruling, item)
    else:
        raise InvalidError(_l("An item of this type has no other key: rule it void, or leave it."), field="ruling")


def _check_key(ruling: Ruling, offered: set[str]) -> None:
    if ruling.also:
        raise InvalidError(_l("This item is answered by options: name another key instead."), field="ruling")
    if not ruling.key or not ruling.key <= offered:
        raise InvalidError(_l("Name the letters of the right options of this item, such as A or AC."), field="key")


def _check_answers(ruling: Ruling, item: KeyedItem) -> None:
    gaps = len(item.body.blanks) if item.type is ItemType.BLANK else 1
    if ruling.key is not None:
        raise InvalidError(_l("This item has no options: give the further right answers instead."), field="ruling")
    if not any(ruling.also) or len(ruling.also) > gaps:
        raise InvalidError(
            _l("Give the further right answers, a line for each of the %(gaps)d gaps.", gaps=gaps), field="also"
        )
    if item.type is ItemType.NUMERIC and not all(PLAIN_NUMBER.fullmatch(text) for text in ruling.also[0]):
        raise InvalidError(_l("Write numbers in the unit of the item, such as 12.5."), field="also")


def key_hash(content_hash: str, rulings: Mapping[int, Ruling]) -> str:
    """Name the key that a marking stands on: the frozen paper's own hash, or one over it and the rulings."""
    if not rulings:
        return content_hash
    said = json.dumps(to_json(rulings), sort_keys=True, separators=(",", ":"))
    return sha256(f"{content_hash}:{said}".encode()).hexdigest()

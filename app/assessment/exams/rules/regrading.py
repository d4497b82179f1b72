"""Marking anew (重新评卷): rulings as a run keeps them, and which of two results stays; pure functions."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from app.assessment.exams.rules.rulings import KeyedItem, Ruling, letter_of, order_of
from app.assessment.exams.states import LowerPolicy
from app.core.errors import InvalidError
from app.core.text import _l
from app.items.rules.bodies import Question
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
    if ruling.parts:
        return {"parts": {str(number): _stored(one) for number, one in sorted(ruling.parts)}}
    if ruling.also:
        return {"also": [list(answers) for answers in ruling.also]}
    return {"key": sorted(ruling.key or ())}


def from_json(stored: Mapping[str, Mapping[str, Any]]) -> dict[int, Ruling]:
    """Read stored rulings back."""
    return {int(position): _ruling(given) for position, given in stored.items()}


def _ruling(given: Mapping[str, Any]) -> Ruling:
    if given.get("void"):
        return Ruling(void=True)
    if "parts" in given:
        return Ruling(parts=tuple(sorted((int(number), _ruling(one)) for number, one in given["parts"].items())))
    if "also" in given:
        return Ruling(also=tuple(tuple(answers) for answers in given["also"]))
    return Ruling(key=frozenset(given["key"]))


def merged(now: Ruling | None, coming: Ruling) -> Ruling | None:
    """Return what holds of an item once more is decided: parts of a case add up, all else replaces what was.

    A part that says nothing is taken back; None where nothing is left.
    """
    if not coming.parts:
        return coming
    parts = {**(dict(now.parts) if now else {}), **dict(coming.parts)}
    left = tuple((number, one) for number, one in sorted(parts.items()) if one.says)
    return Ruling(parts=left) if left else None


def check(ruling: Ruling, item: KeyedItem) -> None:
    """Raise InvalidError, naming the field, where a ruling says nothing that the type of its item is marked by."""
    if ruling.void:
        return
    if item.type is not ItemType.CASE:
        if ruling.parts:
            raise InvalidError(_l("This item is no case and has no parts. Leave the part empty."), field="part")
        _check_asked(ruling, item)
        return
    parts = item.body.parts
    if not ruling.parts or any(not 1 <= number <= len(parts) for number, _one in ruling.parts):
        raise InvalidError(_l("Name one of the %(parts)d parts of the case.", parts=len(parts)), field="part")
    for number, one in ruling.parts:
        if one.void:
            raise InvalidError(
                _l("A case is void as a whole. Name another key for the part, or no part."), field="part"
            )
        _check_asked(one, parts[number - 1])


def _check_asked(ruling: Ruling, asked: Question) -> None:
    """Check what is decided of an item, or of a part of a case."""
    if asked.type in CHOICES:
        _check_key(ruling, {option.key for option in asked.options})
    elif asked.type in CHECKS:
        if ruling.key is not None:
            raise InvalidError(_l("This item has no options: give the further right answers instead."), field="ruling")
        if not any(ruling.also):
            raise InvalidError(_l("Give the further right answers."), field="also")
        CHECKS[asked.type](ruling, asked)
    else:
        raise InvalidError(_l("An item of this type has no other key: rule it void, or leave it."), field="ruling")


def _check_key(ruling: Ruling, offered: set[str]) -> None:
    if ruling.also:
        raise InvalidError(_l("This item is answered by options: name another key instead."), field="ruling")
    if not ruling.key or not ruling.key <= offered:
        raise InvalidError(_l("Name the letters of the right options of this item, such as A or AC."), field="key")


def _check_blanks(ruling: Ruling, asked: Question) -> None:
    _check_lines(ruling, len(asked.body.blanks))


def _check_lines(ruling: Ruling, gaps: int) -> None:
    if len(ruling.also) > gaps:
        raise InvalidError(
            _l("Give the further right answers, a line for each of the %(gaps)d gaps.", gaps=gaps), field="also"
        )


def _check_number(ruling: Ruling, asked: Question) -> None:
    del asked
    _check_lines(ruling, 1)
    if not all(PLAIN_NUMBER.fullmatch(text) for text in ruling.also[0]):
        raise InvalidError(_l("Write numbers in the unit of the item, such as 12.5."), field="also")


def _check_pairs(ruling: Ruling, asked: Question) -> None:
    offered, body = {option.key for option in asked.options}, asked.body
    _check_lines(ruling, len(body.pairs))
    lines = zip(body.pairs, ruling.also, strict=False)
    if any(letter_of(text) not in offered - {key} for key, line in lines for text in line):
        raise InvalidError(
            _l("Give a line for each prompt with the letters of further right options, such as B or B|D."), field="also"
        )


def _check_order(ruling: Ruling, asked: Question) -> None:
    right = asked.body.order
    for line in ruling.also:
        for text in line:
            given = order_of(text)
            if sorted(given) != sorted(right) or given == right:
                raise InvalidError(
                    _l(
                        "Give each further order in a line with all its letters once, such as %(order)s.",
                        order="".join(reversed(right)),
                    ),
                    field="also",
                )


CHECKS: dict[ItemType, Callable[[Ruling, Question], None]] = {
    ItemType.BLANK: _check_blanks,
    ItemType.NUMERIC: _check_number,
    ItemType.MATCHING: _check_pairs,
    ItemType.ORDERING: _check_order,
}


def key_hash(content_hash: str, rulings: Mapping[int, Ruling]) -> str:
    """Name the key that a marking stands on: the frozen paper's own hash, or one over it and the rulings."""
    if not rulings:
        return content_hash
    said = json.dumps(to_json(rulings), sort_keys=True, separators=(",", ":"))
    return sha256(f"{content_hash}:{said}".encode()).hexdigest()

"""Objective marking (客观题评分): pure, exact, the same for quizzes and exams."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.items.rules.bodies import Blank, Number, Question
from app.items.rules.responses import Blanks, Choice, NumberGiven, Order, Pairs, Parts, Response, Written
from app.items.states import Credit, ItemType

NOTHING, EVERYTHING, HALF = Fraction(0), Fraction(1), Fraction(1, 2)
SHARE_PLACES, POINT_PLACES = 6, 2
# zh: quotation marks, dashes and signs that people type for one another
LOOKALIKES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "—": "-", "–": "-", "−": "-", "。": "."})
NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?)(.*)", re.DOTALL)
THOUSANDS = re.compile(r"(?<=\d)[,\s](?=\d{3}(?:\D|$))")
BESIDE_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+|\s+(?=[\u3400-\u9fff])")


@dataclass(frozen=True, slots=True)
class Mark:
    """What an answer earns: `value` is the exact share of the points, None where a marker must decide.

    `parts` has the marks of a case's sub-items, in their order.
    """

    value: Fraction | None
    parts: tuple["Mark", ...] = ()

    @property
    def share(self) -> Decimal | None:
        """Return the share of the points, 0 to 1, to six places; None where a marker must decide."""
        return None if self.value is None else _decimal(self.value, SHARE_PLACES)

    def points(self, of: Decimal) -> Decimal | None:
        """Return the points earned of those the item is worth, rounded half up to two places from the exact share."""
        return None if self.value is None else _decimal(self.value * Fraction(of), POINT_PLACES)


def mark(content: Question, response: Response | None, *, credit: Credit | None = None) -> Mark:
    """Mark an answer; no answer earns nothing, even of what a marker would have to read.

    `credit` is the rule of the exam for answers that are partly right; an item that states its own keeps it. Without
    either, a choice earns all or nothing, and blanks, pairs and places of an order earn their share.
    An item without a key earns nothing, so that an empty answer is never right.
    """
    if content.type is ItemType.CASE:
        return _case(content, response, credit)
    if response is None or not response.answered:
        return Mark(NOTHING)
    return Mark(MARKERS[content.type](content, response, content.body.credit or credit))


def _case(content: Question, response: Response | None, credit: Credit | None) -> Mark:
    """Weigh the marks of the sub-items; one that waits for a marker lets the whole wait."""
    given = response.parts if isinstance(response, Parts) else ()
    parts = content.body.parts
    marks = tuple(mark(part, given[at] if at < len(given) else None, credit=credit) for at, part in enumerate(parts))
    return Mark(total(marks, [part.weight for part in parts]), marks)


def total(marks: Sequence[Mark], weights: Sequence[Decimal]) -> Fraction | None:
    """Weigh the shares of sub-items against one another; None while one of them waits for a marker."""
    whole = sum(map(Fraction, weights), NOTHING)
    earned = NOTHING
    for one, weight in zip(marks, weights, strict=True):
        if one.value is None:
            return None
        earned += one.value * Fraction(weight)
    return earned / whole if whole else NOTHING


def _choice(content: Question, response: Response, credit: Credit | None) -> Fraction | None:
    chosen = response.letters if isinstance(response, Choice) else frozenset()
    right, wrong, every = len(chosen & content.key), len(chosen - content.key), len(content.key)
    if every and right == every and not wrong:
        return EVERYTHING
    if content.type is not ItemType.MULTIPLE or not every:
        return NOTHING
    return _partly(right, wrong, every, credit or Credit.ALL)


def _partly(right: int, wrong: int, every: int, credit: Credit) -> Fraction:
    if credit is Credit.NET:
        return max(NOTHING, Fraction(right - wrong, every))
    if wrong or not right or credit is Credit.ALL:
        return NOTHING
    return HALF if credit is Credit.HALF else Fraction(right, every)


def _blanks(content: Question, response: Response, credit: Credit | None) -> Fraction | None:
    texts = response.texts if isinstance(response, Blanks) else ()
    blanks = content.body.blanks
    right = sum(1 for blank, text in zip(blanks, texts, strict=False) if fills(blank, text))
    return _shared(right, len(blanks), credit)


def _pairs(content: Question, response: Response, credit: Credit | None) -> Fraction | None:
    given = dict(response.pairs) if isinstance(response, Pairs) else {}
    wanted = content.body.pairs
    return _shared(sum(given.get(prompt) == letter for prompt, letter in enumerate(wanted, 1)), len(wanted), credit)


def _order(content: Question, response: Response, credit: Credit | None) -> Fraction | None:
    given = response.letters if isinstance(response, Order) else ()
    wanted = content.body.order
    return _shared(sum(one == other for one, other in zip(wanted, given, strict=False)), len(wanted), credit)


def _shared(right: int, every: int, credit: Credit | None) -> Fraction:
    if not every or (credit is Credit.ALL and right < every):
        return NOTHING
    if credit is Credit.HALF and right < every:
        return HALF if right else NOTHING
    if credit is Credit.NET:
        return max(NOTHING, Fraction(2 * right - every, every))
    return Fraction(right, every)


def _numeric(content: Question, response: Response, credit: Credit | None) -> Fraction | None:
    del credit
    given = amount(response) if isinstance(response, NumberGiven) else None
    if given is None:
        return NOTHING
    value, unit = given
    factor = _factor(content, unit)
    if factor is None:
        return NOTHING
    return max((Fraction(one.share) for one in content.body.numbers if _within(one, value * factor)), default=NOTHING)


def _factor(content: Question, unit: str) -> Fraction | None:
    """Return what one of a given unit is in the item's own; None for a unit that it does not accept."""
    body = content.body
    if not unit:
        return None if body.unit_asked and body.unit else EVERYTHING
    known = {fold(body.unit): EVERYTHING, **{fold(one.name): Fraction(one.factor) for one in body.units}}
    return known.get(unit)


def _within(one: Number, value: Fraction) -> bool:
    span = Fraction(one.tolerance) * (abs(Fraction(one.value)) if one.relative else 1)
    return abs(value - Fraction(one.value)) <= span


def amount(response: NumberGiven) -> tuple[Fraction, str] | None:
    """Read a number however it is typed, and its folded unit; None for what is no number.

    Full-width digits, thousands separators and a unit typed behind the number are understood.
    """
    typed = unicodedata.normalize("NFKC", response.number).translate(LOOKALIKES).strip()
    found = NUMBER.fullmatch(THOUSANDS.sub("", typed))
    if found is None:
        return None
    behind, beside = fold(found[2]), fold(response.unit)
    if behind and beside and behind != beside:
        return None
    return Fraction(found[1]), beside or behind


def fills(blank: Blank, text: str) -> bool:
    """Tell whether a text is one of those that a blank accepts."""
    if blank.exact:
        return unicodedata.normalize("NFC", text).strip() in {
            unicodedata.normalize("NFC", one).strip() for one in blank.accepted
        }
    return fold(text) in {fold(one) for one in blank.accepted}


def fold(text: str) -> str:
    """Reduce a short answer to what it says: width, case, quotation marks, spacing and a last full stop do not count.

    Spaces count between words of letters, not beside Han characters.
    """
    plain = unicodedata.normalize("NFKC", text).translate(LOOKALIKES).casefold()
    return BESIDE_HAN.sub("", " ".join(plain.split())).removesuffix(".")


def _written(content: Question, response: Response, credit: Credit | None) -> Fraction | None:
    del content, credit
    return None if isinstance(response, Written) else NOTHING


def _decimal(value: Fraction, places: int) -> Decimal:
    """Round an exact share half up; the quotient is taken in whole numbers, so that nothing is rounded twice."""
    scaled = (2 * value.numerator * 10**places + value.denominator) // (2 * value.denominator)
    return Decimal(scaled).scaleb(-places)


MARKERS: dict[ItemType, Callable[[Question, Response, Credit | None], Fraction | None]] = {
    ItemType.SINGLE: _choice,
    ItemType.MULTIPLE: _choice,
    ItemType.TRUE_FALSE: _choice,
    ItemType.BLANK: _blanks,
    ItemType.NUMERIC: _numeric,
    ItemType.MATCHING: _pairs,
    ItemType.ORDERING: _order,
    ItemType.SHORT_ANSWER: _written,
    ItemType.ESSAY: _written,
}


def solution(content: Question) -> Response | None:
    """Return the answer that earns everything; None where a marker must decide, for the whole or for a sub-item."""
    body = content.body
    if content.type is ItemType.CASE:
        return Parts(tuple(map(solution, body.parts)))
    return SOLUTIONS[content.type](content) if content.type in SOLUTIONS else None


def _right_number(content: Question) -> Response:
    best = max(content.body.numbers, key=lambda one: one.share)
    return NumberGiven(f"{best.value:f}", content.body.unit)


SOLUTIONS: dict[ItemType, Callable[[Question], Response]] = {
    ItemType.SINGLE: lambda content: Choice(content.key),
    ItemType.MULTIPLE: lambda content: Choice(content.key),
    ItemType.TRUE_FALSE: lambda content: Choice(content.key),
    ItemType.BLANK: lambda content: Blanks(tuple(blank.accepted[0] for blank in content.body.blanks)),
    ItemType.NUMERIC: _right_number,
    ItemType.MATCHING: lambda content: Pairs(tuple(enumerate(content.body.pairs, 1))),
    ItemType.ORDERING: lambda content: Order(content.body.order),
}

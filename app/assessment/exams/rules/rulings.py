"""What was decided of items after the exam, and what they accept under it; pure functions."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from app.items.rules.bodies import NO_BODY, ONE, Blank, Body, Option, Part
from app.items.rules.responses import Order, Pairs, Parts, Response
from app.items.states import ItemType

Further = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class KeyedItem:
    """An item of the frozen paper with its key and what it is worth; a question as marking reads it."""

    position: int
    type: ItemType
    key: frozenset[str]
    points: Decimal
    module: str
    options: tuple[Option, ...] = ()
    body: Body = NO_BODY


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided of one place after the exam: it is void, another key counts, or further answers are right too.

    `also` has the further answers by gap of the item, in their order: the blanks, the prompts of a matching, the one
    number, the one order of an ordering (its letters in a row). `parts` has what was decided of sub-items of a case, by
    their number from 1; one that says nothing is taken back.
    """

    void: bool = False
    key: frozenset[str] | None = None
    also: tuple[tuple[str, ...], ...] = ()
    parts: tuple[tuple[int, "Ruling"], ...] = ()

    @property
    def says(self) -> bool:
        """Tell whether it says anything at all."""
        return self.void or self.key is not None or bool(self.also) or bool(self.parts)


Asked = TypeVar("Asked", KeyedItem, Part)


def under(asked: Asked, ruling: Ruling, response: Response | None) -> Asked:
    """Return a question under the key that a ruling lets count for an answer; void is nothing a key says."""
    if ruling.key is not None:
        return replace(asked, key=ruling.key)
    if ruling.parts:
        return replace(asked, body=replace(asked.body, parts=_parts(asked.body.parts, dict(ruling.parts), response)))
    if ruling.also and asked.type in WIDENED:
        return replace(asked, body=WIDENED[asked.type](asked.body, ruling.also, response))
    return asked


def _parts(parts: Sequence[Part], rulings: dict[int, Ruling], response: Response | None) -> tuple[Part, ...]:
    given = response.parts if isinstance(response, Parts) else ()
    return tuple(
        under(part, rulings[number], given[number - 1] if number <= len(given) else None) if number in rulings else part
        for number, part in enumerate(parts, start=1)
    )


def _numbers(body: Body, also: Further, response: Response | None) -> Body:
    """A number is accepted within the item's own tolerance."""
    del response
    more = [body.numbers[0]._replace(value=Decimal(text), share=ONE) for text in also[0]]
    return replace(body, numbers=(*body.numbers, *more))


def _blanks(body: Body, also: Further, response: Response | None) -> Body:
    del response
    gaps = zip(body.blanks, (*also, *((),) * len(body.blanks)), strict=False)
    return replace(body, blanks=tuple(Blank((*one.accepted, *more), one.exact) for one, more in gaps))


def _pairs(body: Body, also: Further, response: Response | None) -> Body:
    """A prompt that is answered by a further right letter has that letter as its key."""
    given = dict(response.pairs) if isinstance(response, Pairs) else {}
    further = (*also, *((),) * len(body.pairs))
    keys = enumerate(zip(body.pairs, further, strict=False), start=1)
    return replace(
        body, pairs=tuple(given[at] if given.get(at) in {*map(letter_of, more)} else key for at, (key, more) in keys)
    )


def _order(body: Body, also: Further, response: Response | None) -> Body:
    """Of the right orders the one counts that the answer has most places of; the item's own among equals."""
    given = response.letters if isinstance(response, Order) else ()
    orders = [body.order, *(order_of(text) for line in also for text in line)]
    return replace(
        body, order=max(orders, key=lambda order: sum(one == other for one, other in zip(order, given, strict=False)))
    )


def letter_of(text: str) -> str:
    """Return the letter that was typed for a prompt."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def order_of(text: str) -> tuple[str, ...]:
    """Return the letters of an order that was typed in a row, whatever stands between them."""
    return tuple(sign for sign in unicodedata.normalize("NFKC", text).upper() if "A" <= sign <= "Z")


WIDENED: dict[ItemType, Callable[[Body, Further, Response | None], Body]] = {
    ItemType.NUMERIC: _numbers,
    ItemType.BLANK: _blanks,
    ItemType.MATCHING: _pairs,
    ItemType.ORDERING: _order,
}
"""The types to which further right answers can be named, with how they widen what is accepted."""

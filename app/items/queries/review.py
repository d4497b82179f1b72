"""Reads of reviews: who accepted a version, what was said of it, which items look alike."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import and_, exists, func, select

from app.core.db import session
from app.items.models import AlikeCleared, Item, ItemBank, ItemComment, ItemReview, ItemVersion
from app.items.queries.records import LATEST, items_by_codes, wording_hashes, wordings
from app.items.rules.similar import Alike, near_duplicates, nearest
from app.items.states import Opinion

CURRENT = and_(ItemReview.item_id == Item.id, ItemReview.number == Item.number)


class Said(NamedTuple):
    """What somebody said of an item, in a review or a comment."""

    number: int
    person_id: int
    opinion: Opinion | None
    words: str | None
    at: object


class AlikePair(NamedTuple):
    """Two items of a bank whose wording is nearly the same; `percent` of their character pairs are common."""

    first: Item
    second: Item
    percent: int


def acceptances(item_ids: Collection[int]) -> dict[int, int]:
    """Count the reviewers who accepted the latest version of items, by item id."""
    query = (
        select(Item.id, func.count())
        .join(ItemReview, CURRENT)
        .where(Item.id.in_(item_ids), ItemReview.opinion == Opinion.ACCEPT)
        .group_by(Item.id)
    )
    return dict(session.execute(query).all())


def reviewed_by(person_id: int, item_ids: Collection[int]) -> set[int]:
    """Return which items a person reviewed in their latest version."""
    query = select(Item.id).join(ItemReview, CURRENT).where(Item.id.in_(item_ids), ItemReview.reviewer_id == person_id)
    return set(session.scalars(query))


def said_of(item: Item) -> list[Said]:
    """Return reviews and comments of every version of an item, latest first."""
    reviews = select(
        ItemReview.number, ItemReview.reviewer_id, ItemReview.opinion, ItemReview.words, ItemReview.at
    ).where(ItemReview.item_id == item.id)
    comments = select(ItemComment.number, ItemComment.person_id, ItemComment.words, ItemComment.at).where(
        ItemComment.item_id == item.id
    )
    said = [Said(*row) for row in session.execute(reviews)]
    said += [Said(number, person, None, words, at) for number, person, words, at in session.execute(comments)]
    return sorted(said, key=lambda one: str(one.at), reverse=True)


def latest_of(item_ids: Collection[int]) -> dict[int, ItemVersion]:
    """Return the latest version of items, by item id."""
    query = select(ItemVersion).join(Item, LATEST).where(Item.id.in_(item_ids))
    return {one.item_id: one for one in session.scalars(query)}


def is_cleared(low_id: int, low_number: int, high_id: int, high_number: int) -> bool:
    """Tell whether two versions were found to ask different things."""
    found = exists().where(
        AlikeCleared.low_id == low_id,
        AlikeCleared.low_number == low_number,
        AlikeCleared.high_id == high_id,
        AlikeCleared.high_number == high_number,
    )
    return bool(session.scalar(select(found)))


def alike(found: ItemBank) -> list[AlikePair]:
    """List the pairs of a bank that look alike and that nobody cleared in their latest versions, nearest first."""
    pairs = _near(_Told(wording_hashes(found.id), found.id))
    if not pairs:
        return []
    codes = {code for first, second, _share in pairs for code in (first, second)}
    by_code = {one.code: one for one in items_by_codes(found, codes)}
    cleared = _cleared({one.id for one in by_code.values()})
    listed = [_pair(by_code[one.first], by_code[one.second], one.share) for one in pairs]
    left = [one for one in listed if (one.first.id, one.first.number, one.second.id, one.second.number) not in cleared]
    return sorted(left, key=lambda one: (-one.percent, one.first.code, one.second.code))


def alike_to(found: ItemBank, code: str) -> list[Alike]:
    """Return the items of a bank whose wording is nearly that of one of them, nearest first."""
    texts = wordings(found.id)
    return nearest(code, texts.pop(code), texts)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the items of a bank say, told apart by their codes and the hashes of their wordings alone."""

    hashes: frozenset[tuple[str, str]]
    bank_id: int = field(compare=False)


@lru_cache(maxsize=16)
def _near(told: _Told) -> tuple[Alike, ...]:
    """Compare the items of a bank once, until one of them says something else."""
    return tuple(near_duplicates(wordings(told.bank_id)))


def _pair(one: Item, other: Item, share: float) -> AlikePair:
    first, second = (one, other) if one.id < other.id else (other, one)
    return AlikePair(first, second, int(share * 100))


def _cleared(item_ids: Collection[int]) -> set[tuple[int, int, int, int]]:
    query = select(AlikeCleared.low_id, AlikeCleared.low_number, AlikeCleared.high_id, AlikeCleared.high_number).where(
        AlikeCleared.low_id.in_(item_ids)
    )
    return {(low, number, high, other) for low, number, high, other in session.execute(query)}

"""Near duplicates: items whose wording shares most of its pairs of neighbouring characters."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from typing import NamedTuple

from app.items.rules.content import ItemContent, normal, told_texts

ALIKE = 0.8
"""From this share of common pairs on, a person should look whether two items ask the same."""

Pairs = frozenset[str]


class Alike(NamedTuple):
    """Two items by their codes, and the share of character pairs they have in common, 0 to 1."""

    first: str
    second: str
    share: float

    @property
    def percent(self) -> int:
        """Return the share in whole percent, as pages and reports tell it."""
        return int(self.share * 100)


def wording(stem: str, options: Iterable[str]) -> str:
    """Return the text by which items are compared: the stem and the options in a fixed order."""
    return "|".join([normal(stem), *sorted(normal(text) for text in options)])


def wording_of(item: ItemContent) -> str:
    """Return the text by which an item is compared."""
    return wording(item.stem, told_texts(item.options, item.body))


def pairs_of(text: str) -> Pairs:
    """Return the pairs of neighbouring characters of a text."""
    return frozenset(text[at : at + 2] for at in range(max(len(text) - 1, 1)))


def similarity(first: Pairs, second: Pairs) -> float:
    """Return the share of pairs in common (Jaccard index)."""
    common = len(first & second)
    every = len(first) + len(second) - common
    return common / every if every else 1.0


def nearest(code: str, text: str, others: Mapping[str, str], threshold: float = ALIKE) -> list[Alike]:
    """Return which of some wordings share at least `threshold` of their pairs with one, nearest first."""
    pairs = pairs_of(text)
    shares = ((other, similarity(pairs, pairs_of(said))) for other, said in others.items())
    near = [Alike(code, other, share) for other, share in shares if share >= threshold]
    return sorted(near, key=lambda one: (-one.share, one.second))


def near_duplicates(texts: Mapping[str, str], threshold: float = ALIKE) -> Iterator[Alike]:
    """Yield every two codes whose wordings share at least `threshold` of their pairs.

    Two sets so alike must share one of their rarest pairs, so only those are looked up: no comparison of all
    with all (prefix filtering).
    """
    sets = {code: pairs_of(text) for code, text in texts.items()}
    counts = Counter(pair for pairs in sets.values() for pair in pairs)
    holders: dict[str, list[str]] = defaultdict(list)
    for code, pairs in sets.items():
        rarest = sorted(pairs, key=lambda pair: (counts[pair], pair))[: len(pairs) - ceil(threshold * len(pairs)) + 1]
        for other in dict.fromkeys(holder for pair in rarest for holder in holders[pair]):
            share = similarity(pairs, sets[other])
            if share >= threshold:
                yield Alike(other, code, share)
        for pair in rarest:
            holders[pair].append(code)

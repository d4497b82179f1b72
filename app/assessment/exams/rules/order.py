"""The order in which one candidate sees items and options: drawn from a seed, kept with the attempt."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

LETTERS = "ABCDEFGHIJ"
REFERS_TO_OTHERS = re.compile(
    r"以上|上述|[A-J][、和与及][A-J]|(all|none|both) of the above",  # zh: how options of Chinese items name others
    re.IGNORECASE,
)
"""Options that speak of other options would lie after a shuffle."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the order needs of an item on the paper: its place there, its options, whether they may move.

    `parts` has the options of each sub-item of a case, none where they may not move.
    """

    position: int
    keys: tuple[str, ...]
    movable: bool
    parts: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a candidate's paper: the item's place on the frozen paper, its option keys as shown.

    `parts` has the same of each sub-item of a case, none where it is shown under its own letters. A paper that was
    prepared before sub-items were shuffled has no parts and goes on showing what it showed.
    """

    position: int
    keys: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...] = ()

    def part(self, number: int) -> "Place":
        """Return a sub-item, counted from 1, as a place of its own; without keys where its letters are its own."""
        return Place(self.position, self.parts[number - 1] if number <= len(self.parts) else ())

    @property
    def letters(self) -> dict[str, str]:
        """Return the item's own key of each letter shown."""
        return dict(zip(LETTERS, self.keys, strict=False))

    def letter(self, key: str) -> str:
        """Return the letter under which an option is shown."""
        return LETTERS[self.keys.index(key)]

    def keys_of(self, letters: Iterable[str]) -> frozenset[str]:
        """Turn letters as shown into the item's own option keys; letters that are not shown count for nothing."""
        shown = self.letters
        return frozenset(shown[letter] for letter in letters if letter in shown)


def arrange(sheets: Sequence[Sheet], seed: str) -> tuple[Place, ...]:
    """Order items and options by seed: the same sheets and seed give the same paper for ever.

    Sorting by digest rather than by a generator keeps the order independent of any library's version.
    """
    items = sorted(sheets, key=lambda sheet: _rank(seed, str(sheet.position)))
    return tuple(Place(sheet.position, _options(sheet, seed), _parts(sheet, seed)) for sheet in items)


def movable(item_type: str, texts: Iterable[str]) -> bool:
    """Tell whether options may change places: true and false stay, and so do options that name others."""
    return item_type != "true_false" and not any(REFERS_TO_OTHERS.search(text) for text in texts)


def to_json(places: Sequence[Place]) -> list[list[object]]:
    """Return what an attempt stores: one [position, keys] for each place as shown, of a case also its parts."""
    return [
        [place.position, list(place.keys), *([[list(keys) for keys in place.parts]] if place.parts else [])]
        for place in places
    ]


def from_json(stored: Iterable[Sequence[object]]) -> tuple[Place, ...]:
    """Read a stored order back."""
    return tuple(_place(*entry) for entry in stored)


def _place(position: object, keys: object, parts: object = None) -> Place:
    given = parts or []
    if not isinstance(position, int) or not isinstance(keys, list) or not isinstance(given, list):
        raise TypeError(f"not a place of an attempt: {position}, {keys}, {parts}")
    return Place(position, tuple(keys), tuple(tuple(one) for one in given))


def _options(sheet: Sheet, seed: str) -> tuple[str, ...]:
    if not sheet.movable:
        return sheet.keys
    return _drawn(sheet.keys, seed, f"{sheet.position}")


def _parts(sheet: Sheet, seed: str) -> tuple[tuple[str, ...], ...]:
    """Order the options of each sub-item apart from those of the others."""
    return tuple(_drawn(keys, seed, f"{sheet.position}.{number}") for number, keys in enumerate(sheet.parts, start=1))


def _drawn(keys: Iterable[str], seed: str, where: str) -> tuple[str, ...]:
    return tuple(sorted(keys, key=lambda key: _rank(seed, f"{where}/{key}")))


def _rank(seed: str, what: str) -> bytes:
    return sha256(f"{seed}:{what}".encode()).digest()

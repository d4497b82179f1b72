"""Typing errors: which numbers a mistyped one may have been meant for, and whether two names are the same."""

import unicodedata
from collections.abc import Collection

from app.credentials.rules.inputs import spellings

# What eye and ear take for one another in print and handwriting.
LOOK_ALIKES = ("O0QD", "I1L", "Z2", "S5", "B8", "G6", "VU")
DIGITS = "0123456789"
SHORTEST = 6
LONGEST = 40
DOTS = str.maketrans(dict.fromkeys("·•・‧∙●.", " "))


def near_numbers(number: str) -> frozenset[str]:
    """Return what differs from a number by one slip: a digit or look-alike, two swapped, one left out or doubled.

    At most some hundred; none for what is too short or too long to be a number.
    """
    if not SHORTEST <= len(number) <= LONGEST or not number.isascii():
        return frozenset()
    found: set[str] = set()
    for place, character in enumerate(number):
        before, after = number[:place], number[place + 1 :]
        found.add(before + after)
        found.update(before + other + after for other in _instead_of(character))
        found.update(before + digit + number[place:] for digit in DIGITS)
        if after:
            found.add(before + after[0] + character + after[1:])
    found.update(number + digit for digit in DIGITS)
    return frozenset(found - {number})


def slips_of(number: str) -> frozenset[str]:
    """Return what differs from a number by one slip, with its dashes or without them."""
    return frozenset().union(*map(near_numbers, spellings(number)))


def nearness(number: str, near: Collection[str], *, fits: bool) -> str:
    """Say how near a number that was never issued comes to those that were; `fits` where the name given is of one."""
    if fits:
        return "near-name"
    if not {looks_like(one) for one in near}.isdisjoint(map(looks_like, spellings(number))):
        return "look-alike"
    return "near" if near else "none"


def _instead_of(character: str) -> str:
    alike = "".join(group for group in LOOK_ALIKES if character in group)
    return alike + DIGITS if character.isdigit() else alike


def looks_like(number: str) -> str:
    """Return a number with every look-alike written as the first of its group, to compare two numbers by eye."""
    table = {ord(one): group[0] for group in LOOK_ALIKES for one in group[1:]}
    return number.translate(table)


def same_name(given: str, *certified: str | None) -> bool:
    """Tell whether a name is one of the certified ones, whatever its width, capitals, spaces and dots."""
    return _plain(given) in {_plain(name) for name in certified if name}


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).translate(DOTS).casefold().split())

"""A certificate says what the room that decided its fact keeps, or lint says where it differs."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.credentials.rules.certified import Fact, judge

KEPT = Fact(person_id=7, level="junior", number="TM3726000001")


def codes(said: Fact, known: Fact | None) -> list[str]:
    return [one.code for one in judge(said, known)]


def test_what_the_room_keeps_passes() -> None:
    assert codes(KEPT, KEPT) == []


COUNTED = Fact(person_id=7, hours=Decimal("5.50"), entries={"module-policy": "5.5"}, words={"year": {"zh": "2026"}})


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (COUNTED, []),
        (replace(COUNTED, hours=Decimal("5.5")), []),
        (replace(COUNTED, hours=Decimal(5)), ["fact-hours"]),
        (replace(COUNTED, hours=None), ["fact-hours"]),
        (replace(COUNTED, entries={"module-policy": "5"}), ["fact-values"]),
        (replace(COUNTED, words={"year": {"zh": "2025"}}), ["fact-values"]),
    ],
)
def test_hours_are_those_that_the_room_counts(said: Fact, found: list[str]) -> None:
    assert codes(said, COUNTED) == found
    assert codes(said, Fact(person_id=7)) == [], "a room that counts nothing"


def test_a_room_that_keeps_no_level_or_number_leaves_them_to_the_request() -> None:
    assert codes(KEPT, Fact(person_id=7)) == []


@pytest.mark.parametrize(
    ("said", "known", "found"),
    [
        (KEPT, None, ["fact-unknown"]),
        (KEPT, Fact(person_id=7, level="junior", number="TM3726000001", stands=False), ["fact-ended"]),
        (KEPT, Fact(person_id=8, level="junior", number="TM3726000001"), ["fact-holder"]),
        (KEPT, Fact(organisation_id=7, level="junior", number="TM3726000001"), ["fact-holder"]),
        (KEPT, Fact(person_id=7, level="senior", number="TM3726000001"), ["fact-level"]),
        (KEPT, Fact(person_id=7, level="senior", number="TM3726000002"), ["fact-level", "fact-number"]),
    ],
)
def test_each_difference_is_named(said: Fact, known: Fact | None, found: list[str]) -> None:
    assert codes(said, known) == found

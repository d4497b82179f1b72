"""A certificate says what the room that decided its fact keeps, or lint says where it differs."""

import pytest

from app.credentials.rules.certified import Fact, judge

KEPT = Fact(person_id=7, level="junior", number="TM3726000001")


def codes(said: Fact, known: Fact | None) -> list[str]:
    return [one.code for one in judge(said, known)]


def test_what_the_room_keeps_passes() -> None:
    assert codes(KEPT, KEPT) == []


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

"""An order told by numbers without scripts: whole, empty, or not an order yet, and then nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assessment.exams.rules.answered import State, says_something, state_of
from app.assessment.exams.rules.ordering import MISSING, TWICE, problems, ranks_of, response_of
from app.items.rules.responses import read_response
from app.items.states import ItemType

pytestmark = pytest.mark.one_database


@given(st.permutations("ABCD"))
def test_every_order_told_by_numbers_is_that_order_and_is_shown_again(order: list[str]) -> None:
    ranks = {letter: str(at) for at, letter in enumerate(order, start=1)}

    response = response_of(ranks, {})

    assert response == {"order": order}
    assert ranks_of(response, "ABCD") == ranks
    assert problems(ranks) == {}


def test_a_place_given_twice_and_one_not_given_are_told_beside_their_lines() -> None:
    assert problems({"A": "1", "B": "1", "C": "", "D": "9"}) == {"A": TWICE, "B": TWICE, "C": MISSING, "D": MISSING}
    assert problems({"A": "", "B": ""}) == {}


def test_numbers_that_are_no_order_are_kept_beside_the_last_order_that_was() -> None:
    typed = {"A": "1", "B": "1", "C": "3"}

    kept = response_of(typed, {"order": ["C", "A", "B"]})

    assert kept == {"order": ["C", "A", "B"], "ranks": typed}
    assert ranks_of(kept, "ABC") == typed
    assert state_of(kept, 1) is State.PARTLY
    assert read_response(ItemType.ORDERING, kept).answered


def test_numbers_alone_say_something_but_earn_nothing() -> None:
    kept = response_of({"A": "1", "B": "1"}, {})

    assert says_something(kept)
    assert not read_response(ItemType.ORDERING, kept).answered


def test_nothing_given_takes_the_order_back() -> None:
    assert response_of({"A": "", "B": ""}, {"order": ["B", "A"]}) == {"order": []}
    assert ranks_of({}, "AB") == {"A": "", "B": ""}

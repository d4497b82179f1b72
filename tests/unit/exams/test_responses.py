"""What an answer may hold: letters for choices, any JSON of bounded size for the other types of item."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assessment.exams.forms.responses import MOST_DEPTH, MOST_TEXT, read

PARTS = st.recursive(
    st.none() | st.text(max_size=9) | st.integers(), lambda part: st.lists(part, max_size=3), max_leaves=5
)


def nested(depth: int) -> dict[str, object]:
    value: object = "text"
    for _ in range(depth):
        value = [value]
    return {"parts": value}


def test_letters_are_sorted_and_each_is_kept_once() -> None:
    assert read({"choice": ["C", "A", "C"]}) == {"choice": ["A", "C"]}
    assert read({"choice": []}) == {"choice": []}


@pytest.mark.parametrize("letters", ["A", ["AB"], ["K"], ["a"], [""], [1], [["A"]], None, {"A": 1}, ["A"] * 11])
def test_what_are_no_letters_is_refused(letters: object) -> None:
    with pytest.raises(ValueError, match="letters"):
        read({"choice": letters})


@pytest.mark.parametrize(
    "response",
    [
        {"blanks": ["一", ""]},
        {"number": "12.5", "unit": "万元"},
        {"pairs": {"1": "B"}},
        {"order": ["C", "A", "B"]},
        {"text": "字" * MOST_TEXT},
        {"parts": [{"choice": ["A"]}, None, {"text": "论述"}]},
        nested(MOST_DEPTH - 3),
    ],
)
def test_every_type_of_item_has_its_shape(response: dict[str, object]) -> None:
    assert read(response) == response


@pytest.mark.parametrize(
    "response",
    [
        {"text": "字" * (MOST_TEXT + 1)},
        {"blanks": [""] * 3000},
        nested(MOST_DEPTH),
        nested(100),
        {"t" * (MOST_TEXT + 1): 1},
    ],
)
def test_what_is_too_large_or_too_deep_is_refused(response: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="too much"):
        read(response)


def test_the_mark_for_review_is_not_part_of_a_response() -> None:
    with pytest.raises(ValueError, match="no field"):
        read({"text": "", "review": True})


@given(part=PARTS)
def test_whatever_is_within_bounds_comes_back_unchanged(part: object) -> None:
    assert read({"other": part}) == {"other": part}

"""The order of items and options: drawn by seed, loses nothing, maps letters back to keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assessment.exams.rules.order import LETTERS, Place, Sheet, arrange, from_json, movable, to_json

KEYS = ("A", "B", "C", "D")

sheets = st.lists(st.tuples(st.integers(2, 8), st.booleans()), min_size=1, max_size=40).map(
    lambda given: [
        Sheet(position, tuple(LETTERS[:options]), movable=may_move)
        for position, (options, may_move) in enumerate(given, start=1)
    ]
)


@given(sheets, st.text(max_size=20))
def test_the_palette_shows_every_item_once_with_all_of_its_options(given_sheets: list[Sheet], seed: str) -> None:
    places = arrange(given_sheets, seed)

    assert sorted(place.position for place in places) == [sheet.position for sheet in given_sheets]
    keys = {sheet.position: sheet.keys for sheet in given_sheets}
    assert all(sorted(place.keys) == sorted(keys[place.position]) for place in places)


@given(sheets, st.text(max_size=20))
def test_letters_and_keys_map_one_to_one(given_sheets: list[Sheet], seed: str) -> None:
    for place in arrange(given_sheets, seed):
        letters = [place.letter(key) for key in place.keys]
        assert letters == list(LETTERS[: len(place.keys)])
        assert all(place.keys_of([place.letter(key)]) == {key} for key in place.keys)


@given(sheets, st.text(max_size=20))
def test_a_stored_order_reads_back_and_a_seed_repeats_itself(given_sheets: list[Sheet], seed: str) -> None:
    places = arrange(given_sheets, seed)

    assert from_json(to_json(places)) == places
    assert arrange(list(reversed(given_sheets)), seed) == places


def test_two_candidates_see_different_orders() -> None:
    paper = [Sheet(position, KEYS, movable=True) for position in range(1, 31)]

    one, other = arrange(paper, "paper:ticket 1"), arrange(paper, "paper:ticket 2")

    assert [place.position for place in one] != [place.position for place in other]
    assert {place.keys for place in one} != {KEYS}


def test_options_that_may_not_move_stay_where_they_are() -> None:
    places = arrange([Sheet(n, KEYS, movable=False) for n in range(1, 31)], "seed")

    assert {place.keys for place in places} == {KEYS}


def test_a_letter_that_is_not_shown_counts_for_nothing() -> None:
    assert Place(1, ("B", "A")).keys_of(["A", "C", "Z"]) == {"B"}


@pytest.mark.parametrize(
    ("item_type", "texts", "expected"),
    [
        ("single", ["专利", "技术秘密"], True),
        ("true_false", ["正确", "错误"], False),
        ("single", ["甲", "以上都对"], False),
        ("multiple", ["甲", "A和B"], False),
        ("single", ["one", "All of the above"], False),
    ],
)
def test_options_that_name_other_options_do_not_move(item_type: str, texts: list[str], *, expected: bool) -> None:
    assert movable(item_type, texts) is expected


def test_a_broken_order_is_refused() -> None:
    with pytest.raises(TypeError):
        from_json([["1", ["A"]]])

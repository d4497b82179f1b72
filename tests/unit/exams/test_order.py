"""The order of items and options: drawn by seed, loses nothing, maps letters back to keys."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assessment.exams.rules.marking import mark_attempt
from app.assessment.exams.rules.order import LETTERS, Place, Sheet, arrange, from_json, movable, to_json
from app.assessment.exams.rules.papers import outline, sheets_of
from app.assessment.exams.rules.rulings import KeyedItem
from app.items.rules.bodies import Body, Option, Part
from app.items.rules.responses import Response, read_response
from app.items.states import ItemType

KEYS = ("A", "B", "C", "D")
OPTIONS = tuple(Option(key, f"第{key}步") for key in KEYS)
STEPS = Part(ItemType.ORDERING, "排序", OPTIONS, body=Body(order=("C", "A", "D", "B")))
MATCH = Part(ItemType.MATCHING, "配对", OPTIONS, body=Body(prompts=("甲", "乙"), pairs=("D", "B")))
PICK = Part(ItemType.SINGLE, "选择", OPTIONS, frozenset("B"))
WRITE = Part(ItemType.BLANK, "填空")
CASE = KeyedItem(1, ItemType.CASE, frozenset(), Decimal(6), "practice", body=Body(parts=(STEPS, MATCH, PICK)))
CASE_SHEET = Sheet(1, (), movable=True, parts=(KEYS, KEYS, KEYS))

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


def right_answer(place: Place) -> Response:
    """Return the right answer to the case in the letters that a candidate sees."""
    steps, match, pick = (place.part(number) if place.parts else Place(1, KEYS) for number in (1, 2, 3))
    parts = [
        {"order": [steps.letter(key) for key in STEPS.body.order]},
        {"pairs": {str(at): match.letter(key) for at, key in enumerate(MATCH.body.pairs, start=1)}},
        {"choice": [pick.letter("B")]},
    ]
    return read_response(ItemType.CASE, {"parts": parts})


@given(st.text(max_size=20))
def test_sub_items_of_a_case_are_shuffled_and_marked_by_their_own_letters(seed: str) -> None:
    places = arrange([CASE_SHEET], seed)

    assert all(sorted(keys) == list(KEYS) for keys in places[0].parts)
    assert from_json(json.loads(json.dumps(to_json(places)))) == places
    assert mark_attempt([CASE], places, {1: right_answer(places[0])}, Decimal(3)).score == Decimal(6)


def test_the_first_entries_of_sub_items_differ_between_candidates_and_from_each_other() -> None:
    shown = [arrange([CASE_SHEET], f"paper:ticket {number}")[0] for number in range(30)]

    assert len({one.parts[0] for one in shown}) > 5
    assert any(one.parts[0] != one.parts[1] for one in shown)


def test_a_paper_prepared_before_sub_items_were_shuffled_is_marked_as_it_was_shown() -> None:
    places = from_json([[1, []]])

    assert places == (Place(1, ()),)
    assert places[0].part(1).keys == ()
    assert mark_attempt([CASE], places, {1: right_answer(places[0])}, Decimal(3)).score == Decimal(6)


def test_a_sub_item_that_may_not_move_keeps_its_letters_beside_others_that_moved() -> None:
    (place,) = arrange([Sheet(1, (), movable=True, parts=(KEYS, (), KEYS))], "seed 4")
    case = KeyedItem(1, ItemType.CASE, frozenset(), Decimal(6), "practice", body=Body(parts=(STEPS, WRITE, PICK)))
    steps, pick = place.part(1), place.part(3)
    given_parts = [{"order": [steps.letter(key) for key in STEPS.body.order]}, None, {"choice": [pick.letter("B")]}]

    marked = mark_attempt([case], [place], {1: read_response(ItemType.CASE, {"parts": given_parts})}, Decimal(3))

    assert (place.parts[1], marked.score) == ((), Decimal(4))


def test_the_outline_of_a_sealed_paper_keeps_the_sub_items_and_one_sealed_before_has_none() -> None:
    stored = json.loads(json.dumps(outline([CASE_SHEET])))
    before = [{name: value for name, value in one.items() if name != "parts"} for one in stored]

    assert sheets_of(stored) == [CASE_SHEET]
    assert sheets_of(before) == [Sheet(1, (), movable=True)]

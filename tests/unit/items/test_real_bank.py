"""The bank that ships: large enough, even, sourced, no two items alike, the same in both kinds of file."""

from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from app.items.rules import files, similar
from app.items.rules.content import LETTERS, Defaults, ItemContent
from app.items.states import CHOICES, WRITTEN, WRITTEN_KINDS, CognitiveLevel, FileKind, ItemType
from app.rulebook.terms import MODULES
from app.settings import ROOT

BANKS = sorted((ROOT / "content" / "items").glob("*.gift"))
QUIZZES = sorted((ROOT / "content" / "courses").rglob("*.gift"))
LESSON = Defaults(module="general", level="understand", difficulty="0.7")
FEW = 0.05
UNEVEN = 0.06


def read(path: Path, defaults: Defaults = LESSON) -> list[ItemContent]:
    kind = files.kind_of(path.name)
    assert kind is not None
    parsed = files.read(path.read_bytes(), kind, defaults)
    assert [f"{one.where}: {one.reason}" for one in parsed.failures] == []
    return parsed.items


@pytest.fixture(scope="module")
def bank() -> list[ItemContent]:
    return list(chain.from_iterable(read(path, Defaults()) for path in BANKS))


@pytest.fixture(scope="module")
def everything(bank: list[ItemContent]) -> list[ItemContent]:
    return [*bank, *chain.from_iterable(read(path) for path in QUIZZES)]


def test_there_is_a_file_for_each_module(bank: list[ItemContent]) -> None:
    assert {path.stem for path in BANKS} == set(MODULES)
    assert {item.module for item in bank} == set(MODULES)


def test_it_holds_at_least_240_items_and_40_of_each_kind(bank: list[ItemContent]) -> None:
    assert len(bank) >= 240
    assert min(Counter(item.module for item in bank).values()) >= 40
    assert min(Counter(item.level for item in bank)[level] for level in CognitiveLevel) >= 40


def test_every_module_has_items_of_every_cognitive_level(bank: list[ItemContent]) -> None:
    cells = Counter((item.module, item.level) for item in bank)

    assert min(cells[module, level] for module in MODULES for level in CognitiveLevel) >= 10


def test_no_code_and_no_wording_stands_twice_in_banks_and_quizzes(everything: list[ItemContent]) -> None:
    assert len({item.code for item in everything}) == len(everything)
    assert len({item.digest for item in everything}) == len(everything)


def test_no_two_items_are_alike(everything: list[ItemContent]) -> None:
    texts = {item.code: similar.wording_of(item) for item in everything}

    assert list(similar.near_duplicates(texts, similar.ALIKE)) == []


def test_the_right_answers_are_spread_evenly_over_the_letters(bank: list[ItemContent]) -> None:
    single = Counter(letter for item in bank if item.type is ItemType.SINGLE for letter in item.key)
    share = {letter: number / single.total() for letter, number in single.items()}

    assert set(share) == set(LETTERS[:4])
    assert all(abs(part - 1 / 4) <= UNEVEN for part in share.values()), share


def test_multiple_choices_do_not_favour_a_letter(bank: list[ItemContent]) -> None:
    multiple = [item for item in bank if item.type is ItemType.MULTIPLE]
    offered = Counter(option.key for item in multiple for option in item.options)
    right = Counter(letter for item in multiple for letter in item.key)
    chance = right.total() / offered.total()

    assert all(abs(right[letter] / offered[letter] - chance) <= 0.1 for letter in LETTERS[:4])
    assert len({len(item.key) for item in multiple}) > 1


def test_few_items_are_true_or_false(bank: list[ItemContent]) -> None:
    guessed = [item for item in bank if item.type is ItemType.TRUE_FALSE]

    assert len(guessed) <= FEW * len(bank)
    assert {key for item in guessed for key in item.key} == {"A", "B"}


def test_the_longest_option_is_not_the_right_one_more_often_than_chance_allows(bank: list[ItemContent]) -> None:
    single = [item for item in bank if item.type is ItemType.SINGLE]
    longest = sum(
        1
        for item in single
        for right in item.key
        if all(len(right_text(item, right)) > len(option.text) for option in item.options if option.key != right)
    )

    assert longest / len(single) <= 0.4


def right_text(item: ItemContent, key: str) -> str:
    return next(option.text for option in item.options if option.key == key)


def test_every_item_has_an_explanation_a_topic_and_a_source(bank: list[ItemContent]) -> None:
    assert [item.code for item in bank if not (item.explanation and item.topic and item.law)] == []
    assert any(item.source_read for item in bank)


def test_whoever_says_a_source_was_read_names_its_edition(bank: list[ItemContent]) -> None:
    assert [item.code for item in bank if item.source_read and not item.edition] == []


@pytest.mark.parametrize("path", BANKS, ids=lambda path: path.stem)
def test_the_workbook_says_the_same_as_the_gift_file(path: Path) -> None:
    assert read(path.with_suffix(".xlsx"), Defaults()) == read(path, Defaults())


@pytest.mark.parametrize("path", BANKS, ids=lambda path: path.stem)
def test_the_gift_file_is_what_the_export_writes(path: Path) -> None:
    assert files.write(read(path, Defaults()), FileKind.GIFT) == path.read_bytes()


@pytest.fixture(scope="module")
def types() -> list[ItemContent]:
    return read(ROOT / "content" / "items" / "types" / "transfer.csv", Defaults())


def test_there_are_three_items_of_each_type_beyond_choices(types: list[ItemContent]) -> None:
    numbers = Counter(item.type for item in types)

    assert min(numbers[kind] for kind in ItemType if kind not in CHOICES) >= 3
    assert all(len(item.body.parts) >= 3 for item in types if item.type is ItemType.CASE)
    assert all(item.body.rubric for item in types if item.type in WRITTEN)


def test_the_file_of_types_is_what_the_export_writes(types: list[ItemContent]) -> None:
    path = ROOT / "content" / "items" / "types" / "transfer.csv"

    assert files.write(types, FileKind.CSV) == path.read_bytes()


@pytest.mark.parametrize("kind", WRITTEN_KINDS)
def test_every_shipped_item_comes_back_from_each_file_that_can_hold_it(
    bank: list[ItemContent], types: list[ItemContent], kind: FileKind
) -> None:
    every = [*bank, *types]
    written = files.export(every, kind)
    held = [item for item in every if item.code in written.codes]
    found = files.read(written.data, kind, LESSON)

    assert found.failures == []
    assert len(held) + len(written.left_out) == len(every)
    if kind is FileKind.AIKEN:
        assert [(one.stem, one.options, one.key) for one in found.items] == [
            (one.stem, one.options, one.key) for one in held
        ]
    else:
        assert found.items == held

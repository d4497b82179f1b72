"""Paper assembly: cells exactly, no content twice, nearest the target, the same by seed; impossible cells are named."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.assessment.exams.rules.assembly import (
    Candidate,
    Cell,
    InfeasibleBlueprintError,
    Shortage,
    assemble,
    available,
    mean_difficulty,
    shortages,
)

MODULES = ("policy", "practice")
LEVELS = ("recall", "apply")
TARGET = Decimal("0.60")


def pool(per_cell: int = 10) -> list[Candidate]:
    cells = [(module, level) for module in MODULES for level in LEVELS for _ in range(per_cell)]
    return [
        Candidate(number, module, level, Decimal(30 + number * 7 % 60) / 100, f"content {number}")
        for number, (module, level) in enumerate(cells, start=1)
    ]


def blueprint(count: int) -> dict[Cell, int]:
    return {(module, level): count for module in MODULES for level in LEVELS}


def chosen(candidates: list[Candidate], ids: tuple[int, ...]) -> list[Candidate]:
    by_id = {one.version_id: one for one in candidates}
    return [by_id[one] for one in ids]


def test_every_cell_is_met_exactly() -> None:
    taken = chosen(pool(), assemble(pool(), blueprint(3), target=TARGET, seed=1))

    assert Counter(one.cell for one in taken) == blueprint(3)


def test_the_mean_difficulty_is_nearest_the_target() -> None:
    taken = chosen(pool(), assemble(pool(), blueprint(3), target=TARGET, seed=1))

    assert abs(mean_difficulty([one.difficulty for one in taken]) - TARGET) <= Decimal("0.005")


def test_a_target_out_of_reach_is_approached_as_far_as_the_bank_allows() -> None:
    hardest = sorted(one.difficulty for one in pool(2))
    taken = chosen(pool(2), assemble(pool(2), {("policy", "recall"): 1}, target=Decimal(0), seed=1))

    cell = [one.difficulty for one in pool(2) if one.cell == ("policy", "recall")]
    assert [one.difficulty for one in taken] == [min(cell)]
    assert hardest


def test_the_same_seed_gives_the_same_paper_and_another_seed_another() -> None:
    first = assemble(pool(), blueprint(3), target=TARGET, seed=5)

    assert assemble(list(reversed(pool())), blueprint(3), target=TARGET, seed=5) == first
    assert assemble(pool(), blueprint(3), target=TARGET, seed=6) != first


def test_items_come_in_the_order_of_the_grid() -> None:
    taken = chosen(pool(), assemble(pool(), blueprint(2), target=TARGET, seed=3))

    assert list(dict.fromkeys(one.cell for one in taken)) == list(blueprint(2))


def test_no_two_items_say_the_same() -> None:
    twins = [
        Candidate(1, "policy", "recall", Decimal("0.5"), "same"),
        Candidate(2, "policy", "apply", Decimal("0.5"), "same"),
        Candidate(3, "policy", "apply", Decimal("0.5"), "other"),
    ]

    taken = assemble(twins, {("policy", "recall"): 1, ("policy", "apply"): 1}, target=TARGET, seed=1)

    assert taken == (1, 3)


def test_an_impossible_blueprint_names_each_cell_and_how_many_are_missing() -> None:
    asked = blueprint(3) | {("policy", "apply"): 14, ("practice", "recall"): 11}

    with pytest.raises(InfeasibleBlueprintError) as refusal:
        assemble(pool(), asked, target=TARGET, seed=1)

    assert refusal.value.shortages == (
        Shortage("policy", "apply", needed=14, missing=4),
        Shortage("practice", "recall", needed=11, missing=1),
    )


def test_items_of_the_same_content_count_once_towards_a_shortage() -> None:
    twins = [Candidate(n, "policy", "recall", Decimal("0.5"), "same") for n in (1, 2)]

    assert shortages(twins, {("policy", "recall"): 2}) == (Shortage("policy", "recall", needed=2, missing=1),)


@pytest.mark.parametrize("cells", [{("policy", "recall"): 1}, {("unknown", "recall"): 2}])
def test_an_empty_bank_fills_no_cell(cells: dict[Cell, int]) -> None:
    with pytest.raises(InfeasibleBlueprintError) as refusal:
        assemble([], cells, target=TARGET, seed=1)

    assert [one.missing for one in refusal.value.shortages] == list(cells.values())


def test_a_cell_of_none_asks_for_nothing() -> None:
    assert len(assemble(pool(), {("policy", "recall"): 2, ("policy", "apply"): 0}, target=TARGET, seed=1)) == 2


def test_what_a_cell_has_counts_each_content_once() -> None:
    twins = [*pool(1), Candidate(90, "policy", "recall", Decimal("0.5"), "content 1")]

    assert available(twins)["policy", "recall"] == 1


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 10), seed=st.integers(0, 2**31 - 1))
def test_a_paper_is_always_a_set_of_different_items_of_its_cells(count: int, seed: int) -> None:
    ids = assemble(pool(), blueprint(count), target=TARGET, seed=seed)

    assert len(set(ids)) == len(ids) == 4 * count
    assert Counter(one.cell for one in chosen(pool(), ids)) == blueprint(count)

"""Paper assembly: cells exactly, no content twice, nearest the target, the same by seed; impossible cells are named."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.assessment.exams.rules.assembly import (
    Aim,
    Asked,
    Candidate,
    Cell,
    UnsolvedError,
    assemble,
    assemble_next,
    available,
    mean_difficulty,
    shared_aim,
)
from app.assessment.exams.rules.infeasible import Unmet, from_json, unmet

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


def ask(cells: dict[Cell, int], target: Decimal = TARGET, **limits: object) -> Asked:
    return Asked(cells, target, **limits)  # type: ignore[arg-type]


def chosen(candidates: list[Candidate], ids: tuple[int, ...]) -> list[Candidate]:
    by_id = {one.version_id: one for one in candidates}
    return [by_id[one] for one in ids]


def test_every_cell_is_met_exactly() -> None:
    taken = chosen(pool(), assemble(pool(), ask(blueprint(3)), seed=1))

    assert Counter(one.cell for one in taken) == blueprint(3)


def test_the_mean_difficulty_is_nearest_the_target() -> None:
    taken = chosen(pool(), assemble(pool(), ask(blueprint(3)), seed=1))

    assert abs(mean_difficulty([one.difficulty for one in taken]) - TARGET) <= Decimal("0.005")


def test_a_target_out_of_reach_is_approached_as_far_as_the_bank_allows() -> None:
    hardest = sorted(one.difficulty for one in pool(2))
    taken = chosen(pool(2), assemble(pool(2), ask({("policy", "recall"): 1}, target=Decimal(0)), seed=1))

    cell = [one.difficulty for one in pool(2) if one.cell == ("policy", "recall")]
    assert [one.difficulty for one in taken] == [min(cell)]
    assert hardest


def test_no_preference_of_the_seed_outweighs_the_distance_to_the_target() -> None:
    near, far = Decimal("0.60"), Decimal("0.90")
    bank = [Candidate(n, "policy", "recall", near if n <= 40 else far, f"content {n}") for n in range(1, 61)]

    taken = chosen(bank, assemble(bank, ask({("policy", "recall"): 40}, target=near), seed=1))

    assert {one.difficulty for one in taken} == {near}


def test_no_paper_lies_nearer_a_target_out_of_reach_than_the_one_drawn() -> None:
    chance = np.random.default_rng(10)
    bank = [
        replace(one, difficulty=Decimal(int(chance.integers(20, 95))) / 100, seconds=int(chance.integers(30, 120)))
        for one in pool(12)
    ]
    bank = [replace(one, type="single" if chance.random() < 1 / 2 else "multiple") for one in bank]
    asked = ask(blueprint(4), target=Decimal("0.2"), types={"single": 9, "multiple": 7}, seconds=(1100, 1130))

    away = mean_difficulty([one.difficulty for one in chosen(bank, assemble(bank, asked, seed=2))]) - asked.target

    with pytest.raises(UnsolvedError):
        assemble(bank, replace(asked, difficulty=away - Decimal("0.006")), seed=2)


def test_the_same_seed_gives_the_same_paper_and_another_seed_another() -> None:
    first = assemble(pool(), ask(blueprint(3)), seed=5)

    assert assemble(list(reversed(pool())), ask(blueprint(3)), seed=5) == first
    assert assemble(pool(), ask(blueprint(3)), seed=6) != first


def test_items_come_in_the_order_of_the_grid() -> None:
    taken = chosen(pool(), assemble(pool(), ask(blueprint(2)), seed=3))

    assert list(dict.fromkeys(one.cell for one in taken)) == list(blueprint(2))


def test_no_two_items_say_the_same() -> None:
    twins = [
        Candidate(1, "policy", "recall", Decimal("0.5"), "same"),
        Candidate(2, "policy", "apply", Decimal("0.5"), "same"),
        Candidate(3, "policy", "apply", Decimal("0.5"), "other"),
    ]

    taken = assemble(twins, ask({("policy", "recall"): 1, ("policy", "apply"): 1}), seed=1)

    assert taken == (1, 3)


def test_an_impossible_blueprint_names_each_cell_with_its_figures() -> None:
    asked = ask(blueprint(3) | {("policy", "apply"): 14, ("practice", "recall"): 11})

    with pytest.raises(UnsolvedError):
        assemble(pool(), asked, seed=1)

    assert unmet(pool(), asked) == (
        Unmet("cell", ("policy", "apply"), asked=14, usable=10, missing=4),
        Unmet("cell", ("practice", "recall"), asked=11, usable=10, missing=1),
    )


def test_items_of_the_same_content_count_once_towards_a_shortage() -> None:
    twins = [Candidate(n, "policy", "recall", Decimal("0.5"), "same") for n in (1, 2)]

    assert unmet(twins, ask({("policy", "recall"): 2})) == (
        Unmet("cell", ("policy", "recall"), asked=2, usable=1, missing=1),
    )


def test_items_held_back_by_exposure_are_counted_apart() -> None:
    worn = [replace(one, uses=2) if one.version_id <= 4 else one for one in pool()]

    assert unmet(worn, ask({("policy", "recall"): 8}, most_uses=2)) == (
        Unmet("cell", ("policy", "recall"), asked=8, usable=6, held_back=4, missing=2),
    )
    taken = assemble(worn, ask({("policy", "recall"): 6}, most_uses=2), seed=1)
    assert set(taken).isdisjoint({1, 2, 3, 4})
    assert len(assemble(worn, ask({("policy", "recall"): 8}, most_uses=3), seed=1)) == 8


def test_enemies_never_stand_together() -> None:
    pair = frozenset({(1, 2)})
    mine = [replace(one, item_id=one.version_id, code=f"I{one.version_id}") for one in pool(2)]
    cell = {("policy", "recall"): 2}

    assert assemble(mine, ask(cell), seed=1) == (1, 2)
    with pytest.raises(UnsolvedError):
        assemble(mine, ask(cell, enemies=pair), seed=1)
    assert unmet(mine, ask(cell, enemies=pair)) == (Unmet("enemies", ("I1", "I2")),)
    both = assemble(mine, ask({("policy", "recall"): 1, ("policy", "apply"): 2}, enemies=pair), seed=1)
    assert len(both) == 3


def test_types_are_counted_and_their_shortage_is_named() -> None:
    kinds = [replace(one, type="single" if one.version_id % 2 else "multiple") for one in pool()]
    asked = ask(blueprint(3), types={"single": 5, "multiple": 7})

    counted = Counter(one.type for one in chosen(kinds, assemble(kinds, asked, seed=1)))
    lacking = ask({("policy", "recall"): 6}, types={"multiple": 6})

    assert counted == {"single": 5, "multiple": 7}
    assert unmet(kinds, lacking) == (Unmet("type", ("multiple",), asked=6, usable=5, missing=1),)


def test_expected_time_is_kept_and_told_where_it_cannot_be() -> None:
    timed = [replace(one, seconds=40 + one.version_id) for one in pool()]
    total = sum(one.seconds for one in chosen(timed, assemble(timed, ask(blueprint(3), seconds=(700, 720)), seed=1)))

    (one,) = unmet(timed, ask({("policy", "recall"): 2}, seconds=(200, 220)))

    assert 700 <= total <= 720
    assert (one.kind, one.low, one.high, one.nearest) == ("time", Decimal(200), Decimal(220), Decimal(99))


def test_a_difficulty_out_of_tolerance_is_told_with_the_nearest_the_bank_comes_to() -> None:
    cell = {("policy", "recall"): 10}
    mean = mean_difficulty([one.difficulty for one in pool() if one.cell == ("policy", "recall")])

    (one,) = unmet(pool(), ask(cell, target=Decimal("0.9"), difficulty=Decimal("0.01")))

    assert (one.kind, one.low, one.high) == ("difficulty", Decimal("0.8900"), Decimal("0.9100"))
    assert one.nearest == round(mean, 4)
    assert from_json(one.to_json()) == one


def informed(per_cell: int) -> list[Candidate]:
    return [
        replace(one, item_id=one.version_id, information=0.1 + one.version_id * 13 % 17 / 100, seconds=60)
        for one in pool(per_cell)
    ]


def test_parallel_papers_share_no_item_and_are_equal_in_information_and_difficulty() -> None:
    bank, asked = informed(20), ask(blueprint(4), difficulty=Decimal("0.02"), information=Decimal("0.03"))
    aim = shared_aim(bank, asked, 4)
    papers: list[list[Candidate]] = []
    for place in range(4):
        taken = [one for paper in papers for one in paper]
        ids = assemble_next(bank, asked, seed=place, taken=taken, following=3 - place, aim=aim.information)
        papers.append(chosen(bank, ids))

    assert aim.seconds == pytest.approx(16 * 60)
    assert len({one.version_id for paper in papers for one in paper}) == 4 * 16
    for paper in papers:
        assert Counter(one.cell for one in paper) == blueprint(4)
        assert sum(one.information for one in paper) == pytest.approx(aim.information, rel=0.03)
        assert abs(mean_difficulty([one.difficulty for one in paper]) - TARGET) <= Decimal("0.02")


def test_the_first_paper_leaves_the_last_its_items() -> None:
    bank, asked = informed(6), ask(blueprint(3), information=Decimal(1))
    first = assemble_next(bank, asked, seed=1, taken=[], following=1, aim=2.0)
    second = assemble_next(bank, asked, seed=2, taken=chosen(bank, first), following=0, aim=2.0)

    assert not set(first) & set(second)
    assert len(second) == 12


def test_more_papers_than_the_bank_can_fill_name_the_cells_of_all_papers() -> None:
    asked = ask(blueprint(3))

    with pytest.raises(UnsolvedError):
        shared_aim(pool(), asked, 4)
    assert {(one.kind, one.asked, one.usable, one.missing) for one in unmet(pool(), asked, 4)} == {("cell", 12, 10, 2)}


def test_papers_that_cannot_be_made_equal_say_so() -> None:
    bank = informed(6)
    asked = ask(blueprint(3), information=Decimal("0.0000001"))

    with pytest.raises(UnsolvedError):
        assemble_next(bank, asked, seed=1, taken=[], following=1, aim=Aim(9.9, 0).information)
    assert unmet(bank, asked, 2) == (Unmet("parallel", asked=2),)


@pytest.mark.parametrize("cells", [{("policy", "recall"): 1}, {("unknown", "recall"): 2}])
def test_an_empty_bank_fills_no_cell(cells: dict[Cell, int]) -> None:
    with pytest.raises(UnsolvedError):
        assemble([], ask(cells), seed=1)
    with pytest.raises(UnsolvedError):
        shared_aim([], ask(cells), 2)

    assert [one.missing for one in unmet([], ask(cells))] == list(cells.values())


def test_a_cell_of_none_asks_for_nothing() -> None:
    assert len(assemble(pool(), ask({("policy", "recall"): 2, ("policy", "apply"): 0}), seed=1)) == 2


def test_what_a_cell_has_counts_each_content_once() -> None:
    twins = [*pool(1), Candidate(90, "policy", "recall", Decimal("0.5"), "content 1")]

    assert available(twins)["policy", "recall"] == 1


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 10), seed=st.integers(0, 2**31 - 1))
def test_a_paper_is_always_a_set_of_different_items_of_its_cells(count: int, seed: int) -> None:
    ids = assemble(pool(), ask(blueprint(count)), seed=seed)

    assert len(set(ids)) == len(ids) == 4 * count
    assert Counter(one.cell for one in chosen(pool(), ids)) == blueprint(count)

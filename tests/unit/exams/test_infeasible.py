"""An impossible blueprint names the constraint that cannot be met, and no other: each kind of constraint by itself."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.assessment.exams.rules.assembly import Asked, Candidate, Cell, UnsolvedError, assemble
from app.assessment.exams.rules.infeasible import Shared, Unmet, from_json, unequal, unmet

pytestmark = pytest.mark.one_database

RECALL, APPLY = ("policy", "recall"), ("policy", "apply")
TARGET = Decimal("0.60")
SINGLE, ESSAY = "single", "essay"
SECONDS = {SINGLE: 60, ESSAY: 1200}
COUNT = 6


def item(number: int, cell: Cell = RECALL, kind: str = SINGLE, **said: object) -> Candidate:
    one = Candidate(
        number, *cell, TARGET, f"content {number}", item_id=number, code=f"I{number}", type=kind, seconds=SECONDS[kind]
    )
    return replace(one, **said)  # type: ignore[arg-type]


def bank(kind: str = SINGLE, **said: object) -> list[Candidate]:
    return [replace(item(number, kind=kind), **said) for number in range(1, COUNT + 1)]  # type: ignore[arg-type]


def ask(cells: dict[Cell, int], **limits: object) -> Asked:
    return Asked(cells, TARGET, **limits)  # type: ignore[arg-type]


def kinds(items: list[Candidate], asked: Asked, papers: int = 1) -> list[str]:
    return [one.kind for one in unmet(items, asked, papers)]


def test_too_much_time_is_named_and_the_grid_is_not_blamed() -> None:
    (one,) = unmet(bank(ESSAY), ask({RECALL: 5}, seconds=(3000, 3600)))

    assert (one.kind, one.high, one.nearest) == ("time", Decimal(3600), Decimal(6000))


def test_a_difficulty_out_of_reach_is_named_and_the_grid_is_not_blamed() -> None:
    (one,) = unmet(bank(difficulty=Decimal("0.30")), ask({RECALL: 5}, difficulty=Decimal("0.02")))

    assert (one.kind, one.nearest) == ("difficulty", Decimal("0.3000"))


def test_a_count_is_named_before_what_hangs_on_it() -> None:
    assert kinds(bank(ESSAY), ask({RECALL: COUNT + 1}, seconds=(1, 2))) == ["cell"]


def test_a_type_is_named_where_the_grid_can_be_filled() -> None:
    (one,) = unmet(bank(), ask({RECALL: 4}, types={ESSAY: 2}))

    assert (one.kind, one.names, one.asked, one.usable) == ("type", (ESSAY,), 2, 0)


def test_types_that_do_not_go_with_the_grid_say_what_the_paper_comes_to() -> None:
    items = [*bank(), *(item(COUNT + number, APPLY, ESSAY) for number in range(1, 5))]

    (one,) = unmet(items, ask({RECALL: 4, APPLY: 1}, types={ESSAY: 3}))

    assert (one.kind, one.usable, one.nearest) == ("type", 4, Decimal(1))


def test_cells_that_hold_the_same_items_say_so() -> None:
    items = [item(1, content="same"), item(2, APPLY, content="same")]

    (one,) = unmet(items, ask({RECALL: 1, APPLY: 1}))

    assert (one.kind, one.usable, one.asked, one.nearest) == ("cell", 1, 1, Decimal(0))


def test_enemies_are_named_by_their_codes_where_only_they_stand_in_the_way() -> None:
    pairs = frozenset({(1, 2)})

    assert unmet(bank()[:2], ask({RECALL: 2}, enemies=pairs)) == (Unmet("enemies", ("I1", "I2")),)


def test_enemies_and_a_time_that_only_both_together_would_meet_name_the_time() -> None:
    items = [item(1, kind=ESSAY), item(2, kind=ESSAY), item(3), item(4)]

    assert kinds(items, ask({RECALL: 2}, enemies=frozenset({(1, 2)}), seconds=(2300, 2500))) == ["time"]


def test_items_held_back_are_told_beside_the_count() -> None:
    items = [*bank(uses=2)[:4], *bank()[4:]]

    (one,) = unmet(items, ask({RECALL: 4}, most_uses=2))

    assert (one.kind, one.usable, one.held_back, one.missing) == ("cell", 2, 4, 2)


def test_exposure_is_named_where_all_could_be_met_without_it() -> None:
    items = [item(1, kind=ESSAY, uses=3), item(2, kind=ESSAY, uses=3), item(3), item(4)]

    found = unmet(items, ask({RECALL: 2}, seconds=(2300, 2500), most_uses=3))

    assert [one.kind for one in found] == ["time", "exposure"]
    assert (found[1].asked, found[1].held_back) == (3, 2)


def test_what_one_paper_lacks_is_told_as_that_of_one_paper() -> None:
    found = unmet(bank()[:2], ask({RECALL: 2}, enemies=frozenset({(1, 2)})), 2)

    assert found == (Unmet("enemies", ("I1", "I2")),)


def test_what_only_several_papers_lack_tells_their_number() -> None:
    (one,) = unmet(bank(), ask({RECALL: 4}), 2)

    assert (one.kind, one.asked, one.usable, one.papers) == ("cell", 8, 6, 2)


@pytest.mark.parametrize(
    ("limits", "aim", "name"),
    [
        ({"information": Decimal("0.001")}, 3.0, "information"),
        ({"information": Decimal(1), "difficulty": Decimal("0.001")}, 0.6, "difficulty"),
        ({"information": Decimal(1), "seconds": (1, 2)}, 0.6, "time"),
        ({"information": Decimal(1), "enemies": frozenset({(1, 2), (1, 3), (2, 3)})}, 0.6, "enemies"),
    ],
)
def test_papers_that_cannot_be_equal_name_in_what(limits: dict[str, object], aim: float, name: str) -> None:
    items = bank(difficulty=Decimal("0.5"), information=0.2)[: 3 if name == "enemies" else COUNT]
    shared = Shared(taken=[], following=0, information=aim, seed=1)

    assert unequal(items, ask({RECALL: 3 if name != "enemies" else 2}, **limits), shared) == (name,)


def test_nothing_is_named_where_no_single_constraint_stands_in_the_way() -> None:
    shared = Shared(taken=[], following=0, information=9.0, seed=1)

    assert unequal(bank(), ask({RECALL: 3}, seconds=(1, 2)), shared) == ()


@pytest.mark.parametrize(
    "one",
    [
        Unmet("cell", RECALL, 4, 2, 1, 2, papers=2),
        Unmet("type", (ESSAY,), 3, 4, nearest=Decimal(1)),
        Unmet("time", low=Decimal(1), high=Decimal(2), nearest=Decimal(60)),
        Unmet("exposure", asked=3, held_back=2),
        Unmet("parallel", ("information",), asked=2),
    ],
)
def test_what_a_job_tells_reads_back(one: Unmet) -> None:
    assert from_json(one.to_json()) == one


@settings(max_examples=25, deadline=None)
@given(
    recall=st.integers(0, 5),
    applied=st.integers(0, 5),
    essays=st.integers(0, 4),
    most=st.sampled_from([None, 1, 3]),
    seconds=st.sampled_from([None, (60, 600), (3000, 4000)]),
    difficulty=st.sampled_from([None, Decimal("0.02")]),
    paired=st.booleans(),
)
def test_whatever_is_asked_either_a_paper_is_drawn_or_a_constraint_of_it_is_named(
    *,
    recall: int,
    applied: int,
    essays: int,
    most: int | None,
    seconds: tuple[int, int] | None,
    difficulty: Decimal | None,
    paired: bool,
) -> None:
    items = [*bank(), item(7, APPLY, ESSAY, uses=2), item(8, APPLY), item(9, APPLY, difficulty=Decimal("0.2"))]
    asked = ask(
        {RECALL: recall, APPLY: applied},
        types={ESSAY: essays} if essays else {},
        most_uses=most,
        seconds=seconds,
        difficulty=difficulty,
        enemies=frozenset({(8, 9)} if paired else ()),
    )

    try:
        drawn = assemble(items, asked, seed=1)
    except UnsolvedError:
        given_kinds = {
            "cell": bool(recall + applied),
            "type": bool(essays),
            "enemies": paired,
            "difficulty": difficulty is not None,
            "time": seconds is not None,
            "exposure": most is not None,
        }
        named = kinds(items, asked) if recall + applied else []
        assert all(given_kinds[kind] for kind in named), named
        assert named or not recall + applied
    else:
        assert len(drawn) == recall + applied

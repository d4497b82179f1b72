"""The small steps that papers are drawn and sittings are measured by, one by one."""

from decimal import Decimal

import numpy as np
import pytest

from app.assessment.exams.rules import assembly
from app.assessment.exams.rules.assembly import Asked, Candidate, Limit, Row
from app.assessment.exams.rules.infeasible import Unmet, from_json
from app.assessment.exams.rules.psychometrics import ability, fitness
from app.assessment.exams.rules.psychometrics.estimation import _start
from app.assessment.exams.rules.psychometrics.files import read_csv
from app.assessment.exams.rules.psychometrics.logistic import Items, information
from app.assessment.exams.statistics_states import Model
from app.core.errors import InvalidError

pytestmark = pytest.mark.one_database

CELL = ("policy", "recall")


def candidate(number: int, **given: object) -> Candidate:
    made = {"module": "policy", "level": "recall", "difficulty": Decimal("0.5"), "content": f"c{number}", **given}
    return Candidate(number, item_id=number, **made)  # type: ignore[arg-type]


def test_a_row_of_a_limit_is_written_for_so_many_papers_behind_others() -> None:
    row = Row(Limit("type"), np.array([0.0, 2.0, 0.0, 3.0]), 1, 2)
    alone, shared = assembly.line_of(row), assembly.line_of(row, times=2, start=10)

    assert (list(alone.places), list(alone.values), alone.low, alone.high) == ([1, 3], [2, 3], 1, 2)
    assert (list(shared.places), list(shared.values), shared.low, shared.high) == ([11, 13], [2, 3], 2, 4)


def test_at_most_one_of_a_group_is_drawn_in_this_paper_and_the_following() -> None:
    alone, also = assembly.group_of([1, 2]), assembly.group_of([1, 2], also=10)

    assert (list(alone.places), list(alone.values), alone.high) == ([1, 2], [1, 1], 1)
    assert (list(also.places), list(also.values), also.high) == ([1, 2, 11, 12], [1, 1, 1, 1], 1)


def test_items_used_too_often_and_those_of_other_cells_are_left_out() -> None:
    pool = [candidate(3), candidate(1, uses=2), candidate(2, uses=1), candidate(4, module="general")]
    asked = Asked({CELL: 1, ("general", "recall"): 0}, Decimal("0.5"))

    assert [one.version_id for one in assembly.usable(pool, asked)] == [1, 2, 3]
    limited = Asked({CELL: 1}, Decimal("0.5"), most_uses=2)
    assert [one.version_id for one in assembly.usable(pool, limited)] == [2, 3]
    assert candidate(1).uses == candidate(1).seconds == 0


def test_what_says_the_same_and_what_is_hostile_stands_together() -> None:
    pool = [candidate(1), candidate(2, content="c1"), candidate(3)]

    assert assembly.once(pool) == [[0, 1]]
    assert assembly.hostile(pool, frozenset({(1, 3), (1, 9), (8, 3)})) == [[0, 2]]
    assert assembly.available(pool) == {CELL: 2}
    assert assembly.available_by_type(pool) == {"single": 2}


def test_the_mean_difficulty_is_rounded_to_six_places() -> None:
    assert assembly.mean_difficulty([Decimal("0.5"), Decimal("0.6"), Decimal("0.6")]) == Decimal("0.566667")
    assert list(assembly.difficulties([candidate(1)], Asked({CELL: 2}, Decimal("0.5")))) == [0.25]
    assert list(assembly.difficulties([candidate(1)], Asked({}, Decimal("0.5")))) == [0.5]


def test_the_rows_of_what_is_asked() -> None:
    pool = [candidate(1, seconds=60), candidate(2, type="multiple", seconds=90)]
    asked = Asked({CELL: 2}, Decimal("0.5"), types={"multiple": 1}, difficulty=Decimal("0.1"), seconds=(100, 200))

    told = [
        (row.limit.kind, [float(one) for one in row.values], row.low, row.high) for row in assembly.rows_of(pool, asked)
    ]
    assert told == [
        ("cell", [1, 1], 2, 2),
        ("type", [0, 1], 1, 1),
        ("difficulty", [0.25, 0.25], pytest.approx(0.4), pytest.approx(0.6)),
        ("time", [60, 90], 100, 200),
    ]
    assert [row.limit.kind for row in assembly.rows_of(pool, Asked({CELL: 2}, Decimal("0.5")))] == ["cell"]


def test_what_is_not_met_says_only_what_it_knows() -> None:
    one = Unmet("time", low=Decimal(1))

    assert one.to_json() == {
        "kind": "time",
        "asked": 0,
        "usable": 0,
        "held_back": 0,
        "missing": 0,
        "low": "1",
        "papers": 1,
    }
    assert from_json(one.to_json()) == one


@pytest.mark.parametrize(("peak", "found"), [(0.123, 0.123), (-2.5, -2.5), (9.0, 6.0), (-9.0, -6.0)])
def test_the_highest_likelihood_is_found_between_the_places_that_were_searched(peak: float, found: float) -> None:
    table = -((ability.search() - peak) ** 2)[None, :]

    assert ability._highest(table) == pytest.approx([found], abs=1e-9)


def test_whoever_has_all_right_or_all_wrong_is_extreme_whatever_is_missing() -> None:
    nan = np.nan
    rows = np.array([[1, 1, nan], [0, nan, 0], [1, 0, nan], [0, 1, 1], [nan, nan, nan]])

    assert ability._extreme(rows).tolist() == [True, True, False, False, True]


def test_the_fit_of_a_person_is_the_standardised_likelihood() -> None:
    rows, p = np.array([[1.0, 0.0, np.nan]]), np.array([[0.8, 0.4, 0.5]])
    likelihood = np.log(0.8) + np.log(0.6)
    mean = 0.8 * np.log(0.8) + 0.2 * np.log(0.2) + 0.4 * np.log(0.4) + 0.6 * np.log(0.6)
    variance = 0.16 * np.log(4) ** 2 + 0.24 * np.log(1.5) ** 2

    told = fitness._lz(rows, p, ~np.isnan(rows))

    assert told == pytest.approx([(likelihood - mean) / np.sqrt(variance)])


def test_an_item_tells_by_slope_and_guessing() -> None:
    items = Items(np.array([2.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.2, 0.0]))
    told = information(items, np.array([0.0]))[:, 0]

    assert told == pytest.approx([1.0, (0.4 / 0.6) * (0.4 / 0.8) ** 2, 0.0])
    assert items.b[:2] == pytest.approx([0, 0])
    assert np.isnan(items.b[2])


def test_the_search_for_parameters_begins_at_the_facility() -> None:
    facility = np.array([0.5, 0.75])

    assert _start(facility, Model.RASCH) == pytest.approx([0, 1.2 * np.log(3)])
    assert _start(facility, Model.ONE) == pytest.approx([1, 0, 1.2 * np.log(3)])
    assert _start(facility, Model.TWO) == pytest.approx([1, 1, 0, 1.2 * np.log(3)])
    assert _start(facility, Model.THREE) == pytest.approx([1, 1, 0, 1.2 * np.log(3), -2, -2])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A,A\n1,0\n0,1\n", "1 and 2"),
        ("A,\n1,0\n0,1\n", "Column 2"),
        ("A,B\n1\n0,1\n", "Row 2 has 1"),
        ("A,B\n1,0\n0,2\n", "Row 3"),
        ("A,B\n", "at least one line"),
        ("A\n1\n0\n", "two items"),
        ("A,B\n1,0\n", "two persons"),
        ("甲" * 30 + ",B\n1,0\n2,1\n", "“" + "甲" * 20 + "”"),
    ],
)
def test_a_matrix_that_cannot_be_read_is_answered_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InvalidError, match=said):
        read_csv(text.encode())
    assert read_csv(b"A,B\n1,0\n0,1\n").data.persons == 2

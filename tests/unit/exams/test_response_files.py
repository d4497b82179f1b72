"""Files of answers with points: what a heading and a cell may say, what is refused where, what the models leave out."""

import re
from pathlib import Path

import numpy as np
import pytest

from app.assessment.exams.rules.itemreport import compared
from app.assessment.exams.rules.psychometrics.analysis import analyse, document, notes
from app.assessment.exams.rules.psychometrics.classical import classical
from app.assessment.exams.rules.psychometrics.files import MOST_TOLD, read_csv
from app.assessment.exams.statistics_states import Model
from app.core.errors import InvalidError
from tests.unit.exams.test_psychometrics import LSAT, by_item, table

GRADED = "gives partial credit"


def test_figures_of_points_agree_with_the_table_worked_by_hand_in_the_docs() -> None:
    rows = [",".join(row[1:]) for row in table("candidate")]
    file = read_csv("\n".join(["E [4],F,G", *rows]).encode())

    found = classical(file.data)

    assert file.data.items == ("E [4]", "F", "G")
    assert by_item(found) == [row[1:] for row in table("of points")]
    assert (found.alpha, found.sem, found.mean) == pytest.approx((0.75, 1.3**0.5, 3))


def test_an_option_says_the_most_of_an_item_before_its_heading_does() -> None:
    by_heading = read_csv(b"A [4],B\n2.5,1\n4,0\n").data
    by_option = read_csv(b"A,B\n2.5,1\n4,0\n", most={"A": 4}).data
    other = read_csv(b"A [4],B\n2.5,1\n4,0\n", most={"A [4]": 5}).data

    assert by_heading.points.tolist() == by_option.points.tolist() == [4, 1]
    assert by_heading.scores.tolist() == by_option.scores.tolist() == [[0.625, 1], [1, 0]]
    assert other.scores[:, 0].tolist() == [0.5, 0.8]


@pytest.mark.parametrize("heading", ["Q [0]", "Q [10001]"])
def test_points_that_no_item_gives_are_refused(heading: str) -> None:
    with pytest.raises(InvalidError, match=re.escape(heading)):
        read_csv(f"{heading},B\n0,1\n0,0\n".encode())


def test_an_option_that_gives_no_points_is_refused_whatever_the_heading_says() -> None:
    with pytest.raises(InvalidError, match=r"A \[4\]"):
        read_csv(b"A [4],B\n2,1\n4,0\n", most={"A [4]": 0})


def test_an_option_for_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidError, match="Essay"):
        read_csv(b"A,B\n1,1\n0,0\n", most={"Essay": 20})


def test_every_cell_that_is_wrong_is_named_by_row_and_column() -> None:
    with pytest.raises(InvalidError) as refused:
        read_csv(b"A [4],B\n4.5,1\n-1,2\n3,x\n2,0\n")

    told = str(refused.value).splitlines()
    places = [re.search(r"Row (\d+), column “(.+?)”: “(.+?)”", one) for one in told]
    assert [one.groups() for one in places if one] == [
        ("2", "A [4]", "4.5"),
        ("3", "A [4]", "-1"),
        ("3", "B", "2"),
        ("4", "B", "x"),
    ]


def test_of_many_wrong_cells_the_first_are_named_and_the_others_counted() -> None:
    with pytest.raises(InvalidError) as refused:
        read_csv("\n".join(["A,B", *["7,1"] * (MOST_TOLD + 3)]).encode())

    told = str(refused.value).splitlines()
    assert len(told) == MOST_TOLD + 1
    assert told[-1].endswith("3.")


@pytest.mark.parametrize("cell", ["1e1", "+1", "1,5", "０", "nan", "0x1", "inf"])
def test_a_cell_is_a_plain_number(cell: str) -> None:
    with pytest.raises(InvalidError, match="Row 2"):
        read_csv(f'A [20],B\n"{cell}",1\n1,0\n'.encode())


def graded_lsat() -> bytes:
    """Return the LSAT answers beside an essay whose points go with them."""
    header, *rows = Path(LSAT).read_text("utf-8").splitlines()
    sums = [sum(map(int, row.split(","))) for row in rows]
    return "\n".join(
        [f"{header},Essay [5]", *(f"{row},{points}" for row, points in zip(rows, sums, strict=True))]
    ).encode()


def test_models_stand_on_items_that_are_right_or_wrong_and_name_what_they_leave_out() -> None:
    plain = analyse(read_csv(LSAT.read_bytes()).data, Model.ONE)
    with_essay = analyse(read_csv(graded_lsat()).data, Model.ONE)

    assert plain.calibrated
    assert with_essay.calibrated
    assert with_essay.calibrated.fit.items.b[:5] == pytest.approx(plain.calibrated.fit.items.b)
    assert with_essay.calibrated.abilities.eap == pytest.approx(plain.calibrated.abilities.eap)
    assert np.isnan(with_essay.calibrated.fit.items.b[5])
    told = document(with_essay)["items"][5]
    assert (told["points"], told["b"]) == (5.0, None)
    assert told["facility"] == pytest.approx(with_essay.data.scores[:, 5].mean())
    said = [str(note) for note in notes(with_essay) if GRADED in str(note)]
    assert [("Essay [5]" in one) for one in said] == [True]
    assert not [note for note in notes(plain) if GRADED in str(note)]
    assert not [note for note in notes(with_essay) if "full points" in str(note)]


def test_an_item_of_points_that_nobody_earned_in_part_is_right_or_wrong() -> None:
    header, *rows = Path(LSAT).read_text("utf-8").splitlines()
    doubled = [",".join([str(2 * int(row[0])), *row.split(",")[1:]]) for row in rows]

    data = read_csv("\n".join([header.replace("Item 1", "Item 1 [2]"), *doubled]).encode()).data

    assert not data.graded
    assert (data.right == read_csv(LSAT.read_bytes()).data.right).all()


def test_where_no_item_is_right_or_wrong_a_model_is_refused_and_classical_figures_stand() -> None:
    data = read_csv(b"A [4],B [4]\n1,2\n3,4\n0,1\n").data

    with pytest.raises(InvalidError):
        analyse(data, Model.RASCH)
    assert analyse(data, Model.CTT).classical.alpha == pytest.approx(classical(data).alpha)


def test_groups_are_compared_on_items_that_are_right_or_wrong() -> None:
    data = read_csv(graded_lsat()).data
    groups = compared(data, "group", ["first" if row % 3 else "second" for row in range(data.persons)], 2)

    assert [dif.item for dif in groups[0].items] == [0, 1, 2, 3, 4]

"""`flask mcdm`: any decision matrix by command, and a refusal with line and column for every malformed one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from app.core.errors import InvalidError
from app.core.text import in_language
from app.performance.rules import tables

pytestmark = pytest.mark.one_database

DRINKS = """1,9,5,2,1,1,1/2
1/9,1,1/3,1/9,1/9,1/9,1/9
1/5,3,1,1/3,1/4,1/3,1/9
1/2,9,3,1,1/2,1,1/3
1,9,4,2,1,2,1/2
1,9,3,1,1/2,1,1/3
2,9,9,3,2,3,1
"""
Run = Callable[..., tuple[int, str, str]]
PROJECTS = "a,b,c\n+,+,+\n0.3,0.4,0.3\n5,8,4\n7,6,8\n8,8,6\n7,4,6\n"


@pytest.fixture
def ran(app: Flask, tmp_path: Path) -> Run:
    def run(text: str | bytes, *options: str) -> tuple[int, str, str]:
        path = tmp_path / "matrix.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        result = app.test_cli_runner().invoke(args=["mcdm", str(path), *options])
        return result.exit_code, result.stdout, result.stderr

    return run


def test_ahp_prints_weights_and_the_consistency_ratio(ran: Run) -> None:
    code, out, _ = ran(DRINKS, "--weights", "ahp", "--json")

    answer = json.loads(out)
    assert code == 0
    assert [round(one, 3) for one in answer["weights"]] == [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]
    assert round(answer["consistency_ratio"], 3) == 0.022
    assert answer["ranks"] == [3, 7, 6, 5, 2, 4, 1]
    assert answer["scores"] == answer["weights"]


@pytest.mark.parametrize("text", [",x,y\nx,1,3\ny,1/3,1\n", "x,y\n1,3\n1/3,1\n", "\ufeff1,3\r\n0.333,1\r\n"])
def test_a_pairwise_matrix_may_carry_names(ran: Run, text: str) -> None:
    code, out, _ = ran(text, "--weights", "ahp", "--json")

    assert (code, [round(one, 2) for one in json.loads(out)["weights"]]) == (0, [0.75, 0.25])


def test_given_weights_and_topsis(ran: Run) -> None:
    code, out, _ = ran(PROJECTS, "--weights", "given", "--method", "topsis", "--json")

    answer = json.loads(out)
    assert (code, answer["ranks"], answer["consistency_ratio"]) == (0, [3, 2, 1, 4], None)
    assert answer["scores"] == pytest.approx([0.5037, 0.6581, 0.7482, 0.3340], abs=1e-4)
    assert answer["weights"] == pytest.approx([0.3, 0.4, 0.3])


def test_entropy_and_sum_with_a_column_of_names(ran: Run) -> None:
    code, out, _ = ran("base,a,b\n,+,+\nA,1,2\nB,4,16\n", "--weights", "entropy", "--method", "sum", "--json")

    answer = json.loads(out)
    assert (code, answer["ranks"]) == (0, [2, 1])
    assert answer["weights"] == pytest.approx([0.358889, 0.641111], abs=1e-6)
    assert answer["scores"][1] == 1


@pytest.mark.parametrize("corner", ["", "thing"])
def test_names_may_stand_around_a_pairwise_matrix_or_above_it_alone(app: Flask, corner: str) -> None:
    del app
    plain = tables.read_pairwise("1,2\n1/2,1\n")

    assert tables.read_pairwise(f"{corner},a,b\na,1,2\nb,1/2,1\n") == plain
    assert tables.read_pairwise("a,b\n1,2\n1/2,1\n") == plain


def test_without_json_it_prints_lines_for_people(ran: Run) -> None:
    assert "consistency ratio: 0.022" in ran(DRINKS, "--weights", "ahp")[1]
    assert ran(PROJECTS, "--weights", "given")[1].startswith("weights: 0.3 0.4 0.3\n")


@pytest.mark.parametrize(
    ("weights", "text", "said"),
    [
        ("entropy", "", "The file is empty"),
        ("entropy", "a,b\n+,-\n", "at least one alternative"),
        ("given", "a,b\n+,-\n0.5,0.5\n", "one of weights and at least one alternative"),
        ("entropy", "a,b\n+,x\n1,2\n", "Line 2, column 2: a direction is + or -"),
        ("entropy", "a,b\n+,-\n1,2\n\n1,two\n", "Line 5, column 2: “two” is not a number"),
        ("entropy", "n,a,b\n,+,-\nA,1,nan\n", "Line 3, column 3: “nan” is not a number"),
        ("entropy", "a,b\n+,-\n1,2,3\n", "Line 3, column 3: 3 cells stand where 2 belong"),
        ("entropy", "a,b\n+,-\n1\n", "Line 3, column 2: 1 cells stand where 2 belong"),
        ("entropy", "a,b\n+,+\n-1,2\n", "Line 3, column 1: must not be negative"),
        ("entropy", "a,b\n+,-\n1,0\n", "Line 3, column 2: must be greater than 0 where less is better"),
        ("entropy", "a,b\n+,+\n0,1\n0,2\n", "Line 3, column 1: all values of this criterion are 0"),
        ("entropy", 'a,b\n+,+\n"1,2\n', "is not CSV"),
        ("given", "a,b\n+,+\n0.5,0.4\n1,2\n", "Line 3, column 1: the weights sum to 0.9 and must sum to 1"),
        ("given", "a,b\n+,+\n1.5,-0.5\n1,2\n", "Line 3, column 2: a weight is not negative"),
        ("ahp", "1\n", "compares 2 to 15 things; this one has 1"),
        ("ahp", "1,2\n1/2,1,3\n", "Line 2, column 3: 3 cells stand where 2 belong"),
        ("ahp", "1,2\n1/3,1\n", "Line 1, column 2: must be the reciprocal of its mirror in line 2"),
        ("ahp", "1,-2\n-1/2,1\n", "Line 1, column 2: a comparison must be greater than 0"),
        ("ahp", "1,0\n0,1\n", "Line 1, column 2: a comparison must be greater than 0"),
        ("ahp", ",a,b\na,1,2\nb,1/2,1\nc,1,1\n", "Line 2, column 4: 2 cells stand where 3 belong"),
        ("ahp", "2,2\n1/2,1\n", "Line 1, column 1: a thing compared with itself must be 1"),
        ("ahp", "1,1/0\n1/2,1\n", "Line 1, column 2: “1/0” is not a number"),
    ],
)
def test_a_malformed_file_is_refused_with_its_line_and_column(app: Flask, weights: str, text: str, said: str) -> None:
    del app
    with pytest.raises(InvalidError) as caught:
        tables.read_pairwise(text) if weights == "ahp" else tables.read_decision(text, weighted=weights == "given")

    assert said in in_language(caught.value.message, "en")


@pytest.mark.parametrize(("text", "said"), [("a,b\n+,x\n1,2\n", "第2行第2列：方向应为+或-。"), (b"\xff\xfe1", "UTF-8")])
def test_the_command_prints_the_refusal_apart_from_its_answer(ran: Run, text: str | bytes, said: str) -> None:
    code, out, err = ran(text, "--weights", "entropy", "--json")

    assert (code, json.loads(out)) == (1, {"refused": err.removesuffix("\n")})
    assert said in err


def test_a_wrong_option_is_a_usage_error(ran: Run) -> None:
    assert ran(PROJECTS, "--weights", "luck")[0] == 2

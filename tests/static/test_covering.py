"""A changed line answers to the tests that run its statement."""

import ast
from pathlib import Path

import pytest

from scripts.covering import Covering, statement_around

SOURCE = '''LIMIT = (
    40
)


def allowed(count, limit=3):
    """Say whether one more fits."""
    if (count
            < limit):
        return True
    return False
'''


@pytest.mark.parametrize(
    ("line", "statement"),
    [
        (2, (1, 3)),  # a value on the second line of its statement
        (6, (6, 6)),  # a default belongs to the head of its function, not to its body
        (9, (8, 9)),  # a condition on two lines, without what it guards
        (10, (10, 10)),
        (11, (11, 11)),
    ],
)
def test_a_line_stands_for_its_innermost_statement(line: int, statement: tuple[int, int]) -> None:
    assert statement_around(ast.parse(SOURCE), line) == statement


class _Seen:
    """What coverage would tell of a module: its limit is set on loading, its function run by one test."""

    def contexts_by_lineno(self, path: str) -> dict[int, list[str]]:
        del path
        return {1: [""], 6: [""], 8: ["slow"], 10: ["slow"]}


def test_what_is_said_on_loading_answers_to_the_tests_of_its_module_before_quicker_ones(tmp_path: Path) -> None:
    path = tmp_path / "rules.py"
    path.write_text(SOURCE)
    covering = Covering("room")
    covering.__dict__.update(_data=_Seen(), _seconds={"slow": 3.0, "quick": 0.1, "endless": 99.0})

    assert covering.tests_of(path, 2) == ["slow", "quick"]
    assert covering.tests_of(path, 10) == ["slow"]
    assert covering.tests_of(path, 11) == []

"""A changed line answers to the tests that run its statement."""

import ast

import pytest

from scripts.covering import statement_around

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

"""The budget check sees what it is there to refuse."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts import check_budgets
from scripts.sources import Finding

Check = Callable[[Path, ast.Module], Iterator[Finding]]
HERE = Path(__file__)


def rules(check: Check, text: str) -> list[str]:
    return [finding.rule for finding in check(HERE, ast.parse(text))]


def test_blank_lines_and_comments_are_not_code() -> None:
    assert check_budgets.code_lines("a = 1\n\n# why\n// why\n    b = 2\n") == 2


@pytest.mark.parametrize(("lines", "found"), [(49, []), (50, ["long has 51 lines, at most 50"])])
def test_a_function_of_more_than_fifty_lines_is_refused(lines: int, found: list[str]) -> None:
    text = "def long():\n" + "    pass\n" * lines

    assert rules(check_budgets.long_functions, text) == found


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("def f():\n    from app.core import db", True),
        ("def f():\n    import app.core", True),
        ("def f():\n    from . import db", True),
        ("def f():\n    import weasyprint", False),
        ("from app.core import db", False),
    ],
)
def test_an_import_of_ourselves_inside_a_function_is_refused(text: str, *, refused: bool) -> None:
    assert bool(rules(check_budgets.hidden_imports, text)) is refused


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("FileManager", True),
        ("date_utils", True),
        ("common", True),
        ("TechnologyManager", False),
        ("technology_managers", False),
        ("CommonsLicence", False),
    ],
)
def test_a_vague_name_is_refused_but_not_the_technology_manager(name: str, *, refused: bool) -> None:
    assert bool(rules(check_budgets.vague_names, f"class {name}: pass")) is refused


def test_a_commit_outside_the_database_module_is_refused() -> None:
    assert rules(check_budgets.commits, "session.commit()\nrepository.commits()") == [
        "only app/core/db.py commits; use unit_of_work()"
    ]

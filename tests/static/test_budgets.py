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


@pytest.mark.parametrize(
    ("kind", "lengths", "found"),
    [
        ("file", [90, 90, 400], []),
        ("file", [10, 91, 91], ["50% of every file has at most 91 lines, and 90 are allowed"]),
        ("function", [30] * 95 + [50] * 5, []),
        ("function", [30] * 94 + [31] * 6, ["95% of every function has at most 31 lines, and 30 are allowed"]),
        ("view", [20] * 95 + [40] * 5, []),
        ("view", [20] * 94 + [21] * 6, ["95% of every view has at most 21 lines, and 20 are allowed"]),
    ],
)
def test_what_most_files_functions_and_views_are_long_has_a_budget(
    kind: str, lengths: list[int], found: list[str]
) -> None:
    sizes = {"file": [1], "function": [1], "view": [1], kind: lengths}

    assert [finding.rule for finding in check_budgets.typical(sizes)] == found


@pytest.mark.parametrize(
    ("decorator", "view"),
    [("@bp.get('/cases')", True), ("@sitting.post('/a', strict=True)", True), ("@cache", False), ("@get", False)],
)
def test_a_view_is_known_by_its_route(decorator: str, *, view: bool) -> None:
    (function,) = check_budgets.functions(ast.parse(f"{decorator}\ndef cases(): ..."))

    assert check_budgets.is_view(function) is view


@pytest.mark.parametrize(
    ("text", "patched"),
    [
        ("def test_a(monkeypatch): ...", [True]),
        ("def test_a(client): ...", [False]),
        ("@pytest.fixture\ndef late(monkeypatch): ...\ndef test_a(late): ...\ndef test_b(): ...", [True, False]),
        ("def late(monkeypatch): ...\n@pytest.mark.usefixtures('late')\ndef test_a(): ...", [True]),
        ("@pytest.fixture(autouse=True)\ndef _late(monkeypatch): ...\ndef test_a(): ...", [True]),
    ],
)
def test_a_test_patches_itself_or_by_a_fixture_of_its_file(text: str, patched: list[bool]) -> None:
    assert check_budgets.patching(ast.parse(text)) == patched


@pytest.mark.parametrize(
    ("patched", "found"), [(10, []), (11, ["11.0% of the tests use monkeypatch, at most 10%"]), (0, [])]
)
def test_at_most_one_test_of_ten_patches(patched: int, found: list[str]) -> None:
    tests = [True] * patched + [False] * (100 - patched)

    assert [finding.rule for finding in check_budgets.few_patches(tests)] == found


@pytest.mark.parametrize(
    ("tests", "found"), [(59, []), (58, ["0.580 lines of tests to one of the product, at least 0.59"])]
)
def test_tests_do_not_fall_behind_the_product(tests: int, found: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    findings = list(check_budgets.enough_tests(code=100, tests=tests))

    assert [finding.rule for finding in findings] == found
    assert f"{tests} lines of tests to 100 of the product" in capsys.readouterr().out


@pytest.mark.parametrize(
    "block",
    [
        "if a:\n  {}",
        "try:\n  {}\nfinally: ...",
        "try: ...\nexcept E:\n  {}",
        "match a:\n  case 1:\n    {}",
        "with a:\n  {}",
    ],
)
def test_functions_are_found_in_every_block(block: str) -> None:
    assert len(check_budgets.functions(ast.parse(block.format("def inner(): ...")))) == 1

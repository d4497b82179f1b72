"""A mutant differs from its module in one place and still is Python."""

from pathlib import Path

import pytest

from scripts.mutations import idle_arguments, mutants_of
from scripts.places import ROOT
from scripts.sources import project_files


def changes(folder: Path, text: str, name: str = "rules.py") -> list[tuple[str, str]]:
    path = folder / name
    path.write_text(text)
    found = list(mutants_of(path))
    for mutant in found:
        compile(mutant.source, name, "exec")
    return [(mutant.before, mutant.after) for mutant in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ok = a < b", [("a < b", "a <= b")]),
        ("ok = a and b", [("a and b", "a or b")]),
        ("ok = not a", [("not a", "a")]),
        ("LIMIT = 40", [("40", "41")]),
        ("ON = True", [("True", "False")]),
        ("GRANTED = {a, b}", [("{a, b}", "{a}")]),
        ("def f() -> None:\n    raise Refused", [("raise Refused", "pass")]),
        ("total = a + b", [("a + b", "a - b")]),
        ("seen = or_(mine, here)", [("or_(mine, here)", "and_(mine, here)")]),
        ("rows = select(Case).where(mine)", [("select(Case).where(mine)", "select(Case)")]),
    ],
)
def test_a_place_that_decides_is_changed(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    assert changes(tmp_path, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "LIMIT = 40  # mutant: any limit would do",
        "name = 'a' + b",
        "a, b = c, d",
        "message = _l('Wait', 3)",
        "def f(a: tuple[int, int, int]) -> int | None: ...",
        "@dataclass(frozen=True, slots=True)\nclass Facts: ...",
        "@lru_cache(maxsize=64)\ndef f(): ...",
        "kept = ConfigDict(frozen=True)",
        "both = zip(a, b, strict=True)",
        "several = np.where(a, b, c)",
    ],
)
def test_a_place_that_is_argued_or_decides_nothing_is_left_alone(tmp_path: Path, text: str) -> None:
    assert changes(tmp_path, text) == []


def test_an_argument_where_nothing_is_changed_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "rules.py"
    path.write_text("LIMIT = 40  # mutant: any limit would do\nname = 'a' + b  # mutant: a limit stood here once\n")

    assert idle_arguments(path) == [2]


def test_every_argument_of_the_product_still_keeps_a_mutant_away() -> None:
    idle = {str(path): found for path in project_files(".py", "app") if (found := idle_arguments(path))}

    assert idle == {}


@pytest.mark.parametrize("name", ["access.py", "scope.py", "states.py", "exam_states.py"])
def test_a_file_of_states_access_or_scopes_is_changed_throughout(tmp_path: Path, name: str) -> None:
    assert changes(tmp_path, "LIMIT = 40", name) == [("40", "41")]


@pytest.mark.parametrize(
    ("signature", "changed"),
    [
        ("def visible(actor: Actor) -> Select[Case]", True),
        ("def seen(actor: Actor | None) -> ColumnElement[bool]", True),
        ("def _wanted(text: str, *, by: Actor) -> Select[Case]", True),
        ("def case_in_scope(code: str, actor: Actor) -> Case", True),
        ("def case(code: str, actor: Actor) -> Case", False),
        ("def waiting(at: datetime) -> Select[Case]", False),
        ("def scopes(case: Case) -> tuple[Scope, ...]", False),
    ],
)
def test_elsewhere_what_says_which_rows_a_person_reaches_is_changed_and_nothing_else(
    tmp_path: Path, signature: str, *, changed: bool
) -> None:
    text = f"LIMIT = 40\n\n\n{signature}:\n    return a == b\n\n\nEND = 1\n"

    assert changes(tmp_path, text, "queries.py") == ([("a == b", "a != b")] if changed else [])


@pytest.mark.parametrize(
    "name", ["panels/queries/scope.py", "cases/queries/cases.py", "bases/queries.py", "accounts/trail.py"]
)
def test_scopes_of_the_product_are_among_what_is_changed(name: str) -> None:
    assert list(mutants_of(ROOT / "app" / name))

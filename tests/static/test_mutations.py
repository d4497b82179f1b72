"""A mutant differs from its module in one place and still is Python."""

from pathlib import Path

import pytest

from scripts.mutations import mutants_of


def changes(folder: Path, text: str) -> list[tuple[str, str]]:
    path = folder / "rules.py"
    path.write_text(text)
    found = list(mutants_of(path))
    for mutant in found:
        compile(mutant.source, "rules.py", "exec")
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
    ],
)
def test_a_place_that_is_argued_or_decides_nothing_is_left_alone(tmp_path: Path, text: str) -> None:
    assert changes(tmp_path, text) == []

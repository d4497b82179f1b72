"""What ran of lines and of branches is told apart, and both together are held."""

import json
from pathlib import Path

import pytest

from scripts import coverage_gate

pytestmark = pytest.mark.one_database


def leave(folder: Path, *, lines: int, branches: int) -> None:
    """Leave what a process ran of a file with a hundred lines and twenty branches."""
    summary = {
        "covered_lines": lines,
        "missing_lines": 100 - lines,
        "covered_branches": branches,
        "missing_branches": 20 - branches,
        "percent_covered": 100 * (lines + branches) / 120,
    }
    found = {"app/x.py": {"missing_lines": [7], "summary": summary}}
    (folder / "gw0.json").write_text(json.dumps({"files": found, "summary": summary}))


@pytest.mark.parametrize(
    ("lines", "branches", "told", "refused"),
    [
        (97, 17, ["97.00 %  of lines", "85.00 %  of branches", "95.00 %  of lines and branches together"], False),
        (100, 13, ["100.00 %  of lines", "65.00 %  of branches", "94.17 %  of lines and branches together"], True),
    ],
)
def test_lines_and_branches_are_told_apart_and_held_together(
    lines: int,
    branches: int,
    told: list[str],
    refused: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(coverage_gate, "FOLDER", tmp_path)
    leave(tmp_path, lines=lines, branches=branches)

    with pytest.raises(SystemExit) as ended:
        coverage_gate.main()

    assert ended.value.code is refused
    printed = capsys.readouterr().out
    assert all(line in printed for line in told)

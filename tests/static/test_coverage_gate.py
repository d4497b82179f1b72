"""What ran of lines and of branches is told apart; branches alone are held, and both together."""

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
        (95, 19, ["95.00 %  of lines", "95.00 %  of branches", "95.00 %  of lines and branches together"], False),
        (100, 18, ["100.00 %  of lines", "90.00 %  of branches", "98.33 %  of lines and branches together"], True),
        (93, 20, ["93.00 %  of lines", "100.00 %  of branches", "94.17 %  of lines and branches together"], True),
    ],
)
def test_branches_are_held_alone_and_together_with_lines(
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

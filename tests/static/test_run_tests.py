"""The closing line and the table of a test run tell the truth about every part."""

from collections import Counter
from pathlib import Path

import pytest

from scripts.run_tests import LONGEST, PARTS, Outcome, Part, closing_line, run_parts, slowness, table

SUITE = Part("suite", 10, ("true",))
CHECKS = Part("checks", 10, ("true",), counts=False)


@pytest.fixture(autouse=True)
def _on_a_machine_like_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIME_BUDGET", raising=False)


@pytest.mark.parametrize(
    ("outcomes", "line"),
    [
        ([Outcome(SUITE, 2.0, 0, Counter(passed=3))], " 3 passed in 2.00s "),
        (
            [Outcome(SUITE, 2.0, 0, Counter(passed=3)), Outcome(SUITE, 1.5, 1, Counter(failed=1, passed=4, skipped=2))],
            " 1 failed, 7 passed, 2 skipped in 3.50s ",
        ),
        ([Outcome(CHECKS, 1.0, 1), Outcome(SUITE, 2.0, 0, Counter(passed=3))], " 3 passed, 1 error in 3.00s "),
        ([Outcome(SUITE, 12.0, 0, Counter(passed=3))], " 3 passed, 1 error in 12.00s "),
    ],
)
def test_the_closing_line_sums_all_parts(outcomes: list[Outcome], line: str) -> None:
    assert line in closing_line(outcomes, sum(outcome.seconds for outcome in outcomes))


def test_a_part_over_its_budget_fails_and_says_so() -> None:
    assert Outcome(SUITE, 12.0, 0).verdict == "OVER ITS BUDGET of 10 s"


def test_a_slower_machine_may_take_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIME_BUDGET", "2")

    assert Outcome(SUITE, 12.0, 0).verdict == "ok"


def test_a_machine_is_never_taken_for_quicker_than_that_of_the_budgets() -> None:
    assert slowness() >= 1
    assert Outcome(SUITE, 12.0, 0, slower=1.5).verdict == "ok"
    assert Outcome(SUITE, 16.0, 0, slower=1.5).verdict == "OVER ITS BUDGET of 15 s"


def test_the_table_has_a_line_for_each_part() -> None:
    lines = table([Outcome(CHECKS, 1.0, 1), Outcome(SUITE, 2.0, 0, Counter(passed=3))]).splitlines()

    assert len(lines) == 3
    assert lines[1].split() == ["checks", "1.0", "10", "FAILED"]


def test_the_budgets_of_all_parts_together_stay_under_forty_minutes() -> None:
    assert sum(part.budget for part in PARTS if not part.beside) < LONGEST
    assert LONGEST == 40 * 60


def test_a_part_beside_another_runs_with_it_and_is_told_after_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    waits = f"echo beside says; while [ ! -e {tmp_path}/started ]; do sleep 0.02; done; exit 3"
    beside = Part("beside", 60, ("sh", "-c", waits), counts=False, beside=True)
    with_it = Part("with it", 60, ("sh", "-c", f"touch {tmp_path}/started; echo speaks at once"), counts=False)

    outcomes = list(run_parts([beside, with_it]))

    said = capfd.readouterr().out
    assert [(one.part.name, one.code) for one in outcomes] == [("with it", 0), ("beside", 3)]
    assert said.index("speaks at once") < said.index("--- beside ---") < said.index("beside says")


def test_a_part_that_runs_beside_nothing_is_told_too() -> None:
    alone = Part("alone", 60, ("true",), counts=False, beside=True)

    assert [one.verdict for one in run_parts([alone])] == ["ok"]

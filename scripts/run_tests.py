"""Every check in parts with time budgets, a table of times, and pytest's closing line for all of them."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from scripts.coverage_gate import FOLDER as COVERAGE
from scripts.places import BIN, BUILD, ROOT, say, search_path

RESULTS = BUILD / "tests"
PYTHON = BIN / "python"
PYTEST = (PYTHON, "-m", "pytest", "-q", "--no-header", "--tb=short", "--durations=12", "--durations-min=5")
COUNTED = ("-p", "tests.counting")
TWO = ("-n", "2", "--dist", "worksteal")
# A part that runs this many times its budget hangs and is ended.
HANGS = 3
SLOWER_MACHINE = "TIME_BUDGET"
WORK, WORK_SECONDS = 4_000_000, 0.25
"""A piece of work, and the seconds of processor time it takes the system's Python where these budgets hold."""


@dataclass(frozen=True)
class Part:
    """One command with its budget in seconds; `database` runs it on that database, `counts` reads pytest's result.

    One that uses a processor little runs `beside` the part that follows, and is reported after it.
    """

    name: str
    budget: int
    command: Sequence[str | Path]
    database: str = "sqlite"
    counts: bool = True
    beside: bool = False


@dataclass
class Outcome:
    """What became of a part: its time in seconds, its exit code and pytest's counts."""

    part: Part
    seconds: float
    code: int
    counts: Counter[str] = field(default_factory=Counter)
    slower: float = 1.0

    @property
    def allowed(self) -> float:
        """The budget in seconds on this machine, which may be slower than ours; TIME_BUDGET=2 doubles it by hand."""
        return self.part.budget * float(os.environ.get(SLOWER_MACHINE, str(self.slower)))

    @property
    def verdict(self) -> str:
        """One word or sentence for the table."""
        if self.code != 0:
            return "FAILED"
        return "ok" if self.seconds <= self.allowed else f"OVER ITS BUDGET of {self.allowed:.0f} s"


LONGEST = 2400
"""Seconds that the budgets of what runs in turn stay under: nobody waits longer for a whole check."""
OUTSIDE_SUITE = ("--ignore=tests/browser", "--ignore=tests/story")
WAITS = "tests/browser/test_whole_sitting.py"
"""Sits without a network for two minutes, in which its worker would do nothing else."""
PARTS = (
    Part("static checks", 200, (PYTHON, "-m", "scripts.check"), counts=False, beside=True),
    Part("suite on SQLite", 880, (*PYTEST, *COUNTED, *TWO, "tests", *OUTSIDE_SUITE)),
    Part("whole sitting", 300, (*PYTEST, WAITS), beside=True),
    Part(
        "suite on PostgreSQL",
        650,
        (*PYTEST, *TWO, "-p", "tests.database_only", "tests", *OUTSIDE_SUITE),
        database="postgresql",
    ),
    # The story first: it is one long test, and the other worker takes the browser's. Neither is counted: every line
    # must answer to the tests of its own room.
    Part("story and browser", 740, (*PYTEST, *TWO, "tests/story", "tests/browser", f"--ignore={WAITS}")),
    Part("coverage", 25, (PYTHON, "-m", "scripts.coverage_gate"), counts=False),
)


def main() -> None:
    """Run the parts named, or all; exit 1 when one failed or took too long."""
    wanted = sys.argv[1:]
    shutil.rmtree(RESULTS, ignore_errors=True)
    shutil.rmtree(COVERAGE, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    start = time.monotonic()
    outcomes = list(run_parts([part for part in PARTS if not wanted or part.name in wanted]))
    say(f"\n{table(outcomes)}\n")
    say(closing_line(outcomes, time.monotonic() - start))
    sys.exit(0 if all(outcome.verdict == "ok" for outcome in outcomes) else 1)


def run_parts(parts: Sequence[Part]) -> Iterator[Outcome]:
    """Run parts in turn, with what runs beside them."""
    with ThreadPoolExecutor() as pool, tempfile.TemporaryDirectory() as folder:
        beside: list[tuple[Path, Future[Outcome]]] = []
        for part in parts:
            if part.beside:
                output = Path(folder) / part.name
                beside.append((output, pool.submit(_run_quietly, part, output)))
                continue
            say(f"\n--- {part.name} ---")
            yield run_part(part)
            yield from map(_told, beside)
            beside.clear()
        yield from map(_told, beside)


def _run_quietly(part: Part, output: Path) -> Outcome:
    with output.open("wb") as written:
        return run_part(part, written)


def _told(beside: tuple[Path, Future[Outcome]]) -> Outcome:
    output, outcome = beside
    found = outcome.result()
    say(f"\n--- {found.part.name} ---\n{output.read_text('utf-8', 'replace')}")
    return found


def run_part(part: Part, output: IO[bytes] | None = None) -> Outcome:
    """Run one part to its end, or end it when it hangs."""
    result = RESULTS / f"{part.name.replace(' ', '-')}.xml"
    command = [str(word) for word in part.command] + ([f"--junitxml={result}"] if part.counts else [])
    environment = {
        **os.environ,
        "PATH": search_path(),
        "TEST_DATABASE": part.database,
    }
    before, start = slowness(), time.monotonic()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=True, stdout=output, stderr=output and subprocess.STDOUT
    )
    outcome = Outcome(part, 0.0, 1, slower=before)
    try:
        outcome.code = process.wait(outcome.allowed * HANGS)
    except subprocess.TimeoutExpired:
        say(f"{part.name} hangs: ended after {HANGS} times its budget.")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    outcome.seconds = time.monotonic() - start
    outcome.slower = max(before, slowness())
    outcome.counts = read_counts(result) if part.counts else Counter()
    return outcome


def slowness() -> float:
    """Tell how many times slower than the machine of the budgets this one is just now, at least 1."""
    began, found = time.process_time(), dict[int, str]()
    for number in range(WORK):
        found[number % 5000] = str(number)
    return max(1.0, (time.process_time() - began) / WORK_SECONDS)


def read_counts(result: Path) -> Counter[str]:
    """Read pytest's counts from its result file; none when it never got so far."""
    counts: Counter[str] = Counter()
    if not result.is_file():
        return counts
    for suite in ET.parse(result).getroot().iter("testsuite"):  # noqa: S314 - pytest wrote it a moment ago
        tests, failed, errors, skipped = (int(suite.get(k, "0")) for k in ("tests", "failures", "errors", "skipped"))
        counts.update(failed=failed, passed=tests - failed - errors - skipped, skipped=skipped, errors=errors)
    return counts


def table(outcomes: Sequence[Outcome]) -> str:
    """Times beside budgets, one line a part."""
    lines = [f"{'part':22}{'seconds':>9}{'budget':>9}{'tests':>8}  result"]
    for outcome in outcomes:
        tests = str(outcome.counts.total()) if outcome.part.counts else ""
        row = f"{outcome.part.name:22}{outcome.seconds:9.1f}{outcome.allowed:9.0f}{tests:>8}  {outcome.verdict}"
        lines.append(row)
    return "\n".join(lines)


def closing_line(outcomes: Sequence[Outcome], seconds: float) -> str:
    """The closing line of pytest over all parts; a part that failed outside a test counts as an error."""
    total: Counter[str] = Counter()
    for outcome in outcomes:
        total.update(outcome.counts)
        if outcome.verdict != "ok" and not outcome.counts["failed"] + outcome.counts["errors"]:
            total["errors"] += 1
    words = [f"{total[word]} {word}" for word in ("failed", "passed", "skipped", "errors") if total[word]]
    words = [word.removesuffix("s") if word == "1 errors" else word for word in words]
    return f" {', '.join(words) or 'no tests ran'} in {seconds:.2f}s ".center(80, "=")


if __name__ == "__main__":
    main()

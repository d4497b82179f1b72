"""Changes the meaning of rules, states and access one place at a time, and demands that the tests notice.

SAMPLE=300 sets how many places (0 for all), ROOM=items keeps to one room, SEED=7 draws others. A survivor is either
killed by a better test or argued by the comment `# mutant: why` on its line.
"""

import importlib
import importlib.machinery
import os
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

from scripts.mutations import Mutant, mutants_of
from scripts.places import BUILD, ROOT, say, stop
from scripts.sources import project_files, room_of

CHAPTERS = {"access", "rules", "scopes", "states"}
LEAST_KILLED = 0.80
AT_ONCE = 2
QUIETLY = ("-x", "-q", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov")
CPU_SECONDS = 900
"""Processor time, so that a busy machine kills no mutant that the tests would let live."""
SECONDS = 3600
# Loaded once, before the forks, because every mutant needs them; what plug-ins of pytest load must stay out
SHARED = "flask flask_babel lxml.html numpy openpyxl pydantic pytest scipy.optimize sqlalchemy.orm wtforms"
# Exit codes: pytest's own, and ours for a fault of this program, which must not count as a kill
PASSED, NO_TESTS, BROKEN = 0, 5, 99
LOG = BUILD / "mutants"


def main() -> None:
    """Try the sample, print the survivors and the rate of each room, and exit 1 under 80 percent."""
    for name in SHARED.split():
        importlib.import_module(name)
    LOG.mkdir(parents=True, exist_ok=True)
    mutants = sample()
    rooms = sorted({room_name(mutant.path) for mutant in mutants})
    for room in rooms:
        refuse_failing_tests(room)
    say(f"Trying {len(mutants)} mutants")
    survivors = try_all(mutants)
    for mutant in sorted(survivors, key=lambda one: (one.path, one.line)):
        say(f"{mutant.path.relative_to(ROOT)}:{mutant.line}: survived: {mutant.before}  ->  {mutant.after}")
    tried = Counter(room_name(mutant.path) for mutant in mutants)
    lived = Counter(room_name(mutant.path) for mutant in survivors)
    for room in rooms:
        say(f"{room:28}{tried[room] - lived[room]:5} of {tried[room]:5} killed")
    rate = 1 - len(survivors) / max(1, len(mutants))
    say(f"{rate:.0%} killed, at least {LEAST_KILLED:.0%} demanded")
    sys.exit(rate < LEAST_KILLED)


def refuse_failing_tests(room: str) -> None:
    """Run the tests of a room on the code as it is: if they fail there, every mutant would seem killed."""
    _pid, status = os.waitpid(start(tests_of(room), None), 0)
    if os.waitstatus_to_exitcode(status) != PASSED:
        stop(f"the tests of {room} fail without any mutant: see build/mutants/")


def sample() -> list[Mutant]:
    """Draw the mutants to try, the same ones for the same seed."""
    room = os.environ.get("ROOM", "")
    every = [
        mutant
        for path in project_files(".py", "app")
        if CHAPTERS & {path.stem, *path.relative_to(ROOT).parts} and room in room_name(path)
        for mutant in mutants_of(path)
    ]
    size = int(os.environ.get("SAMPLE", "300"))
    drawn = random.Random(int(os.environ.get("SEED", "1")))  # noqa: S311 - a sample, not a secret
    return every if size == 0 or size >= len(every) else drawn.sample(every, size)


def room_name(path: Path) -> str:
    """The name of the room a file belongs to, as the folders of its tests say it."""
    room = room_of(path)
    return room.name if room else "app"


def try_all(mutants: list[Mutant]) -> list[Mutant]:
    """Try the mutants two at a time and return the survivors."""
    waiting, running, survivors = deque(mutants), dict[int, tuple[Mutant, float]](), list[Mutant]()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            mutant = waiting.popleft()
            running[start(tests_of(room_name(mutant.path)), mutant)] = (mutant, time.monotonic())
        end_late(running)
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid not in running:
            time.sleep(0.02)
            continue
        mutant, _began = running.pop(pid)
        code = os.waitstatus_to_exitcode(status)
        if code == BROKEN:
            stop("a mutant could not be tried: see build/mutants/")
        if code in {PASSED, NO_TESTS}:
            survivors.append(mutant)
    return survivors


def end_late(running: dict[int, tuple[Mutant, float]]) -> None:
    """End mutants that loop for ever; a test run that never ends is noticed, so they count as killed."""
    for pid, (_mutant, began) in running.items():
        if time.monotonic() - began > SECONDS:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def start(tests: list[str], mutant: Mutant | None) -> int:
    """Fork a process in which the module is the mutant, and run the tests there; return its number."""
    pid = os.fork()
    if pid:
        return pid
    code = BROKEN
    try:
        with (LOG / f"{os.getpid() % 100:02}.log").open("w") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
            if mutant:
                print(mutant.path, mutant.line, mutant.before, "->", mutant.after, flush=True)
                importlib.machinery.SourceFileLoader.get_code = _loader_of(mutant)  # type: ignore[assignment,method-assign]
            code = int(importlib.import_module("pytest").main([*QUIETLY, *tests]))
    except BaseException:  # noqa: BLE001 - whatever it is, it must not count as a kill
        traceback.print_exc()
    finally:
        os._exit(code)


def tests_of(room: str) -> list[str]:
    """The folders of tests that mirror the room, the quick ones first."""
    folders = [ROOT / "tests" / kind / room for kind in ("unit", "integration")]
    return [str(folder) for folder in folders if folder.is_dir()] or [str(ROOT / "tests" / "unit")]


def _loader_of(mutant: Mutant) -> Callable[[SourceFileLoader, str], CodeType | None]:
    """Make the import system's own loader give the mutant in the place of its module."""
    original = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> CodeType | None:
        if Path(self.path) == mutant.path:
            return compile(mutant.source, str(mutant.path), "exec", dont_inherit=True)
        return original(self, fullname)

    return get_code


if __name__ == "__main__":
    main()

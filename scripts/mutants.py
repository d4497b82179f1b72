"""Changes the meaning of rules, states, access and row scopes one place at a time, and demands that the tests notice.

Each changed line answers to the tests that were seen to run it. SAMPLE=300 sets how many places (0 for all), ROOM=items
keeps to one room, SEED=7 draws others. A survivor is either killed by a better test or argued by the comment
`# mutant: why` on its line.
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
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import TypeVar

from scripts.covering import FOLDER, Covering, digest_of_sources, room_name, run_and_learn, run_tests
from scripts.mutations import Mutant, mutants_of
from scripts.places import ROOT, say, search_path, stop
from scripts.sources import project_files

LEAST_KILLED = 0.80
AT_ONCE = 2
CPU_SECONDS = 900
"""Processor time, so that a busy machine kills no mutant that the tests would let live."""
SECONDS = 3600
Work = TypeVar("Work")
# Loaded once, before the forks, because every mutant needs them; what plug-ins of pytest load must stay out
SHARED = "flask flask_babel lxml.html numpy openpyxl pydantic pytest scipy.optimize sqlalchemy.orm wtforms"
# Exit codes: pytest's own, and ours for a fault of this program, which must not count as a kill
PASSED, NO_TESTS, BROKEN = 0, 5, 99


def main() -> None:
    """Try the sample, print the survivors and the rate of each room, and exit 1 under 80 percent."""
    os.environ["PATH"] = search_path()
    for name in SHARED.split():
        importlib.import_module(name)
    FOLDER.mkdir(parents=True, exist_ok=True)
    mutants = sample()
    rooms = sorted({room_name(mutant.path) for mutant in mutants})
    say(f"Running the tests of {len(rooms)} rooms on the code as it is")
    learn(rooms)
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


def learn(rooms: list[str]) -> None:
    """Run the tests of each room without any mutant: if they fail there, every mutant would seem killed."""
    sources = digest_of_sources()
    for room, code in in_turn(rooms, lambda room: start(lambda: run_and_learn(room, sources))):
        if code != PASSED:
            stop(f"the tests of {room} fail without any mutant: see build/mutants/")


def sample() -> list[Mutant]:
    """Draw the mutants to try, the same ones for the same seed."""
    room = os.environ.get("ROOM", "")
    every = [mutant for path in project_files(".py", "app") if room in room_name(path) for mutant in mutants_of(path)]
    size = int(os.environ.get("SAMPLE", "300"))
    drawn = random.Random(int(os.environ.get("SEED", "1")))  # noqa: S311 - a sample, not a secret
    return every if size == 0 or size >= len(every) else drawn.sample(every, size)


def try_all(mutants: list[Mutant]) -> list[Mutant]:
    """Try the mutants two at a time and return the survivors."""
    covering = {room: Covering(room) for room in {room_name(mutant.path) for mutant in mutants}}

    def begin(mutant: Mutant) -> int:
        tests = covering[room_name(mutant.path)].tests_of(mutant.path, mutant.line)
        return start(lambda: run_tests(tests) if tests else NO_TESTS, mutant)

    survivors = []
    for mutant, code in in_turn(mutants, begin):
        if code == BROKEN:
            stop("a mutant could not be tried: see build/mutants/")
        if code in {PASSED, NO_TESTS}:
            survivors.append(mutant)
    return survivors


def in_turn(works: list[Work], begin: Callable[[Work], int]) -> Iterator[tuple[Work, int]]:
    """Do the works in processes, two at a time, and give each with its exit code as it ends."""
    waiting, running = deque(works), dict[int, tuple[Work, float]]()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            work = waiting.popleft()
            running[begin(work)] = (work, time.monotonic())
        _end_late(running)
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid not in running:
            time.sleep(0.02)
            continue
        yield running.pop(pid)[0], os.waitstatus_to_exitcode(status)


def _end_late(running: dict[int, tuple[Work, float]]) -> None:
    """End what loops for ever; a test run that never ends is noticed, so such mutants count as killed."""
    for pid, (_work, began) in running.items():
        if time.monotonic() - began > SECONDS:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def start(work: Callable[[], int], mutant: Mutant | None = None) -> int:
    """Fork a process, in which the module is the mutant if one is given, and work there; return its number."""
    pid = os.fork()
    if pid:
        return pid
    code = BROKEN
    try:
        with (FOLDER / f"{os.getpid() % 100:02}.log").open("w") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            if mutant:
                resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
                print(mutant.path, mutant.line, mutant.before, "->", mutant.after, flush=True)
                importlib.machinery.SourceFileLoader.get_code = _loader_of(mutant)  # type: ignore[assignment,method-assign]
            code = work()
    except BaseException:  # noqa: BLE001 - whatever it is, it must not count as a kill
        traceback.print_exc()
    finally:
        os._exit(code)


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

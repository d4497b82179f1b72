"""Which tests of a room run which lines, and how long each takes: what a changed line must answer to."""

import ast
import hashlib
import importlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

from scripts.places import BUILD, ROOT
from scripts.sources import project_files, room_of, tree_of

FOLDER = BUILD / "mutants"
KINDS = ("unit", "integration")
MOST = 300
"""A change is shown to so many tests at most, the quickest: one that only slower tests notice counts as survived."""
ENOUGH = 15.0
"""What a module says as it is loaded (its tables, limits and defaults) no test is seen to run: it answers to as many
tests as took so many seconds of the processor together among those that run anything of its module, and then to as many
among the others.
"""
QUIETLY = ("-x", "-q", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist", "--timeout=0")
"""No clock on the wall ends a test here: on a busy machine it would kill mutants that the tests let live."""


def room_name(path: Path) -> str:
    """The name of the room a file belongs to, as the folders of its tests say it."""
    room = room_of(path)
    return room.name if room else "app"


def digest_of_sources() -> str:
    """The digest of everything that a run of tests may read."""
    digest = hashlib.sha256()
    for path in project_files("", "app", "content", "migrations", "tests"):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def folders_of(room: str) -> list[str]:
    """The folders of tests that mirror the room, the quick ones first."""
    folders = [ROOT / "tests" / kind / room for kind in KINDS]
    return [str(folder) for folder in folders if folder.is_dir()] or [str(ROOT / "tests" / "unit")]


class _NoClock:
    """Takes the patience of single tests away: a mutant that hangs is ended by its processor time."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Strip the marks that would end a test by the clock."""
        for node in {node for item in items for node in item.listchain()}:
            node.own_markers = [mark for mark in node.own_markers if mark.name != "timeout"]


class _Watch:
    """Tells coverage whose lines run, and keeps how long each test took."""

    def __init__(self, counted: Coverage) -> None:
        self.counted = counted
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Give every line to the test that runs."""
        began = time.process_time()
        self.counted.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self.counted.switch_context("")
            self.seconds[item.nodeid] = time.process_time() - began


def run_and_learn(room: str, sources: str) -> int:
    """Run the tests of a room on the code as it is, keep what ran what, and return pytest's exit code.

    `sources` is the digest of what is run: what was learned of the very same is not learned again.
    """
    data, told = FOLDER / f"{room}.coverage", FOLDER / f"{room}.json"
    if told.is_file() and json.loads(told.read_text())["sources"] == sources:
        return 0
    data.unlink(missing_ok=True)
    counted = Coverage(data_file=str(data), config_file=False, source=[str(ROOT / "app")])
    counted.start()
    watch = _Watch(counted)
    code = int(pytest.main([*QUIETLY, *folders_of(room)], plugins=[watch, _NoClock()]))
    counted.stop()
    counted.save()
    if not code:
        told.write_text(json.dumps({"sources": sources, "seconds": watch.seconds}))
    return code


class _Gathered:
    """Notices a file of tests that cannot be read any more, which a changed module may do to it."""

    broken = False

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember whether anything could not be gathered."""
        self.broken = self.broken or report.failed


def run_tests(tests: list[str]) -> int:
    """Run these tests, in this order, until one fails, and return pytest's exit code.

    A product that cannot be loaded fails every test. Raises LookupError for a test that is not there, which says
    nothing about the change.
    """
    gathered = _Gathered()
    code = pytest.main([*QUIETLY, *tests], plugins=[gathered, _NoClock()])
    if code is pytest.ExitCode.USAGE_ERROR and not gathered.broken and _loads():
        raise LookupError(tests)
    return int(code)


def _loads() -> bool:
    """Tell whether the product can be loaded at all, without which pytest says only that it was called wrongly."""
    try:
        importlib.import_module("app")
    except Exception:  # noqa: BLE001 - a changed module may raise anything as it is loaded
        return False
    return True


@dataclass(frozen=True)
class Covering:
    """What the tests of one room were seen to run."""

    room: str

    @cached_property
    def _seconds(self) -> dict[str, float]:
        seconds: dict[str, float] = json.loads((FOLDER / f"{self.room}.json").read_text())["seconds"]
        return seconds

    @cached_property
    def _data(self) -> CoverageData:
        data = CoverageData(str(FOLDER / f"{self.room}.coverage"))
        data.read()
        return data

    def tests_of(self, path: Path, line: int) -> list[str]:
        """The tests that run the statement of a line, quick ones first; what runs on loading asks its module."""
        contexts = self._data.contexts_by_lineno(str(path))
        first, last = statement_around(tree_of(path), line)
        ran = {name for number in range(first, last + 1) for name in contexts.get(number, ())}
        if ran - {""}:
            return self._quickest(ran - {""})[:MOST]
        near = {name for names in contexts.values() for name in names if ran} - {""}
        far = set(self._seconds) - near if ran else set()
        return [*self._soon(near), *self._soon(far)]

    def _soon(self, tests: set[str]) -> list[str]:
        spent = accumulate(self._seconds.get(test, 0.0) for test in self._quickest(tests))
        return [test for test, so_far in zip(self._quickest(tests), spent, strict=True) if so_far <= ENOUGH]

    def _quickest(self, tests: set[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self._seconds.get(test, 0.0), test))


def statement_around(tree: ast.Module, line: int) -> tuple[int, int]:
    """The first and last line of the innermost statement at a line, without the body of a compound one."""
    first, last = line, line
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            body = getattr(node, "body", None)
            first, last = node.lineno, node.end_lineno or node.lineno
            if body and isinstance(body[0], ast.stmt):
                last = max(first, body[0].lineno - 1)
    return first, last

"""Saves, starts, finishes and ticket sign-ins over HTTP, beside the bare limit; then a whole day with kills.

The bare limit (`bench.bare`) is a Flask view with the one statement: same server, settings, schema and generator, run
in turn with ours. Both are served as the product is (`scripts.processes.web_command`). `QUICK=1` makes a small run;
`CANDIDATES`, `SEED` change the size and the seed of the day, `DATABASE=postgresql` its database, `DAY=1` lives through
the day alone. Starts and finishes are measured online, and at a venue, where seat, identity check, room and rule are
looked at as well.
"""

import os
import random
import statistics
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from app.assessment.exams.rules.timing import HEARTBEAT
from app.core.db import db, session, unit_of_work
from bench.day import Day, Plan, check, stored
from bench.engine import Outcome, closed_loop, open_loop
from bench.figures import Figure, Figures
from bench.hall import AT_ONCE, FORM, Candidate, Hall, Server, begin, serve
from scripts.processes import WEB, free_port
from tests.postgres import server as postgres

QUICK = bool(int(os.environ.get("QUICK", "0") or 0))
CANDIDATES = int(os.environ.get("CANDIDATES", "300" if QUICK else "10000"))
SEED = int(os.environ.get("SEED", "0") or 0) or random.SystemRandom().randrange(1, 2**31)
DATABASE = os.environ.get("DATABASE", "sqlite")
DAY_ALONE = bool(int(os.environ.get("DAY", "0") or 0))
RUNS = 1 if QUICK else 3
LINES = 64
SAVES = 600 if QUICK else 8_000
ACTS = 60 if QUICK else 600
TICKETS = 60 if QUICK else 2_000
ONCE_EACH = 2 * 2 * RUNS * ACTS
"""Candidates who start or finish once, on both sides, in each run."""
LONG_ENOUGH = timedelta(minutes=40)
"""So long ago those began who finish: a venue lets nobody hand in within the first minutes."""
OPEN_SECONDS = 5 if QUICK else 30
OPEN_RATE = 667
BEAT_RATE = CANDIDATES / HEARTBEAT.total_seconds()
WARM_UP = 200
QUICK_DAY = Plan(before=5, rush=5, saves=5, think=2, kills=4)
FULL_DAY = Plan(before=600, rush=60, saves=40, think=15, kills=30)
DAY = QUICK_DAY if QUICK else FULL_DAY
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "fsync": "on",
    "timezone": "UTC",
}
"""PostgreSQL as it is installed: every commit waits for the disk."""


@dataclass
class Side:
    """Ours or the bare limit: the server, and how its requests are written."""

    server: Server
    bare: bool

    def prefix(self, one: Candidate) -> str:
        """Return the first part of a sitting's address."""
        return f"/bare/{one.person_id}" if self.bare else "/sit"


@dataclass
class Runs:
    """Outcomes of one side by name, and the CPU of its server for each request."""

    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, outcome: Outcome, cpu: float) -> None:
        """Keep a run; one with a refusal is no measurement."""
        if outcome.failed:
            raise RuntimeError(f"{name}: {outcome.failed} requests were not answered well: {dict(outcome.statuses)}")
        self.outcomes.setdefault(name, []).append(outcome)
        self.cpu.setdefault(name, []).append(cpu / sum(outcome.statuses.values()) * 1000)

    def rate(self, name: str) -> float:
        """Return the median rate."""
        return round(statistics.median(one.per_second for one in self.outcomes[name]), 1)

    def p99(self, name: str) -> float:
        """Return the median of the 99th percentiles in milliseconds."""
        return round(statistics.median(one.p(99) for one in self.outcomes[name]), 1)

    def cpu_ms(self, name: str) -> float:
        """Return the median CPU of the server for one request in milliseconds."""
        return round(statistics.median(self.cpu[name]), 2)


Sides = tuple[Side, Side]


class Bench:
    """One hall with both servers; each act is measured in turn on ours and on the bare limit."""

    def __init__(self, hall: Hall, sitters: Sequence[Candidate], fresh: Iterable[Candidate], sides: Sides) -> None:
        self.hall, self.sides = hall, sides
        self.sitters, self.fresh = sitters, iter(fresh)
        self.sequences = count(1)
        self.chance = random.Random(SEED)
        self.runs = (Runs(), Runs())

    def save(self, name: str) -> None:
        """Measure saves of one answer each at 64 connections."""
        for side, runs in zip(self.sides, self.runs, strict=True):
            closed_loop(side.server.port, [self._saves(side) for _one in range(LINES)], WARM_UP)
            streams = [self._saves(side) for _one in range(LINES)]
            cpu = side.server.cpu()
            outcome = closed_loop(side.server.port, streams, SAVES)
            runs.add(name, outcome, side.server.cpu() - cpu)

    def _saves(self, side: Side) -> Iterator[bytes]:
        while True:
            yield self._one_save(side)

    def _one_save(self, side: Side) -> bytes:
        one = self.chance.choice(self.sitters)
        position = self.chance.randrange(1, self.hall.places + 1)
        return one.save(position, next(self.sequences), self.chance.choice("ABCD"), prefix=side.prefix(one))

    def open_loop(self) -> None:
        """Measure 667 saves a second while ten thousand candidates send their heartbeats."""
        for side, runs in zip(self.sides, self.runs, strict=True):
            schedule = sorted(
                [(due, self._one_save(side), True) for due in self._arrivals(OPEN_RATE)]
                + [
                    (due, self._one_beat(side), False) for due in self._arrivals(CANDIDATES / HEARTBEAT.total_seconds())
                ],
                key=lambda entry: entry[0],
            )
            cpu = side.server.cpu()
            outcome = open_loop(side.server.port, schedule, 4 * LINES)
            runs.add("open", outcome, side.server.cpu() - cpu)

    def _arrivals(self, rate: float) -> Iterator[float]:
        due = self.chance.expovariate(rate)
        while due < OPEN_SECONDS:
            yield due
            due += self.chance.expovariate(rate)

    def _one_beat(self, side: Side) -> bytes:
        one = self.chance.choice(self.sitters)
        return one.act("beat", prefix=side.prefix(one))

    def once_each(self, name: str) -> None:
        """Measure an act that each candidate does once: start or finish."""
        for side, runs in zip(self.sides, self.runs, strict=True):
            chosen = [next(self.fresh) for _one in range(ACTS)]
            if name == "finish":
                begin(chosen, ago=LONG_ENOUGH)
                session.remove()
            requests = iter([self._act(name, one, side) for one in chosen])
            cpu = side.server.cpu()
            outcome = closed_loop(side.server.port, [requests] * LINES, ACTS)
            runs.add(name, outcome, side.server.cpu() - cpu)

    def _act(self, name: str, one: Candidate, side: Side) -> bytes:
        if name == "finish":
            return one.act("submit", prefix=side.prefix(one))
        if side.bare:
            return one.act("start", prefix=side.prefix(one))
        return self.hall.start(one)

    def tickets(self) -> None:
        """Measure sign-ins by ticket from browsers without a session."""
        for side, runs in zip(self.sides, self.runs, strict=True):
            chosen = [self.chance.choice(self.sitters) for _one in range(TICKETS)]
            requests = iter([self._enter(one, side) for one in chosen])
            cpu = side.server.cpu()
            outcome = closed_loop(side.server.port, [requests] * LINES, TICKETS)
            runs.add("ticket", outcome, side.server.cpu() - cpu)

    def _enter(self, one: Candidate, side: Side) -> bytes:
        return one.post("/bare/ticket", f"ticket={one.ticket}", FORM) if side.bare else self.hall.enter(one)


@contextmanager
def hall_with(
    url: str, folder: Path, number: int, *, sitters: int = CANDIDATES, at_venue: bool = False
) -> Iterator[tuple[Hall, list[Candidate], Flask]]:
    """Give a hall of so many on a database, `sitters` of them under way, and its application with an open context."""
    hall = Hall(folder, url)
    app = hall.application()
    with app.app_context():
        upgrade()
        candidates = hall.fill(number, at_venue=at_venue)
        begin(candidates[:sitters])
        with unit_of_work():
            session.execute(text("ANALYZE"))
        session.remove()
        db.engine.dispose()
        yield hall, candidates, app
        session.remove()
        db.engine.dispose()


@contextmanager
def opened(url: str, folder: Path, fresh: int, *, sitters: int = CANDIDATES, at_venue: bool = False) -> Iterator[Bench]:
    """Give both servers over a filled hall: `sitters` under way and `fresh` ones who have not begun."""
    with ExitStack() as stack:
        filled = hall_with(url, folder, sitters + fresh, sitters=sitters, at_venue=at_venue)
        hall, candidates, _app = stack.enter_context(filled)
        mine = stack.enter_context(serve(WEB, hall.environment, free_port(), "/healthz"))
        bare_settings = {**hall.environment, "BARE_DATABASE_URL": url}
        bare = stack.enter_context(serve("bench.bare:served", bare_settings, free_port(), "/"))
        sides = (Side(mine, bare=False), Side(bare, bare=True))
        yield Bench(hall, candidates[:sitters], candidates[sitters:], sides)


def run() -> Figures:
    """Measure both databases in turn, then live through a day on the one that is asked for; the seed is told first."""
    if DATABASE not in {"sqlite", "postgresql"}:
        raise SystemExit(f"DATABASE={DATABASE}: the day is held on sqlite or postgresql")
    told = f"{CANDIDATES} candidates; medians of {RUNS} runs, ours and the bare limit in turn; seed {SEED}"
    print(f"{told}; the day on {DATABASE}", flush=True)  # a run that fails is repeated with it
    figures = Figures(run={"candidates": CANDIDATES, "seed": SEED, "day_database": DATABASE}, notes=[told])
    if not DAY_ALONE:
        with tempfile.TemporaryDirectory(prefix="jijing-bench-") as name:
            _on_sqlite(figures, Path(name))
        with tempfile.TemporaryDirectory(prefix="jijing-bench-") as name:
            _at_venue(figures, Path(name))
        with tempfile.TemporaryDirectory(prefix="jijing-bench-") as name, postgres(SETTINGS) as url:
            _on_postgresql(figures, url, Path(name))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jijing-bench-")))
        on_server = DATABASE == "postgresql"
        _a_day(figures, folder, stack.enter_context(postgres(SETTINGS)) if on_server else f"sqlite:///{folder}/day.db")
    return figures


def _on_sqlite(figures: Figures, folder: Path) -> None:
    with opened(f"sqlite:///{folder}/exams.db", folder, ONCE_EACH) as bench:
        for _run in range(RUNS):
            bench.save("save")
            bench.tickets()
            bench.once_each("start")
            bench.once_each("finish")
            bench.open_loop()
        ours, bare = bench.runs
    _saves(figures, "sqlite", ours, bare)
    figures.found["save_cpu_ms"] = _figure(ours.cpu_ms("save"), bare.cpu_ms("save"), "ms")
    figures.found["open_loop_667_p99_ms"] = _figure(ours.p99("open"), bare.p99("open"), "ms")
    for act in ("start", "finish", "ticket"):
        figures.found[f"{act}_per_s"] = _figure(ours.rate(act), bare.rate(act), "1/s")
    figures.notes += _lines("sqlite", ours, bare)


def _at_venue(figures: Figures, folder: Path) -> None:
    """Measure starts and finishes of candidates who have a seat and were checked at the door, on SQLite."""
    with opened(f"sqlite:///{folder}/venue.db", folder, ONCE_EACH, sitters=0, at_venue=True) as bench:
        for _run in range(RUNS):
            bench.once_each("start")
            bench.once_each("finish")
        ours, bare = bench.runs
    for act in ("start", "finish"):
        figures.found[f"venue_{act}_per_s"] = _figure(ours.rate(act), bare.rate(act), "1/s")
    figures.notes += _lines("venue", ours, bare)


def _on_postgresql(figures: Figures, url: str, folder: Path) -> None:
    with opened(url, folder, 0) as bench:
        for _run in range(RUNS):
            bench.save("save")
        ours, bare = bench.runs
    _saves(figures, "postgresql", ours, bare)
    figures.notes += _lines("postgresql", ours, bare)


def _saves(figures: Figures, database: str, ours: Runs, bare: Runs) -> None:
    figures.found[f"save_per_s_{database}"] = _figure(ours.rate("save"), bare.rate("save"), "1/s")
    figures.found[f"save_p99_ms_{database}"] = _figure(ours.p99("save"), bare.p99("save"), "ms")


def _figure(value: float, reference: float, unit: str) -> Figure:
    return Figure(value, unit, reference, "bare limit")


def _lines(database: str, ours: Runs, bare: Runs) -> Iterator[str]:
    for side, runs in (("ours", ours), ("bare", bare)):
        for name, outcomes in runs.outcomes.items():
            generator = statistics.median(one.cpu / sum(one.statuses.values()) for one in outcomes) * 1000
            yield (
                f"  {database} {side} {name:7} {runs.rate(name):8.1f}/s p99 {runs.p99(name):7.1f} ms, "
                f"server {runs.cpu_ms(name):.2f} and generator {generator:.3f} CPU ms a request"
            )


def _a_day(figures: Figures, folder: Path, url: str) -> None:
    """Live through a day with kills, check it, then plant a loss and check again."""
    hall = Hall(folder, url)
    app = hall.application()
    with app.app_context():
        upgrade()
        candidates = hall.fill(CANDIDATES)
        session.remove()
        db.engine.dispose()
        plan = Plan(DAY.before, DAY.rush, DAY.saves, DAY.think, DAY.kills, SEED)
        with serve(WEB, hall.environment, free_port(), "/healthz", *AT_ONCE) as server:
            history = Day(hall, server, plan).run(candidates)
        lost = check(history, *stored())
        found = plant_a_loss(history.acknowledged[len(history.acknowledged) // 2].code)
        caught = check(history, *stored())
    figures.found["acknowledged_lost"] = Figure(len(lost), "answers")
    figures.run |= {
        "workers_killed": history.killed,
        "answers_acknowledged": len(history.acknowledged),
        "submits_acknowledged": len(history.submitted),
    }
    figures.notes.append(
        f"a day of {history.seconds:.0f} s on {DATABASE} under seed {SEED}: {history.killed} workers killed with"
        f" SIGKILL, {len(history.acknowledged)} answers and {len(history.submitted)} submits acknowledged,"
        f" {len(lost)} lost;"
    )
    figures.notes.append(f"a planted loss of {found} answers: {len(caught)} found missing; {dict(history.replies)}")


def plant_a_loss(code: str) -> int:
    """Take the answers of one sitting out of the database behind the back of its triggers; return how many."""
    with unit_of_work():
        of_table = session.get_bind().dialect.name != "sqlite"
        session.execute(text(f"DROP TRIGGER answer_save_no_delete{' ON answer_save' if of_table else ''}"))
        gone = session.execute(
            text("DELETE FROM answer_save WHERE attempt_id = (SELECT id FROM attempt WHERE code = :code) RETURNING id"),
            {"code": code},
        ).all()
    return len(gone)

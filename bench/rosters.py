"""A roster of 50,000 rows: peak memory, the longest write lock and the whole time, beside the bare limit.

A process of its own takes the roster through staging, checking, taking over and what follows, on SQLite as it is
shipped and on tables that another process made. The lock is the longest time from the beginning of a write to the end
of its commit; the wait is what a writer beside it, who begins a write of the product every few milliseconds, was kept
waiting at most. The bare limit is the same number of rows with the same columns, ready made, written into an indexed
table of the same shape by one INSERT ... SELECT.
"""

import csv
import io
import json
import os
import resource
import secrets
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, event, update
from sqlalchemy.exc import OperationalError

from app import create_app
from app.bases.models import TrainingBase
from app.core import jobs
from app.core.clock import now
from app.core.db import db, session, unit_of_work
from app.core.lazily import lazily
from app.courses import services
from app.courses.models import Cohort
from app.courses.queries import cohorts, rosters
from app.settings import ROOT, Settings
from bench.figures import Figure, Figures
from tests.factories.accounts import Member
from tests.factories.courses import HEADINGS, document_number, make_cohort, make_school

if TYPE_CHECKING:
    import flask_migrate
else:
    flask_migrate = lazily("flask_migrate")  # the process that is measured does not migrate

ROWS = 50_000
RUNS = 3
LOOK_SECONDS = 0.005
MEGABYTE = 1024
LAPS = ("read_s", "check_s", "commit_s", "follow_s")
KEY = "ZGVtby1rZXktZGVtby1rZXktZGVtby1rZXktZGVtby0="


def run() -> Figures:
    """Measure the import and its bare limit in turn, each in a process of its own."""
    found = [(_in_process("import"), _in_process("bare")) for _run in range(RUNS)]
    ours = {name: statistics.median(one[name] for one, _bare in found) for name in found[0][0]}
    bare = {name: statistics.median(one[name] for _ours, one in found) for name in found[0][1]}
    return Figures(
        {
            "roster_50k_peak_mb": Figure(ours["peak_mb"], "MB", bare["peak_mb"], "an idle application"),
            "roster_50k_lock_s": Figure(ours["lock_s"], "s", bare["commit_s"], "one INSERT ... SELECT of the rows"),
            "roster_50k_wait_s": Figure(ours["wait_s"], "s", bare["commit_s"], "one INSERT ... SELECT of the rows"),
            "roster_50k_commit_s": Figure(ours["commit_s"], "s", bare["commit_s"], "one INSERT ... SELECT of the rows"),
            "roster_50k_total_s": Figure(ours["total_s"], "s", bare["total_s"], "reading the csv and writing the rows"),
        },
        [
            f"{ROWS} rows of csv in GB 18030, {RUNS} runs, each in a fresh process on a fresh SQLite database;",
            f"read {ours['read_s']} s, check {ours['check_s']} s;",
            f"take over {ours['commit_s']} s ({ours['commit_cpu_s']} s of it CPU);",
            f"roles, links, to-dos and events {ours['follow_s']} s",
        ],
    )


def _in_process(*part: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.rosters", *part], cwd=ROOT, check=True, capture_output=True, text=True
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


class Locks:
    """Notes how long each write of an engine lasts, from its beginning to the end of its commit."""

    def __init__(self, engine: Engine) -> None:
        self.longest = 0.0
        self.own = threading.local()
        self.commit = engine.dialect.do_commit
        event.listen(engine, "begin", self.begin)
        engine.dialect.do_commit = self.end  # type: ignore[method-assign,assignment]

    def begin(self, connection: Connection) -> None:
        """Note when a write began; heard after the product's own listener has taken the lock."""
        self.own.began = time.perf_counter() if connection.get_execution_options().get("write") else None

    def end(self, connection: Any) -> None:  # noqa: ANN401 - DBAPI is untyped
        """Commit, then note how long the write lasted."""
        self.commit(connection)
        if getattr(self.own, "began", None) is not None:
            self.longest = max(self.longest, time.perf_counter() - self.own.began)


class Neighbour(threading.Thread):
    """Begins a write of the product every few milliseconds; `longest` is the longest wait in seconds."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(daemon=True)
        self.engine = engine
        self.longest = 0.0
        self.ended = threading.Event()

    def run(self) -> None:
        """Write until ended."""
        while not self.ended.wait(LOOK_SECONDS):
            asked = time.perf_counter()
            try:
                with self.engine.connect().execution_options(write=True) as connection, connection.begin() as write:
                    self.longest = max(self.longest, time.perf_counter() - asked)
                    write.rollback()
            except OperationalError:  # whoever was locked out for good waited longest of all
                self.longest = max(self.longest, time.perf_counter() - asked)


def _settings(folder: Path) -> Settings:
    return Settings(
        _env_file=None,
        database_url=f"sqlite:///{folder}/bench.db",
        secret_key=SecretStr(secrets.token_hex()),
        field_keys=SecretStr(KEY),
        key_store=str(folder / "keys"),
        store_url=f"file:{folder}/files",
        testing=True,
        demo=True,
    )


def roster() -> bytes:
    """Return the roster as an office saves it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for place in range(ROWS):
        contact = (f"138{place:08d}", f"t{place}@demo.example")
        writer.writerow((f"P{place}", "", document_number(place), *contact, "Bench"))
    return text.getvalue().encode("gb18030")


def _tables(folder: str) -> dict[str, float]:
    with create_app(_settings(Path(folder))).app_context():
        flask_migrate.upgrade()
    return {}


def _import() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="jijing-bench-") as name:
        folder = Path(name)
        _in_process("tables", str(folder))
        app = create_app(_settings(folder))
        with app.app_context():
            school = make_school()
            with unit_of_work():
                session.execute(update(TrainingBase).values(capacity=ROWS))
            cohort = make_cohort(school, capacity=ROWS)
            data = roster()
            locks, neighbour = Locks(db.engine), Neighbour(db.engine)
            neighbour.start()
            times = _timed(data, cohort, school.base)
            neighbour.ended.set()
            neighbour.join()
    return {
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE),
        "lock_s": round(locks.longest, 3),
        "wait_s": round(neighbour.longest, 3),
        "total_s": round(sum(times[lap] for lap in LAPS), 1),
        **times,
    }


def _timed(data: bytes, cohort: Cohort, base: Member) -> dict[str, float]:
    times = {}
    began = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal began
        ended = time.perf_counter()
        times[name] = round(ended - began, 2)
        began = ended

    read = services.read_roster(data, "roster.csv")
    lap("read_s")
    with unit_of_work():
        found = cohorts.own_cohort(cohort.code, base.actor)
        staged = services.stage_roster(found, read, by=base.actor, at=now())
    _work()
    lap("check_s")
    cpu = time.process_time()
    with unit_of_work():
        found = cohorts.own_cohort(cohort.code, base.actor)
        staged = rosters.roster(found, staged.code)
        services.commit_roster(found, staged, only_good=False, by=base.actor, at=now())
    with unit_of_work():
        services.give_places(found, staged, by=base.actor, at=now())
    lap("commit_s")
    commit_cpu = round(time.process_time() - cpu, 2)
    _work()
    lap("follow_s")
    return {**times, "commit_cpu_s": commit_cpu}


def _work() -> None:
    while jobs.work():
        pass


def _bare() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="jijing-bench-") as name:
        folder = Path(name)
        create_app(_settings(folder))
        peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE)
        connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
        connection.executescript(
            "PRAGMA journal_mode = wal; PRAGMA synchronous = full;"
            " CREATE TABLE staged (id INTEGER PRIMARY KEY, code TEXT, name TEXT, sealed BLOB, k BLOB, p BLOB, e BLOB);"
            " CREATE TABLE kept (id INTEGER PRIMARY KEY, code TEXT UNIQUE, name TEXT, sealed BLOB,"
            " k BLOB UNIQUE, p BLOB UNIQUE, e BLOB UNIQUE)"
        )
        data = roster()
        began = time.perf_counter()
        rows = list(csv.reader(io.StringIO(data.decode("gb18030"))))[1:]
        ready = [
            (secrets.token_hex(13), row[0], os.urandom(180), os.urandom(32), os.urandom(32), os.urandom(32))
            for row in rows
        ]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO staged (code, name, sealed, k, p, e) VALUES (?, ?, ?, ?, ?, ?)", ready)
        connection.execute("COMMIT")
        committed = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO kept SELECT * FROM staged ORDER BY id")
        connection.execute("COMMIT")
        ended = time.perf_counter()
        connection.close()
    return {"peak_mb": peak, "commit_s": round(ended - committed, 3), "total_s": round(ended - began, 1)}


if __name__ == "__main__":
    parts: dict[str, Callable[..., dict[str, float]]] = {"import": _import, "bare": _bare, "tables": _tables}
    print(json.dumps(parts[sys.argv[1]](*sys.argv[2:])))

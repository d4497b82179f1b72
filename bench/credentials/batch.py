"""A batch of 30,000 certificates signed and logged, and one of 3,000 with their PDF, while their runners are killed.

The job runner is a process of its own, on SQLite as it is shipped. It is killed at named failpoints and at random
moments, and started again with nothing but the database; the batch must end with exactly as many certificates, leaves
and notices, no place in a status list used twice. The rate counts everything from approval to the last notice, kills
and starts included. Beside it the bare limit: as many raw Ed25519 signatures over a digest, each written with its
credential as one row of an indexed table, in transactions of the same size. The peak is what all living runners
together ever held in memory (PSS). Sizes come from BENCH_BATCH, BENCH_PAPERS and BENCH_RUNS.
"""

import hashlib
import os
import random
import secrets
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.core import files, jobs
from app.core.db import db, session, unit_of_work
from app.core.events import Event
from app.core.files import StoredFile
from app.core.jobs import Job, JobState
from app.credentials import services
from app.credentials.models import Batch, Certificate, LogEntry, PublicLeaf
from app.credentials.queries import log_audit, steps
from app.credentials.services.signing import CHUNK
from app.credentials.states import BatchState, CertificateKind
from app.desk.models import Notice
from app.settings import ROOT
from bench.credentials import crowd
from bench.figures import Figure, Figures
from bench.rosters import Neighbour
from bench.runner import WITHOUT_PAPER
from tests.factories.credentials import ISSUED_AT

SIZE = int(os.environ.get("BENCH_BATCH", "30000"))
PAPERS = int(os.environ.get("BENCH_PAPERS", "3000"))
RUNS = int(os.environ.get("BENCH_RUNS", "3"))
LOOK_SECONDS = 0.02
KILL_WITHIN = (2.0, 8.0)
"""A runner that is killed at random has lived so many seconds: it starts in about two."""
KILOBYTE, MEGABYTE = 1024, 1024 * 1024
POINTS = (
    "in_store",
    "after_lint",
    "before_sign",
    "in_sign",
    "mid_log",
    "after_log",
    "after_render",
    "mid_chunk",
    "after_publish",
    "in_notify",
    "in_finish",
)
PAPER_POINTS = ("before_render", "in_render", "after_render")


@dataclass
class Watched:
    """What a run of killed runners took: seconds, peak in MB, kills at points and at random, the longest wait."""

    seconds: float = 0.0
    peak: float = 0.0
    killed: int = 0
    at_random: int = 0
    wait: float = 0.0


def add(figures: Figures) -> None:
    """Measure both batches."""
    runs = [(_batch(SIZE, POINTS, drawn=False), _bare()) for _run in range(RUNS)]
    drawn = _batch(PAPERS, PAPER_POINTS, drawn=True)
    whole = [one for one, _rate in runs]
    rate = statistics.median(SIZE / one.seconds for one in whole)
    bare = statistics.median(rate for _one, rate in runs)
    figures.found["batch_per_s"] = Figure(round(rate, 1), "1/s", round(bare, 1), "raw signatures, each one row")
    peak = max(one.peak for one in (*whole, drawn))
    figures.found["batch_peak_mb"] = Figure(round(peak, 1), "MB", 600.0, "the most that is allowed")
    figures.found["batch_wait_ms"] = Figure(
        round(max(one.wait for one in whole) * 1000, 1), "ms", 5000.0, "how long SQLite lets another writer wait"
    )
    figures.found["batch_pdf_per_s"] = Figure(round(PAPERS / drawn.seconds, 2), "1/s")
    killed = sum(one.killed for one in (*whole, drawn)), sum(one.at_random for one in (*whole, drawn))
    figures.notes.append(
        f"batch: {RUNS} runs of {SIZE} certificates and one of {PAPERS} with PDF; {killed[0]} runners killed at "
        f"{len(POINTS)} and {len(PAPER_POINTS)} named points, {killed[1]} at random; each ended with exactly as many "
        "certificates, leaves and notices, and the audit of the log passed"
    )


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jijing-bench-") as name:
        yield Path(name)


def _batch(size: int, points: Sequence[str], *, drawn: bool) -> Watched:
    with _folder() as folder:
        site = crowd.site_in(folder, "batch")
        app = create_app(site.settings)
        with app.app_context():
            code = _approved(size)
            session.remove()
            engine = db.engine
        neighbour = Neighbour(engine)
        neighbour.start()
        watched = _run_to_the_end(site, app, points, drawn=drawn)
        neighbour.ended.set()
        neighbour.join()
        engine.dispose()
        watched.wait = neighbour.longest
        with app.app_context():
            _check(code, size, drawn=drawn)
            session.remove()
            db.engine.dispose()
        return watched


def _approved(size: int) -> str:
    """Prepare and lint a batch of so many people, approve it, and return its code."""
    office = crowd.open_office()
    crowd.requests(office, crowd.people(size))
    with unit_of_work():
        batch = services.prepare_batch(
            session.merge(office.body), kind=CertificateKind.CAPABILITY, by=office.first.actor, at=ISSUED_AT
        )
        services.lint_batch(batch, by=office.first.actor, at=ISSUED_AT)
        code = batch.code
    if batch.linted_at is None and jobs.finish(steps.lint_key(code)).state is not JobState.DONE:
        msg = "the batch was not linted"
        raise RuntimeError(msg)
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=ISSUED_AT)
    return code


def _run_to_the_end(site: crowd.Site, app: Flask, points: Sequence[str], *, drawn: bool) -> Watched:
    """Start runners until the batch is issued: one dies at each named point, and one at random after each."""
    watched, began = Watched(), time.perf_counter()
    for point in points:
        if _runner(site, watched, point=point, drawn=drawn):
            watched.killed += 1
        if _runner(site, watched, within=random.uniform(*KILL_WITHIN), drawn=drawn):
            watched.at_random += 1
    while not _over(app):
        _runner(site, watched, drawn=drawn)
    watched.seconds = time.perf_counter() - began
    return watched


def _runner(site: crowd.Site, watched: Watched, *, point: str = "", within: float | None = None, drawn: bool) -> bool:
    """Run one job runner to its end or death and note its memory; tell whether it died."""
    environment = {**os.environ, **site.environment, "FAILPOINT": point, "DEMO": "1"}
    command = [sys.executable, "-m", "bench.runner", *([] if drawn else [WITHOUT_PAPER])]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    until = None if within is None else time.monotonic() + within
    while process.poll() is None:
        watched.peak = max(watched.peak, _held(process.pid))
        if until is not None and time.monotonic() > until:
            process.kill()
            break
        time.sleep(LOOK_SECONDS)
    return process.wait() < 0


def _held(root: int) -> float:
    """Return what a runner and its children hold in memory, in megabytes: no page counted twice (PSS).

    At least what the runner itself ever held, so that no peak between two looks is missed. While a process waits for a
    child to become another program (`vfork`), the child shows its parent's memory as its own and is left out.
    """
    total, waiting = 0.0, [root]
    while waiting:
        one = waiting.pop()
        total += _kilobytes(one, "smaps_rollup", "Pss:")
        with suppress(OSError):
            waits = " D " in Path(f"/proc/{one}/stat").read_text().rpartition(")")[2][:3]
            children = Path(f"/proc/{one}/task/{one}/children").read_text().split()
            waiting += [] if waits else [int(child) for child in children]
    return max(total, _kilobytes(root, "status", "VmHWM:")) / KILOBYTE


def _kilobytes(process: int, name: str, wanted: str) -> int:
    """Return a figure that the kernel tells of a process, 0 where it has ended."""
    try:
        lines = Path(f"/proc/{process}/{name}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(wanted)), 0)


def _over(app: Flask) -> bool:
    with app.app_context():
        states = session.scalars(select(Job.state)).all()
        session.remove()
    if JobState.FAILED in states:
        msg = "the batch failed"
        raise RuntimeError(msg)
    return JobState.QUEUED not in states


def _check(code: str, size: int, *, drawn: bool) -> None:
    """Raise RuntimeError unless everything is there exactly once, with a PDF of its own where one is drawn."""
    batch = session.scalars(select(Batch).where(Batch.code == code)).one()
    places = select(Certificate.status_list_id, Certificate.status_index).distinct().subquery()
    told = select(func.count()).select_from(Event).where(Event.kind == "credentials.published")
    found = {
        "issued": size if batch.state is BatchState.ISSUED and batch.size == size else 0,
        "certificates": _count(Certificate),
        "published": steps.published(batch.id),
        "places": session.scalar(select(func.count()).select_from(places)),
        "entries": _count(LogEntry),
        "leaves": _count(PublicLeaf),
        "events": session.scalar(told),
        "notices": _count(Notice),
    }
    wrong = {name: count for name, count in found.items() if count != size}
    if (papers := _papers()) != (size if drawn else 0):
        wrong["papers"] = papers
    faults = [one for one in log_audit.audit() if not one.passed]
    if wrong or faults:
        msg = f"not exactly {size}: {wrong} {faults}"
        raise RuntimeError(msg)


def _papers() -> int:
    """Count the certificates whose PDF lies in the store whole, each once."""
    query = select(StoredFile).join(Certificate, Certificate.pdf_file_id == StoredFile.id).distinct()
    return sum(files.load(one).startswith(b"%PDF") for one in session.scalars(query))


def _count(model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def _bare() -> float:
    """Return how many raw signatures over a digest a second can be made and kept, each as one row."""
    key, text = Ed25519PrivateKey.generate(), "x" * 3300
    with _folder() as folder:
        connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA synchronous = 2")
        connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, code TEXT UNIQUE, credential TEXT, proof BLOB)")
        began = time.perf_counter()
        for first in range(0, SIZE, CHUNK):
            connection.execute("BEGIN IMMEDIATE")
            rows = [
                (secrets.token_hex(13), text, key.sign(hashlib.sha256(f"{text}{place}".encode()).digest()))
                for place in range(first, min(first + CHUNK, SIZE))
            ]
            connection.executemany("INSERT INTO bare (code, credential, proof) VALUES (?, ?, ?)", rows)
            connection.execute("COMMIT")
        seconds = time.perf_counter() - began
        connection.close()
    return SIZE / seconds

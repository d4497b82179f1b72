"""Every GET route a demo role may open: server time and SQL statements, in production mode.

The demo is loaded into a database of its own; its accounts lose their demo mark, so that the application
starts as in production. Everyone walks (`bench.walk`); of each route a few visits drawn by chance are measured. Routes
that nobody saw are named: with the reason that is declared for them, else the run fails, as it does over the limits.
`QUICK=1` makes a small run.
"""

import base64
import gc
import os
import random
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, render_template_string
from flask_migrate import upgrade
from pydantic import SecretStr
from sqlalchemy import delete, event, func, select, union, update

from app import create_app
from app.accounts import services
from app.accounts.models import Account, Membership, Person
from app.assessment.exams.models import ConductRecord, Registration
from app.cli.demo.registry import STEPS
from app.cli.demo.step import Demo
from app.core import jobs
from app.core.access import signed_in
from app.core.clock import ClockSetting, real_now
from app.core.db import db, session, unit_of_work
from app.credentials.bundling import bundle_trust
from app.credentials.models import Certificate, ShareLink
from app.settings import Settings
from bench.figures import Figure, Figures
from bench.unvisited import REASONS
from bench.walk import Visit, Visitor, Walk, by_route

QUICK = bool(int(os.environ.get("QUICK", "0") or 0))
SLOWEST_MS, MOST_STATEMENTS = 60, 12
"""A page is answered in less, whoever opens it, at the 95th percentile of its server time."""
REQUESTS = 6 if QUICK else 30
WARM_UP = 1 if QUICK else 3
RUNS = 1 if QUICK else 3
SUSPECTS = 12
WALKED = 1 if QUICK else 3
"""Records of a route that each person opens on the walk."""
MEASURED = 1 if QUICK else 3
"""Visits of a route whose time is taken."""
SHOWN = 8
HOLDERS = (
    select(func.min(Certificate.person_id)),
    select(func.min(ShareLink.person_id)),
    select(func.min(Registration.person_id)).join(ConductRecord, ConductRecord.registration_id == Registration.id),
)
"""Who holds a certificate, who shares one, whose conduct in an exam was recorded: the demo gives them no account."""
EMPTY = "/bench/empty"
EMPTY_IS = "an empty signed-in page"
EMPTY_PAGE = (
    "{% extends 'web/base.html' %}{% block title %}Empty{% endblock %}{% block content %}<h1>Empty</h1>{% endblock %}"
)


@dataclass(frozen=True)
class Measured:
    """A visit made again: p95 of its server time in milliseconds, and its SQL statements."""

    visit: Visit
    p95: float
    statements: int

    def __str__(self) -> str:
        """Write it as a line of the table."""
        return (
            f"  {self.p95:8.1f} ms p95 {self.statements:4d} statements  {self.visit.visitor.name:22} {self.visit.path}"
        )


def run() -> Figures:
    """Walk, measure a few visits of each route, and the slowest pages again beside the empty one."""
    with tempfile.TemporaryDirectory(prefix="jijing-bench-") as folder:
        app = production(Path(folder))
        counter = count_statements(app)
        walk = Walk(app, counter, WALKED, without=frozenset(REASONS))
        visitors = list(_visitors(app))
        walk.all(visitors)
        found = [_measure(one, counter) for one in _sample(walk.visits)]
        busiest = [_measure(one, counter) for one in sorted(walk.visits, key=lambda one: -one.statements)[:SHOWN]]
        slowest, empties = _again(found, visitors[1], counter)
    figures = Figures(
        {
            "page_p95_ms": Figure(
                round(slowest[0].p95, 2), "ms", round(statistics.median(one.p95 for one in empties), 2), EMPTY_IS
            ),
            "page_queries_max": Figure(
                max(one.statements for one in (*found, *busiest)), "statements", empties[0].statements, EMPTY_IS
            ),
            "routes_visited": Figure(
                len(by_route(walk.visits)), "routes", len(walk.reachable()), "open to a demo role"
            ),
        },
        [
            f"{len(walk.visits)} visits by {len(visitors)} visitors; {len(found)} measured, {REQUESTS} requests each",
            f"after {WARM_UP}; the {SUSPECTS} slowest pages {RUNS} times more beside the empty one: the median counts.",
            "Files are listed, not judged by their time: they take as long as they are large.",
        ],
    )
    figures.notes += [*_listed(walk), *_worst(slowest, found, busiest)]
    figures.broken += _broken(walk, slowest, [*found, *busiest])
    return figures


def _sample(visits: Sequence[Visit]) -> list[Visit]:
    """A few visits of each route by chance; what only leads elsewhere is not measured."""
    chance = random.Random(20260301)
    answered = by_route(one for one in visits if not one.kind.startswith("to "))
    return [one for made in answered.values() for one in chance.sample(made, min(len(made), MEASURED))]


def _again(found: Sequence[Measured], anyone: Visitor, counter: Counter[str]) -> tuple[list[Measured], list[Measured]]:
    """Measure the slowest pages again, each run beside the empty page; return both, the slowest page first."""
    pages = [one for one in found if one.visit.is_page]
    suspects = sorted(pages, key=lambda one: -one.p95)[:SUSPECTS]
    empty = Visit(anyone, "bench_empty", EMPTY, "text/html", 0)
    runs, empties = [], []
    for _run in range(RUNS):
        runs.append([_measure(one.visit, counter) for one in suspects])
        empties.append(_measure(empty, counter))
    medians = [
        Measured(times[0].visit, statistics.median(one.p95 for one in times), times[0].statements)
        for times in zip(*runs, strict=True)
    ]
    return sorted(medians, key=lambda one: -one.p95), empties


def _listed(walk: Walk) -> list[str]:
    """Every route with how many saw what of it, then what nobody saw and why."""
    rows = []
    for endpoint, made in sorted(by_route(walk.visits).items()):
        people, kinds = len({one.visitor for one in made}), sorted({one.kind for one in made})
        records = len({one.path for one in made})
        rows.append(f"  {endpoint:52} {records:3d} records, {people:2d} people: {', '.join(kinds)}")
    unseen = [f"  {endpoint:52} {REASONS.get(endpoint, 'NO REASON DECLARED')}" for endpoint in sorted(walk.unvisited())]
    return ["visited:", *rows, "not visited:", *unseen]


def _worst(slowest: Sequence[Measured], found: Sequence[Measured], busiest: Sequence[Measured]) -> list[str]:
    files = sorted((one for one in found if not one.visit.is_page), key=lambda one: -one.p95)[:SHOWN]
    busy = sorted({one.visit: one for one in (*found, *busiest)}.values(), key=lambda one: -one.statements)[:SHOWN]
    return [
        "slowest pages:",
        *map(str, slowest[:SHOWN]),
        "slowest files:",
        *map(str, files),
        "most statements:",
        *map(str, busy),
    ]


def _broken(walk: Walk, slowest: Sequence[Measured], counted: Sequence[Measured]) -> Iterator[str]:
    """What the run fails for."""
    for one in slowest:
        if one.p95 >= SLOWEST_MS:
            yield f"{one.p95:.1f} ms, less than {SLOWEST_MS} allowed: {one.visit.path} as {one.visit.visitor.name}"
    for one in {(one.visit.visitor.name, one.visit.path): one for one in counted}.values():
        if one.statements >= MOST_STATEMENTS:
            told = f"{one.statements} statements, fewer than {MOST_STATEMENTS} allowed"
            yield f"{told}: {one.visit.path} as {one.visit.visitor.name}"
    for endpoint in sorted(walk.unvisited() - REASONS.keys()):
        yield f"not visited, and no reason is declared: {endpoint}"


def production(folder: Path) -> Flask:
    """Load the demo into a database of its own and return the application over it in production mode."""
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    given: dict[str, Any] = {
        "database_url": f"sqlite:///{folder}/jijing.db",
        "field_keys": SecretStr(key),
        "key_store": f"{folder}/keys",
        "store_url": f"file:{folder}/files",
        "queue_path": f"{folder}/jobs.db",
    }
    demo = create_app(Settings(_env_file=None, demo=True, secret_key=SecretStr("demo-bench"), **given))
    with demo.app_context():
        upgrade()
        for step in STEPS:
            step.load(Demo())
        jobs.work()
        bundle_trust()
        with unit_of_work():
            session.execute(update(Account).values(demo=False))
            session.execute(delete(ClockSetting))
        session.remove()
        db.engine.dispose()
    app = create_app(Settings(_env_file=None, secret_key=SecretStr(secrets.token_urlsafe(48)), **given))
    app.add_url_rule(EMPTY, "bench_empty", signed_in(lambda: render_template_string(EMPTY_PAGE)))
    gc.collect()
    gc.freeze()  # as a web worker does (wsgi.py)
    return app


def count_statements(app: Flask) -> Counter[str]:
    """Return a counter that counts every SQL statement from now on."""
    counter: Counter[str] = Counter()
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *_given: counter.update(["sql"]))
    return counter


def _visitors(app: Flask) -> Iterator[Visitor]:
    """Give the public and everyone who signs in; no context stays open, so each request has its own."""
    yield Visitor("public", "", app.test_client())
    for name, token in tokens_of(app):
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        yield Visitor(name, name.partition("@")[0], client)


def tokens_of(app: Flask) -> list[tuple[str, str]]:
    """Open a session for every role of who has an account or is a holder, named by role, region and number."""
    tokens: dict[str, str] = {}
    with app.app_context(), unit_of_work():
        people = union(select(Account.person_id), *HOLDERS).subquery()
        query = select(Membership).join(people, people.c.person_id == Membership.person_id).order_by(Membership.id)
        for number, member in enumerate(session.scalars(query).all(), 1):
            person = session.get_one(Person, member.person_id)
            tokens[f"{member.role.value}@{member.region_code}/{number}"] = services.start_session(
                person=person, membership=member, second_factor=True, at=real_now()
            )
    return list(tokens.items())


def _measure(visit: Visit, counter: Counter[str]) -> Measured:
    times = []
    for turn in range(WARM_UP + REQUESTS):
        counter.clear()
        with timed() as took:
            visit.visitor.client.get(visit.path)
        if turn >= WARM_UP:
            times.append(took[0])
    return Measured(visit, statistics.quantiles(times, n=20)[-1] * 1000, counter["sql"])


@contextmanager
def timed() -> Iterator[list[float]]:
    """Give a list whose first entry becomes the seconds that the block took."""
    took = [0.0]
    start = time.perf_counter()
    yield took
    took[0] = time.perf_counter() - start

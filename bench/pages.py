"""Every page a demo role may open: server time and SQL statements, in production mode.

The demo is loaded into a database of its own; its accounts lose their demo mark, so that the application
starts as in production. Each role walks from its home page along the links it is offered, one address a route.
"""

import base64
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_migrate import upgrade
from lxml import html
from pydantic import SecretStr
from sqlalchemy import delete, event, select, update

from app import create_app
from app.accounts import services
from app.accounts.models import Account, Membership, Person
from app.cli.demo.registry import STEPS
from app.cli.demo.step import Demo
from app.core import jobs
from app.core.access import signed_in
from app.core.clock import ClockSetting, real_now
from app.core.db import db, session, unit_of_work
from app.settings import Settings
from bench.figures import Figure, Figures

REQUESTS = 30
WARM_UP = 3
RUNS = 3
SUSPECTS = 12
PER_ROUTE = 1
PAGES_PER_ROLE = 60
SWITCHES = ("/lang/", "/theme/", "/static/")
EMPTY = "/bench/empty"
EMPTY_PAGE = (
    "{% extends 'web/base.html' %}{% block title %}Empty{% endblock %}{% block content %}<h1>Empty</h1>{% endblock %}"
)


@dataclass(frozen=True)
class Measured:
    """One page of one role: p95 of its server time in milliseconds, and its SQL statements."""

    role: str
    path: str
    p95: float
    statements: int


def run() -> Figures:
    """Measure every page and the empty one in turn."""
    with tempfile.TemporaryDirectory(prefix="jijing-bench-") as folder:
        app = production(Path(folder))
        counter = count_statements(app)
        walks = {role: (client, _walk(app, client)) for role, client in _clients(app)}
        found = [_measure(client, role, path, counter) for role, (client, paths) in walks.items() for path in paths]
        nearest = next(client for role, (client, _paths) in walks.items() if role != "public")
        suspects = sorted(found, key=lambda one: -one.p95)[:SUSPECTS]
        rounds = [
            (
                [_measure(walks[one.role][0], one.role, one.path, counter) for one in suspects],
                _measure(nearest, "any", EMPTY, counter),
            )
            for _run in range(RUNS)
        ]
    again = [
        statistics.median(times) for times in zip(*([one.p95 for one in seen] for seen, _bare in rounds), strict=True)
    ]
    worst = max(again)
    empty = [bare for _seen, bare in rounds]
    busiest = max(found, key=lambda one: one.statements)
    bare = statistics.median(one.p95 for one in empty)
    figures = Figures(
        {
            "page_p95_ms": Figure(round(worst, 2), "ms", round(bare, 2), "an empty signed-in page"),
            "page_queries_max": Figure(
                busiest.statements, "statements", empty[0].statements, "an empty signed-in page"
            ),
        },
        [
            f"{len(found)} pages of {len(walks)} roles and the public, {REQUESTS} requests each after {WARM_UP};",
            f"the {SUSPECTS} slowest were measured {RUNS} times more beside the empty page: the median of each counts",
        ],
    )
    medians = [Measured(one.role, one.path, p95, one.statements) for one, p95 in zip(suspects, again, strict=True)]
    figures.notes += _worst(medians, found)
    return figures


def _worst(suspects: list[Measured], found: list[Measured]) -> list[str]:
    slow = sorted(suspects, key=lambda one: -one.p95)[:8]
    busy = sorted(found, key=lambda one: -one.statements)[:8]
    line = "  {one.p95:8.1f} ms p95 {one.statements:4d} statements  {one.role:12} {one.path}"
    return [
        "slowest of them:",
        *(line.format(one=one) for one in slow),
        "most statements:",
        *(line.format(one=one) for one in busy),
    ]


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
        with unit_of_work():
            session.execute(update(Account).values(demo=False))
            session.execute(delete(ClockSetting))
        session.remove()
        db.engine.dispose()
    app = create_app(Settings(_env_file=None, secret_key=SecretStr(secrets.token_urlsafe(48)), **given))
    app.add_url_rule(EMPTY, "bench_empty", signed_in(lambda: render_template_string(EMPTY_PAGE)))
    return app


def count_statements(app: Flask) -> Counter[str]:
    """Return a counter that counts every SQL statement from now on."""
    counter: Counter[str] = Counter()
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *_given: counter.update(["sql"]))
    return counter


def _clients(app: Flask) -> Iterator[tuple[str, FlaskClient]]:
    """Give the public's client and one for each membership; no context stays open, so each request has its own."""
    yield "public", app.test_client()
    for role, token in tokens_of(app):
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        yield role, client


def tokens_of(app: Flask) -> list[tuple[str, str]]:
    """Open a session for one demo account of each role and region."""
    tokens: dict[str, str] = {}
    with app.app_context(), unit_of_work():
        query = select(Membership).join(Account, Account.person_id == Membership.person_id).order_by(Membership.id)
        for member in session.scalars(query).all():
            role = f"{member.role.value}@{member.region_code}"
            if role not in tokens:
                person = session.get_one(Person, member.person_id)
                tokens[role] = services.start_session(
                    person=person, membership=member, second_factor=True, at=real_now()
                )
    return list(tokens.items())


def _walk(app: Flask, client: FlaskClient) -> list[str]:
    """Follow the links offered, two addresses a route, and return the pages."""
    waiting = ["/home", "/", EMPTY]
    seen: set[str] = set()
    pages: list[str] = []
    routes: Counter[str] = Counter()
    while waiting and len(pages) < PAGES_PER_ROLE:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        endpoint = _endpoint(app, path)
        if endpoint is None or routes[endpoint] >= PER_ROUTE:
            continue
        response = client.get(path)
        if response.status_code != HTTPStatus.OK or response.mimetype != "text/html":
            continue
        routes[endpoint] += 1
        pages.append(path)
        waiting += _links(response.text)
    return pages


def _endpoint(app: Flask, path: str) -> str | None:
    try:
        return app.url_map.bind("localhost").match(urlsplit(path).path)[0]
    except Exception:  # noqa: BLE001 - an address that is no page of ours
        return None


def _links(text: str) -> list[str]:
    found = html.fromstring(text).xpath("//a/@href")
    return [
        str(link) for link in found if link.startswith("/") and not link.startswith(("/lang/", "/theme/", "/static/"))
    ]


def _measure(client: FlaskClient, role: str, path: str, counter: Counter[str]) -> Measured:
    times = []
    for turn in range(WARM_UP + REQUESTS):
        counter.clear()
        with timed() as took:
            client.get(path)
        if turn >= WARM_UP:
            times.append(took[0])
    return Measured(role, path, statistics.quantiles(times, n=20)[-1] * 1000, counter["sql"])


@contextmanager
def timed() -> Iterator[list[float]]:
    """Give a list whose first entry becomes the seconds that the block took."""
    took = [0.0]
    start = time.perf_counter()
    yield took
    took[0] = time.perf_counter() - start

"""The benchmark of pages sees what each person may open, and names what nobody saw."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, redirect
from werkzeug.wrappers import Response

from app.core.access import public, requires, signed_in
from app.core.room import Room, open_rooms
from bench import pages
from bench.unvisited import REASONS
from bench.walk import Visitor, Walk, gets

pytestmark = pytest.mark.one_database

ROWS = 20


@public
def start() -> str:
    links = " ".join(f'<a href="/records/{code}?all=yes&amp;page=1">one</a>' for code in range(1, 6))
    return links + '<form action="/forms/1"></form><script src="https://elsewhere/records/9"></script>'


@public
def record(code: str) -> tuple[str, int]:
    return "", 404 if code == "1" else 200


@public
def form(code: str) -> str:
    return code


@signed_in
def mine() -> Response:
    return redirect("/records/1")


@requires("files.read")
def listed() -> tuple[dict[str, str], int]:
    return {"first": "http://localhost:8000/files/x/y"}, 200


@requires("files.read")
def file(code: str, part: str) -> str:
    return code + part


@requires("files.write")
def locked() -> str:
    return ""


@public
def never(code: str) -> str:
    return code


@public
def rows() -> str:
    return " ".join(f'<a href="/rows/{number}">one</a>' for number in range(ROWS))


@public
def row(number: str) -> str:
    return f'<a href="/rare/{number}">its one exception</a>' if number == "7" else number


@public
def rare(number: str) -> str:
    return number


ROUTES: dict[str, Callable[..., Any]] = {
    "/": start,
    "/records/<code>": record,
    "/forms/<code>": form,
    "/mine": mine,
    "/files.json": listed,
    "/files/<code>/<part>": file,
    "/locked": locked,
    "/never/<code>": never,
}
RARE: dict[str, Callable[..., Any]] = {"/rows": rows, "/rows/<number>": row, "/rare/<number>": rare}


@pytest.fixture(name="walk")
def _walk() -> Walk:
    return walked(ROUTES)


def walked(routes: dict[str, Callable[..., Any]]) -> Walk:
    app = Flask("walked", static_folder=None)
    open_rooms(app, (Room("files", grants={"reader": ["files.read"]}),))
    for rule, view in routes.items():
        app.add_url_rule(rule, view.__name__, view)
    walk = Walk(app, Counter(), per_route=2, without=frozenset({"never"}))
    walk.all([Visitor("public", "", app.test_client()), Visitor("reader", "reader", app.test_client())])
    return walk


def paths(walk: Walk, visitor: str) -> set[str]:
    return {one.path for one in walk.visits if one.visitor.name == visitor}


def test_a_visitor_follows_whatever_an_answer_names_and_opens_a_few_records_a_route(walk: Walk) -> None:
    seen = paths(walk, "public")

    assert {"/", "/forms/1"} <= seen
    records = {one for one in seen if one.startswith("/records/")}
    assert len(records) == 2
    assert records < {f"/records/{code}?all=yes&page=1" for code in range(2, 6)}


def test_a_visitor_begins_at_what_the_role_may_open_and_reads_json(walk: Walk) -> None:
    assert {"/mine", "/files.json", "/files/x/y"} <= paths(walk, "reader")
    assert "/locked" not in paths(walk, "reader")
    kinds = {one.path: one.kind for one in walk.visits}
    assert kinds["/mine"] == "to record"
    assert kinds["/files.json"] == "application/json"


def test_more_records_are_opened_for_a_route_that_hangs_on_one_of_them() -> None:
    walk = walked(ROUTES | RARE)

    assert "/rare/7" in paths(walk, "public")
    assert len({one for one in paths(walk, "public") if one.startswith("/rows/")}) > walk.per_route


def test_what_nobody_saw_is_named_and_what_nobody_may_open_is_not(walk: Walk) -> None:
    assert walk.unvisited() == {"never"}


def measured(walk: Walk, *, p95: float, statements: int) -> pages.Measured:
    visit = next(one for one in walk.visits if one.path == "/")
    return pages.Measured(visit, p95, statements)


@pytest.mark.parametrize(
    ("p95", "statements", "found"),
    [
        (59.9, 11, []),
        (60.0, 11, ["60.0 ms, less than 60 allowed: / as public"]),
        (59.9, 12, ["12 statements, fewer than 12 allowed: / as public"]),
    ],
)
def test_a_run_fails_for_a_slow_page_for_many_statements_and_for_a_route_unseen(
    walk: Walk, p95: float, statements: int, found: list[str]
) -> None:
    one = measured(walk, p95=p95, statements=statements)

    broken = list(pages._broken(walk, [one], [one]))

    assert broken == [*found, "not visited, and no reason is declared: never"]


def test_reasons_are_declared_for_routes_that_there_are(app: Flask) -> None:
    assert REASONS.keys() <= {rule.endpoint for rule in gets(app)}

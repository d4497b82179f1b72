"""Who is let in at a route: nobody where nothing is declared, else those whom its declaration names."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.core import access
from app.core.access import Actor
from app.core.errors import ForbiddenError

pytestmark = pytest.mark.one_database

WRITER = Actor(1, "p1", "王敏", "author", "", frozenset({"items.write"}))
CANDIDATE = Actor(2, "p2", "李强", "trainee", "", frozenset({"items.write"}), limited_to="t1")
Declares = Callable[[Callable[..., Any]], Callable[..., Any]]
ROUTES: dict[str, Declares] = {
    "public": access.public,
    "own": access.signed_in,
    "write": access.requires("items.write"),
    "judge": access.requires("items.judge"),
    "sitting": lambda view: access.narrow(access.signed_in(view)),
    "hot": lambda view: access.checks_itself(access.requires("items.judge")(view)),
    "program": access.by_key("items.read"),
    "silent": lambda view: view,
}


@pytest.fixture
def asked() -> list[str | None]:
    """What the door of programs was asked for."""
    return []


@pytest.fixture
def site(asked: list[str | None]) -> Flask:
    """A site with one route of each kind, whose pages say whether they take keys."""
    made = Flask(__name__)
    for name, declare in ROUTES.items():
        view = declare(lambda: str(access.takes_keys()))
        made.add_url_rule(f"/{name}", f"room.{name}", view, methods=["GET", "POST"])
    made.add_url_rule("/in", "accounts.sign_in", access.public(lambda: str(access.acting().name)))
    made.extensions["key_door"] = asked.append
    made.testing = True
    access.init_app(made)
    return made


def answer(
    site: Flask, path: str, who: Actor | None, *, takes: str = "text/html", method: str = "GET"
) -> tuple[int, str]:
    """Ask for a page as somebody; return the status and what the page says."""
    site.extensions["actor_loader"] = lambda: who
    try:
        response = site.test_client().open(path, method=method, headers={"Accept": takes, "Accept-Language": "en"})
    except ForbiddenError as refused:
        return refused.status, ""
    return response.status_code, response.text


@pytest.mark.parametrize(
    ("path", "stranger", "writer", "candidate"),
    [
        ("/public", 200, 200, 200),
        ("/own", 302, 200, 403),
        ("/write", 302, 200, 403),
        ("/judge", 302, 403, 403),
        ("/sitting", 302, 200, 200),
        ("/hot", 200, 200, 200),
        ("/silent", 403, 403, 403),
        ("/static/none.css", 404, 404, 404),
        ("/nowhere", 404, 404, 404),
    ],
)
def test_a_route_lets_in_whom_it_declares(site: Flask, path: str, stranger: int, writer: int, candidate: int) -> None:
    found = [answer(site, path, who)[0] for who in (None, WRITER, CANDIDATE)]

    assert found == [stranger, writer, candidate]


def test_a_program_is_handed_to_the_door_of_keys_with_the_permission(site: Flask, asked: list[str | None]) -> None:
    assert answer(site, "/program", None) == (200, "True")
    assert answer(site, "/own", WRITER) == (200, "False")
    assert asked == ["items.read"]
    with site.test_request_context("/nowhere"):
        assert not access.takes_keys()


def test_only_a_browser_that_asks_for_a_page_is_led_to_sign_in(site: Flask) -> None:
    assert answer(site, "/own", None)[0] == 302
    assert answer(site, "/own", None, takes="application/json")[0] == 401
    assert answer(site, "/own", None, method="POST")[0] == 401


def test_nobody_acts_outside_of_a_request_or_without_a_session(site: Flask) -> None:
    assert answer(site, "/in", WRITER) == (200, "王敏")
    assert answer(site, "/in", None)[0] == 403
    assert access.current_actor() is None
    del site.extensions["actor_loader"]
    with site.test_request_context("/in"):
        assert access.current_actor() is None


def test_an_actor_met_twice_is_one_actor_whatever_is_told_beside() -> None:
    met = [replace(WRITER, extra={"language": "en"}) for _ in range(2)]

    assert set(met) == {met[0]}

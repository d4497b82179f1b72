"""Deny by default: every route says who may call it, and nobody else gets in."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.accounts.states import Role
from app.core.access import access_of
from app.core.room import permissions_of
from app.settings import ROOT
from scripts.describe import described
from tests.factories.accounts import SHANDONG, make_organisation

pytestmark = pytest.mark.one_database

STATIC = {"web.static"}


def routes(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def permission(app: Flask, rule: Rule) -> str | None:
    access = access_of(app.view_functions[rule.endpoint])
    return access.permission if access else None


def address(app: Flask, rule: Rule) -> str:
    """Fill a route with values that no record has."""
    values = dict.fromkeys(rule.arguments, 1 if "int:" in rule.rule else "nobody")
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values, method=_method(rule))


def _method(rule: Rule) -> str:
    return next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def test_every_route_declares_its_access(app: Flask) -> None:
    undeclared = [
        rule.rule
        for rule in routes(app)
        if access_of(app.view_functions[rule.endpoint]) is None and rule.endpoint not in STATIC
    ]

    assert undeclared == []


def test_a_route_without_declared_access_lets_nobody_in(app: Flask, client: FlaskClient) -> None:
    endpoint = "desk.home"
    view = app.view_functions[endpoint]

    def undeclared() -> str:
        return "secret"

    app.view_functions[endpoint] = undeclared
    try:
        assert client.get("/home").status_code == 403
    finally:
        app.view_functions[endpoint] = view


def test_the_generated_documents_are_current(app: Flask) -> None:
    stale = [str(path) for path, text in described(app).items() if not path.exists() or path.read_text("utf-8") != text]

    assert stale == [], "run: .venv/bin/python -m scripts.describe"


def test_a_stranger_is_sent_to_sign_in_or_refused(app: Flask, client: FlaskClient) -> None:
    for rule in routes(app):
        access = access_of(app.view_functions[rule.endpoint])
        if access is None or access.kind == "public":
            continue
        method = _method(rule)
        accept = "text/html" if method == "GET" else "application/json"
        response = client.open(address(app, rule), method=method, headers={"Accept": accept})
        if method == "GET":
            assert response.status_code in {302, 401}, rule.rule
            if response.status_code == 302:
                assert response.location.startswith("/sign-in"), rule.rule
        else:
            assert response.status_code == 401, rule.rule


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_into_its_own_routes_only(app: Flask, role: Role, sign_in: Callable[..., FlaskClient]) -> None:
    client = sign_in(role, SHANDONG, make_organisation())
    granted = permissions_of(role)
    for rule in routes(app):
        wanted = permission(app, rule)
        if wanted is None:
            continue
        # A refusal is asked for as a program would, which spares building a page for each of many thousands
        accept = "text/html" if wanted in granted else "application/json"
        response = client.open(address(app, rule), method=_method(rule), headers={"Accept": accept})
        if wanted in granted:
            assert response.status_code != 403 or "nobody" not in rule.rule, rule.rule
            assert response.status_code < 500, rule.rule
        else:
            assert response.status_code == 403, f"{role} at {rule.rule}"


def _asked_by_scopes() -> set[str]:
    """Return the permissions that row scopes ask for: `actor.may(Permission.TEACH)` in a room."""
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        words = re.findall(r"may\(Permission\.([A-Z_]+)\)", path.read_text("utf-8"))
        found |= {f"{room}.{word.lower()}" for room in path.parts for word in words}
    return found


def test_no_permission_is_granted_that_nothing_asks_for(app: Flask) -> None:
    asked = {permission(app, rule) for rule in routes(app)}
    asked |= {
        move.permission
        for room in app.extensions["rooms"]
        for lifecycle in room.lifecycles
        for move in lifecycle.moves.values()
    }
    asked |= {item.permission for room in app.extensions["rooms"] for item in room.navigation}
    asked |= _asked_by_scopes()
    granted = {one for role in Role for one in permissions_of(role)}

    assert granted - asked == set()

"""Deny by default: every route says who may call it, and nobody else gets in."""

import re
from collections.abc import Callable

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.accounts.states import Role
from app.core.access import CHECKS_ITSELF, KEY, access_of
from app.core.errors import ForbiddenError
from app.core.room import permissions_of
from app.settings import ROOT
from scripts.describe import described
from tests.factories.accounts import SHANDONG, make_member, make_organisation

pytestmark = pytest.mark.one_database

STATIC = {"web.static"}


def routes(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def permission(app: Flask, rule: Rule) -> str | None:
    access = access_of(app.view_functions[rule.endpoint])
    return access.permission if access else None


ADDRESSES: dict[tuple[str, str], str] = {}


def address(app: Flask, rule: Rule) -> str:
    """Fill a route with values that no record has."""
    known = ADDRESSES.get((rule.rule, _method(rule)))
    if known is not None:
        return known
    values = dict.fromkeys(rule.arguments, 1 if "int:" in rule.rule else "nobody")
    with app.test_request_context():
        built = app.url_map.bind("localhost").build(rule.endpoint, values, method=_method(rule))
    ADDRESSES[rule.rule, _method(rule)] = built
    return built


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


def refused_of(app: Flask, rule: Rule) -> list[Role]:
    """Return the roles that a route refuses."""
    wanted = permission(app, rule)
    return [] if wanted is None else [role for role in Role if wanted not in permissions_of(role)]


def test_no_role_passes_the_door_of_a_route_that_is_not_its_own(app: Flask) -> None:
    """Ask each door for each role before the view would run: one request a route, whoever acts in it."""
    actors = {role: make_member(role, SHANDONG).actor for role in Role}
    asked = 0
    for rule in (one for one in routes(app) if not checks_itself(app, one)):
        with app.test_request_context(address(app, rule), method=_method(rule)):
            for role in refused_of(app, rule):
                g.actor = actors[role]
                with pytest.raises(ForbiddenError) as refused:
                    app.preprocess_request()
                assert refused.value.status == 403, f"{role} at {rule.rule}"
                asked += 1
    assert asked > 5000


LOOKED_AT: set[str] = set()
"""The pages that were linted; the next role sees them under its own navigation, which is linted with its first page."""


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_into_its_own_routes_and_is_told_so_at_others(
    app: Flask, role: Role, sign_in: Callable[..., FlaskClient]
) -> None:
    """Ask whole requests: each route of the role's own, and each other one of one role that it refuses.

    A route whose view itself holds the door is asked of every role that it refuses.
    """
    client = sign_in(role, SHANDONG, make_organisation())
    granted, first = permissions_of(role), True
    for number, rule in enumerate(routes(app)):
        if permission(app, rule) in granted:
            new = first or rule.endpoint not in LOOKED_AT
            response = client.open(address(app, rule), method=_method(rule), lint=new)
            first = first and response.mimetype != "text/html"
            LOOKED_AT.add(rule.endpoint)
            assert response.status_code < 500, rule.rule
            assert response.status_code != 403 or "<" in rule.rule or takes_keys(app, rule), rule.rule
        elif (refused := refused_of(app, rule)) and (
            refused[number % len(refused)] is role or checks_itself(app, rule)
        ):
            response = client.open(address(app, rule), method=_method(rule), headers={"Accept": "application/json"})
            assert response.status_code == 403, f"{role} at {rule.rule}"


def checks_itself(app: Flask, rule: Rule) -> bool:
    """Tell whether a view holds its door itself, in the statement that does the act."""
    return bool(getattr(app.view_functions[rule.endpoint], CHECKS_ITSELF, False))


def takes_keys(app: Flask, rule: Rule) -> bool:
    """Tell whether programs call a route, so that no session of a person does."""
    access = access_of(app.view_functions[rule.endpoint])
    return access is not None and access.kind == KEY


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

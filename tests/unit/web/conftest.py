"""A house with nothing but the web package: no database, made-up rooms."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from flask_wtf import CSRFProtect

from app import web
from app.core import access
from app.core.access import Actor, public, requires, signed_in
from app.core.room import NavItem, Room, open_rooms

MAY = "cohorts.see"
ACTOR = Actor(1, "p-1", "欧阳明", "base", "Base administrator", frozenset({MAY}), scope_label="关中培训基地")


def _room() -> Room:
    blueprint = Blueprint("sample", __name__)
    blueprint.add_url_rule("/cohorts", "cohorts", requires(MAY)(lambda: "cohorts"))
    blueprint.add_url_rule("/cohorts/new", "new_cohort", signed_in(lambda: "new"))
    blueprint.add_url_rule("/rules", "rules", requires("rules.see")(lambda: "rules"))
    blueprint.add_url_rule("/verify", "verify", public(lambda: "verify"))
    navigation = (
        NavItem("Rules", "sample.rules", "rules.see", "lock", 1),
        NavItem("New", "sample.new_cohort", MAY, "plus", 9),
        NavItem("Cohorts", "sample.cohorts", MAY, "user", 2),
        NavItem("Verify", "sample.verify", None, "check", 1),
        NavItem("Not built", "sample.missing", MAY, "clock", 1),
    )
    return Room("sample", blueprints=(blueprint,), navigation=navigation)


@pytest.fixture(name="app")
def _app() -> Flask:
    """Give the application without a context: Flask-Babel remembers the language in the outermost one."""
    return build()


def build(*, demo: bool = True, testing: bool = True) -> Flask:
    """Build an application of the web package and one sample room."""
    app = Flask(__name__, static_folder=None)
    app.secret_key = "s" * 32
    app.testing = testing
    app.config["WTF_CSRF_ENABLED"] = not testing
    app.extensions["settings"] = SimpleNamespace(
        demo=demo, settable_clock=demo, testing=testing, public_url="https://jijing.example"
    )
    CSRFProtect(app)
    web.init_app(app)
    access.init_app(app)
    open_rooms(app, (_room(),))
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give the browser of a stranger."""
    return app.test_client()


@pytest.fixture
def known(app: Flask) -> Callable[..., FlaskClient]:
    """Give the browser of somebody who may see cohorts."""

    def sign_in(actor: Actor = ACTOR) -> FlaskClient:
        app.extensions["actor_loader"] = lambda: actor
        return app.test_client()

    return sign_in

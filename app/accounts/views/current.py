"""The bridge from Flask-Login's cookie to the session row and its actor."""

from datetime import datetime

from flask import Flask, has_request_context, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from app.accounts.actors import SignedIn, signed_in
from app.accounts.queries import session_by_token
from app.accounts.services import touch_session
from app.accounts.services.sessions import TOUCH_AFTER
from app.accounts.views import key_door
from app.core import clock
from app.core.access import Actor, takes_keys
from app.core.db import unit_of_work

LOGIN_KEYS = ("_user_id", "_fresh", "_id")


class Holder(UserMixin):  # type: ignore[misc]
    """Who holds a token, in the shape Flask-Login wants."""

    def __init__(self, token: str, found: SignedIn | None = None) -> None:
        self.token = token
        self.found = found

    def get_id(self) -> str:
        """Return what the signed cookie keeps: the token."""
        return self.token


def init_app(app: Flask) -> None:
    """Read the actor of each request from the session row that the cookie's token opens."""
    login = LoginManager()
    login.session_protection = None
    login.init_app(app, add_context_processor=False)
    login.user_loader(_holder)
    app.extensions["actor_loader"] = _actor
    app.extensions["key_door"] = key_door.enter


def _holder(token: str) -> Holder | None:
    at = clock.real_now()
    found = signed_in(token, at=at, on=clock.today())
    if found is None:
        return None
    _keep_open(found, at)
    return Holder(token, found)


def _keep_open(found: SignedIn, at: datetime) -> None:
    """Prolong a session in use, at most every five minutes, in a short write of its own."""
    if at - found.seen_at < TOUCH_AFTER:
        return
    with unit_of_work():
        touch_session(found.session_id, started_at=found.started_at, at=at)


def _actor() -> Actor | None:
    if not has_request_context():
        return None
    if takes_keys() and key_door.sent() is not None:
        return key_door.program()
    if not current_user.is_authenticated:
        return None
    found: SignedIn | None = current_user.found
    return found.actor if found else None


def confirmed_at() -> datetime | None:
    """Return when the person last showed who they are in this session, None for a stranger."""
    return current_user.found.confirmed_at if current_user.is_authenticated else None


def current_token() -> str | None:
    """Return the token of the cookie, None for a stranger."""
    return current_user.token if current_user.is_authenticated else None


def token_in_cookie() -> str | None:
    """Return the token that the cookie holds, whether or not it still opens anything."""
    return session.get(LOGIN_KEYS[0])


def keep_open(token: str) -> None:
    """Prolong the session of a token that a hot path found in use."""
    at = clock.real_now()
    with unit_of_work():
        row = session_by_token(token, at)
        if row is not None:
            touch_session(row.id, started_at=row.started_at, at=at)


def put_token(token: str) -> None:
    """Give the browser a new session; whatever the old cookie held is dropped, against fixation."""
    session.clear()
    login_user(Holder(token))


def drop_token() -> None:
    """Take the session from the browser."""
    logout_user()
    session.clear()

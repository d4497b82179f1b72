"""Who may call a route: declared on the view, enforced before it runs, denied by default."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, has_request_context, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import ForbiddenError, Text
from app.core.text import _l

View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "__access__"
NARROW = "__narrow__"
CHECKS_ITSELF = "__checks_itself__"
KEY = "key"


@dataclass(frozen=True, slots=True)
class Access:
    """The declared access of a route: public, any signed-in person, a permission, or a program's key with one."""

    kind: str
    permission: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, under which membership: one active membership a session.

    `limited_to` is the code of the one record that a ticket opens; such an actor reaches nothing else of the site.
    `key` is the code of the access key by which a program acts; such an actor reaches routes `by_key` only.
    """

    person_id: int
    person_code: str
    name: str
    role: str
    role_label: Text
    permissions: frozenset[str]
    membership_id: int | None = None
    region_code: str | None = None
    organisation_id: int | None = None
    scope_label: Text = ""
    extra: dict[str, str] = field(default_factory=dict, hash=False)
    limited_to: str | None = None
    key: str | None = None

    def may(self, permission: str) -> bool:
        """Tell whether the acting role carries the permission."""
        return permission in self.permissions


def public(view: View) -> View:
    """Declare that anyone may call the route."""
    return _declare(view, Access("public"))


def signed_in(view: View) -> View:
    """Declare that any signed-in person may call the route; the query limits to their own."""
    return _declare(view, Access("signed_in"))


def requires(permission: str) -> Callable[[View], View]:
    """Declare the permission that the acting role must carry."""

    def mark(view: View) -> View:
        return _declare(view, Access("permission", permission))

    return mark


def by_key(permission: str) -> Callable[[View], View]:
    """Declare that programs call the route, each with a key made for the permission; no session of a person does."""

    def mark(view: View) -> View:
        return _declare(view, Access(KEY, permission))

    return mark


def narrow(view: View) -> View:
    """Open a route to sessions that a ticket opened as well; its query limits them to `Actor.limited_to`."""
    setattr(view, NARROW, True)
    return view


def checks_itself(view: View) -> View:
    """Leave the declared access to the view: one statement checks session, permission and row, and does the act.

    Whatever that statement refuses, the view hands to `enforce` first, which answers as everywhere. Hot paths only.
    """
    setattr(view, CHECKS_ITSELF, True)
    return view


def _declare(view: View, access: Access) -> View:
    setattr(view, ATTRIBUTE, access)
    return view


def access_of(view: Callable[..., Any]) -> Access | None:
    """Return the declared access of a view function, None where it declares none."""
    return cast("Access | None", getattr(view, ATTRIBUTE, None))


def takes_keys() -> bool:
    """Tell whether this request asks for a route that programs call with a key."""
    view = current_app.view_functions.get(request.endpoint or "")
    access = access_of(view) if view is not None else None
    return access is not None and access.kind == KEY


def current_actor() -> Actor | None:
    """Return who is acting in this request, None for the public and outside of requests."""
    if not has_request_context():
        return None
    if "actor" not in g:
        loader = current_app.extensions.get("actor_loader")
        g.actor = loader() if loader is not None else None
    return cast("Actor | None", g.actor)


def acting() -> Actor:
    """Return who is acting; only for views that are not public."""
    actor = current_actor()
    if actor is None:
        raise ForbiddenError(_l("Sign in first, then try again."))
    return actor


def init_app(app: Flask) -> None:
    """Enforce the declared access before each request."""
    app.before_request(_enforce)


def _enforce() -> Response | None:
    if request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    access = access_of(view)
    if access is None and request.endpoint.split(".")[-1] == "static":
        return None
    if access is None:
        raise ForbiddenError(_l("This page does not say who may see it, so nobody may."))
    if access.kind == KEY:
        current_app.extensions["key_door"](access.permission)
        return None
    if access.kind == "public" or getattr(view, CHECKS_ITSELF, False):
        return None
    return enforce()


def enforce() -> Response | None:
    """Hold the request to the access its view declares; returns the way to sign in for a stranger at a page.

    Raises ForbiddenError for whoever may not.
    """
    view = current_app.view_functions[request.endpoint or ""]
    access, actor = access_of(view), current_actor()
    if actor is None:
        return _to_sign_in()
    if actor.limited_to is not None and not getattr(view, NARROW, False):
        raise ForbiddenError(
            _l("You came in with an admission ticket, which opens its exam and nothing else. Sign in for the rest.")
        )
    permission = access.permission if access else None
    if permission is not None and not actor.may(permission):
        current_app.logger.warning("denied %s to %s as %s", request.endpoint, actor.person_code, actor.role)
        raise ForbiddenError(_l("Your role does not include this."))
    return None


def _to_sign_in() -> Response:
    if request.method == "GET" and request.accept_mimetypes.accept_html:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    error = ForbiddenError(_l("Your sign-in has ended. Sign in again; what you typed is kept."))
    error.status = 401
    raise error

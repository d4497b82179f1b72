"""The door of programs: a key in the header `Authorization: Bearer ...` instead of the cookie of a session."""

from flask import request

from app.accounts.actors import by_key
from app.accounts.services import count_use
from app.accounts.views.doors import count_source
from app.core import clock
from app.core.access import Actor, current_actor
from app.core.db import unit_of_work
from app.core.errors import ForbiddenError
from app.core.text import _l

DOOR = "key"
UNAUTHORIZED = 401


def sent() -> str | None:
    """Return the key that the request carries, None where it carries none."""
    given = request.authorization
    return (given.token or "") if given is not None and given.type == "bearer" else None


def program() -> Actor | None:
    """Return as whom the program acts whose key was sent, None where the key opens nothing."""
    return by_key(sent() or "", at=clock.real_now(), on=clock.today())


def enter(permission: str) -> None:
    """Let a program in whose key was made for the permission, and count the use.

    Raises ForbiddenError (401 for a missing or unknown key), TooManyError for a key in too much use and for a source
    that tries many.
    """
    actor = current_actor()
    if actor is None:
        if sent() is not None:
            count_source(DOOR)
        raise _unknown()
    if actor.key is None:
        raise ForbiddenError(_l("Programs call this address, with a key of their organisation. People use the pages."))
    if not actor.may(permission):
        raise ForbiddenError(_l("This key was made for another purpose. Make one for this purpose."))
    with unit_of_work():
        count_use(actor.key, at=clock.real_now())


def _unknown() -> ForbiddenError:
    error = ForbiddenError(
        _l(
            "Send a key of your organisation in the header Authorization: Bearer. A key that was revoked, has expired "
            "or was made by somebody whose role has ended opens nothing."
        )
    )
    error.status = UNAUTHORIZED
    error.headers = {"WWW-Authenticate": "Bearer"}
    return error

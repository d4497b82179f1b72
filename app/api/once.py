"""What a program asks for with its key is done once, however often it asks, and every use leaves its trace."""

import re
from collections.abc import Callable
from hashlib import sha256

from flask import request

from app.accounts import services
from app.accounts.services.access_keys import Asked
from app.core import clock
from app.core.access import acting
from app.core.columns import JsonObject
from app.core.db import unit_of_work
from app.core.errors import ConflictError, DomainError
from app.core.text import _l

NAME, REPEATED = "Idempotency-Key", "Idempotency-Replayed"
WELL_NAMED = re.compile(r"[\x21-\x7e]{8,64}")


def once(act: Callable[[], JsonObject]) -> tuple[JsonObject, bool]:
    """Do what the request asks for in one transaction, or give the answer of the request that it repeats, and say so.

    Raises what `act` raises, after recording that the key was used and refused.
    """
    try:
        return _done(act)
    except DomainError as error:
        with unit_of_work():
            services.note_use(acting(), at=clock.real_now(), data={"status": error.status})
        raise


def _done(act: Callable[[], JsonObject]) -> tuple[JsonObject, bool]:
    asked = Asked(_name(), sha256(request.get_data()).digest())
    try:
        return _in_one(asked, act)
    except ConflictError:  # the same request at the same time: now its answer is there
        return _in_one(asked, act)


def _in_one(asked: Asked, act: Callable[[], JsonObject]) -> tuple[JsonObject, bool]:
    with unit_of_work():
        return services.do_once(asked, act, by=acting(), at=clock.real_now())


def _name() -> str:
    """Return the name of the request; raises DomainError (400) where it has none, as the IETF's draft asks."""
    name = request.headers.get(NAME, "")
    if not WELL_NAMED.fullmatch(name):
        raise DomainError(
            _l(
                "Send a header Idempotency-Key of 8 to 64 printable signs without spaces, such as a UUID: a new one "
                "with every new request, the same one when you repeat it."
            )
        )
    return name

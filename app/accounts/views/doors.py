"""The doors where guessing is slowed: tries are counted by whom and from where."""

from typing import NamedTuple

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from app.accounts.rules.networks import source_of
from app.accounts.rules.slowing import FREE_TRIES
from app.accounts.services import forgive, knock
from app.accounts.services.sign_in import key_of, knock_from, take_back
from app.core import clock
from app.core.config import settings
from app.core.crypto import new_token
from app.core.db import unit_of_work
from app.core.errors import ConflictError

COOKIE = "device"
FREE_FOR_SOURCE = 50
YEAR_SECONDS = 365 * 24 * 3600


def here() -> str:
    """Return where the request comes from as one source of tries."""
    return source_of(request.remote_addr)


def count_try(door: str, who: str) -> bytes:
    """Count a try in a transaction of its own, before the slow hash; return the key to forgive.

    Raises TooManyError while the door is closed for this account from this source.
    """
    key = key_of(door, who, _source(who))
    try:
        _knock(door, key)
    except ConflictError:  # two first tries at once: now the row of the other is there
        _knock(door, key)
    return key


class Tried(NamedTuple):
    """Under which keys a try at the password was counted: of the account, and of the address where it counts."""

    account: bytes
    source: bytes | None


def count_sign_in(who: str) -> Tried:
    """Count a try at the password by account and source and, from a browser that is not known, by address.

    A browser that entered the account before is never shut out by what others try behind its address. Raises
    TooManyError while one of the doors is closed; then neither counts.
    """
    address, source = here(), _source(who)
    tried = Tried(key_of("password", who, source), key_of("password", address) if source == address else None)
    try:
        _knock_both(tried)
    except ConflictError:  # two first tries at once: now the row of the other is there
        _knock_both(tried)
    return tried


def _knock_both(tried: Tried) -> None:
    with unit_of_work():
        if tried.source is not None:
            knock_from("password-source", tried.source, at=clock.real_now())
        knock("password", tried.account, at=clock.real_now())


def forgive_sign_in(tried: Tried) -> None:
    """Forget the tries at an account after a right answer; of its address this one alone.

    The rows are held in the order in which a try takes them, the address first: no two wait for each other.
    """
    with unit_of_work():
        if tried.source is not None:
            take_back("password-source", tried.source)
        forgive("password", tried.account)


def count_source(door: str) -> None:
    """Count a try at a door by its address alone, whoever is named, so that nobody tries many names in a row.

    A whole training base may share one address: fifty tries are free. Raises TooManyError while it is closed.
    """
    key = key_of(door, here())
    try:
        _knock(f"{door}-source", key, FREE_FOR_SOURCE)
    except ConflictError:
        _knock(f"{door}-source", key, FREE_FOR_SOURCE)


def forgive_source(door: str) -> None:
    """Forget the tries of an address after a right answer."""
    forgive_try(f"{door}-source", key_of(door, here()))


def _knock(door: str, key: bytes, free: int = FREE_TRIES) -> None:
    with unit_of_work():
        knock(door, key, at=clock.real_now(), free=free)


def forgive_try(door: str, key: bytes) -> None:
    """Forget the tries after a right answer."""
    with unit_of_work():
        forgive(door, key)


def _source(who: str) -> str:
    """Return where a try comes from: a browser that signed in to this account before, else the address.

    Guessers behind the same address as the victim therefore close no door of the victim's own browser.
    """
    try:
        known, nonce = _signer().loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        return here()
    return str(nonce) if known == who else here()


def remember_device(response: Response, who: str) -> None:
    """Mark this browser as one from which the account was entered."""
    response.set_cookie(
        COOKIE,
        str(_signer().dumps([who, new_token()])),
        max_age=YEAR_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings().public_url.startswith("https://"),
    )


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="device")

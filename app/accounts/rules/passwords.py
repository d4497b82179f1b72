"""Passwords: argon2id with as many at once as there are cores, and what a new one must be."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.errors import InvalidError, UnavailableError
from app.core.text import _l

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
WAIT_SECONDS = 20
SHORTEST = 10
LONGEST = 128
FEWEST_DIFFERENT = 5
COMMON_FILE = Path(__file__).parent / "common_passwords.txt"
COMMON = frozenset(COMMON_FILE.read_text("utf-8").split())

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
_cores = BoundedSemaphore(os.cpu_count() or 1)


@contextmanager
def _a_core() -> Iterator[None]:
    """Hold one core: hashing more at once only makes every sign-in slower."""
    if not _cores.acquire(timeout=WAIT_SECONDS):
        raise UnavailableError(_l("Very many people are signing in. Wait half a minute, then try again."))
    try:
        yield
    finally:
        _cores.release()


def hash_password(password: str) -> str:
    """Return the argon2id hash (19 MiB, 2 passes, 1 lane) with its salt and parameters."""
    with _a_core():
        return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Tell whether a password fits; without a hash the same time is spent and the answer is no."""
    with _a_core():
        try:
            _hasher.verify(password_hash or _nobody(), password)
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


@cache
def _nobody() -> str:
    return _hasher.hash(os.urandom(16).hex())


def check_new(password: str, about: tuple[str, ...] = ()) -> None:
    """Refuse a new password that is short, common or made of the person's own data.

    Length and a list instead of composition rules and expiry, as ASVS 5.0 V6.2 asks.
    Raises InvalidError for the field `password`.
    """
    lowered = password.lower()
    if len(password) < SHORTEST:
        message = _l("Use at least %(count)d characters. A short sentence is easy to remember.", count=SHORTEST)
    elif len(password) > LONGEST:
        message = _l("Use at most %(count)d characters.", count=LONGEST)
    elif lowered in COMMON or len(set(lowered)) < FEWEST_DIFFERENT:
        message = _l("This password is among the first that are guessed. Choose another one.")
    elif any(part and part.lower() in lowered for part in about):
        message = _l("The password holds your own name, telephone or document number. Choose another one.")
    else:
        return
    raise InvalidError(message, field="password")

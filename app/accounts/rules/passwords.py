"""Passwords: argon2id with as many at once as there are cores, and what a new one must be."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.rules import guessing
from app.accounts.rules.profiles import Profile
from app.core.errors import InvalidError, UnavailableError
from app.core.text import _l

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
WAIT_SECONDS = 20
LONGEST = 128

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


def check_new(password: str, about: tuple[str, ...] = (), *, profile: Profile, alone: bool) -> None:
    """Refuse a new password that is short, guessed early, too plain for the profile or made of the person's own data.

    `alone` says that no second factor is asked for beside it. Raises InvalidError for the field `password`.
    """
    shortest = profile.shortest_alone if alone else profile.shortest
    if len(password) < shortest:
        message = _l("Use at least %(count)d characters. A short sentence is easy to remember.", count=shortest)
    elif len(password) > LONGEST:
        message = _l("Use at most %(count)d characters.", count=LONGEST)
    elif any(guessing.folded(part) in guessing.folded(password) for part in about if part):
        message = _l(
            "The password holds your own name, birthday, telephone, document number or unit. Choose another one."
        )
    elif pattern := guessing.guessed_by(password):
        message = guessing.reason_of(pattern)
    elif classes_of(password) < profile.classes:
        message = _l(
            "Use at least %(count)d kinds of these: capital letters, small letters, digits, other characters.",
            count=profile.classes,
        )
    else:
        return
    raise InvalidError(message, field="password")


def check_history(password: str, hashes: Iterable[str]) -> None:
    """Refuse a password that was in use before; costs one slow hash for each one before it.

    Raises InvalidError for the field `password`.
    """
    if any(matches(one, password) for one in hashes):
        raise InvalidError(_l("You have used this password before. Choose one that is new."), field="password")


def classes_of(password: str) -> int:
    """Return how many of four kinds a password mixes: capitals, small letters, digits, anything else."""
    kinds = (str.isupper, str.islower, str.isdigit)
    found = sum(any(kind(letter) for letter in password) for kind in kinds)
    return found + any(not (letter.isupper() or letter.islower() or letter.isdigit()) for letter in password)

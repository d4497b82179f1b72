"""What a step of the demo is, and what it is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from app.accounts.actors import actor_of
from app.accounts.queries import account_by_name, membership_to_start_with
from app.core.access import Actor
from app.core.errors import NotFoundError
from app.core.text import _l
from app.settings import ROOT

CONTENT: Path = ROOT / "content"
ROLES_FROM = date(2020, 1, 1)
MADE_AT = datetime(2025, 1, 6, 1, 0, tzinfo=UTC)
"""When the demo's story begins, in domain time: nine o'clock in Shanghai on a Monday."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What the steps share: how many times the people, cohorts and results are made."""

    scale: int = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the demo: `load` makes what is missing in units of work of its own.

    It returns how many records it made; a second run makes none.
    """

    name: str
    load: Callable[[Demo], int]


def acting_as(sign_in: str, on: date = ROLES_FROM) -> Actor:
    """Return the actor of a demo sign-in such as `examiner2`, for the services of other steps."""
    account = account_by_name(f"{sign_in}@demo.example")
    if account is None:
        raise NotFoundError(_l("The demo's people are not loaded yet."))
    membership = membership_to_start_with(account.person_id, on, second_factor=True)
    return actor_of(account.person, membership)

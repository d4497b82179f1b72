"""The three administrators apart: who holds one of the roles holds no other of them on the same day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.accounts.states import APART, Role


@dataclass(frozen=True, slots=True)
class Held:
    """A role and the days it holds; without a last day it holds on."""

    role: Role
    starts_on: date
    ends_on: date | None


def clash(wanted: Held, held: Iterable[Held]) -> Held | None:
    """Return the administration that a wanted one may not stand beside, None where it may be given.

    GB/T 22239-2019, 8.1.5.1 to 8.1.5.3: system, audit and security administration are separate.
    """
    if wanted.role not in APART:
        return None
    others = (one for one in held if one.role in APART and one.role is not wanted.role)
    return next((one for one in others if _overlap(one, wanted)), None)


def _overlap(one: Held, other: Held) -> bool:
    return (one.ends_on is None or one.ends_on >= other.starts_on) and (
        other.ends_on is None or other.ends_on >= one.starts_on
    )

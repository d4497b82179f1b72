"""Who may apply for and decide on accreditations."""

from enum import StrEnum

from app.accounts.states import Role
from app.core.access import Actor


class Permission(StrEnum):
    """The acts of the bases room."""

    APPLY = "bases.apply"
    DECIDE = "bases.decide"


GRANTS = {
    Role.BASE: frozenset({Permission.APPLY}),
    Role.REGULATOR: frozenset({Permission.DECIDE}),
}
DECIDING_SUFFIX = "0000"
"""The nation and the provinces decide on bases; cities and counties follow up (sample division)."""


def may_decide(actor: Actor | None) -> bool:
    """Tell whether the actor's authority decides on bases."""
    return actor is not None and actor.may(Permission.DECIDE) and (actor.region_code or "").endswith(DECIDING_SUFFIX)

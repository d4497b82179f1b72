"""Who may apply for and decide on accreditations."""

from enum import StrEnum

from app.accounts.access import covers
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


def may_decide(actor: Actor | None, region_code: str) -> bool:
    """Tell whether the actor's authority decides on bases of a region: the nation and its own province."""
    if actor is None or not actor.may(Permission.DECIDE):
        return False
    scope = actor.region_code or ""
    return scope.endswith(DECIDING_SUFFIX) and covers(scope, region_code)

"""Who runs cycles, checks self-reports and writes them."""

from enum import StrEnum

from app.accounts.access import covers
from app.accounts.states import Role
from app.bases.access import DECIDING_SUFFIX
from app.core.access import Actor


class Permission(StrEnum):
    """The acts of the performance room."""

    VIEW = "performance.view"
    RUN = "performance.run"
    CHECK = "performance.check"
    REPORT = "performance.report"


GRANTS = {
    Role.REGULATOR: frozenset({Permission.VIEW, Permission.RUN, Permission.CHECK}),
    Role.BASE: frozenset({Permission.VIEW, Permission.REPORT}),
}


def may_run(actor: Actor | None, region_code: str) -> bool:
    """Tell whether the actor's authority appraises bases of a region: the nation and its own province."""
    if actor is None or not actor.may(Permission.RUN):
        return False
    scope = actor.region_code or ""
    return scope.endswith(DECIDING_SUFFIX) and covers(scope, region_code)


def may_check(actor: Actor | None, region_code: str) -> bool:
    """Tell whether the actor checks self-reports on the spot: any authority whose region holds the base."""
    return actor is not None and actor.may(Permission.CHECK) and covers(actor.region_code, region_code)

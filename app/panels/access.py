"""Permissions of the panels room and who carries them; the list of experts is not public.

Who weighs scores sees which lie far from the others: the office, the chair, the authority that decides; never the
experts themselves, nor who only witnesses a draw.
"""

from enum import StrEnum

from app.accounts.states import Role


class Permission(StrEnum):
    """The acts of the panels room."""

    VIEW = "panels.view"
    POOLS = "panels.pools"
    ORGANISE = "panels.organise"
    NOMINATE = "panels.nominate"
    ADMIT = "panels.admit"
    OBSERVE = "panels.observe"
    SIT = "panels.sit"
    CHAIR = "panels.chair"
    WEIGH = "panels.weigh"


GRANTS = {
    Role.SECRETARY: frozenset(
        {
            Permission.VIEW,
            Permission.POOLS,
            Permission.ORGANISE,
            Permission.NOMINATE,
            Permission.OBSERVE,
            Permission.WEIGH,
        }
    ),
    Role.REGULATOR: frozenset(
        {Permission.VIEW, Permission.POOLS, Permission.ADMIT, Permission.OBSERVE, Permission.WEIGH}
    ),
    Role.SUPERVISOR: frozenset({Permission.VIEW, Permission.OBSERVE}),
    Role.EXPERT: frozenset({Permission.VIEW, Permission.SIT}),
    Role.CHAIR: frozenset({Permission.VIEW, Permission.SIT, Permission.CHAIR, Permission.WEIGH}),
    Role.BASE: frozenset({Permission.NOMINATE}),
    Role.EMPLOYER: frozenset({Permission.NOMINATE}),
}

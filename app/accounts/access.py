"""Permissions of the accounts room, who carries them, and the region scope that every room uses."""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.states import NATION, Role
from app.core.access import Actor

CITY_MARK = "00"
PROVINCE_MARK = "0000"


class Permission(StrEnum):
    """What a role may do with people and roles."""

    PEOPLE_VIEW = "accounts.people_view"
    ROLES_MANAGE = "accounts.roles_manage"
    PEOPLE_IMPORT = "accounts.people_import"
    SYSTEM_VIEW = "accounts.system_view"
    EVENTS_READ = "accounts.events_read"
    ORGANISATIONS_VIEW = "accounts.organisations_view"
    ORGANISATIONS_RUN = "accounts.organisations_run"
    MEMBERS = "accounts.members"
    MERGE = "accounts.merge"
    ERASURE_DECIDE = "accounts.erasure_decide"
    CLAIMS = "accounts.claims"
    NAMES = "accounts.names"
    ACCESS_KEYS = "accounts.access_keys"


RUNS_MEMBERS = frozenset({Permission.MEMBERS, Permission.CLAIMS})
GRANTS: Mapping[str, frozenset[str]] = {
    Role.SYSADMIN: frozenset({Permission.SYSTEM_VIEW, Permission.ORGANISATIONS_VIEW, Permission.ORGANISATIONS_RUN}),
    Role.SECADMIN: frozenset(
        {
            Permission.PEOPLE_VIEW,
            Permission.ROLES_MANAGE,
            Permission.PEOPLE_IMPORT,
            Permission.MERGE,
            Permission.ERASURE_DECIDE,
            Permission.CLAIMS,
            Permission.NAMES,
        }
    ),
    Role.AUDITOR: frozenset({Permission.EVENTS_READ}),
    Role.REGULATOR: RUNS_MEMBERS | {Permission.ORGANISATIONS_VIEW, Permission.ORGANISATIONS_RUN},
    Role.BASE: RUNS_MEMBERS | {Permission.ACCESS_KEYS},
    Role.EMPLOYER: RUNS_MEMBERS | {Permission.ACCESS_KEYS},
    Role.SECRETARY: RUNS_MEMBERS,
    Role.EXAMINER: RUNS_MEMBERS,
    Role.CERTIFIER: RUNS_MEMBERS,
    Role.ISSUER: RUNS_MEMBERS,
}


def region_span(region_code: str) -> tuple[str, str]:
    """Return the lowest and the highest GB/T 2260 code that lie in a region."""
    if region_code == NATION:
        return PROVINCE_MARK + CITY_MARK, "999999"
    if region_code.endswith(PROVINCE_MARK):
        return region_code, region_code[:2] + "9999"
    if region_code.endswith(CITY_MARK):
        return region_code, region_code[:4] + "99"
    return region_code, region_code


def covers(scope: str | None, region_code: str | None) -> bool:
    """Tell whether a region lies in a scope: the nation covers all, a county itself only."""
    if scope is None or region_code is None:
        return False
    low, high = region_span(scope)
    return low <= region_code <= high


def within(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None] | ColumnElement[str],
    actor: Actor,
) -> ColumnElement[bool]:
    """Limit a query to the rows whose region lies in the actor's; nothing where the actor has none."""
    if actor.region_code is None:
        return false()
    if actor.region_code == NATION:
        return true()
    low, high = region_span(actor.region_code)
    return column.between(low, high)

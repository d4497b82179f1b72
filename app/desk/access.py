"""Permissions of the desk: everyone with a role has one."""

from collections.abc import Mapping
from enum import StrEnum

from app.accounts.states import Role


class Permission(StrEnum):
    """What a role may do at its desk."""

    INBOX = "desk.inbox"


GRANTS: Mapping[str, frozenset[str]] = {role: frozenset({Permission.INBOX}) for role in Role}

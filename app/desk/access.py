"""Permissions of the desk: everyone with a role has one; the auditor reads who looked at whom."""

from collections.abc import Mapping
from enum import StrEnum

from app.accounts.states import Role


class Permission(StrEnum):
    """What a role may do at its desk."""

    INBOX = "desk.inbox"
    AUDIT = "desk.audit"


GRANTS: Mapping[str, frozenset[str]] = {
    role: frozenset({Permission.INBOX, Permission.AUDIT} if role is Role.AUDITOR else {Permission.INBOX})
    for role in Role
}

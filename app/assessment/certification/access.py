"""Who may decide on awards."""

from enum import StrEnum

from app.accounts.states import Role


class Permission(StrEnum):
    """The acts of the certification room."""

    DECIDE = "certification.decide"


GRANTS = {Role.CERTIFIER: frozenset({Permission.DECIDE})}

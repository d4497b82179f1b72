"""Who may decide on awards, and who reads what became of their own."""

from enum import StrEnum

from app.accounts.states import Role


class Permission(StrEnum):
    """The acts of the certification room."""

    DECIDE = "certification.decide"
    OWN = "certification.own"


GRANTS = {
    Role.CERTIFIER: frozenset({Permission.DECIDE}),
    Role.TRAINEE: frozenset({Permission.OWN}),
}

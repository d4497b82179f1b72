"""Which roles an organisation's administrator may give to others: never more power than their own."""

from collections.abc import Mapping

from app.accounts.states import Role

INVITES: Mapping[Role, frozenset[Role]] = {
    Role.BASE: frozenset({Role.BASE, Role.LECTURER}),
    Role.EMPLOYER: frozenset({Role.EMPLOYER}),
    Role.REGULATOR: frozenset({Role.REGULATOR}),
    Role.SECRETARY: frozenset({Role.SECRETARY, Role.EXPERT}),
    Role.EXAMINER: frozenset(
        {Role.EXAMINER, Role.AUTHOR, Role.REVIEWER, Role.INVIGILATOR, Role.MARKER, Role.ADJUDICATOR}
    ),
    Role.CERTIFIER: frozenset({Role.CERTIFIER}),
    Role.ISSUER: frozenset({Role.ISSUER}),
}
"""Who runs something for an organisation, and whom they may bring into it; nobody else invites."""


def may_give(role: str) -> frozenset[Role]:
    """Return the roles that a holder of a role may give to others within their own organisation."""
    return INVITES.get(Role(role), frozenset()) if role in set(Role) else frozenset()

"""Who may prepare, approve and change: the issuers of the issuing body; a holder asks for a reissue."""

from enum import StrEnum

from app.accounts.states import Role


class Permission(StrEnum):
    """The acts of the credentials room."""

    PREPARE = "credentials.prepare"
    APPROVE = "credentials.approve"
    REVOKE = "credentials.revoke"
    SUSPEND = "credentials.suspend"
    REISSUE = "credentials.reissue"
    BULK = "credentials.bulk"
    HOLD = "credentials.hold"


GRANTS = {
    Role.ISSUER: frozenset(
        {
            Permission.PREPARE,
            Permission.APPROVE,
            Permission.REVOKE,
            Permission.SUSPEND,
            Permission.REISSUE,
            Permission.BULK,
        }
    ),
    Role.TRAINEE: frozenset({Permission.HOLD}),
}

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
    CHECK = "credentials.check"
    DESIGN = "credentials.design"
    CONFIRM_TEMPLATE = "credentials.confirm_template"
    KEYS = "credentials.keys"
    DELEGATE = "credentials.delegate"


GRANTS = {
    Role.ISSUER: frozenset(
        {
            Permission.PREPARE,
            Permission.APPROVE,
            Permission.REVOKE,
            Permission.SUSPEND,
            Permission.REISSUE,
            Permission.BULK,
            Permission.DESIGN,
            Permission.CONFIRM_TEMPLATE,
            Permission.KEYS,
            Permission.DELEGATE,
        }
    ),
    Role.SYSADMIN: frozenset({Permission.DESIGN}),
    Role.TRAINEE: frozenset({Permission.HOLD}),
    Role.EMPLOYER: frozenset({Permission.CHECK}),
}

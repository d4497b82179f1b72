"""Who may prepare, approve and revoke: the issuers of the issuing body."""

from enum import StrEnum

from app.accounts.states import Role


class Permission(StrEnum):
    """The acts of the credentials room."""

    PREPARE = "credentials.prepare"
    APPROVE = "credentials.approve"
    REVOKE = "credentials.revoke"
    HOLD = "credentials.hold"
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
            Permission.DESIGN,
            Permission.CONFIRM_TEMPLATE,
            Permission.KEYS,
            Permission.DELEGATE,
        }
    ),
    Role.SYSADMIN: frozenset({Permission.DESIGN}),
    Role.TRAINEE: frozenset({Permission.HOLD}),
}

"""Who may prepare, approve and change: issuers; holders ask for a reissue, of an organisation its administrators."""

from enum import StrEnum

from app.accounts.states import Role
from app.core.access import Actor


class Permission(StrEnum):
    """The acts of the credentials room."""

    PREPARE = "credentials.prepare"
    APPROVE = "credentials.approve"
    REVOKE = "credentials.revoke"
    SUSPEND = "credentials.suspend"
    REISSUE = "credentials.reissue"
    BULK = "credentials.bulk"
    HOLD = "credentials.hold"
    HOLD_FOR_ORGANISATION = "credentials.hold_for_organisation"
    CHECK = "credentials.check"
    DESIGN = "credentials.design"
    CONFIRM_TEMPLATE = "credentials.confirm_template"
    KEYS = "credentials.keys"
    DELEGATE = "credentials.delegate"


def designs(actor: Actor, authority_id: int | None) -> bool:
    """Tell whether the actor writes templates: an issuer of the authority, or who administers the system.

    Templates bind every issuing body, so issuers of the other bodies read them and do not change them.
    """
    if actor.role == Role.SYSADMIN:
        return actor.may(Permission.DESIGN)
    return actor.may(Permission.DESIGN) and authority_id is not None and actor.organisation_id == authority_id


def confirms_templates(actor: Actor, authority_id: int | None) -> bool:
    """Tell whether the actor puts a version into force: an issuer of the authority."""
    return actor.may(Permission.CONFIRM_TEMPLATE) and authority_id is not None and actor.organisation_id == authority_id


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
    Role.BASE: frozenset({Permission.HOLD_FOR_ORGANISATION}),
    Role.EMPLOYER: frozenset({Permission.CHECK}),
}
ADMINISTRATORS = frozenset(role for role, may in GRANTS.items() if Permission.HOLD_FOR_ORGANISATION in may)
"""Who acts for an organisation that holds certificates, and hears of them."""

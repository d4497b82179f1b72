"""Who may see, import and approve items, and whose banks: those of one's own organisation only."""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import ColumnElement, false

from app.accounts.states import Role
from app.core.access import Actor
from app.items.models import ItemBank


class Permission(StrEnum):
    """The acts of the item bank."""

    VIEW = "items.view"
    CREATE_BANK = "items.create_bank"
    IMPORT = "items.import"
    EXPORT = "items.export"
    REVIEW = "items.review"


GRANTS: Mapping[str, frozenset[str]] = {
    Role.AUTHOR: frozenset({Permission.VIEW, Permission.IMPORT}),
    Role.REVIEWER: frozenset({Permission.VIEW, Permission.REVIEW}),
    Role.EXAMINER: frozenset({Permission.VIEW, Permission.CREATE_BANK, Permission.EXPORT}),
}


def of_own_organisation(actor: Actor) -> ColumnElement[bool]:
    """Limit a query of banks to the actor's organisation; nothing where the actor acts for none."""
    if actor.organisation_id is None:
        return false()
    return ItemBank.organisation_id == actor.organisation_id

"""Who may read, propose and publish rule packs."""

from enum import StrEnum

from app.accounts.states import Role
from app.core.access import Actor
from app.core.errors import ForbiddenError
from app.core.text import _l
from app.rulebook.models import RulePack


class Permission(StrEnum):
    """The acts of the rulebook."""

    PROPOSE = "rulebook.propose"
    PUBLISH = "rulebook.publish"


GRANTS = {Role.REGULATOR: frozenset({Permission.PROPOSE, Permission.PUBLISH})}


def check_region(pack: RulePack, actor: Actor) -> None:
    """Refuse a regulator who would set the rules of another region."""
    if not sets_rules_of(pack, actor):
        raise ForbiddenError(_l("Each authority sets the rules of its own region. Ask the authority of that region."))


def sets_rules_of(pack: RulePack, actor: Actor | None) -> bool:
    """Tell whether the actor's authority is the one that sets this pack."""
    return actor is not None and actor.may(Permission.PROPOSE) and actor.region_code == pack.region_code


def may_see_drafts(actor: Actor | None) -> bool:
    """Tell whether unpublished packs are shown."""
    return actor is not None and actor.may(Permission.PROPOSE)

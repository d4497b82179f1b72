"""What the items room puts on desks: to-dos that must be open, numbers."""

from sqlalchemy import ScalarSelect, func, select

from app.accounts.states import Role
from app.core.access import Actor
from app.core.db import session
from app.core.text import _l
from app.desk.kinds import Expected, NumberTile
from app.items.access import Permission, of_own_organisation
from app.items.models import Item, ItemBank
from app.items.services.subjects import of_bank
from app.items.states import ItemState


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of items: the drafts of a bank wait for its reviewers."""
    drafts = select(Item.id).where(Item.bank_id == ItemBank.id, Item.state == ItemState.DRAFT).exists()
    return {
        Expected("items.review", of_bank(bank), role=Role.REVIEWER, organisation_id=bank.organisation_id)
        for bank in session.scalars(select(ItemBank).where(drafts))
    }


def _count(state: ItemState, actor: Actor) -> ScalarSelect[int]:
    query = (
        select(func.count()).select_from(Item).join(Item.bank).where(Item.state == state, of_own_organisation(actor))
    )
    return query.scalar_subquery()


def _drafts(actor: Actor) -> ScalarSelect[int]:
    return _count(ItemState.DRAFT, actor)


def _approved(actor: Actor) -> ScalarSelect[int]:
    return _count(ItemState.APPROVED, actor)


NUMBERS = (
    NumberTile(_l("Items in review"), Permission.VIEW, _drafts, "items.banks"),
    NumberTile(_l("Approved items"), Permission.VIEW, _approved, "items.banks"),
)

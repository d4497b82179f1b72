"""What the items room puts on desks: to-dos that must be open, numbers."""

from sqlalchemy import ScalarSelect, func, select

from app.accounts.states import Role
from app.core.access import Actor
from app.core.db import session
from app.core.text import _l
from app.desk.kinds import Expected, NumberTile
from app.items.access import Permission, of_own_organisation
from app.items.models import Item, ItemBank
from app.items.services.subjects import of_bank, of_item
from app.items.states import ItemState


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of items: drafts wait for reviewers, revisions for authors."""
    drafts = select(Item.id).where(Item.bank_id == ItemBank.id, Item.state == ItemState.DRAFT).exists()
    waiting = {
        Expected("items.review", of_bank(bank), role=Role.REVIEWER, organisation_id=bank.organisation_id)
        for bank in session.scalars(select(ItemBank).where(drafts))
    }
    back = select(ItemBank, Item.code, Item.author_id).join(Item.bank).where(Item.state == ItemState.REVISION)
    revised = {
        Expected("items.revise", of_item(bank, code), person_id=author_id)
        for bank, code, author_id in session.execute(back)
    }
    return waiting | revised


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

"""What of an item can be found: by the authors, reviewers and examiners of the organisation that keeps the bank."""

from collections.abc import Collection, Iterator

from sqlalchemy import select

from app.core.db import session
from app.core.text import _l
from app.desk.kinds import Document, DocumentKind, ScopeKind, of_organisation
from app.items.access import Permission
from app.items.models import Item, ItemBank, ItemVersion
from app.items.services.subjects import of_bank, of_item

BANK, ITEM = "items.bank", "items.item"
STEM = 60
"""So many characters of the wording stand in the title."""


def _banks(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(ItemBank.id, ItemBank.code).where(ItemBank.id > after).order_by(ItemBank.id).limit(limit)
    return [(key, code) for key, code in session.execute(query)]


def _of_banks(codes: Collection[str]) -> Iterator[Document]:
    for bank in session.scalars(select(ItemBank).where(ItemBank.code.in_(codes))):
        yield Document(
            kind=BANK,
            subject=of_bank(bank),
            title_zh=bank.name_zh,
            title_en=bank.name_en,
            url=f"/items/{bank.code}",
            scopes=(of_organisation(bank.organisation_id, Permission.VIEW),),
            identifiers=(bank.code,),
        )


def _items(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(Item.id, ItemBank, Item.code).join(Item.bank).where(Item.id > after).order_by(Item.id).limit(limit)
    return [(key, of_item(bank, code).code) for key, bank, code in session.execute(query)]


def _of_items(codes: Collection[str]) -> Iterator[Document]:
    named = {tuple(code.split("/", 1)) for code in codes if "/" in code}
    query = (
        select(ItemBank, Item.code, ItemVersion.stem)
        .join(Item, Item.bank_id == ItemBank.id)
        .join(ItemVersion, (ItemVersion.item_id == Item.id) & (ItemVersion.number == Item.number))
        .where(ItemBank.code.in_({bank for bank, _code in named}), Item.code.in_({code for _bank, code in named}))
    )
    for bank, code, stem in session.execute(query):
        if (bank.code, code) in named:
            yield Document(
                kind=ITEM,
                subject=of_item(bank, code),
                title_zh=stem[:STEM],
                title_en="",
                url=f"/items/{bank.code}/item/{code}",
                scopes=(of_organisation(bank.organisation_id, Permission.VIEW),),
                words=f"{code} {bank.name_zh}",
                identifiers=(code,),
            )


FORMS = ((ScopeKind.ORGANISATION, Permission.VIEW),)
DOCUMENTS = {
    BANK: DocumentKind(_l("Item banks"), FORMS, of=_of_banks, every=_banks, on=("items.bank_created",)),
    ITEM: DocumentKind(_l("Items"), FORMS, of=_of_items, every=_items),
}

"""What the items room keeps of a person: which items they wrote, reviewed or uploaded, by their codes only."""

from collections.abc import Iterable

from sqlalchemy import or_, select

from app.core.columns import JsonObject
from app.core.personal_data import rows
from app.core.room import PersonalData
from app.core.text import _l
from app.items.models import AlikeCleared, BankFile, Item, ItemBank, ItemComment, ItemImport, ItemReview


def _items(person_id: int) -> Iterable[JsonObject]:
    told = select(
        ItemBank.code.label("bank"),
        Item.code,
        Item.state,
        (Item.author_id == person_id).label("author"),
        Item.created_at,
        Item.approved_at,
    ).join(ItemBank, ItemBank.id == Item.bank_id)
    mine = or_(Item.author_id == person_id, Item.approved_by_id == person_id)
    return rows(told.where(mine).order_by(Item.id))


def _imports(person_id: int) -> Iterable[JsonObject]:
    told = select(ItemImport.code, ItemImport.state, ItemImport.uploaded_at.label("at"))
    return rows(told.where(ItemImport.uploaded_by_id == person_id).order_by(ItemImport.id))


def _files(person_id: int) -> Iterable[JsonObject]:
    told = select(ItemBank.code.label("bank"), BankFile.name, BankFile.added_at.label("at"))
    joined = told.join(ItemBank, ItemBank.id == BankFile.bank_id)
    return rows(joined.where(BankFile.added_by_id == person_id).order_by(BankFile.id))


def _reviews(person_id: int) -> Iterable[JsonObject]:
    told = select(ItemBank.code.label("bank"), Item.code, ItemReview.number, ItemReview.opinion, ItemReview.at)
    joined = told.select_from(ItemReview).join(Item, Item.id == ItemReview.item_id).join(Item.bank)
    return rows(joined.where(ItemReview.reviewer_id == person_id).order_by(ItemReview.id))


def _comments(person_id: int) -> Iterable[JsonObject]:
    told = select(ItemBank.code.label("bank"), Item.code, ItemComment.number, ItemComment.at)
    joined = told.select_from(ItemComment).join(Item, Item.id == ItemComment.item_id).join(Item.bank)
    return rows(joined.where(ItemComment.person_id == person_id).order_by(ItemComment.id))


def _cleared(person_id: int) -> Iterable[JsonObject]:
    told = select(ItemBank.code.label("bank"), Item.code, AlikeCleared.at)
    joined = told.select_from(AlikeCleared).join(Item, Item.id == AlikeCleared.low_id).join(Item.bank)
    return rows(joined.where(AlikeCleared.cleared_by_id == person_id).order_by(AlikeCleared.id))


PERSONAL_DATA = (
    PersonalData(
        "items",
        _l("Items I wrote or reviewed"),
        _items,
        columns=("item.author_id", "item.approved_by_id"),
        fields={
            "bank": _l("Item bank"),
            "author": _l("Written by me"),
            "created_at": _l("Written on"),
            "approved_at": _l("Approved on"),
        },
    ),
    PersonalData("item_imports", _l("Files of items I uploaded"), _imports, columns=("item_import.uploaded_by_id",)),
    PersonalData(
        "item_files", _l("Pictures and attachments I added to items"), _files, columns=("item_bank_file.added_by_id",)
    ),
    PersonalData(
        "item_reviews",
        _l("Reviews of items I gave"),
        _reviews,
        columns=("item_review.reviewer_id",),
        fields={"number": _l("Version"), "opinion": _l("Opinion"), "at": _l("At")},
    ),
    PersonalData("item_comments", _l("Comments on items I wrote"), _comments, columns=("item_comment.person_id",)),
    PersonalData(
        "items_alike", _l("Items I found to be different"), _cleared, columns=("item_alike_cleared.cleared_by_id",)
    ),
)

"""Reads of item banks: within one's organisation for pages, by bank for the rooms above."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.files import StoredFile
from app.core.text import _l
from app.items.access import of_own_organisation
from app.items.models import BankFile, Item, ItemBank, ItemImport, ItemImportRow, ItemReview, ItemVersion
from app.items.rules.bodies import Body, FileRef, options_of
from app.items.rules.content import ItemContent, told_texts
from app.items.rules.planning import Known
from app.items.rules.similar import wording
from app.items.states import Fate, ItemState

PER_PAGE = 25
PARAMETERS = 5000
Record = TypeVar("Record")
NOTED = "noted"
"""What asks for the rows of an upload that are kept without something, as a fate asks for its own."""
LACKING = ItemImportRow.content["without"].as_string().is_not(None)
LATEST = and_(Item.id == ItemVersion.item_id, Item.number == ItemVersion.number)


class Page(NamedTuple, Generic[Record]):
    """One page of a list."""

    rows: list[Record]
    page: int
    pages: int
    total: int


class BankRow(NamedTuple):
    """A bank in the list, with how many items are approved and how many wait."""

    bank: ItemBank
    approved: int
    drafts: int


class ItemRow(NamedTuple):
    """An item with its latest version."""

    item: Item
    version: ItemVersion


class Cell(NamedTuple):
    """How many items of a module and cognitive level are in a state."""

    module: str
    level: str
    state: ItemState
    number: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What a list of items is narrowed to; empty fields do not narrow."""

    module: str = ""
    level: str = ""
    state: str = ""
    type: str = ""
    text: str = ""

    def given(self) -> dict[str, Any]:
        """Return the fields that narrow, as an address carries them."""
        return {name: value for name, value in asdict(self).items() if value}

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Return what rows of item and latest version must meet."""
        if self.module:
            yield ItemVersion.module == self.module
        if self.level:
            yield ItemVersion.level == self.level
        if self.state:
            yield Item.state == self.state
        if self.type:
            yield ItemVersion.type == self.type
        if self.text:
            yield or_(
                ItemVersion.stem.icontains(self.text, autoescape=True),
                Item.code.icontains(self.text, autoescape=True),
                ItemVersion.topic.icontains(self.text, autoescape=True),
            )


NO_CHOICE = Choice()


def banks(actor: Actor, page: int = 1) -> Page[BankRow]:
    """List the banks of the actor's organisation by code."""
    query = (
        select(ItemBank, _how_many(ItemState.APPROVED), _how_many(ItemState.DRAFT))
        .outerjoin(Item, Item.bank_id == ItemBank.id)
        .where(of_own_organisation(actor))
        .group_by(ItemBank.id)
        .order_by(ItemBank.code)
    )
    total = session.scalar(select(func.count()).select_from(ItemBank).where(of_own_organisation(actor))) or 0
    rows = session.execute(query.limit(PER_PAGE).offset(_offset(page)))
    return Page([BankRow(*row) for row in rows], page, _pages(total), total)


def _how_many(state: ItemState) -> ColumnElement[int]:
    return func.count(case((Item.state == state, Item.id)))


def bank(code: str, actor: Actor) -> ItemBank:
    """Return a bank of the actor's organisation; raises NotFoundError for any other."""
    found = session.scalar(select(ItemBank).where(ItemBank.code == code, of_own_organisation(actor)))
    if found is None:
        raise NotFoundError(_l("There is no such item bank of your organisation."))
    return found


def bank_by_code(code: str) -> ItemBank:
    """Return a bank whatever its organisation, for commands; raises NotFoundError naming those there are."""
    found = session.scalar(select(ItemBank).where(ItemBank.code == code))
    if found is None:
        known = session.scalars(select(ItemBank.code).order_by(ItemBank.code).limit(20)).all()
        raise NotFoundError(
            _l("There is no item bank “%(code)s”. Known banks: %(known)s.", code=code, known=", ".join(known) or "–")
        )
    return found


def find_bank(code: str) -> ItemBank | None:
    """Return a bank by its code, None where there is none."""
    return session.scalar(select(ItemBank).where(ItemBank.code == code))


def items(found: ItemBank, choice: Choice = NO_CHOICE, page: int = 1) -> Page[ItemRow]:
    """List the items of a bank in their latest versions, by code; counted in the same statement.

    A page beyond the last one is the last one.
    """
    query = _rows(found.id).where(*choice.conditions()).order_by(Item.code).add_columns(func.count().over())
    rows = session.execute(query.limit(PER_PAGE).offset(_offset(page))).all()
    if not rows and page > 1:
        return items(found, choice, _pages(count_items(found, choice)))
    total = rows[0][2] if rows else 0
    return Page([ItemRow(item, version) for item, version, _total in rows], max(page, 1), _pages(total), total)


def count_items(found: ItemBank, choice: Choice = NO_CHOICE) -> int:
    """Count the items of a bank that a choice leaves."""
    query = _rows(found.id).where(*choice.conditions())
    return session.scalar(select(func.count()).select_from(query.with_only_columns(Item.id).subquery())) or 0


def _rows(bank_id: int) -> Select[Item, ItemVersion]:
    return select(Item, ItemVersion).join(ItemVersion, LATEST).where(Item.bank_id == bank_id)


def item(found: ItemBank, code: str) -> Item:
    """Return an item of a bank with all its versions, latest last; raises NotFoundError."""
    query = select(Item).options(joinedload(Item.versions)).where(Item.bank_id == found.id, Item.code == code)
    one = session.scalars(query).unique().one_or_none()
    if one is None:
        raise NotFoundError(_l("There is no such item in this bank."))
    return one


def holds_code(found: ItemBank, code: str) -> bool:
    """Tell whether a bank has an item with a code."""
    return session.scalar(select(Item.id).where(Item.bank_id == found.id, Item.code == code)) is not None


def approvable(found: ItemBank, by: Actor, choice: Choice = NO_CHOICE) -> list[Item]:
    """Return the drafts of a choice that the actor neither wrote nor reviewed, by code."""
    rows = session.scalars(_approvable(found, by, choice).order_by(Item.code))
    return list(rows)


def count_approvable(found: ItemBank, by: Actor, choice: Choice = NO_CHOICE) -> int:
    """Count the drafts of a choice that the actor neither wrote nor reviewed."""
    query = _approvable(found, by, choice)
    return session.scalar(select(func.count()).select_from(query.with_only_columns(Item.id).subquery())) or 0


def _approvable(found: ItemBank, by: Actor, choice: Choice) -> Select[Item]:
    mine = select(ItemVersion.item_id).where(ItemVersion.created_by_id == by.person_id)
    reviewed = select(ItemReview.item_id).where(
        ItemReview.reviewer_id == by.person_id, ItemReview.number == Item.number
    )
    return (
        select(Item)
        .join(ItemVersion, LATEST)
        .where(Item.bank_id == found.id, Item.state == ItemState.DRAFT, *choice.conditions())
        .where(Item.author_id != by.person_id, Item.id.not_in(mine), Item.id.not_in(reviewed.correlate(Item)))
    )


def items_by_codes(found: ItemBank, codes: Collection[str]) -> list[Item]:
    """Return items of a bank by their codes; codes that the bank lacks are left out."""
    return list(session.scalars(select(Item).where(Item.bank_id == found.id, Item.code.in_(codes)).order_by(Item.code)))


def authors_of(item_ids: Collection[int]) -> dict[int, set[int]]:
    """Return who wrote items or any version of them: item id to person ids."""
    versions = select(ItemVersion.item_id, ItemVersion.created_by_id).where(ItemVersion.item_id.in_(item_ids))
    rows = session.execute(versions.union(select(Item.id, Item.author_id).where(Item.id.in_(item_ids))))
    written: dict[int, set[int]] = {}
    for item_id, person_id in rows:
        if person_id is not None:
            written.setdefault(item_id, set()).add(person_id)
    return written


def grid(bank_id: int) -> list[Cell]:
    """Count the items of a bank by module, cognitive level and state, in one statement."""
    query = (
        select(ItemVersion.module, ItemVersion.level, Item.state, func.count())
        .join(Item, LATEST)
        .where(Item.bank_id == bank_id)
        .group_by(ItemVersion.module, ItemVersion.level, Item.state)
    )
    return [Cell(module, level.value, state, number) for module, level, state, number in session.execute(query)]


def counts(bank_id: int) -> dict[tuple[str, str], int]:
    """Count the approved items of a bank by module and cognitive level: what a blueprint can draw on."""
    return {(one.module, one.level): one.number for one in grid(bank_id) if one.state is ItemState.APPROVED}


def drafts_left(bank_id: int) -> int:
    """Count the items of a bank that wait for a reviewer."""
    query = select(func.count(Item.id)).where(Item.bank_id == bank_id, Item.state == ItemState.DRAFT)
    return session.scalar(query) or 0


def contents(found: ItemBank, *, retired: bool = False) -> list[ItemContent]:
    """Return what the items of a bank say, by code, for export; retired ones where they are asked for."""
    query = (_rows(found.id) if retired else _kept(found.id)).order_by(Item.code)
    return [content_of(one.code, version) for one, version in session.execute(query)]


def count_retired(found: ItemBank) -> int:
    """Count the retired items of a bank."""
    query = select(func.count(Item.id)).where(Item.bank_id == found.id, Item.state == ItemState.RETIRED)
    return session.scalar(query) or 0


def content_of(code: str, version: ItemVersion) -> ItemContent:
    """Return what a version says as the readers of files build it."""
    return ItemContent(
        code=code,
        type=version.type,
        stem=version.stem,
        options=options_of(version.options),
        key=frozenset(version.key),
        body=Body.from_json(version.body or {}),
        explanation=version.explanation or "",
        module=version.module,
        level=version.level,
        difficulty=version.difficulty,
        topic=version.topic or "",
        law=version.law or "",
        article=version.article or "",
        edition=version.edition or "",
        source_read=version.source_read,
    )


def known(bank_id: int, given: Sequence[ItemContent]) -> list[Known]:
    """Return the items of a bank that share a code or a wording with given ones."""
    found: dict[int, Known] = {}
    codes, digests = {one.code for one in given}, {one.digest for one in given}
    for condition in (
        *(Item.code.in_(part) for part in _parts(codes)),
        *(ItemVersion.content_hash.in_(part) for part in _parts(digests)),
    ):
        for one, version in session.execute(_rows(bank_id).where(condition)):
            found[one.id] = Known(one.id, one.state, content_of(one.code, version))
    return list(found.values())


def _parts(values: Iterable[Record]) -> Iterator[list[Record]]:
    """Cut values into lists that fit the parameters of one statement."""
    listed = list(values)
    for start in range(0, len(listed), PARAMETERS):
        yield listed[start : start + PARAMETERS]


def stored_files(digests: Collection[str]) -> dict[str, StoredFile]:
    """Return kept files by their SHA-256; those that are not kept are left out."""
    found: dict[str, StoredFile] = {}
    for part in _parts(digests):
        found.update(
            (one.sha256, one) for one in session.scalars(select(StoredFile).where(StoredFile.sha256.in_(part)))
        )
    return found


def bank_files(found: ItemBank, digests: Collection[str]) -> list[FileRef]:
    """Return the files of some SHA-256 that authors added to a bank."""
    query = (
        select(StoredFile.sha256, BankFile.name, BankFile.media_type)
        .join(BankFile, BankFile.file_id == StoredFile.id)
        .where(BankFile.bank_id == found.id, StoredFile.sha256.in_(digests))
        .order_by(BankFile.id)
    )
    return [FileRef(*row) for row in session.execute(query)]


def file_of(found: Item, digest: str) -> StoredFile:
    """Return a picture or attachment that some version of an item shows; raises NotFoundError for any other."""
    shown = {file["sha256"] for version in found.versions for file in (version.body or {}).get("files", ())}
    kept = stored_files({digest} & shown)
    if digest not in kept:
        raise NotFoundError(_l("The item shows no such file."))
    return kept[digest]


def wordings(bank_id: int) -> dict[str, str]:
    """Return the wording of every item that is not retired, by code, to look for near duplicates."""
    query = _kept(bank_id).with_only_columns(Item.code, ItemVersion.stem, ItemVersion.options, ItemVersion.body)
    return {
        code: wording(stem, told_texts(options_of(options), Body.from_json(body or {})))
        for code, stem, options, body in session.execute(query)
    }


def wording_hashes(bank_id: int) -> frozenset[tuple[str, str]]:
    """Return code and hash of the wording of every item that is not retired: what tells whether a wording changed."""
    rows = session.execute(_kept(bank_id).with_only_columns(Item.code, ItemVersion.content_hash))
    return frozenset((code, digest) for code, digest in rows)


def _kept(bank_id: int) -> Select[Item, ItemVersion]:
    return _rows(bank_id).where(Item.state != ItemState.RETIRED)


def imports(found: ItemBank, limit: int = 10) -> list[ItemImport]:
    """Return the latest uploads of a bank."""
    query = select(ItemImport).where(ItemImport.bank_id == found.id).order_by(ItemImport.id.desc()).limit(limit)
    return list(session.scalars(query))


def staged(found: ItemBank, code: str, *, lock: bool = False) -> ItemImport:
    """Return an upload of a bank, locked until the transaction ends where asked; raises NotFoundError."""
    query = select(ItemImport).where(ItemImport.bank_id == found.id, ItemImport.code == code)
    one = session.scalar(query.with_for_update() if lock else query)
    if one is None:
        raise NotFoundError(_l("There is no such upload in this bank."))
    return one


def fates(import_id: int) -> dict[Fate, int]:
    """Count the rows of an upload by what becomes of them."""
    query = (
        select(ItemImportRow.fate, func.count())
        .where(ItemImportRow.import_id == import_id)
        .group_by(ItemImportRow.fate)
    )
    return dict(session.execute(query).all())


def lacking(import_id: int) -> Counter[str]:
    """Count the items of an upload by what they are kept without; an item counts once for each such thing."""
    query = select(ItemImportRow.content["without"]).where(ItemImportRow.import_id == import_id, LACKING)
    return Counter(name for told in session.scalars(query) for name in {one["params"]["what"] for one in told})


def count_lacking(import_id: int) -> int:
    """Count the items of an upload that are kept without something."""
    query = select(func.count()).select_from(ItemImportRow).where(ItemImportRow.import_id == import_id, LACKING)
    return session.scalar(query) or 0


def import_rows(import_id: int, fate: str = "", page: int = 1) -> Page[ItemImportRow]:
    """List the rows of an upload in the order of the file, all, of a fate, or those kept without something."""
    query = select(ItemImportRow).where(ItemImportRow.import_id == import_id)
    if fate == NOTED:
        query = query.where(LACKING)
    elif fate in set(Fate):
        query = query.where(ItemImportRow.fate == Fate(fate))
    total = session.scalar(select(func.count()).select_from(query.with_only_columns(ItemImportRow.id).subquery())) or 0
    wanted = min(max(page, 1), _pages(total))
    rows = session.scalars(query.order_by(ItemImportRow.position).limit(PER_PAGE).offset(_offset(wanted)))
    return Page(list(rows), wanted, _pages(total), total)


def all_import_rows(import_id: int) -> list[ItemImportRow]:
    """Return every row of an upload in the order of the file."""
    query = select(ItemImportRow).where(ItemImportRow.import_id == import_id)
    return list(session.scalars(query.order_by(ItemImportRow.position)))


def page_of(rows: Sequence[Record], page: int, per_page: int) -> Page[Record]:
    """Cut a list that is at hand into pages; a page beyond the last one is the last one."""
    pages = max(-(-len(rows) // per_page), 1)
    wanted = min(max(page, 1), pages)
    return Page(list(rows[(wanted - 1) * per_page : wanted * per_page]), wanted, pages, len(rows))


def _pages(total: int) -> int:
    return max(-(-total // PER_PAGE), 1)


def _offset(page: int) -> int:
    return (max(page, 1) - 1) * PER_PAGE

"""Imports: looked at before, written all or none or by choice only what is good, never twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from app.accounts.states import Role
from app.core import events, files
from app.core.access import Actor
from app.core.columns import new_code
from app.core.db import session
from app.core.errors import InvalidError
from app.core.text import _l
from app.desk import services as desk
from app.items import queries
from app.items.models import Item, ItemBank, ItemImport, ItemImportRow, ItemVersion
from app.items.rules import files as item_files
from app.items.rules import similar
from app.items.rules.bodies import options_json
from app.items.rules.building import build
from app.items.rules.content import Defaults, Enclosed, Failure, ItemContent, Parsed
from app.items.rules.planning import Planned, Report, plan
from app.items.rules.reasons import Reason
from app.items.services.subjects import of_bank, of_item
from app.items.states import IMPORT, ITEM, Fate, FileKind, ImportState, ItemState

# A workbook is a zip of parts; its own media type is one character longer than the column of kept files.
KEPT_AS = {
    FileKind.GIFT: "text/plain",
    FileKind.AIKEN: "text/plain",
    FileKind.CSV: "text/csv",
    FileKind.XLSX: "application/zip",
    FileKind.MOODLE_XML: "application/xml",
    FileKind.QTI: "application/zip",
}


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that was read: what would become of each item, and which of them look alike."""

    data: bytes
    kind: FileKind
    unread: list[Failure]
    planned: list[Planned]
    enclosed: Mapping[str, Enclosed]
    alike: dict[str, similar.Alike]


class ImportRefusedError(InvalidError):
    """Items of a file cannot be imported and all or none was asked for; `report` says which."""

    def __init__(self, report: Report) -> None:
        super().__init__(
            _l(
                "%(count)s items cannot be imported, so none was taken. Correct them, or take only the good ones.",
                count=len(report.failed),
            )
        )
        self.report = report


def preview(bank: ItemBank, given: Parsed | Sequence[ItemContent]) -> Report:
    """Say what an import would do, without doing it."""
    return Report.of(planned_of(bank, given), _unread(given))


def _unread(given: Parsed | Sequence[ItemContent]) -> list[Failure]:
    return given.unread if isinstance(given, Parsed) else []


def import_items(
    bank: ItemBank,
    given: Parsed | Sequence[ItemContent],
    *,
    by: Actor,
    at: datetime,
    allow_partial: bool = False,
) -> Report:
    """Take the items of a file into a bank as drafts of their author.

    What the bank has already is skipped. Raises ImportRefusedError with the report where an item cannot be
    taken, unless `allow_partial` asks for the good ones.
    """
    return Report.of(_import(bank, given, by=by, at=at, allow_partial=allow_partial), _unread(given))


def _import(
    bank: ItemBank, given: Parsed | Sequence[ItemContent], *, by: Actor, at: datetime, allow_partial: bool
) -> list[Planned]:
    """Do what was planned and return it in the order of the file."""
    planned = planned_of(bank, given)
    report = Report.of(planned, _unread(given))
    if report.failed and not allow_partial:
        raise ImportRefusedError(report)
    if isinstance(given, Parsed):
        _keep(given.files)
    write(bank, report.imported, by=by, at=at)
    return planned


def _keep(enclosed: Mapping[str, Enclosed]) -> None:
    """Keep pictures and attachments by their content; what is kept already stays."""
    for one in enclosed.values():
        files.store(one.data, name=one.name, media_type=one.media_type)


def planned_of(bank: ItemBank, given: Parsed | Sequence[ItemContent]) -> list[Planned]:
    """Decide what would become of each item in a bank."""
    parsed = given if isinstance(given, Parsed) else Parsed(list(given))
    return plan(parsed, queries.known(bank.id, parsed.items))


def look(bank: ItemBank, data: bytes, *, kind: FileKind, defaults: Defaults) -> Looked:
    """Read a file and find what would become of its items; writes nothing, so it needs no transaction."""
    parsed = item_files.read(data, kind, defaults)
    planned = planned_of(bank, parsed)
    return Looked(data, kind, parsed.unread, planned, parsed.files, alike_of(bank, planned))


def stage(bank: ItemBank, looked: Looked, *, name: str, by: Actor, at: datetime) -> ItemImport:
    """Keep an uploaded file with what was found in it; nothing enters the bank yet.

    The event comes first: where a rule refuses the author, nothing is kept, not even the file.
    """
    code = new_code()
    facts = {"import": code, "items": len(looked.planned)}
    events.record("items.file_staged", of_bank(bank), by=by, at=at, data=facts)
    _keep(looked.enclosed)
    stored = files.store(looked.data, name=name, media_type=KEPT_AS[looked.kind])
    staged = ItemImport(
        code=code,
        bank_id=bank.id,
        file_id=stored.id,
        name=name[:200],
        kind=looked.kind,
        ignored=[one.to_json() for one in looked.unread],
        uploaded_by_id=by.person_id,
        uploaded_at=at,
    )
    session.add(staged)
    session.flush()
    rows = [
        _row(staged.id, position, one, looked.alike.get(one.code)) for position, one in enumerate(looked.planned, 1)
    ]
    session.execute(insert(ItemImportRow), rows)
    return staged


def _row(import_id: int, position: int, one: Planned, alike: similar.Alike | None) -> dict[str, object]:
    return {
        "import_id": import_id,
        "position": position,
        "place": one.place,
        "unit": one.unit,
        "code": one.code or None,
        "fate": one.fate,
        "reason": one.reason.to_json() if one.reason else {},
        "content": one.content.to_json() if one.content else {},
        "alike_code": alike.second if alike else None,
        "alike_percent": alike.percent if alike else None,
    }


def alike_of(bank: ItemBank, planned: Sequence[Planned]) -> dict[str, similar.Alike]:
    """Return for each coming item the one of bank or file whose wording is nearest, where it is near."""
    coming = {
        one.code: similar.wording_of(one.content)
        for one in planned
        if one.content and one.fate in {Fate.NEW, Fate.REVISED}
    }
    nearest: dict[str, similar.Alike] = {}
    for first, second, share in similar.near_duplicates({**queries.wordings(bank.id), **coming}):
        for code, other in ((first, second), (second, first)):
            if code in coming and share > (nearest[code].share if code in nearest else 0):
                nearest[code] = similar.Alike(code, other, share)
    return nearest


def take_staged(staged: ItemImport, bank: ItemBank, *, partial: bool, by: Actor, at: datetime) -> Report:
    """Take a looked-at file into its bank; a second call gives the first one's report and writes nothing.

    The bank may have changed since, so every row is decided again. Raises ImportRefusedError where all or none
    was asked for and a row cannot be taken.
    """
    rows = queries.all_import_rows(staged.id)
    if staged.state is ImportState.COMMITTED:
        return Report.of(_as_planned(row) for row in rows)
    defaults = Defaults(modules=queries.words_of(bank))
    parsed = Parsed([_entry(row, defaults) for row in rows], rows[0].unit)
    planned = _import(bank, parsed, by=by, at=at, allow_partial=partial)
    report = Report.of(planned)
    for row, now in zip(rows, planned, strict=True):
        row.fate = now.fate
        row.reason = now.reason.to_json() if now.reason else {}
    IMPORT.move(staged, "commit", committed_by_id=by.person_id, committed_at=at)
    session.flush()
    facts = {"import": staged.code, "imported": len(report.imported), "skipped": len(report.skipped)}
    events.record("items.file_imported", of_bank(bank), by=by, at=at, data={**facts, "failed": len(report.failed)})
    return report


def drop(staged: ItemImport, *, by: Actor, at: datetime) -> None:
    """Put a looked-at file aside; it stays readable."""
    del by, at
    IMPORT.move(staged, "drop")
    session.flush()


def _entry(row: ItemImportRow, defaults: Defaults) -> ItemContent | Failure:
    if row.content:
        return build(row.content, place=row.place, defaults=defaults)
    return Failure(row.place, Reason.from_json(row.reason), row.code or "", row.unit)


def _as_planned(row: ItemImportRow) -> Planned:
    reason = Reason.from_json(row.reason) if row.reason else None
    return Planned(row.place, row.code or "", row.fate, reason, unit=row.unit)


def write(bank: ItemBank, coming: Sequence[Planned], *, by: Actor, at: datetime, act: str = "items.imported") -> None:
    """Write planned items as versions, note the act of each, and let the reviewers know."""
    contents = [one.content for one in coming if one.content]
    _refuse_missing_files(contents)
    present = {one.code: one for one in queries.items_by_codes(bank, {content.code for content in contents})}
    for content in contents:
        if content.code in present:
            _next_version(bank, present[content.code], at)
            continue
        present[content.code] = Item(
            bank_id=bank.id, code=content.code, number=1, author_id=by.person_id, created_at=at
        )
    session.add_all(present.values())
    session.flush()
    session.add_all(_version(present[content.code], content, by=by, at=at) for content in contents)
    session.flush()
    facts = [
        (of_item(bank, one.code), {"version": present[one.code].number, "content": one.digest}) for one in contents
    ]
    events.record_many(act, facts, by=by, at=at)
    desk.refresh("items.item", [of_item(bank, content.code).code for content in contents])
    if contents:
        _ask_reviewers(bank, by=by, at=at)


def _next_version(bank: ItemBank, item: Item, at: datetime) -> None:
    """Count a new version; one that was asked for goes back to the reviewers."""
    item.number += 1
    if item.state is ItemState.REVISION:
        ITEM.move(item, "resubmit")
        desk.close_todos(of_item(bank, item.code), kind="items.revise", at=at)


def _refuse_missing_files(contents: Sequence[ItemContent]) -> None:
    wanted = {one.sha256: one.name for content in contents for one in content.body.files}
    missing = set(wanted) - set(queries.stored_files(wanted))
    if missing:
        raise InvalidError(
            _l("The file %(name)s of an item is not kept here. Import it with its file.", name=wanted[min(missing)])
        )


def _version(item: Item, content: ItemContent, *, by: Actor, at: datetime) -> ItemVersion:
    return ItemVersion(
        item_id=item.id,
        number=item.number,
        type=content.type,
        stem=content.stem,
        options=options_json(content.options),
        key=content.keys,
        body=content.body.to_json(),
        explanation=content.explanation or None,
        module=content.module,
        level=content.level,
        difficulty=content.difficulty,
        topic=content.topic or None,
        law=content.law or None,
        article=content.article or None,
        edition=content.edition or None,
        source_read=content.source_read,
        content_hash=content.digest,
        created_by_id=by.person_id,
        created_at=at,
    )


def _ask_reviewers(bank: ItemBank, *, by: Actor, at: datetime) -> None:
    desk.open_todo(
        "items.review",
        of_bank(bank),
        url=f"/items/{bank.code}?state=draft",
        at=at,
        role=Role.REVIEWER,
        organisation_id=bank.organisation_id,
        not_person_id=by.person_id,
        params={"bank_zh": bank.name_zh, "bank_en": bank.name_en},
    )

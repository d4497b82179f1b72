"""A copy of one's own data (PIPL art. 45): a ZIP by a job, sealed until it is downloaded once within seven days."""

import base64
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from html import escape

from sqlalchemy import select, update

from app.accounts.models import Person
from app.accounts.rights import DataExport
from app.core import events
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.crypto import seal, unseal, unwrap_key
from app.core.db import session
from app.core.errors import ConflictError, NotFoundError
from app.core.events import Subject
from app.core.jobs import start_job
from app.core.personal_data import FIELDS
from app.core.room import PersonalData, rooms
from app.core.text import _l, in_language

JOB = "accounts.export"
PURPOSE = "data_export"
KEPT_FOR = timedelta(days=7)
LOCALES = {"zh": "zh_CN", "en": "en"}
TITLE = _l("My data on the platform")
EXPLAINED = _l("Each part of the platform gives one file in JSON. Times are in UTC.")
NOTHING = _l("Nothing is kept here.")
MORE = _l("These are the first rows; the file holds all of them.")
SHOWN = 100
"""So many rows of each part the index shows."""


def request_export(*, language: str, by: Actor, at: datetime) -> DataExport:
    """Ask for a copy of one's own data; while one is being made, that one is returned. `at` is security time."""
    query = select(DataExport).where(DataExport.person_id == by.person_id, DataExport.ready_at.is_(None))
    waiting = session.scalar(query)
    if waiting is not None:
        return waiting
    export = DataExport(person_id=by.person_id, language=language, requested_at=at)
    session.add(export)
    session.flush()
    start_job(JOB, key=f"{JOB}:{export.code}", by=by, args={"export": export.code})
    _record("accounts.export_requested", export, by=by, at=at)
    return export


def _record(kind: str, export: DataExport, *, by: Actor, at: datetime) -> None:
    data = {"export": export.code, "sha256": export.sha256}
    events.record(kind, Subject("person", by.person_code), by=by, at=at, data=data)


def make_export(code: str) -> bytes:
    """Collect the data of an export from every room, row by row, and return the ZIP; reads only."""
    export = session.scalars(select(DataExport).where(DataExport.code == code)).one()
    locale = LOCALES.get(export.language, "zh_CN")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = [_write(archive, one, export.person_id) for room in rooms() for one in room.personal_data]
        archive.writestr("index.html", _index(parts, locale))
    return packed.getvalue()


@dataclass(frozen=True, slots=True)
class _Part:
    """What the index says of one file: how many rows it has, and the first of them."""

    data: PersonalData
    count: int
    first: list[JsonObject]


def _write(archive: zipfile.ZipFile, data: PersonalData, person_id: int) -> _Part:
    count = 0
    first: list[JsonObject] = []
    with archive.open(f"{data.name}.json", "w") as file:
        for row in data.collect(person_id):
            plain = {key: _value(value) for key, value in row.items()}
            file.write(b",\n" if count else b"[\n")
            file.write(json.dumps(plain, ensure_ascii=False, indent=2, default=str).encode())
            count += 1
            if len(first) < SHOWN:
                first.append(plain)
        file.write(b"\n]\n" if count else b"[]\n")
    return _Part(data, count, first)


def _value(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _index(parts: list[_Part], locale: str) -> str:
    """Write the index as a page of its own, in the person's language: each part as a table with named columns."""
    title, explained = (escape(in_language(text, locale)) for text in (TITLE, EXPLAINED))
    listed = "".join(
        f'<li><a href="#{part.data.name}">{escape(in_language(part.data.label, locale))}</a>: {part.count}</li>'
        for part in parts
    )
    return (
        f'<!doctype html><html lang="{locale[:2]}"><meta charset="utf-8"><title>{title}</title>'
        f"<h1>{title}</h1><p>{explained}</p><ul>{listed}</ul>{''.join(_section(part, locale) for part in parts)}</html>"
    )


def _section(part: _Part, locale: str) -> str:
    name, label = part.data.name, escape(in_language(part.data.label, locale))
    heading = f'<h2 id="{name}"><a href="{name}.json">{label}</a></h2>'
    if not part.first:
        return f"{heading}<p>{escape(in_language(NOTHING, locale))}</p>"
    keys = list(dict.fromkeys(key for row in part.first for key in row))
    named = {**FIELDS, **part.data.fields}
    head = "".join(f'<th scope="col">{escape(in_language(named[key], locale))}</th>' for key in keys)
    body = "".join(f"<tr>{''.join(f'<td>{_cell(row.get(key))}</td>' for key in keys)}</tr>" for row in part.first)
    more = f"<p>{escape(in_language(MORE, locale))}</p>" if part.count > len(part.first) else ""
    return f"{heading}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return escape(json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value))


def keep_export(code: str, packed: bytes, *, at: datetime) -> None:
    """Keep a made export sealed under the person's key; one of an erased person is dropped. `at` is security time."""
    export = session.scalars(select(DataExport).where(DataExport.code == code)).one()
    person = session.get_one(Person, export.person_id)
    export.ready_at, export.expires_at = at, at + KEPT_FOR
    export.sha256, export.size = sha256(packed).hexdigest(), len(packed)
    if person.data_key is not None:
        export.sealed = seal(unwrap_key(person.data_key), base64.b64encode(packed).decode(), PURPOSE)
    session.flush()


def take_export(code: str, *, by: Actor, at: datetime) -> bytes:
    """Return one's own export and destroy it: it is downloaded once. `at` is security time.

    Raises NotFoundError for those of others, ConflictError where it was downloaded or has run out.
    """
    query = select(DataExport).where(DataExport.code == code, DataExport.person_id == by.person_id)
    export = session.scalar(query)
    if export is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    person = session.get_one(Person, by.person_id)
    if export.sealed is None or person.data_key is None or export.expires_at is None or export.expires_at <= at:
        raise ConflictError(_l("This copy was downloaded already or has run out. Ask for a new one."))
    packed = base64.b64decode(unseal(unwrap_key(person.data_key), export.sealed, PURPOSE))
    export.sealed, export.downloaded_at = None, at
    session.flush()
    _record("accounts.export_downloaded", export, by=by, at=at)
    return packed


def exports_of(actor: Actor) -> list[DataExport]:
    """Return the last exports of the actor, latest first."""
    query = select(DataExport).where(DataExport.person_id == actor.person_id)
    return list(session.scalars(query.order_by(DataExport.id.desc()).limit(5)))


def drop_old_exports(*, at: datetime) -> None:
    """Destroy what nobody downloaded in time."""
    session.execute(
        update(DataExport).where(DataExport.sealed.is_not(None), DataExport.expires_at <= at).values(sealed=None)
    )

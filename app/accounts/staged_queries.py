"""Reads of uploaded people, and of what the house knows of them, by blind index and in batches."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.access import within
from app.accounts.models import Person, PersonDocument
from app.accounts.queries import EMAIL, IDENTITY, PHONE, ids_of
from app.accounts.rules.roster import REMARKS, Candidate, First, House, Known
from app.accounts.staged import PeopleImport, PeopleRow
from app.core.access import Actor
from app.core.crypto import blind_index, blind_indexes
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.jobs import Job
from app.core.text import _l

BATCH = 500
Value = TypeVar("Value")
PER_PAGE = 50
OptionalBytes = InstrumentedAttribute[bytes | None]
FIELDS: tuple[tuple[str, str, OptionalBytes, OptionalBytes], ...] = (
    ("document", IDENTITY, Person.identity_index, PeopleRow.identity_index),
    ("phone", PHONE, Person.phone_index, PeopleRow.phone_index),
    ("email", EMAIL, Person.email_index, PeopleRow.email_index),
)
COLUMN = {"document": "number"}
"""The column of the file in which a field stands, where its name differs."""


def waiting(digest: str, purpose: str) -> PeopleImport | None:
    """Return the undecided import of the same file, None where there is none."""
    query = select(PeopleImport).where(
        PeopleImport.digest == digest,
        PeopleImport.purpose == purpose,
        PeopleImport.committed_at.is_(None),
        PeopleImport.discarded_at.is_(None),
    )
    return session.scalars(query.order_by(PeopleImport.id.desc()).limit(1)).first()


ADMINISTERED = "people.page"
"""The purpose of the imports that administrators of people make on the page."""
LATEST = 20


def administered(code: str, actor: Actor) -> PeopleImport:
    """Return an import of the administrator's region; raises NotFoundError for any other."""
    found = session.scalar(_administered(actor).where(PeopleImport.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def _administered(actor: Actor) -> Select[PeopleImport]:
    return select(PeopleImport).where(PeopleImport.purpose == ADMINISTERED, within(PeopleImport.region_code, actor))


def latest_administered(actor: Actor) -> list[PeopleImport]:
    """Return the latest imports of the administrator's region that were not discarded."""
    query = _administered(actor).where(PeopleImport.discarded_at.is_(None))
    return list(session.scalars(query.order_by(PeopleImport.id.desc()).limit(LATEST)))


def waiting_administered(digest: str, actor: Actor) -> PeopleImport | None:
    """Return the undecided import of the same file in the administrator's own region, None where there is none."""
    query = _administered(actor).where(
        PeopleImport.digest == digest,
        PeopleImport.region_code == actor.region_code,
        PeopleImport.committed_at.is_(None),
        PeopleImport.discarded_at.is_(None),
    )
    return session.scalars(query.order_by(PeopleImport.id.desc()).limit(1)).first()


def by_code(code: str) -> PeopleImport:
    """Return an import for work without an actor."""
    return session.scalars(select(PeopleImport).where(PeopleImport.code == code)).one()


def jobs_of(staged: PeopleImport, *kinds: str) -> dict[str, Job]:
    """Return the jobs of some kinds that work on an import, by kind."""
    keys = [f"{kind}:{staged.code}" for kind in kinds]
    return {job.kind: job for job in session.scalars(select(Job).where(Job.key.in_(keys)))}


def house(candidates: Sequence[Candidate]) -> House:
    """Look up a block of rows: documents, telephones and mail by blind index."""
    found = {
        field: _by_index(column, purpose, (getattr(one, field) for one in candidates))
        for field, purpose, column, _staged in FIELDS
    }
    return House(people=found["document"], phones=found["phone"], emails=found["email"])


def _by_index(column: OptionalBytes, purpose: str, texts: Iterable[str]) -> dict[str, Known]:
    text_of = {index: text for text in set(texts) if text for index in blind_indexes(text, purpose)}
    found: dict[str, Known] = {}
    for part in batches(list(text_of)):
        query = select(column, Person.id, Person.code, Person.name).where(column.in_(part))
        further = select(PersonDocument.identity_index, Person.id, Person.code, Person.name).join(
            Person, Person.id == PersonDocument.person_id
        )
        rows = [*session.execute(query)]
        if purpose == IDENTITY:
            rows += session.execute(further.where(PersonDocument.identity_index.in_(part)))
        for index, person_id, code, name in rows:
            if index is not None:
                found[text_of[index]] = Known(person_id, code, name)
    return found


def earlier(staged: PeopleImport, candidates: Sequence[Candidate]) -> First:
    """Return the first row of this import in which each document, telephone and mail address stands."""
    first: First = {}
    for field, purpose, _person, column in FIELDS:
        texts = {text for one in candidates if (text := getattr(one, field))}
        text_of = {blind_index(text, purpose): text for text in texts}
        for part in batches(list(text_of)):
            query = (
                select(column, func.min(PeopleRow.line))
                .where(PeopleRow.people_import_id == staged.id, column.in_(part))
                .group_by(column)
            )
            for index, line in session.execute(query):
                if index is not None:
                    first[COLUMN.get(field, field), text_of[index]] = line
    return first


def people_by_id(person_ids: Sequence[int]) -> dict[int, Person]:
    """Return people by id, read in batches."""
    found: dict[int, Person] = {}
    for part in batches(person_ids):
        found |= {one.id: one for one in session.scalars(select(Person).where(Person.id.in_(part)))}
    return found


def batches(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Cut a list into the pieces that one statement takes."""
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]


def people_told_of(rows: Iterable[PeopleRow]) -> list[int]:
    """Return the people of whose kept contacts some rows tell something, for the record of looks."""
    codes = [row.person_code for row in rows if row.known and any(one["reason"] in REMARKS for one in row.problems)]
    return [found for part in batches(codes) for found in ids_of(part)]


def count_new(staged: PeopleImport) -> int:
    """Count the good rows whose person the house did not know."""
    query = select(func.count()).where(
        PeopleRow.people_import_id == staged.id, PeopleRow.good, PeopleRow.known.is_(False)
    )
    return session.scalar(query) or 0


class RowsPage(NamedTuple):
    """One page of staged rows, as `ui.pagination` reads it."""

    rows: list[PeopleRow]
    page: int
    pages: int
    total: int


def rows_page(staged: PeopleImport, *, only_bad: bool = False, page: int = 1) -> RowsPage:
    """Return a page of the checked rows in the order of the file."""
    query = select(PeopleRow).where(PeopleRow.people_import_id == staged.id)
    if only_bad:
        query = query.where(PeopleRow.good.is_(False))
    total = staged.bad if only_bad else staged.checked
    pages = max(-(-total // PER_PAGE), 1)
    shown = min(max(page, 1), pages)
    found = session.scalars(query.order_by(PeopleRow.line).limit(PER_PAGE).offset((shown - 1) * PER_PAGE))
    return RowsPage(list(found), shown, pages, total)


def rows_of(staged: PeopleImport, *, only_bad: bool = False) -> Iterator[PeopleRow]:
    """Yield the rows of an import in the order of the file, read in batches; for reports."""
    line = -1
    while True:
        query = select(PeopleRow).where(PeopleRow.people_import_id == staged.id, PeopleRow.line > line)
        if only_bad:
            query = query.where(PeopleRow.good.is_(False))
        part = session.scalars(query.order_by(PeopleRow.line).limit(BATCH)).all()
        if not part:
            return
        yield from part
        line = part[-1].line

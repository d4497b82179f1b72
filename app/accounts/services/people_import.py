"""People from a roster: read once, checked block by block, taken over by one set-based statement.

Reading and encrypting happen outside of any write transaction; what is staged is what will stand in `person`.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, insert, literal, null, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import staged_queries as queries
from app.accounts.models import Person
from app.accounts.queries import EMAIL, IDENTITY, PHONE
from app.accounts.rules import roster as rules
from app.accounts.rules import roster_file
from app.accounts.services.people import masked_data
from app.accounts.staged import PeopleImport, PeopleRow
from app.core import clock, events, staging
from app.core.access import Actor
from app.core.columns import JsonObject, UtcDateTime, new_code
from app.core.crypto import blind_index, blind_indexes, new_wrapped_key, seal, unwrap_key
from app.core.db import keep_pages, session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.core.staging import SealedRows, StagedFile
from app.core.text import _l

LONGEST_FILE_NAME = 200
SETTLED_ROWS = 100
MARK = "people_import.mark"
Judge = Callable[[Sequence[rules.Candidate]], Sequence[rules.Candidate]]
"""What a room adds to the check of a block: further problems of its own."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A roster file that was read: its rows sealed, nothing of it in the clear any more."""

    rows: SealedRows
    digest: str
    name: str


def read_file(data: bytes, name: str) -> ReadFile:
    """Read a roster file; raises InvalidError for the field `file` saying what to change."""
    rows = staging.sealed(asdict(line) for line in roster_file.read(data))
    return ReadFile(rows, sha256(data).hexdigest(), name[:LONGEST_FILE_NAME])


def stage(
    read: ReadFile, *, purpose: str, region_code: str | None = None, by: Actor | None, at: datetime
) -> PeopleImport:
    """Keep a read file until its rows are checked; nobody is added yet."""
    staged = PeopleImport(
        purpose=purpose,
        file_name=read.name,
        digest=read.digest,
        index_mark=_mark(),
        staged_file_id=staging.keep(read.rows).id,
        total=read.rows.rows,
        by_id=by.person_id if by else None,
        region_code=region_code,
        at=at,
    )
    session.add(staged)
    session.flush()
    return staged


def _mark() -> bytes:
    return blind_index("", MARK)


def _check_mark(staged: PeopleImport) -> None:
    if staged.index_mark != _mark():
        raise ConflictError(_l("The keys of protected fields were changed meanwhile. Upload the file again."))


def _unjudged(block: Sequence[rules.Candidate]) -> Sequence[rules.Candidate]:
    return block


def next_block(staged: PeopleImport) -> int:
    """Return the number of the block to check next."""
    return staged.checked // staging.BLOCK_ROWS


def check_block(staged: PeopleImport, judge: Judge = _unjudged) -> list[JsonObject]:
    """Check the next block and return its rows as they will be kept, encrypted; reads only."""
    _check_mark(staged)
    lines = _lines(staged, next_block(staged))
    candidates = rules.checked(lines, clock.today())
    found = rules.without_repetition(candidates, queries.earlier(staged, candidates))
    return [_columns(row) for row in judge(rules.judged(found, _with_contacts(found, queries.house(found))))]


def _with_contacts(candidates: Sequence[rules.Candidate], house: rules.House) -> rules.House:
    """Add to the people whom the house knows what is kept of contacts that differ from the rows."""
    people = house.people
    rows = {one.document: one for one in candidates if one.document in people and (one.phone or one.email)}
    kept = queries.people_by_id([people[document].person_id for document in rows])
    told = {
        document: replace(known, differing=_differing(rows[document], kept[known.person_id]))
        if document in rows
        else known
        for document, known in people.items()
    }
    return replace(house, people=told)


def _differing(row: rules.Candidate, person: Person) -> dict[str, str]:
    """Return what is kept, masked, of each contact that the row gives otherwise; empty where none is kept."""
    if person.data_key is None:
        return {}
    given = (("phone", row.phone, PHONE, person.phone_index), ("email", row.email, EMAIL, person.email_index))
    other = [
        name
        for name, text, purpose, index in given
        if text and (index is None or index not in blind_indexes(text, purpose))
    ]
    known = masked_data(person) if other else {}
    return {name: known[name] or "" for name in other}


def _lines(staged: PeopleImport, number: int) -> list[roster_file.RosterLine]:
    if staged.staged_file_id is None:
        return []
    kept = session.get_one(StagedFile, staged.staged_file_id)
    return [roster_file.RosterLine(**line) for line in staging.read(kept, number)] if number < kept.blocks else []


def _columns(row: rules.Candidate) -> JsonObject:
    good = row.good
    new = good and row.known is None
    indexes = {
        f"{column}_index": blind_index(text, purpose) if text else None
        for column, purpose, text in (
            ("identity", IDENTITY, row.document),
            ("phone", PHONE, row.phone),
            ("email", EMAIL, row.email),
        )
    }
    return {
        "line": row.line,
        "good": good,
        "known": row.known is not None,
        "code": new_code(),
        "person_code": row.known.code if row.known else new_code(),
        "name": row.name,
        "masked": row.masked,
        "employer": row.employer or None,
        "problems": [problem.to_json() for problem in row.problems],
        **indexes,
        **(_sealed(row) if new else dict.fromkeys(SEALED)),
    }


SEALED = ("data_key", "identity_kind", "identity_sealed", "phone_sealed", "email_sealed")


def _sealed(row: rules.Candidate) -> JsonObject:
    wrapped = new_wrapped_key()
    key = unwrap_key(wrapped)
    return {
        "data_key": wrapped,
        "identity_kind": row.kind,
        "identity_sealed": seal(key, row.number, IDENTITY),
        "phone_sealed": seal(key, row.phone, PHONE) if row.phone else None,
        "email_sealed": seal(key, row.email, EMAIL) if row.email else None,
    }


def keep_block(staged: PeopleImport, rows: Sequence[JsonObject], *, at: datetime) -> bool:
    """Write a checked block; return whether blocks are left. After the last one the file's rows are destroyed."""
    if rows:
        session.execute(insert(PeopleRow), [{**row, "people_import_id": staged.id} for row in rows])
    staged.checked += len(rows)
    staged.good += sum(row["good"] for row in rows)
    staged.bad = staged.checked - staged.good
    if rows and staged.checked < staged.total:
        session.flush()
        return True
    kept, staged.staged_file_id = staged.staged_file_id, None
    staged.checked_at = at
    session.flush()
    if kept is not None:
        staging.forget(kept)
    return False


def check_commit(staged: PeopleImport, *, only_good: bool) -> None:
    """Raise InvalidError where rows have problems and all were asked for, ConflictError where it is too late."""
    if staged.checked_at is None or staged.discarded_at is not None:
        raise ConflictError(_l("The rows of this file are not ready to be taken over. Reload the page."))
    if staged.bad and not only_good:
        raise InvalidError(
            _l(
                "%(count)s rows have problems. Correct the file and upload it again, or take over the good rows only.",
                count=staged.bad,
            )
        )
    if staged.good == 0:
        raise InvalidError(_l("No row can be taken over. Correct the file and upload it again."))
    _check_mark(staged)


def take_over(staged: PeopleImport, *, only_good: bool, at: datetime) -> int:
    """Add the people of a checked import in one statement; return how many rows it holds. Repeated, it does nothing.

    Raises as `check_commit`, and ConflictError where a person, telephone or mail address of the list was added
    meanwhile: the unique indexes refuse them, and another check of every row would only hold the lock longer.
    The events of the people and the end of their staged data follow in `settle`.
    """
    if staged.committed_at is not None:
        return staged.good
    check_commit(staged, only_good=only_good)
    columns = (
        *("code", "name", "data_key", "identity_kind", "identity_sealed", "identity_index"),
        *("phone_sealed", "phone_index", "email_sealed", "email_index", "created_at"),
    )
    rows = select(
        PeopleRow.person_code,
        PeopleRow.name,
        PeopleRow.data_key,
        PeopleRow.identity_kind,
        PeopleRow.identity_sealed,
        PeopleRow.identity_index,
        PeopleRow.phone_sealed,
        PeopleRow.phone_index,
        PeopleRow.email_sealed,
        PeopleRow.email_index,
        literal(at, UtcDateTime()),
    ).where(_new(staged))
    keep_pages()
    try:
        session.execute(insert(Person).from_select(columns, rows.order_by(PeopleRow.id)))
    except IntegrityError as error:
        raise ConflictError(
            _l("Somebody on this list, or a contact of theirs, was added meanwhile. Upload the file again to see who.")
        ) from error
    staged.committed_at = at
    session.flush()
    return staged.good


def _new(staged: PeopleImport) -> ColumnElement[bool]:
    return (PeopleRow.people_import_id == staged.id) & PeopleRow.good & PeopleRow.known.is_(False)


def settle(staged: PeopleImport, *, after: int, by: Actor | None, at: datetime) -> int | None:
    """Record the next new people of a committed import and clear what was staged of them.

    Returns the last line done, None where no row is left; one call is one transaction.
    """
    rows = session.execute(
        select(PeopleRow.line, PeopleRow.person_code, PeopleRow.known, PeopleRow.good)
        .where(PeopleRow.people_import_id == staged.id, PeopleRow.line > after)
        .order_by(PeopleRow.line)
        .limit(SETTLED_ROWS)
    ).all()
    if not rows:
        return None
    added = [row.person_code for row in rows if row.good and not row.known and staged.committed_at]
    events.record_many("accounts.person_added", ((Subject("person", code), {}) for code in added), by=by, at=at)
    clear(staged, after=after, up_to=rows[-1].line)
    last: int = rows[-1].line
    return last


def clear(staged: PeopleImport, *, after: int, up_to: int) -> None:
    """Destroy what is staged of the personal fields of some rows."""
    session.execute(
        update(PeopleRow)
        .where(PeopleRow.people_import_id == staged.id, PeopleRow.line > after, PeopleRow.line <= up_to)
        .values(
            **dict.fromkeys((*SEALED, "identity_index", "phone_index", "email_index"), null()),
        )
        .execution_options(synchronize_session=False)
    )


def discard(staged: PeopleImport, *, at: datetime) -> None:
    """Give up an import that nobody took over; its personal data goes with `settle`."""
    if staged.committed_at is not None:
        raise ConflictError(_l("This file was taken over already."))
    kept, staged.staged_file_id = staged.staged_file_id, None
    staged.discarded_at = at
    session.flush()
    if kept is not None:
        staging.forget(kept)

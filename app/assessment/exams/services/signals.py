"""Writing what the page of a sitting reports: one statement a batch, append-only, bounded for each sitting."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    JSON,
    ColumnElement,
    Integer,
    LargeBinary,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from app.assessment.exams.models import Attempt, SittingSignal
from app.assessment.exams.queries.signals import ADDRESS, index_text
from app.assessment.exams.services.sitting import Writer
from app.assessment.exams.signal_kinds import MOST_OF_A_KIND, SignalKind
from app.core.columns import UtcDateTime
from app.core.crypto import blind_indexes, new_wrapped_key, seal, unwrap_key
from app.core.db import session

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
SEALED = ["address_sealed", "address_key", "address_index"]
COLUMNS = ["attempt_id", "page", "number", "kind", *SEALED, "detail", "client_at", "received_at"]
KEY = ["attempt_id", "page", "number"]


@dataclass(frozen=True, slots=True)
class Signal:
    """One happening as the page tells it; `number` counts from 1 within the page."""

    number: int
    kind: SignalKind
    client_at: datetime | None = None
    detail: dict[str, int | str] = field(default_factory=dict)


class Sealed(NamedTuple):
    """A network address as a row keeps it: under a key of its own, with the index that tells it from the one before."""

    cipher: bytes | None = None
    key: bytes | None = None
    mark: bytes | None = None


NO_ADDRESS = Sealed()


def record_signals(writer: Writer, *, signals: Sequence[Signal], address: str, at: datetime) -> int:
    """Append what a page reports, and the network address where it is another than before; return how many were new.

    A batch sent twice is kept once. A sitting of somebody else, or one not started, takes nothing; no sitting takes
    more of a kind than `MOST_OF_A_KIND`.
    """
    dialect = session.get_bind().dialect.name
    kept = _kept(writer)
    rows = [_row(writer, one, kept, at) for one in signals]
    asked = union_all(*rows, _address_row(writer, address, kept, at)).subquery()
    statement = (
        INSERT[dialect](SittingSignal)
        .from_select(COLUMNS, select(asked).where(literal(1) == 1))
        .on_conflict_do_nothing(index_elements=KEY)
        .returning(SittingSignal.id)
    )
    return len(session.execute(statement).all())


def _kept(writer: Writer) -> CTE:
    """Count by kind what the sitting keeps, once for all rows of the batch."""
    query = select(SittingSignal.kind, func.count().label("many"))
    of_sitting = query.join(Attempt, Attempt.id == SittingSignal.attempt_id).where(Attempt.code == writer.code)
    return of_sitting.group_by(SittingSignal.kind).cte("kept")


def _row(writer: Writer, one: Signal, kept: CTE, at: datetime) -> Select[Any]:
    row = _select(writer, one, literal(one.number, Integer), address=NO_ADDRESS, at=at)
    return row.where(_number_of(kept, one.kind) < MOST_OF_A_KIND)


def _number_of(kept: CTE, kind: SignalKind) -> ColumnElement[int]:
    return func.coalesce(select(kept.c.many).where(kept.c.kind == kind).scalar_subquery(), 0)


def _address_row(writer: Writer, address: str, kept: CTE, at: datetime) -> Select[Any]:
    """Select a row for the address unless it is the one that stands last; its number is the next below zero.

    It is sealed whether it turns out to be new or not: the statement decides that, and no other one is sent.
    """
    key = new_wrapped_key()
    indexes = blind_indexes(index_text(writer.code, address), ADDRESS)
    sealed = Sealed(seal(unwrap_key(key), address, ADDRESS), key, indexes[0])
    of_address = and_(SittingSignal.attempt_id == Attempt.id, SittingSignal.kind == SignalKind.ADDRESS)
    latest = select(SittingSignal.address_index).where(of_address).order_by(SittingSignal.id.desc()).limit(1)
    last = latest.correlate(Attempt).scalar_subquery()
    noted = _number_of(kept, SignalKind.ADDRESS)
    row = _select(writer, Signal(0, SignalKind.ADDRESS), -(noted + 1), address=sealed, at=at)
    return row.where(or_(last.is_(None), last.not_in(indexes)), noted < MOST_OF_A_KIND)


def _select(
    writer: Writer,
    one: Signal,
    number: ColumnElement[int],
    *,
    address: Sealed,
    at: datetime,
) -> Select[Any]:
    """Select the columns of one row from the sitting, where it runs and is the writer's own."""
    return select(
        Attempt.id,
        literal(writer.page, String),
        number,
        literal(one.kind, SittingSignal.kind.type),
        _binary(address.cipher),
        _binary(address.key),
        _binary(address.mark),
        literal(one.detail, JSON),
        literal(one.client_at, UtcDateTime),
        literal(at, UtcDateTime),
    ).where(
        Attempt.code == writer.code,
        Attempt.person_id == writer.by.person_id,
        Attempt.started_at.is_not(None),
    )


def _binary(value: bytes | None) -> ColumnElement[bytes]:
    """Return a value as bytes whatever it is: PostgreSQL takes a bare NULL in a union for text."""
    return cast(literal(value, LargeBinary), LargeBinary)


def shred_addresses(person_id: int) -> None:
    """Destroy the keys of the network addresses noted of a person's sittings: nobody reads them any more."""
    mine = select(Attempt.id).where(Attempt.person_id == person_id)
    session.execute(
        update(SittingSignal)
        .where(SittingSignal.attempt_id.in_(mine), SittingSignal.address_key.is_not(None))
        .values(address_key=None, address_index=None)
        .execution_options(synchronize_session=False)
    )

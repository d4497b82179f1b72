"""Writing what the page of a sitting reports: one statement a batch, append-only, bounded for each sitting."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite

from app.assessment.exams.models import Attempt, SittingSignal
from app.assessment.exams.services.sitting import Writer
from app.assessment.exams.signal_kinds import SignalKind
from app.core.columns import UtcDateTime
from app.core.db import session

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
COLUMNS = ["attempt_id", "page", "number", "kind", "address", "detail", "client_at", "received_at"]
KEY = ["attempt_id", "page", "number"]
MOST_SIGNALS = 2000
"""A sitting keeps no more: a page that reports without end must not fill the disk."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One happening as the page tells it; `number` counts from 1 within the page."""

    number: int
    kind: SignalKind
    client_at: datetime | None = None
    detail: dict[str, int | str] = field(default_factory=dict)


def record_signals(writer: Writer, *, signals: Sequence[Signal], address: str, at: datetime) -> int:
    """Append what a page reports, and the network address where it is another than before; return how many were new.

    A batch sent twice is kept once. A sitting of somebody else, one not started, or a full one takes nothing.
    """
    dialect = session.get_bind().dialect.name
    asked = union_all(*[_row(writer, one, at) for one in signals], _address_row(writer, address, at)).subquery()
    statement = (
        INSERT[dialect](SittingSignal)
        .from_select(COLUMNS, select(asked).where(literal(1) == 1))
        .on_conflict_do_nothing(index_elements=KEY)
        .returning(SittingSignal.id)
    )
    return len(session.execute(statement).all())


def _row(writer: Writer, one: Signal, at: datetime) -> Select[Any]:
    return _select(writer, one, literal(one.number, Integer), address=None, at=at)


def _address_row(writer: Writer, address: str, at: datetime) -> Select[Any]:
    """Select a row for the address unless it is the one that stands last; its number is the next below zero."""
    of_address = and_(SittingSignal.attempt_id == Attempt.id, SittingSignal.kind == SignalKind.ADDRESS)
    latest = select(SittingSignal.address).where(of_address).order_by(SittingSignal.id.desc()).limit(1)
    last = latest.correlate(Attempt).scalar_subquery()
    noted = select(func.count()).where(of_address).correlate(Attempt).scalar_subquery()
    row = _select(writer, Signal(0, SignalKind.ADDRESS), -(noted + 1), address=address, at=at)
    return row.where(or_(last.is_(None), last != address))


def _select(
    writer: Writer, one: Signal, number: ColumnElement[int], *, address: str | None, at: datetime
) -> Select[Any]:
    """Select the columns of one row from the sitting, where it runs, is the writer's own and is not full."""
    noted = select(func.count()).where(SittingSignal.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    return select(
        Attempt.id,
        literal(writer.page, String),
        number,
        literal(one.kind, SittingSignal.kind.type),
        literal(address, String),
        literal(one.detail, JSON),
        literal(one.client_at, UtcDateTime),
        literal(at, UtcDateTime),
    ).where(
        Attempt.code == writer.code,
        Attempt.person_id == writer.by.person_id,
        Attempt.started_at.is_not(None),
        noted < MOST_SIGNALS,
    )

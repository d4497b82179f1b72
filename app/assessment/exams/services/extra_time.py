"""Writes of extra time (补时): asked with a reason, approved by a second person, in force in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, insert, select, update

from app.accounts.states import Role
from app.assessment.exams.administration_states import EXTRA_TIME, AskState
from app.assessment.exams.models import Attempt, ExamSession, ExtraTime, ExtraTimeFor, Registration
from app.assessment.exams.rules.timing import extended, share_of
from app.assessment.exams.services.administration import of_extra_time
from app.assessment.exams.services.subjects import named
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk

MOST_MINUTES = 600
MOST_PERCENT = 100


@dataclass(frozen=True, slots=True)
class More:
    """How much extra time: minutes, or so many per cent of the session's own."""

    minutes: int | None = None
    percent: int | None = None


def ask(
    found: ExamSession, registrations: Sequence[Registration], *, more: More, reason: str, by: Actor, at: datetime
) -> ExtraTime:
    """Ask for more time for one or many candidates; nothing changes until another person approves.

    Raises InvalidError naming the field.
    """
    if not registrations:
        raise InvalidError(_l("Choose at least one candidate."), field="candidates")
    minutes = _minutes(found, more)
    if not reason.strip():
        raise InvalidError(_l("Give the reason."), field="reason")
    grant = ExtraTime(
        session_id=found.id,
        minutes=minutes,
        percent=more.percent,
        reason=reason.strip(),
        asked_by_id=by.person_id,
        asked_at=at,
    )
    session.add(grant)
    session.flush()
    rows = [{"extra_time_id": grant.id, "registration_id": one.id} for one in registrations]
    session.execute(insert(ExtraTimeFor), rows)
    data = {"minutes": minutes, "candidates": len(rows)}
    events.record("exams.extra_time_asked", of_extra_time(grant), by=by, at=at, reason=grant.reason, data=data)
    desk.open_todo(
        "exams.extra_time",
        of_extra_time(grant),
        url=f"/exams/extra-time/{grant.code}",
        at=at,
        role=Role.EXAMINER,
        organisation_id=found.organisation_id,
        region_code=found.region_code,
        not_person_id=by.person_id,
        params=named(found, "session"),
    )
    return grant


def _minutes(found: ExamSession, more: More) -> int:
    """Return how many minutes are asked for; raises InvalidError where it is neither minutes nor a share, or both."""
    if (more.minutes is None) == (more.percent is None):
        raise InvalidError(_l("Give either minutes or per cent of the exam's time."), field="minutes")
    if more.percent is not None and not 1 <= more.percent <= MOST_PERCENT:
        raise InvalidError(_l("Give 1 to 100 per cent."), field="percent")
    minutes = more.minutes if more.percent is None else share_of(found.minutes, more.percent)
    if minutes is None or not 1 <= minutes <= MOST_MINUTES:
        raise InvalidError(_l("Give 1 to 600 minutes."), field="minutes")
    return minutes


def follow(found: ExamSession, *, by: Actor, at: datetime) -> None:
    """Let extra time that is a share follow the session's new minutes, for who has not started yet.

    Who sits already sits under the minutes of their start, and so with the extra time of then.
    """
    shares = select(ExtraTime).where(
        ExtraTime.session_id == found.id,
        ExtraTime.percent.is_not(None),
        ExtraTime.state.in_((AskState.ASKED, AskState.APPROVED)),
    )
    for grant in session.scalars(shares).all():
        before, now = grant.minutes, share_of(found.minutes, grant.percent or 0)
        if now == before:
            continue
        grant.minutes = now
        session.flush()
        if grant.state is AskState.APPROVED:
            _shift(grant, now - before, Attempt.started_at.is_(None))
        data = {"minutes": now, "before": before}
        events.record("exams.extra_time_followed", of_extra_time(grant), by=by, at=at, data=data)


def approve(grant: ExtraTime, *, by: Actor, at: datetime) -> int:
    """Put extra time in force at once, for sittings that run and for those to come; return how many run.

    Raises ForbiddenError for who asked or who gains by it.
    """
    _check_second(grant, by)
    EXTRA_TIME.move(grant, "approve", decided_by_id=by.person_id, decided_at=at)
    session.flush()
    running = _shift(grant, grant.minutes)
    data = {"minutes": grant.minutes, "running": running}
    events.record("exams.extra_time_approved", of_extra_time(grant), by=by, at=at, reason=grant.reason, data=data)
    desk.close_todos(of_extra_time(grant), at=at)
    return running


def refuse(grant: ExtraTime, *, by: Actor, at: datetime) -> None:
    """Refuse extra time as the second person."""
    _check_second(grant, by)
    EXTRA_TIME.move(grant, "refuse", decided_by_id=by.person_id, decided_at=at)
    session.flush()
    events.record("exams.extra_time_refused", of_extra_time(grant), by=by, at=at)
    desk.close_todos(of_extra_time(grant), at=at)


def _check_second(grant: ExtraTime, by: Actor) -> None:
    if by.person_id == grant.asked_by_id:
        raise ForbiddenError(_l("You asked for this extra time. Another examiner of your organisation decides on it."))
    gains = (
        select(Registration.id)
        .join(ExtraTimeFor, ExtraTimeFor.registration_id == Registration.id)
        .where(ExtraTimeFor.extra_time_id == grant.id, Registration.person_id == by.person_id)
    )
    if session.scalar(gains.limit(1)) is not None:
        raise ForbiddenError(_l("Nobody decides on their own extra time. Another examiner does."))


def revoke(grant: ExtraTime, *, by: Actor, at: datetime) -> None:
    """Take extra time back before any of its candidates has started.

    Raises ConflictError once one has: minutes that may be in use are not taken away.
    """
    approved = grant.state is AskState.APPROVED
    started = select(Attempt.id).where(Attempt.started_at.is_not(None), Attempt.registration_id.in_(_for(grant)))
    if approved and session.scalar(started.limit(1)) is not None:
        raise ConflictError(_l("A candidate has started with these minutes, so they are no longer taken back."))
    EXTRA_TIME.move(grant, "revoke", revoked_by_id=by.person_id, revoked_at=at)
    session.flush()
    if approved:
        _shift(grant, -grant.minutes)
    events.record("exams.extra_time_revoked", of_extra_time(grant), by=by, at=at)
    desk.close_todos(of_extra_time(grant), at=at)


def _for(grant: ExtraTime) -> Select[int]:
    return select(ExtraTimeFor.registration_id).where(ExtraTimeFor.extra_time_id == grant.id)


def _shift(grant: ExtraTime, minutes: int, *which: ColumnElement[bool]) -> int:
    """Move what the sittings are given, and the deadline of those that run; rows are locked against a start or save."""
    open_rows = (
        select(
            Attempt.id,
            Attempt.extra_minutes,
            Attempt.held_seconds,
            Attempt.deadline_at,
            ExamSession.closes_at,
            ExamSession.extends,
        )
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .where(Attempt.registration_id.in_(_for(grant)), Attempt.submitted_at.is_(None), *which)
        .with_for_update(of=Attempt)
    )
    rows = [
        {"row_id": row.id, "extra": row.extra_minutes + minutes, "deadline": _shifted(row, minutes)}
        for row in session.execute(open_rows)
    ]
    if rows:
        statement = update(Attempt).where(Attempt.id == bindparam("row_id"))
        moved = statement.values(extra_minutes=bindparam("extra"), deadline_at=bindparam("deadline"))
        session.connection().execute(moved, rows)
        session.expire_all()
    return sum(row["deadline"] is not None for row in rows)


def _shifted(row: Any, minutes: int) -> datetime | None:  # noqa: ANN401 - a row
    """Return the deadline of a sitting after so many more minutes, None before its start."""
    if row.deadline_at is None:
        return None
    closes = row.closes_at + timedelta(seconds=row.held_seconds)
    return extended(row.deadline_at, minutes, closes, extends=row.extends)

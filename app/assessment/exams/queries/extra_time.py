"""Reads of extra time and of emergency changes."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.assessment.exams.access import held_by
from app.assessment.exams.administration_states import AskState
from app.assessment.exams.models import ExamSession, ExtraTime, ExtraTimeFor, Registration, SessionChange
from app.assessment.exams.queries.pages import Page, paged
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l


def granted(registration_ids: Iterable[int]) -> dict[int, int]:
    """Return the approved extra minutes of candidates, where there are any."""
    query = (
        select(ExtraTimeFor.registration_id, func.sum(ExtraTime.minutes))
        .join(ExtraTime, ExtraTime.id == ExtraTimeFor.extra_time_id)
        .where(ExtraTimeFor.registration_id.in_(list(registration_ids)), ExtraTime.state == AskState.APPROVED)
        .group_by(ExtraTimeFor.registration_id)
    )
    return {one: int(minutes) for one, minutes in session.execute(query)}


def grant(code: str, actor: Actor) -> ExtraTime:
    """Return one ask for extra time with its session; raises NotFoundError."""
    query = (
        select(ExtraTime)
        .join(ExtraTime.session)
        .options(joinedload(ExtraTime.session))
        .where(ExtraTime.code == code, held_by(ExamSession.organisation_id, ExamSession.region_code, actor))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such ask for extra time within what you may see."))
    return found


def candidates_of(found: ExtraTime, page: int) -> Page[Registration]:
    """List whom extra time concerns."""
    query = (
        select(Registration)
        .join(ExtraTimeFor, ExtraTimeFor.registration_id == Registration.id)
        .options(joinedload(Registration.person))
        .where(ExtraTimeFor.extra_time_id == found.id)
        .order_by(Registration.number)
    )
    return paged(query, page)


def grants_of(session_id: int, page: int) -> Page[tuple[ExtraTime, int]]:
    """List the asks for extra time of a session, the latest first, each with how many candidates it concerns."""
    asks = paged(select(ExtraTime).where(ExtraTime.session_id == session_id).order_by(ExtraTime.id.desc()), page)
    query = (
        select(ExtraTimeFor.extra_time_id, func.count())
        .where(ExtraTimeFor.extra_time_id.in_([one.id for one in asks.rows]))
        .group_by(ExtraTimeFor.extra_time_id)
    )
    counts = {one: int(count) for one, count in session.execute(query)}
    return Page([(one, counts.get(one.id, 0)) for one in asks.rows], asks.page, asks.pages, asks.total)


def change(code: str, actor: Actor) -> SessionChange:
    """Return one emergency change with its session; raises NotFoundError."""
    query = (
        select(SessionChange)
        .join(SessionChange.session)
        .options(joinedload(SessionChange.session))
        .where(SessionChange.code == code, held_by(ExamSession.organisation_id, ExamSession.region_code, actor))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such change within what you may see."))
    return found

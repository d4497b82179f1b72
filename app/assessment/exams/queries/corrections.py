"""Reads of corrections: for the organisation that held the exam, and for the authority that confirms in its stead."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.access import within
from app.accounts.states import Role
from app.assessment.exams.access import held_by
from app.assessment.exams.models import Attempt, ExamSession, Paper, Result, ResultCorrection
from app.assessment.exams.states import CorrectionState
from app.cases.kinds import Authority
from app.cases.models import Case
from app.cases.queries import rungs
from app.cases.queries.barred import took_part
from app.core import clock
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l


def correction(code: str, actor: Actor) -> ResultCorrection:
    """Return one correction with its result; raises NotFoundError for whom it does not wait and who did not hold it."""
    loaded = contains_eager(ResultCorrection.result).contains_eager(Result.attempt)
    held = loaded.contains_eager(Attempt.session).joinedload(ExamSession.paper).joinedload(Paper.blueprint)
    reached = held_by(ExamSession.organisation_id, ExamSession.region_code, actor)
    if actor.role == Role.REGULATOR:
        reached = within(ExamSession.region_code, actor)
    query = (
        select(ResultCorrection)
        .join(ResultCorrection.result)
        .join(Result.attempt)
        .join(Attempt.session)
        .options(held, loaded.joinedload(Attempt.registration))
        .where(ResultCorrection.code == code, reached)
    )
    found = session.scalar(query)
    if found is None or (actor.role == Role.REGULATOR and not _falls_to(found, actor)):
        raise NotFoundError(_l("There is no such correction of a result of your organisation."))
    return found


def proposed() -> list[ResultCorrection]:
    """Return the corrections whose points wait to be confirmed, for work without an actor."""
    held = joinedload(ResultCorrection.result).joinedload(Result.attempt).joinedload(Attempt.session)
    query = select(ResultCorrection).options(held).where(ResultCorrection.state == CorrectionState.PROPOSED)
    return list(session.scalars(query.order_by(ResultCorrection.id)))


def _falls_to(found: ResultCorrection, actor: Actor) -> bool:
    """Tell whether the confirmation of what is proposed falls to the actor's authority, or the actor confirmed it."""
    if found.confirmed_by_id is not None:
        return found.confirmed_by_id == actor.person_id
    held = found.result.attempt.session
    return confirming(found, held, clock.today()) == Authority(actor.region_code or "")


def barred(found: ResultCorrection) -> set[int]:
    """Return who may not have the last word on a correction: whoever may not decide the recheck that asks for it."""
    case = session.scalar(select(Case).where(Case.code == found.case_code))
    return set() if case is None else took_part(case)


def body_of(held: ExamSession) -> Authority:
    """Return the examiners of the body that held an exam."""
    return Authority(held.region_code, Role.EXAMINER, held.organisation_id)


def confirming(found: ResultCorrection, held: ExamSession, on: date) -> Authority:
    """Return who confirms a correction: the body, or the authority above where it has nobody who may."""
    hands = {*barred(found), *([found.proposed_by_id] if found.proposed_by_id else [])}
    return rungs.hearing(body_of(held), hands, on)

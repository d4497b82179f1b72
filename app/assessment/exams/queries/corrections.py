"""Reads of corrections, within the organisation that held the exam."""

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.assessment.exams.access import held_by
from app.assessment.exams.models import Attempt, ExamSession, Paper, Result, ResultCorrection
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l


def correction(code: str, actor: Actor) -> ResultCorrection:
    """Return one correction with its result; raises NotFoundError outside of the actor's organisation."""
    loaded = contains_eager(ResultCorrection.result).contains_eager(Result.attempt)
    held = loaded.contains_eager(Attempt.session).joinedload(ExamSession.paper).joinedload(Paper.blueprint)
    query = (
        select(ResultCorrection)
        .join(ResultCorrection.result)
        .join(Result.attempt)
        .join(Attempt.session)
        .options(held, loaded.joinedload(Attempt.registration))
        .where(
            ResultCorrection.code == code,
            held_by(ExamSession.organisation_id, ExamSession.region_code, actor),
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such correction of a result of your organisation."))
    return found

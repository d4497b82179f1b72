"""Corrections of released results: a score changes only with two people, and leaves its trace."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import ExamSession, Result, ResultCorrection
from app.assessment.exams.rules.regrading import Figures as Points
from app.assessment.exams.services import afresh
from app.assessment.exams.services.subjects import named, of_attempt
from app.assessment.exams.services.versions import Cause, Figures, basis_of, change
from app.assessment.exams.states import CORRECTION
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk


def subject(found: ResultCorrection) -> Subject:
    """Name a correction in events and to-dos."""
    return Subject("result_correction", found.code)


def open_correction(result: Result, *, case_code: str, by: Actor, at: datetime) -> ResultCorrection:
    """Open the correction that an upheld recheck asks for; a case opens one."""
    known = session.scalar(select(ResultCorrection).where(ResultCorrection.case_code == case_code))
    if known is not None:
        return known
    found = ResultCorrection(result_id=result.id, case_code=case_code, opened_at=at)
    session.add(found)
    session.flush()
    events.record("exams.correction_opened", subject(found), by=by, at=at, data={"case": case_code})
    _ask(found, result.attempt.session, "exams.correct", at=at)
    return found


def propose(found: ResultCorrection, points: Mapping[str, Decimal], *, by: Actor, at: datetime) -> None:
    """Propose the points of each module; raises InvalidError naming the module that holds fewer or more."""
    by_module = _checked(found.result, points)
    CORRECTION.move(found, "propose", by_module=by_module, proposed_by_id=by.person_id, proposed_at=at)
    session.flush()
    events.record("exams.correction_proposed", subject(found), by=by, at=at)
    desk.close_todos(subject(found), kind="exams.correct", at=at)
    _ask(found, found.result.attempt.session, "exams.confirm", at=at, not_by=by)


def _checked(result: Result, points: Mapping[str, Decimal]) -> dict[str, dict[str, str]]:
    checked = {}
    for module, part in result.by_module.items():
        given = points.get(module)
        if given is None or not Decimal(0) <= given <= Decimal(part["max"]) or given != round(given, 2):
            raise InvalidError(
                _l("Between 0 and %(best)s points, with two decimals at most.", best=part["max"]), field=module
            )
        checked[module] = {"score": f"{given:.2f}", "max": part["max"]}
    return checked


def send_back(found: ResultCorrection, *, reason: str, by: Actor, at: datetime) -> None:
    """Send a proposal back with a reason."""
    CORRECTION.move(found, "return", by_module=None, proposed_by_id=None, proposed_at=None)
    session.flush()
    events.record("exams.correction_returned", subject(found), by=by, at=at, reason=reason)
    desk.close_todos(subject(found), kind="exams.confirm", at=at)
    _ask(found, found.result.attempt.session, "exams.correct", at=at)


def confirm(found: ResultCorrection, *, by: Actor, at: datetime) -> None:
    """Confirm the proposed points: the result changes, the candidate and the rooms above are told.

    Raises ForbiddenError for who proposed them.
    """
    if by.person_id == found.proposed_by_id:
        raise ForbiddenError(_l("You proposed these points. Another examiner of your organisation must confirm them."))
    result, by_module = found.result, found.by_module or {}
    was = result.score
    CORRECTION.move(found, "confirm", was=was, confirmed_by_id=by.person_id, confirmed_at=at)
    session.flush()
    score = sum((Decimal(part["score"]) for part in by_module.values()), Decimal(0))
    points = Points(score, result.raw_max or result.max_score, result.cut_score)
    now = Figures.reported(points, by_module, result.key_hash, basis_of(result.equating_id))
    change(result, now, Cause(correction=found), at=at)
    afresh.let_count(found, by=by, at=at)
    _tell(found, was, by=by, at=at)


def _tell(found: ResultCorrection, was: Decimal, *, by: Actor, at: datetime) -> None:
    result, attempt = found.result, found.result.attempt
    data = {
        "was": f"{was:.2f}",
        "now": f"{result.score:.2f}",
        "passed": result.passed,
        "session": attempt.session.code,
        "attempt": attempt.code,
    }
    events.record("exams.result_corrected", subject(found), by=by, at=at, data=data)
    desk.close_todos(subject(found), at=at)
    desk.open_todo(
        "exams.result",
        of_attempt(attempt.code),
        url=f"/exams/mine/{attempt.code}",
        at=at,
        person_id=attempt.person_id,
        params=named(attempt.session, "session"),
    )


def _ask(found: ResultCorrection, held: ExamSession, kind: str, *, at: datetime, not_by: Actor | None = None) -> None:
    desk.open_todo(
        kind,
        subject(found),
        url=f"/exams/corrections/{found.code}",
        at=at,
        role=Role.EXAMINER,
        organisation_id=held.organisation_id,
        region_code=held.region_code,
        not_person_id=not_by.person_id if not_by else None,
        params=named(held, "session"),
    )

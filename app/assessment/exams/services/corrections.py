"""Corrections of released results: a score changes only with two people, and leaves its trace."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from app.accounts.queries import members
from app.accounts.states import Role
from app.assessment.exams.models import ExamSession, Result, ResultCorrection
from app.assessment.exams.queries import corrections as queries
from app.assessment.exams.rules.regrading import Figures as Points
from app.assessment.exams.services import afresh
from app.assessment.exams.services.subjects import named, of_attempt
from app.assessment.exams.services.versions import Cause, Figures, basis_of, change
from app.assessment.exams.states import CORRECTION
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
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
    """Propose the points of each module; raises InvalidError naming the module that holds fewer or more.

    Raises ForbiddenError for who had a hand in the score, where another examiner of the body had none.
    """
    if _another_may_propose(found, by, at):
        raise ForbiddenError(_l("You took part in the score complained of, so another examiner proposes the points."))
    by_module = _checked(found.result, points)
    CORRECTION.move(found, "propose", by_module=by_module, proposed_by_id=by.person_id, proposed_at=at)
    session.flush()
    events.record("exams.correction_proposed", subject(found), by=by, at=at)
    desk.close_todos(subject(found), kind="exams.correct", at=at)
    _ask(found, found.result.attempt.session, "exams.confirm", at=at, not_by=by)


def _another_may_propose(found: ResultCorrection, by: Actor, at: datetime) -> bool:
    """Tell whether the actor is barred and somebody of the body is not; where all are, they still know the marks."""
    barred = queries.barred(found)
    organisation = found.result.attempt.session.organisation_id
    body = members(Role.EXAMINER, on=day_of(at), organisation_id=organisation) if by.person_id in barred else []
    return any(one.person_id not in barred for one in body)


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


def hand_on(*, at: datetime) -> None:
    """Let each proposal wait for whoever may confirm it now: the body, or the authority above it."""
    for found in queries.proposed():
        waits_for = queries.confirming(found, found.result.attempt.session, day_of(at))
        if desk.readdress_todos(
            subject(found),
            "exams.confirm",
            role=waits_for.role,
            organisation_id=waits_for.organisation_id,
            region_code=waits_for.region_code,
        ):
            data = {"region": waits_for.region_code}
            events.record("exams.correction_handed_on", subject(found), by=None, at=at, data=data)


def send_back(found: ResultCorrection, *, reason: str, by: Actor, at: datetime) -> None:
    """Send a proposal back with a reason; raises ForbiddenError for who may not have the last word on it."""
    _check_last_word(found, by)
    CORRECTION.move(found, "return", by_module=None, proposed_by_id=None, proposed_at=None)
    session.flush()
    events.record("exams.correction_returned", subject(found), by=by, at=at, reason=reason)
    desk.close_todos(subject(found), kind="exams.confirm", at=at)
    _ask(found, found.result.attempt.session, "exams.correct", at=at)


def _check_last_word(found: ResultCorrection, by: Actor) -> None:
    """Refuse who had a hand in the score complained of, and who may not decide the recheck for another reason."""
    if by.person_id in queries.barred(found):
        raise ForbiddenError(
            _l("You took part in the score complained of, so another examiner or the authority above confirms.")
        )


def confirm(found: ResultCorrection, *, by: Actor, at: datetime) -> None:
    """Confirm the proposed points: the result changes, the candidate and the rooms above are told.

    Raises ForbiddenError for who proposed them and for who may not have the last word on them.
    """
    _check_last_word(found, by)
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
    proposed = found.proposed_by_id is not None
    waits_for = queries.confirming(found, held, day_of(at)) if proposed else queries.body_of(held)
    desk.open_todo(
        kind,
        subject(found),
        url=f"/exams/corrections/{found.code}",
        at=at,
        role=waits_for.role,
        organisation_id=waits_for.organisation_id,
        region_code=waits_for.region_code,
        not_person_id=not_by.person_id if not_by else None,
        params=named(held, "session"),
    )

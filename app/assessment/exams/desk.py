"""What the exams room puts on desks: to-dos that must be open, notices, numbers."""

from collections.abc import Iterable

from sqlalchemy import ScalarSelect, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from app.accounts.states import Role
from app.assessment.exams.access import Permission, held_by
from app.assessment.exams.models import (
    Attempt,
    Blueprint,
    ExamSession,
    MarkingRun,
    Paper,
    PaperDoubt,
    PaperSeal,
    Result,
    ResultCorrection,
    ScoreEquating,
    StandardStudy,
)
from app.assessment.exams.queries import corrections, late, standards
from app.assessment.exams.services.subjects import of_attempt, of_equating, of_paper, of_run, of_session, of_study
from app.assessment.exams.states import (
    CorrectionState,
    EquatingState,
    PaperState,
    RunState,
    SessionState,
    StudyState,
)
from app.core import clock
from app.core.access import Actor
from app.core.db import session
from app.core.events import Event, Subject
from app.core.text import _l
from app.desk.kinds import Expected, NoticeKind, NumberTile, Told

CORRECTED = {CorrectionState.OPENED: "exams.correct", CorrectionState.PROPOSED: "exams.confirm"}
SIGNED = {PaperState.DRAFT: "exams.sign", PaperState.SIGNED: "exams.freeze"}
ASKED = {SessionState.MARKED: "exams.propose", SessionState.PROPOSED: "exams.release"}


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of papers, sessions and sittings."""
    return {
        *_papers(),
        *_doubts(),
        *_standards(),
        *_sessions(),
        *_sittings(),
        *_results(),
        *_corrections(),
        *_regrades(),
        *_late(),
    }


def _papers() -> Iterable[Expected]:
    query = select(Paper, Blueprint, PaperSeal.id).join(Blueprint, Blueprint.id == Paper.blueprint_id)
    asked = PaperSeal.asked_by_id.is_not(None) & PaperSeal.opened_at.is_(None)
    query = query.outerjoin(PaperSeal, (PaperSeal.paper_id == Paper.id) & asked)
    waiting = (Paper.state != PaperState.FROZEN) | PaperSeal.id.is_not(None)
    for paper, blueprint, opening in session.execute(query.where(waiting)):
        yield Expected(
            "exams.open" if opening else SIGNED[paper.state],
            of_paper(paper),
            role=Role.EXAMINER,
            organisation_id=blueprint.organisation_id,
            region_code=blueprint.region_code,
        )


def _doubts() -> Iterable[Expected]:
    """A frozen paper of which an item was retired waits for its examiners."""
    query = select(PaperDoubt.code, Blueprint).join(PaperDoubt.paper).join(Paper.blueprint)
    for code, blueprint in session.execute(query.where(PaperDoubt.fate.is_(None))):
        yield Expected(
            "exams.retired_item",
            Subject("paper_doubt", code),
            role=Role.EXAMINER,
            organisation_id=blueprint.organisation_id,
            region_code=blueprint.region_code,
        )


def _standards() -> Iterable[Expected]:
    """An open round waits for each judge, a proposed cut score or conversion for a second examiner."""
    for code, person_id in standards.waiting():
        yield Expected("exams.estimate", Subject("standard_study", code), person_id=person_id)
    for study in session.scalars(select(StandardStudy).where(StandardStudy.state == StudyState.PROPOSED)):
        yield _asked("exams.decide_cut", of_study(study), study)
    query = select(ScoreEquating).options(joinedload(ScoreEquating.session))
    for equating in session.scalars(query.where(ScoreEquating.state == EquatingState.PROPOSED)):
        yield _asked("exams.decide_equating", of_equating(equating), equating.session)


def _asked(kind: str, subject: Subject, held: StandardStudy | ExamSession) -> Expected:
    return Expected(
        kind, subject, role=Role.EXAMINER, organisation_id=held.organisation_id, region_code=held.region_code
    )


def _sessions() -> Iterable[Expected]:
    asked = ExamSession.state.in_(ASKED) & ExamSession.rehearsal.is_(False)
    for exam in session.scalars(select(ExamSession).where(asked)):
        yield Expected(
            ASKED[exam.state],
            of_session(exam),
            role=Role.EXAMINER,
            organisation_id=exam.organisation_id,
            region_code=exam.region_code,
        )


def _sittings() -> Iterable[Expected]:
    """A prepared sitting waits until it is handed in or collected, or its session is marked without it."""
    query = (
        select(Attempt.code, Attempt.person_id)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .where(
            Attempt.submitted_at.is_(None),
            ExamSession.state.in_([SessionState.PLANNED, SessionState.PREPARED]),
        )
    )
    for code, person_id in session.execute(query):
        yield Expected("exams.sit", of_attempt(code), person_id=person_id)


def _results() -> Iterable[Expected]:
    """A released result waits until its candidate has seen it, a corrected one until they have seen it again."""
    corrected = aliased(Event)
    of_result = select(ResultCorrection.code).where(ResultCorrection.result_id == Result.id).correlate(Result)
    about = corrected.subject_code.in_(of_result) | (corrected.subject_code == Attempt.code)
    last = (
        select(func.coalesce(func.max(corrected.id), 0))
        .where(corrected.kind == "exams.result_corrected", about)
        .correlate(Result, Attempt)
        .scalar_subquery()
    )
    seen = exists().where(Event.kind == "exams.result_seen", Event.subject_code == Attempt.code, Event.id > last)
    query = (
        select(Attempt.code, Attempt.person_id)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .join(Result, Result.attempt_id == Attempt.id)
        .where(ExamSession.state == SessionState.RELEASED, ~seen)
    )
    for code, person_id in session.execute(query):
        yield Expected("exams.result", of_attempt(code), person_id=person_id)


def _corrections() -> Iterable[Expected]:
    """A correction waits for an examiner who proposes points, then for another, or the authority, to confirm them."""
    query = (
        select(ResultCorrection, ExamSession)
        .join(Result, Result.id == ResultCorrection.result_id)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .where(ResultCorrection.state.in_(CORRECTED))
    )
    for found, held in session.execute(query):
        proposed = found.state is CorrectionState.PROPOSED
        by = corrections.confirming(found, held, clock.today()) if proposed else corrections.body_of(held)
        yield Expected(
            CORRECTED[found.state],
            Subject("result_correction", found.code),
            role=by.role,
            organisation_id=by.organisation_id,
            region_code=by.region_code,
        )


def _late() -> Iterable[Expected]:
    """A sitting waits for an examiner while an answer that came late is undecided; nothing is released before."""
    query = late.waiting().where(ExamSession.state != SessionState.RELEASED)
    for code, organisation_id, region in session.execute(query):
        yield Expected(
            "exams.late",
            of_attempt(code),
            role=Role.EXAMINER,
            organisation_id=organisation_id,
            region_code=region,
        )


def _regrades() -> Iterable[Expected]:
    """A new marking whose figures are known waits for a second examiner."""
    query = select(MarkingRun, ExamSession).join(ExamSession, ExamSession.id == MarkingRun.session_id)
    proposed = (MarkingRun.state == RunState.PROPOSED) & ~MarkingRun.equates
    for run, held in session.execute(query.where(proposed)):
        yield Expected(
            "exams.regrade",
            of_run(run),
            role=Role.EXAMINER,
            organisation_id=held.organisation_id,
            region_code=held.region_code,
        )


def _candidates(happened: Event) -> list[Told]:
    query = (
        select(Attempt.code, Attempt.person_id, ExamSession.name_zh, ExamSession.name_en)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .where(ExamSession.code == happened.subject_code)
    )
    if happened.kind == "exams.released":
        query = query.join(Result, Result.attempt_id == Attempt.id)
    return [
        Told(person_id, f"/exams/mine/{code}", {"session_zh": zh, "session_en": en})
        for code, person_id, zh, en in session.execute(query)
    ]


NOTICES = (
    NoticeKind(
        "exams.session_prepared",
        "exams.session_prepared",
        label=_l("An exam that you may sit"),
        sentence=_l("You are registered for the exam %(session)s. Your paper is ready at its time."),
        told=_candidates,
        mail=True,
    ),
    NoticeKind(
        "exams.released",
        "exams.released",
        label=_l("The result of an exam"),
        sentence=_l("Your result of the exam %(session)s is released."),
        told=_candidates,
        mail=True,
    ),
)


def _in_states(actor: Actor, *states: SessionState) -> ScalarSelect[int]:
    held = held_by(ExamSession.organisation_id, ExamSession.region_code, actor)
    return select(func.count()).select_from(ExamSession).where(ExamSession.state.in_(states), held).scalar_subquery()


def _coming(actor: Actor) -> ScalarSelect[int]:
    return _in_states(actor, SessionState.PLANNED, SessionState.PREPARED)


def _released(actor: Actor) -> ScalarSelect[int]:
    return _in_states(actor, SessionState.RELEASED)


def _own(actor: Actor) -> ScalarSelect[int]:
    query = select(func.count()).select_from(Attempt).where(Attempt.person_id == actor.person_id)
    return query.scalar_subquery()


NUMBERS = (
    NumberTile(_l("Sessions planned or prepared"), Permission.VIEW, _coming, "exams.sessions"),
    NumberTile(_l("Sessions with released results"), Permission.VIEW, _released, "exams.sessions"),
    NumberTile(_l("Exams that I am registered for"), Permission.SIT, _own, "exams.mine"),
)

"""Reads of standard setting: studies one organises or judges, the judges, and what each round came to."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from app.assessment.exams.access import Permission, held_by
from app.assessment.exams.models import (
    Attempt,
    Blueprint,
    ExamSession,
    Paper,
    PaperSeal,
    Result,
    StandardEstimate,
    StandardStudy,
)
from app.assessment.exams.queries.pages import Page, paged
from app.assessment.exams.states import PaperState, SessionState, StudyState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.panels.models.draws import PanelCase, PanelSeat
from app.panels.models.pools import ExpertPool, PoolExpert
from app.panels.queries import scope
from app.panels.states import SeatState

SUBJECT = "standard_study"


@dataclass(frozen=True, slots=True)
class Judge:
    """A seated expert of the study's panel."""

    expert_id: int
    person_id: int
    name: str


def _studies(actor: Actor) -> Select[StandardStudy]:
    """Select the studies of the actor's body, or those whose panel the actor sits on and is not recused from."""
    query = select(StandardStudy).options(joinedload(StandardStudy.blueprint), joinedload(StandardStudy.paper))
    if actor.may(Permission.STANDARD):
        return query.where(held_by(StandardStudy.organisation_id, StandardStudy.region_code, actor))
    cases = scope.cases(actor).where(PanelCase.subject_type == SUBJECT)
    return query.where(StandardStudy.code.in_(cases.with_only_columns(PanelCase.subject_code)))


def studies(actor: Actor, page: int) -> Page[StandardStudy]:
    """List the studies, latest first."""
    return paged(_studies(actor).order_by(StandardStudy.id.desc()), page)


def study(code: str, actor: Actor) -> StandardStudy:
    """Return one study with blueprint and paper; raises NotFoundError."""
    found = session.scalar(_studies(actor).where(StandardStudy.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such study within what you may see."))
    return found


def judges(found: StandardStudy) -> list[Judge]:
    """Return who is seated on the panel of a study and not recused from it, in the order of the draw."""
    query = (
        select(PanelSeat)
        .join(PanelCase, PanelCase.panel_id == PanelSeat.panel_id)
        .where(
            PanelCase.subject_type == SUBJECT,
            PanelCase.subject_code == found.code,
            PanelSeat.state == SeatState.SEATED,
        )
        .order_by(PanelSeat.place)
    )
    seats = session.scalars(query).all()
    return [Judge(one.expert_id, one.expert.person_id, one.expert.person.name) for one in seats]


def panel_code(found: StandardStudy) -> str | None:
    """Return the code of the panel of a study."""
    query = select(PanelCase).where(PanelCase.subject_type == SUBJECT, PanelCase.subject_code == found.code)
    case = session.scalars(query).first()
    return case.panel.code if case else None


def estimates(study_id: int) -> dict[int, dict[int, dict[int, Decimal]]]:
    """Return the estimates of a study: round to judge (expert id) to place to per cent."""
    return _estimates(StandardEstimate.study_id == study_id)


def estimates_of(found: StandardStudy, number: int) -> dict[int, dict[int, Decimal]]:
    """Return the estimates of one round of a study: judge (expert id) to place to per cent."""
    return _estimates((StandardEstimate.study_id == found.id) & (StandardEstimate.round == number))[number]


def _estimates(condition: ColumnElement[bool]) -> dict[int, dict[int, dict[int, Decimal]]]:
    kept: dict[int, dict[int, dict[int, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    one = StandardEstimate
    query = select(one.round, one.expert_id, one.position, one.estimate).where(condition).order_by(one.position)
    for number, judge, place, estimate in session.execute(query):
        kept[number][judge][place] = estimate
    return kept


def past_scores(session_id: int | None) -> list[Decimal]:
    """Return the points that a past session's candidates reached on their paper, for the impact of a cut."""
    if session_id is None:
        return []
    query = select(func.coalesce(Result.raw_score, Result.score)).join(Attempt, Attempt.id == Result.attempt_id)
    return list(session.scalars(query.where(Attempt.session_id == session_id, Result.voided.is_(False))))


def readable_papers(found: Blueprint) -> list[Paper]:
    """Return the papers of a blueprint that judges can read: drafts and opened ones."""
    sealed = select(PaperSeal.paper_id).where(PaperSeal.opened_at.is_(None))
    query = select(Paper).where(Paper.blueprint_id == found.id, Paper.id.not_in(sealed))
    return list(session.scalars(query.where(Paper.state.in_(set(PaperState))).order_by(Paper.number)))


def released_sessions(actor: Actor, level: str | None = None) -> list[ExamSession]:
    """Return the released sessions of the actor's body, latest first."""
    held = held_by(ExamSession.organisation_id, ExamSession.region_code, actor)
    query = select(ExamSession).where(held, ExamSession.state == SessionState.RELEASED)
    if level is not None:
        query = query.where(ExamSession.level == level)
    return list(session.scalars(query.order_by(ExamSession.opens_at.desc())))


def pools() -> list[ExpertPool]:
    """Return the pools whose authority may be asked for judges."""
    return list(session.scalars(select(ExpertPool).order_by(ExpertPool.region_code, ExpertPool.id)))


def waiting() -> list[tuple[str, int]]:
    """Return the open studies with each judge who has not given estimates in the round: code and person id."""
    given = select(StandardEstimate.id).where(
        StandardEstimate.study_id == StandardStudy.id,
        StandardEstimate.round == StandardStudy.round,
        StandardEstimate.expert_id == PanelSeat.expert_id,
    )
    query = (
        select(StandardStudy.code, PoolExpert.person_id)
        .join(PanelCase, (PanelCase.subject_type == SUBJECT) & (PanelCase.subject_code == StandardStudy.code))
        .join(PanelSeat, PanelSeat.panel_id == PanelCase.panel_id)
        .join(PoolExpert, PoolExpert.id == PanelSeat.expert_id)
        .where(StandardStudy.state == StudyState.OPEN, PanelSeat.state == SeatState.SEATED, ~given.exists())
    )
    return [(code, person_id) for code, person_id in session.execute(query)]

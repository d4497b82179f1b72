"""Reads of the expert groups that decide on similar sittings: who judges a pair, which pairs no group can decide."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import contains_eager

from app.accounts.models import Membership
from app.accounts.states import Role
from app.assessment.exams.access import Permission, held_by
from app.assessment.exams.models import (
    Attempt,
    ExamSession,
    Registration,
    SimilarityOpinion,
    SimilarityPair,
    SimilarityRun,
)
from app.assessment.exams.statistics_states import PairState
from app.core.access import Actor
from app.core.db import session
from app.courses.models import Cohort, CohortLecturer, Enrolment
from app.panels.models.draws import Panel, PanelCase, PanelSeat, Recusal
from app.panels.models.pools import PoolExpert
from app.panels.queries import scope
from app.panels.states import Conflict, PanelState, SeatState

SUBJECT = "similarity_pair"
SERVING = (Role.EXPERT, Role.CHAIR)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a listed pair stands with its expert group: who may still give an opinion, and how opinions are."""

    pair: SimilarityPair
    drawing: bool
    judges: frozenset[int]
    similar: int
    otherwise: int

    @property
    def stuck(self) -> bool:
        """Tell whether no group can decide it: none was asked, or too few are left who could agree."""
        return not self.drawing and max(self.similar, self.otherwise) + len(self.judges) < self.pair.run.experts


class Against(NamedTuple):
    """What is known against a person judging a pair: why, and where it is known from."""

    pair_id: int
    person_id: int
    kind: Conflict
    source: str


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on pairs that an actor may see: those of the own exam body, or those before one's group.

    Whoever is recused from a pair sees none of it, whatever else they are.
    """
    free = scope.visible_to_panel(actor, SUBJECT, SimilarityPair.code)
    if actor.may(Permission.COMPARE):
        return held_by(ExamSession.organisation_id, ExamSession.region_code, actor) & free
    cases = scope.cases(actor).where(PanelCase.subject_type == SUBJECT)
    return SimilarityPair.code.in_(cases.with_only_columns(PanelCase.subject_code))


def standings(*conditions: ColumnElement[bool]) -> list[Standing]:
    """Return how listed pairs stand with their groups, in four statements however many there are."""
    query = (
        select(SimilarityPair)
        .join(SimilarityPair.run)
        .join(SimilarityRun.session)
        .options(contains_eager(SimilarityPair.run).contains_eager(SimilarityRun.session))
        .where(SimilarityPair.state == PairState.LISTED, *conditions)
        .order_by(SimilarityPair.id)
    )
    pairs = list(session.scalars(query))
    drawing, seated = _groups([one.code for one in pairs])
    given = _given([one.id for one in pairs])
    return [_standing(one, drawing, seated, given[one.id]) for one in pairs]


def _standing(pair: SimilarityPair, drawing: set[str], seated: dict[str, set[int]], given: dict[int, bool]) -> Standing:
    judges = frozenset(seated[pair.code] - given.keys() - {pair.flagged_by_id})
    similar = sum(given.values())
    return Standing(pair, pair.code in drawing, judges, similar, len(given) - similar)


def _groups(codes: Sequence[str]) -> tuple[set[str], dict[str, set[int]]]:
    """Return the pairs whose draw is under way, and who is seated for each pair and not recused from it."""
    query = (
        select(PanelCase.subject_code, Panel.state, PoolExpert.person_id)
        .join(Panel, Panel.id == PanelCase.panel_id)
        .outerjoin(PanelSeat, (PanelSeat.panel_id == Panel.id) & (PanelSeat.state == SeatState.SEATED))
        .outerjoin(PoolExpert, PoolExpert.id == PanelSeat.expert_id)
        .where(PanelCase.subject_type == SUBJECT, PanelCase.subject_code.in_(codes))
    )
    away = select(Recusal.subject_code, Recusal.person_id).where(
        Recusal.subject_type == SUBJECT, Recusal.subject_code.in_(codes)
    )
    recused = {(code, person) for code, person in session.execute(away)}
    drawing: set[str] = set()
    seated: dict[str, set[int]] = defaultdict(set)
    told: Iterable[Any] = session.execute(query)  # nobody is seated before the draw
    for code, state, person in told:
        if state is not PanelState.DRAWN:
            drawing.add(code)
        elif person is not None and (code, person) not in recused:
            seated[code].add(person)
    return drawing, seated


def _given(pair_ids: Sequence[int]) -> dict[int, dict[int, bool]]:
    found: dict[int, dict[int, bool]] = defaultdict(dict)
    query = select(SimilarityOpinion.pair_id, SimilarityOpinion.given_by_id, SimilarityOpinion.similar)
    for pair_id, person, similar in session.execute(query.where(SimilarityOpinion.pair_id.in_(pair_ids))):
        found[pair_id][person] = similar
    return found


def of_session(found: ExamSession) -> list[Standing]:
    """Return how the listed pairs of a session stand."""
    return standings(ExamSession.id == found.id)


def of_one(pair: SimilarityPair) -> Standing | None:
    """Return how one pair stands, None once it is decided."""
    return next(iter(standings(SimilarityPair.id == pair.id)), None)


def sessions_of(panel_code: str) -> list[ExamSession]:
    """Return the sessions whose pairs are before a panel."""
    query = (
        select(ExamSession)
        .join(SimilarityRun, SimilarityRun.session_id == ExamSession.id)
        .join(SimilarityPair, SimilarityPair.run_id == SimilarityRun.id)
        .join(PanelCase, (PanelCase.subject_type == SUBJECT) & (PanelCase.subject_code == SimilarityPair.code))
        .join(Panel, Panel.id == PanelCase.panel_id)
        .where(Panel.code == panel_code)
        .distinct()
    )
    return list(session.scalars(query))


def panels_of(found: ExamSession) -> list[Panel]:
    """Return the panels that pairs of a session were put before, first to last."""
    query = (
        select(Panel)
        .join(PanelCase, PanelCase.panel_id == Panel.id)
        .join(SimilarityPair, SimilarityPair.code == PanelCase.subject_code)
        .join(SimilarityRun, SimilarityRun.id == SimilarityPair.run_id)
        .where(PanelCase.subject_type == SUBJECT, SimilarityRun.session_id == found.id)
        .distinct()
        .order_by(Panel.id)
    )
    return list(session.scalars(query))


def conflicts(pair_ids: Sequence[int], pool_id: int) -> Iterator[Against]:
    """Yield what is known against experts of a pool: who taught or invited one of the two, who works at their base."""
    experts = set(session.scalars(select(PoolExpert.person_id).where(PoolExpert.pool_id == pool_id)))
    bases: dict[int, set[int]] = defaultdict(set)
    for pair_id, base_id, people in _teachers(pair_ids):
        bases[base_id].add(pair_id)
        for person in people & experts:
            yield Against(pair_id, person, Conflict.STUDENT, "cohort")
    query = select(Membership.organisation_id, Membership.person_id).where(
        Membership.organisation_id.in_(bases), Membership.person_id.in_(experts), Membership.role.not_in(SERVING)
    )
    for employer_id, person in session.execute(query.distinct()):
        for pair_id in bases[employer_id or 0]:
            yield Against(pair_id, person, Conflict.UNIT, "membership")


def _teachers(pair_ids: Sequence[int]) -> Iterator[tuple[int, int, set[int]]]:
    """Yield for each sitting of some pairs: the pair, the base, and who sat, taught, planned, opened or invited."""
    query = (
        select(
            SimilarityPair.id,
            Cohort.base_organisation_id,
            Attempt.person_id,
            Cohort.created_by_id,
            Cohort.opened_by_id,
            Enrolment.invited_by_id,
            CohortLecturer.person_id,
        )
        .join(Attempt, (Attempt.id == SimilarityPair.first_id) | (Attempt.id == SimilarityPair.second_id))
        .join(Registration, Registration.id == Attempt.registration_id)
        .join(Enrolment, Enrolment.id == Registration.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .outerjoin(CohortLecturer, CohortLecturer.cohort_id == Cohort.id)
        .where(SimilarityPair.id.in_(pair_ids))
    )
    for pair_id, base_id, *people in session.execute(query):
        yield pair_id, base_id, {one for one in people if one is not None}

"""Reads of the expert groups that decide on similar sittings: who judges a pair, which pairs no group can decide."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import contains_eager

from app.accounts.models import Membership
from app.accounts.states import SERVING, Kin
from app.assessment.exams.access import Permission, held_by
from app.assessment.exams.models import (
    Attempt,
    ExamSession,
    Registration,
    SimilarityOpinion,
    SimilarityPair,
    SimilarityRun,
)
from app.assessment.exams.statistics_states import BEFORE_GROUP
from app.cases.queries import relations
from app.core.access import Actor
from app.core.db import session
from app.courses.models import Cohort, CohortLecturer, Enrolment
from app.panels.models.draws import Panel, PanelCase, PanelSeat, Recusal
from app.panels.models.pools import PoolExpert
from app.panels.queries import scope
from app.panels.queries.declared import Known
from app.panels.queries.kin import experts_of_kin
from app.panels.states import Conflict, PanelState, SeatState

SUBJECT = "similarity_pair"


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


@dataclass(frozen=True, slots=True)
class Groups:
    """The expert groups of pairs: whose draw is under way, who is seated for which and not recused from it.

    Pairs are named by their codes; `panels` are the codes of the panels, first to last.
    """

    drawing: set[str]
    seated: dict[str, set[int]]
    panels: list[str]


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
    """Return how listed pairs stand with their groups, in two statements however many there are."""
    given = _given(*conditions)
    groups = _groups(PanelCase.subject_code.in_([one.code for one in given]))
    return [_standing(one, groups, said) for one, said in given.items()]


def _given(*conditions: ColumnElement[bool]) -> dict[SimilarityPair, dict[int, bool]]:
    """Return the pairs before a group with run and session, and who said of each in this round if it is similar."""
    query = (
        select(SimilarityPair, SimilarityOpinion.given_by_id, SimilarityOpinion.similar)
        .join(SimilarityPair.run)
        .join(SimilarityRun.session)
        .outerjoin(
            SimilarityOpinion,
            (SimilarityOpinion.pair_id == SimilarityPair.id) & (SimilarityOpinion.round == SimilarityPair.round),
        )
        .options(contains_eager(SimilarityPair.run).contains_eager(SimilarityRun.session))
        .where(SimilarityPair.state.in_(BEFORE_GROUP), *conditions)
        .order_by(SimilarityPair.id)
    )
    found: dict[SimilarityPair, dict[int, bool]] = defaultdict(dict)
    told: Iterable[Any] = session.execute(query)  # no opinion yet, no person
    for pair, person, similar in told:
        found[pair].update({} if person is None else {person: similar})
    return found


def _standing(pair: SimilarityPair, groups: Groups, given: Mapping[int, bool]) -> Standing:
    seated = groups.seated.get(pair.code, set())
    judges = frozenset(seated - given.keys() - {pair.flagged_by_id})
    similar = sum(given.values())
    return Standing(pair, pair.code in groups.drawing, judges, similar, len(given) - similar)


def _groups(condition: ColumnElement[bool]) -> Groups:
    """Return the groups of the pairs whose cases meet a condition, in one statement."""
    recused = (
        (Recusal.subject_type == SUBJECT)
        & (Recusal.subject_code == PanelCase.subject_code)
        & (Recusal.person_id == PoolExpert.person_id)
        & scope.holds()
    )
    query = (
        select(PanelCase.subject_code, Panel.code, Panel.state, PoolExpert.person_id, Recusal.id)
        .join(Panel, Panel.id == PanelCase.panel_id)
        .outerjoin(PanelSeat, (PanelSeat.panel_id == Panel.id) & (PanelSeat.state == SeatState.SEATED))
        .outerjoin(PoolExpert, PoolExpert.id == PanelSeat.expert_id)
        .outerjoin(Recusal, recused)
        .where(PanelCase.subject_type == SUBJECT, condition)
        .order_by(Panel.id)
    )
    drawing: set[str] = set()
    seated: dict[str, set[int]] = defaultdict(set)
    told: list[Any] = list(session.execute(query))  # nobody is seated before the draw
    for code, _panel, state, person, away in told:
        if state is not PanelState.DRAWN:
            drawing.add(code)
        elif person is not None and away is None:
            seated[code].add(person)
    return Groups(drawing, seated, list(dict.fromkeys(row[1] for row in told)))


def of_session(found: ExamSession) -> tuple[list[Standing], list[str]]:
    """Return how the listed pairs of a session stand, and the codes of the panels that any of its pairs came before.

    Two statements.
    """
    given = _given(ExamSession.id == found.id)
    codes = select(SimilarityPair.code).join(SimilarityPair.run).where(SimilarityRun.session_id == found.id)
    groups = _groups(PanelCase.subject_code.in_(codes))
    return [_standing(one, groups, said) for one, said in given.items()], groups.panels


def of_one(pair: SimilarityPair, opinions: Iterable[SimilarityOpinion]) -> Standing | None:
    """Return how one pair stands with the opinions given on it, None once it is decided: one statement."""
    if pair.state not in BEFORE_GROUP:
        return None
    groups = _groups(PanelCase.subject_code == pair.code)
    return _standing(pair, groups, {one.given_by_id: one.similar for one in opinions if one.round == pair.round})


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


def conflicts(pair_ids: Sequence[int], pool_id: int, barred: Collection[Kin]) -> Iterator[Against]:
    """Yield what is known against experts of a pool: who taught or invited one of the two, who works at their base.

    `barred` says which relations between organisations count as working there.
    """
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
    for base_id, kin in experts_of_kin(bases, barred).items():
        for person in kin.keys() & experts:
            yield from (Against(pair_id, person, Conflict.UNIT, kin[person]) for pair_id in bases[base_id])


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


def declared_against(codes: Sequence[str]) -> dict[str, list[Known]]:
    """Return who declared a relation to one of the two whose sittings some pairs compare."""
    query = (
        select(Attempt.person_id, SimilarityPair.code)
        .join(SimilarityPair, (Attempt.id == SimilarityPair.first_id) | (Attempt.id == SimilarityPair.second_id))
        .where(SimilarityPair.code.in_(codes))
    )
    pairs: defaultdict[int, list[str]] = defaultdict(list)
    for person, code in session.execute(query):
        pairs[person].append(code)
    known: dict[str, list[Known]] = {code: [] for code in codes}
    for one in relations.to_people(list(pairs)):
        for code in pairs[one.to]:
            known[code].append((one.by, Conflict(one.kind.value), one.source))
    return known

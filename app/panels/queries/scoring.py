"""Reads of scoring: own work, what waits for the chair, and results once everyone has submitted."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import Select, or_, select

from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.core.room import rooms
from app.core.text import _l
from app.panels.models.draws import Panel, PanelCase
from app.panels.models.pools import PoolExpert
from app.panels.models.scoring import Assignment, PanelScore, ScoreCorrection, ScoringRound
from app.panels.queries import draws
from app.panels.queries.pools import found
from app.panels.rules.parameters import Rubric
from app.panels.rules.scores import agreement, joined, outliers
from app.rulebook import queries as rulebook
from app.rulebook.models import RulePack
from app.rulebook.rules import chain, choose
from app.rulebook.states import PackState

KIND = "rubric"
INSPECTION = "inspection"
"""The purpose where the room of a case declares none."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What a panel made of a case: totals out of 100 by expert code, the joined score, outliers and agreement.

    `joined` is None until every expert of the round has submitted; `outliers` holds modified z-scores;
    `given` are the live assignments of the case.
    """

    case: PanelCase
    judges: int
    submitted: int
    totals: dict[str, Decimal]
    joined: Decimal | None
    outliers: dict[str, Decimal]
    agreement: Decimal | None
    rubric: Rubric
    given: list[Assignment]


def purpose_of(panel: Panel) -> str:
    """Return the purpose of the rubric by which a panel scores, as the rooms of its cases declare it.

    Raises ConflictError for cases that no one rubric fits.
    """
    declared = {kind: purpose for room in rooms() for kind, purpose in room.scored.items()}
    wanted = {declared.get(one.subject_type, INSPECTION) for one in draws.all_cases(panel.id)}
    if len(wanted) != 1:
        raise ConflictError(_l("The cases of this panel are scored by different rubrics. Plan a panel for each kind."))
    return wanted.pop()


def rubric_in_force(purpose: str, region_code: str, on: date) -> RulePack:
    """Return the rubric of a purpose that binds a region on a day; raises InvalidError where there is none."""
    query = select(RulePack).where(
        RulePack.kind == KIND,
        RulePack.state == PackState.PUBLISHED,
        RulePack.region_code.in_(chain(region_code)),
        RulePack.starts_on <= on,
        or_(RulePack.ends_on.is_(None), RulePack.ends_on >= on),
    )
    packs = [one for one in session.scalars(query) if one.params.get("purpose") == purpose]
    pack = choose(packs, region_code)
    if pack is None:
        raise InvalidError(_l("No rubric for this purpose is in force. An authority must publish one first."))
    return pack


def rubric(of: ScoringRound) -> Rubric:
    """Return the rubric that a round has pinned."""
    return _typed(rulebook.by_code(of.rubric_code))


def _typed(pack: RulePack) -> Rubric:
    return cast("Rubric", rulebook.params(pack))


def round_with_rubric(panel_id: int) -> tuple[ScoringRound, Rubric] | None:
    """Return the round of a panel with its rubric in one statement, None before scoring began."""
    query = select(ScoringRound, RulePack).join(RulePack, RulePack.code == ScoringRound.rubric_code)
    row = session.execute(query.where(ScoringRound.panel_id == panel_id)).first()
    return (row[0], _typed(row[1])) if row is not None else None


def round_of(panel_id: int) -> ScoringRound | None:
    """Return the round of a panel, None before scoring began."""
    return session.scalar(select(ScoringRound).where(ScoringRound.panel_id == panel_id))


def assignments(round_id: int) -> list[Assignment]:
    """Return the live assignments of a round."""
    query = select(Assignment).where(Assignment.round_id == round_id, Assignment.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(Assignment.case_id, Assignment.id)))


def own_assignment(case: PanelCase, actor: Actor) -> Assignment:
    """Return the actor's assignment of a case; raises NotFoundError where they do not score it."""
    return found(find_assignment(case, actor))


def find_assignment(case: PanelCase, actor: Actor) -> Assignment | None:
    """Return the actor's assignment of a case, None where they do not score it."""
    query = select(Assignment).join(Assignment.expert)
    return session.scalar(
        query.where(
            Assignment.case_id == case.id,
            Assignment.withdrawn_at.is_(None),
            PoolExpert.person_id == actor.person_id,
        )
    )


def scores(assignment_ids: Iterable[int]) -> dict[int, dict[str, PanelScore]]:
    """Return the scores of assignments by dimension, in one statement."""
    rows = session.scalars(select(PanelScore).where(PanelScore.assignment_id.in_(list(assignment_ids))))
    kept: dict[int, dict[str, PanelScore]] = defaultdict(dict)
    for row in rows:
        kept[row.assignment_id][row.dimension] = row
    return kept


def corrections(case: PanelCase) -> list[tuple[ScoreCorrection, Assignment]]:
    """Return the corrections of a case with their assignments, in order."""
    query = (
        select(ScoreCorrection, Assignment)
        .join(Assignment, Assignment.id == ScoreCorrection.assignment_id)
        .where(Assignment.case_id == case.id)
        .order_by(ScoreCorrection.id)
    )
    return [(one, about) for one, about in session.execute(query)]


def correction(case: PanelCase, code: str) -> tuple[ScoreCorrection, Assignment]:
    """Return one correction of a case; raises NotFoundError."""
    return found(next(((one, about) for one, about in corrections(case) if one.code == code), None))


def results(panel: Panel, cases: list[PanelCase], *, agree: bool = False) -> dict[int, CaseResult]:
    """Return the results of cases by id; totals stay hidden until everyone of the round has submitted.

    With `agree` the agreement of the experts over all that they scored is computed too.
    """
    found_round = round_with_rubric(panel.id)
    if found_round is None:
        return {}
    current, rule = found_round
    given = assignments(current.id)
    open_ = current.complete_at is None or any(one.submitted_at is None for one in given)
    agreed = _agreement(given, rule) if agree and not open_ else None
    return {
        case.id: _result(case, [one for one in given if one.case_id == case.id], rule, open_=open_, agreed=agreed)
        for case in cases
    }


def results_of(subject_type: str, codes: Collection[str]) -> dict[str, CaseResult]:
    """Return the results of the latest scored panel on each of several subjects, by code: two statements.

    As everywhere, totals stay hidden until everyone of the round has submitted.
    """
    rows = session.execute(_scored(subject_type, codes))
    latest = {case.subject_code: (case, current, pack) for case, current, pack in rows}
    return {result.case.subject_code: result for result in _together(list(latest.values()))}


def joined_between(
    subject_type: str, codes: Collection[str], since: datetime, until: datetime
) -> dict[str, list[tuple[str, Decimal]]]:
    """Return the joined scores of rounds completed in a time, by subject code, each with its panel: two statements."""
    rows = session.execute(
        _scored(subject_type, codes).where(ScoringRound.complete_at >= since, ScoringRound.complete_at <= until)
    )
    found: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for result in _together([(case, current, pack) for case, current, pack in rows]):
        if result.joined is not None:
            found[result.case.subject_code].append((result.case.panel.code, result.joined))
    return found


def _scored(subject_type: str, codes: Collection[str]) -> Select[PanelCase, ScoringRound, RulePack]:
    """Select the cases about subjects with the rounds and rubrics they are scored by, the oldest first."""
    return (
        select(PanelCase, ScoringRound, RulePack)
        .join(ScoringRound, ScoringRound.panel_id == PanelCase.panel_id)
        .join(RulePack, RulePack.code == ScoringRound.rubric_code)
        .where(PanelCase.subject_type == subject_type, PanelCase.subject_code.in_(codes))
        .order_by(PanelCase.id)
    )


def _together(rows: list[tuple[PanelCase, ScoringRound, RulePack]]) -> Iterator[CaseResult]:
    """Yield the results of cases of any panels, in one statement more."""
    live = Assignment.round_id.in_({current.id for _, current, _ in rows}), Assignment.withdrawn_at.is_(None)
    given: dict[int, list[Assignment]] = defaultdict(list)
    for one in session.scalars(select(Assignment).where(*live).order_by(Assignment.id)) if rows else ():
        given[one.round_id].append(one)
    for case, current, pack in rows:
        every = given[current.id]
        open_ = current.complete_at is None or any(one.submitted_at is None for one in every)
        yield _result(case, [one for one in every if one.case_id == case.id], _typed(pack), open_=open_, agreed=None)


def _result(
    case: PanelCase, given: list[Assignment], rule: Rubric, *, open_: bool, agreed: Decimal | None
) -> CaseResult:
    totals = {} if open_ else {one.expert.code: one.total for one in given if one.total is not None}
    return CaseResult(
        case=case,
        judges=len(given),
        submitted=sum(one.submitted_at is not None for one in given),
        totals=totals,
        joined=joined(list(totals.values()), rule.trim_each_side) if totals else None,
        outliers=outliers(totals, rule.outlier_over),
        agreement=agreed,
        rubric=rule,
        given=given,
    )


def _agreement(given: list[Assignment], rule: Rubric) -> Decimal | None:
    """Return Kendall's W over every case and dimension that all experts scored."""
    points = scores(one.id for one in given)
    by_expert: dict[int, dict[tuple[int, str], Decimal]] = defaultdict(dict)
    for one in given:
        for dimension in rule.dimensions:
            by_expert[one.expert_id][one.case_id, dimension.code] = (
                points[one.id][dimension.code].points / dimension.most
            )
    shared = set.intersection(*(set(row) for row in by_expert.values())) if by_expert else set()
    columns = sorted(shared)
    return agreement([[row[column] for column in columns] for row in by_expert.values()])


def result_of(subject: Subject) -> CaseResult | None:
    """Return the result of the latest panel on a subject, None where no scoring began; for the rooms above."""
    case = draws.case_of(subject)
    return results(case.panel, [case], agree=True).get(case.id) if case else None

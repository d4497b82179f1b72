"""Writes of scoring: open a round, submit for good, correct with the chair, move cases of who is recused."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.ballots.states import SERVE
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk
from app.panels.access import Permission
from app.panels.models.draws import Panel, PanelCase
from app.panels.models.pools import PoolExpert
from app.panels.models.scoring import Assignment, PanelScore, ScoreCorrection, ScoringRound
from app.panels.queries import draws
from app.panels.queries import scoring as queries
from app.panels.rules.assignment import assigned
from app.panels.rules.scores import check, total
from app.panels.services import subjects
from app.panels.services.doors import refuse_all_ended, refuse_ended, refuse_restricted
from app.panels.states import PanelState


@dataclass(frozen=True, slots=True)
class Given:
    """The points of one dimension with their reason."""

    points: Decimal
    reason: str


def of_case(case: PanelCase) -> Subject:
    """Name a case in to-dos."""
    return Subject("panel_case", case.code)


def open_round(panel: Panel, *, purpose: str, per_case: int | None = None, by: Actor, at: datetime) -> ScoringRound:
    """Give each case to experts of a drawn panel, evenly and free of conflict, to score by the rubric in force.

    `per_case` is all seats where not given. Raises ConflictError before the draw or for a second round,
    InvalidError where a case has too few experts free of conflict, ForbiddenError naming who may not serve or whose
    term does not hold.
    """
    if panel.state is not PanelState.DRAWN:
        raise ConflictError(_l("Scoring begins after the panel is drawn."))
    if queries.round_of(panel.id) is not None:
        raise ConflictError(_l("The panel scores already. Its cases show who has submitted."))
    experts = {one.expert.code: one.expert for one in draws.seated(panel.id)}
    refuse_restricted(experts.values(), on=day_of(at))
    refuse_all_ended(experts.values(), on=day_of(at))
    cases = {one.code: one for one in draws.all_cases(panel.id)}
    barred = draws.barred(panel.id)
    out = {
        code: {key for key, one in experts.items() if one.person_id in barred.get(case.id, ())}
        for code, case in cases.items()
    }
    wanted = per_case or len(experts)
    given = assigned(list(cases), sorted(experts), per_case=wanted, barred=out, seed=bytes.fromhex(panel.seed or ""))
    if given is None:
        raise InvalidError(
            _l("A case has fewer than %(count)s experts free of conflict. Let fewer score each case.", count=wanted)
        )
    pack = queries.rubric_in_force(purpose, panel.region_code, day_of(at))
    opened = ScoringRound(
        panel_id=panel.id, rubric_code=pack.code, per_case=wanted, opened_by_id=by.person_id, opened_at=at
    )
    session.add(opened)
    session.flush()
    events.record("panels.round_opened", subjects.of_panel(panel), by=by, at=at, rule=pack.code)
    desk.close_todos(subjects.of_panel(panel), at=at, kind="panels.declare")
    for code, chosen in given.items():
        for key in chosen:
            _assign(opened, cases[code], experts[key], at=at)
    return opened


def _assign(opened: ScoringRound, case: PanelCase, expert: PoolExpert, *, at: datetime) -> None:
    session.add(Assignment(round_id=opened.id, case_id=case.id, expert_id=expert.id, given_at=at))
    session.flush()
    desk.open_todo(
        "panels.score",
        of_case(case),
        url=f"/panels/{case.panel.code}/cases/{case.code}",
        at=at,
        person_id=expert.person_id,
        params={"case_zh": case.label_zh, "case_en": case.label_en},
    )


def submit(assignment: Assignment, given: Mapping[str, Given], *, by: Actor, at: datetime) -> None:
    """Submit every dimension of a case at once and for good; the last one of the round opens the results.

    Raises InvalidError beside the dimension that is wrong, ConflictError where it was submitted already, ForbiddenError
    for who may not serve as an expert and whose term does not hold.
    """
    restrictions.refuse_if_restricted(SERVE, person_id=by.person_id, on=day_of(at))
    refuse_ended(assignment.expert, on=day_of(at))
    if assignment.submitted_at is not None:
        raise ConflictError(_l("You have submitted this case. A correction needs the chair."))
    opened = session.get_one(ScoringRound, assignment.round_id)
    rubric = queries.rubric(opened)
    for dimension in rubric.dimensions:
        check(dimension, rubric, given[dimension.code].points, given[dimension.code].reason)
    session.add_all(
        PanelScore(
            assignment_id=assignment.id,
            dimension=one.code,
            points=given[one.code].points,
            reason=given[one.code].reason.strip(),
        )
        for one in rubric.dimensions
    )
    assignment.submitted_at = at
    assignment.total = total(rubric, {code: one.points for code, one in given.items()})
    session.flush()
    case = session.get_one(PanelCase, assignment.case_id)
    events.record("panels.scored", subjects.of_panel(case.panel), by=by, at=at, data={"assignment": assignment.code})
    desk.close_todos(of_case(case), at=at, kind="panels.score", person_id=by.person_id)
    _complete(opened, case.panel, at=at)


def _complete(opened: ScoringRound, panel: Panel, *, at: datetime) -> None:
    given = queries.assignments(opened.id)
    if opened.complete_at is None and given and all(one.submitted_at is not None for one in given):
        opened.complete_at = at
        session.flush()
        events.record("panels.scores_complete", subjects.of_panel(panel), by=None, at=at)


def ask_correction(
    assignment: Assignment, dimension: str, points: Decimal, *, reason: str, by: Actor, at: datetime
) -> ScoreCorrection:
    """Ask the chair to correct a submitted score; raises InvalidError, ConflictError where one waits already.

    Raises ForbiddenError for who may not serve as an expert.
    """
    restrictions.refuse_if_restricted(SERVE, person_id=by.person_id, on=day_of(at))
    if assignment.submitted_at is None:
        raise ConflictError(_l("Nothing is submitted yet. Change the score in the form."))
    rubric = queries.rubric(session.get_one(ScoringRound, assignment.round_id))
    found = next((one for one in rubric.dimensions if one.code == dimension), None)
    if found is None:
        raise InvalidError(_l("There is no such dimension in the rubric."), field="dimension")
    check(found, rubric, points, reason)
    case = session.get_one(PanelCase, assignment.case_id)
    waiting = [one for one, about in queries.corrections(case) if about.id == assignment.id and one.approved is None]
    if waiting:
        raise ConflictError(_l("A correction of yours waits for the chair already."))
    correction = ScoreCorrection(
        assignment_id=assignment.id,
        dimension=dimension,
        points_before=queries.scores([assignment.id])[assignment.id][dimension].points,
        points_after=points,
        reason=reason,
        asked_by_id=by.person_id,
        asked_at=at,
    )
    session.add(correction)
    session.flush()
    events.record(
        "panels.correction_asked",
        subjects.of_panel(case.panel),
        by=by,
        at=at,
        reason=reason,
        data={"correction": correction.code},
    )
    return correction


def decide_correction(
    correction: ScoreCorrection, assignment: Assignment, *, approve: bool, by: Actor, at: datetime
) -> None:
    """Let the chair approve or refuse a correction; raises ConflictError if decided.

    Raises ForbiddenError for the expert who asked and for a chair who may not serve as an expert.
    """
    if not by.may(Permission.CHAIR) or by.person_id == correction.asked_by_id:
        raise ForbiddenError(_l("The chair decides on corrections, and nobody on their own."))
    restrictions.refuse_if_restricted(SERVE, person_id=by.person_id, on=day_of(at))
    if correction.approved is not None:
        raise ConflictError(_l("The correction is decided already."))
    correction.approved, correction.decided_by_id, correction.decided_at = approve, by.person_id, at
    if approve:
        kept = queries.scores([assignment.id])[assignment.id]
        kept[correction.dimension].points = correction.points_after
        kept[correction.dimension].reason = correction.reason
        rubric = queries.rubric(session.get_one(ScoringRound, assignment.round_id))
        assignment.total = total(rubric, {code: one.points for code, one in kept.items()})
    session.flush()
    case = session.get_one(PanelCase, assignment.case_id)
    kind = "panels.correction_approved" if approve else "panels.correction_refused"
    events.record(kind, subjects.of_panel(case.panel), by=by, at=at, data={"correction": correction.code})


def move_case(case: PanelCase, person_id: int, *, at: datetime) -> None:
    """Withdraw a case from who is recused and give it to the seated expert with the fewest cases and no conflict."""
    opened = queries.round_of(case.panel_id)
    if opened is None:
        return
    live = queries.assignments(opened.id)
    own = next((one for one in live if one.case_id == case.id and one.expert.person_id == person_id), None)
    if own is None:
        return
    own.withdrawn_at = at
    loads = Counter(one.expert_id for one in live)
    barred = draws.barred(case.panel_id).get(case.id, set())
    busy = {one.expert_id for one in live if one.case_id == case.id}
    free = [
        one.expert
        for one in draws.seated(case.panel_id)
        if one.expert_id not in busy and one.expert.person_id not in barred
    ]
    session.flush()
    if free:
        opened.complete_at = None
        _assign(opened, case, min(free, key=lambda one: (loads[one.id], one.code)), at=at)
    _complete(opened, case.panel, at=at)

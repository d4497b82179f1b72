"""Writes of standard setting: plan a panel, open and close rounds, give estimates, decide the cut score by two."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from app.accounts.states import Role
from app.assessment.exams.models import Blueprint, ExamSession, Paper, StandardEstimate, StandardStudy
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import standards as queries
from app.assessment.exams.queries.standards import Judge
from app.assessment.exams.services.drafts import draft_of
from app.assessment.exams.services.papers import draft_blueprint
from app.assessment.exams.services.subjects import named, of_study
from app.assessment.exams.states import STUDY
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk
from app.items.models import ItemBank
from app.panels.models.pools import ExpertPool
from app.panels.services.draws import CaseGiven, Plan, plan_panel
from app.panels.states import Field

LEAST_ROUNDS = 2
HUNDRED = Decimal(100)
# zh: the name of the panel as a Chinese office writes it
PANEL_ZH = "{name}合格标准评定专家组"


@dataclass(frozen=True, slots=True)
class Study:
    """What an examiner plans: the paper, a past session for the impact, pool, number and field of the judges."""

    paper: Paper
    past: ExamSession | None
    pool: ExpertPool
    seats: int
    field: Field | None = None


def plan(blueprint: Blueprint, given: Study, *, by: Actor, at: datetime) -> StandardStudy:
    """Plan a study and ask the pool's office to draw its judges; raises InvalidError naming the field."""
    if given.paper.blueprint_id != blueprint.id:
        raise InvalidError(_l("Choose a paper of this blueprint."), field="paper")
    papers_queries.sheet_of(given.paper.id)
    planned = StandardStudy(
        blueprint_id=blueprint.id,
        paper_id=given.paper.id,
        session_id=given.past.id if given.past else None,
        organisation_id=blueprint.organisation_id,
        region_code=blueprint.region_code,
        planned_by_id=by.person_id,
        planned_at=at,
    )
    session.add(planned)
    session.flush()
    panel = plan_panel(
        given.pool,
        Plan(
            name_zh=PANEL_ZH.format(name=blueprint.name_zh),
            name_en=f"Standard-setting panel: {blueprint.name_en}",
            seats=given.seats,
            field=given.field,
        ),
        cases=[CaseGiven(of_study(planned), blueprint.name_zh, blueprint.name_en)],
        by=by,
        at=at,
    )
    events.record("exams.standard_planned", of_study(planned), by=by, at=at, data={"panel": panel.code})
    return planned


def open_round(found: StandardStudy, *, by: Actor, at: datetime) -> None:
    """Open the next round; raises ConflictError before the panel is drawn."""
    judges = queries.judges(found)
    if not judges:
        raise ConflictError(_l("The panel is not drawn yet. The office of the pool draws it first."))
    STUDY.move(found, "open", round=found.round + 1)
    session.flush()
    events.record("exams.round_opened", of_study(found), by=by, at=at, data={"round": found.round})
    for judge in judges:
        desk.open_todo(
            "exams.estimate",
            of_study(found),
            url=f"/exams/standards/{found.code}/estimates",
            at=at,
            person_id=judge.person_id,
            params=named(found.blueprint, "blueprint"),
        )


def estimate(found: StandardStudy, given: Mapping[int, Decimal], *, by: Actor, at: datetime) -> None:
    """Give a judge's estimates of a round for every place at once and for good.

    Raises ForbiddenError for who is no judge, ConflictError outside of a round or the second time, InvalidError naming
    the place that is missing or no per cent.
    """
    judge = judge_of(found, by)
    if found.state not in STUDY.moves["close"].sources:
        raise ConflictError(_l("No round is open now."))
    if judge.expert_id in queries.estimates_of(found, found.round):
        raise ConflictError(_l("You have given your estimates in this round. The next round opens after the talk."))
    for place in papers_queries.sheet_of(found.paper_id):
        value = given.get(place.position)
        if value is None or not 0 <= value <= HUNDRED or value != round(value, 2):
            raise InvalidError(_l("Give a per cent from 0 to 100."), field=f"place-{place.position}")
    session.add_all(
        StandardEstimate(
            study_id=found.id,
            round=found.round,
            expert_id=judge.expert_id,
            position=position,
            estimate=value,
            given_at=at,
        )
        for position, value in sorted(given.items())
    )
    session.flush()
    events.record("exams.estimates_given", of_study(found), by=by, at=at, data={"round": found.round})
    desk.close_todos(of_study(found), at=at, kind="exams.estimate", person_id=by.person_id)


def judge_of(found: StandardStudy, actor: Actor) -> Judge:
    """Return the actor as a judge of a study; raises ForbiddenError."""
    for judge in queries.judges(found):
        if judge.person_id == actor.person_id:
            return judge
    raise ForbiddenError(_l("Only who is seated on the panel of this study gives estimates."))


def close_round(found: StandardStudy, *, by: Actor, at: datetime) -> None:
    """Close a round once every judge has given estimates; raises ConflictError naming how many are missing."""
    missing = len(queries.judges(found)) - len(queries.estimates_of(found, found.round))
    if found.state in STUDY.moves["close"].sources and missing:
        raise ConflictError(_l("%(count)d judges have not given their estimates yet.", count=missing))
    STUDY.move(found, "close")
    session.flush()
    events.record("exams.round_closed", of_study(found), by=by, at=at, data={"round": found.round})
    desk.close_todos(of_study(found), at=at)


def propose(found: StandardStudy, cut: Decimal, *, reason: str, by: Actor, at: datetime) -> None:
    """Propose the cut score with its reason after two rounds or more."""
    if found.round < LEAST_ROUNDS:
        raise ConflictError(_l("A cut score is proposed after two rounds at least."))
    STUDY.move(found, "propose", cut_score=cut, reason=reason, proposed_by_id=by.person_id, proposed_at=at)
    session.flush()
    events.record("exams.cut_proposed", of_study(found), by=by, at=at, reason=reason, data={"cut": f"{cut:.2f}"})
    desk.open_todo(
        "exams.decide_cut",
        of_study(found),
        url=f"/exams/standards/{found.code}",
        at=at,
        role=Role.EXAMINER,
        organisation_id=found.organisation_id,
        region_code=found.region_code,
        not_person_id=by.person_id,
        params=named(found.blueprint, "blueprint"),
    )


def send_back(found: StandardStudy, *, reason: str, by: Actor, at: datetime) -> None:
    """Send a proposed cut score back with a reason."""
    STUDY.move(found, "return", cut_score=None, reason=None, proposed_by_id=None, proposed_at=None)
    session.flush()
    events.record("exams.cut_returned", of_study(found), by=by, at=at, reason=reason)
    desk.close_todos(of_study(found), at=at)


def decide(found: StandardStudy, *, by: Actor, at: datetime) -> Blueprint:
    """Confirm a cut score as the second person: the blueprint is drafted anew with it.

    Raises ForbiddenError for who proposed it, InvalidError where the exam rule in force does not allow the cut.
    """
    if by.person_id == found.proposed_by_id:
        raise ForbiddenError(_l("You proposed this cut score. Another examiner of your organisation must confirm it."))
    draft = replace(draft_of(found.blueprint), cut_score=found.cut_score or Decimal(0))
    bank = session.get_one(ItemBank, found.blueprint.bank_id)
    drafted = draft_blueprint(bank=bank, draft=draft, by=by, at=at)
    STUDY.move(found, "decide", decided_by_id=by.person_id, decided_at=at, successor_id=drafted.id)
    session.flush()
    data = {"cut": f"{draft.cut_score:.2f}", "blueprint": drafted.code}
    events.record("exams.cut_decided", of_study(found), by=by, at=at, data=data)
    desk.close_todos(of_study(found), at=at)
    return drafted

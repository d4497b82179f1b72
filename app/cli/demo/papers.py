"""Parallel papers of the demo, two enemies, a sealed paper, and an Angoff panel in the middle of its second round."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from app.assessment.exams.models import Blueprint, StandardStudy
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import standards as standards_queries
from app.assessment.exams.rules.blueprint import Exposure, Options, Tolerance
from app.assessment.exams.services import assembly, enemies, papers, sealing, standards
from app.assessment.exams.services.drafts import Draft
from app.cli.demo.exams import CUT_SCORE, LEVELS, MINUTES, MODULES, POINTS, SUMMER_NAME
from app.cli.demo.panels import as_expert, draw_panel
from app.cli.demo.step import Demo, acting_as
from app.core.db import session, unit_of_work
from app.items import queries as items
from app.items.demo import BANK
from app.items.models import Item
from app.panels.models.pools import PoolExpert
from app.panels.queries import draws
from app.panels.queries import pools as pool_queries
from app.panels.states import Field

MADE_AT = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
SEED = 20261012
PAPERS = 2
# zh: names and reasons as a Chinese office writes them
NAME = ("2026年冬季初级考试平行卷细目表", "Blueprint of parallel papers, winter 2026")
ENEMIES = "两题考查同一条款，题干相互提示。"
CELLS = {(module, level): 3 if level == "recall" else 2 for module in MODULES for level in LEVELS[:3]}
OPTIONS = Options(
    tolerance=Tolerance(difficulty=Decimal("0.05"), seconds=300, information=Decimal("0.05")),
    exposure=Exposure(most=3, sessions=3),
)
ROUNDS = ((58, 66, 72), (62, 66, 68))
"""What each judge thinks of an item of middle difficulty, round by round: the second comes closer."""


def load_parallel(demo: Demo) -> int:
    """Draft a blueprint, declare two enemies, draw parallel papers and seal the first, once."""
    del demo
    known = session.scalar(select(Blueprint.id).where(Blueprint.name_zh == NAME[0])) is not None
    session.rollback()
    if known:
        return 0
    first, second = acting_as("examiner"), acting_as("examiner2")
    with unit_of_work():
        bank = items.bank_by_code(BANK)
        pair = session.scalars(select(Item.code).where(Item.bank_id == bank.id).order_by(Item.code).limit(2)).all()
        enemies.declare(bank, pair[0], pair[1], reason=ENEMIES, by=first, at=MADE_AT)
        draft = _draft()
        blueprint = papers.draft_blueprint(bank=bank, draft=draft, by=first, at=MADE_AT)
        drawn = assembly.draw_all(assembly.stock_of(bank, draft, at=MADE_AT), papers=PAPERS, seed=SEED)
        codes = [
            papers.store(blueprint, one, seed=SEED + place, by=first, at=MADE_AT).code
            for place, one in enumerate(drawn)
        ]
    with unit_of_work():
        sealing.sign_paper(papers_queries.paper(codes[0], first), by=first, at=MADE_AT + timedelta(hours=1))
    with unit_of_work():
        sealing.freeze_paper(papers_queries.paper(codes[0], second), by=second, at=MADE_AT + timedelta(hours=2))
    return PAPERS


def _draft() -> Draft:
    points = POINTS * sum(CELLS.values())
    return Draft(
        name_zh=NAME[0],
        name_en=NAME[1],
        level="junior",
        cells=CELLS,
        points_per_item=POINTS,
        minutes=MINUTES,
        difficulty_target=Decimal("0.60"),
        cut_score=CUT_SCORE * points / 100,
        options=OPTIONS,
    )


def load_standard(demo: Demo) -> int:
    """Plan an Angoff panel on last summer's paper, hold its first round and half of the second, once."""
    del demo
    if session.scalar(select(StandardStudy.id)) is not None:
        session.rollback()
        return 0
    with unit_of_work():
        sealing.open_due(at=MADE_AT)
    code = _plan()
    examiner = acting_as("examiner")
    panel_code = standards_queries.panel_code(standards_queries.study(code, examiner))
    draw_panel(draws.panel(panel_code or "", acting_as("secretary")))
    return _hold(code)


def _plan() -> str:
    """Plan the study and return its code."""
    examiner = acting_as("examiner")
    with unit_of_work():
        past = [one for one in standards_queries.released_sessions(examiner) if one.name_zh == SUMMER_NAME[0]]
        blueprint = papers_queries.blueprints(examiner, 1).rows[-1]
        paper = papers_queries.papers_of(blueprint)[0]
        given = standards.Study(paper, past[0], pool_queries.pool_for("370000"), 3, Field.EDUCATION)
        return standards.plan(blueprint, given, by=examiner, at=MADE_AT).code


def _hold(code: str) -> int:
    """Hold the first round, and the second up to its last judge."""
    examiner = acting_as("examiner")
    for number, values in enumerate(ROUNDS, start=1):
        at = MADE_AT + timedelta(days=number)
        with unit_of_work():
            standards.open_round(standards_queries.study(code, examiner), by=examiner, at=at)
        judges = standards_queries.judges(standards_queries.study(code, examiner))
        for judge, value in list(zip(judges, values, strict=True))[: len(judges) - (number == len(ROUNDS))]:
            _give(code, judge.expert_id, value, at=at)
        if number < len(ROUNDS):
            with unit_of_work():
                standards.close_round(standards_queries.study(code, examiner), by=examiner, at=at)
    return 1


def _give(code: str, expert_id: int, value: int, *, at: datetime) -> None:
    """Give a judge's estimates: around their own severity, higher for easier items."""
    with unit_of_work():
        actor = as_expert(session.get_one(PoolExpert, expert_id))
        study = standards_queries.study(code, actor)
        places = papers_queries.sheet_of(study.paper_id)
        given = {
            place.position: Decimal(min(max(round(value + 60 * (float(place.version.difficulty) - 0.6)), 5), 95))
            for place in places
        }
        standards.estimate(study, given, by=actor, at=at)

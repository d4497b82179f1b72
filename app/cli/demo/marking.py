"""An exam with written answers in the demo: some marked once, some agreed, one decided by a third person."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import cycle
from typing import Any

from sqlalchemy import select

from app.accounts.actors import actor_of
from app.accounts.models import Membership, Person
from app.accounts.queries import organisation
from app.accounts.states import Role
from app.assessment.exams.models import AnswerSave, Attempt, ExamSession, MarkingTask
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import sittings
from app.assessment.exams.queries import tasks as tasks_queries
from app.assessment.exams.queries.scripts import code_of, tasks_of
from app.assessment.exams.rules.order import from_json
from app.assessment.exams.rules.rulings import Ruling
from app.assessment.exams.services import leading, marking, papers, regrading, results, sealing, sessions, sitting
from app.assessment.exams.services.drafts import Draft
from app.assessment.exams.services.marking import Given
from app.assessment.exams.services.sessions import Plan
from app.assessment.exams.services.sitting import Writer
from app.cli.demo.exams import SUMMER, SUMMER_NAME
from app.cli.demo.moved import moved_to
from app.cli.demo.step import CONTENT, MADE_AT, Demo, acting_as
from app.core import clock, jobs
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.items import queries as items
from app.items import services as item_services
from app.items.demo import CHART_NAME, bars, showing
from app.items.rules import files
from app.items.rules.bodies import Body, Criterion
from app.items.rules.content import ItemContent, Parsed
from app.items.rules.enclosures import enclosed
from app.items.states import CognitiveLevel, FileKind, ItemType, Purpose

BANK = "JJ-WRITTEN"
# zh: invented records are named in both languages
BANK_NAME = ("初级主观题题库（演示）", "Written items of the junior level (demo)")
NAME = ("2026年8月初级考试（含主观题）", "Junior exam of August 2026 with written answers")
HELD = datetime(2026, 8, 15, 9, 0, tzinfo=clock.SHANGHAI)
CELLS = {("general", "recall"): 4, ("general", "understand"): 2, ("general", "apply"): 2, ("general", "analyse"): 2}
POINTS, CUT_SCORE, MINUTES, SEED = Decimal(10), Decimal(60), 60, 20260815
RULED = SUMMER + timedelta(days=4)
# zh: what the marker and the examiner wrote
DRAFT, RULING = "评估方法写得不够，再看一遍。", "第1题两个选项均可成立，拟作废。"
STRICT, NEAR, LAX, THIRD = Decimal("0.4"), Decimal("0.7"), Decimal("0.8"), Decimal("0.6")
"""The shares of each criterion that the markers give: where they differ too much a third person decides."""


@cache
def texts() -> dict[str, Any]:
    """Return what candidates and examiners of the exam wrote."""
    return tomllib.loads((CONTENT / "demo" / "marking.toml").read_text("utf-8"))


def load(demo: Demo) -> int:
    """Hold an exam whose written answers are being marked, once."""
    del demo
    known = session.scalar(select(ExamSession.id).where(ExamSession.name_zh == NAME[0])) is not None
    session.rollback()
    if known:
        return 0
    _fill_bank()
    code = _prepared()
    with moved_to(HELD + timedelta(minutes=1)):
        _sit_all(code)
    with moved_to(HELD + timedelta(hours=3)):
        _mark(code, HELD + timedelta(hours=3))
        _begin(code, acting_as("marker2"), HELD + timedelta(hours=3))
    with moved_to(RULED):
        _propose_new_marking()
    return 1


def _fill_bank() -> None:
    author, reviewers = acting_as("author"), [acting_as("reviewer"), acting_as("reviewer2")]
    choices = files.read((CONTENT / "items" / "general.gift").read_bytes(), FileKind.GIFT)
    wanted = [one for one in choices.items if one.level is not CognitiveLevel.ANALYSE]
    with unit_of_work():
        bank = item_services.create_bank(
            code=BANK,
            name_zh=BANK_NAME[0],
            name_en=BANK_NAME[1],
            organisation_id=organisation("exam-centre").id,
            purpose=Purpose.EXAM,
            by=author,
            at=MADE_AT,
        )
        written = [_written("essay", ItemType.ESSAY), _written("short", ItemType.SHORT_ANSWER)]
        coming = Parsed([*wanted, *written])
        coming.entries[-2] = _with_files(written[0], coming)
        item_services.import_items(bank, coming, by=author, at=MADE_AT)
    for one in reviewers:
        with unit_of_work():
            bank = items.bank_by_code(BANK)
            item_services.approve(bank, items.approvable(bank, one), by=one, at=MADE_AT)


def _written(name: str, kind: ItemType) -> ItemContent:
    text = texts()[name]
    rubric = tuple(Criterion(one["name"], Decimal(one["points"]), one["guidance"]) for one in text["rubric"])
    return ItemContent(
        code=text["code"],
        type=kind,
        stem=text["stem"],
        options=(),
        key=frozenset(),
        explanation="",
        module="general",
        level=CognitiveLevel.ANALYSE,
        difficulty=Decimal("0.5"),
        body=Body(reference=text["reference"], rubric=rubric),
    )


def _with_files(essay: ItemContent, coming: Parsed) -> ItemContent:
    """Show what the essay is about: a chart drawn here, and an attachment."""
    chart, attached = texts()["essay"]["chart"], texts()["essay"]["attached"]
    shown = showing(essay, enclosed(CHART_NAME, bars(chart["heights"])), coming, alt=chart["alt"])
    return showing(shown, enclosed(attached["name"], attached["text"].encode()), coming)


def _prepared() -> str:
    first, second = acting_as("examiner"), acting_as("examiner2")
    at = HELD - timedelta(days=14)
    draft = Draft(
        name_zh=f"{NAME[0]}细目表",
        name_en=f"Blueprint: {NAME[1]}",
        level="junior",
        cells=CELLS,
        points_per_item=POINTS,
        minutes=MINUTES,
        difficulty_target=Decimal("0.60"),
        cut_score=CUT_SCORE,
    )
    with moved_to(at):
        with unit_of_work():
            blueprint = papers.draft_blueprint(bank=items.bank_by_code(BANK), draft=draft, by=first, at=at)
            paper = papers.assemble_paper(blueprint, by=first, at=at, seed=SEED)
        with unit_of_work():
            sealing.sign_paper(papers_queries.paper(paper.code, first), by=first, at=at)
        with unit_of_work():
            sealing.freeze_paper(papers_queries.paper(paper.code, second), by=second, at=at)
        plan = Plan(*NAME, opens_at=HELD, closes_at=HELD + timedelta(hours=2), minutes=MINUTES, region_code="100000")
        with unit_of_work():
            made = sessions.create_session(paper=papers_queries.paper(paper.code, first), plan=plan, by=first, at=at)
        with unit_of_work():
            sessions.register_eligible(_session(made.code), by=first, at=at)
            sessions.ask_to_prepare(_session(made.code), by=first, at=at)
        jobs.work()
    return made.code


def _session(code: str) -> ExamSession:
    return sessions_queries.exam_session(code, acting_as("examiner"))


def _sit_all(code: str) -> None:
    attempts = session.execute(
        select(Attempt.code, Attempt.person_id).join(Attempt.session).where(ExamSession.code == code)
    ).all()
    essays, shorts = cycle(texts()["answers"]["essay"]), cycle(texts()["answers"]["short"])
    for attempt, person_id in attempts:
        with unit_of_work():
            _sit(
                attempt, actor_of_person(person_id), {ItemType.ESSAY: next(essays), ItemType.SHORT_ANSWER: next(shorts)}
            )


def _sit(code: str, actor: Actor, texts: Mapping[ItemType, str]) -> None:
    at = HELD + timedelta(minutes=1)
    found = sittings.own_attempt(code, actor)
    sitting.start(found, by=actor, at=at)
    writer = Writer(code, "demo-page-0002", actor)
    sitting.take_over(writer, at=at)
    sheet = {one.position: one.version for one in papers_queries.sheet_of(found.session.paper_id)}
    for number, place in enumerate(from_json(found.order), start=1):
        version = sheet[place.position]
        letters = sorted(place.letter(str(key)) for key in version.key)
        value = {"text": texts[version.type]} if version.type in texts else {"choice": letters}
        session.add(
            AnswerSave(
                attempt_id=found.id,
                position=number,
                sequence=1,
                value={**value, "review": False},
                saved_at=at + timedelta(minutes=20),
            )
        )
    sitting.submit(writer, at=at + timedelta(minutes=40))


def actor_of_person(person_id: int) -> Actor:
    """Return a candidate as they sit."""
    query = select(Membership).where(Membership.person_id == person_id, Membership.role == Role.TRAINEE)
    membership = session.scalars(query.order_by(Membership.id)).first()
    return actor_of(session.get_one(Person, person_id), membership)


def _mark(code: str, at: datetime) -> None:
    """Add seeds, calibrate two markers, let one mark everything and the other some; a third decides one answer."""
    leader = acting_as("examiner")
    with unit_of_work():
        results.ask_to_mark(_session(code), by=leader, at=at)
    jobs.work()
    tasks = tasks_of(_session(code).id)
    for task in tasks:
        name = "essay" if len(tasks_queries.criteria(task)) > 1 else "short"
        _seed(task, name, leader, at)
        for sign_in, share, most in (("marker", LAX, 99), ("marker2", STRICT if name == "essay" else NEAR, 2)):
            _calibrate(task, name, acting_as(sign_in), at)
            _mark_some(task, acting_as(sign_in), share, most, at=at)
    _decide_one(tasks, acting_as("adjudicator"), at)


def _begin(code: str, actor: Actor, at: datetime) -> None:
    """Let a marker begin an answer and leave a draft."""
    (task, *_others) = tasks_of(_session(code).id)
    with unit_of_work():
        found = marking.claim(tasks_queries.task(task.code, actor), by=actor, at=at)
        marking.keep_draft(found, {"points": {"1": "2"}, "remark": DRAFT}, sequence=1)


def _propose_new_marking() -> None:
    """Let an examiner propose to void an item of last summer's exam; the second has not decided yet."""
    summer = session.scalars(select(ExamSession.code).where(ExamSession.name_zh == SUMMER_NAME[0])).one()
    leader = acting_as("examiner")
    with unit_of_work():
        regrading.propose(_session(summer), {1: Ruling(void=True)}, reason=RULING, by=leader, at=RULED)
    jobs.work()


def _seed(task: MarkingTask, name: str, leader: Actor, at: datetime) -> None:
    for seed in texts()["seeds"]:
        if seed["task"] == name:
            with unit_of_work():
                held = tasks_queries.task(task.code, leader)
                leading.add_seed(held, seed["answer"], _points(seed["points"]), by=leader, at=at)


def _points(given: Sequence[str]) -> dict[str, Decimal | None]:
    return {str(number): Decimal(one) for number, one in enumerate(given, start=1)}


def _calibrate(task: MarkingTask, name: str, actor: Actor, at: datetime) -> None:
    known = {seed["answer"]: seed["points"] for seed in texts()["seeds"] if seed["task"] == name}
    for _ in known:
        with unit_of_work():
            found = marking.claim(tasks_queries.task(task.code, actor), by=actor, at=at)
            mark = tasks_queries.own_mark(code_of(found.script_id), actor)
            marking.give(mark, Given(_points(known[mark.script.answer])), by=actor, at=at)


def _mark_some(task: MarkingTask, actor: Actor, share: Decimal, most: int, *, at: datetime) -> None:
    for _ in range(most):
        try:
            with unit_of_work():
                found = marking.claim(tasks_queries.task(task.code, actor), by=actor, at=at)
                _give(found.script_id, task, actor, share, at=at)
        except ConflictError:
            return


def _give(script_id: int, task: MarkingTask, actor: Actor, share: Decimal, *, at: datetime) -> None:
    points: dict[str, Decimal | None] = {
        name: round(best * share) + Decimal(0) for name, best in tasks_queries.criteria(task).items()
    }
    marking.give(tasks_queries.own_mark(code_of(script_id), actor), Given(points), by=actor, at=at)


def _decide_one(tasks: Sequence[MarkingTask], actor: Actor, at: datetime) -> None:
    for task in tasks:
        try:
            with unit_of_work():
                held = tasks_queries.task(task.code, actor)
                found = marking.claim_difference(held, by=actor, at=at)
                _give(found.script_id, task, actor, THIRD, at=at)
        except ConflictError:
            continue
        return

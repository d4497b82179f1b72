"""An exam whose paper has an essay and a case, sat and handed to the markers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import count

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import AnswerSave, ExamSession, MarkingTask, Script, ScriptMark
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import tasks as tasks_queries
from app.assessment.exams.rules.order import Place, from_json
from app.assessment.exams.services import leading, marking, papers, results, sealing, sessions, sitting
from app.assessment.exams.services.marking import Given
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.items.models import Item, ItemBank, ItemVersion
from app.items.states import CognitiveLevel, ItemState, ItemType
from tests.factories.accounts import MADE_AT, Member, make_member
from tests.factories.exams import (
    CLOSES,
    NOW,
    OPENS,
    House,
    attempt_of,
    make_cohort,
    make_draft,
    make_house,
    make_plan,
    make_trainee,
    prepare,
    start,
)
from tests.worlds import built_once

AFTER = CLOSES + timedelta(minutes=1)
STEM = "请作答。"
CELLS = {(module, "recall"): 2 for module in ("general", "policy", "practice", "capability")} | {
    ("general", "analyse"): 1,
    ("policy", "analyse"): 1,
}
RUBRIC = [
    {"name": "要点完整", "points": "6", "guidance": "每个要点2分"},
    {"name": "论证清楚", "points": "4", "guidance": ""},
]
ESSAY = {"rubric": RUBRIC, "reference": "参考答案"}
SHORT = {"rubric": [{"name": "整体", "points": "5", "guidance": ""}]}
CASE = {
    "parts": [
        {
            "type": "single",
            "stem": "该合同属于哪一类？",
            "options": [{"key": "A", "text": "转让"}, {"key": "B", "text": "许可"}],
            "key": ["B"],
            "body": {},
            "explanation": "",
            "weight": "1",
        },
        {
            "type": "short_answer",
            "stem": "说明理由。",
            "options": [],
            "key": [],
            "body": SHORT,
            "explanation": "",
            "weight": "1",
        },
    ]
}
_numbers = count(1)


@dataclass(frozen=True)
class Marked:
    """A session whose answers wait for markers."""

    house: House
    session: ExamSession
    candidates: list[Member]
    one: Member
    two: Member
    third: Member
    essay: MarkingTask
    part: MarkingTask


@built_once
def make_written(*, candidates: int = 1) -> Marked:
    """Hold an exam of eight choices, an essay and a case, and hand the answers to the markers.

    Every candidate answers the essay; the first also the written part of the case, and its choice rightly.
    """
    house = make_house(per_cell=0)
    _fill(house.bank, house)
    planned = _session(house)
    cohort = make_cohort()
    people = [make_trainee(cohort) for _ in range(candidates)]
    prepare(house, planned)
    for place, one in enumerate(people):
        _sit(one, case=place == 0, text=f"答卷内容{place}：技术合同应当登记。")
    with unit_of_work():
        held = sessions_queries.exam_session(planned.code, house.examiner.actor)
        results.ask_to_mark(held, by=house.examiner.actor, at=AFTER)
    jobs.work()
    tasks = {task.part: task for task in session.scalars(select(MarkingTask))}
    markers = [make_member(Role.MARKER, organisation=house.body) for _ in range(2)]
    third = make_member(Role.ADJUDICATOR, organisation=house.body)
    return Marked(house, planned, people, markers[0], markers[1], third, tasks[0], tasks[2])


def _session(house: House) -> ExamSession:
    with unit_of_work():
        draft = make_draft(cells=CELLS, points_per_item=Decimal(4), cut_score=Decimal(24))
        blueprint = papers.draft_blueprint(bank=house.bank, draft=draft, by=house.examiner.actor, at=NOW)
        code = papers.assemble_paper(blueprint, by=house.examiner.actor, at=NOW, seed=7).code
    with unit_of_work():
        sealing.sign_paper(papers_queries.paper(code, house.examiner.actor), by=house.examiner.actor, at=NOW)
    with unit_of_work():
        sealing.freeze_paper(papers_queries.paper(code, house.examiner2.actor), by=house.examiner2.actor, at=NOW)
    with unit_of_work():
        paper = papers_queries.paper(code, house.examiner.actor)
        return sessions.create_session(paper=paper, plan=make_plan(), by=house.examiner.actor, at=NOW)


def _fill(bank: ItemBank, house: House) -> None:
    with unit_of_work():
        for module, _level in (cell for cell in CELLS if cell[1] == "recall"):
            for _ in range(2):
                _item(bank, house, module, CognitiveLevel.RECALL, kind=ItemType.SINGLE)
        _item(bank, house, "general", CognitiveLevel.ANALYSE, kind=ItemType.ESSAY, body=ESSAY)
        _item(bank, house, "policy", CognitiveLevel.ANALYSE, kind=ItemType.CASE, body=CASE)


def _item(
    bank: ItemBank,
    house: House,
    module: str,
    level: CognitiveLevel,
    *,
    kind: ItemType,
    body: Mapping[str, object] | None = None,
) -> None:
    number = next(_numbers)
    item = Item(
        bank_id=bank.id,
        code=f"W-{number:04d}",
        state=ItemState.APPROVED,
        author_id=house.examiner.person.id,
        created_at=MADE_AT,
        approved_by_id=house.examiner2.person.id,
        approved_at=MADE_AT,
    )
    session.add(item)
    session.flush()
    choice = kind is ItemType.SINGLE
    stem = f"第{number}题：{STEM}"
    session.add(
        ItemVersion(
            item_id=item.id,
            number=1,
            type=kind,
            stem=stem,
            options=[{"key": key, "text": f"选项{key}"} for key in "ABCD"] if choice else [],
            key=["B"] if choice else [],
            body=dict(body or {}),
            module=module,
            level=level,
            difficulty=Decimal("0.6"),
            source_read=True,
            content_hash=sha256(stem.encode()).hexdigest(),
            created_at=MADE_AT,
        )
    )


def _case(place: Place) -> list[dict[str, object]]:
    """Answer the case: its choice under the letter that this candidate sees."""
    return [{"choice": [place.part(1).letter("B")]}, {"text": "因为许可。"}]


def _sit(member: Member, *, case: bool, text: str) -> None:
    writer = start(member)
    attempt = attempt_of(member)
    paper = session.get_one(ExamSession, attempt.session_id).paper_id
    sheet = {place.position: place.version for place in papers_queries.sheet_of(paper)}
    with unit_of_work():
        for number, place in enumerate(from_json(attempt.order), start=1):
            version = sheet[place.position]
            value: dict[str, object] = {"choice": []}
            if version.type is ItemType.SINGLE:
                value = {"choice": [place.letter("B")]}
            elif version.type is ItemType.ESSAY:
                value = {"text": text}
            elif version.type is ItemType.CASE:
                value = {"parts": _case(place) if case else [None, None]}
            session.add(
                AnswerSave(
                    attempt_id=attempt.id,
                    position=number,
                    sequence=1,
                    value={**value, "review": False},
                    saved_at=OPENS,
                )
            )
        sitting.submit(writer, at=OPENS)


def add_seeds(made: Marked, task: MarkingTask, number: int = 3) -> list[Script]:
    """Add papers of known mark, worth six points in the essay's rubric and three in the case's."""
    points = {"1": Decimal(4), "2": Decimal(2)} if task.part == 0 else {"1": Decimal(3)}
    return [_seed(made, task, points, place) for place in range(number)]


def _seed(made: Marked, task: MarkingTask, points: Mapping[str, Decimal | None], place: int) -> Script:
    with unit_of_work():
        found = tasks_queries.task(task.code, made.house.examiner.actor)
        return leading.add_seed(found, f"试评卷{place}", points, by=made.house.examiner.actor, at=AFTER)


def claim(task: MarkingTask, member: Member) -> ScriptMark:
    """Take the next answer of a task."""
    with unit_of_work():
        return marking.claim(tasks_queries.task(task.code, member.actor), by=member.actor, at=AFTER)


def give(found: ScriptMark, member: Member, *points: str) -> None:
    """Give a mark criterion by criterion."""
    with unit_of_work():
        script = session.get_one(Script, found.script_id)
        mark = tasks_queries.own_mark(script.code, member.actor)
        given = Given({str(number): Decimal(one) for number, one in enumerate(points, start=1)})
        marking.give(mark, given, by=member.actor, at=AFTER)


@built_once
def calibrate(made: Marked, task: MarkingTask, *members: Member) -> None:
    """Add three seeds and let members mark them rightly, so that they mark live answers."""
    add_seeds(made, task)
    for member in members:
        for _ in range(3):
            give(claim(task, member), member, *(("4", "2") if task.part == 0 else ("3",)))


def mark_all(task: MarkingTask, member: Member, *points: str) -> int:
    """Mark whatever is left for a member with the same points; return how many."""
    done = 0
    while (found := _next(task, member)) is not None:
        give(found, member, *points)
        done += 1
    return done


def _next(task: MarkingTask, member: Member) -> ScriptMark | None:
    try:
        return claim(task, member)
    except ConflictError:
        return None


def script_of(task: MarkingTask, member: Member) -> Script:
    """Return a candidate's script as it is now."""
    query = select(Script).where(Script.task_id == task.id, Script.attempt_id == attempt_of(member).id)
    return session.scalars(query.execution_options(populate_existing=True)).one()

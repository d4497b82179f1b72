"""Late answers in the demo: three came when the markers had begun; counted, before a second examiner, new."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.assessment.exams.models import Attempt, ExamSession, LateAnswer, Script, ScriptMark
from app.assessment.exams.queries import late as queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.rules.order import from_json
from app.assessment.exams.services import late
from app.assessment.exams.services.answers import Answer, Writer
from app.cli.demo.marking import HELD, MINUTES, NAME, actor_of_person, texts
from app.cli.demo.moved import moved_to
from app.cli.demo.step import Demo, acting_as
from app.core.db import session, unit_of_work
from app.items.states import ItemType

TYPED = HELD + timedelta(minutes=MINUTES - 2)
CAME = HELD + timedelta(hours=4)
DECIDED = HELD + timedelta(hours=6)
PAGE, SEQUENCE = "demo-page-0003", 2


def load(demo: Demo) -> int:
    """Let three sealed queues come back in the evening of the exam with written answers, once."""
    del demo
    held = session.scalars(select(ExamSession).where(ExamSession.name_zh == NAME[0])).one()
    known = session.scalar(select(LateAnswer.id).join(Attempt).where(Attempt.session_id == held.id).limit(1))
    begun = (
        select(Script.attempt_id).join(ScriptMark).where(ScriptMark.done_at.is_(None), Script.attempt_id.is_not(None))
    )
    query = select(Attempt).where(Attempt.session_id == held.id, Attempt.id.not_in(begun))
    codes = [one.code for one in session.scalars(query.order_by(Attempt.id).limit(3))]
    session.rollback()
    if known is not None:
        return 0
    counted, waiting, new = codes
    with moved_to(CAME):
        for code in (counted, waiting, new):
            _come(code)
    with moved_to(DECIDED):
        _propose(counted, counts=True)
        with unit_of_work():
            second = acting_as("examiner2")
            late.confirm(queries.sitting(counted, second), by=second, at=DECIDED)
        _propose(waiting, counts=False)
    return len(codes)


def _come(code: str) -> None:
    """Send what a candidate's page had kept: the whole essay, and one choice looked at again."""
    with unit_of_work():
        found = session.scalars(select(Attempt).where(Attempt.code == code)).one()
        writer = Writer(code, PAGE, actor_of_person(found.person_id))
        late.keep(writer, answers=_answers(found), at=CAME)


def _answers(found: Attempt) -> list[Answer]:
    held = session.get_one(ExamSession, found.session_id)
    sheet = {one.position: one.version for one in papers_queries.sheet_of(held.paper_id)}
    sent: dict[ItemType, Answer] = {}
    for number, place in enumerate(from_json(found.order), start=1):
        version = sheet[place.position]
        if version.type is ItemType.ESSAY:
            sent[version.type] = _kept(number, {"text": texts()["answers"]["late"]})
        elif version.type is ItemType.SINGLE:
            sent[version.type] = _kept(number, {"choice": [place.letter(str(version.key[0]))]})
    return list(sent.values())


def _kept(number: int, response: dict[str, Any]) -> Answer:
    return Answer(number, SEQUENCE, response, review=False, client_at=TYPED)


def _propose(code: str, *, counts: bool) -> None:
    first = acting_as("examiner")
    reasons = texts()["late"]
    with unit_of_work():
        found = queries.sitting(code, first)
        rows = [row.answer.code for row in queries.of_sitting(found.id) if row.undecided]
        reason = reasons["counts" if counts else "counts_not"]
        late.propose(found, rows, counts=counts, reason=reason, by=first, at=DECIDED)

"""Late answers that come to count after the marking was asked for: new scripts, a new marking, nothing overwritten."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.assessment.exams.models import ExamSession, MarkingRun, Result, ResultVersion, Script, ScriptMark
from app.assessment.exams.queries import late as queries
from app.assessment.exams.queries import marking as marking_queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import pending, scripts
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import tasks as tasks_queries
from app.assessment.exams.rules.order import from_json
from app.assessment.exams.rules.rulings import Ruling
from app.assessment.exams.services import late as services
from app.assessment.exams.services import leading, regrading, results
from app.assessment.exams.services.answers import Answer, Writer
from app.assessment.exams.states import RunState, ScriptState
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, NotFoundError
from app.desk.queries import todos_of
from app.items.states import ItemType
from tests.factories.accounts import Member
from tests.factories.exams import CLOSES, attempt_of, said
from tests.factories.marking import AFTER, Marked, calibrate, claim, give, make_written, mark_all, script_of
from tests.submit import submit

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
TYPED = CLOSES - timedelta(minutes=1)
LATER = AFTER + timedelta(minutes=9)
TEXT = "断网后补交：技术合同应当登记，并约定保密义务。"
REASON = "考点断网，监考记录为证"


@pytest.fixture
def made(app: Flask) -> Marked:
    """Two candidates whose essays are with the markers; the second left the case empty."""
    del app
    return make_written(candidates=2)


def place_of(made: Marked, member: Member, kind: ItemType) -> tuple[int, str]:
    """Return where a candidate saw the first item of a type, and the letter under which they saw its right answer."""
    sheet = {place.position: place.version for place in papers_queries.sheet_of(made.session.paper_id)}
    for number, shown in enumerate(from_json(attempt_of(member).order), start=1):
        if sheet[shown.position].type is kind:
            asked = shown.part(1) if shown.parts else shown
            return number, asked.letter("B") if asked.keys else ""
    raise AssertionError(kind)


def come_late(member: Member, place: int, value: dict[str, object]) -> None:
    writer = Writer(attempt_of(member).code, "page-that-lost-it", member.actor)
    with unit_of_work():
        services.keep(writer, answers=[Answer(place, 7, value, review=False, client_at=TYPED)], at=LATER)


def count(made: Marked, member: Member) -> None:
    """Let two examiners count whatever came late for a candidate."""
    first, second = made.house.examiner.actor, made.house.examiner2.actor
    code = attempt_of(member).code
    with unit_of_work():
        found = queries.sitting(code, first)
        codes = [row.answer.code for row in queries.of_sitting(found.id) if row.undecided]
        services.propose(found, codes, counts=True, reason=REASON, by=first, at=LATER)
    with unit_of_work():
        services.confirm(queries.sitting(code, second), by=second, at=LATER)


def essay_late(made: Marked, member: Member, text: str = TEXT) -> None:
    place, _letter = place_of(made, member, ItemType.ESSAY)
    come_late(member, place, {"text": text})


def scripts_of(made: Marked, member: Member) -> list[Script]:
    query = select(Script).where(Script.task_id == made.essay.id, Script.attempt_id == attempt_of(member).id)
    return list(session.scalars(query.order_by(Script.id).execution_options(populate_existing=True)))


def held(made: Marked) -> ExamSession:
    return sessions_queries.exam_session(made.session.code, made.house.examiner.actor)


def add_up(made: Marked) -> None:
    with unit_of_work():
        leading.add_up(held(made), by=made.house.examiner.actor, at=LATER)
    jobs.work()


def mark_everything(made: Marked) -> None:
    """Let both markers mark all there is, and add the results up."""
    for task, points in ((made.essay, ("4", "2")), (made.part, ("3",))):
        calibrate(made, task, made.one, made.two)
        for marker in (made.one, made.two):
            mark_all(task, marker, *points)
    add_up(made)


def result_of(member: Member) -> Result:
    query = select(Result).where(Result.attempt_id == attempt_of(member).id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def kinds(member: Member) -> set[str]:
    return {one.kind for one in todos_of(member.actor)}


def waiting(made: Marked) -> list[str]:
    return [str(one.label) for one in pending.of_session(held(made))]


def test_a_script_that_nobody_took_is_replaced_by_the_late_answer(made: Marked) -> None:
    member = made.candidates[0]
    (before,) = scripts_of(made, member)
    essay_late(made, member)
    assert "exams.late" in kinds(made.house.examiner)

    count(made, member)

    (after,) = scripts_of(made, member)
    assert (after.code, after.state, after.answer) == (before.code, ScriptState.OPEN, TEXT)
    assert "exams.late" not in kinds(made.house.examiner)
    assert "exams.mark_answers" in kinds(made.one)


def test_what_was_marked_is_set_aside_with_its_marks_and_the_late_answer_reaches_the_markers(made: Marked) -> None:
    member = made.candidates[1]
    calibrate(made, made.essay, made.one, made.two)
    calibrate(made, made.part, made.one, made.two)
    for marker in (made.one, made.two):
        mark_all(made.essay, marker, "4", "2")
        mark_all(made.part, marker, "3")
    assert "exams.total" in kinds(made.house.examiner)
    essay_late(made, member)
    count(made, member)

    old, new = scripts_of(made, member)
    assert (old.state, old.points, new.state, new.answer) == (ScriptState.SET_ASIDE, None, ScriptState.OPEN, TEXT)
    marks = session.scalars(select(ScriptMark).where(ScriptMark.script_id == old.id)).all()
    assert [(one.total, one.withdrawn_at) for one in marks] == [(Decimal(6), None)] * 2
    assert "exams.total" not in kinds(made.house.examiner)
    assert scripts.count(made.session.id) == 3
    with pytest.raises(ConflictError):
        add_up(made)

    for marker in (made.one, made.two):
        found = claim(made.essay, marker)
        assert found.script_id == new.id
        give(found, marker, "6", "4")
    add_up(made)

    assert result_of(member).score == Decimal(36), "eight choices, and ten of ten points of the late essay"
    assert result_of(made.candidates[0]).score > 0


def test_an_answer_that_a_marker_has_begun_is_taken_back_from_them(made: Marked) -> None:
    calibrate(made, made.essay, made.one)
    begun = claim(made.essay, made.one)
    script = session.get_one(Script, begun.script_id)
    member = next(one for one in made.candidates if attempt_of(one).id == script.attempt_id)
    essay_late(made, member)
    count(made, member)

    old, new = scripts_of(made, member)
    assert (old.id, old.state, old.answer) == (script.id, ScriptState.SET_ASIDE, script.answer)
    with pytest.raises(NotFoundError):
        tasks_queries.own_mark(script.code, made.one.actor)
    assert {claim(made.essay, made.one).script_id} <= {one.id for one in session.scalars(select(Script))} - {old.id}
    assert new.state is ScriptState.OPEN


def test_an_answer_that_was_left_empty_becomes_a_new_script_and_one_left_empty_late_none(made: Marked) -> None:
    empty, full = made.candidates[1], made.candidates[0]
    place, _letter = place_of(made, empty, ItemType.CASE)
    come_late(empty, place, {"parts": [None, {"text": "因为许可不转移所有权。"}]})
    essay_late(made, full, "")
    count(made, empty)
    count(made, full)

    assert script_of(made.part, empty).answer == "因为许可不转移所有权。"
    assert [one.state for one in scripts_of(made, full)] == [ScriptState.SET_ASIDE]


def test_a_late_choice_after_the_results_is_marked_anew_by_another_examiner(made: Marked, browser_of: Browser) -> None:
    member = made.candidates[1]
    mark_everything(made)
    before = result_of(member).score
    place, letter = place_of(made, member, ItemType.CASE)
    come_late(member, place, {"parts": [{"choice": [letter]}, None]})
    address = f"/exams/late/{attempt_of(member).code}"
    assert (
        said("Late answers on which two examiners have not decided")
        in browser_of(made.house.examiner).get(f"/exams/sessions/{made.session.code}").text
    )
    count(made, member)
    jobs.work()

    run = session.scalars(select(MarkingRun).where(MarkingRun.number == 2)).one()
    assert (run.state, run.asked_by_id, run.reason) == (RunState.PROPOSED, made.house.examiner2.person.id, REASON)
    assert result_of(member).score == before
    assert len(waiting(made)) == 2
    own = marking_queries.run(run.code, made.house.examiner2.actor)
    with pytest.raises(ForbiddenError), unit_of_work():
        regrading.confirm(own, by=made.house.examiner2.actor, at=LATER)
    with unit_of_work():
        found = marking_queries.run(run.code, made.house.examiner.actor)
        regrading.confirm(found, by=made.house.examiner.actor, at=LATER)
    jobs.work()

    assert result_of(member).score == before + Decimal(2)
    versions = session.scalars(
        select(ResultVersion).where(ResultVersion.result_id == result_of(member).id).order_by(ResultVersion.number)
    ).all()
    assert [(one.score, one.run_id == run.id) for one in versions] == [(before, False), (before + 2, True)]
    assert {versions[1].proposed_by_id, versions[1].confirmed_by_id} == {
        made.house.examiner.person.id,
        made.house.examiner2.person.id,
    }
    assert waiting(made) == []
    assert said("Counts, decided by two") in browser_of(made.house.examiner).get(address).text


def test_a_late_essay_after_the_results_goes_to_the_markers_before_it_is_marked_anew(made: Marked) -> None:
    member = made.candidates[0]
    mark_everything(made)
    before = result_of(member).score
    assert "exams.mark_answers" not in kinds(made.one)
    essay_late(made, member)
    count(made, member)

    assert marking_queries.runs_of(made.session.id)[0].number == 1
    assert "exams.mark_answers" in kinds(made.one)
    with pytest.raises(ConflictError), unit_of_work():
        regrading.propose(held(made), {1: Ruling(void=True)}, reason="作废", by=made.house.examiner.actor, at=LATER)
    assert [one.task.id for one in tasks_queries.own_tasks(made.one.actor)] == [made.essay.id]
    for marker in (made.one, made.two):
        give(claim(made.essay, marker), marker, "6", "4")
    jobs.work()

    run = marking_queries.runs_of(made.session.id)[0]
    assert (run.number, run.state) == (2, RunState.PROPOSED)
    assert result_of(member).score == before
    assert tasks_queries.own_tasks(made.one.actor) == []
    with unit_of_work():
        regrading.confirm(
            marking_queries.run(run.code, made.house.examiner.actor), by=made.house.examiner.actor, at=LATER
        )
    jobs.work()
    assert result_of(member).score == before + Decimal("1.6"), "ten instead of six points of ten, four in the paper"
    assert "exams.total" not in kinds(made.house.examiner)


def test_what_was_sent_back_is_proposed_again_and_nothing_is_released_before(made: Marked, browser_of: Browser) -> None:
    member = made.candidates[1]
    mark_everything(made)
    place, letter = place_of(made, member, ItemType.SINGLE)
    come_late(member, place, {"choice": [letter]})
    count(made, member)
    jobs.work()
    run = marking_queries.runs_of(made.session.id)[0]
    come_late(made.candidates[0], place, {"choice": [letter]})
    with pytest.raises(ConflictError):
        count(made, made.candidates[0])
    with unit_of_work():
        found = marking_queries.run(run.code, made.house.examiner.actor)
        regrading.send_back(found, reason="请先核对", by=made.house.examiner.actor, at=LATER)

    with pytest.raises(ConflictError), unit_of_work():
        results.propose_release(held(made), by=made.house.examiner.actor, at=LATER)
    address = f"/exams/sessions/{made.session.code}/late"
    browser = browser_of(made.house.examiner)
    assert said("Mark the late answers") in browser.get(address).text
    again = submit(browser, f"{address}/mark", page=address)
    assert again.location.startswith("/exams/runs/")
    assert said("Mark the late answers") not in browser.get(address).text
    assert marking_queries.runs_of(made.session.id)[0].number == 3


def test_nothing_comes_to_count_while_work_reads_the_answers_or_a_release_is_proposed(made: Marked) -> None:
    member = made.candidates[1]
    essay_late(made, member)
    with unit_of_work():
        job = jobs.start_job("exams.mark", key=f"exams.mark:{made.session.code}", by=None, args={})
    with pytest.raises(ConflictError):
        count(made, member)
    with unit_of_work():
        session.delete(session.get_one(jobs.Job, job.id))
    second = made.house.examiner2.actor
    with unit_of_work():
        assert services.confirm(queries.sitting(attempt_of(member).code, second), by=second, at=LATER) == 1


def test_a_release_that_is_proposed_is_sent_back_before_late_answers_are_decided(made: Marked) -> None:
    mark_everything(made)
    with unit_of_work():
        results.propose_release(held(made), by=made.house.examiner.actor, at=LATER)
    essay_late(made, made.candidates[1])

    assert "exams.late" in kinds(made.house.examiner2)
    with pytest.raises(ConflictError):
        count(made, made.candidates[1])
    with pytest.raises(ConflictError), unit_of_work():
        results.release(held(made), by=made.house.examiner2.actor, at=LATER)

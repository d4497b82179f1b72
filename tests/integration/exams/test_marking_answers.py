"""Double-blind marking: random codes, two markers who never meet, seeds, a third where they differ."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import insert, select, update

from app.accounts.states import Role
from app.assessment.exams import desk_marking
from app.assessment.exams.models import Registration, Result, Script, ScriptMark
from app.assessment.exams.queries import scripts as scripts_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import tasks as queries
from app.assessment.exams.services import leading, marking
from app.assessment.exams.states import DecidedHow, MarkerState, ScriptState, SessionState
from app.core import clock, jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, NotFoundError
from app.courses.models import CohortLecturer, Enrolment
from app.desk.models import Todo
from app.desk.queries import inbox, todos_of
from tests.factories.accounts import Member, make_member
from tests.factories.exams import attempt_of, said
from tests.factories.marking import (
    AFTER,
    Marked,
    add_seeds,
    calibrate,
    claim,
    give,
    make_written,
    mark_all,
    script_of,
)
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]


@pytest.fixture
def made(app: Flask) -> Marked:
    del app
    return make_written(candidates=2)


def result_of(member: Member) -> Result:
    return session.scalars(select(Result).where(Result.attempt_id == attempt_of(member).id)).one()


def add_up(made: Marked) -> None:
    with unit_of_work():
        held = sessions_queries.exam_session(made.session.code, made.house.examiner.actor)
        leading.add_up(held, by=made.house.examiner.actor, at=AFTER)
    jobs.work()


def test_what_people_mark_becomes_scripts_and_empty_answers_need_nobody(made: Marked) -> None:
    assert (made.essay.points, made.part.points) == (Decimal(10), Decimal(5))
    assert scripts_queries.count(made.session.id) == 3, "two essays and one written part of a case"
    held = sessions_queries.exam_session(made.session.code, made.house.examiner.actor)
    assert held.state is SessionState.PREPARED
    assert session.scalars(select(Result)).all() == []
    assert {todo.kind for todo in todos_of(made.one.actor)} == {"exams.mark_answers"}
    with force_locale("zh_CN"):
        titles = {one.title.partition("，")[0] for one in inbox(made.one.actor, on=clock.day_of(AFTER))}
    assert titles == {"请评阅初级答卷"}, "what waits is told in words, not in codes"


def test_a_marker_proves_themselves_on_seeds_before_live_answers(made: Marked) -> None:
    with pytest.raises(ConflictError):
        claim(made.essay, made.one)
    add_seeds(made, made.essay, 4)

    seen = set()
    for points in (("0", "0"), ("4", "2"), ("6", "4"), ("4", "3")):
        found = claim(made.essay, made.one)
        seen.add(found.script_id)
        standing = queries.marker(made.essay.id, made.one.person.id)
        assert standing is not None
        assert standing.state is MarkerState.CALIBRATING
        give(found, made.one, *points)

    standing = queries.marker(made.essay.id, made.one.person.id)
    assert standing is not None
    assert standing.state is MarkerState.LIVE, "of the last three two lie within a fifth of ten points"
    assert len(seen) == 4
    live = session.get_one(Script, claim(made.essay, made.one).script_id)
    assert live.attempt_id is not None


def test_two_markers_who_agree_give_the_mean_and_the_results_are_added_up(made: Marked) -> None:
    calibrate(made, made.essay, made.one, made.two)
    calibrate(made, made.part, made.one, made.two)
    assert mark_all(made.essay, made.one, "5", "3") == 2
    assert mark_all(made.part, made.one, "5") == 1
    with pytest.raises(ConflictError):
        add_up(made)
    assert mark_all(made.essay, made.two, "4.25", "3") == 2
    assert mark_all(made.part, made.two, "4.5") == 1
    first, second = made.candidates

    script = script_of(made.essay, first)
    assert (script.state, script.how, script.points) == (ScriptState.DECIDED, DecidedHow.MEAN, Decimal("7.625"))
    assert "exams.total" in {todo.kind for todo in todos_of(made.house.examiner.actor)}
    assert todos_of(made.one.actor) == []
    add_up(made)

    # eight choices of four points; the essay 7.625 of 10 of its four; the case half by its key, half 4.75 of 5
    assert result_of(first).score == Decimal(32) + Decimal("3.05") + Decimal("3.90")
    assert result_of(second).score == Decimal(32) + Decimal("3.05")
    held = sessions_queries.exam_session(made.session.code, made.house.examiner.actor)
    assert held.state is SessionState.MARKED


def test_marks_that_differ_too_much_go_to_a_third_person_who_sees_both_without_names(
    made: Marked, browser_of: Browser
) -> None:
    calibrate(made, made.essay, made.one, made.two)
    mark_all(made.essay, made.one, "6", "4")
    give(claim(made.essay, made.two), made.two, "3", "2")
    differing = session.scalars(select(Script).where(Script.state == ScriptState.DIFFERING)).one()
    assert [todo.kind for todo in todos_of(made.third.actor)] == ["exams.adjudicate_answers"]
    for marker in (made.one, made.two):
        with pytest.raises(ConflictError), unit_of_work():
            marking.claim_difference(queries.task(made.essay.code, marker.actor), by=marker.actor, at=AFTER)
    browser = browser_of(made.third)

    sent = submit(browser, f"/exams/marking/{made.essay.code}/difference", page="/exams/marking")
    page = browser.get(sent.location).text
    assert differing.code in sent.location
    assert "10.00" in page
    assert "5.00" in page
    assert made.one.person.name not in page
    assert made.two.person.name not in page
    submit(browser, f"{sent.location}/give", page=sent.location, **{"points-1": "4", "points-2": "3"})

    session.expire_all()
    assert (differing.state, differing.how) == (ScriptState.DECIDED, DecidedHow.ADJUDICATED)
    assert differing.points == Decimal(7)


def test_nothing_a_marker_sees_tells_whose_answer_it_is(made: Marked, browser_of: Browser) -> None:
    calibrate(made, made.essay, made.one)
    browser = browser_of(made.one)
    registrations = session.scalars(select(Registration)).all()
    hidden = [one.code for one in registrations]
    hidden += [attempt_of(one).code for one in made.candidates]
    hidden += [one.person.name for one in made.candidates] + [one.person.code for one in made.candidates]
    hidden += [made.session.code, made.session.name_zh]

    pages = [browser.get("/exams/marking").text]
    for _ in made.candidates:
        sent = submit(browser, f"/exams/marking/{made.essay.code}/next", page="/exams/marking")
        pages.append(sent.location + browser.get(sent.location).text)
        submit(browser, f"{sent.location}/give", page=sent.location, **{"points-1": "4", "points-2": "2"})
    pages.append(browser.get("/home").text)
    pages.append(browser.get("/inbox").text)

    assert not [word for word in hidden for page in pages if word in page]


def test_answers_come_in_the_order_of_random_codes_and_a_single_one_like_many(made: Marked) -> None:
    calibrate(made, made.essay, made.one)
    wanted = sorted(script_of(made.essay, one).code for one in made.candidates)

    got = []
    for _ in made.candidates:
        found = claim(made.essay, made.one)
        got.append(session.get_one(Script, found.script_id).code)
        give(found, made.one, "4", "2")

    assert got == wanted
    calibrate(made, made.part, made.one)
    (only,) = session.scalars(select(Script).where(Script.task_id == made.part.id, Script.attempt_id.is_not(None)))
    assert claim(made.part, made.one).script_id == only.id
    own = {row.task.id: row for row in queries.own_tasks(made.one.actor)}
    assert not hasattr(own[made.part.id], "scripts"), "how many candidates answered is told to no marker"


def test_who_taught_a_candidate_marks_none_of_their_answers(made: Marked) -> None:
    lecturer = make_member(Role.MARKER, organisation=made.house.body)
    cohort = session.scalars(select(Enrolment.cohort_id)).first()
    with unit_of_work():
        session.add(CohortLecturer(cohort_id=cohort, person_id=lecturer.person.id))
    calibrate(made, made.essay, lecturer)

    with pytest.raises(ConflictError):
        claim(made.essay, lecturer)


def test_nobody_marks_an_answer_twice_and_a_claim_repeated_gives_the_same(made: Marked) -> None:
    calibrate(made, made.essay, made.one, made.two)
    first, again = claim(made.essay, made.one), claim(made.essay, made.one)
    assert first.id == again.id

    mark_all(made.essay, made.one, "4", "2")

    for member, slot in ((made.one, 2), (made.two, 1)):
        row = {"script_id": first.script_id, "marked_by_id": member.person.id, "slot": slot, "claimed_at": AFTER}
        with pytest.raises(ConflictError), unit_of_work():
            session.execute(insert(ScriptMark).values(**row, draft={}, version=1))


def test_a_mark_that_is_given_never_changes(made: Marked) -> None:
    calibrate(made, made.essay, made.one)
    found = claim(made.essay, made.one)
    give(found, made.one, "4", "2")

    with pytest.raises(ConflictError):
        give(found, made.one, "6", "4")
    with pytest.raises(ConflictError, match="never changes"), unit_of_work():
        session.execute(update(ScriptMark).where(ScriptMark.id == found.id).values(total=Decimal(10)))


@pytest.mark.parametrize(("one", "field"), [("7", "1"), ("-1", "1"), ("1.234", "1"), ("", "1")])
def test_points_that_cannot_be_are_refused_beside_their_criterion_and_nothing_typed_is_lost(
    made: Marked, browser_of: Browser, one: str, field: str
) -> None:
    calibrate(made, made.essay, made.one)
    browser = browser_of(made.one)
    sent = submit(browser, f"/exams/marking/{made.essay.code}/next", page="/exams/marking")

    refused = submit(browser, f"{sent.location}/give", page=sent.location, **{f"points-{field}": one, "points-2": "3"})

    assert refused.status_code == 422
    assert said("Between 0 and %(best)s points, with two decimals at most.", best="6") in refused.text
    assert 'value="3"' in refused.text


def test_a_draft_is_kept_and_the_older_page_is_told_and_overwrites_nothing(made: Marked, browser_of: Browser) -> None:
    calibrate(made, made.essay, made.one)
    browser = browser_of(made.one)
    page = submit(browser, f"/exams/marking/{made.essay.code}/next", page="/exams/marking").location
    json = {"Accept": "application/json"}
    draft = {"points-1": "5", "points-2": "", "remark": "再看一遍"}

    first = browser.post(f"{page}/draft", data={**draft, "sequence": "0"}, headers=json)
    second = browser.post(f"{page}/draft", data={"points-1": "1", "sequence": "0"}, headers=json)
    third = browser.post(f"{page}/draft", data={**draft, "points-2": "4", "sequence": "1"}, headers=json)

    assert (first.json, third.json) == ({"sequence": 1}, {"sequence": 2})
    assert (second.status_code, (second.json or {})["code"]) == (409, "superseded")
    shown = browser.get(page).text
    assert "再看一遍" in shown
    assert 'value="5"' in shown
    assert 'value="4"' in shown


def test_a_marker_reaches_no_answer_of_another_marker(made: Marked, browser_of: Browser) -> None:
    calibrate(made, made.essay, made.one, made.two)
    found = claim(made.essay, made.one)
    code = session.get_one(Script, found.script_id).code

    assert browser_of(made.two).get(f"/exams/scripts/{code}").status_code == 404
    assert browser_of(made.one).get(f"/exams/marking/{made.essay.code}").status_code == 403
    stranger = make_member(Role.MARKER, organisation=make_written().house.body)
    with pytest.raises(NotFoundError):
        queries.task(made.essay.code, stranger.actor)


def test_an_answer_given_back_goes_to_somebody_else(made: Marked) -> None:
    calibrate(made, made.essay, made.one, made.two)
    found = claim(made.essay, made.one)
    with unit_of_work():
        code = session.get_one(Script, found.script_id).code
        marking.give_back(queries.own_mark(code, made.one.actor), by=made.one.actor, at=AFTER)

    assert claim(made.essay, made.one).script_id != found.script_id
    assert claim(made.essay, made.two).script_id == found.script_id


def test_a_stopped_marker_marks_no_more_and_their_answers_are_marked_again(made: Marked, browser_of: Browser) -> None:
    another = make_member(Role.MARKER, organisation=made.house.body)
    calibrate(made, made.essay, made.one, made.two, another)
    mark_all(made.essay, made.one, "4", "2")
    mark_all(made.essay, made.two, "4", "2")
    assert script_of(made.essay, made.candidates[0]).state is ScriptState.DECIDED
    leader, address = browser_of(made.house.examiner), f"/exams/marking/{made.essay.code}"

    without = submit(leader, f"{address}/stop", page=address, person=made.two.person.code, reason="")
    submit(leader, f"{address}/stop", page=address, person=made.two.person.code, reason="评分过宽")

    assert without.status_code == 422
    assert "评分过宽" in leader.get(address).text
    assert script_of(made.essay, made.candidates[0]).state is ScriptState.OPEN
    with pytest.raises(ForbiddenError):
        claim(made.essay, made.two)
    assert mark_all(made.essay, another, "5", "2") >= 2
    assert script_of(made.essay, made.candidates[0]).points == Decimal("6.5")


def test_the_board_and_the_task_show_progress_and_how_markers_mark(made: Marked, browser_of: Browser) -> None:
    calibrate(made, made.essay, made.one, made.two)
    mark_all(made.essay, made.one, "4", "2")
    give(claim(made.essay, made.two), made.two, "5", "2")
    leader = browser_of(made.house.examiner)

    (essay,) = [board for board in queries.boards(made.session.id) if board.task.id == made.essay.id]
    assert (essay.scripts, essay.once, essay.twice, essay.decided, essay.seeds) == (2, 1, 1, 1, 3)
    rows = {row.name: row.figures for row in queries.marker_rows(essay.task, queries.rule_of(made.session))}
    assert rows[made.two.person.name].severity == Decimal(1)
    assert rows[made.one.person.name].severity == Decimal(-1)
    assert rows[made.one.person.name].seed_deviation == 0
    assert made.essay.code[:6] in leader.get(f"/exams/sessions/{made.session.code}/marking").text
    assert made.one.person.name in leader.get(f"/exams/marking/{made.essay.code}").text


def test_a_seed_is_added_from_the_page_with_points_that_can_be(made: Marked, browser_of: Browser) -> None:
    leader, address = browser_of(made.house.examiner), f"/exams/marking/{made.essay.code}"

    empty = submit(leader, f"{address}/seeds", page=address, answer=" ", **{"points-1": "4", "points-2": "2"})
    wrong = submit(leader, f"{address}/seeds", page=address, answer="样卷", **{"points-1": "9", "points-2": "2"})
    submit(leader, f"{address}/seeds", page=address, answer="样卷", **{"points-1": "4", "points-2": "2"})

    assert (empty.status_code, wrong.status_code) == (422, 422)
    assert "样卷" in wrong.text
    (seed,) = queries.seeds_of(made.essay.id, 1).rows
    assert seed.reference_points == Decimal(6)


def test_a_seed_holds_no_result_up_and_a_marking_that_is_closed_takes_no_mark(made: Marked) -> None:
    calibrate(made, made.essay, made.one, made.two)
    calibrate(made, made.part, made.one, made.two)
    for task, points in ((made.essay, ("4", "2")), (made.part, ("3",))):
        mark_all(task, made.one, *points)
        mark_all(task, made.two, *points)
    add_seeds(made, made.essay, 2)
    add_up(made)

    with pytest.raises(ConflictError):
        claim(made.essay, made.one)
    with pytest.raises(ConflictError), unit_of_work():
        leading.stop(
            queries.task(made.essay.code, made.house.examiner.actor),
            made.one.person.id,
            reason="r",
            by=made.house.examiner.actor,
            at=AFTER,
        )
    assert len(session.scalars(select(Result)).all()) == 2


def test_the_todos_of_marking_follow_from_its_states(made: Marked) -> None:
    def standing() -> set[tuple[str, str, str | None]]:
        return {(one.kind, one.subject.code, one.role) for one in desk_marking.expected()}

    def opened() -> set[tuple[str, str, str | None]]:
        kinds = {"exams.mark_answers", "exams.adjudicate_answers", "exams.total", "exams.mark_afresh"}
        query = select(Todo).where(Todo.kind.in_(kinds), Todo.closed_at.is_(None))
        return {(one.kind, one.subject_code, one.role) for one in session.scalars(query)}

    assert standing() == opened() != set()
    calibrate(made, made.essay, made.one, made.two)
    calibrate(made, made.part, made.one, made.two)
    mark_all(made.essay, made.one, "6", "4")
    mark_all(made.essay, made.two, "1", "1")
    assert standing() == opened()
    assert "exams.adjudicate_answers" in {kind for kind, _code, _role in opened()}
    for _ in made.candidates:
        with unit_of_work():
            task = queries.task(made.essay.code, made.third.actor)
            found = marking.claim_difference(task, by=made.third.actor, at=AFTER)
        give(found, made.third, "3", "2")
    assert standing() == opened()
    mark_all(made.part, made.one, "5")
    mark_all(made.part, made.two, "5")
    assert standing() == opened() == {("exams.total", made.session.code, Role.EXAMINER)}
    add_up(made)
    assert standing() == opened() == set()


def test_nobody_stops_themselves_or_who_does_not_mark(made: Marked) -> None:
    leader = made.house.examiner
    with pytest.raises(ForbiddenError), unit_of_work():
        leading.stop(
            queries.task(made.essay.code, leader.actor), leader.person.id, reason="r", by=leader.actor, at=AFTER
        )
    with pytest.raises(ConflictError), unit_of_work():
        leading.stop(
            queries.task(made.essay.code, leader.actor), made.one.person.id, reason="r", by=leader.actor, at=AFTER
        )
    with pytest.raises(NotFoundError):
        queries.marker_by_code(made.essay.id, made.one.person.code)

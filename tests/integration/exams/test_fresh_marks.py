"""Appeals of written answers: a new decider, the decisive marks are opened, a fresh marker, two people."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import Result, ResultCorrection, ResultVersion
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import tasks
from app.assessment.exams.queries.corrections import correction as found_correction
from app.assessment.exams.queries.results import own_result
from app.assessment.exams.rechecks import KIND
from app.assessment.exams.services import afresh, corrections, leading, marking
from app.assessment.exams.services import results as results_services
from app.assessment.exams.states import DecidedHow
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, NotFoundError
from tests.factories.accounts import Member, make_member
from tests.factories.exams import attempt_of, make_pack, said
from tests.factories.marking import AFTER, Marked, calibrate, claim, give, make_written, mark_all, script_of
from tests.submit import submit
from tests.worlds import built_once

Browser = Callable[[Member], FlaskClient]


@pytest.fixture
@built_once
def released(app: Flask) -> tuple[Marked, ResultCorrection]:
    """Release an exam whose essay a third person decided, and open the correction of its one candidate."""
    del app
    make_pack("award", "award-junior-sample.toml")
    made = make_written()
    calibrate(made, made.essay, made.one, made.two)
    calibrate(made, made.part, made.one, made.two)
    give(claim(made.essay, made.one), made.one, "6", "4")
    give(claim(made.essay, made.two), made.two, "2", "1")
    mark_all(made.part, made.one, "5")
    mark_all(made.part, made.two, "5")
    adjudicate(made)
    release(made)
    with unit_of_work():
        candidate = made.candidates[0]
        result = own_result(attempt_of(candidate).code, candidate.actor)
        found = corrections.open_correction(result, case_code="case-1", by=made.house.examiner.actor, at=AFTER)
    return made, found


def adjudicate(made: Marked) -> None:
    with unit_of_work():
        task = tasks.task(made.essay.code, made.third.actor)
        found = marking.claim_difference(task, by=made.third.actor, at=AFTER)
    give(found, made.third, "3", "2")


def release(made: Marked) -> None:
    first, second = made.house.examiner, made.house.examiner2
    for by, act in (
        (first, leading.add_up),
        (first, results_services.propose_release),
        (second, results_services.release),
    ):
        with unit_of_work():
            act(sessions_queries.exam_session(made.session.code, by.actor), by=by.actor, at=AFTER)
        jobs.work()


def result_of(made: Marked) -> Result:
    query = select(Result).where(Result.attempt_id == attempt_of(made.candidates[0]).id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def test_who_marked_proposed_or_released_does_not_decide_the_recheck(released: tuple[Marked, ResultCorrection]) -> None:
    made, _found = released

    about = KIND.about(attempt_of(made.candidates[0]).code)

    barred = {made.one, made.two, made.third, made.house.examiner, made.house.examiner2}
    assert about.deciders == {one.person.id for one in barred}


def test_the_decisive_mark_is_opened_and_a_fresh_marker_marks_without_seeing_it(
    released: tuple[Marked, ResultCorrection], browser_of: Browser
) -> None:
    made, found = released
    leader, address = browser_of(made.house.examiner), f"/exams/corrections/{found.code}"
    essay = script_of(made.essay, made.candidates[0])

    page = leader.get(address).text
    assert said("Mark of a third person") in page
    assert said("%(score)s of %(best)s", score="5.000", best="10.00") in page
    submit(leader, f"{address}/afresh", page=address, script=essay.code)
    submit(leader, f"{address}/afresh", page=address, script=essay.code)
    for known in (made.one, made.two, made.third):
        with pytest.raises(ConflictError), unit_of_work():
            afresh.claim(by=known.actor, at=AFTER)
    fresh = make_member(Role.MARKER, organisation=made.house.body)
    browser = browser_of(fresh)
    assert said("An answer waits for a fresh mark after a recheck.") in browser.get("/exams/marking").text
    sent = submit(browser, "/exams/marking/afresh", page="/exams/marking")
    shown = browser.get(sent.location).text
    assert said("The two marks that differ") not in shown
    assert made.candidates[0].person.name not in shown
    submit(browser, f"{sent.location}/give", page=sent.location, **{"points-1": "5", "points-2": "4"})

    assert said("An answer waits for a fresh mark after a recheck.") not in browser.get("/exams/marking").text
    assert "39.60" in leader.get(address).text, "the fresh nine of ten instead of the five that decided"
    assert result_of(made).score == Decimal("38.00"), "no score changes before two people have agreed"


def test_two_people_let_the_fresh_mark_count_and_it_decides_from_then_on(
    released: tuple[Marked, ResultCorrection],
) -> None:
    made, found = released
    first, second = made.house.examiner, made.house.examiner2
    essay = script_of(made.essay, made.candidates[0])
    fresh = make_member(Role.MARKER, organisation=made.house.body)
    with unit_of_work():
        afresh.ask(found_correction(found.code, first.actor), essay.code, by=first.actor, at=AFTER)
    with unit_of_work():
        begun, again = (afresh.claim(by=fresh.actor, at=AFTER) for _ in range(2))
        assert begun.id == again.id
    give(begun, fresh, "5", "4")
    suggested = afresh.suggested(found_correction(found.code, first.actor))
    assert suggested is not None
    points = {module: part.score for module, part in suggested.by_module.items()}

    with unit_of_work():
        corrections.propose(found_correction(found.code, first.actor), points, by=first.actor, at=AFTER)
    with pytest.raises(ConflictError), unit_of_work():
        afresh.ask(found_correction(found.code, first.actor), essay.code, by=first.actor, at=AFTER)
    with unit_of_work():
        corrections.confirm(found_correction(found.code, second.actor), by=second.actor, at=AFTER)

    assert result_of(made).score == Decimal("39.60")
    essay = script_of(made.essay, made.candidates[0])
    assert (essay.points, essay.how) == (Decimal(9), DecidedHow.FRESH)
    last = session.scalars(select(ResultVersion).order_by(ResultVersion.number.desc())).first()
    assert last is not None
    assert (last.number, last.proposed_by_id, last.confirmed_by_id) == (2, first.person.id, second.person.id)


def test_an_answer_of_another_sitting_is_not_marked_afresh(released: tuple[Marked, ResultCorrection]) -> None:
    made, found = released

    with pytest.raises(NotFoundError), unit_of_work():
        afresh.ask(
            found_correction(found.code, made.house.examiner.actor), "nobody", by=made.house.examiner.actor, at=AFTER
        )
    assert afresh.suggested(found_correction(found.code, made.house.examiner.actor)) is None

"""A rehearsal (演练) is sat, marked and looked at like an exam, and counts for nothing: nobody has a result of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.assessment.exams.desk import expected
from app.assessment.exams.models import ExamSession, ItemFlag, PaperItem, Result, SimilarityRun, StatisticsRun
from app.assessment.exams.queries import candidates, item_use, results, stock
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.services import results as services
from app.assessment.exams.services import sealing, similarity, statistics
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.states import SessionState
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.desk.queries import todos_of
from tests.factories.accounts import Member
from tests.factories.exams import (
    CLOSES,
    OPENS,
    House,
    attempt_of,
    make_cohort,
    make_house,
    make_session,
    make_trainee,
    prepare,
    said,
)
from tests.factories.statistics import Marked, make_rules, mark, sit_all
from tests.factories.venues import arrange
from tests.worlds import built_once

Browser = Callable[[Member], FlaskClient]
SAT = (12, 12, 11, 10, 9, 8, 7, 6, 5, 4)
AFTER = CLOSES + timedelta(minutes=5)
NOTHING = "A rehearsal is not counted, so nothing is computed from its answers."


@pytest.fixture(name="rehearsed")
@built_once
def _rehearsed(app: Flask) -> Marked:
    """Ten people sat a rehearsal, which was marked."""
    del app
    make_rules()
    house = make_house()
    planned = make_session(house)
    arrange(house, planned, None, rehearsal=True)
    cohort = make_cohort()
    trainees = [make_trainee(cohort) for _one in SAT]
    prepare(house, planned)
    with unit_of_work():
        sealing.open_due(at=OPENS)
    sit_all(trainees, SAT)
    mark(house, planned)
    return Marked(house, _found(house, planned), trainees)


def _found(house: House, held: ExamSession) -> ExamSession:
    return sessions_queries.exam_session(held.code, house.examiner.actor)


def counted(model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_nobody_has_a_result_of_a_rehearsal(rehearsed: Marked, browser_of: Browser) -> None:
    house, mine = rehearsed.house, rehearsed.trainees[0]
    assert counted(Result) == len(SAT), "the examiners see how it was marked"

    with pytest.raises(ConflictError), unit_of_work():
        services.propose_release(_found(house, rehearsed.session), by=house.examiner.actor, at=AFTER)

    assert "exams.propose" not in {one.kind for one in todos_of(house.examiner.actor)}
    assert of_session(rehearsed.session) not in {one.subject for one in expected()}
    assert browser_of(mine).get(f"/exams/mine/{attempt_of(mine).code}").status_code == 404
    page = browser_of(house.examiner).get(f"/exams/sessions/{rehearsed.session.code}").text
    assert said("Propose the release") not in page
    assert said("Look through the results and propose their release") not in page
    assert results.released_result(mine.person.id, "junior") is None


def test_who_rehearsed_may_sit_the_exam_as_if_they_had_not(rehearsed: Marked) -> None:
    """No exam of the level was sat, none was passed, and nobody is registered elsewhere."""
    held = make_session(rehearsed.house, opens_at=OPENS + timedelta(days=1), closes_at=CLOSES + timedelta(days=1))

    judged = candidates.candidates(_found(rehearsed.house, held), 1).rows

    assert {one.enrolment.person_id for one in judged} == {one.person.id for one in rehearsed.trainees}
    assert all(one.verdict.met for one in judged)
    known = {(one.facts.last_sat_on, one.facts.passed_before, one.facts.registered_elsewhere) for one in judged}
    assert known == {(None, False, None)}


def test_nothing_is_computed_from_a_rehearsal(rehearsed: Marked, browser_of: Browser) -> None:
    house, held = rehearsed.house, _found(rehearsed.house, rehearsed.session)
    assert (counted(StatisticsRun), counted(SimilarityRun), counted(ItemFlag)) == (0, 0, 0), "none by itself"

    asks: tuple[Callable[[], object], ...] = (
        lambda: statistics.ask(held, None, by=house.examiner.actor, at=AFTER),
        lambda: similarity.ask(held, by=house.examiner.actor, at=AFTER),
    )
    for ask in asks:
        with pytest.raises(ConflictError), unit_of_work():
            ask()
    jobs.work()

    assert (counted(StatisticsRun), counted(SimilarityRun), counted(ItemFlag)) == (0, 0, 0)
    page = browser_of(house.examiner).get(f"/exams/sessions/{held.code}/statistics").text
    assert said(NOTHING) in page
    assert said("Compute the statistics") not in page


def test_whoever_sits_a_rehearsal_sees_its_items_so_they_count_as_used(rehearsed: Marked) -> None:
    bank, body = rehearsed.house.bank.id, rehearsed.session.organisation_id
    on_paper = set(session.scalars(select(PaperItem.item_version_id)))

    used = [one for one in item_use.all_uses(bank, AFTER) if one.sessions]
    assert len(used) == len(on_paper)
    assert {(one.sessions, one.seen, one.last) for one in used} == {(1, len(SAT), OPENS)}
    assert item_use.spread(bank, AFTER)[1] == len(on_paper)
    assert stock.uses(body, 5, AFTER) == {one.item_id: 1 for one in used}
    early = OPENS - timedelta(seconds=1)
    assert stock.uses(body, 5, early) == {one.item_id: 1 for one in used}, "who may read it knows it before"


def test_a_rehearsal_pushes_no_exam_out_of_the_last_ones(rehearsed: Marked) -> None:
    house, body = rehearsed.house, rehearsed.session.organisation_id
    with unit_of_work():
        session.execute(update(ExamSession).values(rehearsal=False))
    again = make_session(house, opens_at=OPENS + timedelta(days=1), closes_at=CLOSES + timedelta(days=1))
    arrange(house, again, None, rehearsal=True)
    prepared = {"state": SessionState.PREPARED, "prepared_at": OPENS, "prepared_by_id": house.examiner.person.id}
    with unit_of_work():
        same = update(ExamSession).where(ExamSession.id == again.id)
        session.execute(same.values(paper_id=rehearsed.session.paper_id, **prepared))

    both = stock.uses(body, 1, CLOSES + timedelta(days=2))
    assert set(both.values()) == {2}, "the last exam and what was rehearsed since"
    with unit_of_work():
        session.execute(update(ExamSession).where(ExamSession.id == again.id).values(rehearsal=False))
    assert set(stock.uses(body, 1, CLOSES + timedelta(days=2)).values()) == {1}, "one exam asked for, one counted"

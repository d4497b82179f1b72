"""Who decides a recheck: nobody who had a hand in the score; another examiner, or else the authority above."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Membership
from app.accounts.states import Role
from app.assessment.exams.models import Attempt, ResultCorrection
from app.assessment.exams.queries.corrections import correction
from app.assessment.exams.rechecks import KIND, RECHECK
from app.assessment.exams.services import corrections
from app.cases import services
from app.cases.models import Case
from app.cases.services import Filing
from app.cases.services.subjects import of_case
from app.core import jobs
from app.core.clock import day_of
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import timeline
from app.desk.queries import todos_of
from tests.factories import exams
from tests.factories.accounts import NATION, SHANDONG, Member, make_member
from tests.factories.cases import accepted, again, decided, make_clocks
from tests.submit import submit
from tests.worlds import built_once

CLOSED = exams.CLOSES + timedelta(hours=1)
BARRED = "You took part in the decision complained of, so another officer of your authority decides."
Browser = Callable[[Member], FlaskClient]
Released = tuple[exams.House, Member, Attempt]


@pytest.fixture(name="released")
@built_once
def _released(app: Flask) -> Released:
    """Release an exam of a body with two examiners: one proposed it, the other confirmed it."""
    del app
    make_clocks()
    exams.make_pack("award", "award-junior-sample.toml")
    house = exams.make_house()
    planned, (trainee,) = exams.make_prepared(house)
    exams.start(trainee)
    exams.release(house, planned, at=CLOSED)
    return house, trainee, exams.attempt_of(trainee)


@pytest.fixture(autouse=True)
def _after(at_time: Callable[[datetime], None]) -> None:
    at_time(CLOSED)


def ask(released: Released) -> Case:
    _house, trainee, attempt = released
    with unit_of_work():
        return services.open_case(RECHECK, attempt.code, Filing("第三题判分有误。"), by=trainee.actor, at=CLOSED)


def waits_for(member: Member, kind: str) -> bool:
    return kind in [one.kind for one in todos_of(member.actor)]


def authority_of(case: Case) -> tuple[str, str, int | None]:
    return case.authority_role, case.authority_region, case.authority_organisation_id


def test_another_examiner_of_the_body_decides(released: Released, browser_of: Browser) -> None:
    house, _trainee, _attempt = released
    other, officer = make_member(Role.EXAMINER, organisation=house.body), make_member(Role.REGULATOR, SHANDONG)

    case = ask(released)

    assert authority_of(case) == ("examiner", SHANDONG, house.body.id)
    assert (waits_for(other, "cases.accept"), waits_for(officer, "cases.accept")) == (True, False)
    accepted(case, other, at=CLOSED)
    for hand in (house.examiner, house.examiner2):
        browser = browser_of(hand)
        told = browser.get(f"/cases/{case.code}/decide")
        tried = submit(browser, f"/cases/{case.code}/decide", page="/home", outcome="upheld", reason="判分有误。")
        assert (told.status_code, tried.status_code) == (403, 403)
        assert exams.said(BARRED) in told.text
    assert decided(case, other, at=CLOSED).decided_by_id == other.person.id


def test_where_all_examiners_had_a_hand_in_it_the_authority_above_decides(
    released: Released, browser_of: Browser
) -> None:
    house, _trainee, _attempt = released
    officer = make_member(Role.REGULATOR, SHANDONG)

    case = ask(released)

    assert authority_of(case) == ("regulator", SHANDONG, None)
    assert "cases.passed_up" in [one.kind for one in timeline(of_case(case))]
    assert waits_for(officer, "cases.accept")
    for hand in (house.examiner, house.examiner2):
        assert not waits_for(hand, "cases.accept")
        assert browser_of(hand).get(f"/cases/{case.code}").status_code == 404
        assert browser_of(hand).get(f"/cases/{case.code}/decide").status_code == 404
    browser = browser_of(officer)
    submit(browser, f"/cases/{case.code}/accept", page=f"/cases/{case.code}")
    assert waits_for(officer, "cases.decide")
    submit(browser, f"/cases/{case.code}/decide", outcome="upheld", reason="第三题判分有误。")

    assert (again(case).decided_by_id, again(case).outcome) == (officer.person.id, "upheld")
    assert waits_for(house.examiner, "exams.correct")
    assert len(session.scalars(select(ResultCorrection.id).where(ResultCorrection.case_code == case.code)).all()) == 1


def test_an_authority_whose_officers_are_barred_too_passes_it_on(released: Released) -> None:
    house, _trainee, _attempt = released
    make_member(Role.REGULATOR, SHANDONG, person=house.examiner.person)
    nation = make_member(Role.REGULATOR, NATION)

    case = ask(released)

    assert authority_of(case) == ("regulator", NATION, None)
    assert waits_for(nation, "cases.accept")


def test_where_nobody_above_could_decide_either_it_stays_with_the_body(released: Released) -> None:
    house, _trainee, _attempt = released
    with unit_of_work():
        gone = update(Membership).where(Membership.role == Role.REGULATOR)
        session.execute(gone.values(ends_on=day_of(CLOSED) - timedelta(days=1)))

    case = ask(released)

    assert authority_of(case) == ("examiner", SHANDONG, house.body.id)
    case = accepted(case, house.examiner, at=CLOSED)
    with pytest.raises((ConflictError, DBAPIError)), unit_of_work():
        session.execute(
            text("UPDATE case_record SET decided_by_id = :person WHERE id = :case"),
            {"person": house.examiner.person.id, "case": case.id},
        )


def test_who_changed_a_score_since_does_not_decide_on_it_either(released: Released) -> None:
    house, _trainee, attempt = released
    first, second, third, fourth = (make_member(Role.EXAMINER, organisation=house.body) for _ in range(4))
    case = decided(accepted(ask(released), first, at=CLOSED), first, at=CLOSED)
    code = session.scalars(select(ResultCorrection.code).where(ResultCorrection.case_code == case.code)).one()
    points = dict.fromkeys(correction(code, second.actor).result.by_module, Decimal(1))
    with unit_of_work():
        corrections.propose(correction(code, second.actor), points, by=second.actor, at=CLOSED)
    with unit_of_work():
        corrections.confirm(correction(code, third.actor), by=third.actor, at=CLOSED)
    jobs.work()

    barred = KIND.about(attempt.code).deciders

    hands = {house.examiner, house.examiner2, second, third}
    assert barred == {one.person.id for one in hands}
    assert fourth.person.id not in barred

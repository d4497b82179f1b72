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
from app.assessment.exams.desk import expected
from app.assessment.exams.models import Attempt, ExamSession, ResultCorrection
from app.assessment.exams.queries.corrections import correction
from app.assessment.exams.rechecks import KIND, RECHECK
from app.assessment.exams.services import corrections
from app.assessment.exams.states import CorrectionState
from app.cases import services
from app.cases.models import Case
from app.cases.queries.cases import barred
from app.cases.services import Filing
from app.cases.services.subjects import of_case
from app.core import jobs
from app.core.clock import day_of
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import timeline
from app.desk.queries import todos_of
from tests.factories import exams
from tests.factories.accounts import JINAN, NATION, SHANDONG, Member, make_member
from tests.factories.cases import accepted, again, decided, make_clocks
from tests.page_lint import lint_page
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

    deciders = KIND.about(attempt.code).deciders

    hands = {house.examiner, house.examiner2, second, third}
    assert deciders == {one.person.id for one in hands}
    assert fourth.person.id not in deciders


def proposed(released: Released, decided_by: Member, *, by: Member) -> str:
    """Uphold a recheck and propose points; return the code of the correction."""
    case = decided(accepted(ask(released), decided_by, at=CLOSED), decided_by, at=CLOSED)
    code = session.scalars(select(ResultCorrection.code).where(ResultCorrection.case_code == case.code)).one()
    with unit_of_work():
        corrections.propose(correction(code, by.actor), points_of(code, by), by=by.actor, at=CLOSED)
    return code


def points_of(code: str, member: Member) -> dict[str, Decimal]:
    return dict.fromkeys(correction(code, member.actor).result.by_module, Decimal(1))


def confirm(code: str, by: Member) -> CorrectionState:
    with unit_of_work():
        corrections.confirm(correction(code, by.actor), by=by.actor, at=CLOSED)
    return state_of(code)


def state_of(code: str) -> CorrectionState:
    session.expire_all()
    return session.scalars(select(ResultCorrection.state).where(ResultCorrection.code == code)).one()


def test_who_had_a_hand_in_the_score_neither_confirms_its_correction_nor_sends_it_back(
    released: Released, browser_of: Browser
) -> None:
    house, _trainee, _attempt = released
    first, second = (make_member(Role.EXAMINER, organisation=house.body) for _ in range(2))
    code = proposed(released, first, by=second)

    for hand in (house.examiner, house.examiner2):
        assert exams.said("Confirm the correction") not in browser_of(hand).get(f"/exams/corrections/{code}").text
        with pytest.raises(ForbiddenError):
            confirm(code, hand)
        with pytest.raises(ForbiddenError), unit_of_work():
            corrections.send_back(correction(code, hand.actor), reason="请核对。", by=hand.actor, at=CLOSED)

    assert waits_for(first, "exams.confirm")
    assert confirm(code, first) is CorrectionState.CONFIRMED


def test_who_had_a_hand_in_the_score_proposes_no_points_where_another_examiner_may(released: Released) -> None:
    house, _trainee, _attempt = released
    other = make_member(Role.EXAMINER, organisation=house.body)

    with pytest.raises(ForbiddenError):
        proposed(released, other, by=house.examiner)


def test_where_the_body_has_nobody_else_the_authority_above_confirms_or_sends_back(
    released: Released, browser_of: Browser
) -> None:
    house, _trainee, _attempt = released
    officer, elsewhere = make_member(Role.REGULATOR, SHANDONG), make_member(Role.REGULATOR, JINAN)
    code = proposed(released, officer, by=house.examiner)
    address = f"/exams/corrections/{code}"
    browser = browser_of(officer)

    (waiting,) = (one for one in expected() if one.kind == "exams.confirm")
    assert (waiting.role, waiting.region_code, waiting.organisation_id) == (Role.REGULATOR, SHANDONG, None)
    assert [waits_for(one, "exams.confirm") for one in (officer, elsewhere, house.examiner2)] == [True, False, False]
    assert browser_of(elsewhere).get(address).status_code == 404
    assert lint_page(browser.get(address, headers={"Accept-Language": "zh"}).text, "zh") == []
    assert submit(browser, f"{address}/propose", page=address).status_code == 403
    with pytest.raises(ForbiddenError):
        confirm(code, house.examiner2)
    assert submit(browser, f"{address}/return", page=address, reason="请核对。").status_code == 302
    assert state_of(code) is CorrectionState.OPENED
    with unit_of_work():
        points = points_of(code, house.examiner2)
        by = house.examiner2.actor
        corrections.propose(correction(code, by), points, by=by, at=CLOSED)

    assert submit(browser, f"{address}/confirm", page=address).location == address

    assert state_of(code) is CorrectionState.CONFIRMED
    assert browser.get(address).status_code == 200


def test_an_authority_confirms_nothing_while_the_body_has_somebody_who_may(
    released: Released, browser_of: Browser
) -> None:
    house, _trainee, _attempt = released
    officer = make_member(Role.REGULATOR, SHANDONG)
    first, second = (make_member(Role.EXAMINER, organisation=house.body) for _ in range(2))
    code = proposed(released, first, by=second)

    assert not waits_for(officer, "exams.confirm")
    assert browser_of(officer).get(f"/exams/corrections/{code}").status_code == 404
    assert browser_of(officer).post(f"/exams/corrections/{code}/confirm").status_code in {400, 404}
    assert state_of(code) is CorrectionState.PROPOSED


def test_who_changes_a_score_after_the_recheck_was_kept_or_raised_decides_it_as_little(released: Released) -> None:
    house, trainee, attempt = released
    first, second, third = (make_member(Role.EXAMINER, organisation=house.body) for _ in range(3))
    with unit_of_work():
        draft = services.keep_draft(RECHECK, attempt.code, Filing("第三题判分有误。"), by=trainee.actor, at=CLOSED)
    rescored(attempt, proposed_by=first)
    with unit_of_work():
        services.raise_draft(again(draft), by=trainee.actor, at=CLOSED)

    assert first.person.id in barred(again(draft))
    case = accepted(again(draft), third, at=CLOSED)
    rescored(attempt, proposed_by=second)
    assert second.person.id not in barred(again(case)), "nobody is barred anew while the case is heard"
    for hand in (first, second):
        with pytest.raises(ForbiddenError):
            decided(again(case), hand, at=CLOSED)
    assert decided(again(case), third, at=CLOSED).decided_by_id == third.person.id


def rescored(attempt: Attempt, *, proposed_by: Member) -> None:
    """Let somebody else appear among who changed the score, as after a new marking of the session."""
    with unit_of_work():
        session.execute(
            update(ExamSession).where(ExamSession.id == attempt.session_id).values(proposed_by_id=proposed_by.person.id)
        )

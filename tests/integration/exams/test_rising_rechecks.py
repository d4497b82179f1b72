"""An open recheck whose last free examiner changes the score: the authority above hears it, by the days it had."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import Membership
from app.accounts.states import Role
from app.assessment.exams import jobs as exam_jobs
from app.assessment.exams.models import ExamSession, ResultCorrection
from app.assessment.exams.queries.corrections import correction
from app.assessment.exams.rechecks import RECHECK
from app.assessment.exams.services import corrections
from app.assessment.exams.states import CorrectionState
from app.cases import jobs as case_jobs
from app.cases import services
from app.cases.desk import expected
from app.cases.models import Case
from app.cases.queries.cases import barred
from app.cases.services import Filing
from app.cases.services.subjects import of_case
from app.cases.states import CaseState
from app.core import jobs
from app.core.clock import day_of
from app.core.db import session, unit_of_work
from app.core.errors import ForbiddenError
from app.core.events import Subject, timeline
from app.desk.kinds import Expected
from app.desk.models import Todo
from app.desk.queries import notices, todos_of
from tests.factories import exams
from tests.factories.accounts import NATION, SHANDONG, Member, make_member
from tests.factories.cases import accepted, again, decided, make_clocks
from tests.submit import submit
from tests.worlds import built_once

CLOSED = exams.CLOSES + timedelta(hours=1)
LATER = CLOSED + timedelta(days=60)
TOLD = "现由上级主管部门办理"
Two = tuple[Member, Member]
World = tuple[exams.House, Member, Two, Member]
Browser = Callable[[Member], FlaskClient]


@pytest.fixture(name="world")
@built_once
def _world(app: Flask) -> World:
    """Release an exam by two examiners of a body with four: the other two and the region's officer may hear of it."""
    del app
    make_clocks()
    exams.make_pack("award", "award-junior-sample.toml")
    house = exams.make_house()
    planned, (trainee,) = exams.make_prepared(house)
    exams.start(trainee)
    exams.release(house, planned, at=CLOSED)
    first, second = (make_member(Role.EXAMINER, organisation=house.body) for _ in range(2))
    return house, trainee, (first, second), make_member(Role.REGULATOR, SHANDONG)


@pytest.fixture(autouse=True)
def _after(at_time: Callable[[datetime], None], world: World) -> None:
    del world
    at_time(CLOSED)


def ask(trainee: Member) -> Case:
    with unit_of_work():
        code = exams.attempt_of(trainee).code
        return services.open_case(RECHECK, code, Filing("第三题判分有误。"), by=trainee.actor, at=CLOSED)


def proposed(trainee: Member, free: Two) -> str:
    """Uphold an earlier recheck by the first free examiner and let the second propose points; return the code."""
    first, second = free
    earlier = decided(accepted(ask(trainee), first, at=CLOSED), first, at=CLOSED)
    code = session.scalars(select(ResultCorrection.code).where(ResultCorrection.case_code == earlier.code)).one()
    points = dict.fromkeys(correction(code, second.actor).result.by_module, Decimal(1))
    with unit_of_work():
        corrections.propose(correction(code, second.actor), points, by=second.actor, at=CLOSED)
    return code


def corrected(trainee: Member, free: Two) -> None:
    """Let the two free examiners change the score, as an earlier recheck asked."""
    code, first = proposed(trainee, free), free[0]
    with unit_of_work():
        corrections.confirm(correction(code, first.actor), by=first.actor, at=CLOSED)


def authority_of(case: Case) -> tuple[str, str, int | None]:
    found = again(case)
    return found.authority_role, found.authority_region, found.authority_organisation_id


def passed_up(case: Case) -> int:
    return [one.kind for one in timeline(of_case(case))].count("cases.passed_up")


def waiting(case: Case) -> set[Expected]:
    """Return what waits about a case for officers."""
    query = select(Todo).where(Todo.subject_code == case.code, Todo.closed_at.is_(None), Todo.person_id.is_(None))
    return {
        Expected(
            one.kind,
            of_case(case),
            role=one.role,
            organisation_id=one.organisation_id,
            region_code=one.region_code,
        )
        for one in session.scalars(query)
    }


def due(case: Case) -> set[Expected]:
    return {one for one in expected() if one.subject == of_case(case) and one.person_id is None}


def waits_for(member: Member) -> list[tuple[str, object]]:
    return [(one.kind, one.due_on) for one in todos_of(member.actor) if one.kind.startswith("cases.")]


def test_an_open_case_whose_last_free_examiner_changed_the_score_goes_up_once(
    world: World, browser_of: Browser
) -> None:
    house, trainee, free, officer = world
    case = accepted(ask(trainee), free[0], at=CLOSED)
    decide_by = case.decide_by
    corrected(trainee, free)
    assert authority_of(case) == ("examiner", SHANDONG, house.body.id)
    for one in free:
        with pytest.raises(ForbiddenError):
            decided(case, one, at=CLOSED)

    case_jobs.pass_up()
    case_jobs.pass_up()
    jobs.work()

    assert authority_of(case) == ("regulator", SHANDONG, None)
    assert (passed_up(case), again(case).state, again(case).decide_by) == (1, CaseState.ACCEPTED, decide_by)
    assert waits_for(officer) == [("cases.decide", decide_by)]
    assert any(TOLD in line.text for line in notices.notices(trainee.actor, on=day_of(CLOSED)).rows)
    everybody = (house.examiner, house.examiner2, *free)
    assert {one.person.id for one in everybody} <= barred(again(case)).keys()
    for one in everybody:
        assert waits_for(one) == []
        assert browser_of(one).get(f"/cases/{case.code}/decide").status_code == 404
    submit(browser_of(officer), f"/cases/{case.code}/decide", outcome="rejected", reason="经复查，判分无误。")
    assert again(case).decided_by_id == officer.person.id


def test_what_waited_for_the_body_and_for_who_watches_its_clock_goes_up_with_the_case(
    world: World, at_time: Callable[[datetime], None]
) -> None:
    _house, trainee, free, officer = world
    make_member(Role.REGULATOR, NATION)
    raised, asked = ask(trainee), accepted(ask(trainee), free[0], at=CLOSED)
    accept_by = raised.accept_by
    with unit_of_work():
        services.ask_for_materials(again(asked), what="请补交准考证照片。", by=free[0].actor, at=CLOSED)
    at_time(LATER)
    case_jobs.watch_clocks()
    kept = sorted((kind, str(day)) for kind, day in waits_for(free[0]))
    assert [kind for kind, _day in kept] == ["cases.accept", "cases.unanswered"]
    assert waits_for(officer) == [("cases.overdue", accept_by)]
    corrected(trainee, free)

    case_jobs.pass_up()

    assert sorted((kind, str(day)) for kind, day in waits_for(officer)) == kept
    assert Expected("cases.overdue", of_case(raised), role=Role.REGULATOR, region_code=NATION) in waiting(raised)
    for case in (raised, asked):
        assert waiting(case) == due(case)


def test_while_another_examiner_is_free_or_nobody_above_could_decide_a_case_stays(world: World) -> None:
    house, trainee, free, _officer = world
    third = make_member(Role.EXAMINER, organisation=house.body)
    case = ask(trainee)
    corrected(trainee, free)

    case_jobs.pass_up()

    assert (authority_of(case)[0], passed_up(case)) == ("examiner", 0)
    assert free[0].person.id not in barred(again(case)), "nobody is barred anew while the case stays where it is"

    with unit_of_work():
        gone = update(Membership).where(
            (Membership.role == Role.REGULATOR) | (Membership.person_id == third.person.id),
        )
        session.execute(gone.values(ends_on=day_of(CLOSED) - timedelta(days=1)))
    case_jobs.pass_up()

    assert (authority_of(case)[0], passed_up(case)) == ("examiner", 0)


def test_a_case_that_is_decided_goes_nowhere(world: World) -> None:
    _house, trainee, free, _officer = world
    case = decided(accepted(ask(trainee), free[0], at=CLOSED), free[0], upheld=False, at=CLOSED)
    corrected(trainee, free)

    with unit_of_work():
        assert not services.rise(case.code, at=CLOSED)

    case_jobs.pass_up()
    assert (authority_of(case)[0], passed_up(case)) == ("examiner", 0)


def test_a_proposal_that_nobody_of_the_body_may_confirm_any_more_waits_above_and_comes_back(world: World) -> None:
    house, trainee, free, officer = world
    code = proposed(trainee, free)
    about = Subject("result_correction", code)
    with unit_of_work():
        hand = update(ExamSession).where(ExamSession.organisation_id == house.body.id)
        session.execute(hand.values(proposed_by_id=free[0].person.id))

    for _again in range(2):
        exam_jobs.hand_on_corrections()

    assert [confirms(one) for one in (officer, *free)] == [True, False, False]
    assert [one.kind for one in timeline(about)].count("exams.correction_handed_on") == 1
    assert correction(code, officer.actor).state is CorrectionState.PROPOSED

    newcomer = make_member(Role.EXAMINER, organisation=house.body)
    exam_jobs.hand_on_corrections()

    assert [confirms(one) for one in (officer, newcomer)] == [False, True]
    with unit_of_work():
        corrections.confirm(correction(code, newcomer.actor), by=newcomer.actor, at=CLOSED)
    assert not confirms(newcomer)


def confirms(member: Member) -> bool:
    return "exams.confirm" in [one.kind for one in todos_of(member.actor)]

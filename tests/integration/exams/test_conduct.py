"""Conduct in an exam: two sign, the candidate is heard, the authority decides, an upheld appeal undoes it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import OrganisationKind, Role
from app.assessment.exams import conduct_cases
from app.assessment.exams.administration_desk import expected
from app.assessment.exams.administration_states import ConductState
from app.assessment.exams.models import ConductRecord, Result
from app.assessment.exams.queries import incidents as queries
from app.assessment.exams.queries.candidates import SIT
from app.assessment.exams.services import conduct as services
from app.assessment.exams.services.administration import of_conduct
from app.assessment.exams.services.conduct import Seen
from app.cases import services as cases
from app.cases.models import Case
from app.cases.queries import cases as case_queries
from app.cases.queries import restrictions
from app.core.clock import day_of
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import timeline
from app.desk.models import Notice
from app.desk.queries import todos_of
from app.rulebook.services.recounting import STAYS
from tests.factories.accounts import NATION, SHANDONG, Member, make_member, make_organisation
from tests.factories.cases import make_clocks
from tests.factories.exams import CLOSES, NOW, OPENS, House, make_house, make_pack, release, start
from tests.factories.holidays import HEAD, make_year
from tests.factories.venues import Day, make_day
from tests.submit import submit
from tests.worlds import built_once

Browser = Callable[[Member], FlaskClient]
SAW = "翻看夹带的纸条，内容与试题相关。"


@pytest.fixture
@built_once
def house(app: Flask) -> House:
    del app
    make_pack("exam_conduct", "exam-conduct-2017.toml")
    make_clocks()
    return make_house(per_cell=2)


@pytest.fixture
@built_once
def day(house: House) -> Day:
    made = make_day(house, candidates=1)
    start(made.candidates[0])
    return made


def record(day: Day, conduct: str = "copying") -> str:
    with unit_of_work():
        seen = Seen(conduct, SAW, day.second.person.id)
        made = services.record_conduct(day.held, day.registration(), seen, by=day.invigilator.actor, at=OPENS)
    return made.code


def found(code: str, by: Member) -> ConductRecord:
    return queries.conduct_record(code, by.actor)


def notified(day: Day, house: House, conduct: str = "copying") -> str:
    code = record(day, conduct)
    with unit_of_work():
        services.sign(found(code, day.second), by=day.second.actor, at=OPENS)
        services.notify(found(code, house.examiner), by=house.examiner.actor, at=OPENS)
    return code


def referred(day: Day, house: House, conduct: str = "copying") -> tuple[str, str]:
    code = notified(day, house, conduct)
    candidate = day.candidates[0]
    with unit_of_work():
        mine = queries.own_conduct_record(code, candidate.actor)
        services.state(mine, "纸条不是我的。", by=candidate.actor, at=OPENS + timedelta(days=1))
    with unit_of_work():
        case = services.refer(found(code, house.examiner), by=house.examiner.actor, at=OPENS + timedelta(days=1))
    return code, case.code


def decide(case_code: str, officer: Member, *, upheld: bool, at: datetime) -> None:
    with unit_of_work():
        case = case_queries.case(case_code, officer.actor)
        cases.accept(case, by=officer.actor, at=at)
        cases.decide(case, upheld=upheld, reasons="事实清楚，证据充分。", by=officer.actor, at=at)


def test_a_record_is_signed_by_the_witness_named_and_noticed_by_somebody_else(day: Day, house: House) -> None:
    own = Seen("copying", SAW, day.invigilator.person.id)
    with pytest.raises(InvalidError), unit_of_work():
        services.record_conduct(day.held, day.registration(), own, by=day.invigilator.actor, at=OPENS)
    code = record(day)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.sign(found(code, house.examiner), by=house.examiner.actor, at=OPENS)
    assert {one.kind for one in expected()} == {"exams.witness"}
    with unit_of_work():
        services.sign(found(code, day.second), by=day.second.actor, at=OPENS)
        with pytest.raises(ForbiddenError):
            services.notify(found(code, day.second), by=day.second.actor, at=OPENS)

    assert {one.kind for one in expected()} == {"exams.notify"}


def test_nobody_records_or_witnesses_their_own_conduct(day: Day, house: House) -> None:
    mine = day.registration()
    invigilator = make_member(Role.INVIGILATOR, organisation=house.body, person=day.candidates[0].person)

    for by, witness in ((invigilator, day.second), (day.invigilator, invigilator)):
        seen = Seen("copying", SAW, witness.person.id)
        with pytest.raises(InvalidError) as refused, unit_of_work():
            services.record_conduct(day.held, mine, seen, by=by.actor, at=OPENS)
        assert refused.value.field == "witness"
    assert session.scalars(select(ConductRecord)).all() == []


def test_only_the_candidate_speaks_to_the_notice_and_says_something(day: Day, house: House) -> None:
    noticed = found(notified(day, house), house.examiner)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.state(noticed, "不是我", by=day.second.actor, at=OPENS)
    with pytest.raises(InvalidError) as refused, unit_of_work():
        services.state(noticed, "  ", by=day.candidates[0].actor, at=OPENS)
    assert refused.value.field == "statement"
    assert noticed.statement is None


def test_nothing_goes_before_the_authority_before_the_candidate_was_heard(day: Day, house: House) -> None:
    code = notified(day, house)

    with pytest.raises(ConflictError), unit_of_work():
        services.refer(found(code, house.examiner), by=house.examiner.actor, at=OPENS)
    assert {one.kind for one in expected()} == {"exams.refer", "exams.hear"}
    silent = OPENS + timedelta(days=10)
    with unit_of_work():
        case = services.refer(found(code, house.examiner), by=house.examiner.actor, at=silent)
    assert case.person_id == day.candidates[0].person.id
    with unit_of_work():
        mine = queries.own_conduct_record(code, day.candidates[0].actor)
        with pytest.raises(ConflictError):
            services.state(mine, "太晚了。", by=day.candidates[0].actor, at=silent)


def test_only_the_exam_body_puts_a_record_before_the_authority(day: Day, house: House) -> None:
    code, _case = referred(day, house)
    about = conduct_cases.KIND.about(code)
    elsewhere = make_member(Role.EXAMINER, NATION, make_organisation(kind=OrganisationKind.EXAM_BODY))
    strangers = (None, day.invigilator.actor, elsewhere.actor, make_member(Role.EXAMINER, NATION).actor)

    assert conduct_cases.KIND.may_raise(house.examiner.actor, about)
    assert [conduct_cases.KIND.may_raise(one, about) for one in strangers] == [False] * len(strangers)


def test_an_upheld_record_voids_the_result_and_keeps_the_person_from_exams_for_five_years(
    day: Day, house: House
) -> None:
    release(house, day.held, at=CLOSES + timedelta(minutes=1))
    code, case = referred(day, house)
    officer = make_member(Role.REGULATOR, SHANDONG)
    at = OPENS + timedelta(days=2)

    decide(case, officer, upheld=True, at=at)

    assert session.scalars(select(Result.voided)).one() is True
    person = day.candidates[0].person.id
    (bar,) = restrictions.in_force(SIT, on=day_of(at), person_id=person)
    assert (bar.starts_on.year + 5, bar.starts_on.month) == (bar.ends_on.year, bar.ends_on.month)  # type: ignore[union-attr]
    assert found(code, house.examiner).state is ConductState.UPHELD


def test_a_result_marked_after_the_decision_is_void_too(day: Day, house: House) -> None:
    _code, case = referred(day, house, "outside_time")
    decide(case, make_member(Role.REGULATOR, SHANDONG), upheld=True, at=OPENS + timedelta(days=2))

    release(house, day.held, at=OPENS + timedelta(days=3))

    assert session.scalars(select(Result.voided)).one() is True
    person = day.candidates[0].person.id
    assert restrictions.in_force(SIT, on=day_of(OPENS + timedelta(days=3)), person_id=person) == []


def test_a_dismissed_record_has_no_consequence(day: Day, house: House) -> None:
    release(house, day.held, at=CLOSES + timedelta(minutes=1))
    code, case = referred(day, house)

    decide(case, make_member(Role.REGULATOR, SHANDONG), upheld=False, at=OPENS + timedelta(days=2))

    assert found(code, house.examiner).state is ConductState.DISMISSED
    assert session.scalars(select(Result.voided)).one() is False


def test_an_upheld_appeal_undoes_the_consequence(day: Day, house: House) -> None:
    release(house, day.held, at=CLOSES + timedelta(minutes=1))
    code, case_code = referred(day, house)
    candidate, at = day.candidates[0], OPENS + timedelta(days=2)
    decide(case_code, make_member(Role.REGULATOR, SHANDONG), upheld=True, at=at)
    with unit_of_work():
        case = session.scalars(select(Case).where(Case.code == case_code)).one()
        higher = cases.appeal(
            case_queries.case(case.code, candidate.actor), cases.Filing("请求撤销。"), by=candidate.actor, at=at
        )
        higher_code = higher.code

    decide(higher_code, make_member(Role.REGULATOR, NATION), upheld=True, at=at + timedelta(days=1))

    assert found(code, house.examiner).state is ConductState.REVERSED
    assert session.scalars(select(Result.voided)).one() is False
    assert restrictions.in_force(SIT, on=day_of(at + timedelta(days=1)), person_id=candidate.person.id) == []


def test_the_candidate_reads_the_notice_and_speaks_once_through_the_pages(
    day: Day, house: House, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    at_time(NOW)
    code = record(day)
    mine, page = browser_of(day.candidates[0]), f"/exams/mine/conduct/{code}"
    assert mine.get(page).status_code == 404
    at_time(OPENS)
    record_page = f"/exams/conduct/{code}"
    assert submit(browser_of(day.second), f"{record_page}/sign", page=record_page).status_code == 302
    assert submit(browser_of(house.examiner), f"{record_page}/notify", page=record_page).status_code == 302

    assert SAW in mine.get(page).text
    assert submit(mine, f"{page}/statement", page=page, statement=" ").status_code == 422
    assert submit(mine, f"{page}/statement", page=page, statement="纸条不是我的。").status_code == 302
    assert submit(mine, f"{page}/statement", page="/me", statement="再说一次。").status_code == 409
    assert "纸条不是我的。" in browser_of(house.examiner).get(record_page).text
    assert submit(browser_of(house.examiner), f"{record_page}/refer", page=record_page).status_code == 302
    ticket = f"/exams/candidates/{day.registration().code}/conduct"
    fields = {"conduct": "leaking", "description": SAW, "witness": str(day.second.person.id)}
    assert submit(browser_of(day.invigilator), ticket, **fields).status_code == 302
    assert SAW in browser_of(day.invigilator).get(f"/exams/sessions/{day.held.code}/conduct").text


def test_holidays_entered_later_give_more_days_to_speak_and_never_fewer(
    day: Day, house: House, run_jobs: Callable[[], int], at_time: Callable[[datetime], None]
) -> None:
    code, candidate = notified(day, house), day.candidates[0]
    at_time(OPENS)
    assert found(code, house.examiner).hear_until == date(2026, 3, 9)

    make_year(2026, HEAD + "2026-03-05,放假\n2026-03-06,放假\n", number="示例1")
    run_jobs()
    session.expire_all()

    record_ = found(code, house.examiner)
    assert record_.hear_until == date(2026, 3, 11)
    assert [one.due_on for one in todos_of(candidate.actor) if one.kind == "exams.hear"] == [date(2026, 3, 11)]
    told = timeline(of_conduct(record_))[0]
    assert (told.kind, told.rule, told.data["was"]) == ("exams.hearing_recounted", "示例1", "2026-03-09")
    (notice,) = session.scalars(select(Notice).where(Notice.kind == "exams.hearing_recounted"))
    assert (notice.person_id, notice.label["due"]) == (candidate.person.id, "2026-03-11")

    make_year(2026, HEAD + "2026-03-07,上班\n", number="示例2")
    run_jobs()
    session.expire_all()

    record_ = found(code, house.examiner)
    assert record_.hear_until == date(2026, 3, 11), "what the candidate was told stands"
    stays = timeline(of_conduct(record_))[0]
    assert (stays.kind, stays.rule, stays.data["counted"]) == (STAYS, "示例2", "2026-03-07")


def test_who_has_spoken_is_asked_no_longer(
    day: Day, house: House, run_jobs: Callable[[], int], at_time: Callable[[datetime], None]
) -> None:
    code, candidate = notified(day, house), day.candidates[0]
    with unit_of_work():
        mine = queries.own_conduct_record(code, candidate.actor)
        services.state(mine, "纸条不是我的。", by=candidate.actor, at=OPENS)
    at_time(OPENS)

    make_year(2026, HEAD + "2026-03-05,放假\n")
    run_jobs()
    session.expire_all()

    assert found(code, house.examiner).hear_until == date(2026, 3, 9)

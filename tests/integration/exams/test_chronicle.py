"""Signals beside the answers on the pages of a case, of an appeal and of a conduct record: for whom these are open."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.states import OrganisationKind, Role
from app.assessment.exams.queries import incidents as queries
from app.assessment.exams.services import conduct as services
from app.assessment.exams.services import signals, sitting
from app.assessment.exams.services.conduct import Seen
from app.assessment.exams.services.signals import Signal
from app.assessment.exams.signal_kinds import SignalKind
from app.cases import services as cases
from app.cases.queries import cases as case_queries
from app.cases.services import Filing
from app.core.db import session, unit_of_work
from tests.factories.accounts import GUANGDONG, SHANDONG, Member, make_member, make_organisation
from tests.factories.cases import make_clocks
from tests.factories.exams import OPENS, House, answer, attempt_of, make_house, make_pack, release, said, start
from tests.factories.venues import Day, make_day
from tests.submit import submit
from tests.worlds import built_once

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
LATER = OPENS + timedelta(days=1)
PASTED = ("Text of %(characters)s characters was pasted into question %(place)s.", {"characters": 120, "place": 2})
LEFT = ("The window was left for %(time)s (minutes, seconds).", {"time": "0:42"})
BESIDE = "All of it, beside the answers"


def after(seconds: int) -> datetime:
    return OPENS + timedelta(seconds=seconds)


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
    """A candidate who left the window, pasted, and answered; the sitting goes on."""
    made = make_day(house, candidates=1)
    writer = start(made.candidates[0])
    reported = [
        Signal(1, SignalKind.BLURRED, after(60)),
        Signal(2, SignalKind.FOCUSED, after(102)),
        Signal(3, SignalKind.PASTED, after(110), {"place": 2, "characters": 120}),
    ]
    with unit_of_work():
        sitting.save(writer, answers=[answer(1, choice="C", at=after(30))], at=after(31))
        sitting.save(writer, answers=[answer(2, choice="D", at=after(111))], at=after(112))
        signals.record_signals(writer, signals=reported, address="10.0.0.7", at=after(120))
    return made


def collect() -> None:
    with unit_of_work():
        sitting.collect(at=LATER)


def recorded(day: Day) -> str:
    with unit_of_work():
        seen = Seen("copying", "多次离开考试窗口。", day.second.person.id)
        made = services.record_conduct(day.held, day.registration(), seen, by=day.invigilator.actor, at=OPENS)
    return made.code


def referred(day: Day, house: House) -> tuple[str, str]:
    code = recorded(day)
    examiner = house.examiner.actor
    with unit_of_work():
        services.sign(queries.conduct_record(code, day.second.actor), by=day.second.actor, at=OPENS)
        services.notify(queries.conduct_record(code, examiner), by=examiner, at=OPENS)
    with unit_of_work():
        found = queries.conduct_record(code, examiner)
        case = services.refer(found, by=examiner, at=OPENS + timedelta(days=10))
    return code, case.code


def sentences(text: str) -> list[bool]:
    return [said(words, **figures) in text for words, figures in (PASTED, LEFT)]


def test_who_may_see_the_case_reads_what_was_recorded_beside_the_answers(
    day: Day, house: House, browser_of: Browser
) -> None:
    collect()
    _code, case = referred(day, house)
    officer, candidate = make_member(Role.REGULATOR, SHANDONG), day.candidates[0]
    address = f"/exams/cases/{case}/sitting"
    session.rollback()

    for reader in (officer, candidate, house.examiner):
        page = browser_of(reader).get(f"/cases/{case}").text
        assert sentences(page) == [True, True]
        assert "2026-03-02 10:01:00" in page
        assert address in page
        record = browser_of(reader).get(address).text
        assert sentences(record) == [True, True]
        assert "10.0.0.7" in record
        places = [record.index(text) for text in ("10:00:30", "10:01:00", "10:01:50", "10:01:51")]
        assert places == sorted(places), "answers and signals stand in the order of their times"
    for stranger in (make_member(Role.REGULATOR, GUANGDONG), make_member(Role.TRAINEE)):
        assert browser_of(stranger).get(address).status_code == 404


def test_the_appeal_shows_it_to_the_candidate_and_to_who_hears_it(day: Day, house: House, browser_of: Browser) -> None:
    collect()
    _code, case = referred(day, house)
    officer, candidate = make_member(Role.REGULATOR, SHANDONG), day.candidates[0]
    at = OPENS + timedelta(days=11)
    with unit_of_work():
        found = case_queries.case(case, officer.actor)
        cases.accept(found, by=officer.actor, at=at)
        cases.decide(found, upheld=True, reasons="事实清楚。", by=officer.actor, at=at)

    assert sentences(browser_of(candidate).get(f"/cases/{case}/appeal").text) == [True, True]
    with unit_of_work():
        found = case_queries.case(case, candidate.actor)
        higher = cases.appeal(found, Filing("窗口是系统弹出。"), by=candidate.actor, at=at + timedelta(days=1))
    above = make_member(Role.REGULATOR)
    assert sentences(browser_of(above).get(f"/cases/{higher.code}").text) == [True, True]
    assert browser_of(above).get(f"/exams/cases/{higher.code}/sitting").status_code == 200


def test_the_record_shows_it_to_both_invigilators_and_the_answers_to_examiners_after_the_end_only(
    day: Day, house: House, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    at_time(OPENS + timedelta(minutes=5))
    code, ticket = recorded(day), day.registration().code
    whole = f"/exams/sittings/{ticket}/record"
    session.rollback()

    watch = browser_of(day.invigilator)
    page = watch.get(f"/exams/conduct/{code}").text
    assert sentences(page) == [True, True]
    assert whole not in page
    assert watch.get(whole).status_code == 403
    assert whole in browser_of(house.examiner).get(f"/exams/conduct/{code}").text
    assert browser_of(house.examiner).get(whole).status_code == 404, "nobody reads answers while they are given"
    collect()
    assert said("Answer to question %(place)s saved", place=2) in browser_of(house.examiner).get(whole).text
    assert whole in browser_of(house.examiner).get(f"/exams/sittings/{ticket}/signals").text
    other = make_member(Role.EXAMINER, organisation=make_organisation(kind=OrganisationKind.EXAM_BODY))
    assert browser_of(other).get(whole).status_code == 404


def test_a_recheck_shows_it_and_the_candidate_reads_it_before_the_authority_has_the_record(
    day: Day, house: House, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    candidate, other = day.candidates[0], make_member(Role.EXAMINER, organisation=house.body)
    release(house, day.held, at=LATER)
    code = recorded(day)
    with unit_of_work():
        services.sign(queries.conduct_record(code, day.second.actor), by=day.second.actor, at=LATER)
        services.notify(queries.conduct_record(code, house.examiner.actor), by=house.examiner.actor, at=LATER)
    at_time(LATER)
    mine = browser_of(candidate)

    own = mine.get(f"/exams/mine/conduct/{code}").text
    assert sentences(own) == [True, True]
    assert said(BESIDE) not in own, "there is no case yet"
    about = attempt_of(candidate).code
    session.rollback()
    page = f"/cases/new?kind=exams.recheck&about={about}"
    raised = submit(mine, page, facts="请复查第二题。", token="a-recheck-of-mine").location
    assert sentences(mine.get(raised).text) == [True, True]
    case = raised.rsplit("/", 1)[1]
    assert mine.get(f"/exams/cases/{case}/sitting").status_code == 200
    assert sentences(browser_of(other).get(raised).text) == [True, True]

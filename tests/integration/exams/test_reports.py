"""Reports of a released session: figures of groups for those concerned, never names, never small groups."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.assessment.exams.models import ExamSession
from app.assessment.exams.services.subjects import of_session
from app.core.db import session
from app.core.events import timeline
from tests.factories.accounts import GUANGDONG, NATION, SHANDONG, SHENZHEN, Member, make_member, make_organisation
from tests.factories.exams import (
    CLOSES,
    House,
    make_cohort,
    make_house,
    make_session,
    make_trainee,
    prepare,
    release,
    said,
    start,
)
from tests.submit import submit
from tests.worlds import built_once

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
AFTER = CLOSES + timedelta(minutes=1)


@pytest.fixture
@built_once
def held(app: Flask) -> tuple[House, ExamSession, Organisation, list[Member]]:
    """Hold and release a session of seven candidates of one base and five of another in the same province."""
    del app
    house = make_house()
    planned = make_session(house)
    ours, theirs = make_cohort(), make_cohort()
    people = [make_trainee(ours) for _ in range(7)] + [make_trainee(theirs) for _ in range(5)]
    prepare(house, planned)
    for one in people:
        start(one)
    release(house, planned, at=AFTER)
    return house, planned, session.get_one(Organisation, ours.base_organisation_id), people


Held = tuple[House, ExamSession, Organisation, list[Member]]


def test_a_base_sees_its_own_candidates_beside_the_others_without_a_name(held: Held, browser_of: Browser) -> None:
    _house, planned, base, people = held
    browser = browser_of(make_member(Role.BASE, SHANDONG, base))

    page = browser.get(f"/exams/reports/{planned.code}").text

    assert planned.name_zh in browser.get("/exams/reports").text
    assert "7" in page.split("stat-value")[1][:8]
    assert said("Own province") in page
    assert said("By region") not in page
    assert not any(one.person.name in page for one in people)


def test_a_regulator_sees_groups_of_the_region_and_the_nation_by_province(held: Held, browser_of: Browser) -> None:
    _house, planned, base, _people = held

    province = browser_of(make_member(Role.REGULATOR, SHANDONG)).get(f"/exams/reports/{planned.code}").text
    nation = browser_of(make_member(Role.REGULATOR, NATION)).get(f"/exams/reports/{planned.code}").text

    assert said("By training base") in province
    assert base.name_zh in province
    assert "山东省" in nation


def test_who_has_no_candidate_in_a_session_finds_no_report(held: Held, browser_of: Browser) -> None:
    _house, planned, _base, _people = held
    elsewhere = make_member(Role.BASE, SHENZHEN, make_organisation(region=SHENZHEN))

    for stranger in (make_member(Role.REGULATOR, GUANGDONG), elsewhere):
        browser = browser_of(stranger)
        assert browser.get(f"/exams/reports/{planned.code}").status_code == 404
        assert planned.name_zh not in browser.get("/exams/reports").text
    assert browser_of(make_house().examiner).get(f"/exams/reports/{planned.code}").status_code == 404


def test_few_candidates_are_told_to_nobody(app: Flask, browser_of: Browser) -> None:
    del app
    house = make_house()
    planned = make_session(house)
    cohort = make_cohort()
    people = [make_trainee(cohort) for _ in range(4)]
    prepare(house, planned)
    for one in people:
        start(one)
    release(house, planned, at=AFTER)
    browser, address = browser_of(house.examiner), f"/exams/reports/{planned.code}"

    page = browser.get(address).text
    sent = submit(browser, f"{address}/export", page=address, format="csv")

    assert "stat-value" not in page
    assert len(sent.get_data().decode("utf-8-sig").splitlines()) == 1


def test_a_report_is_not_there_before_the_release(app: Flask, browser_of: Browser) -> None:
    del app
    house = make_house()
    planned = make_session(house)
    one = make_trainee(make_cohort())
    prepare(house, planned)
    start(one)

    assert browser_of(house.examiner).get(f"/exams/reports/{planned.code}").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_holds_what_the_page_shows_and_is_an_event(held: Held, browser_of: Browser, kind: str) -> None:
    house, planned, _base, people = held
    address = f"/exams/reports/{planned.code}"

    sent = submit(browser_of(house.examiner), f"{address}/export", page=address, format=kind)

    assert timeline(of_session(planned))[0].kind == "exams.report_exported"
    if kind == "csv":
        text = sent.get_data().decode("utf-8-sig")
        assert f"{said('All in reach')},12,0,0.0,0.00" in text
        assert not any(one.person.name in text for one in people)
    assert sent.headers["Content-Disposition"].endswith(f'.{kind}"')
    assert Decimal(sent.content_length or 0) > 0

"""Cohorts: accredited bases plan and open them; each role sees its own."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.events import Event
from app.courses.models import Course
from app.settings import ROOT
from tests.factories.accounts import (
    GUANGDONG,
    JINAN,
    MADE_AT,
    NATION,
    SHANDONG,
    SHENZHEN,
    Member,
    make_member,
    make_person,
)
from tests.factories.courses import School, enrol, make_base, make_cohort
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]


def plan(school: School, lecturer: Member, **changed: object) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "name": "春季班",
        "course": school.course.code,
        "starts_on": "2026-03-02",
        "ends_on": "2026-06-30",
        "capacity": "40",
        "lecturers": [lecturer.person.code],
    }
    return fields | changed


def test_a_base_plans_and_opens_a_cohort(school: School, browser_of: Browser) -> None:
    browser = browser_of(school.base)
    planned = submit(browser, "/cohorts/new", **plan(school, school.lecturer))
    assert planned.status_code == 302, planned.text
    page = browser.get(planned.location).text
    assert "春季班" in page
    assert "已安排" in page
    assert "syllabus-junior-sample.1" in page, "the syllabus is pinned"
    assert "为班次“春季班”开班" in browser.get("/home").text
    opened = submit(browser, f"{planned.location}/open", page=planned.location)
    assert opened.status_code == 302
    assert "导入学员名单" in browser.get(planned.location).text
    assert "为班次“春季班”开班" not in browser.get("/home").text


@pytest.mark.one_database
def test_an_unaccredited_base_is_told_why_it_may_not(school: School, browser_of: Browser) -> None:
    _organisation, base, lecturer = make_base(accredited=False)
    refused = submit(browser_of(base), "/cohorts/new", **plan(school, lecturer))
    assert refused.status_code == 403
    assert "主管部门" in refused.text
    assert 'value="春季班"' in refused.text, "nothing typed is lost"


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ends_on": "2026-03-01"}, "结班日期早于开班日期"),
        ({"ends_on": "2031-01-01"}, "认定在该日之前到期"),
        ({"capacity": "100001"}, "之间"),
        ({"lecturers": []}, "请至少选择一位讲师"),
        ({"name": ""}, "请填写名称"),
    ],
)
def test_a_plan_that_breaks_a_rule_says_which(
    school: School, browser_of: Browser, changed: dict[str, object], said: str
) -> None:
    refused = submit(browser_of(school.base), "/cohorts/new", **plan(school, school.lecturer, **changed))
    assert refused.status_code == 422
    assert said in refused.text


def test_two_cohorts_of_one_base_bear_different_names(school: School, browser_of: Browser) -> None:
    browser = browser_of(school.base)
    submit(browser, "/cohorts/new", **plan(school, school.lecturer))
    again = submit(browser, "/cohorts/new", **plan(school, school.lecturer))
    assert again.status_code == 409
    assert "已有同名班次" in again.text


@pytest.mark.parametrize(
    ("role", "region", "status"),
    [
        (Role.REGULATOR, NATION, 200),
        (Role.REGULATOR, SHANDONG, 200),
        (Role.REGULATOR, JINAN, 200),
        (Role.REGULATOR, GUANGDONG, 404),
        (Role.REGULATOR, SHENZHEN, 404),
        (Role.LECTURER, SHANDONG, 404),
        (Role.BASE, SHANDONG, 404),
    ],
)
def test_regulators_see_the_cohorts_of_their_region_only(
    school: School, sign_in: Callable[..., FlaskClient], role: Role, region: str, status: int
) -> None:
    cohort = make_cohort(school)
    browser = sign_in(role, region)
    assert browser.get(f"/cohorts/{cohort.code}").status_code == status
    assert (cohort.name in browser.get("/cohorts").text) is (status == 200)


@pytest.mark.one_database
def test_a_lecturer_sees_their_cohort_without_its_acts(school: School, browser_of: Browser) -> None:
    cohort = make_cohort(school)
    enrol(school, cohort, 2)
    page = browser_of(school.lecturer).get(f"/cohorts/{cohort.code}")
    assert page.status_code == 200
    assert "/withdraw" not in page.text
    assert browser_of(school.lecturer).get(f"/cohorts/{cohort.code}/invitations").status_code == 403


@pytest.mark.one_database
def test_another_base_sees_nothing_of_a_cohort(school: School, browser_of: Browser) -> None:
    cohort = make_cohort(school)
    enrolment = enrol(school, cohort)[0]
    _organisation, other, _lecturer = make_base()
    browser = browser_of(other)
    for path in ("", "/roster", "/invitations", "/trainees.xlsx", f"/trainees/{enrolment.code}/withdraw"):
        assert browser.get(f"/cohorts/{cohort.code}{path}").status_code == 404, path
    assert submit(browser, f"/cohorts/{cohort.code}/close", page="/cohorts/new").status_code == 404


def test_trainees_are_filtered_sorted_and_exported(school: School, browser_of: Browser) -> None:
    cohort = make_cohort(school)
    enrol(school, cohort, 3)
    browser = browser_of(school.base)
    address = f"/cohorts/{cohort.code}"
    assert "没有找到学员" in browser.get(f"{address}?text=nobody").text
    for sort in ("name", "-name", "hours", "-hours", "state", "employer", "what"):
        assert "学员" in browser.get(f"{address}?sort={sort}").text
    listed = browser.get(f"{address}/trainees.csv").data.decode("utf-8-sig").splitlines()
    assert len(listed) == 4
    assert browser.get(f"{address}/trainees.xlsx").data.startswith(b"PK")
    assert browser.get(f"{address}/trainees.doc").status_code == 404


def test_a_cohort_page_costs_the_same_however_many_trainees(
    school: School, browser_of: Browser, count_statements: Callable[[], list[str]]
) -> None:
    cohort = make_cohort(school)
    enrol(school, cohort, 30)
    browser = browser_of(school.base)
    for address in (f"/cohorts/{cohort.code}", "/cohorts", f"/cohorts/{cohort.code}/invitations"):
        statements = count_statements()
        browser.get(address)
        shown = [one for one in statements if not one.startswith(("BEGIN", "INSERT INTO access_look"))]
        assert len(shown) < 12, (address, shown)


def test_a_list_says_like_the_page_that_the_last_day_has_passed(
    school: School, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    cohort = make_cohort(school)
    browser = browser_of(school.base)
    assert "已到期" not in browser.get("/cohorts").text

    at_time(datetime.combine(cohort.ends_on + timedelta(days=1), time(12), UTC))

    assert "已到期" in browser.get("/cohorts").text
    assert "已到期" in browser.get(f"/cohorts/{cohort.code}").text


def test_a_withdrawn_trainee_frees_the_place(school: School, browser_of: Browser) -> None:
    cohort = make_cohort(school, capacity=1)
    enrolment = enrol(school, cohort)[0]
    browser = browser_of(school.base)
    address = f"/cohorts/{cohort.code}/trainees/{enrolment.code}/withdraw"
    assert submit(browser, address, reason="").status_code == 422
    done = submit(browser, address, reason="本人申请")
    assert done.status_code == 302
    assert "已退出" in browser.get(f"/cohorts/{cohort.code}").text
    assert enrol(school, cohort), "the place is free again"


def test_a_closed_cohort_takes_nobody(school: School, browser_of: Browser) -> None:
    cohort = make_cohort(school)
    browser = browser_of(school.base)
    address = f"/cohorts/{cohort.code}"
    assert submit(browser, f"{address}/close", page=address).status_code == 302
    assert "已结班" in browser.get(address).text
    assert submit(browser, f"{address}/open", page="/cohorts/new").status_code == 409
    assert "开班后才能添加学员" in browser.get(f"{address}/roster").text


@pytest.mark.one_database
def test_pages_speak_english(school: School, browser_of: Browser) -> None:
    cohort = make_cohort(school)
    enrol(school, cohort)
    browser = browser_of(school.base)
    browser.set_cookie("lang", "en")
    for path in ("/cohorts", "/cohorts/new", f"/cohorts/{cohort.code}", f"/cohorts/{cohort.code}/roster"):
        assert browser.get(path).status_code == 200


def test_the_shipped_course_loads_twice_as_once(app: Flask) -> None:
    organisation, _base, _lecturer = make_base()
    make_member(Role.AUTHOR, organisation=organisation)
    folder = ROOT / "content" / "courses" / "junior-foundation"
    runner = app.test_cli_runner()
    first = runner.invoke(args=["courses", "load", str(folder)])
    assert first.exit_code == 0, first.output
    again = runner.invoke(args=["courses", "load", str(folder), "--json"])
    assert again.exit_code == 0, again.output
    session.rollback()
    happened = session.scalars(select(Event).where(Event.kind == "courses.course_loaded")).all()
    assert len(happened) == 1, "nothing differs, so nothing is loaded again"


@pytest.mark.one_database
def test_a_course_is_loaded_for_the_author_who_is_named_and_for_nobody_else(app: Flask) -> None:
    organisation, _base, _lecturer = make_base()
    for role, name in ((Role.AUTHOR, "author"), (Role.REVIEWER, "reviewer")):
        known = make_member(role, organisation=organisation, person=make_person(email=f"{name}@demo.example"))
        with unit_of_work():
            accounts.add_account(known.person, None, password_hash="x", at=MADE_AT)

    def load(name: str) -> tuple[int, str]:
        session.rollback()
        folder = str(ROOT / "content" / "courses" / "junior-foundation")
        done = app.test_cli_runner().invoke(args=["courses", "load", folder, "--by", f"{name}@demo.example"])
        session.rollback()
        return done.exit_code, done.stdout.strip()

    assert load("nobody") == load("reviewer") == (1, "")
    assert session.scalars(select(Course.code)).all() == []
    assert load("author") == (0, session.scalars(select(Course.code)).one())


@pytest.mark.one_database
def test_a_course_needs_an_author_with_an_organisation(app: Flask) -> None:
    make_member(Role.AUTHOR)

    refused = app.test_cli_runner().invoke(
        args=["courses", "load", str(ROOT / "content" / "courses" / "junior-foundation")]
    )

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "--by" in refused.stderr

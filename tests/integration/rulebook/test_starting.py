"""The first pack of a region begins on a page: empty, or with the values of another region and a source of its own."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.rulebook import queries
from app.rulebook.models import PackStart, RulePack
from app.rulebook.personal_data import PERSONAL_DATA, one_start
from tests.factories.accounts import GUANGDONG, JINAN, NATION, SHANDONG, Member, make_member
from tests.factories.criteria import make_criteria
from tests.factories.rulebook import make_draft, make_published
from tests.integration.rulebook.test_builder import INPUT

BrowserOf = Callable[[Member], FlaskClient]
HEAD = {
    "name_zh": "山东省认定条件",
    "name_en": "Conditions of Shandong",
    "starts_on": "2027-01-01",
    "tag": "sample",
    "source.title_zh": "省厅通知",
    "source.title_en": "Notice of the department",
    "source.issuer_zh": "省厅",
    "source.issuer_en": "The department",
}


@pytest.fixture
def regulator(app: object) -> Member:
    del app
    return make_member(Role.REGULATOR)


@pytest.fixture
def browser(browser_of: BrowserOf, regulator: Member) -> FlaskClient:
    return browser_of(regulator)


def begin(browser: FlaskClient, kind: str, **given: str) -> Any:  # noqa: ANN401 - a response
    return browser.post(f"/rules/start/{kind}", data={"code": f"{kind}-sd", "origin": "", **given})


def press(browser: FlaskClient, address: str, act: str, **fields: str) -> Any:  # noqa: ANN401 - a response
    version = re.search(r'name="version" value="(\d+)"', browser.get(address).text)
    assert version
    return browser.post(address, data={"version": version[1], "act": act, **fields})


def count(model: type[RulePack | PackStart]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_province_begins_with_the_values_of_another_region_and_gives_its_own_source(browser: FlaskClient) -> None:
    make_published(kind="award", code="award-nation", region=NATION)
    origin = make_published(kind="award", code="award-gd", region=GUANGDONG, years=7)
    assert "award-gd.1" in browser.get("/rules/start/award").text

    address = begin(browser, "award", origin="award-gd.1").location
    page = browser.get(address).text
    assert 'name="params.levels.0.valid_years"' in page
    assert 'value="7"' in page
    assert "测试机关" not in page.split("<datalist")[0], "the source of the other region is not taken over"
    assert press(browser, address, "save", **{**HEAD, "source.title_zh": ""}).status_code == 422
    assert press(browser, address, "save", **{**HEAD, "tag": ""}).status_code == 422
    saved = press(browser, address, "save", **HEAD)

    assert saved.location == "/rules/award-sd.1"
    made = session.scalars(select(RulePack).where(RulePack.code == "award-sd.1")).one()
    assert (made.region_code, made.state, made.copied_from_id) == (SHANDONG, "draft", origin.id)
    assert (made.source["title_zh"], made.tag, made.params["levels"][0]["valid_years"]) == ("省厅通知", "sample", 7)
    assert count(PackStart) == 0
    page = browser.get(saved.location).text
    assert "以另一规则包的取值为起点" in page
    assert "/rules/award-sd.1/compare?left=award-gd.1" in page
    assert browser.post(address, data={"version": "1", "act": "save"}).status_code == 404, "saved once"
    again = press(browser, f"{saved.location}/edit", "save", name_zh="再改")
    assert (
        session.scalars(select(RulePack.copied_from_id).where(RulePack.code == again.location[7:])).one() == origin.id
    )


@pytest.mark.one_database
def test_an_empty_pack_is_built_from_the_fields_of_its_kind(browser: FlaskClient) -> None:
    address = begin(browser, "award").location
    assert "params.levels" in browser.get(address).text
    press(browser, address, "add:params.levels")
    level = {"code": "junior", "name_zh": "初级", "name_en": "Junior", "result_counts_months": "24", "valid_years": "5"}
    level |= {"filed_centrally": "true", "number_prefix": "JJC"}

    saved = press(
        browser, address, "save", **HEAD, **{f"params.levels.0.{name}": value for name, value in level.items()}
    )

    assert saved.location == "/rules/award-sd.1"
    assert session.scalars(select(RulePack.copied_from_id)).one() is None


@pytest.mark.one_database
def test_what_nobody_has_typed_yet_is_held_against_nobody(browser: FlaskClient) -> None:
    address = begin(browser, "award").location
    assert "error-summary" not in browser.get(address).text

    press(browser, address, "keep")

    page = browser.get(address).text
    assert "error-summary" in page
    assert "缺少" in page
    assert "至少须有1个字符" not in page


def test_the_values_of_a_closed_list_are_said_in_words(browser: FlaskClient) -> None:
    address = begin(browser, "case_clock", code="case-clock-sd").location
    press(browser, address, "add:params.publicity")

    page = browser.get(address).text

    assert '<option value="before">决定生效前公示</option>' in page
    assert "姓名公示方式" in page


@pytest.mark.one_database
def test_test_cases_come_with_the_values(browser: FlaskClient) -> None:
    make_criteria()

    address = begin(browser, "criteria", origin="criteria-test.1").location
    page = browser.get(address).text

    assert "服务次数：不少于15次" in page
    assert "cases.1.facts" in INPUT.findall(page)
    saved = press(browser, address, "save", **HEAD)
    pack = session.scalars(select(RulePack).where(RulePack.code == "criteria-sd.1")).one()
    assert saved.location == "/rules/criteria-sd.1"
    assert [one.passed for one in queries.cases_of(pack)] == [True, True]


def test_a_repeated_request_begins_once_and_a_taken_code_is_said_beside_it(
    browser: FlaskClient, browser_of: BrowserOf
) -> None:
    make_draft(code="award-taken")

    first, second = begin(browser, "award"), begin(browser, "award")
    taken = begin(browser, "award", code="award-taken")
    other = begin(browser, "criteria", code="award-sd")
    colleague = begin(browser_of(make_member(Role.REGULATOR)), "award")

    assert first.location == second.location
    assert colleague.location not in {None, first.location}
    for refused in (taken, other):
        assert refused.status_code == 422
        assert "已被使用" in refused.text
    assert count(PackStart) == 2


@pytest.mark.one_database
@pytest.mark.parametrize("code", ["", "X", "With Space", "-dash", "a" * 52])
def test_a_code_that_is_none_is_said_beside_its_field(browser: FlaskClient, code: str) -> None:
    assert begin(browser, "award", code=code).status_code == 422
    assert count(PackStart) == 0


def test_who_saves_second_under_one_code_is_told(browser: FlaskClient, browser_of: BrowserOf) -> None:
    make_published(kind="award", code="award-nation", region=NATION)
    other = browser_of(make_member(Role.REGULATOR))
    mine, theirs = (begin(one, "award", origin="award-nation.1").location for one in (browser, other))
    assert press(other, theirs, "save", **HEAD).status_code == 302

    late = press(browser, mine, "save", **HEAD)

    assert late.status_code == 409
    assert "已被他人使用" in late.text


@pytest.mark.one_database
def test_what_was_begun_is_kept_listed_and_dropped(browser: FlaskClient) -> None:
    address = begin(browser, "award").location
    assert press(browser, address, "keep", name_zh="没写完").status_code == 302
    stale = browser.post(address, data={"version": "1", "act": "keep", "name_zh": "旧窗口"})

    assert "没写完" in browser.get(address).text
    assert (stale.status_code, "旧窗口" in stale.text) == (409, True)
    assert address in browser.get("/rules/start").text
    assert press(browser, address, "drop").location == "/rules/start"
    assert browser.get(address).status_code == 404
    assert count(PackStart) == 0


def test_nobody_else_meets_what_was_begun(browser: FlaskClient, browser_of: BrowserOf, regulator: Member) -> None:
    address = begin(browser, "award").location
    elsewhere = make_member(Role.REGULATOR, JINAN, person=regulator.person)

    for member in (make_member(Role.REGULATOR), make_member(Role.REGULATOR, GUANGDONG), elsewhere):
        assert browser_of(member).get(address).status_code == 404
        assert browser_of(member).post(address, data={"act": "save"}).status_code == 404
    assert browser_of(make_member(Role.TRAINEE)).get(address).status_code == 403
    assert browser_of(make_member(Role.TRAINEE)).get("/rules/start").status_code == 403


@pytest.mark.one_database
def test_a_code_begun_for_another_region_is_taken_for_this_one(
    browser: FlaskClient, browser_of: BrowserOf, regulator: Member
) -> None:
    begin(browser, "award")
    elsewhere = browser_of(make_member(Role.REGULATOR, JINAN, person=regulator.person))

    refused = begin(elsewhere, "award")

    assert refused.status_code == 422
    assert "已被使用" in refused.text
    assert begin(elsewhere, "award", code="award-jinan").status_code == 302
    assert count(PackStart) == 2


@pytest.mark.one_database
def test_only_the_nation_begins_rules_that_it_alone_sets(browser: FlaskClient, browser_of: BrowserOf) -> None:
    nation = browser_of(make_member(Role.REGULATOR, NATION))

    assert "/rules/start/holidays" not in browser.get("/rules/start").text
    assert browser.get("/rules/start/holidays").status_code == 404
    assert begin(browser, "holidays").status_code == 404
    assert begin(browser, "nothing").status_code == 404
    assert "/rules/start/holidays" in nation.get("/rules/start").text
    assert nation.get("/rules/start/holidays").status_code == 200


@pytest.mark.one_database
def test_the_list_says_whose_rules_bind_the_region_today(browser: FlaskClient) -> None:
    make_published(kind="award", code="award-nation", region=NATION, name_zh="全国规则")
    assert "沿用上级" in browser.get("/rules/start").text

    make_published(kind="award", code="award-own", name_zh="本省规则")
    page = browser.get("/rules/start").text

    assert "本省规则" in page
    assert "全国规则" not in page


@pytest.mark.one_database
def test_a_draft_is_nothing_to_begin_with(browser: FlaskClient) -> None:
    make_draft(code="award-draft")

    assert "award-draft" not in browser.get("/rules/start/award").text
    assert begin(browser, "award", origin="award-draft.1").status_code == 422


def test_what_was_begun_is_the_persons_own_data_and_goes_with_them(browser: FlaskClient, regulator: Member) -> None:
    begin(browser, "award")
    mine = next(one for one in PERSONAL_DATA if one.name == "pack_edits")
    other = make_member(Role.REGULATOR)
    with unit_of_work():
        session.add(PackStart(person_id=other.person.id, kind="award", series="award-sd", region_code=SHANDONG,
                              typed={}, changed_at=session.scalars(select(PackStart.changed_at)).one()))  # fmt: skip

    assert [one["pack"] for one in mine.collect(regulator.person.id)] == ["award-sd"]
    with unit_of_work():
        one_start(regulator.person.id, other.person.id)
    assert count(PackStart) == 1
    with unit_of_work():
        assert mine.forget
        mine.forget(regulator.person.id)
    assert count(PackStart) == 0

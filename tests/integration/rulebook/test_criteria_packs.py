"""Packs with criteria and test cases: a pack whose cases fail binds nobody; criteria name catalogued facts only."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import InvalidError
from app.rulebook import queries, services
from app.rulebook.models import RulePack
from app.rulebook.states import PackState
from tests.factories.accounts import MADE_AT, SHANDONG, Member, make_member
from tests.factories.criteria import CASE, FALLS_SHORT, criteria, make_criteria
from tests.factories.rulebook import make_draft, pack_text

BrowserOf = Callable[[Member], FlaskClient]
FAILING = CASE.replace("= 15", "= 14") + FALLS_SHORT


def text_of(params: str) -> str:
    return pack_text(kind="criteria", code="criteria-test", params=params)


@pytest.mark.one_database
def test_a_criteria_pack_reads_as_numbered_sentences_with_its_cases(client: FlaskClient) -> None:
    pack = make_criteria()

    page = client.get(f"/rules/{pack.code}").text

    assert "1.1 服务次数：不少于15次" in page
    assert "1.2 促成金额：不少于500万元" in page
    assert "刚好达到" in page
    assert "与预期相符" in page
    assert "2个用例中有2个与预期相符" in page


@pytest.mark.one_database
def test_the_same_pack_reads_in_english(client: FlaskClient) -> None:
    pack = make_criteria()
    client.set_cookie("lang", "en")

    page = client.get(f"/rules/{pack.code}").text

    assert "Services rendered: at least 15 services" in page
    assert "Amount of deals facilitated: at least CNY 5,000,000" in page


def test_a_pack_whose_case_fails_is_neither_proposed_nor_published(browser_of: BrowserOf) -> None:
    pack = make_draft(kind="criteria", code="criteria-test", params=criteria(cases=FAILING))
    browser = browser_of(make_member(Role.REGULATOR))

    page = browser.get(f"/rules/{pack.code}").text
    response = browser.post(f"/rules/{pack.code}/propose")

    assert "与预期不符" in page
    assert "不能提请或发布" in page
    assert f"/rules/{pack.code}/propose" not in page
    assert response.status_code == 422
    assert "刚好达到" in response.text
    assert session.scalars(select(RulePack.state)).one() is PackState.DRAFT


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        (CASE, ["没有用例表明谁达不到"]),
        (FALLS_SHORT, ["没有用例表明谁能达到"]),
        ("", ["没有用例表明谁能达到", "没有用例表明谁达不到"]),
    ],
)
def test_a_pack_that_decides_shows_by_test_cases_who_gets_there_and_who_does_not(
    browser_of: BrowserOf, cases: str, said: list[str]
) -> None:
    pack = make_draft(kind="criteria", code="criteria-test", params=criteria(cases=cases))
    browser = browser_of(make_member(Role.REGULATOR))

    response = browser.post(f"/rules/{pack.code}/propose")

    assert response.status_code == 422
    for page in (response.text, browser.get(f"/rules/{pack.code}").text, browser.get(f"/rules/{pack.code}/edit").text):
        assert [one for one in ("没有用例表明谁能达到", "没有用例表明谁达不到") if one in page] == said
    assert f"/rules/{pack.code}/propose" not in browser.get(f"/rules/{pack.code}").text
    assert session.scalars(select(RulePack.state)).one() is PackState.DRAFT


@pytest.mark.usefixtures("app")
def test_a_case_that_fails_only_when_the_second_person_confirms_still_stops_the_pack() -> None:
    pack = make_draft(kind="criteria", code="criteria-test", params=criteria())
    with unit_of_work():
        services.propose(pack, by=make_member(Role.REGULATOR).actor, at=MADE_AT)
    with unit_of_work():
        pack.text = pack.text.replace(" = 15", " = 14")

    with pytest.raises(InvalidError, match="刚好达到"), unit_of_work():
        services.publish(pack, by=make_member(Role.REGULATOR).actor, at=MADE_AT)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            'fact = "stated.services"',
            'fact = "stated.nothing"',
            "params.tree，条件1：没有提供事实“stated.nothing”的业务",
        ),
        ('fact = "stated.services"', 'fact = "stated.degree"', "不能这样比较"),
        ('"stated.services" = 15', '"stated.services" = "many"', "第1个测试用例，stated.services：须为数字"),
        ('"stated.services" = 15', '"stated.services" = "1.5"', "须为整数"),
        ('"stated.services" = 15', '"hours.module" = 15', "须在方括号中写明模块代码"),
        ('node = "all"', 'node = "exec"', "params.tree"),
        ('expected = "met"', 'expected = "perhaps"', "cases[1].expected"),
    ],
)
def test_what_criteria_and_cases_name_must_be_catalogued(
    browser_of: BrowserOf, before: str, after: str, said: str
) -> None:
    browser = browser_of(make_member(Role.REGULATOR))
    content = text_of(criteria()).replace(before, after)

    response = browser.post("/rules/new", data={"file": (BytesIO(content.encode()), "pack.toml")})

    assert response.status_code == 422
    assert said in response.text


@pytest.mark.one_database
def test_a_file_that_nests_without_end_is_refused_and_not_a_fault(browser_of: BrowserOf) -> None:
    browser = browser_of(make_member(Role.REGULATOR))
    deep = text_of("\n[params]\nx = " + "[" * 5000 + "]" * 5000 + "\n")

    response = browser.post("/rules/new", data={"file": (BytesIO(deep.encode()), "pack.toml")})

    assert response.status_code == 422
    assert "嵌套过深" in response.text


@pytest.mark.one_database
@pytest.mark.usefixtures("app")
def test_a_syllabus_decides_nothing_and_carries_no_cases() -> None:
    text = (Path(__file__).parents[3] / "content" / "rules" / "syllabus-junior-sample.toml").read_text("utf-8")

    with pytest.raises(InvalidError, match="不带测试用例"):
        queries.checked(text + CASE)


@pytest.mark.one_database
@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("citation", "confidence", "fits"),
    [
        ("", "", False),
        ("国科发〔2025〕1号", "C", False),
        ("国科发〔2025〕1号", "G", False),
        ("国科发〔2025〕1号", "A", True),
    ],
)
def test_only_a_named_and_confirmed_source_makes_a_pack_official(citation: str, confidence: str, *, fits: bool) -> None:
    said = f'citation_zh = "{citation}"\ncitation_en = "{citation}"\ntag = "{confidence}"\nnote_zh'
    text = pack_text().replace('tag = "sample"', 'tag = "official"').replace("note_zh", said)

    if fits:
        assert queries.checked(text)[0].tag == "official"
    else:
        with pytest.raises(InvalidError, match="才能标为正式"):
            queries.checked(text)


@pytest.mark.one_database
def test_the_catalogue_lists_every_fact_with_its_room_and_how_it_is_found(client: FlaskClient) -> None:
    page = client.get("/rules/facts").text

    for name in ("hours.total", "hours.module[…]", "exam.passed[…]", "level.held[…]", "stated.services"):
        assert name in page
    assert "系统不自动提供" in page
    assert "各班次课程所得学时之和" in page
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", page)
    assert {"培训", "考试", "等级授予", "业绩材料", "培训基地", "职称", "信用", "随申请提出"} == set(headings)


@pytest.mark.one_database
def test_the_command_runs_the_cases_and_names_the_failing_one(app: Flask, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(text_of(criteria()), "utf-8")
    bad.write_text(text_of(criteria(cases=FAILING)), "utf-8")

    result = app.test_cli_runner().invoke(args=["rules", "check", "--json", str(good), str(bad)])

    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert (answer["checked"], answer["cases"]) == (2, 2)
    assert "刚好达到" in answer["failed"][str(bad)]


@pytest.mark.usefixtures("app")
def test_a_case_of_an_award_is_judged_by_the_room_that_awards() -> None:
    case = """
[[cases]]
name_zh = "过期的成绩"
name_en = "Result too old"
on = 2026-06-01
expected = "not"
lines = ["met", "met", "not", "met"]
[cases.facts]
"award.level" = "junior"
"award.completed_on" = 2023-01-01
"award.score" = 80
"award.max_score" = 100
"award.cut_score" = 60
"award.released_on" = 2023-02-01
"""
    given, typed = queries.checked(pack_text() + case)
    silent, typed_too = queries.checked(pack_text() + case.replace('"award.level" = "junior"', '"award.level" = "x"'))

    assert [one.passed for one in queries.run_cases(given, typed)] == [True]
    (unknown,) = queries.run_cases(silent, typed_too)
    assert (unknown.passed, unknown.verdict.outcome.value) == (False, "unknown")
    assert SHANDONG in pack_text()

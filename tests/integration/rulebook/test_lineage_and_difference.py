"""Pages that set packs side by side: who inherits from whom, and what two packs set otherwise."""

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Person
from app.accounts.states import Role
from app.core.db import session
from tests.factories.accounts import GUANGDONG, LIXIA, NATION, Member, make_member, make_regions
from tests.factories.criteria import CASE, FALLS_SHORT, criteria, make_criteria
from tests.factories.rulebook import make_draft, make_published

BrowserOf = Callable[[Member], FlaskClient]


def test_the_lineage_shows_which_pack_binds_a_county_and_from_whom_it_inherits(client: FlaskClient) -> None:
    nation = make_published(code="nation", region=NATION, name_zh="全国规则")
    make_published(code="province", name_zh="山东规则", ends_on=date(2025, 12, 31))

    now = client.get("/rules/lineage?kind=award&on=2026-06-01&region=历下区").text
    then = client.get(f"/rules/lineage?kind=award&on=2025-06-01&region={LIXIA}").text

    assert "对历下区有效的规则包" in now
    assert now.count("没有自己的有效规则包") == 3, "county, city and province have nothing in force"
    assert now.rindex("没有自己的有效规则包") < now.rindex(">适用<")
    assert "沿用" in now
    assert f"/rules/{nation.code}" in now
    assert "已终止" in now
    assert "已终止" not in then


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?region=乌有县", "没有这个地区"),
        ("?kind=no-such-kind", "有自己规则的地区"),
        ("?on=yesterday", "有自己规则的地区"),
        ("?kind=award&region=历下区", "当日该地区没有这类有效的规则包"),
    ],
)
def test_what_the_lineage_cannot_find_is_said(client: FlaskClient, query: str, said: str) -> None:
    make_regions()

    response = client.get(f"/rules/lineage{query}")

    assert response.status_code == 200
    assert said in response.text


@pytest.mark.one_database
def test_two_revisions_differ_value_by_value_in_words(client: FlaskClient) -> None:
    make_published(years=5)
    second = make_published(years=3, starts_on=date(2026, 1, 1))

    page = client.get(f"/rules/{second.code}/compare").text

    assert "有效年数" in page
    assert "5年" in page
    assert "3年" in page
    assert "2个值不同" in page
    assert "2025-01-01" in page


@pytest.mark.one_database
def test_conditions_differ_by_sentence(client: FlaskClient) -> None:
    first = make_criteria()
    more = criteria(20, cases="") + (
        '[[params.tree.of]]\nnode = "flag"\nfact = "stated.appraisals_passed"\nname_zh = "考核"\nname_en = "Passed"\n'
    )
    more += CASE.replace("= 15", '= 20\n"stated.appraisals_passed" = true') + FALLS_SHORT
    second = make_published(kind="criteria", code="criteria-test", params=more)

    page = client.get(f"/rules/{second.code}/compare?left={first.code}").text

    assert "服务次数：不少于15次" in page
    assert "服务次数：不少于20次" in page
    assert "考核：年度考核合格：是" in page
    assert "新增" in page


@pytest.mark.one_database
def test_the_same_values_have_no_difference(client: FlaskClient) -> None:
    make_published()
    second = make_published()

    assert "没有不同的值" in client.get(f"/rules/{second.code}/compare").text


@pytest.mark.one_database
def test_a_pack_alone_of_its_kind_has_nothing_to_compare(client: FlaskClient) -> None:
    pack = make_published()

    assert "没有其他同类规则包" in client.get(f"/rules/{pack.code}/compare").text


def test_the_public_compares_published_packs_and_reads_no_official(client: FlaskClient, browser_of: BrowserOf) -> None:
    pack = make_published()
    draft = make_draft(years=2)
    official = make_member(Role.REGULATOR)

    assert client.get(f"/rules/{draft.code}/compare").status_code == 404
    assert client.get(f"/rules/{pack.code}/compare?left={draft.code}").status_code == 404
    other = make_published(years=4)
    public = client.get(f"/rules/{other.code}/compare?left={pack.code}").text
    inside = browser_of(official).get(f"/rules/{other.code}/compare?left={pack.code}").text
    name = session.get_one(Person, other.published_by_id).name
    assert name not in public
    assert name in inside
    assert browser_of(make_member(Role.REGULATOR, GUANGDONG)).get(f"/rules/{draft.code}/compare").status_code == 404


@pytest.mark.one_database
def test_packs_of_two_kinds_have_nothing_in_common(client: FlaskClient) -> None:
    award, conditions = make_published(), make_criteria()

    response = client.get(f"/rules/{award.code}/compare?left={conditions.code}")

    assert response.status_code == 422
    assert "没有共同的值" in response.text

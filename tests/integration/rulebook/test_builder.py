"""The builder: a draft edited in plain sentences, without JavaScript; nothing typed is lost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.states import Role
from app.core.db import session
from app.rulebook import queries
from app.rulebook.models import PackEdit, RulePack
from tests.factories.accounts import GUANGDONG, NATION, Member, make_member
from tests.factories.criteria import criteria
from tests.factories.exams import make_pack
from tests.factories.rulebook import make_draft, make_published

BrowserOf = Callable[[Member], FlaskClient]
INPUT = re.compile(r'<(?:input|textarea|select)[^>]*\bname="([^"]+)"')


@pytest.fixture
def draft(app: object) -> RulePack:
    del app
    return make_draft(kind="criteria", code="criteria-test", params=criteria())


@pytest.fixture
def browser(browser_of: BrowserOf, draft: RulePack) -> FlaskClient:
    del draft
    return browser_of(make_member(Role.REGULATOR))


def post(browser: FlaskClient, pack: RulePack, act: str, **fields: str) -> Any:  # noqa: ANN401 - a response
    """Press a button on the page as it stands now."""
    page = browser.get(f"/rules/{pack.code}/edit").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    given = {"version": version[1], "act": act} | {name.replace("__", "."): value for name, value in fields.items()}
    return browser.post(f"/rules/{pack.code}/edit", data=given)


@pytest.mark.one_database
def test_every_parameter_is_a_labelled_field_and_the_tree_a_list_of_sentences(
    browser: FlaskClient, draft: RulePack
) -> None:
    page = browser.get(f"/rules/{draft.code}/edit").text

    assert {"name_zh", "tag", "source.title_zh", "params.level", "cases.0.facts"} <= set(INPUT.findall(page))
    assert "服务次数：不少于15次" in page
    assert "change:params.tree.of.0" in page
    assert "与预期相符" in page, "the test cases are run in the preview"
    assert session.scalar(select(func.count()).select_from(PackEdit)) == 0, "looking keeps nothing"


def test_a_condition_is_opened_changed_and_saved_as_a_new_revision(browser: FlaskClient, draft: RulePack) -> None:
    opened = post(browser, draft, "change:params.tree.of.0")
    page = browser.get(opened.location).text
    assert "params.tree.of.0.value" in INPUT.findall(page)

    kept = post(browser, draft, "keep", params__tree__of__0__value="12", open="params.tree.of.0")
    assert "服务次数：不少于12次" in browser.get(kept.location).text
    saved = post(browser, draft, "save", name_zh="新的名称")

    assert saved.location == "/rules/criteria-test.2"
    again = session.scalars(select(RulePack).where(RulePack.code == "criteria-test.2")).one()
    assert (again.name_zh, again.state, again.drafted_by_id is not None) == ("新的名称", "draft", True)
    assert queries.params(again).model_dump()["tree"]["of"][0]["value"] == 12
    assert draft.params["tree"]["of"][0]["value"] == "15", "the former revision is as it was"
    assert session.scalar(select(func.count()).select_from(PackEdit)) == 0
    assert queries.cases_of(again)[0].passed


@pytest.mark.one_database
def test_lines_are_added_moved_and_removed_on_the_server(browser: FlaskClient, draft: RulePack) -> None:
    added = post(browser, draft, "add:params.tree.of")
    page = browser.get(added.location).text
    assert "尚未填全" in page
    assert "params.tree.of.2.fact" in INPUT.findall(page)

    fields = {"params__tree__of__2__node": "flag", "params__tree__of__2__fact": "stated.appraisals_passed"}
    post(browser, draft, "keep", open="params.tree.of.2", **fields)
    post(browser, draft, "up:params.tree.of.2", params__tree__of__2__value="true")
    post(browser, draft, "remove:params.tree.of.0")
    page = browser.get(f"/rules/{draft.code}/edit").text

    assert "年度考核合格：是" in page
    assert "服务次数" not in page.split("<datalist")[0]
    assert page.index("年度考核合格：是") < page.index("促成金额：不少于500万元")


@pytest.mark.one_database
def test_what_does_not_fit_is_said_beside_its_field_and_kept(browser: FlaskClient, draft: RulePack) -> None:
    response = post(browser, draft, "save", params__level="Not A Code", name_zh="", starts_on="soon")
    page = response.text

    assert response.status_code == 422
    assert 'value="Not A Code"' in page
    assert 'value="soon"' in page
    assert "须为2026-11-23这样的日期" in page or "日期" in page
    assert 'aria-invalid="true"' in page
    assert 'value="Not A Code"' in browser.get(f"/rules/{draft.code}/edit").text, "it is kept"
    assert session.scalar(select(func.count()).select_from(RulePack)) == 1


@pytest.mark.one_database
def test_a_condition_that_names_no_fact_is_marked_at_its_line(browser: FlaskClient, draft: RulePack) -> None:
    post(browser, draft, "change:params.tree.of.0")
    post(browser, draft, "keep", params__tree__of__0__fact="stated.nothing", open="params.tree.of.0")

    page = browser.get(f"/rules/{draft.code}/edit").text

    assert "没有提供事实“stated.nothing”的业务" in page
    assert "criteria-bad" in page


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"tag": "official"}, 422),
        ({"tag": "official", "source__citation_zh": "鲁科字〔2026〕1号", "source__citation_en": "No. 1 of 2026"}, 302),
        (
            {
                "tag": "official",
                "source__citation_zh": "鲁科字〔2026〕1号",
                "source__citation_en": "No. 1 of 2026",
                "source__tag": "C",
            },
            422,
        ),
    ],
)
def test_a_pack_without_a_named_source_is_not_tagged_official(
    browser: FlaskClient, draft: RulePack, fields: dict[str, str], status: int
) -> None:
    response = post(browser, draft, "save", **fields)

    assert response.status_code == status
    if status == 422:
        assert "才能标为正式" in response.text


def test_a_second_window_does_not_overwrite_the_first(browser: FlaskClient, draft: RulePack) -> None:
    first = browser.post(f"/rules/{draft.code}/edit", data={"version": "0", "act": "keep", "name_zh": "甲窗口"})
    second = browser.post(f"/rules/{draft.code}/edit", data={"version": "0", "act": "keep", "name_zh": "乙窗口"})

    assert first.status_code == 302
    assert second.status_code == 409
    assert 'value="乙窗口"' in second.text, "what was typed is shown again"
    assert "另一窗口" in second.text
    assert 'value="甲窗口"' in browser.get(f"/rules/{draft.code}/edit").text
    version = re.search(r'name="version" value="(\d+)"', second.text)
    assert version
    again = browser.post(f"/rules/{draft.code}/edit", data={"version": version[1], "act": "keep", "name_zh": "乙窗口"})
    assert again.status_code == 302


def test_a_repeated_save_makes_one_revision(browser: FlaskClient, draft: RulePack) -> None:
    given = {"version": "0", "act": "save", "name_zh": "一次"}

    first = browser.post(f"/rules/{draft.code}/edit", data=given)
    second = browser.post(f"/rules/{draft.code}/edit", data={**given, "version": "1"})

    assert first.status_code == 302
    assert second.status_code == 409
    assert session.scalar(select(func.count()).select_from(RulePack)) == 2


def test_what_was_typed_can_be_dropped(browser: FlaskClient, draft: RulePack) -> None:
    post(browser, draft, "keep", name_zh="不要了")

    assert post(browser, draft, "drop").location == f"/rules/{draft.code}"
    assert post(browser, draft, "drop").status_code == 302
    assert "不要了" not in browser.get(f"/rules/{draft.code}/edit").text


@pytest.mark.one_database
@pytest.mark.parametrize(
    "act", ["explode:params.tree", "remove:params.tree", "add:nothing", "up:cases.77", "in:params.tree.of.0"]
)
def test_an_act_that_cannot_be_done_is_said_and_keeps_the_page(browser: FlaskClient, draft: RulePack, act: str) -> None:
    response = post(browser, draft, act, name_zh="保留")

    assert response.status_code == 422
    assert 'value="保留"' in response.text


def test_each_regulator_has_a_working_copy_of_their_own(browser_of: BrowserOf, draft: RulePack) -> None:
    one, two = (browser_of(make_member(Role.REGULATOR)) for _number in range(2))
    post(one, draft, "keep", name_zh="甲的")
    post(two, draft, "keep", name_zh="乙的")

    assert 'value="甲的"' in one.get(f"/rules/{draft.code}/edit").text
    assert 'value="乙的"' in two.get(f"/rules/{draft.code}/edit").text


@pytest.mark.one_database
def test_only_the_authority_of_the_region_edits(browser_of: BrowserOf, draft: RulePack) -> None:
    address = f"/rules/{draft.code}/edit"

    assert browser_of(make_member(Role.REGULATOR, GUANGDONG)).get(address).status_code == 404
    assert browser_of(make_member(Role.REGULATOR, NATION)).get(address).status_code == 403
    assert browser_of(make_member(Role.REGULATOR, NATION)).post(address, data={"act": "save"}).status_code == 403
    assert browser_of(make_member(Role.TRAINEE)).get(address).status_code == 403


def test_a_published_pack_is_edited_into_a_new_revision(browser_of: BrowserOf) -> None:
    pack = make_published()
    browser = browser_of(make_member(Role.REGULATOR))

    assert "授予规则" in browser.get(f"/rules/{pack.code}/edit").text
    post(browser, pack, "add:params.levels")
    saved = post(browser, pack, "save")
    assert saved.status_code == 422, "the new level is empty"
    level = {"code": "senior", "name_zh": "高级", "name_en": "Senior", "result_counts_months": "24", "valid_years": "5"}
    level |= {"filed_centrally": "true", "number_prefix": "JJG"}
    saved = post(browser, pack, "save", **{f"params__levels__1__{name}": value for name, value in level.items()})

    assert saved.location == "/rules/award-test.2"
    again = session.scalars(select(RulePack).where(RulePack.code == "award-test.2")).one()
    assert [one["code"] for one in again.params["levels"]] == ["junior", "senior"]


@pytest.mark.one_database
@pytest.mark.parametrize("file", ["syllabus-junior-sample.toml", "exam-junior-sample.toml", "award-junior-sample.toml"])
def test_every_kind_of_pack_opens_and_saves_unchanged(browser_of: BrowserOf, file: str) -> None:
    pack = make_pack(file.partition("-")[0], file)
    browser = browser_of(make_member(Role.REGULATOR, pack.region_code))

    saved = post(browser, pack, "save")

    assert saved.status_code == 302
    again = session.scalars(select(RulePack).where(RulePack.series == pack.series, RulePack.revision == 2)).one()
    assert queries.params(again) == queries.params(pack)
    assert (again.source, again.starts_on, again.tag) == (pack.source, pack.starts_on, pack.tag)


@pytest.mark.one_database
def test_a_points_table_is_built_row_by_row(browser: FlaskClient, draft: RulePack) -> None:
    post(browser, draft, "add:params.tree.of")
    post(browser, draft, "keep", params__tree__of__2__node="points", open="params.tree.of.2")
    post(browser, draft, "add:params.tree.of.2.rows", params__tree__of__2__at_least="6", open="params.tree.of.2")
    row = {"params__tree__of__2__rows__0__points": "2", "params__tree__of__2__rows__0__each": "stated.services"}
    post(browser, draft, "add:params.tree.of.2.rows", **row)
    post(browser, draft, "add:params.tree.of.2.rows.1.when", params__tree__of__2__rows__1__points="3")
    when = "params__tree__of__2__rows__1__when__"
    post(browser, draft, "keep", **{f"{when}node": "flag", f"{when}fact": "stated.retired", f"{when}value": "false"})
    page = browser.get(f"/rules/{draft.code}/edit").text

    assert "得分：不少于6分" in page
    assert "服务次数：每一单位得2分" in page
    assert "退休人员：" in page
    saved = post(browser, draft, "save")
    assert saved.status_code == 302, re.findall(r'class="error[^"]*">(.*?)</p>', saved.text, re.DOTALL)

"""Rule packs: loaded from a file, published by two people, read by everyone, chosen by region and day."""

import json
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.core.events import Event
from app.desk.queries import todos_of
from app.rulebook import queries, services
from app.rulebook.models import RulePack
from app.rulebook.states import PackState
from tests.factories.accounts import GUANGDONG, JINAN, LIXIA, MADE_AT, NATION, QINGDAO, SHANDONG, Member, make_member
from tests.factories.rulebook import make_draft, make_proposed, make_published, pack_text

SignIn = Callable[..., FlaskClient]
BrowserOf = Callable[[Member], FlaskClient]
SHIPPED = Path(__file__).parents[3] / "content" / "rules"


def upload(browser: FlaskClient, content: str | bytes, name: str = "pack.toml") -> TestResponse:
    data = content.encode() if isinstance(content, str) else content
    return browser.post("/rules/new", data={"file": (BytesIO(data), name)}, content_type="multipart/form-data")


def count() -> int:
    return session.scalar(select(func.count()).select_from(RulePack)) or 0


def happened() -> list[str]:
    return list(session.scalars(select(Event.kind).where(Event.kind.startswith("rulebook.")).order_by(Event.id)))


def test_a_regulator_loads_a_draft_by_page_and_reads_it_in_plain_sentences(sign_in: SignIn) -> None:
    browser = sign_in(Role.REGULATOR, SHANDONG)
    assert browser.get("/rules/new").status_code == 200

    response = upload(browser, pack_text())

    assert response.location == "/rules/award-test.1"
    page = browser.get(response.location).text
    assert "初级技术经纪人：完成培训并考试合格" in page
    assert "示例值" in page
    assert "测试机关" in page
    assert "山东省" in page
    assert happened() == ["rulebook.drafted"]


@pytest.mark.one_database
def test_an_uploaded_file_names_every_wrong_field_and_stores_nothing(sign_in: SignIn) -> None:
    browser = sign_in(Role.REGULATOR, SHANDONG)
    wrong = pack_text(years=99).replace("JJC", "jjc")

    response = upload(browser, wrong)

    assert response.status_code == 422
    assert "params.levels[1].valid_years 不得大于50" in response.text
    assert "params.levels[1].number_prefix" in response.text
    assert count() == 0


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空"),
        (b"kind = ", "不是有效的TOML"),
        ("名称".encode("gb18030"), "不是UTF-8"),
        (pack_text(kind="unknown").encode(), "unknown"),
        (pack_text(region="379999").encode(), "没有代码为379999的地区"),
        (pack_text(ends_on=date(2024, 12, 31)).encode(), "ends_on 早于起始日"),
    ],
)
def test_a_file_that_is_no_pack_is_refused_beside_the_field(sign_in: SignIn, content: bytes, said: str) -> None:
    response = upload(sign_in(Role.REGULATOR, SHANDONG), content)

    assert response.status_code == 422
    assert said in response.text
    assert count() == 0


@pytest.mark.one_database
def test_a_form_without_a_file_is_refused(sign_in: SignIn) -> None:
    response = sign_in(Role.REGULATOR, SHANDONG).post("/rules/new", data={})

    assert response.status_code == 422
    assert "请选择规则包文件" in response.text


@pytest.mark.one_database
def test_a_file_too_large_is_refused(sign_in: SignIn) -> None:
    assert upload(sign_in(Role.REGULATOR, SHANDONG), b"#" * (256 * 1024 + 1)).status_code == 413


@pytest.mark.one_database
def test_the_rules_of_another_region_are_refused(sign_in: SignIn) -> None:
    response = upload(sign_in(Role.REGULATOR, SHANDONG), pack_text(region=NATION))

    assert response.status_code == 403
    assert "只制定本地区的规则" in response.text
    assert count() == 0


@pytest.mark.one_database
def test_only_regulators_load(sign_in: SignIn) -> None:
    assert sign_in(Role.CERTIFIER).get("/rules/new").status_code == 403
    assert upload(sign_in(Role.CERTIFIER), pack_text()).status_code == 403


@pytest.mark.usefixtures("app")
def test_a_series_counts_its_revisions_and_stays_with_its_region_and_kind() -> None:
    assert make_draft().code == "award-test.1"
    assert make_draft().code == "award-test.2"
    with pytest.raises(InvalidError):
        make_draft(region=GUANGDONG)


def test_a_downloaded_pack_uploads_again_as_the_next_revision(sign_in: SignIn) -> None:
    pack = make_published()
    browser = sign_in(Role.REGULATOR, SHANDONG)

    file = browser.get(f"/rules/{pack.code}.toml")
    response = upload(browser, file.data)

    assert file.text == pack_text()
    assert file.headers["Content-Disposition"] == 'attachment; filename="award-test.1.toml"'
    assert response.location == "/rules/award-test.2"
    again = session.scalars(select(RulePack).where(RulePack.code == "award-test.2")).one()
    assert (again.params, again.source, again.starts_on) == (pack.params, pack.source, pack.starts_on)
    assert again.state is PackState.DRAFT


def test_two_people_publish_a_pack_by_page(browser_of: BrowserOf) -> None:
    pack = make_draft()
    one, two = make_member(Role.REGULATOR), make_member(Role.REGULATOR)
    first, second = browser_of(one), browser_of(two)

    assert first.post(f"/rules/{pack.code}/propose").status_code == 302
    assert not todos_of(one.actor), "who proposed is not asked to confirm"
    assert [todo.url for todo in todos_of(two.actor)] == [f"/rules/{pack.code}"]
    assert "由本部门的另一人复核" in first.get(f"/rules/{pack.code}").text
    assert "复核并发布" in second.get(f"/rules/{pack.code}").text
    assert second.post(f"/rules/{pack.code}/publish").status_code == 302

    found = session.scalars(select(RulePack)).one()
    assert found.state is PackState.PUBLISHED
    assert (found.proposed_by_id, found.published_by_id) == (one.person.id, two.person.id)
    assert not todos_of(two.actor)
    assert happened() == ["rulebook.drafted", "rulebook.proposed", "rulebook.published"]


def test_the_person_who_proposed_cannot_publish(browser_of: BrowserOf) -> None:
    pack = make_draft()
    one = make_member(Role.REGULATOR)
    browser = browser_of(one)
    browser.post(f"/rules/{pack.code}/propose")

    response = browser.post(f"/rules/{pack.code}/publish")

    assert response.status_code == 403
    assert "须由本部门的另一人复核" in response.text
    assert session.scalars(select(RulePack.state)).one() is PackState.PROPOSED


@pytest.mark.usefixtures("app")
def test_the_database_refuses_one_person_in_both_places_whatever_the_service_does() -> None:
    pack = make_proposed()
    forged = text(
        "UPDATE rule_pack SET state = 'published', published_by_id = proposed_by_id, published_at = proposed_at"
    )

    with pytest.raises(ConflictError) as refused, unit_of_work():
        session.execute(forged)

    assert "two_people" in refused.value.code
    assert session.scalars(select(RulePack.state).where(RulePack.id == pack.id)).one() is PackState.PROPOSED


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("act", [services.propose, services.publish])
def test_the_authority_of_another_region_moves_nothing(act: Callable[..., None]) -> None:
    pack = make_draft() if act is services.propose else make_proposed()
    other = make_member(Role.REGULATOR, GUANGDONG)

    with pytest.raises(ForbiddenError), unit_of_work():
        act(pack, by=other.actor, at=MADE_AT)


def test_a_proposed_pack_goes_back_with_a_reason_and_can_be_proposed_again(browser_of: BrowserOf) -> None:
    pack = make_proposed()
    browser = browser_of(make_member(Role.REGULATOR))

    missing = browser.post(f"/rules/{pack.code}/return", data={"reason": " "})
    assert missing.status_code == 422
    assert "请填写理由" in missing.text
    assert browser.post(f"/rules/{pack.code}/return", data={"reason": "年限有误"}).status_code == 302

    found = session.scalars(select(RulePack)).one()
    assert (found.state, found.proposed_by_id, found.proposed_at) == (PackState.DRAFT, None, None)
    assert "年限有误" in browser.get(f"/rules/{pack.code}").text
    assert browser.post(f"/rules/{pack.code}/propose").status_code == 302


def test_a_draft_is_withdrawn_with_a_reason(browser_of: BrowserOf) -> None:
    pack = make_draft()
    browser = browser_of(make_member(Role.REGULATOR))

    assert browser.post(f"/rules/{pack.code}/withdraw", data={}).status_code == 422
    assert browser.post(f"/rules/{pack.code}/withdraw", data={"reason": "重复"}).status_code == 302
    assert session.scalars(select(RulePack.state)).one() is PackState.WITHDRAWN
    assert browser.post(f"/rules/{pack.code}/propose").status_code == 409


def test_the_authority_of_another_region_is_refused_before_a_reason_is_asked_for(browser_of: BrowserOf) -> None:
    pack = make_published()
    browser = browser_of(make_member(Role.REGULATOR, GUANGDONG))

    for act in ("return", "withdraw"):
        assert browser.post(f"/rules/{pack.code}/{act}", data={}).status_code == 403


def test_a_published_pack_does_not_change_any_more(browser_of: BrowserOf) -> None:
    pack = make_published()
    browser = browser_of(make_member(Role.REGULATOR))

    for act in ("propose", "publish"):
        assert browser.post(f"/rules/{pack.code}/{act}").status_code == 409
    assert browser.post(f"/rules/{pack.code}/return", data={"reason": "改"}).status_code == 409
    assert browser.post(f"/rules/{pack.code}/withdraw", data={"reason": "改"}).status_code == 409


def test_the_public_sees_published_packs_and_no_official(client: FlaskClient) -> None:
    pack, draft = make_published(), make_draft(code="award-draft", name_zh="未定规则")

    page = client.get("/rules").text
    assert "授予规则" in page
    assert "未定规则" not in page
    shown = client.get(f"/rules/{pack.code}").text
    assert "已复核发布" in shown
    publisher = session.execute(text("SELECT name FROM person WHERE id = :id"), {"id": pack.published_by_id}).scalar()
    assert publisher
    assert publisher not in shown
    for path in (f"/rules/{draft.code}", f"/rules/{draft.code}.toml", "/rules/none.1"):
        assert client.get(path).status_code == 404


def test_drafts_are_seen_within_the_region_only(sign_in: SignIn) -> None:
    draft = make_draft()

    assert sign_in(Role.REGULATOR, SHANDONG).get(f"/rules/{draft.code}").status_code == 200
    page = sign_in(Role.REGULATOR, NATION).get(f"/rules/{draft.code}").text
    assert "由所属地区的主管部门决定" in page
    assert sign_in(Role.REGULATOR, GUANGDONG).get(f"/rules/{draft.code}").status_code == 404
    assert sign_in(Role.TRAINEE, SHANDONG).get(f"/rules/{draft.code}").status_code == 404


def test_the_list_filters_by_kind_and_pages(client: FlaskClient) -> None:
    for number in range(queries.PER_PAGE + 1):
        make_published(code=f"series-{number:02d}", name_zh=f"规则第{number}号")

    first, second = client.get("/rules").text, client.get("/rules?page=2").text
    assert first.count("规则第") == queries.PER_PAGE
    assert second.count("规则第") == 1
    assert client.get("/rules?page=0").text.count("规则第") == queries.PER_PAGE
    assert client.get("/rules?page=999999999999999999999").text.count("规则第") == 1
    assert "规则第" in client.get("/rules?kind=award").text
    assert "规则第" not in client.get("/rules?kind=syllabus").text


@pytest.mark.usefixtures("app")
def test_the_nearest_region_then_the_latest_start_binds() -> None:
    nation = make_published(code="nation", region=NATION)
    province = make_published(code="province")
    newer = make_published(code="province-new", starts_on=date(2026, 1, 1))
    county = make_published(code="county", region=LIXIA, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 30))

    def binding(region: str, on: date) -> str:
        return queries.in_force("award", region, on).code

    assert binding(GUANGDONG, date(2025, 6, 1)) == nation.code
    assert binding(QINGDAO, date(2025, 12, 31)) == province.code
    assert binding(QINGDAO, date(2026, 1, 1)) == newer.code
    assert binding(LIXIA, date(2026, 5, 31)) == newer.code
    assert binding(LIXIA, date(2026, 6, 1)) == county.code
    assert binding(LIXIA, date(2026, 6, 30)) == county.code
    assert binding(LIXIA, date(2026, 7, 1)) == newer.code
    assert binding(JINAN, date(2026, 6, 15)) == newer.code


@pytest.mark.usefixtures("app")
def test_a_revision_of_the_same_day_takes_the_place_of_the_former() -> None:
    make_published()
    second = make_published(years=3)

    assert queries.in_force("award", LIXIA, date(2026, 1, 1)).code == second.code


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("make", [make_draft, make_proposed])
def test_nothing_unpublished_or_not_yet_begun_binds(make: Callable[..., RulePack]) -> None:
    make()
    make_published(code="later", starts_on=date(2027, 1, 1))

    with pytest.raises(InvalidError, match="没有生效"):
        queries.in_force("award", SHANDONG, date(2026, 12, 31))
    with pytest.raises(InvalidError):
        queries.in_force("no-such-kind", SHANDONG, date(2026, 12, 31))


@pytest.mark.usefixtures("app")
def test_a_pinned_pack_is_read_with_its_typed_parameters() -> None:
    pack = make_published(years=7)

    assert queries.params(queries.by_code(pack.code)).model_dump()["levels"][0]["valid_years"] == 7
    with pytest.raises(NotFoundError):
        queries.pack("none.1", None)


@pytest.mark.one_database
def test_the_command_checks_files_and_names_what_is_wrong(app: Flask, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(pack_text(), "utf-8")
    bad.write_bytes("名称".encode("gb18030"))
    runner = app.test_cli_runner()

    assert runner.invoke(args=["rules", "check", str(good)]).exit_code == 0
    refused = runner.invoke(args=["rules", "check", "--json", str(good), str(bad)])

    assert refused.exit_code == 1
    answer = json.loads(refused.stdout)
    assert answer["checked"] == 2
    assert list(answer["failed"]) == [str(bad)]
    assert str(bad) in refused.stderr


@pytest.mark.one_database
def test_the_shipped_packs_fit_their_kinds(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["rules", "check", str(SHIPPED), "--json"])

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["checked"] == len(list(SHIPPED.glob("*.toml")))


def test_the_command_loads_a_draft(app: Flask, tmp_path: Path) -> None:
    make_published(code="other")
    path = tmp_path / "pack.toml"
    path.write_text(pack_text(), "utf-8")
    runner = app.test_cli_runner()

    assert runner.invoke(args=["rules", "load", str(path)]).output.strip() == "award-test.1"
    assert json.loads(runner.invoke(args=["rules", "load", "--json", str(path)]).output) == {"code": "award-test.2"}
    path.write_text(pack_text(years=0), "utf-8")
    refused = runner.invoke(args=["rules", "load", str(path)])

    assert refused.exit_code == 1
    assert "valid_years" in refused.stderr
    states = session.scalars(select(RulePack.state).where(RulePack.series == "award-test")).all()
    assert states == [PackState.DRAFT, PackState.DRAFT]

"""Expert pools: units nominate, the person accepts, another person admits for a term, dates end it."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.actors import actor_of
from app.accounts.models import Membership
from app.accounts.rules import bodies
from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.core.spreadsheets import to_csv, to_xlsx
from app.desk.queries import todos_of
from app.panels.jobs import UNITS
from app.panels.models.pools import PoolExpert
from app.panels.queries import pools as queries
from app.panels.queries import scope
from app.panels.rules import roster
from app.panels.services import pools
from app.panels.services.pools import Profile
from app.panels.states import ExpertState, Field, Title
from tests.factories.accounts import (
    GUANGDONG,
    JINAN,
    NATION,
    SHANDONG,
    Member,
    identity_number,
    make_member,
    make_organisation,
    make_person,
)
from tests.factories.panels import AT, Office, make_committee, make_expert, make_experts, make_office, make_panel

BrowserOf = Callable[[Member], FlaskClient]
HEAD = ("姓名", "证件号码", "单位", "地区代码", "专业领域", "职称")
PROFILE = Profile(Field.LAW, Title.SENIOR, "某研究院", SHANDONG)


def row(number: int, name: str = "赵明远") -> tuple[str, ...]:
    return (name, identity_number(number), "齐鲁工业研究院", SHANDONG, "知识产权", "正高级")


def stored(code: str) -> PoolExpert:
    query = select(PoolExpert).where(PoolExpert.code == code).execution_options(populate_existing=True)
    return session.scalars(query).one()


def test_a_unit_nominates_the_person_accepts_and_another_person_admits(office: Office, browser_of: BrowserOf) -> None:
    unit = make_member(Role.BASE, JINAN, make_organisation(region=JINAN))
    given = {
        "pool": office.pool.code,
        "name": "钱思齐",
        "number": identity_number(777),
        "unit": "齐鲁工业研究院",
        "region": SHANDONG,
        "field": "law",
        "title": "senior",
    }

    assert browser_of(unit).post("/nominations", data=given).location == "/nominations"

    expert = session.scalars(select(PoolExpert)).one()
    person = actor_of(expert.person, None)
    assert "钱思齐" in browser_of(unit).get("/nominations").text
    assert [todo.kind for todo in todos_of(person)] == ["panels.answer"]
    invited = make_member(Role.TRAINEE, JINAN, person=expert.person)
    browser = browser_of(invited)
    assert "接受推荐" in browser.get(f"/my/panels/entries/{expert.code}").text
    assert browser.post(f"/my/panels/entries/{expert.code}/accept").status_code == 302
    assert [todo.kind for todo in todos_of(office.regulator.actor)] == ["panels.admit"]

    path = f"/pools/{office.pool.code}/experts/{expert.code}"
    assert "准予入库" in browser_of(office.regulator).get(path).text
    term = {"starts_on": "2026-03-02", "ends_on": "2029-03-01"}
    assert browser_of(office.regulator).post(f"{path}/admit", data=term).location == path

    found = stored(expert.code)
    assert (found.state, found.admitted_by_id) == (ExpertState.ADMITTED, office.regulator.person.id)
    assert found.serves_on(date(2029, 3, 1))
    assert not found.serves_on(date(2029, 3, 2))
    assert not found.serves_on(date(2026, 3, 1))
    role = session.scalars(select(Membership).where(Membership.role == Role.EXPERT)).one()
    assert (role.person_id, role.ends_on) == (expert.person_id, date(2029, 3, 1))
    assert todos_of(office.regulator.actor) == []
    assert "任期至" in browser.get("/my/panels").text


def test_a_person_may_decline_and_be_nominated_again(office: Office, browser_of: BrowserOf) -> None:
    person = make_person()
    with unit_of_work():
        expert = pools.nominate(office.pool, person, PROFILE, by=office.secretary.actor, at=AT)
    browser = browser_of(make_member(Role.TRAINEE, person=person))

    assert browser.post(f"/my/panels/entries/{expert.code}/perhaps").status_code == 404
    assert browser.post(f"/my/panels/entries/{expert.code}/decline").status_code == 302
    assert stored(expert.code).state is ExpertState.DECLINED
    assert browser.post(f"/my/panels/entries/{expert.code}/accept").status_code == 409

    with unit_of_work():
        again = pools.nominate(office.pool, person, PROFILE, by=office.secretary.actor, at=AT)
    assert (again.id, again.state, again.answered_at) == (expert.id, ExpertState.NOMINATED, None)


def test_nobody_answers_for_another_and_nobody_admits_whom_they_nominated(office: Office) -> None:
    person = make_person()
    with unit_of_work():
        expert = pools.nominate(office.pool, person, PROFILE, by=office.regulator.actor, at=AT)
    with pytest.raises(ForbiddenError), unit_of_work():
        pools.answer(expert, willing=True, by=office.secretary.actor, at=AT)
    with unit_of_work():
        pools.answer(expert, willing=True, by=actor_of(person, None), at=AT)

    with pytest.raises(ForbiddenError), unit_of_work():
        pools.admit(expert, starts_on=AT.date(), ends_on=AT.date(), by=office.regulator.actor, at=AT)
    with pytest.raises(ForbiddenError), unit_of_work():
        pools.decide(expert, "refuse", reason="x", by=office.regulator.actor, at=AT)
    assert stored(expert.code).state is ExpertState.ACCEPTED


@pytest.mark.one_database
def test_a_term_is_at_most_what_the_rules_say(office: Office, browser_of: BrowserOf) -> None:
    person = make_person()
    with unit_of_work():
        expert = pools.nominate(office.pool, person, PROFILE, by=office.secretary.actor, at=AT)
        pools.answer(expert, willing=True, by=actor_of(person, None), at=AT)
    path = f"/pools/{office.pool.code}/experts/{expert.code}"
    browser = browser_of(office.regulator)

    for ends_on in ("2029-03-02", "2026-03-01"):
        response = browser.post(f"{path}/admit", data={"starts_on": "2026-03-02", "ends_on": ends_on})
        assert response.status_code == 422
        assert "最晚为2029-03-01" in response.text
        assert ends_on in response.text
    assert browser.post(f"{path}/admit", data={"starts_on": "", "ends_on": ""}).status_code == 422
    assert browser.post(f"{path}/decide/refuse", data={}).status_code == 422
    assert browser.post(f"{path}/decide/refuse", data={"refuse-reason": "材料不实"}).status_code == 302
    assert "材料不实" in browser.get(path).text
    assert browser.post(f"{path}/decide/nominate_again", data={"reason": "x"}).status_code == 404


def test_a_suspended_expert_does_not_serve_until_reinstated(office: Office, browser_of: BrowserOf) -> None:
    expert = make_expert(office)
    path = f"/pools/{office.pool.code}/experts/{expert.code}"
    browser = browser_of(office.regulator)

    browser.post(f"{path}/decide/suspend", data={"suspend-reason": "核查中"})
    assert not stored(expert.code).serves_on(AT.date())
    browser.post(f"{path}/decide/reinstate", data={"reinstate-reason": "核查无误"})
    assert stored(expert.code).serves_on(AT.date())
    with pytest.raises(ConflictError), unit_of_work():
        pools.nominate(office.pool, expert.person, PROFILE, by=office.secretary.actor, at=AT)
    with unit_of_work():
        late = datetime(2030, 1, 1, tzinfo=UTC)
        assert pools.nominate(office.pool, expert.person, PROFILE, by=office.secretary.actor, at=late).starts_on is None


def test_a_pool_is_filtered_sorted_paged_and_exported(office: Office, browser_of: BrowserOf) -> None:
    experts = make_experts(office, 26)
    make_expert(office, unit="法学院", field=Field.LAW)
    browser = browser_of(office.secretary)
    path = f"/pools/{office.pool.code}"

    assert "测试专家库" in browser.get("/pools").text
    assert "27" in browser.get(path).text
    assert "法学院" in browser.get(f"{path}?field=law&title=full_senior&state=admitted").text
    assert "未找到专家" in browser.get(f"{path}?state=expired").text
    assert "法学院" in browser.get(f"{path}?text=法学").text
    assert browser.get(f"{path}?sort=-unit&page=99&state=odd").status_code == 200
    csv = browser.get(f"{path}/export.csv?field=law").data.decode("utf-8-sig")
    assert "法学院" in csv
    assert experts[0].unit not in csv
    book = load_workbook(io.BytesIO(browser.get(f"{path}/export.xlsx").data))
    assert book.worksheets[0].max_row == 28
    assert browser.get(f"{path}/export.pdf").status_code == 404


@pytest.mark.one_database
def test_the_list_of_experts_is_not_for_other_authorities_or_units(office: Office, browser_of: BrowserOf) -> None:
    expert = make_expert(office)
    other = make_office(GUANGDONG)
    path = f"/pools/{office.pool.code}"

    for member in (other.secretary, other.regulator):
        assert browser_of(member).get(path).status_code == 404
        assert browser_of(member).get(f"{path}/export.csv").status_code == 404
        assert browser_of(member).get(f"{path}/experts/{expert.code}").status_code == 404
        mixed = f"/pools/{other.pool.code}/experts/{expert.code}"
        assert browser_of(member).get(mixed).status_code == 404
    for member in (office.supervisor, make_member(Role.BASE), make_member(Role.EXPERT)):
        assert browser_of(member).get(path).status_code == 403
    stranger = make_member(Role.TRAINEE)
    assert browser_of(stranger).get(f"/my/panels/entries/{expert.code}").status_code == 404


def xlsx(*rows: tuple[str, ...]) -> bytes:
    return to_xlsx([HEAD, *rows], "experts")


def upload(browser: FlaskClient, office: Office, data: bytes, name: str = "experts.xlsx") -> TestResponse:
    return browser.post(f"/pools/{office.pool.code}/import", data={"file": (io.BytesIO(data), name)})


@pytest.mark.parametrize("kind", ["xlsx", "csv", "gb18030"])
def test_a_list_nominates_everyone(office: Office, browser_of: BrowserOf, kind: str) -> None:
    rows = [row(801), row(802, "孙若水")]
    data = {
        "xlsx": xlsx(*rows),
        "csv": to_csv([HEAD, *rows]),
        "gb18030": "\n".join(",".join(one) for one in [HEAD, *rows]).encode("gb18030"),
    }[kind]
    browser = browser_of(office.secretary)
    assert browser.get(f"/pools/{office.pool.code}/import").status_code == 200

    response = upload(browser, office, data)

    assert response.location == f"/pools/{office.pool.code}"
    assert {one.person.name for one in session.scalars(select(PoolExpert))} == {"赵明远", "孙若水"}
    template = browser.get("/pools/template.xlsx")
    assert load_workbook(io.BytesIO(template.data)).worksheets[0]["A1"].value == "姓名"


def book_without_sheet() -> bytes:
    packed = io.BytesIO()
    Workbook().save(packed)
    return packed.getvalue()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("data", "says"),
    [
        (to_csv([HEAD, ("赵", "", "院", SHANDONG, "法律", "中级")]), "有空白单元格"),
        (to_csv([HEAD, ("赵", "1", "院", "999999", "法律", "中级")]), "不是六位地区代码"),
        (to_csv([HEAD, ("赵", "1", "院", SHANDONG, "炼金", "中级")]), "“炼金”不是模板中的专业领域"),
        (to_csv([HEAD, ("赵", "1", "院", SHANDONG, "法律", "院士")]), "“院士”不是模板中的职称"),
        (to_csv([HEAD, ("赵", "123", "院", SHANDONG, "法律", "中级")]), "18位"),
        (to_csv([HEAD, row(811), row(811, "李四")]), "该身份证号码属于另一姓名"),
        (to_csv([HEAD]), "只有表头"),
        (to_csv([("甲", "乙"), ("1", "2")]), "缺少表头"),
        (to_csv([HEAD, *[row(820)] * 1001]), "最多1000名"),
        (b"PK\x03\x04 broken", "无法读取该工作簿"),
        (b"\xff\xff\xff\x00\x81", "既不是工作簿"),
        (book_without_sheet(), "缺少表头"),
        (b"", "文件"),
    ],
)
def test_a_wrong_list_is_refused_whole_and_names_the_row(
    office: Office, browser_of: BrowserOf, data: bytes, says: str
) -> None:
    response = upload(browser_of(office.secretary), office, data)

    assert response.status_code == 422
    assert says in response.text
    assert session.scalars(select(PoolExpert)).all() == []


@pytest.mark.one_database
def test_a_nomination_that_cannot_be_is_refused_and_keeps_what_was_typed(office: Office, browser_of: BrowserOf) -> None:
    browser = browser_of(office.secretary)
    given = {"pool": office.pool.code, "name": "钱思齐", "number": "123", "unit": "某院", "region": SHANDONG}
    given |= {"field": "law", "title": "senior"}

    for change in ({}, {"name": ""}):
        response = browser.post("/nominations", data={**given, **change})
        assert response.status_code == 422
        assert "某院" in response.text
    with pytest.raises(InvalidError):
        pools.find_person("钱", "123", by=office.secretary.actor, at=AT)


@pytest.mark.one_database
def test_formulas_in_a_list_stay_text() -> None:
    assert to_csv([("=1+1", "@x")]).decode("utf-8-sig").strip() == "'=1+1,'@x"
    lines = roster.read(to_csv([HEAD, ("=甲", *row(830)[1:])]), {SHANDONG})
    assert (lines[0].name, lines[0].row, lines[0].field) == ("=甲", 2, Field.PROPERTY)


@pytest.mark.one_database
def test_a_list_that_is_no_file_is_asked_for_again_and_nobody_is_nominated(
    office: Office, browser_of: BrowserOf
) -> None:
    response = browser_of(office.secretary).post(f"/pools/{office.pool.code}/import", data={"file": "experts.csv"})

    assert response.status_code == 422
    assert 'id="file-error"' in response.text
    assert session.scalars(select(PoolExpert)).all() == []


@pytest.mark.one_database
def test_the_nearest_authority_over_a_region_holds_its_pool(office: Office) -> None:
    nation = make_office(NATION)

    assert queries.pool_for(SHANDONG).code == office.pool.code
    assert queries.pool_for("370102").code == office.pool.code
    assert queries.pool_for(GUANGDONG).code == nation.pool.code


@pytest.mark.one_database
def test_a_region_without_any_pool_above_it_is_told_to_wait_for_one(office: Office) -> None:
    with pytest.raises(NotFoundError):
        queries.pool_for(GUANGDONG)
    assert queries.people_among(office.pool.id, []) == set()


def test_whoever_neither_organises_oversees_nor_serves_reads_no_pool_panel_or_committee(office: Office) -> None:
    make_committee(office, make_experts(office, 3))
    make_panel(office)
    stranger, secretary = make_member(Role.TRAINEE).actor, office.secretary.actor

    for select_of in (scope.pools, scope.panels, scope.committees):
        assert session.scalars(select_of(secretary)).all()
        assert not session.scalars(select_of(stranger)).all()


def test_kept_units_follow_a_changed_list_of_universities_that_bear_one_name(
    monkeypatch: pytest.MonkeyPatch, office: Office
) -> None:
    monkeypatch.setattr(pools, "CHUNK", 2)
    units = ("同名大学（甲地）", "同名大学（乙地）", "同名大学（甲地）机械系", "无关研究所", "同名大学")
    experts = [make_expert(office, unit=unit) for unit in units]

    def roots() -> list[str]:
        session.expire_all()
        return [session.get_one(PoolExpert, one.id).unit_root for one in experts]

    assert roots() == ["同名大学", "同名大学", "同名大学", "无关研究所", "同名大学"]
    listed = bodies.apart()
    with monkeypatch.context() as changed:
        changed.setattr(bodies, "apart", lambda: replace(listed, places={"同名大学": ["甲地", "乙地"]}))
        bodies._whole.cache_clear()
        UNITS.run()
        assert roots() == ["同名大学甲地", "同名大学乙地", "同名大学甲地", "无关研究所", "同名大学"]
    bodies._whole.cache_clear()
    UNITS.run()
    assert roots() == ["同名大学", "同名大学", "同名大学", "无关研究所", "同名大学"]

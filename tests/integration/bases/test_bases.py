"""Training bases: they apply, the nation and their province decide with a reason, everyone reads the register."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.bases import queries, services
from app.bases.models import TrainingBase
from app.bases.states import BaseState
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event
from app.desk.queries import todos_of
from tests.factories.accounts import (
    GUANGDONG,
    JINAN,
    MADE_AT,
    NATION,
    SHANDONG,
    SHENZHEN,
    Member,
    make_member,
    make_organisation,
)
from tests.factories.bases import FIRST_DAY, LAST_DAY, decide, make_accredited, make_application

SignIn = Callable[..., FlaskClient]
BrowserOf = Callable[[Member], FlaskClient]
APPLICATION = {
    "levels": ["junior", "senior"],
    "address_zh": "济南市历下区经十路1号",
    "address_en": "1 Jingshi Road, Jinan",
    "capacity": "120",
}
PERIOD = {
    "accredit-starts_on": "2026-01-01",
    "accredit-ends_on": "2028-12-31",
    "accredit-reason": "条件齐备。",
}


@pytest.fixture
def applied(app: object) -> TrainingBase:
    del app
    return make_application(make_organisation(slug="qilu", region=JINAN))


def stored() -> TrainingBase:
    return session.scalars(select(TrainingBase).execution_options(populate_existing=True)).one()


def test_a_base_applies_by_page_and_the_province_is_asked(sign_in: SignIn) -> None:
    organisation = make_organisation(slug="qilu", region=JINAN)
    browser = sign_in(Role.BASE, JINAN, organisation)
    province, elsewhere = make_member(Role.REGULATOR, SHANDONG), make_member(Role.REGULATOR, GUANGDONG)
    assert browser.get("/bases/apply").status_code == 200

    response = browser.post("/bases/apply", data=APPLICATION)

    assert response.location == "/bases/qilu"
    base = stored()
    assert (base.state, base.levels, base.capacity) == (BaseState.APPLIED, ["junior", "senior"], 120)
    assert [todo.url for todo in todos_of(province.actor)] == ["/bases/qilu"]
    assert not todos_of(elsewhere.actor)
    assert "主管部门审定申请" in browser.get("/bases/qilu").text


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("field", "value"), [("levels", []), ("address_zh", ""), ("capacity", "0"), ("capacity", "2001")]
)
def test_an_incomplete_application_is_refused_and_keeps_what_was_typed(
    sign_in: SignIn, field: str, value: object
) -> None:
    browser = sign_in(Role.BASE, JINAN, make_organisation(region=JINAN))

    response = browser.post("/bases/apply", data={**APPLICATION, field: value})

    assert response.status_code == 422
    assert "1 Jingshi Road" in response.text
    assert session.scalars(select(TrainingBase)).all() == []


def test_a_base_applies_once_while_its_application_stands(applied: TrainingBase, sign_in: SignIn) -> None:
    browser = sign_in(Role.BASE, JINAN, session.get(Organisation, applied.organisation_id))

    response = browser.post("/bases/apply", data=APPLICATION)

    assert response.status_code == 409
    assert "贵基地已提出过申请" in response.text


@pytest.mark.parametrize("moves", [("refuse",), ("exit",)])
@pytest.mark.usefixtures("app")
def test_a_refused_or_exited_base_applies_again(moves: tuple[str, ...]) -> None:
    base = make_application() if moves == ("refuse",) else make_accredited()
    decide(base, *moves)
    organisation = session.get_one(Organisation, base.organisation_id)

    again = make_application(organisation)

    assert again.id == base.id
    assert (again.state, again.decided_by_id, again.reason, again.accredited_on) == (
        BaseState.APPLIED,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("region", [SHANDONG, NATION])
def test_the_province_and_the_nation_accredit_with_period_and_reason(
    applied: TrainingBase, browser_of: BrowserOf, region: str
) -> None:
    regulator = make_member(Role.REGULATOR, region)
    browser = browser_of(regulator)
    assert "认定该基地" in browser.get("/bases/qilu").text

    assert browser.post("/bases/qilu/accredit", data=PERIOD).status_code == 302

    base = stored()
    assert (base.state, base.decided_by_id) == (BaseState.ACCREDITED, regulator.person.id)
    assert (base.accredited_on, base.accredited_until) == (date(2026, 1, 1), date(2028, 12, 31))
    event = session.scalars(select(Event).where(Event.kind == "bases.accredited")).one()
    assert (event.subject_code, event.reason) == (applied.code, "条件齐备。")


@pytest.mark.one_database
@pytest.mark.parametrize(("region", "status"), [(GUANGDONG, 404), (SHENZHEN, 404), (JINAN, 403), ("370102", 404)])
def test_no_other_authority_decides(applied: TrainingBase, sign_in: SignIn, region: str, status: int) -> None:
    browser = sign_in(Role.REGULATOR, region)

    assert browser.post("/bases/qilu/accredit", data=PERIOD).status_code == status
    response = browser.post("/bases/qilu/decide/refuse", data={"refuse-reason": "不符"})
    assert response.status_code == status
    assert stored().state is BaseState.APPLIED
    assert applied.state is BaseState.APPLIED


@pytest.mark.one_database
def test_the_city_sees_why_it_may_not_decide(applied: TrainingBase, sign_in: SignIn) -> None:
    page = sign_in(Role.REGULATOR, JINAN).get("/bases/qilu").text

    assert applied.code
    assert "由国家和所在省的主管部门决定" in page
    assert "认定该基地" not in page


def test_another_province_sees_a_public_base_but_no_forms(sign_in: SignIn) -> None:
    base = make_accredited(make_organisation(slug="qilu", region=JINAN))
    browser = sign_in(Role.REGULATOR, GUANGDONG)

    assert "form-suspend" not in browser.get("/bases/qilu").text
    assert browser.post("/bases/qilu/decide/suspend", data={"suspend-reason": "检查"}).status_code == 403
    assert stored().state is base.state


@pytest.mark.one_database
@pytest.mark.parametrize(
    "change",
    [
        {"accredit-reason": ""},
        {"accredit-starts_on": ""},
        {"accredit-ends_on": "soon"},
        {"accredit-ends_on": "2025-12-31"},
    ],
)
def test_an_accreditation_needs_a_reason_and_a_period(
    applied: TrainingBase, sign_in: SignIn, change: dict[str, str]
) -> None:
    response = sign_in(Role.REGULATOR, SHANDONG).post("/bases/qilu/accredit", data={**PERIOD, **change})

    assert response.status_code == 422
    assert applied.code
    assert stored().state is BaseState.APPLIED


@pytest.mark.one_database
def test_a_refusal_needs_a_reason_and_keeps_the_page_whole(applied: TrainingBase, sign_in: SignIn) -> None:
    browser = sign_in(Role.REGULATOR, SHANDONG)

    missing = browser.post("/bases/qilu/decide/refuse", data={})
    assert missing.status_code == 422
    assert "请填写理由" in missing.text
    assert "form-accredit" in missing.text
    assert browser.post("/bases/qilu/decide/refuse", data={"refuse-reason": "师资不足"}).status_code == 302
    assert (stored().state, stored().reason) == (BaseState.REFUSED, "师资不足")
    assert applied.code


@pytest.mark.one_database
def test_there_are_no_other_decisions(applied: TrainingBase, sign_in: SignIn) -> None:
    browser = sign_in(Role.REGULATOR, SHANDONG)

    assert browser.post("/bases/qilu/decide/apply_again", data={"reason": "x"}).status_code == 404
    assert browser.post("/bases/qilu/decide/suspend", data={"suspend-reason": "x"}).status_code == 409
    assert applied.code


@pytest.mark.usefixtures("app")
def test_nobody_decides_on_an_application_of_their_own() -> None:
    organisation = make_organisation()
    regulator = make_member(Role.REGULATOR, SHANDONG)
    with unit_of_work():
        base = services.apply(
            organisation,
            levels=["junior"],
            address_zh="甲",
            address_en="A",
            capacity=1,
            by=regulator.actor,
            at=MADE_AT,
        )

    with pytest.raises(ConflictError) as refused, unit_of_work():
        services.decide(base, "refuse", reason="不符", by=regulator.actor, at=MADE_AT)
    assert "two_people" in refused.value.code


@pytest.mark.usefixtures("app")
def test_the_database_ties_an_accreditation_to_its_period() -> None:
    make_application()

    with pytest.raises(ConflictError) as refused, unit_of_work():
        session.execute(text("UPDATE training_base SET state = 'accredited', reason = 'x', decided_by_id = 1"))
    assert "training_base" in refused.value.code


def test_an_expired_accreditation_is_shown_and_can_be_renewed(
    client: FlaskClient, sign_in: SignIn, at_time: Callable[[datetime], None]
) -> None:
    make_accredited(make_organisation(slug="qilu"), ends_on=date(2026, 6, 30))
    at_time(datetime(2026, 6, 30, 12, tzinfo=UTC))
    assert "认定已到期" not in client.get("/bases").text
    at_time(datetime(2026, 6, 30, 16, tzinfo=UTC))  # midnight in Shanghai

    assert "认定已到期" in client.get("/bases").text
    assert "认定已到期" in client.get("/bases/qilu").text
    regulator = sign_in(Role.REGULATOR, SHANDONG)
    renewed = {"renew-starts_on": "2026-07-01", "renew-ends_on": "2029-06-30", "renew-reason": "复核通过"}
    assert regulator.post("/bases/qilu/accredit", data={**renewed, "renew-reason": ""}).status_code == 422
    assert regulator.post("/bases/qilu/accredit", data=renewed).status_code == 302
    assert "认定已到期" not in client.get("/bases/qilu").text
    assert "已设定新的认定期限" in client.get("/bases/qilu").text


def test_an_accreditation_of_a_later_day_is_said_so(client: FlaskClient, at_time: Callable[[datetime], None]) -> None:
    make_accredited(make_organisation(slug="qilu"))
    at_time(datetime(2024, 1, 1, tzinfo=UTC))

    assert "认定尚未生效" in client.get("/bases/qilu").text


def test_a_base_is_suspended_reinstated_and_exited(client: FlaskClient, sign_in: SignIn) -> None:
    make_accredited(make_organisation(slug="qilu"))
    regulator = sign_in(Role.REGULATOR, SHANDONG)

    for move, shown in (("suspend", "已暂停"), ("reinstate", "已认定"), ("exit", "已退出")):
        response = regulator.post(f"/bases/qilu/decide/{move}", data={f"{move}-reason": f"因{move}"})
        assert response.status_code == 302
        page = client.get("/bases/qilu").text
        assert shown in page
        assert f"因{move}" in page
    kinds = session.scalars(select(Event.kind).where(Event.kind.startswith("bases.")).order_by(Event.id)).all()
    assert kinds[-3:] == ["bases.suspended", "bases.reinstated", "bases.exited"]


def test_the_public_reads_reasons_but_not_which_official_decided(client: FlaskClient, sign_in: SignIn) -> None:
    base = make_accredited(make_organisation(slug="qilu"))
    name = session.execute(text("SELECT name FROM person WHERE id = :id"), {"id": base.decided_by_id}).scalar()
    assert name

    assert name not in client.get("/bases/qilu").text
    assert name in sign_in(Role.REGULATOR, SHANDONG).get("/bases/qilu").text
    own = session.get_one(Organisation, base.organisation_id)
    assert name in sign_in(Role.BASE, SHANDONG, own).get("/bases/qilu").text


def test_applications_and_refusals_are_not_public(client: FlaskClient, sign_in: SignIn, applied: TrainingBase) -> None:
    own = session.get_one(Organisation, applied.organisation_id)

    for state in ("applied", "refused"):
        assert stored().state == state
        assert client.get("/bases/qilu").status_code == 404
        assert "测试培训基地" not in client.get("/bases").text
        assert sign_in(Role.BASE, JINAN, make_organisation()).get("/bases/qilu").status_code == 404
        assert sign_in(Role.BASE, JINAN, own).get("/bases/qilu").status_code == 200
        if state == "applied":
            decide(stored(), "refuse")
    assert "重新申请" in sign_in(Role.BASE, JINAN, own).get("/bases/qilu").text


def test_the_register_is_searched_filtered_and_paged(client: FlaskClient) -> None:
    for number in range(queries.PER_PAGE):
        make_accredited(name_zh=f"第{number}基地")
    decide(make_accredited(name_zh="百分%基地"), "suspend")

    assert client.get("/bases").text.count("基地</a></th>") == queries.PER_PAGE
    assert client.get("/bases?page=2").text.count("基地</a></th>") == 1
    assert client.get("/bases?page=-5").text.count("基地</a></th>") == queries.PER_PAGE
    assert client.get("/bases?page=99999999999999999999").text.count("基地</a></th>") == 1
    assert client.get("/bases?text=%25").text.count("基地</a></th>") == 1, "a sign of SQL is only a letter here"
    assert client.get("/bases?text=第7基地").text.count("基地</a></th>") == 1
    assert client.get("/bases?text=TEST training&state=suspended").text.count("基地</a></th>") == 1
    assert client.get("/bases?state=exited").text.count("基地</a></th>") == 0
    assert client.get("/bases?state=nonsense&text=没有").text.count("基地</a></th>") == 0
    assert client.get("/bases/nowhere").status_code == 404


@pytest.mark.usefixtures("app")
def test_the_door_for_cohorts_opens_within_the_period_only() -> None:
    base = make_accredited()

    assert queries.accredited(base.organisation_id, FIRST_DAY).id == base.id
    assert queries.accredited(base.organisation_id, LAST_DAY).id == base.id
    for day in (date(2025, 1, 9), date(2028, 1, 10)):
        with pytest.raises(ForbiddenError, match="不在贵基地的认定期限之内"):
            queries.accredited(base.organisation_id, day)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("moves", "why"),
    [
        (("suspend",), "暂停"),
        (("exit",), "退出"),
        (("suspend", "exit"), "退出"),
    ],
)
def test_the_door_says_why_it_is_closed(moves: tuple[str, ...], why: str) -> None:
    base = decide(make_accredited(), *moves)

    with pytest.raises(ForbiddenError, match=why) as refused:
        queries.accredited(base.organisation_id, FIRST_DAY)
    assert "所在省份的主管部门" in str(refused.value)


@pytest.mark.usefixtures("app")
def test_who_never_applied_or_is_not_decided_stands_before_a_closed_door() -> None:
    with pytest.raises(ForbiddenError, match="尚未申请"):
        queries.accredited(make_organisation().id, FIRST_DAY)
    with pytest.raises(ForbiddenError, match="尚未作出决定"):
        queries.accredited(make_application().organisation_id, FIRST_DAY)
    with pytest.raises(ForbiddenError, match="未获通过"):
        queries.accredited(decide(make_application(), "refuse").organisation_id, FIRST_DAY)

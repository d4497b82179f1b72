"""Two security administrators: one asks, a second carries out; the three administrations stay apart in the schema."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from app.accounts import orders, queries, security, services
from app.accounts.models import Membership, SecurityOrder
from app.accounts.services import NewRole
from app.accounts.services.people import open_field
from app.accounts.states import OrderState, Role
from app.accounts.views.confirm import FRESH_FOR
from app.core import clock, post
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event
from tests.factories.accounts import (
    GUANGDONG,
    JINAN,
    NATION,
    SHANDONG,
    Member,
    make_account,
    make_member,
    make_organisation,
    make_person,
)
from tests.submit import submit
from tests.worlds import built_once

TODAY = date(2026, 3, 2)
REASON = "鲁技管〔2026〕12号文件"
SEED = "JBSWY3DPEHPK3PXP"


@dataclass
class House:
    """Two security administrators of a province with their browsers, and the person concerned."""

    first: Member
    second: Member
    one: FlaskClient
    two: FlaskClient
    person: Member

    @property
    def page(self) -> str:
        return f"/security/people/{self.person.person.code}"

    def ask_role(self, **changes: object) -> TestResponse:
        fields = {"role": "marker", "region_code": SHANDONG, "starts_on": "2026-03-02", "reason": REASON, **changes}
        return submit(self.one, f"{self.page}/roles", page=self.page, **fields)


@built_once
def make_people() -> tuple[Member, Member, Member]:
    first, second = make_member(Role.SECADMIN, SHANDONG), make_member(Role.SECADMIN, SHANDONG)
    person = make_member(Role.AUTHOR, JINAN)
    make_account(person.person, totp_secret=SEED)
    return first, second, person


@pytest.fixture(name="house")
def _house(app: Flask, browser_of: Callable[[Member], FlaskClient]) -> House:
    del app
    first, second, person = make_people()
    return House(first, second, browser_of(first), browser_of(second), person)


def the_order() -> SecurityOrder:
    session.rollback()
    return session.scalars(select(SecurityOrder).order_by(SecurityOrder.id.desc())).first()  # type: ignore[return-value]


def roles_of(member: Member) -> list[Role]:
    return [row.role for row in queries.memberships_of(member.person.id)]


def kinds() -> list[str]:
    listed = session.scalars(select(Event.kind).order_by(Event.id))
    return [kind for kind in listed if kind.startswith(("accounts.order", "accounts.role", "accounts.second"))]


def test_a_role_is_given_when_a_second_administrator_carries_the_order_out(house: House) -> None:
    house.ask_role()
    path = f"/security/orders/{the_order().code}"
    assert roles_of(house.person) == [Role.AUTHOR], "asking gives nothing yet"
    assert house.person.person.name in house.two.get("/security/orders").text
    assert "须由另一名安全管理员执行" in house.one.get(path).text
    assert house.one.post(f"{path}/carry-out").status_code == 403
    assert house.two.post(f"{path}/carry-out").location == path
    given = queries.memberships_of(house.person.person.id)[-1]
    assert (given.role, given.region_code, given.starts_on, given.granted_by) == (
        Role.MARKER,
        SHANDONG,
        TODAY,
        house.second.person.id,
    )
    assert kinds()[-3:] == ["accounts.order_asked", "accounts.order_carried_out", "accounts.role_granted"]
    assert house.two.post(f"{path}/carry-out").status_code == 409, "a repeated request does it once"
    assert "已执行" in house.one.get(path).text
    assert house.person.person.name in house.one.get("/security/orders?all=yes").text


WITHDRAWN = {"reason": "聘期有变，改日再提"}


def test_an_order_is_refused_by_the_second_or_withdrawn_by_the_first(house: House) -> None:
    for act, actor, other in (("refuse", house.two, house.one), ("withdraw", house.one, house.two)):
        house.ask_role()
        path = f"/security/orders/{the_order().code}/{act}"
        assert other.post(path, data=WITHDRAWN).status_code == 403
        assert actor.post(path, data=WITHDRAWN).status_code == 302
        assert actor.post(path, data=WITHDRAWN).status_code == 409
    assert roles_of(house.person) == [Role.AUTHOR]
    assert kinds()[-2:] == ["accounts.order_asked", "accounts.order_withdrawn"]
    assert WITHDRAWN["reason"] in house.two.get(f"/security/orders/{the_order().code}").text
    assert house.one.post(f"/security/orders/{the_order().code}/burn").status_code == 404


def test_a_role_ends_with_the_day_that_two_agree_on(house: House) -> None:
    path = f"/security/roles/{house.person.membership.code}"
    assert house.person.person.name in house.one.get(path).text
    early = submit(house.one, path, ends_on="2019-01-01", reason=REASON)
    assert early.status_code == 422
    assert submit(house.one, path, ends_on="", reason="").status_code == 422
    submit(house.one, path, ends_on="2030-01-31", reason=REASON)
    assert submit(house.one, path, ends_on="2030-02-28", reason=REASON).status_code == 409, "one order at a time"
    house.two.post(f"/security/orders/{the_order().code}/carry-out")
    session.rollback()
    assert session.get_one(Membership, house.person.membership.id).ends_on == date(2030, 1, 31)
    longer = submit(house.one, path, ends_on="2030-02-28", reason=REASON)
    assert longer.status_code == 422, "an order that ends a role never prolongs it"
    assert "2030-01-31" in longer.text


def test_factors_are_reset_by_two_sessions_end_and_a_letter_tells_it(
    house: House, browser_of: Callable[[Member], FlaskClient], run_jobs: Callable[[], int]
) -> None:
    theirs = browser_of(house.person)
    with unit_of_work():
        account = queries.account_of_code(house.person.person.code)
        services.make_recovery_codes(account, by=house.person.actor, at=real_now())
    fields = {"reset-reason": "本人持身份证到场核验"}
    assert submit(house.one, f"{house.page}/factors", page=house.page, **{"reset-reason": ""}).status_code == 422
    assert submit(house.one, f"{house.page}/factors", page=house.page, **fields).status_code == 302
    assert submit(house.one, f"{house.page}/factors", page=house.page, **fields).status_code == 409
    assert theirs.get("/me").status_code == 200
    house.two.post(f"/security/orders/{the_order().code}/carry-out")
    assert theirs.get("/me").status_code == 401
    session.rollback()
    account = queries.account_of_code(house.person.person.code)
    assert not security.has_second_factor(account)
    assert security.recovery_codes_left(account.person_id) == 0
    run_jobs()
    letters = [one for one in post.in_memory() if isinstance(one, post.Letter)]
    assert [(one.to, one.subject) for one in letters] == [
        (open_field(house.person.person, "person.email"), "您的账号二次验证已重置")
    ]


def test_nobody_orders_or_decides_about_themselves(house: House, browser_of: Callable[[Member], FlaskClient]) -> None:
    own = f"/security/people/{house.first.person.code}"
    assert "不能为本人提出事项" in house.one.get(own).text
    fields = {"role": "marker", "region_code": SHANDONG, "starts_on": "2026-03-02", "reason": REASON}
    assert house.one.post(f"{own}/roles", data=fields).status_code == 403
    house.two.post(f"{own}/roles", data=fields)
    path = f"/security/orders/{the_order().code}"
    assert "涉及您本人" in house.one.get(path).text
    assert house.one.post(f"{path}/carry-out").status_code == 403
    third = browser_of(make_member(Role.SECADMIN, NATION))
    assert third.post(f"{path}/carry-out").status_code == 302


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"region_code": GUANGDONG}, 403, "不在您的管理范围"),
        ({"region_code": "999999"}, 404, "没有这条记录"),
        ({"region_code": "37"}, 422, "应为六位数字"),
        ({"ends_on": "2026-03-01"}, 422, "早于"),
        ({"organisation": "nowhere"}, 422, "没有使用该简称的机构"),
        ({"reason": ""}, 422, "请填写事由"),
        ({"reason": "嗯"}, 422, "请写明事由"),
        ({"role": "emperor"}, 422, ""),
        ({"starts_on": "soon"}, 422, ""),
    ],
)
def test_what_is_wrong_stands_on_the_page_and_nothing_typed_is_lost(
    house: House, changes: dict[str, str], status: int, says: str
) -> None:
    answer = house.ask_role(**changes)
    assert answer.status_code == status
    assert says in answer.text
    assert changes.get("reason", REASON) in answer.text
    assert the_order() is None


def test_a_role_may_be_given_within_one_organisation_and_the_same_order_waits_once(house: House) -> None:
    body = make_organisation(slug="exam-centre")
    house.ask_role(organisation="exam-centre")
    assert the_order().organisation_id == body.id
    assert house.ask_role().status_code == 409


def test_no_role_is_given_in_an_organisation_of_another_region_which_is_told_like_none(house: House) -> None:
    make_organisation(slug="lingnan", region=GUANGDONG)
    answer = house.ask_role(organisation="lingnan")
    assert answer.status_code == 422
    assert "没有使用该简称的机构" in answer.text
    assert the_order() is None


def test_who_has_no_account_has_no_factor_to_reset(house: House) -> None:
    other = make_member(Role.TRAINEE, SHANDONG)
    page = f"/security/people/{other.person.code}"
    assert "尚未开通" in house.one.get(page).text
    assert house.one.post(f"{page}/factors", data={"reset-reason": REASON}).status_code == 409


def test_people_and_orders_of_another_region_do_not_exist(
    house: House, browser_of: Callable[[Member], FlaskClient]
) -> None:
    house.ask_role()
    code = the_order().code
    foreign = browser_of(make_member(Role.SECADMIN, GUANGDONG))
    assert foreign.get(house.page).status_code == 404
    assert foreign.get(f"/security/orders/{code}").status_code == 404
    assert foreign.post(f"/security/orders/{code}/carry-out").status_code == 404
    assert foreign.get(f"/security/roles/{house.person.membership.code}").status_code == 404
    assert house.person.person.name not in foreign.get("/security/orders?all=yes").text
    assert browser_of(make_member(Role.SECADMIN, NATION)).get(house.page).status_code == 200


def test_a_person_is_found_by_what_only_they_go_by(house: House) -> None:
    for purpose in ("email", "phone", "identity"):
        typed = open_field(house.person.person, f"person.{purpose}")
        assert house.one.get("/security/people", query_string={"who": typed}).location == house.page
    new = make_person()
    assert house.one.get(f"/security/people?who={new.code}").location == f"/security/people/{new.code}"
    foreign = make_member(Role.AUTHOR, GUANGDONG)
    for nobody in ("nobody@demo.example", "", foreign.person.code):
        assert house.one.get(f"/security/people?who={nobody}").location == "/security/orders"


def test_orders_ask_again_who_it_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    instant = real_now() + FRESH_FOR
    monkeypatch.setattr(clock, "real_now", lambda: instant)
    assert house.ask_role().location.startswith("/confirm")
    assert the_order() is None


def test_two_administrations_are_refused_in_words_and_by_the_schema(house: House) -> None:
    auditor = make_member(Role.AUDITOR, SHANDONG, person=house.person.person)
    refused = house.ask_role(role="sysadmin")
    assert refused.status_code == 409
    assert "职责分离" in refused.text
    assert "审计管理员" in refused.text
    second = Membership(person_id=auditor.person.id, role=Role.SYSADMIN, region_code=SHANDONG, starts_on=TODAY)
    with pytest.raises(ConflictError, match="administrations"), unit_of_work():
        session.add(second)
    with unit_of_work():
        session.get_one(Membership, auditor.membership.id).ends_on = TODAY
    house.ask_role(role="sysadmin", starts_on="2026-03-03")
    assert house.two.post(f"/security/orders/{the_order().code}/carry-out").status_code == 302
    with pytest.raises(ConflictError, match="administrations"), unit_of_work():
        session.execute(text("UPDATE membership SET ends_on = NULL WHERE role = 'auditor'"))


def test_an_administration_given_meanwhile_stops_the_order_and_leaves_it_waiting(house: House) -> None:
    house.ask_role(role="sysadmin")
    order = the_order()
    make_member(Role.AUDITOR, SHANDONG, person=house.person.person)
    assert house.two.post(f"/security/orders/{order.code}/carry-out").status_code == 409
    assert the_order().state is OrderState.ASKED
    assert Role.SYSADMIN not in roles_of(house.person)


@pytest.mark.parametrize(
    "change",
    [
        "decided_by_id = asked_by_id, decided_at = asked_at, state = 'done'",
        "decided_by_id = person_id, decided_at = asked_at, state = 'done'",
        "decided_at = asked_at, state = 'done'",
        "state = 'done'",
        "role = NULL",
        "asked_by_id = person_id",
    ],
)
def test_the_schema_knows_that_two_others_decide(house: House, change: str) -> None:
    house.ask_role()
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(text(f"UPDATE security_order SET {change}"))


def test_the_services_refuse_what_the_pages_do_not_offer(house: House) -> None:
    new = NewRole(Role.MARKER, SHANDONG, None, TODAY, TODAY + timedelta(days=1))
    with unit_of_work():
        person = orders.person_in_scope(house.person.person.code, house.first.actor)
        order = services.ask_role(person, new, reason=REASON, by=house.first.actor, at=real_now())
    with pytest.raises(ForbiddenError), unit_of_work():
        services.refuse(order, by=house.first.actor, at=real_now())


@pytest.mark.parametrize("which", ["list", "order", "person", "role"])
def test_a_page_of_the_administrators_sends_few_statements(
    house: House, count_statements: Callable[[], list[str]], which: str
) -> None:
    for role in ("marker", "lecturer", "expert", "chair"):
        house.ask_role(role=role)
    paths = {
        "list": "/security/orders",
        "order": f"/security/orders/{the_order().code}",
        "person": house.page,
        "role": f"/security/roles/{house.person.membership.code}",
    }
    sent = count_statements()
    assert house.two.get(paths[which]).status_code == 200
    assert len([one for one in sent if "BEGIN" not in one]) <= 10

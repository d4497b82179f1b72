"""What an officer corrects of a person: told to the person, and never a way in for one officer alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from app.accounts import queries, services
from app.accounts.models import Membership, Person, SecurityOrder
from app.accounts.rules.identity import mask_identity
from app.accounts.rules.slowing import FREE_TRIES
from app.accounts.services import contacts, corrections, erasure
from app.accounts.services.corrections import Wanted
from app.accounts.services.people import open_field
from app.accounts.states import IdentityKind, OrderKind, OrderState, ResetWay, Role
from app.core import clock, post
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event
from tests.factories.accounts import (
    GUANGDONG,
    SHANDONG,
    Member,
    identity_number,
    make_account,
    make_member,
    make_organisation,
    make_person,
)
from tests.submit import submit
from tests.worlds import built_once

WHY = "本人持身份证到场，录入时误写一位"
SLIP = "号码末位录错，重新核对后再提"
NUMBER = identity_number(777)
Browse = Callable[[Member], FlaskClient]


@dataclass
class Body:
    """A training base with its administrator, a member of it, and a security administrator of the province."""

    base: Member
    member: Member
    second: Member
    browser: FlaskClient
    other: FlaskClient
    page: str

    def correct(self, **fields: str) -> TestResponse:
        return submit(self.browser, f"{self.page}/correct", identity_kind="resident_id", **{"reason": WHY, **fields})

    def carry_out(self) -> int:
        return self.other.post(f"/security/orders/{the_order().code}/carry-out").status_code


@built_once
def make_people() -> tuple[Member, Member, Member]:
    organisation = make_organisation()
    base = make_member(Role.BASE, organisation=organisation)
    return base, make_member(Role.LECTURER, organisation=organisation), make_member(Role.SECADMIN, SHANDONG)


@pytest.fixture(name="body")
def _body(app: Flask, browser_of: Browse) -> Body:
    del app
    base, member, second = make_people()
    assert base.membership.organisation is not None
    page = f"/organisations/{base.membership.organisation.slug}/members/{member.membership.code}"
    return Body(base, member, second, browser_of(base), browser_of(second), page)


def the_order() -> SecurityOrder:
    session.rollback()
    return session.scalars(select(SecurityOrder).order_by(SecurityOrder.id.desc())).first()  # type: ignore[return-value]


def kept(member: Member, field: str) -> str | None:
    session.expire_all()
    return open_field(session.get_one(Person, member.person.id), f"person.{field}")


def event(kind: str) -> Event:
    return session.scalars(select(Event).where(Event.kind == kind)).one()


def test_contacts_of_a_person_without_an_account_are_corrected_at_once_with_the_reason(
    body: Body, run_jobs: Callable[[], int]
) -> None:
    before = kept(body.member, "phone")
    done = body.correct(phone="13800138000", email="right@demo.example")
    assert done.location == body.page
    assert (kept(body.member, "phone"), kept(body.member, "email")) == ("+8613800138000", "right@demo.example")
    assert the_order() is None
    said = session.scalars(select(Event).where(Event.kind == "accounts.contact_corrected")).all()
    assert [(one.actor_id, one.subject_code) for one in said] == [(body.base.person.id, body.member.person.code)] * 2
    assert all(one.reason for one in said)
    run_jobs()
    letters = post.in_memory()
    assert before in [one.to for one in letters], "the old address is told"
    assert not any("密码" in one.body for one in letters), "there is no account whose password could be changed"


def test_what_stands_and_what_waits_is_both_said_and_nobody_was_told_where_nothing_stood(body: Body) -> None:
    done = body.correct(phone="13800138000", identity_number=NUMBER)
    said = body.browser.get(done.location).text
    assert "更正已生效，并已通知原联系方式" in said
    assert "安全管理员" in said
    with unit_of_work():
        person = session.get_one(Person, body.member.person.id)
        person.email_sealed = person.email_index = None
    said = body.browser.get(body.correct(email="right@demo.example").location).text
    assert "更正已生效" in said
    assert "已通知" not in said


@pytest.mark.usefixtures("time_stands")
def test_an_officer_does_not_try_out_whose_numbers_there_are(body: Body) -> None:
    make_person(phone="13800138000")
    answers = [body.correct(phone="13800138000").status_code for _try in range(FREE_TRIES + 1)]
    assert answers == [409] * FREE_TRIES + [429]


def test_while_a_correction_waits_nothing_is_told_of_other_numbers(body: Body) -> None:
    make_account(body.member.person)
    make_person(phone="13800138000")
    assert body.correct(phone="13800138111").status_code == 302
    answer = body.correct(phone="13800138000")
    assert answer.status_code == 409
    assert "属于他人" not in answer.text


def test_of_who_has_an_account_a_security_administrator_carries_the_correction_out(body: Body) -> None:
    make_account(body.member.person)
    before = kept(body.member, "email")
    assert "安全管理员" in body.browser.get(body.correct(email="right@demo.example").location).text
    assert kept(body.member, "email") == before, "one officer changes nothing"
    order = the_order()
    assert (order.kind, order.asked_by_id) == (OrderKind.CORRECT_EMAIL, body.base.person.id)
    shown = body.other.get(f"/security/orders/{order.code}").text
    assert "right@demo.example" in shown
    assert WHY in shown
    assert body.carry_out() == 302
    assert kept(body.member, "email") == "right@demo.example"
    order = the_order()
    assert (order.state, order.asked_sealed) == (OrderState.DONE, None)
    assert body.carry_out() == 409


def test_an_address_that_an_officer_set_opens_no_reset_for_three_days(body: Body) -> None:
    make_account(body.member.person)
    body.correct(email="right@demo.example")
    body.carry_out()
    for passed, sent in ((timedelta(hours=71), False), (timedelta(hours=73), True)):
        at = real_now() + passed
        with unit_of_work():
            wish = services.ask_reset(queries.account_of(body.member.person.id), ResetWay.MAIL, at=at)
            assert (services.seal_reset(wish.code, at=at) is not None) is sent


def test_a_document_is_corrected_by_two_whoever_has_an_account(body: Body) -> None:
    before = kept(body.member, "identity")
    body.correct(identity_number=NUMBER)
    assert kept(body.member, "identity") == before
    assert the_order().kind is OrderKind.CORRECT_DOCUMENT
    body.carry_out()
    assert kept(body.member, "identity") == NUMBER
    found = queries.person_by_identity(IdentityKind.RESIDENT_ID, NUMBER)
    assert found is not None
    assert found.id == body.member.person.id
    assert queries.person_by_identity(IdentityKind.RESIDENT_ID, before or "") is None
    assert event("accounts.document_corrected").actor_id == body.second.person.id


@pytest.mark.parametrize("act", ["refuse"])
def test_what_is_refused_leaves_all_as_it_was_and_keeps_no_number(body: Body, act: str) -> None:
    before = kept(body.member, "identity")
    body.correct(identity_number=NUMBER)
    assert body.other.post(f"/security/orders/{the_order().code}/{act}").status_code == 302
    assert (the_order().asked_sealed, kept(body.member, "identity")) == (None, before)


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({}, 422, "请填写需要更正的内容"),
        ({"phone": "12"}, 422, "手机号"),
        ({"identity_number": "370102199001010000"}, 422, "证件"),
        ({"phone": "13800138000", "reason": ""}, 422, "请填写"),
        ({"phone": "13800138000", "reason": "错"}, 422, "请写明事由"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(body: Body, fields: dict[str, str], status: int, says: str) -> None:
    answer = body.correct(**fields)
    assert answer.status_code == status
    assert says in answer.text
    assert the_order() is None


def test_who_asked_takes_a_slip_back_with_a_reason_and_asks_anew(body: Body, run_jobs: Callable[[], int]) -> None:
    before = kept(body.member, "identity")
    body.correct(identity_number=NUMBER)
    run_jobs()
    order = the_order()
    assert f"/security/orders/{order.code}" in body.other.get("/inbox").text
    page = f"/people/corrections/{order.code}"
    form, one = (body.browser.get(path).text for path in (f"{body.page}/correct", page))
    assert page in form
    assert page in body.browser.get("/people/corrections").text
    assert "withdraw" in one
    values = (before or "", NUMBER)
    shown = [(mask_identity(number) in text, number in text) for number in values for text in (form, one)]
    assert shown == [(True, False)] * 4, "both are compared masked, what stands and what shall stand"

    nothing = submit(body.browser, f"{page}/withdraw", page=page, reason=" ")
    assert (nothing.status_code, the_order().state) == (422, OrderState.ASKED)
    assert "请说明撤回的原因" in nothing.text
    assert submit(body.browser, f"{page}/withdraw", page=page, reason=SLIP).status_code == 302
    run_jobs()

    order = the_order()
    assert (order.state, order.asked_sealed, order.decided_by_id) == (OrderState.WITHDRAWN, None, None)
    told = event("accounts.order_withdrawn")
    assert (told.actor_id, told.reason, told.data["order"]) == (body.base.person.id, SLIP, order.code)
    assert kept(body.member, "identity") == before
    assert f"/security/orders/{order.code}" not in body.other.get("/inbox").text, "nobody is asked any more"
    assert SLIP in body.browser.get(page).text
    assert body.browser.post(f"{page}/withdraw", data={"reason": SLIP}).status_code == 409, "once"
    assert body.carry_out() == 409
    assert body.correct(identity_number=identity_number(778)).status_code == 302, "and asks anew"


def test_a_correction_is_withdrawn_by_who_asked_and_by_nobody_else(body: Body, browser_of: Browse) -> None:
    body.correct(identity_number=NUMBER)
    page = f"/people/corrections/{the_order().code}"
    assert body.base.membership.organisation is not None
    colleague = browser_of(make_member(Role.BASE, organisation=body.base.membership.organisation))
    for other in (colleague, body.other, browser_of(body.member)):
        assert other.get(page).status_code == 404
        assert other.post(f"{page}/withdraw", data={"reason": SLIP}).status_code == 404
        assert page not in other.get("/people/corrections").text
    assert body.other.post(f"/security/orders/{the_order().code}/withdraw", data={"reason": SLIP}).status_code == 403
    assert the_order().state is OrderState.ASKED


def test_who_asked_withdraws_it_after_the_member_left_the_body(body: Body) -> None:
    body.correct(identity_number=NUMBER)
    with unit_of_work():
        session.get_one(Membership, body.member.membership.id).ends_on = clock.today() - timedelta(days=1)
    page = f"/people/corrections/{the_order().code}"
    assert body.browser.get(f"{body.page}/correct").status_code == 404
    assert submit(body.browser, f"{page}/withdraw", page=page, reason=SLIP).status_code == 302
    assert the_order().state is OrderState.WITHDRAWN


def test_whoever_sees_what_they_asked_for_leaves_a_look(body: Body, browser_of: Browse) -> None:
    body.correct(identity_number=NUMBER)
    body.browser.get("/people/corrections")
    assert "须由第二人执行的事项" in browser_of(body.member).get("/me/looks").text


def test_what_belongs_to_another_is_refused_without_telling_whose_it_is(body: Body) -> None:
    other = make_person(phone="13800138000", email="taken@demo.example", number=NUMBER)
    for fields in ({"phone": "13800138000"}, {"email": "taken@demo.example"}, {"identity_number": NUMBER}):
        answer = body.correct(**fields)
        assert answer.status_code == 409
        assert other.name not in answer.text


def test_nobody_corrects_their_own_record_as_an_officer(body: Body) -> None:
    assert body.base.membership.organisation is not None
    own = f"/organisations/{body.base.membership.organisation.slug}/members/{body.base.membership.code}/correct"
    fields = {"phone": "13800138000", "identity_kind": "resident_id", "reason": WHY}
    assert submit(body.browser, own, **fields).status_code == 403


def test_the_same_correction_waits_once(body: Body) -> None:
    body.correct(identity_number=NUMBER)
    assert body.correct(identity_number=identity_number(778)).status_code == 409


def test_officers_of_another_body_or_region_find_no_such_person(body: Body, browser_of: Browse) -> None:
    foreign = browser_of(make_member(Role.BASE, organisation=make_organisation()))
    assert foreign.get(f"{body.page}/correct").status_code == 404
    assert foreign.post(f"{body.page}/correct").status_code == 404
    far = browser_of(make_member(Role.SECADMIN, GUANGDONG))
    path = f"/security/people/{body.member.person.code}/correct"
    assert (far.get(path).status_code, far.post(path).status_code) == (404, 404)


@pytest.mark.parametrize("last_day", [-1, None], ids=["ended", "not begun"])
def test_a_body_corrects_nobody_who_holds_no_role_there_today(body: Body, last_day: int | None) -> None:
    with unit_of_work():
        row = session.get_one(Membership, body.member.membership.id)
        if last_day is None:
            row.starts_on = clock.today() + timedelta(days=1)
        else:
            row.ends_on = clock.today() + timedelta(days=last_day)
    assert "/correct" not in body.browser.get(body.page).text
    assert body.browser.get(f"{body.page}/correct").status_code == 404
    fields = {"phone": "13800138000", "identity_kind": "resident_id", "reason": WHY}
    assert body.browser.post(f"{body.page}/correct", data=fields).status_code == 404
    assert kept(body.member, "phone") != "+8613800138000"


def test_a_security_administrator_asks_another_for_it(body: Body, browser_of: Browse) -> None:
    make_account(body.member.person)
    path = f"/security/people/{body.member.person.code}/correct"
    first = browser_of(make_member(Role.SECADMIN, SHANDONG))
    assert submit(first, path, phone="13800138000", identity_kind="resident_id", reason=WHY).status_code == 302
    assert first.post(f"/security/orders/{the_order().code}/carry-out").status_code == 403, "not by one alone"
    assert body.carry_out() == 302
    assert kept(body.member, "phone") == "+8613800138000"


def test_a_look_at_what_is_kept_is_on_record(body: Body, browser_of: Browse) -> None:
    body.browser.get(f"{body.page}/correct")
    assert body.base.person.name in browser_of(body.member).get("/me/looks").text


def test_whoever_is_being_erased_is_not_given_an_address_again(body: Body) -> None:
    make_account(body.member.person)
    body.correct(phone="13800138000")
    with unit_of_work():
        asked = erasure.request_erasure(by=body.member.actor, at=real_now())
        erasure.decide_erasure(asked, grant=True, answer="y", by=body.second.actor, at=real_now(), real_at=real_now())
    order = the_order()
    assert (order.state, order.asked_sealed) == (OrderState.REFUSED, None), "what it says goes with the data"
    assert body.carry_out() == 409
    assert queries.person_by_name("13800138000") is None


def test_who_asked_for_a_correction_takes_it_back_with_the_erasure(body: Body) -> None:
    wanted = Wanted(identity_number=NUMBER)
    with unit_of_work():
        person = session.get_one(Person, body.member.person.id)
        corrections.correct(person, wanted, reason=WHY, by=body.second.actor, at=real_now())
        asked = erasure.request_erasure(by=body.member.actor, at=real_now())
        erasure.decide_erasure(asked, grant=True, answer="y", by=body.second.actor, at=real_now(), real_at=real_now())
    assert (the_order().state, the_order().asked_sealed) == (OrderState.WITHDRAWN, None)


def test_a_service_lets_nobody_correct_themselves_or_the_erased(body: Body) -> None:
    with pytest.raises(ForbiddenError), unit_of_work():
        corrections.correct(
            session.get_one(Person, body.base.person.id),
            Wanted(phone="13800138000"),
            reason=WHY,
            by=body.base.actor,
            at=real_now(),
        )


@pytest.mark.parametrize(
    "change", ["asked_sealed = NULL", "identity_kind = NULL", "kind = 'correct_phone'", "kind = 'reset_factors'"]
)
def test_the_schema_knows_what_a_correction_holds(body: Body, change: str) -> None:
    body.correct(identity_number=NUMBER)
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(text(f"UPDATE security_order SET {change}"))


def test_an_address_that_rests_is_told_from_one_that_its_owner_proved(body: Body) -> None:
    body.correct(email="right@demo.example")
    assert contacts.rests(body.member.person.id, ResetWay.MAIL, real_now())
    assert not contacts.rests(body.member.person.id, ResetWay.SMS, real_now())

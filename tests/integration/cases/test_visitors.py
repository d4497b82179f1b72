"""A complaint about a service needs no account: a code and a secret follow it, and nobody learns who complained."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from app.accounts.models import Organisation, Throttle
from app.accounts.states import Role
from app.cases import services
from app.cases.models import CaseVisitor, Notice
from app.cases.rules import leads
from app.cases.services.visitors import FOLLOW, secret_of
from app.cases.states import CaseState, Protection
from app.core.db import session, unit_of_work
from app.core.errors import ForbiddenError, NotFoundError
from app.core.events import Event
from app.desk.queries import todos_of
from tests.factories.accounts import SHANDONG, Member, make_member
from tests.factories.cases import NOW, accepted, again, decided, make_body, make_officer
from tests.factories.visitors import CONTACT, FACTS, ONE, OTHER, Complain, look, only, secret_in

pytestmark = pytest.mark.one_database

BrowserOf = Callable[[Member], FlaskClient]


def test_a_visitor_finds_the_body_complains_and_gets_a_code_and_a_secret(
    client: FlaskClient, complain: Complain
) -> None:
    found = client.get("/cases/complain?name=齐鲁").text
    form = client.get("/cases/new?kind=cases.complaint&about=qilu").text

    sent = complain()

    case = only()
    assert "/cases/new?kind=cases.complaint" in found
    assert 'name="contact"' in form
    assert "存为草稿" not in form
    assert "/sign-in?next=" in form, "who wants to be asked may sign in"
    assert 'href="tel:12345"' in form
    assert (sent.status_code, sent.headers["Cache-Control"]) == (200, "no-store")
    assert case.code in sent.text
    assert (case.state, case.protection, case.raised_by_id) == (CaseState.RAISED, Protection.ANONYMOUS, None)
    assert [todo.kind for todo in todos_of(make_officer().actor)] == ["cases.accept"]


def test_a_repeated_request_shows_the_same_secret_and_makes_no_second_case(
    complain: Complain,
) -> None:
    first, second = complain(token="t-same"), complain(token="t-same", facts="又写了一次。")

    assert secret_in(first) == secret_in(second)
    assert only().facts == FACTS


def test_the_state_is_shown_to_who_knows_the_secret_however_it_is_typed(
    client: FlaskClient, complain: Complain
) -> None:
    secret = secret_in(complain())
    case = only()

    for typed in (secret, secret.lower(), secret.replace("-", ""), f" {secret.replace('-', ' ')} "):
        page = look(client, case.code, typed)
        assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
        assert "待受理" in page.text
        assert FACTS not in page.text
    assert look(client, str(case.number).lower(), secret).status_code == 200, "the number does instead of the code"


def test_the_decision_and_its_reasons_are_read_without_an_account_and_no_official_is_named(
    client: FlaskClient, complain: Complain
) -> None:
    secret = secret_in(complain())
    officer = make_officer()
    decided(accepted(only(), officer), officer)

    page = look(client, only().code, secret).text

    assert "经查属实。" in page
    assert officer.person.name not in page


@pytest.mark.parametrize("wrong", ["AAAA-AAAA-AAAA-AAAA-AAAA", "", "x"])
def test_a_wrong_secret_tells_nothing_and_what_was_typed_stays(
    client: FlaskClient, complain: Complain, wrong: str
) -> None:
    complain()
    case = only()

    page = look(client, case.code, wrong)
    unknown = look(client, "nobody", wrong)

    assert page.status_code == unknown.status_code == (404 if wrong else 422)
    assert case.code in page.text
    assert "齐鲁培训基地" not in page.text


def test_who_types_wrong_secrets_waits_and_another_place_does_not(app: Flask, complain: Complain) -> None:
    secret = secret_in(complain())
    case = only()

    def guess(address: str, typed: str = "AAAA") -> int:
        data = {"code": case.code, "secret": typed}
        sent = app.test_client().post("/cases/follow", data=data, environ_base={"REMOTE_ADDR": address})
        return sent.status_code

    assert [guess(ONE) for _ in range(leads.FREE + 1)] == [404] * leads.FREE + [429]
    assert guess(OTHER) == 404
    assert guess(ONE, secret) == 200, "who knows the secret is never kept out by a neighbour who guesses"
    row = session.scalars(select(Throttle).where(Throttle.door == FOLLOW)).first()
    assert row is not None
    assert ONE.encode() not in row.key


def test_complaints_are_slowed_by_place_together_with_leads_and_what_was_typed_stays(
    complain: Complain,
) -> None:
    sent = [complain() for _ in range(leads.FREE + 1)]

    assert [one.status_code for one in sent] == [200] * leads.FREE + [429]
    assert FACTS in sent[-1].text
    assert CONTACT in sent[-1].text
    assert "2分钟后提交" in sent[-1].text
    assert 'href="tel:12345"' in sent[-1].text
    assert complain(OTHER).status_code == 200


def test_neither_secret_nor_contact_lies_open_in_the_database_and_no_event_names_a_person(
    complain: Complain,
) -> None:
    secret = secret_in(complain())

    rows = "\n".join(
        str(tuple(row))
        for table in ("case_record", "case_visitor", "event", "throttle")
        for row in session.execute(text(f"SELECT * FROM {table}"))
    )

    assert secret not in rows
    assert secret.replace("-", "") not in rows
    assert CONTACT not in rows
    assert ONE not in rows
    raised = session.scalars(select(Event).where(Event.kind == "cases.raised")).one()
    assert (raised.actor_id, raised.acting_role) == (None, None)


def test_the_handling_officer_alone_opens_the_contact_for_a_reason_that_is_recorded(
    body: Organisation, complain: Complain, browser_of: BrowserOf
) -> None:
    complain()
    officer, case = make_officer(), only()
    accepted(case, officer)
    browser = browser_of(officer)
    page = f"/cases/{case.code}"

    closed = browser.get(page).text
    refused = browser.post(f"{page}/author", data={"reveal-reason": ""})
    opened = browser.post(f"{page}/author", data={"reveal-reason": "须核对退费金额。"})
    staff = browser_of(make_member(Role.BASE, SHANDONG, body))

    assert CONTACT not in closed
    assert "查看联系方式" in closed
    assert refused.status_code == 422
    assert CONTACT in opened.text
    assert session.scalar(select(func.count(Event.id)).where(Event.kind == "cases.author_revealed")) == 1
    assert staff.get(page).status_code == 404, "the body is told how it ended, never the file"


def test_the_body_reads_the_decision_and_may_appeal_but_never_reads_what_was_written(
    body: Organisation, complain: Complain, browser_of: BrowserOf
) -> None:
    complain()
    officer = make_officer()
    decided(accepted(only(), officer), officer)
    staff = browser_of(make_member(Role.BASE, SHANDONG, body))
    page = f"/cases/{only().code}"

    shown = staff.get(page).text
    notice = session.scalars(select(Notice.code).where(Notice.to_organisation_id == body.id)).one()

    assert only().code in staff.get("/cases?as=subject").text
    assert "经查属实。" in shown
    assert FACTS not in shown
    assert CONTACT not in shown
    assert "经查属实。" in staff.get(f"{page}/notices/{notice}").text
    assert staff.get(f"{page}/appeal").status_code == 200
    assert staff.get(f"{page}/file").status_code == 404
    assert browser_of(make_member(Role.BASE, SHANDONG, make_body())).get(page).status_code == 404


def test_a_visitor_takes_the_contact_back(client: FlaskClient, complain: Complain, browser_of: BrowserOf) -> None:
    secret = secret_in(complain())
    officer, case = make_officer(), only()

    before = look(client, case.code, secret).text
    after = look(client, case.code, secret, act="forget").text

    assert CONTACT in before
    assert CONTACT not in after
    assert session.scalars(select(CaseVisitor.contact)).one() is None
    with pytest.raises(ForbiddenError), unit_of_work():
        services.reveal_author(again(case), reason="核对。", by=officer.actor, at=NOW)
    assert "查看联系方式" not in browser_of(officer).get(f"/cases/{case.code}").text


def test_a_case_raised_under_a_name_is_followed_by_no_secret(body: Organisation) -> None:
    trainee = make_member(Role.TRAINEE)
    with unit_of_work():
        case = services.open_case(
            "cases.complaint", body.slug, services.Filing(FACTS, token="t-own"), by=trainee.actor, at=NOW
        )

    with pytest.raises(NotFoundError):
        services.followed(case.code, secret_of("t-own"))
    assert case.protection is Protection.OPEN


def test_an_objection_still_needs_a_name(client: FlaskClient, body: Organisation) -> None:
    del body
    assert client.get("/cases/new?kind=cases.objection&about=x").status_code in {403, 404}

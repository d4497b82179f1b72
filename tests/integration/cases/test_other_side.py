"""Whoever complained learns how an appeal of the other side ended, and reads nothing of what the other side wrote."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.states import NATION, Role
from app.cases import services
from app.cases.models import Case, Notice
from app.cases.services import Filing
from app.core.db import session, unit_of_work
from app.desk.queries import todos_of
from tests.factories.accounts import SHANDONG, Member, make_member
from tests.factories.cases import NOW, accepted, again, appealed, days, decided, make_complaint, make_officer
from tests.factories.visitors import Complain, look, only, secret_in

BrowserOf = Callable[[Member], FlaskClient]
THEIRS = "本单位已按合同退费，附内部说明。"


@pytest.fixture(name="staff")
def _staff(body: Organisation) -> Member:
    return make_member(Role.BASE, SHANDONG, body)


@pytest.fixture(name="author")
def _author(body: Organisation) -> Member:
    del body
    return make_member(Role.TRAINEE)


def heard_first(case: Case) -> Case:
    officer = make_officer()
    return decided(accepted(case, officer), officer)


def taken_further(case: Case, staff: Member) -> Case:
    """Let the body complained of appeal against the decision."""
    with unit_of_work():
        return services.appeal(again(case), Filing(THEIRS), by=staff.actor, at=NOW)


def heard(case: Case, *, upheld: bool, reasons: str) -> None:
    officer = make_officer(NATION)
    accepted(case, officer)
    with unit_of_work():
        services.decide(again(case), upheld=upheld, reasons=reasons, by=officer.actor, at=days(1))


def test_a_complainant_is_told_how_the_appeal_of_the_body_ended(
    body: Organisation, author: Member, staff: Member, browser_of: BrowserOf
) -> None:
    case = heard_first(make_complaint(author.actor, body))
    appeal = taken_further(case, staff)
    browser, page = browser_of(author), f"/cases/{case.code}"
    assert "在另行决定之前继续有效" in browser.get(page).text

    heard(appeal, upheld=True, reasons="原决定认定事实不清，予以改变。")

    shown = browser.get(page).text
    assert "原决定认定事实不清，予以改变。" in shown
    assert "复查或者申诉决定告知书" in shown
    assert THEIRS not in shown
    assert browser.get(f"/cases/{appeal.code}").status_code == 404
    assert page in [todo.url for todo in todos_of(author.actor)]
    last = session.scalars(select(Notice).where(Notice.case_id == case.id).order_by(Notice.id.desc())).first()
    assert last is not None
    assert last.to_person_id == author.person.id
    assert "原决定予以改变" in browser.get(f"{page}/notices/{last.code}").text
    assert browser.post(f"{page}/notices/{last.code}/received").status_code == 302


def test_a_visitor_reads_it_with_code_and_secret(client: FlaskClient, complain: Complain, staff: Member) -> None:
    secret = secret_in(complain())
    case = heard_first(only())
    appeal = taken_further(case, staff)
    heard(appeal, upheld=False, reasons="申诉理由不成立，维持原决定。")

    shown = look(client, case.code, secret).text

    assert "申诉理由不成立，维持原决定。" in shown
    assert THEIRS not in shown
    assert look(client, appeal.code, secret).status_code != 200


def test_an_appeal_that_is_not_accepted_is_told_as_well(
    body: Organisation, author: Member, staff: Member, browser_of: BrowserOf
) -> None:
    case = heard_first(make_complaint(author.actor, body))
    appeal = taken_further(case, staff)
    with unit_of_work():
        services.decline(again(appeal), reasons="已超过申诉范围。", by=make_officer(NATION).actor, at=NOW)

    assert "已超过申诉范围。" in browser_of(author).get(f"/cases/{case.code}").text


def test_who_appeals_themselves_is_told_once(body: Organisation, author: Member) -> None:
    case = heard_first(make_complaint(author.actor, body))
    appeal = appealed(case, author.actor)
    heard(appeal, upheld=False, reasons="维持。")

    to_author = select(Notice.case_id).where(Notice.to_person_id == author.person.id, Notice.kind == "decided")
    assert sorted(session.scalars(to_author)) == sorted([case.id, appeal.id])

"""Who is protected stays so whatever they do in their case; who decided before, or stands above, does not meddle."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.cases import services
from app.cases.models import Case
from app.cases.queries import notices
from app.cases.services.subjects import of_case
from app.cases.states import DeliveryHow
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ForbiddenError
from app.core.events import Event
from app.core.jobs import Job
from tests.factories.accounts import NATION, Member, make_member
from tests.factories.cases import (
    NOW,
    accepted,
    again,
    make_body,
    make_clocks,
    make_complaint,
    make_objection,
    make_officer,
    make_publicity,
)

BrowserOf = Callable[[Member], FlaskClient]


@pytest.fixture(autouse=True)
def _today(app: Flask, at_time: Callable[[datetime], None]) -> None:
    del app
    at_time(NOW)


def actors_of(case: Case) -> set[int | None]:
    subject = of_case(case)
    query = select(Event.actor_id).where(Event.subject_type == subject.type, Event.subject_code == subject.code)
    return set(session.scalars(query))


def test_a_protected_author_is_named_by_nothing_that_they_do_in_their_case(browser_of: BrowserOf) -> None:
    author, officer = make_member(Role.TRAINEE), make_officer()
    case = accepted(make_objection(make_publicity(), author.actor), officer)
    with unit_of_work():
        services.ask_for_materials(again(case), what="请补充材料。", by=officer.actor, at=NOW)
    browser, page = browser_of(author), f"/cases/{case.code}"

    assert browser.post(f"{page}/supply", data={"supply-facts": "补充如下。"}).status_code == 302
    for served in notices.notices_of(case):
        assert browser.post(f"{page}/notices/{served.notice.code}/received").status_code == 302
    assert browser.post(f"{page}/file").status_code == 302
    jobs.work()
    browser.post(f"{page}/file/download")
    assert browser.post(f"{page}/withdraw", data={"withdraw-reason": "不再坚持。"}).status_code == 302

    assert actors_of(case) == {None, officer.person.id}
    (job,) = session.scalars(select(Job).where(Job.kind == "cases.file"))
    assert job.person_id is None
    assert author.person.name not in browser_of(officer).get(page).text


def test_who_made_the_decision_complained_of_does_not_open_the_name_of_who_objects(browser_of: BrowserOf) -> None:
    decider, other = make_officer(), make_officer()
    case = make_objection(make_publicity(decider=decider), make_member(Role.TRAINEE).actor)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.reveal_author(again(case), reason="核实。", by=decider.actor, at=NOW)

    assert f"/cases/{case.code}/author" not in browser_of(decider).get(f"/cases/{case.code}").text
    assert f"/cases/{case.code}/author" in browser_of(other).get(f"/cases/{case.code}").text


def test_a_delivery_is_recorded_by_the_authority_that_hears_the_case_and_by_nobody_in_their_own(
    browser_of: BrowserOf,
) -> None:
    make_clocks()
    author, officer = make_officer(), make_officer()
    case = accepted(make_complaint(author.actor), officer)
    (served,) = notices.notices_of(case)
    address = f"/cases/{case.code}/notices/{served.notice.code}/delivery"

    for stranger in (make_officer(NATION), author):
        with pytest.raises(ForbiddenError), unit_of_work():
            services.record_delivery(
                again(case), served.notice, how=DeliveryHow.POST, delivered_on=date(2026, 3, 2), to_whom="",
                receipt=None, by=stranger.actor, at=NOW,
            )  # fmt: skip
        assert browser_of(stranger).get(address).status_code == 403
    assert browser_of(officer).get(address).status_code == 200


def test_an_officer_who_holds_a_role_in_the_body_complained_of_does_not_handle_the_case(browser_of: BrowserOf) -> None:
    make_clocks()
    body = make_body()
    officer, other = make_officer(), make_officer()
    make_member(Role.BASE, body.region_code, body, person=officer.person)
    case = make_complaint(make_member(Role.TRAINEE).actor, body)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.accept(again(case), by=officer.actor, at=NOW)

    address = f"/cases/{case.code}"
    assert f"{address}/accept" not in browser_of(officer).get(address).text
    assert f"{address}/accept" in browser_of(other).get(address).text

"""What waits about cases follows from their states: notices, clocks, declarations, objections that were upheld."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.bases import services as bases
from app.cases import jobs as case_jobs
from app.cases import services
from app.cases.models import Case
from app.cases.queries import notices
from app.cases.services import Filing
from app.cases.states import DeliveryHow
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.events import Event
from tests.factories.accounts import Member, make_member
from tests.factories.bases import make_application
from tests.factories.cases import (
    NOW,
    accepted,
    again,
    days,
    decided,
    make_clocks,
    make_complaint,
    make_objection,
    make_officer,
    make_publicity,
)
from tests.factories.desk import kinds_waiting, waiting
from tests.factories.visitors import Complain, only


@pytest.fixture(name="author")
def _author(app: Flask, at_time: Callable[[datetime], None]) -> Member:
    del app
    at_time(NOW)
    make_clocks()
    return make_member(Role.TRAINEE)


def receive(case: Case, place: int, by: Member) -> None:
    with unit_of_work():
        notice = notices.notices_of(case)[place].notice
        services.confirm_receipt(again(case), notice, by=by.actor, at=NOW)


def test_a_case_waits_for_one_after_another_until_its_decision_is_read(author: Member) -> None:
    officer = make_officer()
    case = make_complaint(author.actor)
    assert kinds_waiting() == {"cases.accept"}
    accepted(case, officer)
    assert kinds_waiting() == {"cases.decide", "cases.read"}
    with unit_of_work():
        services.ask_for_materials(again(case), what="请补充缴费凭证。", by=officer.actor, at=days(1))
    assert kinds_waiting() == {"cases.supply", "cases.read"}
    with unit_of_work():
        services.supply(again(case), "见附件。", [], by=author.actor, at=days(2))
    decided(case, officer, at=days(3))
    assert kinds_waiting() == {"cases.read"}


def test_a_notice_waits_until_each_one_to_the_person_is_delivered(author: Member) -> None:
    officer = make_officer()
    case = decided(accepted(make_complaint(author.actor), officer), officer)
    receive(case, 0, author)
    assert kinds_waiting() == {"cases.read"}
    receive(case, 1, author)
    assert kinds_waiting() == set()


@pytest.mark.parametrize("sealed", [False, True])
def test_a_notice_handed_over_in_person_no_longer_waits_to_be_read(author: Member, *, sealed: bool) -> None:
    officer = make_officer()
    raised = make_objection(make_publicity(), author.actor) if sealed else make_complaint(author.actor)
    case = accepted(raised, officer)
    with unit_of_work():
        services.record_delivery(
            again(case), notices.notices_of(case)[0].notice, how=DeliveryHow.IN_PERSON,
            delivered_on=date(2026, 3, 2), to_whom="本人", receipt=None, by=officer.actor, at=NOW,
        )  # fmt: skip
    assert kinds_waiting() == {"cases.decide"}


def test_a_withdrawn_case_asks_nobody_to_read_its_notices(author: Member) -> None:
    case = accepted(make_complaint(author.actor), make_officer())
    with unit_of_work():
        services.withdraw(again(case), reason="已协商解决。", by=author.actor, at=NOW)
    assert kinds_waiting() == set()


def test_an_overdue_case_leaves_the_desk_above_when_it_moves_on(author: Member) -> None:
    officer = make_officer()
    case = make_complaint(author.actor)
    with unit_of_work():
        services.escalate(at=days(5))
    assert kinds_waiting() == {"cases.accept", "cases.overdue"}
    accepted(case, officer, at=days(5))
    assert kinds_waiting() == {"cases.decide", "cases.read"}
    with unit_of_work():
        services.escalate(at=days(60))
    with unit_of_work():
        services.ask_for_materials(again(case), what="请补充缴费凭证。", by=officer.actor, at=days(60))
    assert "cases.overdue" in kinds_waiting()
    with unit_of_work():
        services.supply(again(case), "见附件。", [], by=author.actor, at=days(70))
    assert kinds_waiting() == {"cases.decide", "cases.read"}


@pytest.mark.parametrize("answered", [True, False])
def test_materials_that_do_not_come_by_their_last_day_are_told_to_the_authority_once(
    author: Member, at_time: Callable[[datetime], None], *, answered: bool
) -> None:
    officer = make_officer()
    case = accepted(make_complaint(author.actor), officer)
    with unit_of_work():
        services.ask_for_materials(again(case), what="请补充缴费凭证。", by=officer.actor, at=NOW)
    at_time(days(14))
    case_jobs.watch_clocks()
    assert "cases.unanswered" not in kinds_waiting(), "the last day is not over"

    at_time(days(15))
    for _ in range(2):
        case_jobs.watch_clocks()
    told = session.scalar(select(func.count(Event.id)).where(Event.kind == "cases.unanswered"))
    assert (told, "cases.unanswered" in kinds_waiting()) == (1, True)
    with unit_of_work():
        if answered:
            services.supply(again(case), "见附件。", [], by=author.actor, at=days(15))
        else:
            services.resume(again(case), reason="逾期未补。", by=officer.actor, at=days(15))
    assert kinds_waiting() == {"cases.decide", "cases.read"}


def test_a_visitor_who_is_asked_has_no_desk_and_the_authority_waits_for_them(
    body: Organisation, complain: Complain, at_time: Callable[[datetime], None]
) -> None:
    del body
    complain()
    officer = make_officer()
    accepted(only(), officer)
    assert kinds_waiting() == {"cases.decide"}
    with unit_of_work():
        services.ask_for_materials(again(only()), what="请补充缴费凭证。", by=officer.actor, at=NOW)
    assert kinds_waiting() == set()
    at_time(days(15))
    case_jobs.watch_clocks()
    assert kinds_waiting() == {"cases.unanswered"}


def test_a_declaration_is_asked_for_once_a_year_and_last_years_no_longer(
    author: Member, at_time: Callable[[datetime], None]
) -> None:
    staff = make_member(Role.EXAMINER)
    for _ in range(2):
        case_jobs.ask_for_declarations()
    assert kinds_waiting() == {"cases.declare"}
    later = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
    at_time(later)
    case_jobs.ask_for_declarations()
    assert kinds_waiting() == {"cases.declare"}
    assert {one.subject.code[-4:] for one in waiting()} == {"2027"}
    about = f"{staff.person.code}-2027"
    with unit_of_work():
        services.open_case("cases.impartiality", about, Filing("无。", declares=False), by=staff.actor, at=later)
    kinds_waiting()
    assert not {staff.person.id, author.person.id} & {one.person_id for one in waiting()}


def test_an_accreditation_waits_to_be_reconsidered_until_the_next_decision(author: Member) -> None:
    base, officer, other = make_application(), make_officer(), make_officer()
    with unit_of_work():
        bases.accredit(
            base, starts_on=date(2026, 3, 1), ends_on=date(2029, 2, 28), reason="条件齐备。",
            by=officer.actor, at=NOW,
        )  # fmt: skip
    jobs.work()
    found = notices.publicity_of(bases.ACCREDITATION, "training_base", base.code)
    assert found is not None
    decided(accepted(make_objection(found, author.actor), other), other)
    assert "bases.reconsider" in kinds_waiting()
    with unit_of_work():
        bases.decide(base, "suspend", reason="整改。", by=officer.actor, at=NOW)
    assert "bases.reconsider" not in kinds_waiting()

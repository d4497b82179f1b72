"""What waits about evidence follows from the states of records and of drawn samples."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import select

from app.accounts.states import Role
from app.core import clock
from app.core.db import session, unit_of_work
from app.desk.queries import notices as notice_queries
from app.evidence import services
from app.evidence.models import Evidence, SampleItem
from app.evidence.states import Finding, Kind, State
from tests.factories.accounts import JINAN, Member, make_member, make_organisation
from tests.factories.desk import kinds_waiting
from tests.factories.evidence import AT, again, check, make_bundle, make_checked, make_checker, make_declared


def test_a_record_waits_for_its_person_then_for_a_checker(owner: Member, checker: Member) -> None:
    admin = make_member(Role.EMPLOYER, JINAN, make_organisation(region=JINAN))
    made = make_declared(Kind.WORK, owner, by=admin)
    assert kinds_waiting() == {"evidence.accept"}
    with unit_of_work():
        services.accept(again(made), by=owner.actor, at=AT)
    assert kinds_waiting() == {"evidence.check"}
    check(made, checker)
    assert kinds_waiting() == set()


def declare_receipt(earlier: Evidence, owner: Member, amount: str) -> Evidence:
    with unit_of_work():
        new = services.correct(again(earlier), by=owner.actor, at=AT)
        new.details = {**new.details, "amount": amount}
        return services.declare(new, by=owner.actor, at=AT)


def test_a_checked_contract_leaves_the_desk_again_when_its_papers_match(owner: Member, checker: Member) -> None:
    made = make_bundle(owner)
    check(made[Kind.CONTRACT], checker)
    right = again(made[Kind.RECEIPT]).text("amount")
    part = declare_receipt(made[Kind.RECEIPT], owner, "1000.00")
    assert "evidence.look_again" not in kinds_waiting(), "an instalment"
    wrong = declare_receipt(part, owner, "99999999.00")
    assert "evidence.look_again" in kinds_waiting()
    declare_receipt(wrong, owner, right)
    assert "evidence.look_again" not in kinds_waiting()
    assert again(made[Kind.CONTRACT]).state is State.CHECKED


def items() -> list[SampleItem]:
    query = select(SampleItem).order_by(SampleItem.place)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def test_an_officer_keeps_what_is_left_of_a_sample(owner: Member, checker: Member) -> None:
    first, second = make_checker(), make_checker()
    for kind in (Kind.WORK, Kind.AWARD):
        make_checked(kind, owner, checker=checker)
    with unit_of_work():
        audit = services.draw_sample(
            region_code=JINAN, since=date(2026, 3, 1), until=date(2026, 3, 31), size=2, by=checker.actor, at=AT
        )
    for item in items():
        with unit_of_work():
            services.assign(audit, item, officer_id=first.person.id, by=checker.actor, at=AT)
    with unit_of_work():
        services.assign(audit, items()[0], officer_id=second.person.id, by=checker.actor, at=AT)
    assert kinds_waiting() == {"evidence.sample"}
    for item, officer in zip(items(), (second, first), strict=True):
        with unit_of_work():
            services.find(audit, item, finding=Finding.CONFORMS, note="与原件一致。", by=officer.actor, at=AT)
    assert kinds_waiting() == {"evidence.second"}
    for item, officer in zip(items(), (first, second), strict=True):
        with unit_of_work():
            services.confirm_finding(audit, item, by=officer.actor, at=AT)
    assert kinds_waiting() == set()


def told(member: Member) -> list[str]:
    page = notice_queries.notices(member.actor, on=clock.today())
    return [line.text for line in page.rows]


def test_the_person_is_told_what_others_decided_about_their_record(
    owner: Member, checker: Member, run_jobs: Callable[[], int]
) -> None:
    kept = make_declared(Kind.WORK, owner)
    check(kept, checker)
    refused = make_declared(Kind.AWARD, owner)
    with unit_of_work():
        services.reject(again(refused), reason="原件不清。", by=checker.actor, at=AT + timedelta(hours=1))
    run_jobs()
    assert told(owner) == [
        f"《{refused.title}》未通过核查，请查看理由。",
        f"《{kept.title}》已核查，现已生效。",
    ]
    assert told(checker) == []


def test_nobody_is_told_what_they_did_themselves(owner: Member, run_jobs: Callable[[], int]) -> None:
    made = make_declared(Kind.WORK, owner)
    with unit_of_work():
        services.withdraw(again(made), reason="填错。", by=owner.actor, at=AT)
    run_jobs()
    assert told(owner) == []

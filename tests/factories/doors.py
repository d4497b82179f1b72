"""Doors that a restriction closes: whom it binds, the act, and when; each by the kind that a room declares."""

from collections.abc import Callable
from datetime import date, datetime

from app.accounts.models import Organisation, Person
from app.accounts.states import OrganisationKind, Role
from app.core.db import unit_of_work
from app.evidence import services as evidence
from app.evidence.states import Kind
from app.items import queries as banks
from app.items import services as items
from app.performance import services as performance
from app.performance.models import AppraisalCycle
from tests.factories import evidence as ledger
from tests.factories import items as bodies
from tests.factories import performance as appraisals
from tests.factories.accounts import JINAN, SHANDONG, Member, make_member, make_organisation

Door = tuple[Person | Organisation, Callable[[], object], datetime]
DOORS: dict[str, Callable[[], Door]] = {}


def door(kind: str, act: str = "") -> Callable[[Callable[[], Door]], Callable[[], Door]]:
    """Name the door that a declared restriction closes; `act` where it closes several."""

    def mark(make: Callable[[], Door]) -> Callable[[], Door]:
        DOORS[f"{kind} {act}".strip()] = make
        return make

    return mark


@door("items.write")
def _writing() -> Door:
    body = bodies.make_exam_body()
    bank, author = bodies.make_bank(body), make_member(Role.AUTHOR, SHANDONG, body)
    return author.person, lambda: bodies.fill(bank, author.actor, bodies.content("A-1")), bodies.AT


@door("items.review")
def _review() -> Door:
    body = bodies.make_exam_body()
    bank, reviewer = bodies.make_bank(body), make_member(Role.REVIEWER, SHANDONG, body)
    bodies.fill(bank, bodies.make_author(body), bodies.content("A-1"))

    def approve() -> None:
        with unit_of_work():
            items.approve(bank, banks.items_by_codes(bank, {"A-1"}), by=reviewer.actor, at=bodies.AT)

    return reviewer.person, approve, bodies.AT


@door("evidence.enter")
def _entry() -> Door:
    ledger.publish_checks()
    owner = ledger.make_owner()
    return owner.person, lambda: ledger.make_declared(Kind.SERVICE, owner), ledger.AT


@door("evidence.enter_for_people")
def _entry_for_people() -> Door:
    ledger.publish_checks()
    body = make_organisation(slug="employer-of-door", region=JINAN)
    owner, staff = make_member(Role.TRAINEE, JINAN, body), make_member(Role.EMPLOYER, JINAN, body)
    return body, lambda: ledger.make_declared(Kind.SERVICE, owner, by=staff), ledger.AT


@door("evidence.check")
def _check() -> Door:
    ledger.publish_checks()
    checker = ledger.make_checker()
    record = ledger.make_declared(Kind.SERVICE, ledger.make_owner())
    return checker.person, lambda: ledger.check(record, checker), ledger.AT


@door("evidence.check_for_body")
def _check_for_body() -> Door:
    ledger.publish_checks()
    body = make_organisation(slug="credit-of-door", kind=OrganisationKind.AUTHORITY)
    checker = make_member(Role.CREDIT, SHANDONG, body)
    record = ledger.make_declared(Kind.SERVICE, ledger.make_owner())

    def reject() -> None:
        with unit_of_work():
            evidence.reject(ledger.again(record), reason="票据与合同不符。", by=checker.actor, at=ledger.AT)

    return body, reject, ledger.AT


def _asked() -> tuple[AppraisalCycle, Member]:
    appraisals.make_system()
    _base, staff = appraisals.make_base()
    return appraisals.make_cycle()[0], staff


@door("performance.take_part")
def _part() -> Door:
    cycle, staff = _asked()
    body = appraisals.only(cycle).base.organisation
    return body, lambda: appraisals.report(appraisals.only(cycle), staff), appraisals.AT


@door("performance.report")
def _report() -> Door:
    cycle, staff = _asked()
    return staff.person, lambda: appraisals.report(appraisals.only(cycle), staff), appraisals.AT


@door("performance.inspect")
def _inspection() -> Door:
    cycle, staff = _asked()
    appraisals.report(appraisals.only(cycle), staff)
    officer = make_member(Role.REGULATOR, SHANDONG)

    def check() -> None:
        with unit_of_work():
            performance.check(appraisals.only(cycle), by=officer.actor, at=appraisals.AT)

    return officer.person, check, appraisals.AT


@door("performance.decide")
def _decision() -> Door:
    appraisals.make_system()
    officer = make_member(Role.REGULATOR, SHANDONG)

    def open_it() -> None:
        with unit_of_work():
            performance.open_cycle(
                year=2026, region_code=SHANDONG, report_until=date(2026, 12, 20), by=officer.actor, at=appraisals.AT
            )

    return officer.person, open_it, appraisals.AT

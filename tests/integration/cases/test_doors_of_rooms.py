"""What a restricted person or body may not do in the item bank, the ledger and the appraisal, by the pages they use."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from app.accounts.models import Person
from app.accounts.services.people import open_field
from app.accounts.states import Role
from app.core.db import db, session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event
from app.evidence import services as evidence
from app.evidence.models import Evidence, EvidenceImport
from app.evidence.queries import audits
from app.evidence.states import Finding, Kind, State
from app.items import queries as banks
from app.items import services as items
from app.items.models import Item
from app.items.states import ItemState
from app.performance import services as performance
from app.performance.models import BaseAppraisal
from app.performance.states import AppraisalState
from tests.factories import evidence as ledger
from tests.factories import items as bodies
from tests.factories import performance as appraisals
from tests.factories.accounts import JINAN, SHANDONG, Member, make_member, make_organisation
from tests.factories.cases import restrict
from tests.submit import submit

BrowserOf = Callable[[Member], FlaskClient]
At = Callable[[datetime], None]
DECISION = "鲁科认〔2026〕3号"
SERVICES = "姓名,证件号码,服务名称,服务类型,服务对象,完成日期\n"

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.one_database]


# ---- the item bank, which lies below the restrictions and hears of them with its events


def test_an_author_who_may_write_nothing_keeps_what_was_typed_and_reads_why(browser_of: BrowserOf, at_time: At) -> None:
    at_time(bodies.AT)
    body = bodies.make_exam_body()
    bank, author = bodies.make_bank(body), make_member(Role.AUTHOR, SHANDONG, body)
    restrict("items.write", author.person)
    browser = browser_of(author)

    answer = submit(
        browser,
        f"/items/{bank.code}/write",
        stem="技术合同认定登记由谁受理（ ）。",
        optionA="登记机构",
        optionB="税务机关",
        key="A",
        module="policy",
        level="recall",
        coefficient="0.5",
    )

    assert answer.status_code == 403
    assert DECISION in answer.text
    assert "技术合同认定登记由谁受理（ ）。" in answer.text
    assert session.scalar(select(func.count(Item.id))) == 0


def test_a_file_of_a_restricted_author_is_not_taken_and_none_of_its_items_stays() -> None:
    body = bodies.make_exam_body()
    bank, author = bodies.make_bank(body), make_member(Role.AUTHOR, SHANDONG, body)
    restrict("items.write", author.person)

    with pytest.raises(ForbiddenError, match=DECISION):
        bodies.fill(bank, author.actor, *(bodies.content(f"A-{number}") for number in range(3)))

    assert session.scalar(select(func.count(Item.id))) == 0
    assert session.scalar(select(func.count(Event.id)).where(Event.kind == "items.imported")) == 0


def test_many_items_ask_about_the_restriction_once() -> None:
    body = bodies.make_exam_body()
    bank, author = bodies.make_bank(body), bodies.make_author(body)
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    bodies.fill(bank, author, *(bodies.content(f"A-{number}") for number in range(8)))
    event.remove(db.engine, "before_cursor_execute", note)

    assert len([one for one in asked if "FROM restriction" in one]) == 1


@pytest.mark.parametrize("act", ["approve", "revise", "retire"])
def test_a_reviewer_who_may_review_nothing_decides_on_no_item(act: str) -> None:
    body = bodies.make_exam_body()
    bank, reviewer = bodies.make_bank(body), make_member(Role.REVIEWER, SHANDONG, body)
    bodies.fill(bank, bodies.make_author(body), bodies.content("A-1"))
    restrict("items.review", reviewer.person)
    (item,) = banks.items_by_codes(bank, {"A-1"})

    by, at = reviewer.actor, bodies.AT
    acts: dict[str, Callable[[], object]] = {
        "approve": lambda: items.approve(bank, [item], by=by, at=at),
        "revise": lambda: items.ask_revision(bank, item, words="题干不清。", by=by, at=at),
        "retire": lambda: items.retire(bank, item, reason="过时。", by=by, at=at),
    }

    with pytest.raises(ForbiddenError, match=DECISION), unit_of_work():
        acts[act]()

    session.expire_all()
    (kept,) = banks.items_by_codes(bank, {"A-1"})
    assert kept.state is ItemState.DRAFT


def test_what_a_restricted_reviewer_typed_stays_beside_the_refusal(browser_of: BrowserOf, at_time: At) -> None:
    at_time(bodies.AT)
    body = bodies.make_exam_body()
    bank, reviewer = bodies.make_bank(body), make_member(Role.REVIEWER, SHANDONG, body)
    bodies.fill(bank, bodies.make_author(body), bodies.content("A-1"))
    restrict("items.review", reviewer.person)
    browser = browser_of(reviewer)

    answer = browser.post(f"/items/{bank.code}/item/A-1/revision", data={"words": "请注明法条。"})

    assert answer.status_code == 403
    assert DECISION in answer.text
    assert "请注明法条。" in answer.text


# ---- the ledger


@pytest.fixture(name="checks")
def _checks(at_time: At) -> None:
    at_time(ledger.AT)
    ledger.publish_checks()


@pytest.mark.usefixtures("checks")
def test_a_restricted_person_is_told_before_anything_is_typed_and_a_draft_stays_a_draft(
    browser_of: BrowserOf,
) -> None:
    owner = ledger.make_owner()
    draft = ledger.make_draft(Kind.SERVICE, owner)
    restrict("evidence.enter", owner.person)

    page = browser_of(owner).get("/evidence/new/service")
    with pytest.raises(ForbiddenError, match=DECISION), unit_of_work():
        evidence.declare(ledger.again(draft), by=owner.actor, at=ledger.AT)

    assert page.status_code == 403
    assert DECISION in page.text
    assert ledger.again(draft).state is State.DRAFT


@pytest.mark.usefixtures("checks")
def test_what_a_person_may_not_enter_nobody_enters_for_them_nor_do_they_confirm_it() -> None:
    body = make_organisation(slug="quancheng", region=JINAN)
    owner, staff = make_member(Role.TRAINEE, JINAN, body), make_member(Role.EMPLOYER, JINAN, body)
    waiting = ledger.make_declared(Kind.AWARD, owner, by=staff)
    restrict("evidence.enter", owner.person)

    with pytest.raises(ForbiddenError, match=DECISION):
        ledger.make_declared(Kind.SERVICE, owner, by=staff)
    with pytest.raises(ForbiddenError, match=DECISION), unit_of_work():
        evidence.accept(ledger.again(waiting), by=owner.actor, at=ledger.AT)

    assert ledger.again(waiting).accepted_at is None


def _uploaded(staff: Member, whose: Person) -> EvidenceImport:
    number = open_field(whose, "person.identity")
    data = (SERVICES + f"{whose.name},{number},需求对接,供需对接,某公司,2025-09-01\n").encode()
    with unit_of_work():
        return evidence.stage_import(Kind.SERVICE, data, name="业绩.csv", by=staff.actor, at=ledger.AT)


@pytest.mark.usefixtures("checks")
def test_a_restricted_body_uploads_nothing_and_reads_why_on_the_page(browser_of: BrowserOf) -> None:
    body = make_organisation(slug="quancheng", region=JINAN)
    staff = make_member(Role.EMPLOYER, JINAN, body)
    restrict("evidence.enter_for_people", body)

    with pytest.raises(ForbiddenError, match=DECISION):
        _uploaded(staff, staff.person)
    page = browser_of(staff).post(
        "/evidence/organisation/import", data={"kind": "service", "file": (BytesIO(SERVICES.encode()), "业绩.csv")}
    )

    assert page.status_code == 403
    assert DECISION in page.text
    assert session.scalar(select(func.count(EvidenceImport.id))) == 0


@pytest.mark.usefixtures("checks")
def test_a_person_restricted_after_the_upload_keeps_the_whole_file_out_with_their_row() -> None:
    body = make_organisation(slug="quancheng", region=JINAN)
    owner, staff = make_member(Role.TRAINEE, JINAN, body), make_member(Role.EMPLOYER, JINAN, body)
    staged = _uploaded(staff, owner.person)
    restrict("evidence.enter", owner.person)

    with pytest.raises(ConflictError, match=f"第2行.*{DECISION}"), unit_of_work():
        evidence.commit_import(session.merge(staged), by=staff.actor, at=ledger.AT)

    assert session.scalar(select(func.count(Evidence.id))) == 0


@pytest.mark.usefixtures("checks")
def test_an_officer_who_may_check_nothing_neither_rejects_nor_records_a_finding() -> None:
    checker = ledger.make_checker()
    record = ledger.make_declared(Kind.SERVICE, ledger.make_owner())
    with unit_of_work():
        audit = evidence.draw_sample(
            region_code=SHANDONG,
            since=date(2026, 3, 1),
            until=date(2026, 3, 31),
            size=1,
            by=checker.actor,
            at=ledger.AT,
        )
    restrict("evidence.check", checker.person)

    with pytest.raises(ForbiddenError, match=DECISION), unit_of_work():
        evidence.reject(ledger.again(record), reason="不符。", by=checker.actor, at=ledger.AT)
    (drawn,) = audits.items(audit.id)
    with pytest.raises(ForbiddenError, match=DECISION), unit_of_work():
        evidence.find(audit, drawn, finding=Finding.CONFORMS, note="相符。", by=checker.actor, at=ledger.AT)
    with pytest.raises(ForbiddenError, match=DECISION), unit_of_work():
        evidence.confirm_finding(audit, drawn, by=checker.actor, at=ledger.AT)

    assert ledger.again(record).state is State.DECLARED


# ---- the appraisal of bases


@pytest.fixture(name="system")
def _system(at_time: At) -> None:
    at_time(appraisals.AT)
    appraisals.make_system()


@pytest.mark.usefixtures("system")
def test_a_base_that_may_take_no_part_is_left_out_and_the_cycle_says_by_which_restriction(
    browser_of: BrowserOf,
) -> None:
    barred, _staff = appraisals.make_base(organisation=make_organisation(slug="barred-base"))
    asked, _other = appraisals.make_base(organisation=make_organisation(slug="asked-base"))
    found = restrict("performance.take_part", barred.organisation)

    cycle, first, _second = appraisals.make_cycle()

    rows = session.scalars(select(BaseAppraisal.base_id).where(BaseAppraisal.cycle_id == cycle.id)).all()
    page = browser_of(first).get(f"/performance/{cycle.code}").text
    assert rows == [asked.id]
    assert f"barred-base不参加：限制{found.code}" in page


@pytest.mark.usefixtures("system")
def test_a_base_restricted_after_its_report_is_not_checked() -> None:
    base, staff = appraisals.make_base()
    cycle, *_people = appraisals.make_cycle()
    row = appraisals.report(appraisals.only(cycle), staff)
    restrict("performance.take_part", base.organisation)

    with pytest.raises(ForbiddenError, match=DECISION):
        appraisals.check(row)

    assert appraisals.only(cycle).state is AppraisalState.SUBMITTED


@pytest.mark.usefixtures("system")
def test_what_restricted_staff_typed_is_kept_as_a_draft_with_the_refusal_above_it(browser_of: BrowserOf) -> None:
    _base, staff = appraisals.make_base()
    cycle, *_people = appraisals.make_cycle()
    row = appraisals.only(cycle)
    restrict("performance.report", staff.person)

    answer = browser_of(staff).post(
        f"/performance/bases/{row.code}/report", data={"value-lecturers": "7", "value-deals": "0", "act": "submit"}
    )

    assert answer.status_code == 403
    assert DECISION in answer.text
    assert appraisals.only(cycle).answers["lecturers"] == "7"


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize("act", ["confirm", "compute", "publish"])
def test_an_officer_who_may_decide_nothing_runs_no_cycle(act: str) -> None:
    appraisals.make_base()
    first, second = make_member(Role.REGULATOR, SHANDONG), make_member(Role.REGULATOR, SHANDONG)
    with unit_of_work():
        cycle = performance.open_cycle(
            year=2026, region_code=SHANDONG, report_until=appraisals.UNTIL, by=first.actor, at=appraisals.AT
        )
    restrict("performance.decide", second.person)
    acts: dict[str, Callable[..., object]] = {
        "confirm": performance.confirm_cycle,
        "compute": performance.start_computation,
        "publish": performance.publish,
    }

    with pytest.raises(ForbiddenError, match=DECISION), unit_of_work():
        acts[act](cycle, by=second.actor, at=appraisals.AT)


@pytest.mark.usefixtures("system")
def test_the_reason_that_a_restricted_officer_typed_stays_beside_the_refusal(browser_of: BrowserOf) -> None:
    _base, staff = appraisals.make_base()
    cycle, *_people = appraisals.make_cycle()
    row = appraisals.report(appraisals.only(cycle), staff)
    officer = make_member(Role.REGULATOR, SHANDONG)
    restrict("performance.inspect", officer.person)

    answer = browser_of(officer).post(
        f"/performance/bases/{row.code}/decide/return", data={"return-reason": "师资数与社保名册不一致。"}
    )

    assert answer.status_code == 403
    assert DECISION in answer.text
    assert "师资数与社保名册不一致。" in answer.text


# ---- how to appeal


def test_the_page_of_a_restriction_says_how_to_appeal_while_it_holds(browser_of: BrowserOf, at_time: At) -> None:
    at_time(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    person = make_member(Role.TRAINEE, SHANDONG)
    found = restrict("evidence.enter", person.person, region=SHANDONG)

    page = browser_of(person).get(f"/restrictions/{found.code}").text

    assert "如何申诉" in page
    assert "行政复议法" in page
    assert "六个月" in page

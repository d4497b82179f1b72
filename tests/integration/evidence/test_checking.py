"""The papers of a contract are compared by rule, again whenever one changes; a second person confirms the check."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event, Subject
from app.desk.queries import timeline_entries, todos_of
from app.evidence import services
from app.evidence.models import ContractShare, Evidence, EvidenceLink
from app.evidence.services.uses import release, use
from app.evidence.states import Kind, State
from tests.factories.accounts import GUANGDONG, JINAN, Member, make_member, make_organisation
from tests.factories.evidence import (
    AT,
    NUMBER,
    again,
    check,
    make_bundle,
    make_checked,
    make_checker,
    make_declared,
    make_owner,
    publish_checks,
)

BrowserOf = Callable[[Member], FlaskClient]
PDF = b"%PDF-1.7 scan"


def outcomes(record: Evidence) -> dict[str, str]:
    lines = (again(record).verdict or {})["lines"]
    return {line["reason"]: line["outcome"] for line in lines}


def attach(record: Evidence, owner: Member, data: bytes = PDF) -> None:
    with unit_of_work():
        services.attach(again(record), data, name="扫描件.pdf", by=owner.actor, at=AT)


def test_a_contract_alone_waits_for_its_papers_and_holds_together_with_them(owner: Member) -> None:
    alone = make_declared(Kind.CONTRACT, owner)
    assert again(alone).standing == "unknown"
    assert outcomes(alone)["has_registration"] == "unknown"

    for kind in (Kind.REGISTRATION, Kind.INVOICE, Kind.RECEIPT):
        make_declared(kind, owner, contract=alone.series)

    assert again(alone).standing == "met"
    assert set(outcomes(alone).values()) == {"met"}


def test_a_registration_certificate_finds_the_contract_with_its_number(owner: Member) -> None:
    contract = make_declared(Kind.CONTRACT, owner)
    make_declared(Kind.CONTRACT, owner, number="2026370102000099", share="10")

    paper = make_declared(Kind.REGISTRATION, owner)

    link = session.scalars(select(EvidenceLink)).one()
    assert (link.contract_series, link.paper_series) == (contract.series, paper.series)


def test_a_mismatch_found_later_changes_the_verdict_of_the_contract(owner: Member, browser_of: BrowserOf) -> None:
    made = make_bundle(owner)
    contract = made[Kind.CONTRACT]

    with unit_of_work():
        new = services.correct(again(made[Kind.REGISTRATION]), by=owner.actor, at=AT)
        new.details = {**new.details, "amount": "4900000.00"}
        services.declare(new, by=owner.actor, at=AT)

    assert outcomes(contract)["registration_amount"] == "not"
    assert again(contract).standing == "not"
    page = browser_of(owner).get(f"/evidence/{contract.code}").text
    assert "合同与登记证明的金额一致" in page
    assert "不一致" in page
    assert "490万元（4,900,000.00元）" in page


def test_a_paper_is_linked_by_page_parted_and_linked_to_another(owner: Member, browser_of: BrowserOf) -> None:
    first = make_declared(Kind.CONTRACT, owner)
    second = make_declared(Kind.CONTRACT, owner, number="2026370102000002", share="10")
    invoice = make_declared(Kind.INVOICE, owner)
    browser = browser_of(owner)
    assert NUMBER in browser.get(f"/evidence/{invoice.code}/link").text

    browser.post(f"/evidence/{invoice.code}/link", data={"contract": first.series})
    assert outcomes(first)["has_invoice"] == "met"
    again_linked = browser.post(f"/evidence/{invoice.code}/link", data={"contract": first.series})
    browser.post(f"/evidence/{invoice.code}/link", data={"contract": second.series})
    assert again_linked.status_code == 302
    assert outcomes(first)["has_invoice"] == "unknown"
    assert outcomes(second)["has_invoice"] == "met"
    browser.post(f"/evidence/{invoice.code}/unlink")
    browser.post(f"/evidence/{invoice.code}/unlink")

    assert outcomes(second)["has_invoice"] == "unknown"
    assert session.scalars(select(EvidenceLink)).all() == []


@pytest.mark.parametrize("series", ["", "nothing"])
def test_a_paper_is_linked_to_a_contract_of_the_same_person_only(
    owner: Member, browser_of: BrowserOf, series: str
) -> None:
    other = make_declared(Kind.CONTRACT, make_owner())
    invoice = make_declared(Kind.INVOICE, owner)

    for chosen in (series, other.series):
        response = browser_of(owner).post(f"/evidence/{invoice.code}/link", data={"contract": chosen})
        assert response.status_code == 422
    assert "尚未申报合同" in browser_of(owner).get(f"/evidence/{invoice.code}/link").text


def test_only_papers_are_linked_and_a_checked_contract_keeps_its_own(owner: Member, checker: Member) -> None:
    made = make_bundle(owner)
    with pytest.raises(ConflictError), unit_of_work():
        services.link(again(made[Kind.CONTRACT]), "x", by=owner.actor, at=AT)
    check(made[Kind.CONTRACT], checker)

    with pytest.raises(ConflictError), unit_of_work():
        services.unlink(again(made[Kind.INVOICE]), by=owner.actor, at=AT)


def test_the_same_file_under_two_records_is_found(owner: Member) -> None:
    made = make_bundle(owner)
    for record in made.values():
        attach(record, owner)
    assert outcomes(made[Kind.INVOICE])["file_once"] == "met"

    thief = make_owner()
    stolen = make_declared(Kind.WORK, thief)
    attach(stolen, thief)

    assert outcomes(stolen)["file_once"] == "not"
    assert outcomes(made[Kind.INVOICE])["file_once"] == "not"


def test_a_verdict_names_another_record_only_to_whoever_may_see_it(owner: Member, browser_of: BrowserOf) -> None:
    thief, checker = make_owner(), make_checker()
    first, stolen = make_declared(Kind.WORK, owner), make_declared(Kind.WORK, thief)
    second = make_declared(Kind.WORK, thief)
    for record, holder in ((first, owner), (stolen, thief), (second, thief)):
        attach(record, holder)
    pages = {who: browser_of(who).get(f"/evidence/{stolen.code}").text for who in (thief, checker)}

    assert outcomes(stolen)["file_once"] == "not"
    assert [first.code in page for page in pages.values()] == [False, True]
    assert [second.code in page for page in pages.values()] == [True, True]


def test_an_invoice_used_for_two_contracts_is_found(owner: Member) -> None:
    made = make_bundle(owner)
    colleague = make_owner()
    other = make_declared(Kind.CONTRACT, colleague, number="2026370102000002")

    make_declared(Kind.INVOICE, colleague, contract=other.series)

    assert outcomes(made[Kind.INVOICE])["served_once"] == "not"


def test_two_managers_of_one_contract_hold_the_same_papers(owner: Member) -> None:
    made = make_bundle(owner)
    colleague = make_owner()

    theirs = make_bundle(colleague, share="40")
    for bundle, holder in ((made, owner), (theirs, colleague)):
        attach(bundle[Kind.INVOICE], holder)

    assert outcomes(made[Kind.INVOICE])["served_once"] == "met"
    assert outcomes(theirs[Kind.INVOICE])["file_once"] == "met"
    assert again(theirs[Kind.CONTRACT]).standing == "met"
    assert session.get_one(ContractShare, NUMBER, populate_existing=True).claimed == Decimal(100)


def test_shares_of_one_contract_are_never_above_the_whole(owner: Member, browser_of: BrowserOf) -> None:
    make_declared(Kind.CONTRACT, owner, share="60")
    colleague = make_owner()

    with pytest.raises(InvalidError, match="最多还剩百分之40"):
        make_declared(Kind.CONTRACT, colleague, share="40.01")
    made = make_declared(Kind.CONTRACT, colleague, share="40")

    assert made.state is State.DECLARED
    third = make_owner()
    data = {**dict(made.details), "share": "0.01", "act": "declare"}
    response = browser_of(third).post("/evidence/new/contract", data=data)
    assert response.status_code == 422
    assert "最多还剩百分之0" in response.text


def test_a_person_claims_a_contract_once_and_a_withdrawn_share_is_free_again(owner: Member) -> None:
    made = make_declared(Kind.CONTRACT, owner, share="100")
    with pytest.raises(InvalidError, match="已申报过"):
        make_declared(Kind.CONTRACT, owner, share="1")

    with unit_of_work():
        services.withdraw(again(made), reason="填错了", by=owner.actor, at=AT)

    assert make_declared(Kind.CONTRACT, owner, share="100").state is State.DECLARED


def test_the_database_itself_refuses_more_than_the_whole_contract(owner: Member) -> None:
    make_declared(Kind.CONTRACT, owner)

    with pytest.raises((IntegrityError, ConflictError)), unit_of_work():
        session.execute(update(ContractShare).values(claimed=Decimal("100.01")))


def test_a_checker_confirms_by_page_what_holds_together(owner: Member, checker: Member, browser_of: BrowserOf) -> None:
    contract = make_bundle(owner)[Kind.CONTRACT]
    browser = browser_of(checker)
    assert owner.person.name in browser.get("/evidence/queue").text
    assert "通过核查" in browser.get(f"/evidence/{contract.code}").text

    assert browser.post(f"/evidence/{contract.code}/check", data={"check-note": ""}).status_code == 302

    done = again(contract)
    assert (done.state, done.checked_by_id) == (State.CHECKED, checker.person.id)
    assert done.checked_verdict == done.verdict
    event = session.scalars(select(Event).where(Event.kind == "evidence.checked")).one()
    assert (event.subject_code, event.rule) == (contract.code, done.verdict["pack"] if done.verdict else "")
    assert contract.code not in {todo.subject_code for todo in todos_of(checker.actor)}
    assert browser.post(f"/evidence/{contract.code}/check", data={}).status_code == 409


def test_a_check_with_unknown_conditions_needs_a_note(owner: Member, checker: Member, browser_of: BrowserOf) -> None:
    alone = make_declared(Kind.CONTRACT, owner)
    browser = browser_of(checker)

    refused = browser.post(f"/evidence/{alone.code}/check", data={"check-note": "  "})
    allowed = browser.post(f"/evidence/{alone.code}/check", data={"check-note": "免税单位不开发票，已电话核实。"})

    assert (refused.status_code, allowed.status_code) == (422, 302)
    assert "请说明为何仍可通过核查" in refused.text
    checked, *_earlier = timeline_entries(services.of_evidence(alone))
    assert checked.reason == "免税单位不开发票，已电话核实。"


def test_nothing_is_checked_while_a_condition_is_not_met(owner: Member, checker: Member) -> None:
    wrong = make_declared(Kind.PATENT, owner, number="202310012345.1")

    with pytest.raises(InvalidError, match="不满足"):
        check(wrong, checker, note="无论如何")


def test_rejection_needs_a_reason_and_frees_the_share(owner: Member, checker: Member, browser_of: BrowserOf) -> None:
    made = make_declared(Kind.CONTRACT, owner, share="100")
    browser = browser_of(checker)

    assert browser.post(f"/evidence/{made.code}/reject", data={"reject-reason": ""}).status_code == 422
    assert browser.post(f"/evidence/{made.code}/reject", data={"reject-reason": "编号不符。"}).status_code == 302

    assert (again(made).state, again(made).reason) == (State.REJECTED, "编号不符。")
    assert session.get_one(ContractShare, NUMBER, populate_existing=True).claimed == 0
    assert "更正后以新版本申报" in browser_of(owner).get(f"/evidence/{made.code}").text
    assert browser_of(owner).post(f"/evidence/{made.code}/correct").status_code == 302


def test_nobody_checks_their_own_record_or_one_they_entered_or_of_another_region(owner: Member) -> None:
    own = make_declared(Kind.WORK, owner)
    both = make_member(Role.CREDIT, JINAN, person=owner.person)
    body = make_organisation(region=JINAN)
    admin = make_member(Role.EMPLOYER, JINAN, body)
    entered = make_declared(Kind.WORK, owner, by=admin)
    with unit_of_work():
        services.accept(again(entered), by=owner.actor, at=AT)
    officer = make_member(Role.CREDIT, JINAN, person=admin.person)

    for record, by in ((own, both), (entered, officer), (entered, both), (own, make_checker(GUANGDONG)), (own, admin)):
        with pytest.raises(ForbiddenError), unit_of_work():
            services.check(again(record), note="x", by=by.actor, at=AT)
        with pytest.raises(ForbiddenError), unit_of_work():
            services.reject(again(record), reason="x", by=by.actor, at=AT)


def test_the_database_itself_wants_two_people(owner: Member, checker: Member) -> None:
    made = make_checked(Kind.WORK, owner, checker=checker)

    with pytest.raises((IntegrityError, ConflictError)), unit_of_work():
        session.execute(update(Evidence).where(Evidence.id == made.id).values(checked_by_id=owner.person.id))


def test_what_the_person_has_not_confirmed_is_not_checked(
    owner: Member, checker: Member, browser_of: BrowserOf
) -> None:
    admin = make_member(Role.EMPLOYER, JINAN, make_organisation(region=JINAN))
    made = make_declared(Kind.WORK, owner, by=admin)

    assert made.title not in browser_of(checker).get("/evidence/queue").text
    assert made.title in browser_of(checker).get("/evidence/region").text
    with pytest.raises(ConflictError):
        check(made, checker)


def test_a_withdrawal_lists_who_relies_on_the_record_and_tells_them(
    owner: Member, checker: Member, browser_of: BrowserOf
) -> None:
    made = make_checked(Kind.SERVICE, owner, checker=checker)
    application = Subject("title_application", "app-1")
    with unit_of_work():
        use(made.id, application, "titles", AT, by=owner.actor)
        use(made.id, Subject("credit_rating", "rate-1"), "credit:2026", AT)
        release(Subject("credit_rating", "rate-1"), at=AT)
    browser = browser_of(owner)
    page = browser.get(f"/evidence/{made.code}/withdraw").text
    assert "/titles/applications/app-1" in page
    assert "尚未确认的评审结果随即终止" in page, "what the withdrawal does to it stands beside"
    assert "信用报告予以收回" not in page

    empty = browser.post(f"/evidence/{made.code}/withdraw", data={"reason": ""})
    done = browser.post(f"/evidence/{made.code}/withdraw", data={"reason": "客户名称有误。"})

    assert (empty.status_code, done.status_code) == (422, 302)
    assert (again(made).state, again(made).ended_at is not None) == (State.WITHDRAWN, True)
    event = session.scalars(select(Event).where(Event.kind == "evidence.withdrawn")).one()
    assert event.data == {
        "uses": [{"purpose": "titles", "type": "title_application", "code": "app-1", "part": "100.00"}]
    }
    repeated = browser.post(f"/evidence/{made.code}/withdraw", data={"reason": "再次"})
    assert repeated.status_code == 409


def test_a_stranger_and_the_checker_do_not_withdraw(owner: Member, checker: Member, browser_of: BrowserOf) -> None:
    made = make_declared(Kind.WORK, owner)

    for by, status in ((checker, 403), (make_owner(), 404)):
        response = browser_of(by).post(f"/evidence/{made.code}/withdraw", data={"reason": "x"})
        assert response.status_code == status


def test_the_organisation_takes_back_what_the_person_has_not_confirmed(owner: Member, browser_of: BrowserOf) -> None:
    admin = make_member(Role.EMPLOYER, JINAN, make_organisation(region=JINAN))
    made = make_declared(Kind.WORK, owner, by=admin)

    assert browser_of(admin).post(f"/evidence/{made.code}/withdraw", data={"reason": "填错人"}).status_code == 302

    assert again(made).state is State.WITHDRAWN
    assert not todos_of(owner.actor)


def test_a_checked_contract_whose_paper_goes_comes_back_to_its_checkers(owner: Member, checker: Member) -> None:
    made = make_bundle(owner)
    check(made[Kind.CONTRACT], checker)
    seen = again(made[Kind.CONTRACT]).checked_verdict

    with unit_of_work():
        new = services.correct(again(made[Kind.RECEIPT]), by=owner.actor, at=AT)
        new.details = {**new.details, "amount": "151000.00"}
        services.declare(new, by=owner.actor, at=AT)

    contract = again(made[Kind.CONTRACT])
    assert (contract.state, contract.standing, contract.checked_verdict) == (State.CHECKED, "not", seen)
    assert "evidence.look_again" in {todo.kind for todo in todos_of(checker.actor)}


def test_another_rule_pack_in_the_middle_decides_by_the_pack_of_the_day(owner: Member, checker: Member) -> None:
    made = make_declared(Kind.WORK, owner)
    assert again(made).standing == "met"
    pack = publish_checks(files=True, region="370000")

    with pytest.raises(InvalidError, match="尚未查明"):
        check(made, checker, note="", at=AT + timedelta(days=1))
    check(made, checker, note="原件在场核对。", at=AT + timedelta(days=1))

    assert (again(made).checked_verdict or {})["pack"] == pack.code

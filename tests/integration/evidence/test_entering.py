"""Evidence is entered once: drafts keep what was typed, what is declared never changes but by new versions."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.core.events import Event, timeline
from app.desk.models import Notice
from app.desk.queries import todos_of
from app.evidence import services
from app.evidence.models import ContractShare, Evidence, EvidenceFile
from app.evidence.services.subjects import of_evidence
from app.evidence.states import Entry, Kind, State
from app.rulebook import services as rulebook
from tests.factories.accounts import GUANGDONG, JINAN, Member, make_member, make_organisation
from tests.factories.evidence import (
    AT,
    FIELDS,
    NUMBER,
    PARAMS,
    again,
    check,
    make_checked,
    make_checker,
    make_declared,
    make_draft,
    make_owner,
)
from tests.factories.holidays import HEAD, make_year
from tests.factories.rulebook import make_proposed

BrowserOf = Callable[[Member], FlaskClient]
PDF = b"%PDF-1.7 scan"


def stored() -> Evidence:
    return session.scalars(select(Evidence).execution_options(populate_existing=True)).one()


@pytest.mark.parametrize("kind", list(Kind))
def test_a_person_declares_each_kind_by_page(owner: Member, checker: Member, browser_of: BrowserOf, kind: Kind) -> None:
    browser = browser_of(owner)
    assert browser.get("/evidence/new").status_code == 200
    assert browser.get(f"/evidence/new/{kind}").status_code == 200

    response = browser.post(f"/evidence/new/{kind}", data={**FIELDS[kind], "act": "declare"})

    made = stored()
    assert response.location == f"/evidence/{made.code}"
    assert (made.kind, made.state, made.entry) == (kind, State.DECLARED, Entry.PERSON)
    assert made.accepted_at == made.declared_at
    assert made.happened_on is not None
    assert [todo.url for todo in todos_of(checker.actor)] == [f"/evidence/{made.code}"]
    assert browser.get(response.location).status_code == 200
    assert "待核查" not in browser.get("/evidence").text
    assert made.title in browser.get("/evidence").text


def test_a_contract_keeps_exact_amounts_share_and_its_parties(owner: Member) -> None:
    made = make_declared(Kind.CONTRACT, owner, amount="1,234,567.89", technology_amount="1234567.89", share="33.33%")

    assert (made.amount, made.share) == (Decimal("1234567.89"), Decimal("33.33"))
    assert (made.number, made.happened_on) == (NUMBER, date(2025, 6, 10))
    assert session.get_one(ContractShare, NUMBER).claimed == Decimal("33.33")
    assert made.check_due_on == date(2026, 3, 16)


def test_a_draft_keeps_what_was_typed_and_declaring_says_what_is_missing(owner: Member, browser_of: BrowserOf) -> None:
    browser = browser_of(owner)
    typed = {"title": "某工艺", "amount": "五百万", "share": "120"}

    kept = browser.post("/evidence/new/contract", data={**typed, "act": "save"})
    refused = browser.post(f"/evidence/{stored().code}/edit", data={**typed, "act": "declare"})

    assert kept.status_code == 302
    assert refused.status_code == 422
    assert "五百万" in refused.text
    assert "尚未填写，请按材料填写。" in refused.text
    assert "不是以元为单位、最多两位小数的金额" in refused.text
    assert (stored().state, stored().details["amount"]) == (State.DRAFT, "五百万")
    assert browser.get(f"/evidence/{stored().code}/edit").status_code == 200


def test_the_record_page_declares_a_draft_that_is_complete(owner: Member, browser_of: BrowserOf) -> None:
    draft = make_draft(Kind.WORK, owner)
    browser = browser_of(owner)
    assert "继续填写" in browser.get(f"/evidence/{draft.code}").text

    assert browser.post(f"/evidence/{draft.code}/declare").status_code == 302

    assert stored().state is State.DECLARED


@pytest.mark.one_database
def test_the_record_page_sends_an_incomplete_draft_back_to_its_form(owner: Member, browser_of: BrowserOf) -> None:
    draft = make_draft(Kind.WORK, owner, published_on="")

    response = browser_of(owner).post(f"/evidence/{draft.code}/declare")

    assert response.status_code == 422
    assert FIELDS[Kind.WORK]["title"] in response.text
    assert stored().state is State.DRAFT


def test_a_draft_is_thrown_away_by_whoever_began_it(owner: Member, browser_of: BrowserOf) -> None:
    draft = make_draft(Kind.WORK, owner)

    assert browser_of(owner).post(f"/evidence/{draft.code}/discard").location == "/evidence"

    assert session.scalars(select(Evidence)).all() == []


def test_what_is_declared_is_never_changed(owner: Member, browser_of: BrowserOf) -> None:
    made = make_declared(Kind.WORK, owner)
    browser = browser_of(owner)

    assert browser.post(f"/evidence/{made.code}/edit", data={"title": "别的"}).status_code == 403
    assert browser.get(f"/evidence/{made.code}/edit").status_code == 403
    with pytest.raises(ConflictError), unit_of_work():
        services.declare(again(made), by=owner.actor, at=AT)
    with pytest.raises(ConflictError), unit_of_work():
        services.discard(again(made), by=owner.actor)
    assert stored().title == FIELDS[Kind.WORK]["title"]


@pytest.mark.parametrize("column", ["title = 'x'", "amount = 1", "share = 1", "details = '{}'", "happened_on = NULL"])
def test_the_database_itself_refuses_to_change_a_declared_record(owner: Member, column: str) -> None:
    made = make_declared(Kind.CONTRACT, owner)

    with pytest.raises((IntegrityError, OperationalError, ConflictError)), unit_of_work():
        session.execute(text(f"UPDATE evidence SET {column} WHERE id = {made.id}"))


def test_a_correction_of_an_unchecked_record_supersedes_it_at_once(owner: Member, browser_of: BrowserOf) -> None:
    made = make_declared(Kind.CONTRACT, owner)
    browser = browser_of(owner)

    begun = browser.post(f"/evidence/{made.code}/correct")
    again_begun = browser.post(f"/evidence/{made.code}/correct")
    browser.post(begun.location, data={**FIELDS[Kind.CONTRACT], "share": "70", "act": "declare"})

    assert begun.location == again_begun.location
    old, new = session.scalars(select(Evidence).order_by(Evidence.id)).all()
    assert (old.state, new.state) == (State.SUPERSEDED, State.DECLARED)
    assert (new.series, new.supersedes_id) == (old.code, old.id)
    assert session.get_one(ContractShare, NUMBER).claimed == Decimal(70)
    assert not [todo for todo in todos_of(make_checker().actor) if todo.subject_code == old.code]


def test_a_checked_record_stands_until_its_correction_is_checked(owner: Member, checker: Member) -> None:
    made = make_checked(Kind.SERVICE, owner)
    with unit_of_work():
        services.attach(make_draft(Kind.WORK, owner), PDF, name="a.pdf", by=owner.actor, at=AT)
        new = services.correct(again(made), by=owner.actor, at=AT)
        services.declare(new, by=owner.actor, at=AT)
    assert again(made).state is State.CHECKED

    check(new, checker)

    assert (again(made).state, again(new).state) == (State.SUPERSEDED, State.CHECKED)
    assert again(made).checked_at == AT
    event = session.scalars(select(Event).where(Event.kind == "evidence.superseded")).one()
    assert (event.subject_code, event.data) == (made.code, {"by": new.code, "uses": []})
    with pytest.raises(ConflictError), unit_of_work():
        services.correct(again(made), by=owner.actor, at=AT)


def test_a_correction_takes_the_files_along(owner: Member) -> None:
    made = make_declared(Kind.WORK, owner)
    with unit_of_work():
        services.attach(again(made), PDF, name="报告.pdf", by=owner.actor, at=AT)
        new = services.correct(again(made), by=owner.actor, at=AT)

    names = session.execute(select(EvidenceFile.evidence_id, EvidenceFile.name)).all()
    assert {tuple(row) for row in names} == {(made.id, "报告.pdf"), (new.id, "报告.pdf")}


def test_nobody_else_corrects(owner: Member) -> None:
    made = make_declared(Kind.WORK, owner)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.correct(again(made), by=make_owner().actor, at=AT)


def test_an_organisation_enters_for_its_person_who_confirms_first(browser_of: BrowserOf, owner: Member) -> None:
    body = make_organisation(slug="quancheng", region=JINAN)
    staff = make_member(Role.TRAINEE, JINAN, body)
    admin = make_member(Role.EMPLOYER, JINAN, body)
    browser = browser_of(admin)
    assert staff.person.name in browser.get("/evidence/organisation/new/service").text
    data = {**FIELDS[Kind.SERVICE], "person": staff.person.code, "act": "declare"}

    response = browser.post("/evidence/organisation/new/service", data=data)

    made = stored()
    assert response.location == f"/evidence/{made.code}"
    assert (made.person_id, made.organisation_id, made.entry) == (staff.person.id, body.id, Entry.ORGANISATION)
    assert made.accepted_at is None
    assert [todo.kind for todo in todos_of(staff.actor)] == ["evidence.accept"]
    assert not todos_of(make_checker().actor)
    assert "本人确认或不予确认" in browser.get(response.location).text
    assert browser_of(owner).get(response.location).status_code == 404

    assert browser_of(staff).post(f"/evidence/{made.code}/accept").status_code == 302

    assert stored().state is State.CONFIRMED
    assert [todo.kind for todo in todos_of(make_checker().actor)] == ["evidence.check"]
    assert browser_of(staff).post(f"/evidence/{made.code}/accept").status_code == 302


def test_a_person_declines_what_is_not_theirs_and_the_organisation_reads_why(
    browser_of: BrowserOf, owner: Member
) -> None:
    admin = make_member(Role.EMPLOYER, JINAN, make_organisation(region=JINAN))
    made = make_declared(Kind.AWARD, owner, by=admin)
    browser = browser_of(owner)

    empty = browser.post(f"/evidence/{made.code}/decline", data={"decline-reason": " "})
    declined = browser.post(f"/evidence/{made.code}/decline", data={"decline-reason": "不是本人。"})

    assert (empty.status_code, declined.status_code) == (422, 302)
    assert (stored().state, stored().rejected_by_id) == (State.REJECTED, owner.person.id)
    assert "不是本人。" in browser_of(admin).get(f"/evidence/{made.code}").text
    assert not todos_of(owner.actor)


def test_what_a_person_confirmed_they_withdraw_and_do_not_decline(owner: Member) -> None:
    admin = make_member(Role.EMPLOYER, JINAN, make_organisation(region=JINAN))
    made = make_declared(Kind.AWARD, owner, by=admin)
    with unit_of_work():
        services.accept(again(made), by=owner.actor, at=AT)

    with pytest.raises(ConflictError), unit_of_work():
        services.decline(again(made), reason="迟了", by=owner.actor, at=AT)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.accept(again(made), by=admin.actor, at=AT)


@pytest.mark.one_database
def test_an_organisation_without_people_is_told_so(browser_of: BrowserOf, owner: Member) -> None:
    del owner
    admin = make_member(Role.EMPLOYER, JINAN)

    assert browser_of(admin).get("/evidence/organisation/new/work").status_code == 422


def test_a_file_is_attached_once_read_back_and_removed_from_a_draft_only(owner: Member, browser_of: BrowserOf) -> None:
    draft = make_draft(Kind.WORK, owner)
    browser = browser_of(owner)
    for _try in range(2):
        sent = browser.post(f"/evidence/{draft.code}/attach", data={"file": (BytesIO(PDF), "报告.pdf")})
        assert sent.status_code == 302
    attached = session.scalars(select(EvidenceFile)).one()
    address = f"/evidence/{draft.code}/files/{attached.file.sha256}"
    assert browser.get(address).data == PDF
    assert browser.get(f"/evidence/{draft.code}/files/0000").status_code == 404

    assert browser.post(f"{address}/detach").status_code == 302

    assert session.scalars(select(EvidenceFile)).all() == []


@pytest.mark.one_database
@pytest.mark.parametrize(("data", "says"), [(b"MZ program", "请上传PDF文件或图片"), (b"", "文件为空")])
def test_only_scans_are_attached(owner: Member, browser_of: BrowserOf, data: bytes, says: str) -> None:
    draft = make_draft(Kind.WORK, owner)

    response = browser_of(owner).post(f"/evidence/{draft.code}/attach", data={"file": (BytesIO(data), "x.pdf")})

    assert response.status_code == 422
    assert says in response.text


@pytest.mark.one_database
def test_no_file_is_refused_and_files_have_a_limit(owner: Member, browser_of: BrowserOf) -> None:
    draft = make_draft(Kind.WORK, owner)
    assert browser_of(owner).post(f"/evidence/{draft.code}/attach", data={}).status_code == 422

    for place in range(10):
        with unit_of_work():
            services.attach(again(draft), PDF + bytes([place]), name="a.pdf", by=owner.actor, at=AT)
    with pytest.raises(InvalidError), unit_of_work():
        services.attach(again(draft), PDF + b"eleven", name="a.pdf", by=owner.actor, at=AT)


def test_the_files_of_a_checked_or_declared_record_stay(owner: Member) -> None:
    declared, checked = make_declared(Kind.WORK, owner), make_checked(Kind.AWARD, owner)

    with unit_of_work():
        kept = services.attach(again(declared), PDF, name="a.pdf", by=owner.actor, at=AT).file.sha256

    with pytest.raises(ConflictError), unit_of_work():
        services.detach(again(declared), kept, by=owner.actor)
    with pytest.raises(NotFoundError), unit_of_work():
        services.detach(again(declared), "0" * 64, by=owner.actor)
    with pytest.raises(ConflictError), unit_of_work():
        services.attach(again(checked), PDF, name="a.pdf", by=owner.actor, at=AT)


def test_a_record_needs_rules_in_force(app: object) -> None:
    del app
    owner = make_owner()

    with pytest.raises(InvalidError, match="业绩材料核查规则"):
        make_declared(Kind.WORK, owner)


def test_drafts_are_seen_by_who_enters_them_only(owner: Member, checker: Member, browser_of: BrowserOf) -> None:
    draft = make_draft(Kind.WORK, owner)

    assert browser_of(owner).get(f"/evidence/{draft.code}").status_code == 200
    for stranger in (checker, make_owner(), make_member(Role.EMPLOYER, JINAN, make_organisation(region=JINAN))):
        assert browser_of(stranger).get(f"/evidence/{draft.code}").status_code == 404


def test_declared_evidence_is_seen_by_its_person_and_its_region(
    owner: Member, checker: Member, browser_of: BrowserOf
) -> None:
    made = make_declared(Kind.WORK, owner)

    assert browser_of(checker).get(f"/evidence/{made.code}").status_code == 200
    assert browser_of(make_member(Role.REGULATOR, JINAN)).get(f"/evidence/{made.code}").status_code == 200
    for stranger in (make_checker(GUANGDONG), make_owner(), make_member(Role.ISSUER, JINAN)):
        assert browser_of(stranger).get(f"/evidence/{made.code}").status_code == 404


@pytest.mark.one_database
def test_an_unknown_kind_is_no_page(owner: Member, browser_of: BrowserOf) -> None:
    assert browser_of(owner).get("/evidence/new/treasure").status_code == 404


def test_the_day_of_the_check_is_counted_anew_by_the_rules_it_was_set_by(
    owner: Member, checker: Member, run_jobs: Callable[[], int], at_time: Callable[[datetime], None]
) -> None:
    made = make_declared(Kind.SERVICE, owner)
    params = PARAMS.replace("{files}", "false").replace("{counterparties}", "[]").replace("days = 10", "days = 3")
    later = make_proposed(kind="evidence_checks", code="evidence-checks-later", params=params, years=0)
    with unit_of_work():
        second = make_member(Role.REGULATOR, later.region_code)
        rulebook.publish(later, by=second.actor, at=AT + timedelta(days=1))
    at_time(AT + timedelta(days=1))

    make_year(2026, HEAD + "2026-03-05,放假\n", number="示例1")
    run_jobs()

    assert stored().check_due_on == date(2026, 3, 17)
    assert [one.due_on for one in todos_of(checker.actor)] == [date(2026, 3, 17)]
    assert (timeline(of_evidence(made))[0].kind, timeline(of_evidence(made))[0].rule) == (
        "evidence.check_recounted",
        "示例1",
    )
    (notice,) = session.scalars(select(Notice).where(Notice.kind == "evidence.check_recounted"))
    assert (notice.person_id, notice.label["due"]) == (owner.person.id, "2026-03-17")

    make_year(2026, HEAD + "2026-03-07,上班\n", number="示例2")
    run_jobs()

    assert stored().check_due_on == date(2026, 3, 13), "the time of an authority follows the notice in both directions"

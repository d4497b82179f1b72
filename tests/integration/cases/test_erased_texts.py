"""What people wrote about people becomes unreadable with an erasure; what an authority did stays and still verifies."""

import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from hashlib import sha256

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.accounts.models import Person
from app.accounts.rights import Erasure
from app.accounts.services import erasure, merging
from app.accounts.states import ErasureState, Role
from app.cases import dossier, services
from app.cases.jobs import OLDER
from app.cases.models import Case, CaseFile, Delivery, Restriction
from app.cases.personal_data import PERSONAL_DATA
from app.cases.queries import cases as queries
from app.cases.queries import notices
from app.cases.services import dossiers
from app.cases.states import DeliveryHow
from app.core import clock, files, jobs, sealing
from app.core.audit import audit
from app.core.clock import day_of, real_now
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import Event
from app.core.files import StoredFile
from app.core.jobs import JobState
from app.core.shredding import TextKey, destroy, sealed
from app.evidence import services as evidence
from app.evidence.models import Evidence, EvidenceUse
from app.evidence.states import Kind
from tests.factories import evidence as ledger
from tests.factories.accounts import NATION, SHANDONG, Member, make_member
from tests.factories.cases import (
    NOW,
    accepted,
    again,
    days,
    decided,
    lift,
    make_body,
    make_clocks,
    make_complaint,
    make_objection,
    make_officer,
    make_publicity,
    restrict,
)

BrowserOf = Callable[[Member], FlaskClient]
At = Callable[[datetime], None]
FACTS, REASONS, WHY = "王某某在班上当众说出我的病情。", "经查属实，基地应当道歉。", "我已与基地和解。"
AFTER_COURT = NOW + timedelta(days=250)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(name="author")
def _author(at_time: At) -> Member:
    at_time(NOW)
    make_clocks()
    return make_member(Role.TRAINEE)


def ask(member: Member, *, at: datetime = NOW) -> Erasure:
    officer = make_member(Role.SECADMIN, NATION)
    with unit_of_work():
        asked = erasure.request_erasure(by=member.actor, at=at)
        erasure.decide_erasure(asked, grant=True, answer="可", by=officer.actor, at=at, real_at=real_now())
    return asked


def erase(member: Member) -> None:
    """Grant an erasure and let the time of every hold pass."""
    ask(member)
    with unit_of_work():
        assert erasure.finish_erasures(on=day_of(AFTER_COURT), at=AFTER_COURT) == 1
    session.expire_all()


def ended(author: Member, *, exhibit: bytes = b"") -> tuple[Case, Member]:
    officer = make_officer()
    given = []
    if exhibit:
        with unit_of_work():
            given = [(files.store(exhibit, name="病历.txt", media_type="text/plain"), "病历.txt")]
    case = make_complaint(author.actor, make_body(), facts=FACTS, files=given)
    accepted(case, officer)
    with unit_of_work():
        services.decide(again(case), upheld=True, reasons=REASONS, by=officer.actor, at=NOW)
    return again(case), officer


def everything(table: str) -> str:
    """Return a table as it lies in the database."""
    return "\n".join(str(tuple(row)) for row in session.execute(text(f"SELECT * FROM {table}")))


def test_what_is_written_in_a_case_lies_under_a_key_of_the_case(author: Member) -> None:
    case, _officer = ended(author)

    assert (case.facts, case.reasons) == (FACTS, REASONS)
    for table in ("case_record", "case_notice", "event"):
        assert FACTS not in everything(table)
        assert REASONS not in everything(table)


def test_a_decided_case_is_held_while_a_court_may_hear_it_and_the_page_says_by_which_law(
    author: Member, browser_of: BrowserOf
) -> None:
    case, _officer = ended(author)

    page = browser_of(author).get("/me/rights").text
    asked = ask(author)

    assert str(case.number) in page
    assert "行政诉讼法" in page
    assert asked.state is ErasureState.LIMITED
    assert (asked.kept_until, [one["tag"] for one in asked.kept]) == (date(2026, 9, 2), ["official"])
    assert again(case).facts == FACTS, "what is held stays readable for those who need it"


def test_an_erasure_makes_the_texts_of_closed_cases_unreadable_and_the_log_still_verifies(
    author: Member, browser_of: BrowserOf, at_time: At
) -> None:
    case, officer = ended(author, exhibit=FACTS.encode())
    sealing.seal()

    erase(author)

    kept = again(case)
    assert kept.texts_erased
    assert FACTS not in kept.facts
    assert REASONS not in (kept.reasons or "")
    assert session.scalars(select(TextKey.wrapped_key).where(TextKey.subject_code == case.code)).one() is None
    sealing.seal()
    assert [check.detail for check in audit() if not check.passed] == []
    at_time(AFTER_COURT)
    page = browser_of(officer).get(f"/cases/{case.code}").text
    assert "已随有关人员的个人信息一并删除" in page
    assert "投诉成立" in page or "成立" in page
    assert FACTS not in page
    assert "病历" not in page


def test_exhibits_and_the_file_made_before_go_off_the_disk_and_a_new_file_lists_the_hashes(
    author: Member, browser_of: BrowserOf, at_time: At
) -> None:
    case, officer = ended(author, exhibit=FACTS.encode())
    with unit_of_work():
        job = dossiers.ask_for_file(again(case), by=officer.actor, at=NOW)
        made = files.store(b"%PDF-1.4 " + FACTS.encode(), name="x.pdf", media_type="application/pdf")
        job.result, job.total, job.done = {"sha256": made.sha256}, 1, 1
        job.state, job.ended_at = JobState.DONE, real_now()
    exhibit = session.scalars(select(CaseFile)).one().file
    erase(author)
    browser = browser_of(officer)

    assert dossiers.made_file(dossiers.latest_job(again(case))) is None, "not even before the content is gone"
    assert browser.post(f"/cases/{case.code}/files/{exhibit.sha256}").status_code == 404
    jobs.work()
    jobs.work()

    assert not files.is_kept(session.merge(exhibit))
    assert not files.is_kept(session.merge(made))
    at_time(AFTER_COURT)
    pdf = dossier.build(again(case))
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert exhibit.sha256[:12] in words.replace("\n", "").replace(" ", "")
    assert "病历" not in words
    with unit_of_work():
        assert files.store(FACTS.encode(), name="again.txt", media_type="text/plain").id == exhibit.id
    assert files.is_kept(session.merge(exhibit)), "the same content may come again"


def test_a_file_drawn_before_the_texts_were_erased_is_not_kept_but_drawn_anew(
    author: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, officer = ended(author)
    given = [b"with words", b"without"]

    def build(drawn: Case) -> bytes:
        if not drawn.texts_erased:
            erase(author)
        return given.pop(0)

    monkeypatch.setattr(dossier, "build", build)
    with unit_of_work():
        dossiers.ask_for_file(again(case), by=officer.actor, at=NOW)
    jobs.work()

    (made,) = session.scalars(select(StoredFile).where(StoredFile.name == f"{case.number}.pdf"))
    assert files.load(made) == b"without"
    assert not files.path_of(sha256(b"with words").hexdigest()).exists()


def test_titles_of_exhibits_and_recipients_lie_under_the_key_and_go_with_it(author: Member) -> None:
    case, officer = ended(author, exhibit=FACTS.encode())
    with unit_of_work():
        services.record_delivery(
            again(case), notices.notices_of(case)[0].notice, how=DeliveryHow.IN_PERSON, delivered_on=day_of(NOW),
            to_whom="王某某之妻", receipt=None, by=officer.actor, at=NOW,
        )  # fmt: skip
    (shown,), (proof,) = queries.files_of(case), session.scalars(select(Delivery)).all()
    assert (case.opened(shown.title_kept), case.opened(str(proof.to_whom_kept))) == ("病历.txt", "王某某之妻")
    assert "病历" not in everything("case_file")
    assert "王某某" not in everything("case_delivery")

    erase(author)
    jobs.work()

    gone = again(case)
    assert "病历" not in gone.opened(shown.title_kept)
    assert "王某某" not in gone.opened(str(proof.to_whom_kept))
    assert "病历" not in everything("stored_file")


def test_titles_older_than_the_keys_are_put_under_them_and_nothing_else_of_the_row_can_change(author: Member) -> None:
    case, officer = ended(author, exhibit=FACTS.encode())
    other = make_complaint(make_member(Role.TRAINEE).actor, make_body(), token="t-other")
    with unit_of_work():
        destroy("case", select(Case.code).where(Case.code == other.code), at=NOW)
        notice, file_id = notices.notices_of(case)[0].notice, queries.files_of(case)[0].file_id
        plain = {"file_id": file_id, "by_officer": True, "added_at": NOW}
        session.add(CaseFile(case_id=other.id, title_kept="旧病历.pdf", **plain))
        told = {"how": DeliveryHow.POST, "delivered_on": day_of(NOW), "recorded_by_id": officer.person.id}
        session.add_all(
            Delivery(notice_id=notice.id, to_whom_kept=one, recorded_at=NOW, **told) for one in ("门卫", None)
        )

    OLDER.run()

    assert not {"旧病历", "门卫"} & set(
        re.findall("旧病历|门卫", everything("case_file") + everything("case_delivery"))
    )
    session.expire_all()
    proofs = session.scalars(select(Delivery).order_by(Delivery.id))
    assert [one.to_whom_kept and case.opened(one.to_whom_kept) for one in proofs] == ["门卫", None]
    (erased,) = queries.files_of(other)
    assert "旧病历" not in again(other).opened(erased.title_kept)
    for change in (
        "case_file SET title = 'x'",
        "case_file SET by_officer = NOT by_officer",
        "case_delivery SET to_whom = 'x'",
        "case_delivery SET to_whom = '\u2063sealed:x' WHERE to_whom IS NULL",
    ):
        with pytest.raises((DBAPIError, ConflictError)), unit_of_work():
            session.execute(text(f"UPDATE {change}"))


def test_an_exhibit_that_another_case_needs_stays(author: Member) -> None:
    case, _officer = ended(author, exhibit=FACTS.encode())
    stored = session.scalars(select(CaseFile)).one().file
    make_complaint(make_member(Role.TRAINEE).actor, make_body(), files=[(stored, "病历.txt")])

    erase(author)
    jobs.work()

    assert files.is_kept(session.merge(stored))
    assert again(case).texts_erased


def test_a_withdrawal_keeps_its_reason_readable_until_the_erasure(author: Member, browser_of: BrowserOf) -> None:
    officer = make_officer()
    case = make_complaint(author.actor, make_body(), facts=FACTS)
    with unit_of_work():
        services.withdraw(again(case), reason=WHY, by=author.actor, at=NOW)
    page = f"/cases/{case.code}"
    assert WHY in browser_of(officer).get(page).text

    ask(author)
    session.expire_all()

    assert again(case).texts_erased, "nothing holds what was withdrawn"
    after = browser_of(officer).get(page).text
    assert WHY not in after
    assert FACTS not in after
    assert WHY not in everything("event")


def test_a_protected_objection_loses_its_text_though_no_key_of_a_person_stands_beside_it(author: Member) -> None:
    officer = make_officer()
    case = make_objection(make_publicity(), author.actor)
    accepted(case, officer)
    decided(case, officer, upheld=False)

    erase(author)

    assert again(case).raised_by_id is None
    assert "公示内容与事实不符" not in again(case).facts


def test_the_copy_of_my_data_reads_my_cases_and_their_notices(author: Member) -> None:
    ended(author)
    found = restrict("exams.sit", author.person, ends_on=date(2026, 12, 31))
    told = {part.name: list(part.collect(author.person.id)) for part in PERSONAL_DATA}

    assert [(row["facts"], row["reason"]) for row in told["cases"]] == [(FACTS, REASONS)]
    assert REASONS in {row["text"] for row in told["case_notices"]}
    assert [(row["code"], row["reason"]) for row in told["restrictions"]] == [(found.code, "提供虚假材料。")]


def test_the_texts_of_a_case_survive_the_joining_of_two_records_of_one_human_being(author: Member) -> None:
    case, _officer = ended(author)
    kept = make_member(Role.LECTURER)
    proposer, second = make_member(Role.SECADMIN, NATION), make_member(Role.SECADMIN, NATION)
    with unit_of_work():
        empty = {"identity_kind": None, "identity_sealed": None, "identity_index": None}
        session.execute(update(Person).where(Person.id == author.person.id).values(**empty))
    session.expire_all()
    with unit_of_work():
        people = (session.get_one(Person, one.person.id) for one in (kept, author))
        found = merging.propose_merge(*people, reasons="同一人", by=proposer.actor, at=NOW)
        merging.confirm_merge(found, answer="可", by=second.actor, at=NOW, real_at=real_now())
    session.expire_all()

    assert again(case).facts == FACTS
    erase(kept)
    assert FACTS not in again(case).facts


def test_a_restriction_that_ended_loses_its_reasons(author: Member, browser_of: BrowserOf, at_time: At) -> None:
    officer = make_officer()
    found = restrict("exams.sit", author.person, region=SHANDONG, by=officer)
    lift(found, on=day_of(NOW), at=NOW)
    page = f"/restrictions/{found.code}"
    assert "提供虚假材料" in browser_of(officer).get(page).text

    ask(author, at=days(1))
    session.expire_all()
    at_time(days(2))

    after = browser_of(officer).get(page).text
    assert "提供虚假材料" not in after
    assert "整改完成" not in after
    assert found.code in after or "鲁科认〔2026〕3号" in after
    assert "提供虚假材料" not in session.get_one(Restriction, found.id).reason


def test_nothing_is_added_to_a_record_whose_texts_were_erased() -> None:
    with unit_of_work():
        sealed("一", "case", "c-1")
        destroy("case", select(TextKey.subject_code).where(TextKey.subject_code == "c-1"), at=NOW)

    with pytest.raises(ConflictError), unit_of_work():
        sealed("二", "case", "c-1")


def test_the_exported_trail_reads_a_reason_until_the_erasure(author: Member, browser_of: BrowserOf) -> None:
    case = make_complaint(author.actor, make_body(), facts=FACTS)
    with unit_of_work():
        services.withdraw(again(case), reason=WHY, by=author.actor, at=NOW)
    happened = session.scalars(select(Event.code).where(Event.kind == "cases.withdrawn")).one()
    auditor = browser_of(make_member(Role.AUDITOR, NATION))

    def read() -> tuple[str, str]:
        taken = auditor.post("/audit/events/export", data={"kind": "cases.withdrawn"}, buffered=True)
        return taken.data.decode("utf-8-sig"), auditor.get(f"/audit/events/{happened}").text

    assert all(WHY in one for one in read())
    ask(author)
    assert not any(WHY in one for one in read())


# ---- the ledger


@pytest.fixture(name="owner")
def _owner(at_time: At) -> Member:
    at_time(ledger.AT)
    ledger.publish_checks()
    return ledger.make_owner()


def test_a_declared_record_loses_what_was_written_and_keeps_its_figures(owner: Member, browser_of: BrowserOf) -> None:
    checker = ledger.make_checker()
    contract = ledger.make_declared(Kind.CONTRACT, owner)
    rejected = ledger.make_declared(Kind.SERVICE, owner)
    with unit_of_work():
        evidence.reject(ledger.again(rejected), reason="与王某某所述不符。", by=checker.actor, at=ledger.AT)
    figures = (contract.number, contract.amount, contract.share, contract.happened_on)

    ask(owner, at=ledger.AT)
    session.expire_all()

    kept = ledger.again(contract)
    assert (kept.number, kept.amount, kept.share, kept.happened_on) == figures
    assert (kept.title, kept.text("seller_name"), kept.verdict) == ("-", "", None)
    assert kept.text("technology_amount") == "4200000.00"
    assert ledger.again(rejected).reason == "-"
    assert "王某某" not in everything("evidence") + everything("event")
    page = browser_of(checker).get(f"/evidence/{rejected.code}").text
    assert "王某某" not in page
    assert "已随有关人员的个人信息一并删除" in page
    assert browser_of(checker).get(f"/evidence/{contract.code}").status_code == 200


def test_a_record_that_a_decision_relies_on_is_held_and_stays_as_it_is(owner: Member) -> None:
    record = ledger.make_declared(Kind.WORK, owner)
    with unit_of_work():
        session.add(
            EvidenceUse(
                evidence_id=record.id,
                purpose="title",
                subject_type="title_application",
                subject_code="t-1",
                part=100,
                used_at=clock.now(),
            )
        )

    asked = ask(owner, at=ledger.AT)

    assert asked.state is ErasureState.LIMITED
    assert record.code in asked.kept[0]["what_zh"]
    assert ledger.again(record).title == "概念验证中心运行机制研究"


def test_the_database_blanks_a_declared_record_for_a_finished_erasure_only(owner: Member) -> None:
    record = ledger.make_declared(Kind.WORK, owner)
    session.rollback()

    for values in ("title = '-', details = '{}'", "title = 'other'", "amount = 1"):
        with pytest.raises(IntegrityError):
            session.execute(text(f"UPDATE evidence SET {values} WHERE id = {record.id}"))
        session.rollback()
    ask(owner, at=ledger.AT)
    for values in ("title = 'other'", "happened_on = '2020-01-01'"):
        with pytest.raises(IntegrityError):
            session.execute(text(f"UPDATE evidence SET {values} WHERE id = {record.id}"))
        session.rollback()

    assert session.get_one(Evidence, record.id).title == "-"

"""Many certificates change together: every row checked, a second person, each once, whatever is killed."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select, update

from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.core.events import Event
from app.core.jobs import Job, JobState
from app.core.staging import StagedBlock, StagedFile
from app.credentials import services
from app.credentials.models import BulkChange, BulkRow, Certificate, CertificateRequest, IssuingBody, StatusList
from app.credentials.queries import changes
from app.credentials.rules.status_list import read_bit
from app.credentials.services import bulk
from app.credentials.services.bulk import Order
from app.credentials.services.revocation import mark, revoke_all
from app.credentials.states import (
    Act,
    CertificateState,
    ChangeState,
    RevocationReason,
    SuspensionReason,
)
from app.desk.models import Notice
from app.desk.queries import todos_of
from tests.factories.accounts import Member, make_person
from tests.factories.credentials import Office, make_batch, make_office, make_request
from tests.factories.delegations import delegate
from tests.submit import submit

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
REVOKE = Order(Act.REVOKE, RevocationReason.KEY_COMPROMISED.value)
Browser = Callable[[Member], FlaskClient]


@pytest.fixture(autouse=True)
def _in_november(at_time: Callable[[datetime], None]) -> None:
    at_time(AT)


@pytest.fixture
def issued(office: Office) -> list[Certificate]:
    return issue_many(office, 5)


def issue_many(office: Office, count: int) -> list[Certificate]:
    for number in range(count):
        make_request(office, make_person(name=f"张{'一二三四五六七八九十'[number % 10]}"))
    batch = make_batch(office)
    with unit_of_work():
        services.approve_batch(session.merge(batch), vouched=True, by=office.second.actor, at=AT)
    jobs.work()
    session.expire_all()
    own = select(Certificate).where(Certificate.body_id == office.body.id)
    return list(session.scalars(own.order_by(Certificate.id.desc()).limit(count)))[::-1]


def stage(office: Office, references: list[str], order: Order = REVOKE) -> BulkChange:
    with unit_of_work():
        rows = [(line, reference, "") for line, reference in enumerate(references, start=2)]
        body = session.get_one(IssuingBody, office.body.id)
        return bulk.stage(body, order, rows, by=office.first.actor, at=AT)


def own(change: BulkChange, by: Member) -> BulkChange:
    session.expire_all()
    return changes.bulk_change(change.code, by.actor)


def propose(change: BulkChange, office: Office, *, only_good: bool = False) -> None:
    with unit_of_work():
        bulk.propose(own(change, office.first), only_good=only_good, by=office.first.actor, at=AT)


def approve(change: BulkChange, by: Member) -> None:
    with unit_of_work():
        bulk.approve(own(change, by), by=by.actor, at=AT)


def numbers(certificates: list[Certificate]) -> list[str]:
    return [str(one.number) for one in certificates]


def states(certificates: list[Certificate]) -> list[CertificateState]:
    session.expire_all()
    return [session.get_one(Certificate, one.id).state for one in certificates]


def problems(change: BulkChange) -> list[str | None]:
    query = select(BulkRow.problem).where(BulkRow.change_id == change.id).order_by(BulkRow.line)
    return list(session.scalars(query))


def test_a_change_is_staged_proposed_approved_and_done(office: Office, issued: list[Certificate]) -> None:
    change = stage(office, numbers(issued[:3]))
    assert (change.state, change.good, change.bad) == (ChangeState.CHECKED, 3, 0)
    assert session.scalar(select(func.count()).select_from(StagedFile)) == 0, "what was staged is destroyed"
    propose(change, office)
    assert set(states(issued)) == {CertificateState.PUBLISHED}, "nothing changes before the approval"
    assert [todo.kind for todo in todos_of(office.second.actor)] == ["credentials.approve_change"]
    assert todos_of(office.first.actor) == []
    approve(change, office.second)

    jobs.work()

    assert states(issued) == [CertificateState.REVOKED] * 3 + [CertificateState.PUBLISHED] * 2
    done = own(change, office.first)
    assert (done.state, done.done, done.skipped) == (ChangeState.DONE, 3, 0)
    bits = session.scalars(select(StatusList.bits)).one()
    assert [read_bit(bits, one.status_index) for one in issued] == [True] * 3 + [False] * 2
    revoked = session.get_one(Certificate, issued[0].id)
    assert (revoked.revoked_by_id, revoked.revoked_for) == (office.second.person.id, RevocationReason.KEY_COMPROMISED)


def test_every_row_with_a_problem_is_reported(office: Office, issued: list[Certificate]) -> None:
    other = make_office(slug="other-centre", platform=False)
    delegate(office, other.body)
    foreign = issue_many(other, 1)[0]
    with unit_of_work():
        found = session.get_one(Certificate, issued[4].id)
        services.revoke(found, reason=RevocationReason.EXAM_BREACH, note="", by=office.first.actor, at=AT)
    waiting = _still_being_issued(office)

    given = [
        str(issued[0].number),
        f"  {str(issued[1].number).lower()} ",
        f"http://localhost:8000/credentials/{issued[2].code}.json",
        issued[3].code,
        str(issued[0].number),
        "TM-NOBODY",
        "https://elsewhere.example/credentials/x",
        str(foreign.number),
        str(issued[4].number),
        str(waiting.number),
    ]
    change = stage(office, given)

    assert problems(change) == [
        None, None, None, None, "twice", "unknown", "unknown", "unknown", "revoked", "not-published",
    ]  # fmt: skip
    assert (change.good, change.bad, change.total) == (4, 6, 10)
    rows = session.scalars(select(BulkRow).where(BulkRow.problem == "unknown")).all()
    assert {row.certificate_id for row in rows} == {None}, "one of another body is not told apart from none"


def _still_being_issued(office: Office) -> Certificate:
    make_request(office, make_person())
    batch = make_batch(office)
    with unit_of_work():
        services.approve_batch(session.merge(batch), vouched=True, by=office.second.actor, at=AT)
    stored = None
    while stored is None:
        assert jobs.work(limit=1)
        session.expire_all()
        stored = session.scalar(select(Certificate).where(Certificate.state == CertificateState.STORED))
    with unit_of_work():
        session.execute(update(Job).where(Job.state == JobState.QUEUED).values(due_at=datetime(2099, 1, 1, tzinfo=UTC)))
    return stored


def test_all_or_none_as_chosen(office: Office, issued: list[Certificate]) -> None:
    change = stage(office, [*numbers(issued[:2]), "TM-NOBODY"])

    with pytest.raises(InvalidError):
        propose(change, office)
    propose(change, office, only_good=True)
    approve(change, office.second)
    jobs.work()

    assert states(issued[:2]) == [CertificateState.REVOKED] * 2
    with pytest.raises(InvalidError):
        propose(stage(office, ["TM-NOBODY"]), office, only_good=True)


@pytest.mark.one_database
def test_an_empty_list_or_a_wrong_reason_is_refused(office: Office) -> None:
    with pytest.raises(InvalidError):
        stage(office, [])
    with pytest.raises(InvalidError):
        stage(office, ["x"], Order(Act.REVOKE, "investigation"))
    with pytest.raises(InvalidError):
        stage(office, ["x"], Order(Act.SUSPEND, "investigation", until=datetime(2026, 1, 1, tzinfo=UTC)))


def test_a_second_person_approves(office: Office, issued: list[Certificate]) -> None:
    change = stage(office, numbers(issued))
    with pytest.raises(ForbiddenError), unit_of_work():
        bulk.propose(own(change, office.second), only_good=False, by=office.second.actor, at=AT)
    propose(change, office)
    with pytest.raises(ForbiddenError):
        approve(change, office.first)
    statement = update(BulkChange).values(state="approved", approved_by_id=BulkChange.prepared_by_id, approved_at=AT)
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(statement)
    assert set(states(issued)) == {CertificateState.PUBLISHED}


def test_another_body_finds_no_change(office: Office, issued: list[Certificate]) -> None:
    other = make_office(slug="other-centre", platform=False)
    change = stage(office, numbers(issued))

    with pytest.raises(NotFoundError):
        own(change, other.first)
    with pytest.raises(ForbiddenError), unit_of_work():
        bulk.discard(own(change, office.first), by=other.first.actor, at=AT)


def test_what_changed_meanwhile_stops_all_or_is_skipped(office: Office, issued: list[Certificate]) -> None:
    whole, good = stage(office, numbers(issued[:2])), stage(office, [*numbers(issued[:2]), "TM-NOBODY"])
    propose(whole, office)
    propose(good, office, only_good=True)
    with unit_of_work():
        found = session.get_one(Certificate, issued[0].id)
        services.revoke(found, reason=RevocationReason.EXAM_BREACH, note="", by=office.first.actor, at=AT)

    with pytest.raises(ConflictError):
        approve(whole, office.second)
    approve(good, office.second)
    jobs.work()

    done = own(good, office.first)
    assert (done.done, done.skipped) == (1, 1)
    assert session.get_one(Certificate, issued[0].id).revoked_for is RevocationReason.EXAM_BREACH


def test_a_killed_job_changes_nothing_twice(
    office: Office, issued: list[Certificate], monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    """Chunks of two; the worker dies before the second one, and before the bits of another; each is told once."""
    monkeypatch.setattr(bulk, "AT_A_TIME", 2)
    change = stage(office, numbers(issued))
    propose(change, office)
    approve(change, office.second)
    monkeypatch.setattr(bulk, "revoke_all", _dying(revoke_all, 2))
    monkeypatch.setattr(bulk, "mark", _dying(mark, 2))

    for _restart in range(8):
        run_jobs()
        with unit_of_work():
            session.execute(update(Job).values(due_at=AT))

    assert set(states(issued)) == {CertificateState.REVOKED}
    happened = session.scalars(select(Event.subject_code).where(Event.kind == "credentials.revoked")).all()
    assert sorted(happened) == sorted(one.code for one in issued)
    told = session.scalars(select(Notice.person_id).where(Notice.kind == "credentials.revoked")).all()
    assert sorted(told) == sorted(one.person_id or 0 for one in issued)
    done = own(change, office.first)
    assert (done.state, done.done) == (ChangeState.DONE, 5)
    job = changes.job_of_change(bulk.RUN_JOB, done)
    assert job is not None
    assert (job.state, job.done, job.total) == (JobState.DONE, 5, 5)
    bits = session.scalars(select(StatusList.bits)).one()
    assert all(read_bit(bits, one.status_index) for one in issued)


def _dying(act: Callable[..., Any], at_call: int) -> Callable[..., Any]:
    calls = {"count": 0}

    def dying(*args: Any, **given: Any) -> Any:  # noqa: ANN401 - as the act
        calls["count"] += 1
        if calls["count"] == at_call:
            raise OSError("killed")
        return act(*args, **given)

    return dying


def test_a_repeated_approval_starts_no_second_job(office: Office, issued: list[Certificate]) -> None:
    change = stage(office, numbers(issued))
    propose(change, office)
    approve(change, office.second)
    with pytest.raises(ConflictError):
        approve(change, office.second)
    assert session.scalar(select(func.count()).select_from(Job).where(Job.kind == bulk.RUN_JOB)) == 1


def test_a_long_list_is_checked_by_a_job(
    office: Office, issued: list[Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on at its block after a kill, and finds what an earlier block named already."""
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    monkeypatch.setattr("app.core.staging.BLOCK_ROWS", 2)
    change = stage(office, [*numbers(issued), str(issued[0].number)])
    assert (change.state, change.checked) == (ChangeState.CHECKING, 0)
    assert session.scalar(select(func.count()).select_from(StagedBlock)) == 3

    jobs.work(limit=1)
    assert own(change, office.first).checked == 2
    jobs.work()

    assert (own(change, office.first).state, problems(change)) == (ChangeState.CHECKED, [None] * 5 + ["twice"])
    assert session.scalar(select(func.count()).select_from(StagedBlock)) == 0


def test_a_discarded_list_is_destroyed(
    office: Office, issued: list[Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    change = stage(office, numbers(issued))
    with unit_of_work():
        bulk.discard(own(change, office.second), by=office.second.actor, at=AT)

    jobs.work()

    assert own(change, office.first).state is ChangeState.DISCARDED
    assert session.scalar(select(func.count()).select_from(StagedFile)) == 0
    with pytest.raises(InvalidError):
        propose(change, office)


def test_many_are_suspended_and_a_suspended_one_is_not_again(office: Office, issued: list[Certificate]) -> None:
    order = Order(Act.SUSPEND, SuspensionReason.INVESTIGATION.value)
    change = stage(office, numbers(issued[:2]), order)
    propose(change, office)
    approve(change, office.second)
    jobs.work()

    assert states(issued[:2]) == [CertificateState.SUSPENDED] * 2
    assert problems(stage(office, numbers(issued[:3]), order)) == ["suspended", "suspended", None]


def test_many_are_made_anew_through_a_batch(office: Office, issued: list[Certificate]) -> None:
    order = Order(Act.REISSUE, "key_replaced")
    change = stage(office, numbers(issued[:2]), order)
    propose(change, office)
    approve(change, office.second)
    jobs.work()

    asked = select(CertificateRequest).where(CertificateRequest.replaces_id.is_not(None))
    assert len(session.scalars(asked).all()) == 2
    assert problems(stage(office, numbers(issued[:3]), order)) == ["asked", "asked", None]
    batch = make_batch(office)
    with unit_of_work():
        services.approve_batch(session.merge(batch), vouched=True, by=office.second.actor, at=AT)
    jobs.work()
    assert states(issued[:2]) == [CertificateState.REVOKED] * 2


def book(rows: list[list[str]]) -> bytes:
    made, packed = Workbook(), io.BytesIO()
    for row in rows:
        made.worksheets[0].append(row)
    made.save(packed)
    return packed.getvalue()


def upload(browser: FlaskClient, content: bytes, name: str = "list.xlsx", **fields: str) -> Any:  # noqa: ANN401 - a response
    path = "/issuing/changes/file?act=revoke"
    return submit(browser, path, file=(io.BytesIO(content), name), content_type="multipart/form-data", **fields)


@pytest.mark.one_database
def test_a_file_gives_reasons_row_by_row(office: Office, issued: list[Certificate], browser_of: Browser) -> None:
    first, second = browser_of(office.first), browser_of(office.second)
    rows = [["统一编号", "原因"], [str(issued[0].number), "以虚假材料取得"], [str(issued[1].number), ""]]
    rows += [[str(issued[2].number), "想撤就撤"], ["TM-NOBODY", ""]]

    sent = upload(first, book(rows), reason="issued_in_error")

    page = first.get(sent.location).text
    assert "以虚假材料取得" in page
    assert "签发有误" in page or "错误签发" in page
    assert "想撤就撤" in page
    assert "原因不在列表之内" in page
    bad = first.get(f"{sent.location}?show=bad").text
    assert "请逐字核对" in bad
    problems_file = load_workbook(io.BytesIO(first.get(f"{sent.location}/problems.xlsx").data)).worksheets[0]
    assert [row[0] for row in problems_file.iter_rows(values_only=True)][1:] == ["4", "5"]
    submit(first, f"{sent.location}/propose", page=sent.location, rows="good")
    assert "须由本机构的另一位发证人员决定" in first.get(sent.location).text
    assert submit(first, f"{sent.location}/approve", page="/me").status_code == 403
    submit(second, f"{sent.location}/approve", page=sent.location)
    assert "变更正在执行" in second.get(sent.location).text
    jobs.work()
    assert "已执行" in first.get(sent.location).text
    assert states(issued[:3]) == [CertificateState.REVOKED, CertificateState.REVOKED, CertificateState.PUBLISHED]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK broken", "无法读取"),
        (b"\xff\xfe\x00", "既不是工作簿"),
        ("姓名\n张三\n".encode(), "统一编号"),
        ("统一编号\n".encode(), "没有数据行"),
        ("统一编号,证书编号\n1,2\n".encode(), "含义相同"),
    ],
    ids=["broken", "binary", "no heading", "no rows", "twice"],
)
def test_a_file_that_cannot_be_read_says_what_to_change(
    office: Office, browser_of: Browser, content: bytes, says: str
) -> None:
    sent = upload(browser_of(office.first), content, "list.csv", reason="issued_in_error", note="写过的话")

    assert sent.status_code == 422
    assert says in sent.text
    assert "写过的话" in sent.text


@pytest.mark.one_database
def test_a_csv_of_a_chinese_office_is_read(office: Office, issued: list[Certificate], browser_of: Browser) -> None:
    text = f"批量撤销\r\n证书编号（必填）；\t原因\r\n{issued[0].number}\t\r\n".replace("；", "")

    sent = upload(browser_of(office.first), text.encode("gb18030"), "撤销.csv", reason="issued_in_error")

    assert problems(changes.bulk_change(sent.location.rpartition("/")[2], office.first.actor)) == [None]


def test_the_list_is_filtered_ticked_and_changed(
    office: Office, issued: list[Certificate], browser_of: Browser
) -> None:
    first = browser_of(office.first)
    page = first.get("/issuing/certificates?standing=valid&sort=number").text
    assert page.index(str(issued[0].number)) < page.index(str(issued[4].number))
    assert "没有找到证书" in first.get("/issuing/certificates?standing=revoked").text
    assert "没有找到证书" in first.get("/issuing/certificates?kind=exam_pass").text
    assert "没有找到证书" in first.get("/issuing/certificates?level=senior").text
    assert "没有找到证书" in first.get("/issuing/certificates?since=2026-11-24").text
    assert str(issued[0].number) in first.get("/issuing/certificates?since=2026-11-23&to=2026-11-23&page=9").text
    assert first.get("/issuing/certificates?since=gestern").status_code == 200

    ticked = f"/issuing/changes/new?act=revoke&code={issued[0].code}&code={issued[1].code}"
    assert '<dd class="number">2</dd>' in first.get(ticked).text
    fields: dict[str, Any] = {"code": [issued[0].code, issued[1].code], "act": "revoke"}
    assert submit(first, "/issuing/changes/new", page=ticked, reason="", **fields).status_code == 422
    sent = submit(first, "/issuing/changes/new", page=ticked, reason="award_withdrawn", **fields)

    assert str(issued[1].number) in first.get(sent.location).text
    assert first.get("/issuing/changes/new?act=revoke").status_code == 200
    assert first.get("/issuing/changes/new?act=burn").status_code == 404
    every = "/issuing/changes/new?act=suspend&every=1&standing=valid"
    assert '<dd class="number">5</dd>' in first.get(every).text
    fields = {"act": "suspend", "every": "1", "standing": "valid"}
    past = submit(first, "/issuing/changes/new", page=every, reason="sanction", until="2026-01-01", **fields)
    assert past.status_code == 422
    assert "暂停的截止日已过" in past.text
    sent = submit(first, "/issuing/changes/new", page=every, reason="sanction", until="2026-12-01", note="", **fields)
    path = sent.location
    assert "2026年12月1日" in first.get(path).text
    submit(first, f"{path}/propose", page=path, rows="all")
    second = browser_of(office.second)
    assert submit(second, f"{path}/reject", page=path, reason="").status_code == 422
    submit(second, f"{path}/reject", page=path, reason="先核实")
    assert "先核实" in first.get(path).text
    assert "批量变更" in first.get("/issuing/changes").text
    assert submit(second, f"{path}/discard", page="/me").status_code == 409


def test_the_list_is_sent_as_a_file(office: Office, issued: list[Certificate], browser_of: Browser) -> None:
    first = browser_of(office.first)

    xlsx = first.get("/issuing/certificates.xlsx?sort=number")
    csv = first.get("/issuing/certificates.csv?standing=valid").data.decode("utf-8-sig")

    rows = list(load_workbook(io.BytesIO(xlsx.data)).worksheets[0].iter_rows(values_only=True))
    assert [row[3] for row in rows[1:]] == sorted(numbers(issued))
    assert rows[1][5:8] == ("2026-11-23", "2026-06-01", "2029-05-31")
    assert csv.count("有效") >= 5
    assert xlsx.headers["Cache-Control"] == "no-store"


@pytest.mark.one_database
def test_a_template_has_our_headings(office: Office, browser_of: Browser) -> None:
    sent = browser_of(office.first).get("/issuing/changes/template.xlsx")

    head = next(load_workbook(io.BytesIO(sent.data)).worksheets[0].iter_rows(values_only=True))
    assert head == ("统一编号", "原因")

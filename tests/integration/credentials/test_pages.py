"""Anyone verifies a certificate by number, link or file; issuers prepare, approve and revoke on the web."""

import copy
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event
from app.credentials import queries, services, verification
from app.credentials.models import Batch, Certificate, Delegation, StatusList
from app.credentials.references import Missed
from app.credentials.rules import status_list
from app.credentials.rules.openbadge import read_certificate
from app.credentials.services.delegations import end_delegation
from app.credentials.states import CertificateState, RevocationReason
from tests.factories.accounts import NATION, Member, make_member, make_person
from tests.factories.credentials import ISSUED_AT, Office, issue, make_batch, make_office, make_request
from tests.factories.delegations import delegate
from tests.submit import submit

pytestmark = pytest.mark.one_database

DURING = datetime(2026, 11, 23, tzinfo=UTC)
AFTER = datetime(2030, 1, 1, tzinfo=UTC)
Browser = Callable[[Member], FlaskClient]


@pytest.fixture
def certificate(office: Office, at_time: Callable[[datetime], None]) -> Certificate:
    at_time(DURING)
    return issue(office, make_person(name="张䶮"))


def upload(client: FlaskClient, content: bytes, name: str = "credential.json") -> TestResponse:
    return submit(client, "/verify", file=(io.BytesIO(content), name), content_type="multipart/form-data")


def revoke(certificate: Certificate, office: Office, note: str = "") -> None:
    with unit_of_work():
        services.revoke(
            queries.own_certificate(certificate.code, office.first.actor),
            reason=RevocationReason.FALSE_PAPERS,
            note=note,
            by=office.first.actor,
            at=DURING,
        )


def test_the_page_shows_every_certified_entry(client: FlaskClient, certificate: Certificate) -> None:
    page = client.get(f"/credentials/{certificate.code}")

    assert page.status_code == 200
    facts = read_certificate(certificate.document)
    shown = ("张䶮", facts.number, "初级技术经纪人", "80", "2026年6月1日", "2029年5月31日", facts.url, "证书有效")
    for entry in (*shown, "不是职业资格证书，也不是职称证书"):
        assert str(entry) in page.text


def test_the_page_speaks_english(client: FlaskClient, certificate: Certificate) -> None:
    page = client.get(f"/credentials/{certificate.code}", headers={"Accept-Language": "en"})

    assert "This certificate is valid" in page.text


def test_programs_get_the_credential_byte_for_byte(client: FlaskClient, certificate: Certificate) -> None:
    by_ending = client.get(f"/credentials/{certificate.code}.json")
    by_accept = client.get(f"/credentials/{certificate.code}", headers={"Accept": "application/vc"})

    assert by_ending.text == by_accept.text == certificate.credential
    assert by_ending.mimetype == "application/vc"
    assert by_ending.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get(f"/credentials/{certificate.code}.json", headers={"If-None-Match": by_ending.headers["ETag"]})
    assert again.status_code == 304


def test_the_paper_carries_the_credential(with_paper: None, client: FlaskClient, office: Office) -> None:
    del with_paper
    certificate = issue(office, make_person(name="张䶮"))

    pdf = client.get(f"/credentials/{certificate.code}.pdf")

    assert pdf.mimetype == "application/pdf"
    reader = PdfReader(io.BytesIO(pdf.data))
    assert len(reader.pages) == 1
    assert verification.attached_credential(pdf.data).decode() == certificate.credential
    assert upload(client, pdf.data, "paper.pdf").status_code == 200
    assert str(certificate.number) in reader.pages[0].extract_text().replace(" ", "")


def test_without_paper_the_page_says_what_to_take(client: FlaskClient, certificate: Certificate) -> None:
    assert client.get(f"/credentials/{certificate.code}.pdf").status_code == 503


@pytest.mark.parametrize("reference", ["number", "lower", "code", "url", "typed", "slash", "spaced"])
def test_a_number_or_link_leads_to_the_certificate(
    client: FlaskClient, certificate: Certificate, reference: str
) -> None:
    given = {
        "number": certificate.number,
        "lower": str(certificate.number).lower(),
        "code": certificate.code,
        "url": f"http://localhost:8000/credentials/{certificate.code}.json",
        "typed": f"LocalHost:8000/credentials/{certificate.code}",
        "slash": f" http://localhost:8000/credentials/{certificate.code}/ ",
        "spaced": f"  {certificate.number} ",
    }[reference]

    for found in (client.get("/verify", query_string={"q": given}), submit(client, "/verify", q=given)):
        assert found.status_code == 302
        assert found.location == f"/credentials/{certificate.code}"


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "localhost:8000.elsewhere.example", "localhost:8000@elsewhere.example"]
)
def test_an_address_typed_without_its_scheme_is_ours_by_its_whole_host(certificate: Certificate, host: str) -> None:
    found = verification.verify_reference(f"{host}/credentials/{certificate.code}", at=DURING)

    assert isinstance(found, Missed)
    assert found.code == "elsewhere"


@pytest.mark.parametrize("reference", ["TM-nobody", "x" * 290])
def test_what_was_not_issued_here_is_said_so(client: FlaskClient, certificate: Certificate, reference: str) -> None:
    del certificate
    page = client.get("/verify", query_string={"q": reference})

    assert page.status_code == 404
    assert "没有以该编号或链接签发过证书" in page.text
    assert reference[:40] in page.text


def test_a_good_file_is_valid(client: FlaskClient, certificate: Certificate) -> None:
    page = upload(client, str(certificate.credential).encode())

    assert page.status_code == 200
    assert "证书有效" in page.text
    assert "张䶮" in page.text


def test_a_changed_file_is_not(client: FlaskClient, certificate: Certificate) -> None:
    changed = copy.deepcopy(json.loads(str(certificate.credential)))
    changed["credentialSubject"]["identifier"][0]["identityHash"] = "李四"

    page = upload(client, json.dumps(changed).encode())

    assert "证书无效" in page.text
    assert "签名不符" in page.text


@pytest.mark.parametrize(
    ("content", "title", "says"),
    [
        (b"hello\0", "未能读出证书", "不是证书的任何一种形式"),
        (b"{}", "证书无效", "条目与本平台签发的证书不一致"),
        (b"%PDF-1.7 broken", "未能读出证书", "PDF无法读取"),
        (b"PK\x03\x04" + b"\0" * 200, "未能读出证书", "这是办公文档、表格或清单，不是证书"),
        (b"[" * 70_000, "未能读出证书", "超过证书应有的大小"),
    ],
)
def test_other_files_get_a_clear_answer(
    client: FlaskClient, office: Office, content: bytes, title: str, says: str
) -> None:
    del office
    page = upload(client, content)

    assert page.status_code == 200
    assert title in page.text
    assert says in page.text


def test_uploads_are_limited(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "UPLOAD_LIMIT", 1000)
    assert upload(client, b"x" * (verification.UPLOAD_LIMIT + 1)).status_code == 413
    assert upload(client, b"").status_code == 422
    assert submit(client, "/verify", q="").status_code == 422
    assert submit(client, "/verify", q="x" * 301).status_code == 422
    assert client.get("/verify").status_code == 200


def test_an_expired_certificate_is_not_valid(
    client: FlaskClient, certificate: Certificate, at_time: Callable[[datetime], None]
) -> None:
    at_time(AFTER)

    page = client.get(f"/credentials/{certificate.code}")

    assert "有效期已于2029年5月31日届满" in page.text


def test_a_revocation_is_seen_everywhere_at_once(client: FlaskClient, certificate: Certificate, office: Office) -> None:
    revoke(certificate, office, "京审〔2026〕1号")

    page = client.get(f"/credentials/{certificate.code}")
    assert "证书无效" in page.text
    assert "以虚假材料取得" in page.text
    assert "京审" not in page.text
    bits = status_list.read_list(listed := client.get(_list_path(certificate)).get_json(force=True), listed["id"])
    assert status_list.read_bit(bits, certificate.status_index)
    happened = session.scalars(select(Event).where(Event.kind == "credentials.revoked")).one()
    assert happened.data["source_type"] == "request_file"
    assert happened.data["reason"] == "false_papers"


def _list_path(certificate: Certificate) -> str:
    url: str = certificate.document["credentialStatus"]["statusListCredential"]
    return url.removeprefix("http://localhost:8000")


def test_a_status_list_is_kept_signed_by_the_job(
    client: FlaskClient, certificate: Certificate, office: Office, run_jobs: Callable[[], int]
) -> None:
    revoke(certificate, office)
    at_once = client.get(_list_path(certificate)).text

    run_jobs()

    session.expire_all()
    kept = session.scalars(select(StatusList)).one()
    assert client.get(_list_path(certificate)).text == kept.credential
    listed = [json.loads(text)["credentialSubject"]["encodedList"] for text in (at_once, kept.credential or "")]
    assert listed[0] == listed[1], "what was signed for the reader at once said the same"
    assert client.get("/status/nobody").status_code == 404


def test_a_revocation_is_final_and_only_the_own_bodys(certificate: Certificate, office: Office) -> None:
    other = make_office(slug="other-centre", platform=False)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.revoke(
            queries.certificate(certificate.code),
            reason=RevocationReason.ISSUED_IN_ERROR,
            note="",
            by=other.first.actor,
            at=DURING,
        )
    revoke(certificate, office)
    with pytest.raises(ConflictError):
        revoke(certificate, office)


def test_did_documents_are_published(client: FlaskClient, office: Office) -> None:
    assert client.get("/.well-known/did.json").get_json(force=True)["id"] == office.body.did
    below = make_office(slug="below", platform=False)
    assert client.get("/issuers/below/did.json").get_json(force=True)["id"] == below.body.did
    assert client.get("/issuers/sample-centre/did.json").status_code == 404
    assert client.get("/issuers/nobody/did.json").status_code == 404


def test_without_a_body_there_is_no_document(client: FlaskClient) -> None:
    assert client.get("/.well-known/did.json").status_code == 404
    assert client.get("/credentials/nobody").status_code == 404


def test_an_achievement_has_a_page(client: FlaskClient) -> None:
    page = client.get("/achievements/capability-junior")
    assert "初级技术经纪人能力等级证书" in page.text
    assert client.get("/achievements/nobody").status_code == 404


def test_the_holder_finds_the_certificate(office: Office, browser_of: Browser) -> None:
    holder = make_member(Role.TRAINEE, NATION)
    browser = browser_of(holder)
    assert "暂无证书" in browser.get("/my/certificates").text

    certificate = issue(office, holder.person)

    assert certificate.code in browser.get("/my/certificates").text


def test_issuers_work_on_the_web(office: Office, browser_of: Browser, run_jobs: Callable[[], int]) -> None:
    first, second = browser_of(office.first), browser_of(office.second)
    make_request(office, make_person(name="张三"))
    assert "张三" in first.get("/issuing").text

    prepared = submit(first, "/issuing/batches", page="/issuing", kind="capability")
    path = prepared.location
    assert "须由本机构的另一位发证人员决定" in first.get(path).text
    assert submit(second, f"{path}/reject", page=path, reason="").status_code == 422
    assert submit(first, f"{path}/approve", page="/me").status_code == 403
    submit(second, f"{path}/approve", page=path, vouched="y")
    assert "签发中" in second.get(path).text
    run_jobs()
    assert "已签发" in first.get(path).text

    certificate = session.scalars(select(Certificate)).one()
    assert "张三" in first.get("/issuing/certificates").text
    assert "张三" in first.get("/issuing/certificates?text=张").text
    assert "没有找到证书" in first.get("/issuing/certificates?text=nobody").text
    own = f"/issuing/certificates/{certificate.code}"
    assert submit(first, f"{own}/revoke", page=own, reason="").status_code == 422
    submit(first, f"{own}/revoke", page=own, reason="superseded", note="")
    assert "已由新证书取代" in first.get(own).text
    session.expire_all()
    assert session.get_one(Certificate, certificate.id).state is CertificateState.REVOKED


def test_a_batch_is_rejected_on_the_web(office: Office, browser_of: Browser) -> None:
    holder = make_person(name="张三")
    make_request(office, holder)
    make_request(office, holder)
    batch = make_batch(office)
    second, path = browser_of(office.second), f"/issuing/batches/{batch.code}"
    assert "此人已持有同类同级的有效证书" in second.get(path).text

    submit(second, f"{path}/reject", page=path, reason="重复申请")

    assert "重复申请" in second.get(path).text
    assert session.scalars(select(Batch.reason)).one() == "重复申请"
    assert submit(second, "/issuing/batches", page="/issuing", kind="nothing").status_code == 422


def test_issuers_of_another_body_find_nothing(office: Office, certificate: Certificate, browser_of: Browser) -> None:
    other = browser_of(make_office(slug="other-centre", platform=False).first)
    batch = session.scalars(select(Batch)).one()

    assert other.get(f"/issuing/batches/{batch.code}").status_code == 404
    assert other.get(f"/issuing/certificates/{certificate.code}").status_code == 404
    nobody = browser_of(make_member(Role.ISSUER, NATION))
    assert nobody.get("/issuing").status_code == 404
    assert office.body.slug == "sample-centre"


def test_a_stopped_job_is_shown(office: Office, browser_of: Browser, run_jobs: Callable[[], int]) -> None:
    below = make_office(slug="other-centre", platform=False)
    given = delegate(office, below.body)
    make_request(below, make_person(name="张三"))
    batch = make_batch(below)
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=below.second.actor, at=ISSUED_AT)
        found = session.get_one(Delegation, given.id)
        end_delegation(found, reason="授权终止", by=office.first.actor, at=ISSUED_AT)
    run_jobs()

    assert "签发中止" in browser_of(below.first).get(f"/issuing/batches/{batch.code}").text

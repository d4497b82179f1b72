"""Anyone checks any form of a certificate: the answer is one page, field by field, with what to do next."""

import copy
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import segno
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.core import files
from app.core.db import db, session, unit_of_work
from app.credentials import paper, queries, services, verification
from app.credentials.models import Certificate
from app.credentials.references import Missed
from app.credentials.rules.baked import bake_png, bake_svg
from app.credentials.rules.openbadge import read_certificate
from app.credentials.rules.proof import sign_document
from app.credentials.rules.verdict import CheckName, Result
from app.credentials.services import log
from app.credentials.services.bodies import signer_of
from app.credentials.states import RevocationReason
from app.credentials.verification import Answer
from tests.factories.accounts import make_person
from tests.factories.credentials import Office, issue, issued_before
from tests.submit import submit
from tests.unit.credentials import pdfs

# What these tests ask of the database is answered alike by both
pytestmark = pytest.mark.one_database

DURING = datetime(2026, 11, 23, tzinfo=UTC)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


@dataclass(frozen=True)
class Paper:
    """A certificate with its issued sheet."""

    record: Certificate
    raw: bytes
    credential: bytes


@pytest.fixture(name="begun")
def _begun(app: Flask, request: pytest.FixtureRequest) -> tuple[Office, Certificate]:
    """Give an office with a certificate that it issued, with its paper where a test asks for it."""
    del app
    name = "forms-on-paper" if "with_paper" in request.fixturenames else "forms"
    return issued_before(name, at=DURING, holder="张䶮", number="JJC372026000001E")


@pytest.fixture
def office(begun: tuple[Office, Certificate]) -> Office:
    return begun[0]


@pytest.fixture
def certificate(begun: tuple[Office, Certificate]) -> Certificate:
    return begun[1]


@pytest.fixture
def sheet(with_paper: None, certificate: Certificate) -> Paper:
    del with_paper
    stored = queries.pdf_of(certificate)
    assert stored is not None
    return Paper(certificate, files.load(stored), (certificate.credential or "").encode())


def found(raw: bytes, name: str = "") -> Answer:
    answer = verification.verify_input(raw, at=DURING, name=name)
    assert isinstance(answer, Answer)
    return answer


def missed(raw: str, name: str = "") -> Missed:
    answer = verification.verify_input(raw.encode(), at=DURING, name=name)
    assert isinstance(answer, Missed)
    return answer


def results(answer: Answer) -> dict[str, tuple[str, str]]:
    return {one.name.value: (one.result.value, one.code) for one in answer.verdict.checks}


def failed(answer: Answer) -> dict[str, str]:
    return {name: code for name, (result, code) in results(answer).items() if result == "fail"}


def code_png(text: str, **changes: Any) -> bytes:  # noqa: ANN401 - options of Pillow
    out = io.BytesIO()
    segno.make(text).save(out, kind="png", scale=4, border=4)
    if not changes:
        return out.getvalue()
    photo = io.BytesIO()
    Image.open(out).convert("RGB").save(photo, **changes)
    return photo.getvalue()


def upload(client: FlaskClient, content: bytes, name: str = "certificate", **more: str) -> TestResponse:
    return submit(client, "/verify", file=(io.BytesIO(content), name), content_type="multipart/form-data", **more)


def url_of(certificate: Certificate) -> str:
    return str(certificate.document["id"])


def forms_of(certificate: Certificate) -> dict[str, bytes]:
    """Return a certificate in every form but paper."""
    credential = certificate.credential or ""
    return {
        "json": credential.encode(),
        "json, drawn out": json.dumps(json.loads(credential), indent=4, ensure_ascii=True).encode(),
        "json with a mark": b"\xef\xbb\xbf" + credential.encode(),
        "jwt": (certificate.jwt or "").encode(),
        "png": paper.png(certificate),
        "png with a jwt": bake_png(paper.badge.png(read_certificate(certificate.document)), certificate.jwt or ""),
        "svg": paper.svg(certificate),
        "svg with a jwt": bake_svg(paper.badge.svg(read_certificate(certificate.document)), certificate.jwt or ""),
        "photo of the proof": code_png(certificate.qr or "", format="JPEG"),
        "photo of the address": code_png(url_of(certificate), format="WEBP"),
        "picture without what was baked in": code_png(url_of(certificate)),
        "text of the code": (certificate.qr or "").encode(),
        "digits of the code": (certificate.qr or "").partition("#")[2].encode(),
        "address": url_of(certificate).encode(),
        "address of a file": f"{url_of(certificate)}.pdf".encode(),
        "address of the check": f"http://localhost:8000/verify?q={certificate.code}".encode(),
        "number": str(certificate.number).encode(),
        "number in wide letters": "ｊｊｃ３７２０２６０００００１ｅ".encode(),
        "code in capitals": certificate.code.upper().encode(),
    }


def test_every_form_leads_to_the_same_valid_certificate(certificate: Certificate) -> None:
    for form, raw in forms_of(certificate).items():
        answer = found(raw)
        assert answer.verdict.valid, (form, results(answer))
        assert answer.record is not None
        assert answer.record.code == certificate.code, form
        assert (answer.verdict.certificate or answer.held) == read_certificate(certificate.document), form


def test_every_form_of_a_revoked_certificate_says_so(certificate: Certificate, office: Office) -> None:
    revoke(certificate, office)

    for form, raw in forms_of(certificate).items():
        assert failed(found(raw)) == {"revocation": "revoked"}, form


def revoke(certificate: Certificate, office: Office) -> None:
    with unit_of_work():
        services.revoke(
            queries.own_certificate(certificate.code, office.first.actor),
            reason=RevocationReason.FALSE_PAPERS,
            note="",
            by=office.first.actor,
            at=DURING,
        )


def test_the_page_answers_each_form(client: FlaskClient, certificate: Certificate) -> None:
    page = upload(client, forms_of(certificate)["photo of the proof"])

    assert page.status_code == 200
    for shown in (
        "证书有效",
        "张䶮",
        "JJC372026000001E",
        "初级技术经纪人",
        "能力等级",
        "2026年6月1日",
        "2029年5月31日",
    ):
        assert shown in page.text, shown
    printed = page.text.partition('<p class="paper-only">')[2].partition("</p>")[0]
    assert url_of(certificate) in printed
    for check in ("格式", "签名", "发证机构", "有效期", "撤销", "暂停", "公开日志"):
        assert check in page.text, check


def test_the_page_answers_a_pasted_text_in_english(client: FlaskClient, certificate: Certificate) -> None:
    client.set_cookie("lang", "en")
    for text in (certificate.credential, certificate.jwt, certificate.qr):
        page = submit(client, "/verify", text=text)
        assert "This certificate is valid" in page.text


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"q": "", "text": "", "name": "张三"}, "请填写编号或链接、选择文件，或粘贴文字"),
        ({"q": "JJC1", "text": "{}"}, "请只填一项"),
        ({"text": "x" * 70_000}, "文字超过证书应有的长度"),
        ({"q": "JJC1", "name": "x" * 121}, "最多120个字符"),
    ],
)
def test_one_thing_is_checked_at_a_time_and_nothing_typed_is_lost(
    client: FlaskClient, office: Office, given: dict[str, str], says: str
) -> None:
    del office
    page = submit(client, "/verify", **given)

    assert page.status_code == 422
    assert says in page.text
    assert all(value[:50] in page.text for value in given.values())


def test_the_check_costs_few_statements(client: FlaskClient, app: Flask, certificate: Certificate) -> None:
    seen: list[str] = []
    upload(client, forms_of(certificate)["json"])
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))

    upload(client, forms_of(certificate)["photo of the proof"])

    assert len(seen) <= 14  # two requests: the form and its answer


# ---- names and numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["张䶮", " 张 䶮"])
def test_the_right_name_is_confirmed(client: FlaskClient, certificate: Certificate, name: str) -> None:
    page = submit(client, "/verify", q=certificate.number, name=name)

    assert page.status_code == 200
    assert "证书有效" in page.text
    assert "与证书所载一致" in page.text


def test_another_name_is_said_so_and_never_a_bare_none(client: FlaskClient, certificate: Certificate) -> None:
    page = submit(client, "/verify", q=certificate.number, name="李四")

    assert page.status_code == 200
    assert "编号存在，姓名不符" in page.text
    assert "姓名不符" in page.text
    assert "证书有效" not in page.text


def test_another_name_beside_a_file(client: FlaskClient, certificate: Certificate) -> None:
    content = io.BytesIO(forms_of(certificate)["json"])
    page = submit(client, "/verify", file=(content, "a.json"), name="李四", content_type="multipart/form-data")

    assert "编号存在，姓名不符" in page.text


MISSES = (
    ("JJC372026000O01E", "", "look-alike"),
    ("JJC37202600000IE", "", "look-alike"),
    ("JJC372026000002E", "", "near"),
    ("JJC37202600001E", "", "near"),
    ("JJC372026000002E", "张䶮", "near-name"),
    ("JJC372026000002E", "李四", "near"),
    ("JJC372026000077E", "张䶮", "none"),
    ("nothing", "", "none"),
    ("http://localhost:8000/credentials/nothing", "", "none"),
    ("https://elsewhere.example/credentials/x", "", "elsewhere"),
    ("http://localhost:8000.elsewhere.example/credentials/x", "", "elsewhere"),
    ("http://localhost:8000@elsewhere.example/credentials/x", "", "elsewhere"),
    ("//elsewhere.example/x", "", "elsewhere"),
    ("http://[::1/credentials/x", "", "elsewhere"),
    ("ftp://localhost:8000/credentials/x", "", "elsewhere"),
    ("http://localhost:8000/", "", "no-certificate-page"),
    ("http://localhost:8000/verify?q=", "", "no-certificate-page"),
)


def test_what_leads_to_nothing_says_how_near_it_came(client: FlaskClient, certificate: Certificate) -> None:
    for typed, name, code in MISSES:
        assert missed(typed, name).code == code, typed

        page = submit(client, "/verify", q=typed, name=name)

        assert page.status_code == 404
        assert "JJC372026000001E" not in page.text
        assert certificate.code not in page.text
        assert name == "张䶮" or "张䶮" not in page.text


def test_near_numbers_are_those_that_anyone_may_be_shown(certificate: Certificate) -> None:
    with unit_of_work():
        session.get_one(Certificate, certificate.id).credential = ""

    assert missed("JJC372026000002E", "张䶮").code == "none"


def test_a_code_of_another_site_in_a_photo_is_not_followed(certificate: Certificate) -> None:
    del certificate
    elsewhere = verification.verify_input(code_png("https://elsewhere.example/credentials/x"), at=DURING)

    assert isinstance(elsewhere, Missed)
    assert elsewhere.code == "elsewhere"


def test_two_certificates_in_one_photo_are_not_guessed_between(certificate: Certificate, office: Office) -> None:
    other = issue(office, make_person(name="李四"))
    both = Image.new("L", (900, 450), 255)
    for place, one in enumerate((certificate, other)):
        both.paste(Image.open(io.BytesIO(code_png(url_of(one)))).convert("L"), (20 + 440 * place, 20))
    out = io.BytesIO()
    both.save(out, "PNG")

    assert failed(found(out.getvalue())) == {"format": "several-codes"}


# ---- the register beside the document ---------------------------------------------------------------


def test_a_changed_entry_stands_beside_that_of_the_register(client: FlaskClient, certificate: Certificate) -> None:
    changed = copy.deepcopy(json.loads(certificate.credential or ""))
    changed["credentialSubject"]["identifier"][0]["identityHash"] = "李四"

    page = upload(client, json.dumps(changed).encode())

    assert "证书无效" in page.text
    assert "内容被改动" in page.text
    assert "李四" in page.text
    assert "张䶮" in page.text
    assert "不一致" in page.text


def test_one_changed_beyond_reading_still_leads_to_the_certificate(
    client: FlaskClient, certificate: Certificate
) -> None:
    changed = {**json.loads(certificate.credential or ""), "more": "x"}

    page = upload(client, json.dumps(changed).encode())

    assert "条目与本平台签发的证书不一致" in page.text
    assert "张䶮" in page.text
    assert f"/credentials/{certificate.code}" in page.text


def test_a_signed_text_that_was_never_issued_betrays_a_misused_key(certificate: Certificate, office: Office) -> None:
    """Whoever stole the key signs another name under a good address: the signature holds, the register differs."""
    other = issue(office, make_person(name="李四"))
    document = copy.deepcopy(other.document)
    document["id"] = url_of(certificate)
    forged = sign_document(document, signer_of(office.body), created=DURING)

    answer = found(json.dumps(forged).encode())

    assert results(answer)["signature"][0] == "pass"
    assert failed(answer) == {"log": "another-than-issued"}


def test_a_revocation_tells_reason_and_date(client: FlaskClient, certificate: Certificate, office: Office) -> None:
    revoke(certificate, office)

    page = upload(client, forms_of(certificate)["jwt"])

    assert "已撤销" in page.text
    assert "以虚假材料取得" in page.text
    assert "2026年11月23日" in page.text


def test_the_log_is_asked(certificate: Certificate) -> None:
    """Passed once its root is signed, undecided while it waits, failed where the issue was never noted."""
    raw = forms_of(certificate)["json"]
    with unit_of_work():
        log.seal()
    assert results(found(raw))["log"] == ("pass", "logged")

    with pytest.MonkeyPatch.context() as patch:
        leaf = queries.issue_leaf(certificate.id)
        assert leaf is not None
        patch.setattr(queries, "issue_leaf", lambda _key: (leaf[0], False))
        answer = found(raw)
        assert results(answer)["log"] == ("unknown", "log-waits")
        assert answer.verdict.valid
        patch.setattr(queries, "issue_leaf", lambda _key: None)
        assert failed(found(raw)) == {"log": "not-logged"}


def test_the_log_holds_another_text_than_was_published(certificate: Certificate) -> None:
    """Somebody signed the record again: the same facts, another signature, which the log never saw."""
    again = json.dumps(sign_document(certificate.document, signer_of(certificate.body), created=DURING))
    with unit_of_work():
        session.get_one(Certificate, certificate.id).credential = again

    assert failed(found(again.encode())) == {"log": "not-logged"}


# ---- paper ------------------------------------------------------------------------------------------


def test_the_issued_sheet_passes_and_repacking_it_changes_nothing(sheet: Paper) -> None:
    for raw in (sheet.raw, pdfs.repacked(sheet.raw)):
        answer = found(raw)
        assert answer.verdict.check(CheckName.TEXT).code == "text-as-issued"
        assert answer.verdict.check(CheckName.TEXT).result is Result.PASS


def redrawn(sheet: Paper, monkeypatch: pytest.MonkeyPatch, **changes: str) -> bytes:
    """Draw the sheet with other words and put the good credential inside, as an editor does."""
    text = json.dumps(sheet.record.document, ensure_ascii=False)
    for old, new in changes.items():
        text = text.replace({"name": "张䶮", "number": "JJC372026000001E"}.get(old, old), new)
    other = json.loads(text)
    monkeypatch.setattr(paper, "read_certificate", lambda _document: read_certificate(other))
    return paper.certificate_pdf(sheet.record)


def test_a_replaced_name_or_number_on_the_sheet_is_caught(sheet: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    for change in ({"name": "李四"}, {"number": "JJC372026000002E"}):
        answer = found(redrawn(sheet, monkeypatch, **change))
        check = answer.verdict.check(CheckName.TEXT)
        assert results(answer)["signature"][0] == "pass"
        assert (check.code, answer.verdict.valid) == ("text-changed", False)
        assert next(iter(change.values())) in check.params["extra"]


def test_an_edited_sheet_is_caught_in_every_way(sheet: Paper, office: Office) -> None:
    other = issue(office, make_person(name="李四"))
    for raw, code in (
        (pdfs.with_overlay(sheet.raw, pdfs.lines("2039-05-31")), "text-added"),
        (pdfs.with_note(sheet.raw, "2039-05-31"), "notes-added"),
        (pdfs.with_page(sheet.raw, "More"), "pages-changed"),
        (pdfs.with_credential(sheet.raw, (other.credential or "").encode()), "text-changed"),
    ):
        assert failed(found(raw)).get("text") == code, code


def test_a_cover_without_words_leaves_the_sheet_undecided(sheet: Paper) -> None:
    covered = found(pdfs.with_overlay(sheet.raw, b"1 1 1 rg 20 270 200 20 re f"))

    assert results(covered)["text"] == ("unknown", "text-redrawn")


def test_the_page_of_an_edited_sheet_quotes_what_was_changed(
    client: FlaskClient, sheet: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = upload(client, redrawn(sheet, monkeypatch, name="李四"), "edited.pdf")

    assert "证书无效" in page.text
    assert "证书页写的是“李四”，签发时为“张䶮”" in page.text
    assert "edited.pdf" in page.text


def test_a_sheet_without_a_kept_original_is_held_to_its_credential(
    sheet: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "pdf_of", lambda _record: None)

    assert found(sheet.raw).verdict.check(CheckName.TEXT).code == "text-good"
    assert failed(found(redrawn(sheet, monkeypatch, name="李四")))["text"] == "text-missing"


def test_a_sheet_whose_credential_was_changed_is_not_compared(sheet: Paper) -> None:
    answer = found(pdfs.with_credential(sheet.raw, sheet.credential.replace("张䶮".encode(), "李四".encode())))

    assert failed(answer) == {"signature": "signature-wrong"}
    assert results(answer)["text"] == results(answer)["seal"] == ("unchecked", "earlier-check")


def test_the_seal_of_the_sheet_is_the_issuers_and_covers_it_all(sheet: Paper) -> None:
    """As issued it holds; taken off, written over and broken it is told, each by its name."""
    good = found(sheet.raw)
    assert good.verdict.valid
    assert results(good)["seal"] == ("pass", "seal-good")
    for change, code in (
        (pdfs.unsealed, "seal-stripped"),
        (pdfs.updated, "seal-changed-after"),
        (pdfs.repacked, "seal-broken"),
    ):
        answer = found(change(sheet.raw))
        assert failed(answer)["seal"] == code
        assert not answer.verdict.valid
    sealed_anew = found(pdfs.sealed(pdfs.unsealed(sheet.raw), "stranger"))
    assert failed(sealed_anew)["seal"] == "seal-of-another"


# ---- what cannot be read ----------------------------------------------------------------------------


UNREADABLE = (
    ("{}".encode("utf-16"), "encoding", "UTF-8"),
    ('{"name": "张三"}'.encode("gbk"), "encoding", "UTF-8"),
    (b"PK\x03\x04" + bytes(100), "table", "表格"),
    (b"number\nJJC1", "table", "表格"),
    (b"\x00\x00\x00\x18ftypheic" + bytes(50), "photo-unreadable", "HEIC"),
    (b"<html>", "not-json", "不是证书的任何一种形式"),
    (b'{"a": ' + b"9" * 5000 + b"}", "number", "数"),
    (b'{"a": 1e999}', "number", "数"),
    (b'{"a": NaN}', "number", "数"),
    (b'{"a": "\\ud800"}', "control-character", "不可见字符"),
    (b'{"a": "\\u0000"}', "control-character", "不可见字符"),
    (b'{"a": 1, "a": 2}', "duplicate-key", "重复"),
    (b'{"a": ' * 3000 + b"1" + b"}" * 3000, "too-deep", "层"),
    (b'{"a": [' + b"{}," * 200 + b"{}]}", "too-many-objects", "部分"),
    (b'{"a": "' + b"x" * 70_000 + b'"}', "too-large", "超过"),
    (b"%PDF-1.7 broken", "pdf-broken", "PDF"),
    (b"\x89PNG\r\n\x1a\n broken", "png-broken", "图片"),
    (b"\xff\xd8\xff broken", "picture-broken", "图片"),
    (
        (
            b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
            b'<svg xmlns="http://www.w3.org/2000/svg">&b;</svg>'
        ),
        "svg-broken",
        "矢量图",
    ),
    (
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>',
        "svg-broken",
        "矢量图",
    ),
    (SVG.encode(), "svg-without-credential", "矢量图"),
)


def test_what_cannot_be_read_gets_a_clear_message(client: FlaskClient, office: Office) -> None:
    del office
    for raw, code, says in UNREADABLE:
        assert failed(found(raw)) == {"format": code}, raw[:40]

        page = upload(client, raw)

        assert page.status_code == 200
        assert "无法读取" in page.text
        assert says in page.text, code


def test_the_name_of_a_file_counts_for_nothing(client: FlaskClient, certificate: Certificate) -> None:
    for name in ("certificate.pdf", "certificate.png", "../../etc/passwd", "证书\u202efdp.exe"):
        assert "证书有效" in upload(client, forms_of(certificate)["json"], name).text


def test_a_picture_without_code_says_what_to_do(client: FlaskClient, office: Office) -> None:
    del office
    blank = io.BytesIO()
    Image.new("RGB", (200, 200), "white").save(blank, "JPEG")

    assert "读不出二维码" in upload(client, blank.getvalue()).text

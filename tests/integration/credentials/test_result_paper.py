"""The result of a list as a sealed PDF: it says what the workbook and the signature say, and goes with the rows."""

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader, PdfWriter
from pypdf.generic import StreamObject
from sqlalchemy import func, select

from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.staging import StagedBlock, StagedFile
from app.core.text import speaking
from app.credentials import checking, paper, wording_holders
from app.credentials.models import Certificate, CertificateCheck
from app.credentials.queries import lookups
from app.credentials.rules.sheets import read_sheet, row_line, rows_digest
from app.credentials.services import checks
from tests.factories.accounts import make_person
from tests.factories.credentials import Office, issue
from tests.integration.credentials.test_lists import (
    DURING,
    Browser,
    checked,
    employer,
    sheet_page,
    withdraw,
)

pytestmark = pytest.mark.one_database


@pytest.fixture
def certificate(office: Office, at_time: Callable[[object], None], monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """Give a certificate without a sheet of its own: only results are drawn here."""
    at_time(DURING)
    with monkeypatch.context() as without:
        without.setattr(paper, "available", lambda: False)
        return issue(office, make_person(name="欧阳 望岳"), number="JJC372026000001E")


def text_of(pdf: bytes) -> str:
    """Return what is printed, without spaces: lines break where the column ends."""
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def inside(pdf: bytes) -> dict[str, bytes]:
    return {one.name: bytes(one.content) for one in PdfReader(io.BytesIO(pdf)).attachment_list}


@pytest.fixture(name="drawn")
def _drawn(
    with_paper: None, certificate: Certificate, office: Office, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> tuple[FlaskClient, CertificateCheck]:
    del with_paper
    with monkeypatch.context() as without:
        without.setattr(paper, "available", lambda: False)
        revoked = issue(office, make_person(name="王二"))
    withdraw(revoked, office)
    browser = browser_of(employer())
    rows = [f"{certificate.number},欧阳望岳", f"{certificate.number},张䶮", "JJC372026000010E,欧阳望岳"]
    rows += [f"{revoked.number},王二", "TM00000000,<b>=1+1</b>", ",只有姓名", f"{certificate.code},"]
    return browser, checked(browser, "\n".join(rows))


def test_pdf_workbook_and_signature_say_the_same(drawn: tuple[FlaskClient, CertificateCheck]) -> None:
    browser, check = drawn
    pdf, book, jws = (browser.get(f"/employer/checks/{check.code}.{form}").data for form in ("pdf", "xlsx", "jws"))
    signed, told = load_workbook(io.BytesIO(book)), text_of(pdf)
    files, claims = inside(pdf), read_sheet(jws.decode())[1]
    rows = json.loads(files["rows.json"])

    assert files["result-sheet.jws"] == jws == str(signed["signature"].cell(1, 1).value).encode()
    assert claims["digest"] == f"sha-256:{rows_digest(map(row_line, rows))}" == f"sha-256:{check.digest}"
    in_book = [
        [str(cell or "").removeprefix("'") for cell in row]
        for row in signed["rows"].iter_rows(2, None, 1, 13, values_only=True)
    ]
    assert in_book == rows
    assert len(rows) == claims["rows"] == 7
    for name in ("digest", "words", "consent", "file_name", "code"):
        assert "".join(str(getattr(check, name)).split()) in told, name
    for language in ("zh_CN", "en"):
        with speaking(language):
            assert "".join(str(wording_holders.PURPOSES[check.purpose]).split()) in told
            for row in lookups.all_rows(check.id):
                line = wording_holders.line_of(row)
                for said in (line.given, line.name, line.label, line.sentence):
                    assert "".join(said.split()) in told, (language, said)
            for outcome, count in claims["counts"].items():
                assert f"{''.join(str(wording_holders.OUTCOMES[outcome][0]).split())}" in told
                assert str(count) in told
    pages = len(PdfReader(io.BytesIO(pdf)).pages)
    assert f"Page1of{pages}" in told
    assert f"Page{pages}of{pages}" in told


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="needs poppler")
def test_the_platform_seals_it_and_anyone_checks_it(
    drawn: tuple[FlaskClient, CertificateCheck], client: FlaskClient, tmp_path: Path
) -> None:
    browser, check = drawn
    pdf = browser.get(f"/employer/checks/{check.code}.pdf").data
    (tmp_path / "result.pdf").write_bytes(pdf)
    read = subprocess.run(["pdfsig", "result.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False).stdout

    assert "Signature is Valid" in read
    assert "Total document signed" in read
    genuine = sheet_page(client, pdf, "result.pdf")
    assert "该结果单真实有效" in genuine
    assert "泉城智造" in genuine
    rewritten = PdfWriter(clone_from=io.BytesIO(pdf))
    rewritten.add_blank_page(100, 100)
    out = io.BytesIO()
    rewritten.write(out)
    for forged in (out.getvalue(), pdf.replace(b"/MediaBox", b"/CropBoxx", 1), pdf + b"\n%%EOF\n% more"):
        assert "该结果单真实有效" not in sheet_page(client, forged, "result.pdf")


def packed(**files: bytes) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    for name, content in files.items():
        writer.add_attachment({"jws": "result-sheet.jws", "rows": "rows.json"}[name], content)
    for place, one in enumerate(writer._objects):
        if isinstance(one, StreamObject) and one.get("/Type") == "/EmbeddedFile":
            writer._objects[place] = one.flate_encode()
    writer.write(out)
    return out.getvalue()


HOSTILE: dict[str, tuple[bytes, str]] = {
    "no PDF at all": (b"%PDF-1.7 nothing", "不是本站出具的核验结果单"),
    "nothing inside": (packed(), "不是本站出具的核验结果单"),
    "rows that are no JSON": (packed(jws=b"a.b.c", rows=b"{"), "不是本站出具的核验结果单"),
    "rows that are no list": (packed(jws=b"a.b.c", rows=b"7"), "不是本站出具的核验结果单"),
    "rows that are too short": (packed(jws=b"a.b.c", rows=b'[["1"]]'), "不是本站出具的核验结果单"),
    "rows nested without end": (packed(jws=b"a.b.c", rows=b"[" * 100_000), "不是本站出具的核验结果单"),
    "a signature that is none": (packed(jws=b"\xff\xfe", rows=b"[]"), "无法识别"),
    "a bomb": (packed(jws=b"a.b.c", rows=bytes(3_000_000)), "不是本站出具的核验结果单"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_strange_pdf_is_refused_in_words(client: FlaskClient, office: Office, name: str) -> None:
    del office
    content, said = HOSTILE[name]

    assert said in sheet_page(client, content, "result.pdf")


def test_it_is_kept_sealed_and_goes_with_the_rows(
    drawn: tuple[FlaskClient, CertificateCheck], at_time: Callable[[object], None]
) -> None:
    browser, check = drawn
    kept = b"".join(session.scalars(select(StagedBlock.sealed)))
    assert b"%PDF" not in kept
    assert kept

    at_time(check.forget_at)
    checking.forget()

    assert session.scalar(select(func.count()).select_from(StagedFile)) == 0
    assert browser.get(f"/employer/checks/{check.code}.pdf").status_code == 404
    page = browser.get(f"/employer/checks/{check.code}").text
    assert "生成 PDF" not in page
    assert browser.get(f"/employer/checks/{check.code}.jws").status_code == 200


def test_it_goes_when_the_data_of_somebody_on_it_is_erased(
    drawn: tuple[FlaskClient, CertificateCheck], certificate: Certificate
) -> None:
    browser, check = drawn
    assert certificate.person_id is not None
    with unit_of_work():
        checks.forget_names_of(certificate.person_id)

    assert session.scalar(select(func.count()).select_from(StagedFile)) == 0
    assert browser.get(f"/employer/checks/{check.code}.pdf").status_code == 404


def test_a_long_result_comes_in_parts_that_each_prove_all_of_it(
    with_paper: None,
    certificate: Certificate,
    browser_of: Browser,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The runner dies after the first part; another one goes on behind it."""
    del with_paper
    monkeypatch.setattr(checks, "ROWS_A_PART", 2)
    with monkeypatch.context() as later:
        later.setattr(checks, "start_paper", lambda _check: None)
        browser = browser_of(employer())
        check = checked(browser, f"{certificate.number},欧阳望岳\n{certificate.number},\nTM00000000,")
    page = f"/employer/checks/{check.code}"
    browser.post(f"{page}/pdf")
    job = lookups.job_of_paper(check)
    assert job is not None
    lost = checking._draw(job)
    with unit_of_work():
        assert checking._keep_drawn(job, checking._draw(job))
    with unit_of_work():
        checking._keep_drawn(job, lost)
    assert "第1册：第1至2行" in browser.get(page).text
    assert browser.get(f"{page}.pdf?part=2").status_code == 404
    jobs.work()

    parts = [browser.get(f"{page}.pdf?part={number}").data for number in (1, 2)]
    assert [one.part for one in lookups.papers_of(check.id)] == [1, 2]
    assert "第2册：第3至3行" in browser.get(page).text
    assert ["TM00000000" in text_of(one) for one in parts] == [False, True]
    assert ["2/2" in text_of(one) for one in parts] == [False, True]
    for one in parts:
        assert len(json.loads(inside(one)["rows.json"])) == 3
        assert "该结果单真实有效" in sheet_page(client, one, "result.pdf")
    with unit_of_work():
        checks.forget_names_of(certificate.person_id or 0)
    assert lookups.papers_of(check.id) == []
    assert checks.next_part(check) is None, "the rows are no longer what was signed"


def test_another_employer_gets_no_pdf(drawn: tuple[FlaskClient, CertificateCheck], browser_of: Browser) -> None:
    _browser, check = drawn
    other = browser_of(employer("jinan-other"))

    assert other.get(f"/employer/checks/{check.code}.pdf").status_code == 404
    assert other.post(f"/employer/checks/{check.code}/pdf").status_code == 404


def test_where_nothing_can_be_drawn_the_other_forms_stand(
    certificate: Certificate, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A result from before there was a PDF, or from a machine without Pango, is drawn when it is asked for."""
    monkeypatch.setattr(checks, "start_paper", lambda _check: None)
    browser = browser_of(employer())
    check = checked(browser, f"{certificate.number}\n")
    monkeypatch.undo()
    page = browser.get(f"/employer/checks/{check.code}").text
    assert "生成 PDF" in page
    assert browser.get(f"/employer/checks/{check.code}.pdf").status_code == 404
    assert browser.get(f"/employer/checks/{check.code}.xlsx").status_code == 200
    for _time in range(2):
        assert browser.post(f"/employer/checks/{check.code}/pdf").status_code == 302
    assert "正在生成核验结果的 PDF" in browser.get(f"/employer/checks/{check.code}").text

    monkeypatch.setattr(paper, "available", lambda: False)
    jobs.work()

    page = browser.get(f"/employer/checks/{check.code}").text
    assert "生成 PDF" not in page
    assert "签章结果单" not in page

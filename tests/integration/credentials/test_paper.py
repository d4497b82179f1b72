"""The sheet of an issued certificate: PDF/A-3 with the credential inside, sealed, readable everywhere."""

import io
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509
from defusedxml import ElementTree
from flask import Flask
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from app.core.db import session, unit_of_work
from app.core.errors import UnavailableError
from app.core.signing import Algorithm
from app.credentials import paper, queries
from app.credentials.models import Certificate, SigningKey
from app.credentials.rules.baked import read_png, read_svg
from app.credentials.services import bodies
from app.settings import Settings
from app.web import pdf
from tests.factories.accounts import make_person
from tests.factories.credentials import Office, issue
from tests.timestamping import local_authority

# What these tests ask of the database is answered alike by both
pytestmark = pytest.mark.one_database

WITHOUT_PROFILES = "warning: ICC support is not available"
"""What Debian's build of MuPDF says of every file with a colour profile."""
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"


@pytest.fixture
def certificate(office: Office) -> Certificate:
    return issue(office, make_person(name="欧阳䶮㛃𬍛"))


@pytest.fixture
def sheet(certificate: Certificate, tmp_path: Path) -> Path:
    path = tmp_path / "certificate.pdf"
    path.write_bytes(paper.certificate_pdf(certificate))
    return path


def run(*words: str | Path) -> str:
    """Run a reader of PDF files, which must have nothing to complain about."""
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    told = done.stderr.replace(WITHOUT_PROFILES, "")
    assert not told.strip()
    return done.stdout


def test_the_sheet_is_pdf_a_3u_with_its_credential_attached(sheet: Path, certificate: Certificate) -> None:
    """Structure as ISO 19005-3 asks; a full validator is not at hand."""
    reader = PdfReader(sheet)
    root: Any = reader.trailer["/Root"]

    assert reader.pdf_header == "%PDF-1.7"
    assert not reader.is_encrypted
    named = ElementTree.fromstring(root["/Metadata"].get_data()).find(".//{*}Description")
    assert named is not None
    assert (named.get(f"{PDFA}part"), named.get(f"{PDFA}conformance")) == ("3", "U")
    intent = root["/OutputIntents"][0]
    assert intent["/S"] == "/GTS_PDFA1"
    assert len(intent["/DestOutputProfile"].get_data()) > 2000
    assert root["/Lang"] == "zh-CN"
    assert root["/MarkInfo"]["/Marked"]
    files = root["/AF"]
    assert len(files) == 1
    assert (files[0]["/AFRelationship"], files[0]["/UF"]) == ("/Source", "credential.json")
    inside = files[0]["/EF"]["/F"]
    assert inside["/Subtype"] == "/application/vc"
    assert inside.get_data().decode() == certificate.credential
    assert "/ModDate" in inside["/Params"]


def test_every_face_is_embedded_and_every_letter_can_be_copied(sheet: Path) -> None:
    fonts = run("pdffonts", sheet).splitlines()[2:]

    assert fonts
    assert all(" yes yes yes " in line for line in fonts)  # embedded, a subset, with a map to Unicode
    told = run("pdftotext", sheet, "-").replace(" ", "")
    for text in ("欧阳䶮㛃𬍛", "初级技术经纪人能力等级证书", "2026-06-01", "2029-05-31", "示例认证中心"):
        assert text in told


def test_other_readers_find_nothing_wrong(sheet: Path, tmp_path: Path) -> None:
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", sheet)
    assert "PDF version:     1.7" in run("pdfinfo", sheet)
    told = run("pdfsig", sheet)
    assert "Signature is Valid." in told
    assert "Total document signed" in told
    run("pdftoppm", "-r", "60", "-png", sheet, tmp_path / "poppler")
    run("mutool", "draw", "-q", "-r", "60", "-o", tmp_path / "mupdf.png", sheet)
    command: list[str | Path] = ["zbarimg", "-q", "--raw", _large(sheet, tmp_path)]
    seen = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert seen.startswith("http://localhost:8000/")


def _large(sheet: Path, folder: Path) -> Path:
    run("pdftoppm", "-r", "200", "-png", sheet, folder / "large")
    return next(folder.glob("large*.png"))


def test_the_seal_is_the_bodys_own_and_betrays_a_change(sheet: Path, office: Office) -> None:
    raw = sheet.read_bytes()
    der = bodies.seal_of(office.body).certificate

    def status(content: bytes) -> Any:  # noqa: ANN401 - pyHanko's own record
        signature = PdfFileReader(io.BytesIO(content)).embedded_signatures[0]
        trust = ValidationContext(trust_roots=[x509.Certificate.load(der)])
        return validate_pdf_signature(signature, signer_validation_context=trust)

    assert status(raw).bottom_line
    changed = bytearray(raw)
    changed[raw.index(b"stream") + 40] ^= 1
    assert not status(bytes(changed)).bottom_line


def test_after_a_rotation_the_next_sheet_has_the_new_seal(certificate: Certificate, office: Office) -> None:
    before = bodies.seal_of(office.body).certificate
    old = paper.certificate_pdf(certificate)
    with unit_of_work():
        bodies.rotate_key(office.body, Algorithm.RSA, by=None, at=datetime(2026, 6, 2, tzinfo=UTC))

    new = paper.certificate_pdf(certificate)

    kept = [one.certificate for one in session.query(SigningKey).filter_by(algorithm=Algorithm.RSA)]
    sealing = [PdfFileReader(io.BytesIO(one)).embedded_signatures[0].signer_cert.dump() for one in (old, new)]
    assert sealing[0] == before
    assert sealing[1] != before
    assert set(sealing) <= set(kept)


def test_with_an_authority_the_seal_says_when(
    certificate: Certificate, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with local_authority() as running:
        monkeypatch.setattr(settings, "tsa_url", running.url)
        made = paper.certificate_pdf(certificate)
    signature = PdfFileReader(io.BytesIO(made)).embedded_signatures[0]

    assert [one["type"].native for one in signature.signer_info["unsigned_attrs"]] == ["signature_time_stamp_token"]
    root: Any = PdfReader(io.BytesIO(made)).trailer["/Root"]
    assert "/DSS" in root
    monkeypatch.setattr(settings, "tsa_url", "http://127.0.0.1:9/")
    with pytest.raises(UnavailableError):
        paper.certificate_pdf(certificate)


def test_without_our_own_faces_the_systems_are_used(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pdf, "FACES", tmp_path)
    for cached in (pdf._fonts, pdf._sheet):
        cached.cache_clear()
    try:
        made = paper.certificate_pdf(certificate)
    finally:
        for cached in (pdf._fonts, pdf._sheet):
            cached.cache_clear()
    path = tmp_path / "plain.pdf"
    path.write_bytes(made)

    fonts = run("pdffonts", path)

    assert "Jijing" not in fonts
    assert "Noto-Serif-CJK-SC" in fonts


def test_badges_carry_the_credential_as_it_was_signed(app: Flask, certificate: Certificate) -> None:
    client = app.test_client()

    drawn, vector = (client.get(f"/credentials/{certificate.code}.{form}") for form in ("png", "svg"))

    assert (drawn.status_code, drawn.mimetype) == (200, "image/png")
    assert (vector.status_code, vector.mimetype) == (200, "image/svg+xml")
    assert read_png(drawn.data).decode() == read_svg(vector.data).decode() == certificate.credential
    for answer in (drawn, vector):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert certificate.code in answer.headers["Content-Disposition"]
        again = client.get(answer.request.path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert client.get("/credentials/nobody.png").status_code == 404
    assert client.get("/credentials/nobody.svg").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_offers_every_form(app: Flask, certificate: Certificate, language: str) -> None:
    client = app.test_client()
    page = client.get(f"/credentials/{certificate.code}", headers={"Accept-Language": language}).text

    for form in ("json", "jwt", "png", "svg"):
        assert f"/credentials/{certificate.code}.{form}" in page


def test_export_writes_every_form(app: Flask, certificate: Certificate, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    found = queries.certificate(certificate.code)
    expected = {"vc": found.credential, "jwt": found.jwt}
    for form in ("vc", "jwt", "png", "svg"):
        out = tmp_path / f"out.{form}"
        done = runner.invoke(args=["credentials", "export", found.code, "--as", form, str(out), "--json"])
        assert done.exit_code == 0
        told = json.loads(done.stdout)
        assert told == {"code": found.code, "form": form, "bytes": out.stat().st_size, "path": str(out)}
        assert out.read_text() == expected[form] if form in expected else True
    assert read_png((tmp_path / "out.png").read_bytes()).decode() == found.credential
    assert read_svg((tmp_path / "out.svg").read_bytes()).decode() == found.credential
    by_number = runner.invoke(args=["credentials", "export", str(found.number), str(tmp_path / "again")])
    assert by_number.exit_code == 0


def test_export_refuses_what_is_not_there(app: Flask, certificate: Certificate, tmp_path: Path) -> None:
    runner = app.test_cli_runner()

    def code(*words: str) -> int:
        return runner.invoke(args=["credentials", "export", *words]).exit_code

    assert code(certificate.code, "--as", "pdf", str(tmp_path / "x")) == 1
    assert code("nobody", str(tmp_path / "x")) == 1
    assert code(certificate.code, str(tmp_path / "no" / "folder")) == 1
    assert code(certificate.code, "--as", "gif", str(tmp_path / "x")) == 2
    session.get_one(Certificate, certificate.id).jwt = None
    session.get_one(Certificate, certificate.id).jwt_key_id = None
    assert code(certificate.code, "--as", "jwt", str(tmp_path / "x")) == 1
    session.rollback()

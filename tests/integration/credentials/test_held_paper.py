"""A holder prints the list of certificates or one of them, or takes either as PDF: what is on record, nothing else."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.accounts.states import Role
from app.credentials import paper
from app.web import pdf
from tests.factories.accounts import NATION, Member, make_member, make_person
from tests.factories.credentials import Office, issue

Browser = Callable[[Member], FlaskClient]
pytestmark = pytest.mark.one_database
PRINTS = "data-print hidden"


@pytest.fixture
def holder() -> Member:
    return make_member(Role.TRAINEE, NATION, person=make_person(name="欧阳小明"))


def test_the_pages_print_and_offer_a_pdf(office: Office, holder: Member, browser_of: Browser, with_paper: None) -> None:
    del with_paper
    browser = browser_of(holder)
    assert PRINTS not in browser.get("/my/certificates").text, "nothing is there to print"
    certificate = issue(office, holder.person)

    mine, one = (browser.get(path).text for path in ("/my/certificates", f"/my/certificates/{certificate.code}"))

    assert PRINTS in mine
    assert 'href="/my/certificates.pdf"' in mine
    assert PRINTS in one
    assert f'href="/credentials/{certificate.code}.pdf"' in one.split("<h2>")[0], "beside the button"
    for page in (mine, one):
        assert 'class="paper-only"' in page
        assert "http://localhost:8000/" in page


def test_the_list_as_pdf_says_in_both_languages_what_holds(
    office: Office, holder: Member, browser_of: Browser, tmp_path: Path
) -> None:
    certificate, other = issue(office, holder.person), issue(office, make_person(name="李梅"))

    sent = browser_of(holder).get("/my/certificates.pdf")

    assert (sent.status_code, sent.mimetype, sent.headers["Cache-Control"]) == (200, "application/pdf", "no-store")
    (tmp_path / "list.pdf").write_bytes(sent.data)
    done = subprocess.run(["pdftotext", "-layout", tmp_path / "list.pdf", "-"], capture_output=True, check=True)
    text = done.stdout.decode()
    for said in ("欧阳小明", "持有证书清单", "List of certificates held", str(certificate.number), "/verify"):
        assert said in text
    told = text.replace("\u2009", "")
    for said in ("示例认证中心", "Certification", "2026年6月1日", "1 Jun 2026", "有效", "Valid"):
        assert said in told
    assert str(other.number) not in text
    nobody = browser_of(make_member(Role.TRAINEE, NATION)).get("/my/certificates.pdf")
    assert nobody.status_code == 200


def test_without_the_libraries_the_list_is_offered_on_screen_alone(
    office: Office, holder: Member, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue(office, holder.person)
    monkeypatch.setattr(paper, "available", lambda: False)

    def missing(*_given: object, **_named: object) -> bytes:
        raise pdf.PdfUnavailableError

    monkeypatch.setattr(pdf, "render_pdf", missing)
    browser = browser_of(holder)

    page = browser.get("/my/certificates").text

    assert PRINTS in page
    assert "/my/certificates.pdf" not in page
    assert browser.get("/my/certificates.pdf").status_code == 503


def test_a_list_is_its_holders_own(client: FlaskClient) -> None:
    assert client.get("/my/certificates.pdf").status_code == 401

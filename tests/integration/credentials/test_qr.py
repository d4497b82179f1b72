"""The QR code of an issued certificate: signed at issue, printed on paper, and holding for its body's P-256 key."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.accounts.states import Role
from app.core.db import unit_of_work
from app.core.signing import Algorithm
from app.credentials import paper, verification
from app.credentials.queries import certificate as published
from app.credentials.queries import signing_key
from app.credentials.rules import cose
from app.credentials.rules.baked import read_png, read_svg
from app.credentials.rules.cose import CoseError
from app.credentials.services import qr
from app.credentials.services.bodies import rotate_key, signer_of
from tests.factories.accounts import NATION, Member, make_member, make_person
from tests.factories.credentials import ISSUED_AT, Office, issue


def test_every_issued_certificate_gets_a_code_that_its_body_signed(office: Office) -> None:
    certificate = issue(office, make_person(name="㛃䶮"))

    sealed = cose.read_cose(cose.read_address(certificate.qr or ""))
    facts = cose.read_claims(sealed.claims)

    assert (certificate.qr or "").startswith("http://localhost:8000/v#")
    assert (facts.code, facts.holder, facts.level) == (certificate.code, "㛃䶮", "junior")
    assert (facts.number, facts.index) == (certificate.number, certificate.status_index)
    assert facts.issuer == cose.short_id(office.body.did).hex()
    assert cose.verify_cose(sealed, signer_of(office.body, Algorithm.P256).public_key)


def test_the_same_certificate_gives_the_same_code_again(office: Office) -> None:
    """A step of issuing that is done twice after a kill prints one code."""
    certificate = issue(office)
    before = certificate.qr

    with unit_of_work():
        qr.attach(certificate, signer_of(office.body, Algorithm.P256), at=ISSUED_AT)

    assert certificate.qr == before


def test_a_retired_key_goes_on_proving_what_it_signed(office: Office) -> None:
    certificate = issue(office)
    old = signing_key(office.body.id, Algorithm.P256).public_multibase
    with unit_of_work():
        rotate_key(office.body, Algorithm.P256, by=None, at=ISSUED_AT)

    later = issue(office)

    kids = [cose.read_cose(cose.read_address(one.qr or "")).kid for one in (certificate, later)]
    assert kids[0] == cose.short_id(old)
    assert kids[1] != kids[0]


def test_only_a_p256_key_signs_a_code(office: Office) -> None:
    certificate = issue(office)

    with pytest.raises(CoseError, match="qr-algorithm"):
        qr.attach(certificate, signer_of(office.body), at=ISSUED_AT)


def test_entries_that_no_code_has_room_for_leave_the_plain_address(office: Office) -> None:
    certificate = issue(office)
    certificate.qr = None
    certificate.document = {**certificate.document, "validFrom": "1990-01-01T00:00:00Z"}

    qr.attach(certificate, signer_of(office.body, Algorithm.P256), at=ISSUED_AT)

    assert certificate.qr is None


def test_the_paper_prints_the_code(app: Flask, with_paper: None, office: Office, tmp_path: Path) -> None:
    del with_paper
    certificate = published(issue(office).code)
    (tmp_path / "sheet.pdf").write_bytes(paper.certificate_pdf(certificate))

    subprocess.run(["pdftoppm", "-r", "200", "-png", tmp_path / "sheet.pdf", tmp_path / "sheet"], check=True)
    seen = zxingcpp.read_barcodes(
        Image.open(tmp_path / "sheet-1.png"), formats=zxingcpp.barcode_formats_from_str("QRCode")
    )

    assert app.testing
    assert [one.text for one in seen] == [certificate.qr]


@pytest.mark.one_database
def test_anyone_downloads_the_code_as_a_picture_that_proves_itself_in_every_way(
    client: FlaskClient, office: Office, tmp_path: Path
) -> None:
    """The code leads any scanner to its proof, and each file carries the credential beside it."""
    certificate = issue(office, make_person(name="欧阳㛃"))

    png, svg = (client.get(f"/credentials/{certificate.code}.qr.{kind}") for kind in ("png", "svg"))

    assert (png.mimetype, svg.mimetype) == ("image/png", "image/svg+xml")
    assert png.headers["Content-Disposition"] == f'inline; filename="{certificate.code}.qr.png"'
    (tmp_path / "code.png").write_bytes(png.data)
    with Image.open(tmp_path / "code.png") as picture:
        picture.load()
        (read,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.barcode_formats_from_str("QRCode"))
        assert picture.getpixel((0, 0)) == picture.getpixel((31, 31)), "the quiet zone is four modules wide"
    assert read.text == certificate.qr
    assert read_png(png.data) == read_svg(svg.data) == (certificate.credential or "").encode()
    for file in (png.data, svg.data):
        answer = verification.verify_document(file, at=ISSUED_AT)
        assert answer.verdict.valid
        assert answer.record is not None


@pytest.mark.one_database
def test_the_code_is_offered_where_there_is_one(client: FlaskClient, office: Office) -> None:
    certificate = issue(office)
    address = f"/credentials/{certificate.code}.qr.png"

    assert address in client.get(f"/credentials/{certificate.code}").text
    assert verification.verify_reference(f"http://localhost:8000{address}", at=ISSUED_AT).verdict.valid  # type: ignore[union-attr]
    with unit_of_work():
        published(certificate.code).qr = None
    assert address not in client.get(f"/credentials/{certificate.code}").text
    assert client.get(address).status_code == 503
    assert client.get("/credentials/nothing.qr.svg").status_code == 404


@pytest.mark.one_database
def test_the_holder_takes_the_code_from_their_own_page(
    office: Office, browser_of: Callable[[Member], FlaskClient]
) -> None:
    person = make_person(name="欧阳㛃")
    certificate = issue(office, person)
    browser = browser_of(make_member(Role.TRAINEE, NATION, person=person))

    page = browser.get(f"/my/certificates/{certificate.code}").text

    for kind in ("png", "svg"):
        assert f'href="/credentials/{certificate.code}.qr.{kind}"' in page
    with unit_of_work():
        published(certificate.code).qr = None
    assert ".qr.png" not in browser.get(f"/my/certificates/{certificate.code}").text


@pytest.mark.one_database
@pytest.mark.parametrize("form", ["qr-png", "qr-svg"])
def test_the_command_writes_the_code_to_a_file(app: Flask, office: Office, tmp_path: Path, form: str) -> None:
    certificate = issue(office)
    words = ["credentials", "export", certificate.code, "--as", form, str(tmp_path / "code")]

    assert app.test_cli_runner().invoke(args=words).exit_code == 0
    assert verification.verify_document((tmp_path / "code").read_bytes(), at=ISSUED_AT).verdict.valid

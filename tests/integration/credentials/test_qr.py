"""The QR code of an issued certificate: signed at issue, printed on paper, and holding for its body's P-256 key."""

import subprocess
from pathlib import Path

import pytest
import zxingcpp
from flask import Flask
from PIL import Image

from app.core.db import unit_of_work
from app.core.signing import Algorithm
from app.credentials import paper
from app.credentials.queries import certificate as published
from app.credentials.queries import signing_key
from app.credentials.rules import cose
from app.credentials.rules.cose import CoseError
from app.credentials.services import qr
from app.credentials.services.bodies import rotate_key, signer_of
from tests.factories.accounts import make_person
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
    seen = zxingcpp.read_barcodes(Image.open(tmp_path / "sheet-1.png"))

    assert app.testing
    assert [one.text for one in seen] == [certificate.qr]

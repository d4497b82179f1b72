"""A body seals PDF files under the certificate of an authority: request out, chain in, on the word of two issuers."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from flask.testing import FlaskClient
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfWriter

from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.signing import Algorithm
from app.credentials import queries
from app.credentials.models import KeyOrder, SigningKey
from app.credentials.paper import pades
from app.credentials.queries import keys as reads
from app.credentials.services import bodies
from app.credentials.services import keys as orders
from app.credentials.states import KeyAct, KeyOrderState
from tests.authority import Issuer, certify, make_issuer, pem
from tests.factories.accounts import Member
from tests.factories.credentials import ISSUED_AT, Office, make_office

Browser = Callable[[Member], FlaskClient]


@pytest.fixture(scope="module")
def root() -> Issuer:
    return make_issuer("国家根认证机构")


@pytest.fixture(scope="module")
def below(root: Issuer) -> Issuer:
    return make_issuer("电子认证机构", root)


def key_of(office: Office) -> SigningKey:
    session.expire_all()
    return queries.signing_key(office.body.id, Algorithm.RSA)


def answered(request: bytes, below: Issuer, root: Issuer) -> str:
    """Return what an authority sends back for a request."""
    asked = x509.load_pem_x509_csr(request)
    assert asked.is_signature_valid
    return pem(certify(asked.public_key(), below), below.certificate, root.certificate)


def ask(office: Office, chain: str) -> KeyOrder:
    with unit_of_work():
        return orders.ask_key_order(
            key_of(office), KeyAct.CERTIFY, reason="持牌机构", chain=chain, by=office.first.actor, at=ISSUED_AT
        )


def carry_out(order: KeyOrder, by: Member) -> None:
    with unit_of_work():
        orders.carry_out(session.get_one(KeyOrder, order.id), by=by.actor, at=ISSUED_AT)


def sealed(office: Office) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(842, 595)
    writer.write(out)
    return pades.sealed(out.getvalue(), bodies.seal_of(office.body))


def status_of(pdf: bytes, root: x509.Certificate) -> Any:  # noqa: ANN401 - pyHanko's own record
    """Check a seal as a reader does who trusts the root and nothing else."""
    trusted = ValidationContext(trust_roots=[asn1.Certificate.load(root.public_bytes(Encoding.DER))])
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]
    return validate_pdf_signature(signature, signer_validation_context=trusted)


def test_who_trusts_the_root_trusts_the_seal(office: Office, below: Issuer, root: Issuer) -> None:
    before = sealed(office)
    key = key_of(office)
    made_by = x509.load_pem_x509_csr(bodies.request_of(key)).public_key()
    assert (
        made_by.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        == bodies.seal_of(office.body).signer.public_key.spki
    )

    order = ask(office, answered(bodies.request_of(key), below, root))
    assert key_of(office).chain is None, "one person is not enough"
    with pytest.raises(ForbiddenError):
        carry_out(order, office.first)
    carry_out(order, office.second)

    assert len(bodies.seal_of(office.body).chain) == 2
    assert not status_of(before, root.certificate).trusted
    found = status_of(sealed(office), root.certificate)
    assert (found.trusted, found.bottom_line, found.coverage.name) == (True, True, "ENTIRE_FILE")


def test_a_chain_that_does_not_fit_is_refused_and_checked_again_when_it_is_taken(
    office: Office, below: Issuer, root: Issuer
) -> None:
    other = make_office(slug="other-centre", platform=False)
    with pytest.raises(InvalidError) as refused:
        ask(office, answered(bodies.request_of(key_of(other)), below, root))
    assert refused.value.code == "chain-key"
    order = ask(office, answered(bodies.request_of(key_of(office)), below, root))
    with unit_of_work():
        session.get_one(KeyOrder, order.id).chain = pem(below.certificate, root.certificate)
    with pytest.raises(InvalidError):
        carry_out(order, office.second)
    assert (key_of(office).chain, session.get_one(KeyOrder, order.id).state) == (None, KeyOrderState.ASKED)


def test_only_the_current_seal_key_is_certified(office: Office) -> None:
    first = queries.signing_key(office.body.id)
    with pytest.raises(InvalidError):
        bodies.request_of(first)
    with pytest.raises(InvalidError), unit_of_work():
        orders.ask_key_order(first, KeyAct.CERTIFY, reason="x", chain="x", by=office.first.actor, at=ISSUED_AT)
    with pytest.raises(ConflictError, match="chain"), unit_of_work():
        session.add(
            KeyOrder(
                body_id=office.body.id,
                key_id=first.id,
                act=KeyAct.ROTATE,
                chain="x",
                reason="x",
                asked_by_id=office.first.person.id,
                asked_at=ISSUED_AT,
            )
        )


def test_request_and_chain_by_page(office: Office, browser_of: Browser, below: Issuer, root: Issuer) -> None:
    first, second = browser_of(office.first), browser_of(office.second)
    page = "/issuing/keys"
    assert "自签名证书" in first.get(page).text
    request = first.get(f"{page}/seal-request.pem").data
    form = f"{page}/seal-certificate"
    assert first.post(form, data={}, content_type="multipart/form-data").status_code == 422

    def hand_in(text: str) -> Any:  # noqa: ANN401 - a test response
        file = (io.BytesIO(text.encode()), "chain.pem")
        given = {"seal-file": file, "seal-reason": "持牌机构签发"}
        return first.post(form, data=given, content_type="multipart/form-data")

    wrong = hand_in(pem(below.certificate, root.certificate))
    assert (wrong.status_code, "没有为贵机构签章密钥签发的证书" in wrong.text) == (422, True)
    sent = hand_in(answered(request, below, root))
    assert sent.status_code == 302
    assert "电子认证机构" in second.get(sent.location).text
    assert first.post(f"{sent.location}/carry-out").status_code == 403
    assert second.post(f"{sent.location}/carry-out").status_code == 302

    shown = first.get(page).text
    assert "国家根认证机构" in shown
    assert "自签名证书" not in shown


def test_request_and_chain_by_command(app: Flask, office: Office, tmp_path: Path, below: Issuer, root: Issuer) -> None:
    def run(*words: str) -> tuple[int, dict[str, Any]]:
        done = app.test_cli_runner().invoke(args=["credentials", "keys", *words, "--json"])
        return done.exit_code, json.loads(done.stdout) if done.stdout.startswith("{") else {}

    out, chain = tmp_path / "request.pem", tmp_path / "chain.pem"
    assert run("request", office.body.slug, "--out", str(out))[1]["file"] == str(out)
    chain.write_text(answered(out.read_bytes(), below, root))
    by, reason = ("--by", office.first.person.code), ("--reason", "x")
    same = ("--confirmed-by", office.first.person.code)
    assert run("certify", office.body.slug, str(chain), *by, *same, *reason)[0] == 1

    second = ("--confirmed-by", office.second.person.code)
    code, told = run("certify", office.body.slug, str(chain), *by, *second, *reason)

    assert (code, [one["subject"] for one in told["chain"]]) == (0, ["示例认证中心", "电子认证机构", "国家根认证机构"])
    assert reads.key_orders(office.body.id)[0].state is KeyOrderState.CARRIED_OUT

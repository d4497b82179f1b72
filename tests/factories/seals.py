"""Seals of issuing bodies for tests: under the chain of an authority, and set as the product sets them."""

import io
from typing import Any

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pypdf import PdfWriter

from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.signing import Algorithm
from app.credentials import paper, queries
from app.credentials.models import SigningKey
from app.credentials.paper import pades
from app.credentials.queries import seals
from app.credentials.services import bodies
from app.credentials.services import keys as orders
from app.credentials.states import KeyAct, SealLevel
from tests.factories.credentials import ISSUED_AT, Office


def seal_key(office: Office) -> SigningKey:
    """Return the key that seals today, read anew."""
    session.expire_all()
    return queries.signing_key(office.body.id, Algorithm.RSA)


def certified(office: Office, chain: str, *, crl: str = "", ocsp: str = "") -> SigningKey:
    """Let two issuers take a chain with addresses, and let the runner ask."""
    with unit_of_work():
        sources = orders.checked_sources(crl=crl, ocsp=ocsp)
        order = orders.ask_key_order(
            seal_key(office),
            KeyAct.CERTIFY,
            reason="持牌机构",
            chain=chain,
            sources=sources,
            by=office.first.actor,
            at=ISSUED_AT,
        )
    with unit_of_work():
        orders.carry_out(session.merge(order), by=office.second.actor, at=ISSUED_AT)
    jobs.work()
    return seal_key(office)


def faults(key: SigningKey) -> list[str | None]:
    """Return what is missing for each certificate of a chain below its root, that of the key first."""
    kept = seals.proofs_of(key.id)
    return [kept[seals.fingerprint_of(one)].fault for one in seals.to_prove(seals.chain_of(key))]


def der(certificate: x509.Certificate) -> bytes:
    """Return a certificate in DER."""
    return certificate.public_bytes(Encoding.DER)


def years_later(pdf: bytes, *roots: bytes) -> Any:  # noqa: ANN401 - pyHanko's own record
    """Check a seal by nothing but the file and the roots, with a proof for every certificate below them."""
    reader = PdfFileReader(io.BytesIO(pdf))
    given = {"trust_roots": [asn1.Certificate.load(one) for one in roots], "revocation_mode": "require"}
    kept = DocumentSecurityStore.read_dss(reader).as_validation_context(given)
    return validate_pdf_signature(reader.embedded_signatures[0], kept, kept)


def blank() -> bytes:
    """Return an empty page as PDF."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(842, 595)
    writer.write(out)
    return out.getvalue()


def sealed(office: Office) -> tuple[bytes, SealLevel]:
    """Seal an empty page as a certificate is sealed now; return it with its level."""
    seal = bodies.seal_of(office.body)
    return pades.sealed(blank(), seal, authority=paper.time_authority()), paper.level_of(seal)

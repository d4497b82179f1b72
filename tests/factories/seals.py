"""Seals of issuing bodies for tests: under the chain of an authority, and set as the product sets them."""

import io

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


def sealed(office: Office) -> tuple[bytes, SealLevel]:
    """Seal an empty page as a certificate is sealed now; return it with its level."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(842, 595)
    writer.write(out)
    seal = bodies.seal_of(office.body)
    return pades.sealed(out.getvalue(), seal, authority=paper.time_authority()), paper.level_of(seal)

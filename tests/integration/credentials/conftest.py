"""An issuing body with two issuers; paper is drawn only where a test asks for it."""

from collections.abc import Iterator

import pytest
from cryptography import x509
from flask import Flask

from app.credentials import paper
from app.credentials.services import bodies
from app.settings import Settings
from tests.authority import Issuer, certify, make_issuer
from tests.factories.credentials import Office, make_office
from tests.factories.seals import seal_key
from tests.integration.accounts.conftest import count_statements
from tests.revocation import NAMED, Responder, responder
from tests.timestamping import LocalAuthority, local_authority

__all__ = ["count_statements"]


@pytest.fixture(autouse=True)
def _without_paper(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "with_paper" not in request.fixturenames:
        monkeypatch.setattr(paper, "available", lambda: False)


@pytest.fixture
def with_paper() -> None:
    """Ask for real PDF files."""


@pytest.fixture
def office(app: Flask) -> Office:
    del app
    return make_office()


@pytest.fixture(name="tsa", scope="module")
def _tsa() -> Iterator[LocalAuthority]:
    """A time-stamp authority on this machine."""
    with local_authority() as running:
        yield running


@pytest.fixture(name="timed")
def _timed(settings: Settings, tsa: LocalAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every seal asks that authority for a time stamp."""
    monkeypatch.setattr(settings, "tsa_url", tsa.url)


@pytest.fixture(name="root", scope="module")
def _root() -> Issuer:
    """A certification authority that nobody certified."""
    return make_issuer("国家根认证机构")


@pytest.fixture(name="below", scope="module")
def _below(root: Issuer) -> Issuer:
    """One whom the root certified, and who certifies seals."""
    return make_issuer("电子认证机构", root, named=NAMED)


@pytest.fixture(name="sealing")
def _sealing(office: Office, below: Issuer) -> x509.Certificate:
    """What it certifies of the seal key of the office."""
    request = x509.load_pem_x509_csr(bodies.request_of(seal_key(office)))
    return certify(request.public_key(), below, named=NAMED)


@pytest.fixture(name="said")
def _said(
    root: Issuer, below: Issuer, sealing: x509.Certificate, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Responder]:
    """Run what the authorities say, where the operator lets the site ask."""
    with responder([sealing, below.certificate], root=root, below=below) as running:
        monkeypatch.setattr(settings, "revocation_urls", f"https://crl.example/, {running.base}/")
        yield running

"""An issuing body with two issuers; paper is drawn only where a test asks for it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.credentials import paper
from app.settings import Settings
from tests.authority import Issuer, make_issuer
from tests.factories.credentials import Office, make_office
from tests.integration.accounts.conftest import count_statements
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

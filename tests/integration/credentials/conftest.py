"""An issuing body with two issuers; paper is drawn only where a test asks for it."""

import pytest
from flask import Flask

from app.credentials import paper
from tests.factories.credentials import Office, make_office
from tests.integration.accounts.conftest import count_statements

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

"""Every page of the public registers and of the certifier reads in English too: the lint asks for it."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts.states import Role
from tests.factories.accounts import SHANDONG, make_organisation
from tests.factories.bases import make_accredited, make_application
from tests.factories.certification import decided, make_candidate, make_exam, propose_all
from tests.factories.rulebook import make_proposed

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def numbers(app: object) -> dict[str, str]:
    """Give what fills the addresses: one record of each kind."""
    del app
    exam = make_exam()
    make_candidate(exam)
    make_candidate(exam, completed=False)
    held, waiting = propose_all(exam)
    decided(held)
    make_accredited(make_organisation(slug="qilu"))
    make_application(make_organisation(slug="waiting"))
    return {
        "number": held.unified_number or "",
        "held": held.code,
        "waiting": waiting.code,
        "pack": make_proposed().code,
    }


PAGES = [
    (None, "/rules"),
    (None, "/rules/award-sample.1"),
    (None, "/bases"),
    (None, "/bases/qilu"),
    (None, "/register"),
    (None, "/register/{number}"),
    (None, "/api/v1/docs"),
    (Role.REGULATOR, "/rules/new"),
    (Role.REGULATOR, "/rules/{pack}"),
    (Role.REGULATOR, "/bases/waiting"),
    (Role.CERTIFIER, "/awards"),
    (Role.CERTIFIER, "/awards/{held}"),
    (Role.CERTIFIER, "/awards/{waiting}"),
    (Role.TRAINEE, "/my/awards"),
]


def test_pages_read_in_english(
    client: FlaskClient, sign_in: Callable[..., FlaskClient], numbers: dict[str, str]
) -> None:
    for role, path in PAGES:
        browser = sign_in(role, SHANDONG) if role else client

        page = browser.get(path.format(**numbers), headers=ENGLISH)

        assert page.status_code == 200, path
        assert 'lang="en"' in page.text, path

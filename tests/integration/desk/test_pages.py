"""The landing page is for everyone, the home for everyone who is signed in."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts.states import Role
from tests.factories.accounts import make_organisation


def test_anyone_can_check_a_certificate_from_the_first_page(client: FlaskClient) -> None:
    page = client.get("/").text
    assert 'action="/verify"' in page
    assert 'name="q"' in page
    assert page.count("button-primary") == 2, "one primary action, and the one of the confirm dialog"


def test_the_first_page_speaks_english_too(client: FlaskClient) -> None:
    client.set_cookie("lang", "en")
    assert "trained, examined, certified" in client.get("/").text


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_home(sign_in: Callable[..., FlaskClient], role: Role) -> None:
    browser = sign_in(role, organisation=make_organisation())
    page = browser.get("/home")
    assert page.status_code == 200
    assert "暂无待办" in page.text
    browser.set_cookie("lang", "en")
    assert browser.get("/home").status_code == 200


def test_home_costs_the_same_however_much_waits(
    sign_in: Callable[..., FlaskClient], count_statements: Callable[[], list[str]]
) -> None:
    browser = sign_in(Role.REGULATOR)
    statements = count_statements()
    browser.get("/home")
    assert len(statements) < 12, statements

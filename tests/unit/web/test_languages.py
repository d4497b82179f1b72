"""Each request speaks the language that was chosen for it."""

import pytest
from flask import Flask, make_response
from flask.testing import FlaskClient

from app.core.text import _
from app.web import languages


@pytest.mark.parametrize(
    ("headers", "locale"),
    [
        ({}, "zh_CN"),
        ({"Accept-Language": "fr"}, "zh_CN"),
        ({"Accept-Language": "en-GB,en;q=0.9"}, "en"),
        ({"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}, "zh_CN"),
        ({"Accept-Language": "en", "Cookie": "lang=zh_CN"}, "zh_CN"),
        ({"Accept-Language": "en", "Cookie": "lang=xx"}, "en"),
    ],
)
def test_the_switch_goes_before_the_browser_and_chinese_is_the_default(
    app: Flask, headers: dict[str, str], locale: str
) -> None:
    with app.test_request_context(headers=headers):
        assert languages.choose() == locale


def test_jobs_and_commands_speak_the_default(app: Flask) -> None:
    with app.app_context():
        assert languages.choose() == "zh_CN"


def test_the_words_follow_the_choice(app: Flask) -> None:
    with app.test_request_context(headers={"Cookie": "lang=zh_CN"}):
        assert _("Sign in") == "登录"
    with app.test_request_context(headers={"Cookie": "lang=en"}):
        assert _("Sign in") == "Sign in"


@pytest.mark.parametrize(
    ("cookie", "preferred", "kept"), [("", "en", True), ("lang=zh_CN", "en", False), ("", None, False)]
)
def test_the_preference_is_adopted_unless_the_switch_was_used(
    app: Flask, cookie: str, preferred: str | None, *, kept: bool
) -> None:
    with app.test_request_context(headers={"Cookie": cookie}):
        response = make_response("in")
        languages.adopt(response, preferred, secure=True)

    assert ("lang=en" in response.headers.get("Set-Cookie", "")) is kept


@pytest.mark.parametrize(
    ("address", "cookie", "goes_to"),
    [
        ("/lang/en?next=/design", "lang=en", "/design"),
        ("/lang/zh_CN", "lang=zh_CN", "/"),
        ("/theme/dark?next=/cohorts?page=2", "theme=dark", "/cohorts?page=2"),
        ("/theme/auto?next=//evil.example", "theme=auto", "/"),
        ("/theme/light?next=/%5Cevil.example", "theme=light", "/"),
        ("/theme/light?next=https://evil.example/", "theme=light", "/"),
        ("/theme/light?next=/%0d%0aevil", "theme=light", "/"),
    ],
)
def test_a_switch_is_remembered_and_leads_back_within_this_site(
    client: FlaskClient, address: str, cookie: str, goes_to: str
) -> None:
    response = client.get(address)

    assert response.status_code == 302
    assert response.headers["Location"] == goes_to
    assert response.headers["Set-Cookie"].startswith(cookie)
    assert "Secure" in response.headers["Set-Cookie"]


@pytest.mark.parametrize("address", ["/lang/fr", "/theme/pink"])
def test_a_choice_that_is_not_offered_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_the_chosen_appearance_is_in_the_page_before_any_script(client: FlaskClient) -> None:
    client.set_cookie("theme", "dark")

    assert 'data-theme="dark"' in client.get("/design/public").text

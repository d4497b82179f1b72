"""Every refusal and failure says what to do next."""

from http import HTTPStatus

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from app.core.access import public
from app.core.errors import ConflictError
from app.web.error_pages import ADVICE
from tests.page_lint import lint_page
from tests.unit.web.conftest import build


def failing(app: Flask, error: Exception) -> FlaskClient:
    @public
    def fail() -> str:
        raise error

    app.add_url_rule("/fail", "fail", fail, methods=["GET"])
    app.add_url_rule("/api/v1/fail", "api_fail", fail)
    return app.test_client()


def test_a_refusal_by_a_rule_shows_its_own_sentence(app: Flask) -> None:
    response = failing(app, ConflictError("这份名册已被他人确认。")).get("/fail")

    assert response.status_code == 409
    assert "这份名册已被他人确认。" in response.text
    assert "重新打开记录" in response.text


@pytest.mark.parametrize("path", ["/fail", "/api/v1/fail"])
def test_a_program_gets_a_problem_document(app: Flask, path: str) -> None:
    accept = {} if path.startswith("/api") else {"Accept": "application/json"}

    response = failing(app, ConflictError("Taken.")).get(path, headers=accept)

    assert response.mimetype == "application/problem+json"
    assert response.get_json() == {"type": "about:blank", "status": 409, "title": "记录已有变动", "detail": "Taken."}


def test_a_missing_page_is_explained(client: FlaskClient) -> None:
    response = client.get("/nowhere")

    assert response.status_code == 404
    assert "未找到页面" in response.text


def test_a_wrong_method_keeps_saying_which_are_allowed(app: Flask) -> None:
    response = failing(app, ConflictError("")).post("/fail")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_closed_throttle_keeps_saying_when_it_opens(app: Flask) -> None:
    response = failing(app, TooManyRequests(retry_after=30)).get("/fail")

    assert (response.status_code, response.headers["Retry-After"]) == (429, "30")


def test_a_response_raised_as_an_error_is_sent_as_it_is(app: Flask) -> None:
    @public
    def fail() -> str:
        abort(app.make_response(("made", 418)))

    app.add_url_rule("/teapot", "teapot", fail)

    assert app.test_client().get("/teapot").text == "made"


def test_a_part_that_is_missing_is_named(app: Flask) -> None:
    assert "暂时不可用" in failing(app, ServiceUnavailable()).get("/fail").text


def test_a_bug_shows_a_reference_and_nothing_of_the_inside() -> None:
    response = failing(build(testing=False), ValueError("secret detail")).get("/fail")

    assert response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "secret detail" not in response.text
    assert "技术支持编号" in response.text


def test_a_form_without_its_token_is_told_to_be_sent_again() -> None:
    response = failing(build(testing=False), ValueError()).post("/lang/en", data={"a": "b"})

    assert response.status_code in {400, 405}


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
@pytest.mark.parametrize("status", sorted(ADVICE))
def test_each_error_page_is_sound_in_both_languages(client: FlaskClient, status: int, lang: str) -> None:
    client.set_cookie("lang", lang)

    page = client.get(f"/design/{status}").text

    assert lint_page(page, lang[:2]) == []

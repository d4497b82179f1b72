"""A cookie's signature is computed once; a changed one is never taken for it."""

import pytest
from flask import Flask, Request, session
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import EnvironBuilder

from app.web import cookies
from app.web.cookies import RememberingCookies


@pytest.fixture
def site() -> Flask:
    app = Flask("site")
    app.secret_key = "demo-for-tests"
    cookies.init_app(app)
    return app


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each check of a signature."""
    noted: list[str] = []
    real = URLSafeTimedSerializer.loads

    def loads(self: URLSafeTimedSerializer, text: str, **given: object) -> object:
        noted.append(text)
        return real(self, text, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(URLSafeTimedSerializer, "loads", loads)
    return noted


def opened(site: Flask, text: str) -> dict[str, object]:
    builder = EnvironBuilder(headers=[("Cookie", f"session={text}")])
    found = site.session_interface.open_session(site, Request(builder.get_environ()))
    return dict(found or {})


def signed(site: Flask, **values: object) -> str:
    signer = site.session_interface.get_signing_serializer(site)  # type: ignore[attr-defined]
    return str(signer.dumps(values))


def test_a_known_cookie_is_not_checked_again(site: Flask, checks: list[str]) -> None:
    text = signed(site, _user_id="token", _fresh=True)

    assert opened(site, text) == opened(site, text) == {"_user_id": "token", "_fresh": True}
    assert len(checks) == 1


def test_a_cookie_that_differs_in_one_letter_opens_nothing(site: Flask) -> None:
    text = signed(site, _user_id="token")
    opened(site, text)

    for place in (0, len(text) // 2, len(text) - 2):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert opened(site, changed) == {}


def test_the_check_is_forgotten_after_a_while(site: Flask, checks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = signed(site, _user_id="token")
    monkeypatch.setattr(cookies, "KNOWN_SECONDS", -1.0)

    opened(site, text)
    opened(site, text)

    assert len(checks) == 2


def test_a_process_remembers_only_so_many(site: Flask, checks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cookies, "MOST_KNOWN", 1)
    one, other = signed(site, _user_id="one"), signed(site, _user_id="other")

    for text in (one, other, one):
        opened(site, text)

    assert len(checks) == 3


def test_what_a_view_could_change_in_place_is_read_each_time(site: Flask, checks: list[str]) -> None:
    text = signed(site, words=["a list"])

    first = opened(site, text)
    first["words"].append("changed")  # type: ignore[attr-defined]

    assert opened(site, text) == {"words": ["a list"]}
    assert len(checks) == 2


def test_what_one_request_writes_does_not_reach_another(site: Flask) -> None:
    text = signed(site, _user_id="token")
    opened(site, text)
    assert isinstance(site.session_interface, RememberingCookies)

    with site.test_request_context(headers={"Cookie": f"session={text}"}):
        session["_user_id"] = "changed"

    assert opened(site, text) == {"_user_id": "token"}

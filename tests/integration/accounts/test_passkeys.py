"""Passkeys: made and shown for this site only, by a verified user, each answer once, copies found out."""

import html
import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts import queries, security
from app.accounts.models import Passkey, SpentChallenge
from app.accounts.services.passkeys import MOST
from app.accounts.services.people import open_field
from app.accounts.states import Role
from app.accounts.views import challenge
from app.accounts.views.confirm import FRESH_FOR
from app.core import clock, post
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.events import Event
from tests.factories.accounts import PASSWORD, Member, make_account, make_member
from tests.factories.authenticator import FLAG, Device, stored_form
from tests.submit import submit
from tests.worlds import built_once

Browse = Callable[[Member], FlaskClient]
OPTIONS = re.compile(r'data-options="([^"]+)"')
PAGE = "/me/security/passkeys"


@pytest.fixture(name="author")
@built_once
def _author(app: Flask) -> Member:
    del app
    member = make_member(Role.AUTHOR)
    make_account(member.person)
    return member


def options_of(page: TestResponse) -> dict:
    found = OPTIONS.search(page.text)
    assert found
    return json.loads(html.unescape(found[1]))


def add(browser: FlaskClient, device: Device, name: str = "办公室电脑") -> TestResponse:
    challenge = options_of(browser.get(PAGE))["challenge"]
    return browser.post(PAGE, data={"name": name, "credential": device.create(challenge)})


def alone(browser: FlaskClient, device: Device, **fields: str) -> TestResponse:
    challenge = options_of(browser.get("/sign-in"))["challenge"]
    return browser.post("/sign-in/passkey", data={"credential": device.get(challenge), **fields})


def kept(member: Member, device: Device | None = None, name: str = "手机") -> Device:
    """Give a member a passkey without a browser."""
    device = device or Device(count=0)
    with unit_of_work():
        row = Passkey(
            person_id=member.person.id,
            credential=device.credential,
            public_key=stored_form(device),
            name=name,
            added_at=real_now(),
        )
        session.add(row)
    return device


def kinds(prefix: str = "accounts.passkey") -> list[str]:
    listed = session.scalars(select(Event.kind).order_by(Event.id))
    return [kind for kind in listed if kind.startswith(prefix)]


def test_a_passkey_is_made_for_this_host_with_a_verified_user_and_told_by_letter(
    browser_of: Browse, author: Member, run_jobs: Callable[[], int]
) -> None:
    browser, device = browser_of(author), Device()
    asked = options_of(browser.get(PAGE))
    assert asked["rp"]["id"] == "localhost"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert add(browser, device).location == PAGE
    assert "办公室电脑" in browser.get(PAGE).text
    assert kinds() == ["accounts.passkey_added"]
    run_jobs()
    assert [one.subject for one in post.in_memory() if isinstance(one, post.Letter)] == ["您的账号已添加通行密钥"]


def test_a_passkey_alone_opens_the_door_of_staff(app: Flask, browser_of: Browse, author: Member) -> None:
    device = Device()
    add(browser_of(author), device)
    device.count += 1
    stranger = app.test_client()
    assert alone(stranger, device, next="/me").location == "/me"
    assert author.person.name in stranger.get("/home").text
    row = session.scalars(select(Passkey)).one()
    assert (row.sign_count, row.used_at is not None) == (2, True)


def test_a_passkey_is_the_second_factor_after_the_password(client: FlaskClient, author: Member) -> None:
    device = kept(author)
    email = open_field(author.person, "person.email")
    assert submit(client, "/sign-in", name=email, password=PASSWORD).location == "/sign-in/second-factor"
    page = client.get("/sign-in/second-factor")
    asked = options_of(page)
    assert len(asked["allowCredentials"]) == 1
    assert 'name="code"' not in page.text, "no app is set up, so none is asked for"
    assert client.post("/sign-in/second-factor", data={"code": "123456"}).status_code == 422, "nor may one be added"
    asked = options_of(client.get("/sign-in/second-factor"))
    answer = client.post("/sign-in/second-factor/passkey", data={"credential": device.get(asked["challenge"])})
    assert answer.location == "/home"


def test_the_passkey_of_another_person_is_no_second_factor(client: FlaskClient, author: Member) -> None:
    kept(author)
    other = kept(make_member(Role.AUTHOR))
    email = open_field(author.person, "person.email")
    submit(client, "/sign-in", name=email, password=PASSWORD)
    asked = options_of(client.get("/sign-in/second-factor"))
    answer = client.post("/sign-in/second-factor/passkey", data={"credential": other.get(asked["challenge"])})
    assert answer.location == "/sign-in/second-factor"
    assert client.get("/home").status_code == 401


@pytest.mark.one_database
def test_the_second_step_by_passkey_needs_the_first(client: FlaskClient, author: Member) -> None:
    device = kept(author)
    asked = options_of(client.get("/sign-in"))
    answer = client.post("/sign-in/second-factor/passkey", data={"credential": device.get(asked["challenge"])})
    assert answer.location == "/sign-in"


@pytest.mark.one_database
@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:9999"},
        {"host": "evil.example"},
        {"flags": FLAG.UP},
        {"flags": FLAG.UV},
    ],
    ids=["origin", "port", "host", "not verified", "not present"],
)
def test_an_answer_for_another_site_or_without_its_user_opens_nothing(
    client: FlaskClient, browser_of: Browse, author: Member, bent: dict
) -> None:
    device = kept(author)
    for name, value in bent.items():
        setattr(device, name, value)
    assert alone(client, device).location.startswith("/sign-in")
    assert client.get("/home").status_code == 401
    fresh = Device(**bent)
    assert add(browser_of(author), fresh).status_code == 422
    assert kinds() == []


@pytest.mark.one_database
def test_another_key_does_not_sign_for_a_known_passkey(client: FlaskClient, author: Member) -> None:
    device = kept(author)
    forged = Device(credential=device.credential)
    assert alone(client, forged).location.startswith("/sign-in")
    assert alone(client, Device()).location.startswith("/sign-in"), "nor an unknown passkey"
    assert client.get("/home").status_code == 401


@pytest.mark.one_database
@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", "not json", '{"id": "AA", "rawId": 1, "response": {}}'])
def test_what_is_no_answer_is_refused_in_words(
    client: FlaskClient, browser_of: Browse, author: Member, credential: str
) -> None:
    client.get("/sign-in")
    assert client.post("/sign-in/passkey", data={"credential": credential}).location == "/sign-in?next=/"
    assert "alert-bad" in client.get("/sign-in").text
    browser = browser_of(author)
    browser.get(PAGE)
    refused = browser.post(PAGE, data={"name": "手机", "credential": credential})
    assert refused.status_code == 422
    assert "手机" in refused.text, "the name is not lost"


def test_an_answer_opens_a_door_once_even_with_the_old_cookie(app: Flask, author: Member) -> None:
    device = kept(author)
    first, second = app.test_client(), app.test_client()
    answer = device.get(options_of(first.get("/sign-in"))["challenge"])
    with first.session_transaction() as cookie:
        old = dict(cookie)
    assert first.post("/sign-in/passkey", data={"credential": answer}).location == "/home"
    with second.session_transaction() as cookie:
        cookie.update(old)
    assert second.post("/sign-in/passkey", data={"credential": answer}).location.startswith("/sign-in")
    assert second.get("/home").status_code == 401
    assert len(session.scalars(select(SpentChallenge)).all()) == 1


@pytest.mark.one_database
def test_an_answer_to_another_question_opens_nothing(client: FlaskClient, author: Member) -> None:
    device = kept(author)
    challenge = options_of(client.get("/sign-in"))["challenge"]
    client.get("/sign-in")
    answer = client.post("/sign-in/passkey", data={"credential": device.get(challenge)})
    assert answer.location.startswith("/sign-in")
    assert client.post("/sign-in/passkey", data={"credential": device.get(challenge)}).location.startswith("/sign-in")


@pytest.mark.one_database
def test_a_question_waits_for_ten_minutes(client: FlaskClient, author: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    device = kept(author)
    asked = options_of(client.get("/sign-in"))["challenge"]
    instant = real_now() + challenge.ANSWERED_WITHIN
    monkeypatch.setattr(clock, "real_now", lambda: instant)
    answer = client.post("/sign-in/passkey", data={"credential": device.get(asked)})
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize(("counts", "opens"), [((5, 5), False), ((5, 4), False), ((5, 0), False), ((5, 6), True)])
def test_a_counter_that_does_not_go_on_shows_a_copy(
    app: Flask, author: Member, counts: tuple[int, int], opens: bool
) -> None:
    device = kept(author)
    answers = []
    for count in counts:
        device.count = count
        browser = app.test_client()
        answers.append(alone(browser, device).location == "/home")
    assert answers == [True, opens]
    assert kinds() == ([] if opens else ["accounts.passkey_suspect"])


def test_a_device_without_a_counter_opens_again(app: Flask, author: Member) -> None:
    device = kept(author)
    assert [alone(app.test_client(), device).location for _time in range(2)] == ["/home", "/home"]


def test_a_passkey_is_renamed_and_removed_but_not_the_last_factor_of_staff(browser_of: Browse, author: Member) -> None:
    browser = browser_of(author)
    kept(author)
    first = security.passkeys_of(author.person.id)[0].code
    assert submit(browser, f"{PAGE}/{first}", name=" 新 手机 ").location == PAGE
    assert "新 手机" in browser.get(f"{PAGE}/{first}").text
    assert submit(browser, f"{PAGE}/{first}", name="").status_code == 422
    refused = browser.post(f"{PAGE}/{first}/remove")
    assert refused.status_code == 409
    kept(author, name="备用")
    assert browser.post(f"{PAGE}/{first}/remove").location == PAGE
    assert [one.name for one in security.passkeys_of(author.person.id)] == ["备用"]
    assert kinds() == ["accounts.passkey_renamed", "accounts.passkey_removed"]


@pytest.mark.one_database
def test_the_passkey_of_another_person_does_not_exist_for_me(browser_of: Browse, author: Member) -> None:
    kept(author)
    code = security.passkeys_of(author.person.id)[0].code
    stranger = make_member(Role.TRAINEE)
    make_account(stranger.person)
    browser = browser_of(stranger)
    assert browser.get(f"{PAGE}/{code}").status_code == 404
    assert browser.post(f"{PAGE}/{code}", data={"name": "mine"}).status_code == 404
    assert browser.post(f"{PAGE}/{code}/remove").status_code == 404


def test_one_passkey_is_kept_once_and_twenty_at_most(browser_of: Browse, author: Member) -> None:
    browser, device = browser_of(author), Device()
    add(browser, device)
    again = add(browser, device)
    assert again.status_code == 409
    assert "该通行密钥已登记" in again.text
    for _number in range(MOST - 1):
        kept(author)
    assert add(browser, Device()).status_code == 409


@pytest.mark.one_database
@pytest.mark.parametrize("name", ["", "字" * 61])
def test_a_passkey_has_a_name(browser_of: Browse, author: Member, name: str) -> None:
    assert add(browser_of(author), Device(), name).status_code == 422


@pytest.mark.one_database
def test_a_passkey_confirms_that_it_is_the_person(
    browser_of: Browse, author: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, foreign = kept(author), kept(make_member(Role.TRAINEE))
    browser = browser_of(author)
    instant = real_now() + FRESH_FOR
    monkeypatch.setattr(clock, "real_now", lambda: instant)
    assert browser.get(PAGE).location == f"/confirm?next={PAGE}"
    for one, leads_to in ((foreign, f"/confirm?next={PAGE}"), (device, PAGE)):
        asked = options_of(browser.get(f"/confirm?next={PAGE}"))["challenge"]
        answer = browser.post("/confirm/passkey", data={"credential": one.get(asked), "next": PAGE})
        assert answer.location == leads_to
    assert browser.get(PAGE).status_code == 200


def test_an_erased_person_enters_by_no_passkey(client: FlaskClient, author: Member) -> None:
    device = kept(author)
    with unit_of_work():
        person = queries.person(author.person.code)
        person.erased_at, person.data_key = real_now(), None
    assert alone(client, device).location.startswith("/sign-in")
    nobody = kept(make_member(Role.TRAINEE))
    assert alone(client, nobody).location.startswith("/sign-in"), "nor one who has no account"

"""The first second factor of staff: a passkey or an app, as they choose; recovery codes follow; nobody is spared."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts import security
from app.accounts.rules import totp
from app.accounts.services.people import open_field
from app.accounts.states import Role
from app.core import clock
from app.core.clock import real_now
from app.core.db import session
from app.core.events import Event
from tests.factories.accounts import PASSWORD, Member, make_account, make_member
from tests.factories.authenticator import FLAG, Device
from tests.integration.accounts.test_passkeys import kept, options_of
from tests.submit import submit
from tests.worlds import built_once

PAGE, ADD = "/sign-in/second-factor", "/sign-in/second-factor/new-passkey"


@pytest.fixture(name="author")
@built_once
def _author(app: Flask) -> Member:
    del app
    member = make_member(Role.AUTHOR)
    make_account(member.person)
    return member


def enter(browser: FlaskClient, member: Member, wanted: str = "") -> TestResponse:
    return submit(browser, "/sign-in", name=open_field(member.person, "person.email"), password=PASSWORD, next=wanted)


def enrol(browser: FlaskClient, device: Device, name: str = "办公室电脑") -> TestResponse:
    challenge = options_of(browser.get(PAGE))["challenge"]
    return browser.post(ADD, data={"name": name, "credential": device.create(challenge)})


def test_staff_choose_a_passkey_as_their_first_factor_and_recovery_codes_follow(
    app: Flask, client: FlaskClient, author: Member
) -> None:
    assert enter(client, author, "/inbox").location == PAGE
    page = client.get(PAGE).text
    assert ADD in page, "a passkey is offered"
    assert "<svg" in page, "and an app beside it"
    device = Device(count=0)

    entered = enrol(client, device)

    assert entered.location == "/me/security/recovery?next=/inbox"
    assert [one.name for one in security.passkeys_of(author.person.id)] == ["办公室电脑"]
    page = client.get(entered.location).text
    assert 'href="/inbox"' in page, "whoever is in a hurry takes the codes later"
    shown = submit(client, "/me/security/recovery?next=/inbox")
    assert shown.text.count("data-copy") >= 10
    assert 'href="/inbox"' in shown.text
    told = session.scalars(select(Event.kind).where(Event.subject_code == author.person.code)).all()
    assert {"accounts.passkey_added", "accounts.recovery_codes_made"} <= set(told)
    other = app.test_client()
    enter(other, author)
    asked = options_of(other.get(PAGE))
    assert other.post(f"{PAGE}/passkey", data={"credential": device.get(asked["challenge"])}).location == "/home"


@pytest.mark.one_database
def test_before_either_factor_is_set_up_nothing_is_open(client: FlaskClient, author: Member) -> None:
    enter(client, author)
    assert client.get("/home").status_code == 401
    assert client.get("/me/security/recovery").status_code == 401


@pytest.mark.one_database
def test_who_knows_only_the_password_adds_no_passkey_to_a_guarded_account(
    app: Flask, client: FlaskClient, author: Member
) -> None:
    thief = app.test_client()
    enter(thief, author)
    challenge = options_of(thief.get(PAGE))["challenge"]
    enter(client, author)
    enrol(client, Device())

    late = thief.post(ADD, data={"name": "手机", "credential": Device().create(challenge)})

    assert late.status_code == 409
    assert thief.get("/home").status_code == 401
    assert len(security.passkeys_of(author.person.id)) == 1
    stranger = app.test_client()
    enter(stranger, author)
    assert stranger.post(ADD, data={"name": "手机", "credential": "{}"}).location == "/sign-in"


@pytest.mark.one_database
def test_after_an_app_was_set_up_in_another_tab_the_code_is_checked_against_that_one(
    app: Flask, client: FlaskClient, author: Member
) -> None:
    other = app.test_client()
    enter(other, author)
    kept(author)
    assert ADD not in other.get(PAGE).text, "the page asks for the passkey that is there now"
    with other.session_transaction() as cookie:
        secret = cookie["pending"]["secret"]
    code = totp.code_of(secret, totp.current_step(real_now()))
    assert submit(other, PAGE, page="/sign-in", code=code).status_code == 422
    del client


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("device", "name"),
    [
        (Device(flags=FLAG.UP), "手机"),
        (Device(origin="http://evil.example"), "手机"),
        (Device(), "  "),
        (Device(), "字" * 61),
    ],
    ids=["user not verified", "other site", "no name", "long name"],
)
def test_a_passkey_that_does_not_fit_is_refused_and_nothing_typed_is_lost(
    client: FlaskClient, author: Member, device: Device, name: str
) -> None:
    enter(client, author)
    refused = enrol(client, device, name)
    assert refused.status_code == 422
    assert name.strip() in refused.text
    assert security.passkeys_of(author.person.id) == []
    assert enrol(client, Device()).status_code == 302, "another try is open"


@pytest.mark.one_database
def test_the_choice_stays_open_for_ten_minutes(
    client: FlaskClient, author: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(client, author)
    challenge = options_of(client.get(PAGE))["challenge"]
    later = real_now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    late = client.post(ADD, data={"name": "手机", "credential": Device().create(challenge)})
    assert late.location == "/sign-in"


@pytest.mark.one_database
def test_the_way_on_after_the_codes_stays_on_this_site(
    browser_of: Callable[[Member], FlaskClient], author: Member
) -> None:
    page = browser_of(author).get("/me/security/recovery?next=https://evil.example/").text
    assert "evil.example" not in page.partition("<main")[2]

"""Sign-in: three names for one account, one sentence for every wrong pair, codes spent once, doors that slow."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.accounts import jobs, queries, services
from app.accounts.jobs import SWEEP
from app.accounts.models import Account, SignInSession, Throttle
from app.accounts.rules import slowing, totp
from app.accounts.services.people import open_field
from app.accounts.states import Role
from app.core import clock
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from tests.factories.accounts import PASSWORD, Member, make_account, make_member
from tests.submit import submit
from tests.worlds import built_once

SEED = "JBSWY3DPEHPK3PXP"
WRONG = "账号与密码不符"


@pytest.fixture
@built_once
def trainee(app: object) -> Member:
    del app
    member = make_member(Role.TRAINEE)
    make_account(member.person)
    return member


@pytest.fixture
@built_once
def examiner(app: object) -> Member:
    del app
    member = make_member(Role.EXAMINER)
    make_account(member.person, totp_secret=SEED)
    return member


def enter(client: FlaskClient, member: Member, password: str = PASSWORD, name: str = "email") -> int:
    typed = open_field(member.person, f"person.{name}")
    return submit(client, "/sign-in", name=typed, password=password).status_code


def present_code(steps: int = 0) -> str:
    return totp.code_of(SEED, totp.current_step(real_now()) + steps)


@pytest.mark.parametrize("name", ["email", "phone", "identity"])
def test_a_trainee_enters_by_mail_telephone_or_identity_number(client: FlaskClient, trainee: Member, name: str) -> None:
    assert enter(client, trainee, name=name) == 302
    home = client.get("/home")
    assert home.status_code == 200
    assert trainee.person.name in home.text
    assert "学员" in home.text


def test_a_wrong_password_and_an_unknown_name_get_the_same_sentence(client: FlaskClient, trainee: Member) -> None:
    known = submit(client, "/sign-in", name=open_field(trainee.person, "person.email"), password="wrong-password")
    unknown = submit(client, "/sign-in", name="nobody@demo.example", password="wrong-password")
    assert known.status_code == unknown.status_code == 422
    assert WRONG in known.text
    assert WRONG in unknown.text
    assert "nobody@demo.example" in unknown.text, "what was typed is not lost"
    assert client.get("/home").status_code == 401


def test_one_goes_where_one_wanted_but_never_to_another_site(client: FlaskClient, trainee: Member) -> None:
    email = open_field(trainee.person, "person.email")
    assert client.get("/me", headers={"Accept": "text/html"}).location == "/sign-in?next=/me"
    fields = {"name": email, "password": PASSWORD}
    inside = submit(client, "/sign-in", page="/sign-in?next=/me", next="/me", **fields)
    assert inside.location == "/me"
    assert client.get("/sign-in").location == "/home"
    submit(client, "/sign-out", page="/home")
    outside = submit(client, "/sign-in", next="//evil.example/", **fields)
    assert outside.location == "/home"


def test_the_cookie_holds_a_token_of_which_the_database_knows_the_digest(client: FlaskClient, trainee: Member) -> None:
    enter(client, trainee)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    row = session.scalars(select(SignInSession)).one()
    assert token.encode() not in row.token
    assert len(row.token) == 32


def test_staff_show_a_second_factor(client: FlaskClient, examiner: Member) -> None:
    assert enter(client, examiner) == 302
    assert client.get("/home").status_code == 401, "the password alone opens nothing"
    assert submit(client, "/sign-in/second-factor", code=present_code()).location == "/home"
    assert "考务人员" in client.get("/home").text


def test_a_code_opens_the_door_once(app: object, client: FlaskClient, examiner: Member) -> None:
    code = present_code()
    enter(client, examiner)
    submit(client, "/sign-in/second-factor", code=code)
    other = app.test_client()  # type: ignore[attr-defined]
    enter(other, examiner)
    replayed = submit(other, "/sign-in/second-factor", code=code)
    assert replayed.status_code == 422
    assert "该动态码已使用" in replayed.text
    assert submit(other, "/sign-in/second-factor", code=present_code(1)).status_code == 302


def test_a_wrong_code_is_refused(client: FlaskClient, examiner: Member) -> None:
    enter(client, examiner)
    refused = submit(client, "/sign-in/second-factor", code=present_code(-5))
    assert refused.status_code == 422
    assert "动态码不正确" in refused.text
    assert submit(client, "/sign-in/second-factor", code="").status_code == 422


def test_the_second_step_needs_the_first(client: FlaskClient, examiner: Member) -> None:
    del examiner
    assert client.get("/sign-in/second-factor").location == "/sign-in"
    assert submit(client, "/sign-in/second-factor", page="/sign-in", code="123456").location == "/sign-in"


def test_the_second_step_ends_after_ten_minutes(
    client: FlaskClient, examiner: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(client, examiner)
    later = real_now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert client.get("/sign-in/second-factor").location == "/sign-in"


def test_staff_without_a_second_factor_set_one_up(client: FlaskClient, app: object) -> None:
    member = make_member(Role.AUTHOR)
    make_account(member.person)
    enter(client, member)
    page = client.get("/sign-in/second-factor")
    assert "<svg" in page.text
    with client.session_transaction() as cookie:
        secret = cookie["pending"]["secret"]
    assert secret in page.text
    code = totp.code_of(secret, totp.current_step(real_now()))
    entered = submit(client, "/sign-in/second-factor", code=code)
    assert entered.location == "/me/security/recovery?next=/home", "recovery codes follow"
    other = app.test_client()  # type: ignore[attr-defined]
    enter(other, member)
    assert submit(other, "/sign-in/second-factor", code=code).status_code == 422, "the code shown at set-up is spent"


@pytest.mark.usefixtures("time_stands")
def test_guessing_is_slowed_after_five_tries(client: FlaskClient, trainee: Member) -> None:
    for _try in range(slowing.FREE_TRIES):
        assert enter(client, trainee, "wrong-password") == 422
    assert enter(client, trainee, "wrong-password") == 429
    assert enter(client, trainee) == 429, "even the right one has to wait"


def test_waiting_opens_the_door_again(client: FlaskClient, trainee: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    for _try in range(slowing.FREE_TRIES + 1):
        enter(client, trainee, "wrong-password")
    later = real_now() + timedelta(seconds=3)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert enter(client, trainee) == 302
    assert session.scalars(select(Throttle.door)).all() == ["password-source"], "a right answer is forgiven"


@pytest.mark.usefixtures("time_stands")
def test_a_guesser_elsewhere_does_not_lock_the_victim_out(app: object, client: FlaskClient, trainee: Member) -> None:
    guesser = app.test_client()  # type: ignore[attr-defined]
    guesser.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    for _try in range(slowing.FREE_TRIES + 1):
        enter(guesser, trainee, "wrong-password")
    assert enter(guesser, trainee, "wrong-password") == 429
    assert enter(client, trainee) == 302


def test_a_guesser_behind_the_same_address_does_not_lock_out_a_browser_known_before(
    app: object, client: FlaskClient, trainee: Member
) -> None:
    enter(client, trainee)
    submit(client, "/sign-out", page="/home")
    guesser = app.test_client()  # type: ignore[attr-defined]
    guesser.set_cookie("device", "a made-up cookie")
    for _try in range(slowing.FREE_TRIES + 1):
        enter(guesser, trainee, "wrong-password")
    assert enter(guesser, trainee, "wrong-password") == 429
    assert enter(client, trainee) == 302


def test_an_unknown_name_is_slowed_like_a_known_one(client: FlaskClient) -> None:
    codes = [
        submit(client, "/sign-in", name="nobody@demo.example", password="wrong-password").status_code
        for _try in range(slowing.FREE_TRIES + 1)
    ]
    assert codes == [422] * slowing.FREE_TRIES + [429]


def test_codes_are_slowed_too(client: FlaskClient, examiner: Member) -> None:
    enter(client, examiner)
    codes = [
        submit(client, "/sign-in/second-factor", code="000000").status_code for _try in range(slowing.FREE_TRIES + 1)
    ]
    assert codes == [422] * slowing.FREE_TRIES + [429]


def test_an_erased_person_has_no_door(client: FlaskClient, trainee: Member) -> None:
    enter(client, trainee)
    with unit_of_work():
        person = session.get_one(type(trainee.person), trainee.person.id)
        person.erased_at = real_now()
        person.data_key = None
    assert client.get("/home").status_code == 401


def test_two_tries_with_one_code_at_once_spend_it_once(examiner: Member) -> None:
    account = queries.account_of_code(examiner.person.code)
    now = real_now()
    with unit_of_work():
        session.execute(update(Account).values(totp_last_step=totp.current_step(now)))
    with pytest.raises(Exception, match="动态码"), unit_of_work():
        services.check_code(account, totp.code_of(SEED, totp.current_step(now)), at=now)


def test_signing_out_ends_the_row_not_only_the_cookie(client: FlaskClient, trainee: Member) -> None:
    enter(client, trainee)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert submit(client, "/sign-out", page="/home").location == "/"
    assert "已退出登录" in client.get("/").text
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert client.get("/home").status_code == 401, "a copied cookie opens nothing any more"


def test_old_tries_are_swept_away(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(client, "/sign-in", name="nobody@demo.example", password="wrong-password")
    SWEEP.run()
    assert session.scalar(select(func.count()).select_from(Throttle)) == 2
    later = real_now() + timedelta(hours=2)
    monkeypatch.setattr(jobs, "real_now", lambda: later)
    SWEEP.run()
    assert session.scalar(select(func.count()).select_from(Throttle)) == 0


def try_many(client: FlaskClient, count: int) -> list[int]:
    """Try a wrong password at many names, once each."""
    return [
        submit(client, "/sign-in", name=f"nobody{place}@demo.example", password="wrong-password").status_code
        for place in range(count)
    ]


@pytest.mark.usefixtures("time_stands")
def test_one_address_does_not_try_a_password_at_many_accounts(
    app: Flask, client: FlaskClient, trainee: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slowing, "SOURCE_TRIES", 4)
    known = app.test_client()
    enter(known, trainee)
    submit(known, "/sign-out", page="/home")
    assert try_many(client, 5) == [422] * 4 + [429]
    assert enter(client, trainee) == 429, "whoever is named"
    assert enter(known, trainee) == 302, "not a browser that entered the account before"
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert enter(elsewhere, trainee) == 302, "nor who comes from another address"


@pytest.mark.usefixtures("time_stands")
def test_a_line_with_many_addresses_is_one_source(app: Flask, trainee: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slowing, "SOURCE_TRIES", 4)

    def from_(address: str) -> FlaskClient:
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        return client

    answers = [try_many(from_(f"2001:db8:0:1::{place}"), 1) for place in range(1, 6)]
    assert answers == [[422]] * 4 + [[429]]
    assert enter(from_("2001:db8:0:2::1"), trainee) == 302, "not who comes by another line"


def test_an_address_waits_some_seconds_only_and_right_answers_do_not_count(
    app: Flask, client: FlaskClient, trainee: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slowing, "SOURCE_TRIES", 2)
    now = real_now()
    monkeypatch.setattr(clock, "real_now", lambda: now)
    for _time in range(3):
        assert enter(app.test_client(), trainee) == 302
    assert try_many(client, 3) == [422, 422, 429]
    later = now + slowing.DRAIN
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert enter(client, trainee) == 302


@pytest.mark.usefixtures("time_stands")
def test_a_try_at_a_closed_account_is_not_counted_at_its_address(client: FlaskClient, trainee: Member) -> None:
    for _try in range(slowing.FREE_TRIES + 3):
        enter(client, trainee, "wrong-password")
    counted = select(Throttle.failures).where(Throttle.door == "password-source")
    assert session.scalars(counted).all() == [slowing.FREE_TRIES]

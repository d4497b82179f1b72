"""What guards an account: app and recovery codes, confirming again, sessions, change of password, letters about it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import queries, security, services
from app.accounts.models import PastPassword, RecoveryCode, SignInSession
from app.accounts.rules import slowing, totp
from app.accounts.services.people import open_field
from app.accounts.states import Role
from app.accounts.views.confirm import FRESH_FOR
from app.core import clock, post
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, InvalidError
from app.core.events import Event
from tests.factories.accounts import PASSWORD, Member, make_account, make_member
from tests.submit import submit
from tests.worlds import built_once

SEED = "JBSWY3DPEHPK3PXP"
NEW = "山高月小水落石出-730"
Browse = Callable[[Member], FlaskClient]


@pytest.fixture(name="trainee")
@built_once
def _trainee(app: Flask) -> Member:
    del app
    member = make_member(Role.TRAINEE)
    make_account(member.person)
    return member


@pytest.fixture(name="author")
@built_once
def _author(app: Flask) -> Member:
    del app
    member = make_member(Role.AUTHOR)
    make_account(member.person, totp_secret=SEED)
    return member


def kinds() -> list[str]:
    return list(session.scalars(select(Event.kind).order_by(Event.id)))


def code_of(secret: str, steps: int = 0) -> str:
    return totp.code_of(secret, totp.current_step(real_now()) + steps)


def later(monkeypatch: pytest.MonkeyPatch, passed: timedelta) -> None:
    instant = real_now() + passed
    monkeypatch.setattr(clock, "real_now", lambda: instant)


def first_step(client: FlaskClient, member: Member, password: str = PASSWORD) -> None:
    submit(client, "/sign-in", name=open_field(member.person, "person.email"), password=password)


def codes_for(member: Member) -> list[str]:
    with unit_of_work():
        account = queries.account_of_code(member.person.code)
        return services.make_recovery_codes(account, by=member.actor, at=real_now())


def test_a_person_sets_up_an_app_by_its_qr_code_and_is_asked_for_it(
    app: Flask, browser_of: Browse, trainee: Member
) -> None:
    browser = browser_of(trainee)
    page = browser.get("/me/security/app")
    assert "<svg" in page.text
    with browser.session_transaction() as cookie:
        secret = cookie["new_factor"]
    assert secret in page.text
    wrong = browser.post("/me/security/app", data={"code": "000000"})
    assert wrong.status_code == 422
    assert secret in wrong.text, "the key that the phone holds already stays the same"
    assert browser.post("/me/security/app", data={"code": ""}).status_code == 422
    assert browser.post("/me/security/app", data={"code": code_of(secret)}).location == "/me"
    assert kinds()[-1] == "accounts.second_factor_set"
    other = app.test_client()
    first_step(other, trainee)
    assert other.get("/home").status_code == 401
    assert submit(other, "/sign-in/second-factor", code=code_of(secret, 1)).location == "/home"


@pytest.mark.one_database
def test_the_first_code_needs_a_page_that_showed_its_key(browser_of: Browse, trainee: Member) -> None:
    answer = browser_of(trainee).post("/me/security/app", data={"code": "123456"})
    assert answer.location == "/me/security/app"


def test_who_may_do_without_an_app_removes_it_and_staff_may_not(
    browser_of: Browse, trainee: Member, author: Member
) -> None:
    refused = browser_of(author).post("/me/security/app/remove")
    assert refused.status_code == 409
    assert "通行密钥" in refused.text
    with unit_of_work():
        services.set_up_code(queries.account_of_code(trainee.person.code), SEED, code_of(SEED), at=real_now())
    assert browser_of(trainee).post("/me/security/app/remove").location == "/me"
    assert browser_of(trainee).post("/me/security/app/remove").status_code == 409
    assert kinds().count("accounts.second_factor_removed") == 1


def test_recovery_codes_are_shown_once_and_kept_as_digests(browser_of: Browse, author: Member) -> None:
    browser = browser_of(author)
    assert "生成十个新恢复码" in browser.get("/me/security/recovery").text
    page = submit(browser, "/me/security/recovery")
    shown = re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", page.text)
    assert len(set(shown)) == 10
    again = browser.get("/me/security/recovery").text
    assert not any(code in again for code in shown)
    kept = b"".join(session.scalars(select(RecoveryCode.digest)))
    assert not any(code.replace("-", "").encode() in kept for code in shown)
    assert page.headers["Cache-Control"] == "no-store"


def test_a_recovery_code_opens_the_second_step_once_and_a_letter_tells_it(
    app: Flask, client: FlaskClient, author: Member, run_jobs: Callable[[], int]
) -> None:
    code = codes_for(author)[0]
    first_step(client, author)
    assert "/sign-in/recovery" in client.get("/sign-in/second-factor").text
    assert submit(client, "/sign-in/recovery", code=code.lower().replace("-", " ")).location == "/me"
    assert client.get("/home").status_code == 200
    used = session.scalars(select(Event).where(Event.kind == "accounts.recovery_code_used")).one()
    assert used.data == {"left": 9}
    other = app.test_client()
    first_step(other, author)
    again = submit(other, "/sign-in/recovery", code=code)
    assert again.status_code == 422
    assert "已使用" in again.text
    run_jobs()
    letters = [one for one in post.in_memory() if isinstance(one, post.Letter)]
    assert [one.subject for one in letters] == ["您的账号使用了恢复码"]
    assert letters[0].to == open_field(author.person, "person.email")
    assert "http://localhost:8000/me" in letters[0].body


def test_new_recovery_codes_end_the_old_ones(author: Member) -> None:
    account = queries.account_of_code(author.person.code)
    old, new = codes_for(author)[0], codes_for(author)[0]
    with pytest.raises(InvalidError), unit_of_work():
        services.use_recovery_code(account, old, at=real_now())
    with unit_of_work():
        services.use_recovery_code(account, new, at=real_now())
    assert security.recovery_codes_left(author.person.id) == 9


def test_a_recovery_code_of_another_person_opens_nothing(author: Member, trainee: Member) -> None:
    code = codes_for(author)[0]
    with pytest.raises(InvalidError), unit_of_work():
        services.use_recovery_code(queries.account_of_code(trainee.person.code), code, at=real_now())


@pytest.mark.usefixtures("time_stands")
def test_guessing_recovery_codes_is_slowed_and_the_app_stays_open(
    app: Flask, client: FlaskClient, author: Member
) -> None:
    codes_for(author)
    first_step(client, author)
    tried = [submit(client, "/sign-in/recovery", code="AAAA").status_code for _try in range(slowing.FREE_TRIES + 1)]
    assert tried == [422] * slowing.FREE_TRIES + [429]
    assert submit(client, "/sign-in/recovery", code="").status_code == 422
    other = app.test_client()
    first_step(other, author)
    assert submit(other, "/sign-in/second-factor", code=code_of(SEED)).status_code == 302


@pytest.mark.one_database
def test_a_recovery_code_needs_the_first_step(client: FlaskClient) -> None:
    assert client.get("/sign-in/recovery").location == "/sign-in"
    assert client.post("/sign-in/recovery", data={"code": "AAAA"}).location == "/sign-in"


@pytest.mark.one_database
def test_a_dangerous_act_asks_again_who_it_is(
    browser_of: Browse, author: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_of(author)
    later(monkeypatch, FRESH_FOR + timedelta(seconds=1))
    assert browser.get("/me/security/recovery").location == "/confirm?next=/me/security/recovery"
    posted = browser.post("/me/security/recovery", headers={"Referer": "http://localhost/me/security/recovery"})
    assert posted.location == "/confirm?next=/me/security/recovery"
    assert security.recovery_codes_left(author.person.id) == 0, "nothing was done"
    page = "/confirm?next=/me/security/recovery"
    code = totp.code_of(SEED, totp.current_step(clock.real_now()))
    wrong = submit(browser, "/confirm", page=page, password="wrong-password", code=code, next="/me/security/recovery")
    assert wrong.status_code == 422
    stale = submit(browser, "/confirm", page=page, password=PASSWORD, code="000000", next="/me/security/recovery")
    assert stale.status_code == 422
    right = submit(browser, "/confirm", page=page, password=PASSWORD, code=code, next="/me/security/recovery")
    assert right.location == "/me/security/recovery"
    assert browser.get("/me/security/recovery").status_code == 200
    assert kinds()[-1] == "accounts.session_confirmed"
    later(monkeypatch, 2 * FRESH_FOR + timedelta(seconds=2))
    assert browser.get("/me/security/recovery").status_code == 302


@pytest.mark.one_database
def test_one_is_led_to_no_other_site_after_confirming(
    browser_of: Browse, trainee: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_of(trainee)
    later(monkeypatch, FRESH_FOR)
    posted = browser.post("/me/security/recovery", headers={"Referer": "http://evil.example/me/security/recovery"})
    assert posted.location == "/confirm?next=/me"
    assert browser.get("/confirm?next=//evil.example").status_code == 200
    answer = submit(browser, "/confirm", password=PASSWORD, next="//evil.example")
    assert answer.location == "/me"
    assert submit(browser, "/confirm", password="").status_code == 422


@pytest.mark.one_database
def test_who_has_no_account_has_nothing_to_guard(browser_of: Browse) -> None:
    browser = browser_of(make_member(Role.TRAINEE))
    assert browser.get("/me/security/app").status_code == 403
    assert browser.get("/me").status_code == 200


def test_sessions_say_when_and_from_where_and_the_others_end_at_once(
    client: FlaskClient, browser_of: Browse, trainee: Member
) -> None:
    elsewhere = browser_of(trainee)
    client.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    first_step(client, trainee)
    page = client.get("/me")
    assert "203.0.113.7" in page.text
    row = session.scalars(select(SignInSession).order_by(SignInSession.id.desc())).first()
    assert row
    assert b"203.0.113.7" not in (row.address_sealed or b""), "the address is sealed"
    assert submit(client, "/me/sessions/end-others", page="/me").location == "/me"
    assert elsewhere.get("/me").status_code == 401
    assert client.get("/me").status_code == 200
    ended = session.scalars(select(Event).where(Event.kind == "accounts.sessions_ended")).one()
    assert ended.data == {"count": 1}
    submit(client, "/me/sessions/end-others", page="/me")
    assert kinds().count("accounts.sessions_ended") == 1, "an act without effect is no event"


def test_a_changed_password_is_told_by_letter_and_may_not_be_the_present_one(
    browser_of: Browse, trainee: Member, run_jobs: Callable[[], int]
) -> None:
    browser = browser_of(trainee)
    same = submit(browser, "/me/password", current=PASSWORD, password=PASSWORD, again=PASSWORD)
    assert same.status_code == 422
    assert "以前使用过" in same.text
    assert submit(browser, "/me/password", current=PASSWORD, password=NEW, again=NEW).location == "/me"
    run_jobs()
    run_jobs()
    assert [one.subject for one in post.in_memory() if isinstance(one, post.Letter)] == ["您的账号密码已修改"]
    assert PASSWORD not in str(post.in_memory())


@pytest.mark.one_database
def test_the_letter_speaks_the_language_of_the_person(
    browser_of: Browse, trainee: Member, run_jobs: Callable[[], int]
) -> None:
    browser = browser_of(trainee)
    submit(browser, "/me/language", page="/me", language="en")
    submit(browser, "/me/password", current=PASSWORD, password=NEW, again=NEW)
    run_jobs()
    letter = post.in_memory()[0]
    assert isinstance(letter, post.Letter)
    assert letter.subject == "The password of your account was changed"


def test_nothing_is_written_to_who_has_no_mail_address_or_was_erased(
    browser_of: Browse, trainee: Member, run_jobs: Callable[[], int]
) -> None:
    submit(browser_of(trainee), "/me/password", current=PASSWORD, password=NEW, again=NEW)
    with unit_of_work():
        person = session.get_one(type(trainee.person), trainee.person.id)
        person.erased_at, person.data_key = real_now(), None
    run_jobs()
    assert post.in_memory() == []


@pytest.fixture(name="mlps")
def _mlps(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.extensions["settings"], "password_profile", "mlps")


@pytest.mark.usefixtures("mlps")
def test_under_classified_protection_an_old_password_opens_only_its_own_renewal(
    app: Flask, client: FlaskClient, trainee: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work():
        queries.account_of_code(trainee.person.code).created_at = real_now()
    later(monkeypatch, timedelta(days=89))
    first_step(client, trainee)
    assert client.get("/home").status_code == 200
    later(monkeypatch, timedelta(days=90))
    browser = app.test_client()
    email = open_field(trainee.person, "person.email")
    assert submit(browser, "/sign-in", name=email, password=PASSWORD).location == "/me/password"
    assert browser.get("/learning").status_code == 403
    assert "超过规定的使用期限" in browser.get("/me").text
    plain = submit(browser, "/me/password", current=PASSWORD, password="tqzmxkwvprgh7", again="tqzmxkwvprgh7")
    assert plain.status_code == 422
    assert "3种" in plain.text
    assert submit(browser, "/me/password", current=PASSWORD, password="Tqz-mxkwvprgh7", again="Tqz-mxkwvprgh7").location
    assert browser.get("/learning").status_code == 200


@pytest.mark.usefixtures("mlps")
def test_under_classified_protection_the_last_five_passwords_may_not_come_back(trainee: Member) -> None:
    account = queries.account_of_code(trainee.person.code)
    for number in range(5):
        with unit_of_work():
            account = queries.account_of_code(trainee.person.code)
            new = services.new_password(account, f"Tqz-mxkwvprgh{number}")
            services.change_password(account, new, by=trainee.actor, at=real_now() + timedelta(seconds=number))
    assert session.scalar(select(func.count()).select_from(PastPassword)) == 5
    for number in range(5):
        with pytest.raises(InvalidError, match="以前使用过"):
            services.new_password(account, f"Tqz-mxkwvprgh{number}")
    services.new_password(account, PASSWORD)  # the sixth is not remembered


def test_the_last_factor_of_staff_stays(author: Member) -> None:
    with pytest.raises(ConflictError), unit_of_work():
        services.remove_app(queries.account_of_code(author.person.code), by=author.actor, at=real_now())


@pytest.mark.parametrize("path", ["/me", "/me/password", "/me/security/passkeys", "/me/security/recovery"])
def test_a_page_about_oneself_sends_few_statements_however_many_sessions_there_are(
    browser_of: Browse, trainee: Member, count_statements: Callable[[], list[str]], path: str
) -> None:
    browser = browser_of(trainee)
    for _number in range(8):
        browser_of(trainee)
    sent = count_statements()
    assert browser.get(path).status_code == 200
    assert len([one for one in sent if "BEGIN" not in one]) <= 10

"""One's own telephone and mail address: proved before they stand, the old one told, never another person's."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import jobs, queries
from app.accounts.models import PasswordReset, Person
from app.accounts.rights import ContactChange
from app.accounts.services import contacts
from app.accounts.services.people import open_field
from app.accounts.states import ResetWay, Role
from app.accounts.views.confirm import FRESH_FOR
from app.core import clock, post
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.events import Event
from tests.factories.accounts import Member, make_account, make_member, make_person
from tests.submit import submit
from tests.worlds import built_once

PAGE = "/me/contacts"
NEW = {
    "phone": ("phone", "13800138000", "+8613800138000"),
    "mail": ("email", "New.Address@demo.example", "new.address@demo.example"),
}
Browse = Callable[[Member], FlaskClient]
Work = Callable[[], int]


@pytest.fixture(name="trainee")
@built_once
def _trainee(app: Flask) -> Member:
    del app
    member = make_member(Role.TRAINEE)
    make_account(member.person)
    return member


@pytest.fixture(name="browser")
def _browser(trainee: Member, browser_of: Browse) -> FlaskClient:
    return browser_of(trainee)


def ask(browser: FlaskClient, which: str, typed: str | None = None) -> int:
    field, usual, _kept = NEW[which]
    return submit(browser, f"{PAGE}/{which}", page=PAGE, **{field: typed or usual}).status_code


def code_in(message: post.Message) -> str:
    found = re.search(r"[0-9]{6}", message.body)
    assert found
    return found[0]


def kept(member: Member, field: str) -> str | None:
    session.expire_all()
    return open_field(session.get_one(Person, member.person.id), f"person.{field}")


def prove(browser: FlaskClient, code: str) -> int:
    return submit(browser, f"{PAGE}/code", page=PAGE, code=code).status_code


@pytest.mark.parametrize("which", ["phone", "mail"])
def test_a_new_address_stands_once_its_code_is_entered_and_the_old_one_is_told(
    browser: FlaskClient, trainee: Member, run_jobs: Work, which: str
) -> None:
    field, _typed, written = NEW[which]
    before = kept(trainee, field)
    assert ask(browser, which) == 302
    assert kept(trainee, field) == before, "asking changes nothing"
    run_jobs()
    (message,) = post.in_memory()
    assert message.to == written, "the code goes to the new address alone"

    assert prove(browser, code_in(message)) == 302

    assert kept(trainee, field) == written
    account = queries.account_by_name(written)
    assert account is not None
    assert account.person_id == trainee.person.id
    assert queries.account_by_name(before or "") is None, "nobody signs in by the old one"
    run_jobs()
    assert before in [one.to for one in post.in_memory()]
    event = session.scalars(select(Event).where(Event.kind == "accounts.contact_changed")).one()
    assert (event.subject_code, event.actor_id) == (trainee.person.code, trainee.person.id)
    assert written not in str(event.data)


def test_an_old_address_that_takes_nothing_keeps_the_other_from_hearing_nothing(
    browser: FlaskClient, trainee: Member, run_jobs: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, other, send = kept(trainee, "email"), kept(trainee, "phone"), post.send

    def refusing(message: post.Message) -> post.Outcome:
        if message.to == before:
            raise ConnectionError
        return send(message)

    monkeypatch.setattr(post, "send", refusing)
    ask(browser, "mail")
    run_jobs()
    assert prove(browser, code_in(post.in_memory()[-1])) == 302
    run_jobs()
    assert other in [one.to for one in post.in_memory()]


def test_a_right_code_sent_twice_is_not_told_to_be_tried_too_often(browser: FlaskClient, run_jobs: Work) -> None:
    ask(browser, "mail")
    run_jobs()
    code = code_in(post.in_memory()[-1])
    prove(browser, code)
    again = submit(browser, f"{PAGE}/code", page=PAGE, code=code)
    assert again.status_code == 422
    assert "次数过多" not in again.text


def test_a_wrong_code_changes_nothing_and_after_five_the_wish_is_over(
    browser: FlaskClient, trainee: Member, run_jobs: Work
) -> None:
    before = kept(trainee, "email")
    ask(browser, "mail")
    run_jobs()
    code = code_in(post.in_memory()[-1])
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert [prove(browser, wrong) for _try in range(contacts.TRIES)] == [422] * contacts.TRIES
    assert prove(browser, code) == 422, "the right one comes too late"
    assert kept(trainee, "email") == before
    assert ask(browser, "mail") == 302
    run_jobs()
    assert prove(browser, code_in(post.in_memory()[-1])) == 302


def test_a_code_ends_after_a_quarter_of_an_hour(
    browser: FlaskClient, trainee: Member, run_jobs: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    del browser
    with unit_of_work():
        contacts.ask_change(ResetWay.SMS, "13800138000", by=trainee.actor, at=real_now())
    run_jobs()
    code, later = code_in(post.in_memory()[-1]), real_now() + contacts.OPEN_FOR
    with pytest.raises(Exception, match="验证码"), unit_of_work():
        contacts.prove(code, by=trainee.actor, at=later)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert contacts.wish_of(trainee.person.id, later) is None


def test_an_address_of_another_person_is_told_only_to_who_proved_it(
    browser: FlaskClient, trainee: Member, run_jobs: Work
) -> None:
    other = make_person(phone="13800138000")
    assert ask(browser, "phone") == 302, "asking tells nobody whose number it is"
    run_jobs()
    code = code_in(post.in_memory()[-1])
    answer = submit(browser, f"{PAGE}/code", page=PAGE, code=code)
    assert answer.status_code == 409
    assert "属于他人" in answer.text
    assert other.name not in answer.text
    assert kept(trainee, "phone") != "+8613800138000"


@pytest.mark.parametrize(("which", "typed"), [("phone", "123"), ("mail", "nobody"), ("mail", "")])
def test_what_is_no_address_is_refused_beside_its_field(browser: FlaskClient, which: str, typed: str) -> None:
    field = NEW[which][0]
    assert submit(browser, f"{PAGE}/{which}", page=PAGE, **{field: typed}).status_code == 422
    assert session.scalar(select(func.count()).select_from(ContactChange)) == 0


def test_the_address_that_stands_is_refused(browser: FlaskClient, trainee: Member) -> None:
    assert ask(browser, "mail", kept(trainee, "email")) == 422


def test_a_second_wish_takes_the_place_of_the_first(browser: FlaskClient, trainee: Member, run_jobs: Work) -> None:
    ask(browser, "phone")
    run_jobs()
    first = code_in(post.in_memory()[-1])
    ask(browser, "mail")
    run_jobs()
    second = code_in(post.in_memory()[-1])
    if first != second:
        assert prove(browser, first) == 422
    assert prove(browser, second) == 302
    assert kept(trainee, "email") == NEW["mail"][2]
    assert prove_again(browser, second) == 422, "a code is spent"


def prove_again(browser: FlaskClient, code: str) -> int:
    return submit(browser, f"{PAGE}/code", page="/me", code=code).status_code


def test_the_password_is_asked_again_first(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    later = real_now() + FRESH_FOR
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert browser.get(PAGE).location.startswith("/confirm")
    assert browser.post(f"{PAGE}/phone", data={"phone": "13800138000"}).location.startswith("/confirm")
    assert session.scalar(select(func.count()).select_from(ContactChange)) == 0


def test_a_letter_under_way_to_the_old_address_opens_nothing(
    app: Flask, browser: FlaskClient, trainee: Member, run_jobs: Work
) -> None:
    submit(app.test_client(), "/reset", name=kept(trainee, "email"), way="mail")
    run_jobs()
    ask(browser, "mail")
    run_jobs()
    prove(browser, code_in(post.in_memory()[-1]))
    reset = session.scalars(select(PasswordReset)).one()
    assert reset.ended_at is not None


def test_old_addresses_are_kept_for_a_week_only(
    browser: FlaskClient, run_jobs: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(browser, "mail")
    run_jobs()
    prove(browser, code_in(post.in_memory()[-1]))
    jobs.SWEEP.run()
    assert session.scalar(select(func.count()).select_from(ContactChange)) == 1
    later = real_now() + contacts.KEPT_FOR + timedelta(hours=1)
    monkeypatch.setattr(jobs, "real_now", lambda: later)
    jobs.SWEEP.run()
    assert session.scalar(select(func.count()).select_from(ContactChange)) == 0


def test_nobody_asks_without_signing_in(app: Flask) -> None:
    assert app.test_client().post(f"{PAGE}/phone", data={"phone": "13800138000"}).status_code == 401

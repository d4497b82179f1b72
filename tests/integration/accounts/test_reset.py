"""A forgotten password: link or code work once and shortly, end all sessions, and tell strangers nothing."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import select

from app.accounts import jobs, queries, security, services
from app.accounts.models import PasswordReset
from app.accounts.rules import slowing
from app.accounts.services.people import open_field
from app.accounts.services.resets import OPEN_FOR, TRIES
from app.accounts.states import ResetWay, Role
from app.accounts.views.doors import FREE_FOR_SOURCE
from app.core import clock, post
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import Event
from tests.factories.accounts import PASSWORD, Member, make_account, make_member, make_person
from tests.submit import TOKEN, submit
from tests.worlds import built_once

NEW = "山高月小水落石出-730"
FIELDS = {"password": NEW, "again": NEW}
Browse = Callable[[Member], FlaskClient]
Work = Callable[[], int]


@pytest.fixture(name="trainee")
@built_once
def _trainee(app: Flask) -> Member:
    del app
    member = make_member(Role.TRAINEE)
    make_account(member.person)
    return member


def ask(client: FlaskClient, name: str, way: str = "mail") -> str | None:
    return submit(client, "/reset", name=name, way=way).location


def email(member: Member) -> str:
    return open_field(member.person, "person.email") or ""


def link() -> str:
    found = re.search(r"http://localhost:8000(/reset/link/\S+)", post.in_memory()[-1].body)
    assert found
    return found[1]


def digits() -> str:
    found = re.search(r"[0-9]{6}", post.in_memory()[-1].body)
    assert found
    return found[0]


def asked(trainee: Member, client: FlaskClient, work: Work, way: str = "mail") -> None:
    ask(client, email(trainee), way)
    work()


def enters(client: FlaskClient, member: Member, password: str) -> bool:
    return submit(client, "/sign-in", name=email(member), password=password).status_code == 302


def test_a_link_sets_a_new_password_and_ends_every_session(
    app: Flask, client: FlaskClient, browser_of: Browse, trainee: Member, run_jobs: Work
) -> None:
    old = browser_of(trainee)
    assert ask(client, email(trainee)) == "/reset/sent"
    assert client.get("/reset/sent").status_code == 200
    assert post.in_memory() == [], "nothing leaves within the request"
    run_jobs()
    answer = submit(client, link(), **FIELDS)
    assert answer.location == "/sign-in"
    assert old.get("/me").status_code == 401
    assert not enters(app.test_client(), trainee, PASSWORD)
    assert enters(app.test_client(), trainee, NEW)
    run_jobs()
    assert [one.subject for one in post.in_memory() if isinstance(one, post.Letter)] == [
        "设置新密码",
        "您的账号密码已重置",
    ]


def test_a_link_works_once(client: FlaskClient, trainee: Member, run_jobs: Work) -> None:
    asked(trainee, client, run_jobs)
    path = link()
    submit(client, path, **FIELDS)
    assert client.get(path).status_code == 404
    assert client.post(path, data=FIELDS).status_code == 404


def test_two_uses_of_a_link_at_once_set_one_password(client: FlaskClient, trainee: Member, run_jobs: Work) -> None:
    asked(trainee, client, run_jobs)
    row = security.reset_by_link(link().rpartition("/")[2], real_now())
    new = services.new_password(queries.account_of_code(trainee.person.code), NEW)
    with unit_of_work():
        services.finish_reset(row, new, at=real_now())
    with pytest.raises(ConflictError), unit_of_work():
        services.finish_reset(row, new, at=real_now())


@pytest.mark.parametrize(("passed", "status"), [(OPEN_FOR - timedelta(seconds=5), 200), (OPEN_FOR, 404)])
def test_a_link_lives_for_a_quarter_of_an_hour_of_security_time(
    client: FlaskClient,
    trainee: Member,
    run_jobs: Work,
    monkeypatch: pytest.MonkeyPatch,
    passed: timedelta,
    status: int,
) -> None:
    asked(trainee, client, run_jobs)
    instant = real_now() + passed
    monkeypatch.setattr(clock, "real_now", lambda: instant)
    assert client.get(link()).status_code == status


def test_a_weak_password_does_not_spend_the_link(client: FlaskClient, trainee: Member, run_jobs: Work) -> None:
    asked(trainee, client, run_jobs)
    for fields in ({"password": "short", "again": "short"}, {"password": NEW, "again": "another"}):
        refused = submit(client, link(), **fields)
        assert refused.status_code == 422
    assert submit(client, link(), **FIELDS).location == "/sign-in"


def test_a_code_by_short_message_sets_a_new_password(
    app: Flask, client: FlaskClient, trainee: Member, run_jobs: Work
) -> None:
    assert ask(client, email(trainee), "sms") == "/reset/code"
    run_jobs()
    message = post.in_memory()[0]
    assert isinstance(message, post.ShortMessage)
    assert message.to == open_field(trainee.person, "person.phone")
    assert submit(client, "/reset/code", code=digits(), password="short", again="short").status_code == 422
    assert submit(client, "/reset/code", code=digits(), password=NEW, again="other").status_code == 422
    assert submit(client, "/reset/code", code=f" {digits()} ", **FIELDS).location == "/sign-in"
    assert client.get("/reset/code").location == "/reset"
    assert enters(app.test_client(), trainee, NEW)


def test_a_code_cannot_be_guessed_in_more_than_five_tries(client: FlaskClient, trainee: Member, run_jobs: Work) -> None:
    asked(trainee, client, run_jobs, "sms")
    wrong = "000000" if digits() != "000000" else "111111"
    for _try in range(TRIES):
        refused = submit(client, "/reset/code", code=wrong, **FIELDS)
        assert refused.status_code == 422
        assert "不正确或已过期" in refused.text
    last = submit(client, "/reset/code", code=digits(), **FIELDS)
    assert last.status_code == 422, "even the right one comes too late"
    assert "尝试次数过多" in last.text


def test_a_code_belongs_to_the_browser_that_asked(
    app: Flask, client: FlaskClient, trainee: Member, run_jobs: Work
) -> None:
    asked(trainee, client, run_jobs, "sms")
    stranger = app.test_client()
    assert stranger.get("/reset/code").location == "/reset"
    assert stranger.post("/reset/code", data={"code": digits(), **FIELDS}).location == "/reset"
    ask(stranger, "nobody@demo.example", "sms")
    assert submit(stranger, "/reset/code", code=digits(), **FIELDS).status_code == 422


@pytest.mark.one_database
@pytest.mark.parametrize("way", ["mail", "sms"])
def test_nothing_tells_whether_an_account_exists(
    app: Flask,
    trainee: Member,
    run_jobs: Work,
    count_statements: Callable[[], list[str]],
    way: str,
) -> None:
    seen = []
    for number, name in enumerate((email(trainee), "nobody@demo.example"), start=1):
        browser = app.test_client()
        browser.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        browser.get("/reset")
        sent = count_statements()
        sent.clear()
        answer = browser.post("/reset", data={"name": name, "way": way})
        number_sent = len(sent)
        verbs = [statement.split("(")[0].split()[:3] for statement in sent if "INSERT" in statement]
        seen.append(
            (answer.status_code, answer.location, number_sent, verbs, TOKEN.sub("", browser.get(answer.location).text))
        )
    known, unknown = seen
    assert known == unknown
    run_jobs()
    assert len(post.in_memory()) == 1


def test_the_event_of_asking_names_nobody(client: FlaskClient, trainee: Member) -> None:
    ask(client, email(trainee))
    happened = session.scalars(select(Event).where(Event.kind == "accounts.reset_asked")).one()
    assert (happened.subject_type, happened.data) == ("reset", {"way": "mail"})
    assert trainee.person.code not in (happened.subject_code, str(happened.data))


def test_a_second_wish_within_two_minutes_sends_no_second_letter_and_the_first_link_stays(
    client: FlaskClient, trainee: Member, run_jobs: Work
) -> None:
    asked(trainee, client, run_jobs)
    first = link()
    asked(trainee, client, run_jobs)
    assert len(post.in_memory()) == 1
    assert client.get(first).status_code == 200


def test_a_later_wish_sends_again_and_a_used_link_ends_the_others(
    client: FlaskClient, trainee: Member, run_jobs: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(trainee, client, run_jobs)
    first = link()
    instant = real_now() + timedelta(minutes=3)
    monkeypatch.setattr(clock, "real_now", lambda: instant)
    asked(trainee, client, run_jobs)
    assert link() != first
    submit(client, link(), **FIELDS)
    assert client.get(first).status_code == 404


def test_a_letter_sent_again_makes_the_secret_before_worthless(trainee: Member) -> None:
    with unit_of_work():
        row = services.ask_reset(queries.account_of_code(trainee.person.code), ResetWay.MAIL, at=real_now())
    with unit_of_work():
        first = services.seal_reset(row.code, at=real_now())
    with unit_of_work():
        second = services.seal_reset(row.code, at=real_now())
    assert first
    assert second
    assert security.reset_by_link(second.secret, real_now()).id == row.id
    assert session.scalars(select(PasswordReset.secret)).one() not in (first.secret.encode(), second.secret.encode())


def test_who_has_no_such_address_gets_nothing(app: Flask, client: FlaskClient, run_jobs: Work) -> None:
    del app
    person = make_person(email="only@demo.example")
    make_account(person)
    with unit_of_work():
        session.get_one(type(person), person.id).phone_sealed = None
    ask(client, "only@demo.example", "sms")
    run_jobs()
    assert post.in_memory() == []


@pytest.mark.usefixtures("time_stands")
def test_asking_is_slowed_for_one_name_and_for_many(client: FlaskClient, trainee: Member) -> None:
    answers = [submit(client, "/reset", name=email(trainee), way="mail").status_code for _ in range(6)]
    assert answers == [302] * slowing.FREE_TRIES + [429]
    tried = [
        client.post("/reset", data={"name": f"nobody{number}@demo.example", "way": "mail"}).status_code
        for number in range(FREE_FOR_SOURCE)
    ]
    assert tried[0] == 302
    assert tried[-1] == 429


@pytest.mark.one_database
def test_what_is_missing_stands_beside_its_field(client: FlaskClient) -> None:
    assert submit(client, "/reset", name="", way="mail").status_code == 422
    assert submit(client, "/reset", name="a@demo.example", way="pigeon").status_code == 422


@pytest.mark.one_database
@pytest.mark.parametrize(("mail", "sms", "offered"), [("memory:", None, True), (None, None, False)])
def test_only_ways_that_are_set_up_are_offered(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, mail: str | None, sms: str | None, offered: bool
) -> None:
    monkeypatch.setattr(app.extensions["settings"], "mail_url", SecretStr(mail) if mail else None)
    monkeypatch.setattr(app.extensions["settings"], "sms_url", SecretStr(sms) if sms else None)
    page = client.get("/reset").text
    assert ("通过邮件接收链接" in page) is offered
    assert "通过短信接收验证码" not in page
    assert ("不发送邮件和短信" in page) is not offered


def test_old_resets_are_swept_away(client: FlaskClient, trainee: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(client, email(trainee))
    jobs.SWEEP.run()
    assert session.scalars(select(PasswordReset)).all()
    instant = real_now() + timedelta(days=2)
    monkeypatch.setattr(jobs, "real_now", lambda: instant)
    jobs.SWEEP.run()
    assert session.scalars(select(PasswordReset)).all() == []

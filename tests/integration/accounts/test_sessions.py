"""Sessions are rows: listed, revocable, ended by time, prolonged by use, never anybody else's."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import queries, services
from app.accounts.models import SignInSession
from app.accounts.services.sessions import IDLE, LIFETIME
from app.accounts.states import Role
from app.core import clock
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.events import Event
from tests.factories.accounts import (
    GUANGDONG,
    SHANDONG,
    Member,
    make_account,
    make_member,
    make_organisation,
    open_session,
)
from tests.submit import submit

Browse = Callable[[Member], FlaskClient]


def rows_of(member: Member) -> list[SignInSession]:
    query = select(SignInSession).where(SignInSession.person_id == member.person.id)
    return list(session.scalars(query.order_by(SignInSession.id)))


def test_a_stranger_is_led_to_the_door(client: FlaskClient) -> None:
    assert client.get("/home", headers={"Accept": "text/html"}).location == "/sign-in?next=/home"
    assert client.get("/home").status_code == 401, "a program is told, not led"


def test_a_token_of_nobody_opens_nothing(client: FlaskClient) -> None:
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "made-up"
    assert client.get("/home").status_code == 401


def test_own_sessions_are_listed_and_another_browser_is_ended(browser_of: Browse) -> None:
    member = make_member(Role.TRAINEE)
    here, elsewhere = browser_of(member), browser_of(member)
    page = here.get("/me")
    assert page.text.count("Tests") == 2
    assert submit(here, f"/me/sessions/{rows_of(member)[1].code}/end", page="/me").location == "/me"
    assert elsewhere.get("/home").status_code == 401
    assert here.get("/home").status_code == 200


def test_the_session_of_another_person_does_not_exist_for_me(browser_of: Browse) -> None:
    mine, theirs = make_member(Role.TRAINEE), make_member(Role.TRAINEE)
    open_session(theirs)
    answer = submit(browser_of(mine), f"/me/sessions/{rows_of(theirs)[0].code}/end", page="/me")
    assert answer.status_code == 404
    assert rows_of(theirs)[0].ended_at is None


@pytest.mark.parametrize(("passed", "status"), [(IDLE - timedelta(minutes=1), 200), (IDLE + timedelta(minutes=1), 401)])
def test_an_idle_session_ends_after_two_hours(
    browser_of: Browse, monkeypatch: pytest.MonkeyPatch, passed: timedelta, status: int
) -> None:
    browser = browser_of(make_member(Role.TRAINEE))
    later = real_now() + passed
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert browser.get("/home").status_code == status


def test_use_keeps_a_session_open_but_not_beyond_twelve_hours(
    browser_of: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_of(make_member(Role.TRAINEE))
    start = real_now()
    codes = []
    for hours in range(1, 14):
        monkeypatch.setattr(clock, "real_now", lambda hours=hours: start + timedelta(hours=hours))
        codes.append(browser.get("/home").status_code)
    full = LIFETIME // timedelta(hours=1)
    assert codes == [200] * (full - 1) + [401] * (13 - full + 1)


def test_a_session_in_use_is_written_to_at_most_every_five_minutes(
    browser_of: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = make_member(Role.TRAINEE)
    browser = browser_of(member)
    start = rows_of(member)[0].seen_at
    for minutes, seen in ((4, start), (6, start + timedelta(minutes=6)), (9, start + timedelta(minutes=6))):
        monkeypatch.setattr(clock, "real_now", lambda minutes=minutes: start + timedelta(minutes=minutes))
        browser.get("/home")
        assert rows_of(member)[0].seen_at == seen


def test_moving_the_demo_clock_ends_no_session(browser_of: Browse, at_time: Callable[[datetime], None]) -> None:
    browser = browser_of(make_member(Role.TRAINEE))
    at_time(real_now() + timedelta(days=300))
    assert browser.get("/home").status_code == 200


def test_a_role_that_ended_gives_nothing_any_more(browser_of: Browse, at_time: Callable[[datetime], None]) -> None:
    member = make_member(Role.SECADMIN, ends_on=date(2026, 6, 30))
    browser = browser_of(member)
    at_time(datetime(2026, 6, 30, 15, 0, tzinfo=clock.SHANGHAI))
    assert browser.get("/people").status_code == 200
    at_time(datetime(2026, 7, 1, 0, 1, tzinfo=clock.SHANGHAI))
    assert browser.get("/people").status_code == 403
    assert "没有有效角色" in browser.get("/home").text


def test_a_role_that_has_not_begun_gives_nothing_yet(browser_of: Browse) -> None:
    member = make_member(Role.SECADMIN, starts_on=clock.today() + timedelta(days=2))
    assert browser_of(member).get("/people").status_code == 403


def test_staff_without_the_second_factor_act_under_no_role(client: FlaskClient) -> None:
    token = open_session(make_member(Role.SECADMIN), second_factor=False)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert client.get("/people").status_code == 403


def test_one_switches_between_own_roles(browser_of: Browse) -> None:
    member = make_member(Role.LECTURER, organisation=make_organisation(name_zh="甲基地"))
    second = make_member(Role.AUTHOR, GUANGDONG, person=member.person)
    browser = browser_of(member)
    assert "甲基地" in browser.get("/acting").text
    answer = submit(browser, f"/acting/{second.membership.code}", page="/acting")
    assert answer.location == "/home"
    shown = browser.get("/home").text
    assert "命题人员" in shown
    assert "广东省" in shown
    kinds = set(session.scalars(select(Event.kind).where(Event.actor_id == member.person.id)))
    assert "accounts.role_switched" in kinds


def test_the_role_of_another_person_does_not_exist_for_me(browser_of: Browse) -> None:
    mine, theirs = make_member(Role.LECTURER), make_member(Role.REGULATOR)
    browser = browser_of(mine)
    assert submit(browser, f"/acting/{theirs.membership.code}", page="/home").status_code == 404


def test_a_role_not_in_force_cannot_be_taken(browser_of: Browse) -> None:
    mine = make_member(Role.LECTURER)
    over = make_member(Role.AUTHOR, person=mine.person, ends_on=date(2021, 1, 1))
    browser = browser_of(mine)
    assert "不在有效期" in browser.get("/acting").text
    assert submit(browser, f"/acting/{over.membership.code}", page="/home").status_code == 403


def test_a_staff_role_cannot_be_taken_without_the_second_factor(client: FlaskClient) -> None:
    trainee = make_member(Role.TRAINEE)
    staff = make_member(Role.EXAMINER, person=trainee.person)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = open_session(trainee, second_factor=False)
    assert submit(client, f"/acting/{staff.membership.code}", page="/acting").status_code == 403


def test_the_role_of_the_last_session_comes_back(app: object) -> None:
    del app
    member = make_member(Role.LECTURER)
    make_member(Role.AUTHOR, person=member.person)
    open_session(member)
    started = queries.membership_to_start_with(member.person.id, clock.today(), second_factor=True)
    assert started is not None
    assert started.id == member.membership.id


def test_ending_a_role_is_recorded_and_never_before_it_began(app: object) -> None:
    del app
    member = make_member(Role.AUTHOR, SHANDONG)
    with unit_of_work():
        services.end_role(member.membership, last_day=date(2024, 5, 1), by=None, at=real_now())
    assert queries.members(Role.AUTHOR, on=date(2024, 5, 1), region_code=SHANDONG)
    assert not queries.members(Role.AUTHOR, on=date(2024, 5, 2), region_code=SHANDONG)
    with pytest.raises(Exception, match="早于"), unit_of_work():
        services.end_role(member.membership, last_day=date(2019, 1, 1), by=None, at=real_now())
    assert session.scalar(select(func.count()).where(Event.kind == "accounts.role_ended")) == 1


def test_a_role_that_was_ended_is_given_again_and_one_that_lasts_only_once(app: object) -> None:
    del app
    first = make_member(Role.AUTHOR, SHANDONG)
    assert make_member(Role.AUTHOR, SHANDONG, person=first.person).membership.id == first.membership.id
    with unit_of_work():
        services.end_role(first.membership, last_day=first.membership.starts_on, by=None, at=real_now())
    assert not queries.members(Role.AUTHOR, on=clock.today(), region_code=SHANDONG)

    again = make_member(Role.AUTHOR, SHANDONG, person=first.person)

    assert [one.person_id for one in queries.members(Role.AUTHOR, on=clock.today(), region_code=SHANDONG)] == [
        again.person.id
    ]
    assert session.scalar(select(func.count()).where(Event.kind == "accounts.role_granted")) == 2


def test_a_request_reads_session_person_and_role_in_few_statements(
    browser_of: Browse, count_statements: Callable[[], list[str]]
) -> None:
    member = make_member(Role.BASE, organisation=make_organisation())
    make_account(member.person)
    browser = browser_of(member)
    statements = count_statements()
    browser.get("/home")
    assert len([one for one in statements if one.startswith("SELECT")]) <= 7, statements

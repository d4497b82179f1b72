"""To-dos reach whoever is meant, under the role and scope they act in, and nobody else."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.actors import actor_of
from app.accounts.states import Role
from app.core import clock, events
from app.core.access import Actor
from app.core.clock import real_now
from app.core.db import unit_of_work
from app.core.events import Subject
from app.core.room import Room
from app.core.text import _l
from app.desk import queries, services
from tests.factories.accounts import (
    GUANGDONG,
    JINAN,
    LIXIA,
    NATION,
    QINGDAO,
    SHANDONG,
    Member,
    make_member,
    make_organisation,
    make_regions,
)

COHORT = Subject("cohort", "c1")
KIND = "desk_test.confirm"


@pytest.fixture(autouse=True)
def _kind(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the house know a kind of to-do and an event, as a room would declare them."""
    make_regions()
    told = {"desk_test.done": "事已办"}
    room = Room(name="desk_test", todo_kinds={KIND: _l("%(name)s, %(role)s")}, events=told)
    monkeypatch.setitem(app.extensions, "rooms", (*app.extensions["rooms"], room))


def wait(**addressee: object) -> None:
    with unit_of_work():
        services.open_todo(KIND, COHORT, url="/cohorts/c1", at=real_now(), **addressee)  # type: ignore[arg-type]


def sees(actor: Actor) -> bool:
    return len(queries.todos_of(actor)) == queries.count_todos(actor) == 1


def test_a_to_do_for_a_person_waits_for_that_person_under_any_role(app: Flask) -> None:
    del app
    one, other = make_member(Role.TRAINEE), make_member(Role.TRAINEE)
    wait(person_id=one.person.id, region_code=GUANGDONG)
    assert sees(one.actor)
    assert sees(actor_of(one.person, None))
    assert not sees(other.actor)


@pytest.mark.parametrize(
    ("region", "seen"),
    [(NATION, True), (SHANDONG, True), (JINAN, True), (LIXIA, False), (QINGDAO, False), (GUANGDONG, False)],
)
def test_a_to_do_of_a_city_reaches_regulators_whose_region_covers_it(app: Flask, region: str, seen: bool) -> None:
    del app
    wait(role=Role.REGULATOR, region_code=JINAN)
    assert sees(make_member(Role.REGULATOR, region).actor) is seen


def test_a_to_do_for_a_role_reaches_that_role_in_that_organisation(app: Flask) -> None:
    del app
    base, another = make_organisation(), make_organisation()
    wait(role=Role.BASE, organisation_id=base.id)
    assert sees(make_member(Role.BASE, organisation=base).actor)
    assert not sees(make_member(Role.BASE, organisation=another).actor)
    assert not sees(make_member(Role.LECTURER, organisation=base).actor)


def test_the_second_person_is_never_the_first(app: Flask) -> None:
    del app
    first, second = make_member(Role.EXAMINER), make_member(Role.EXAMINER)
    wait(role=Role.EXAMINER, not_person_id=first.person.id)
    assert not sees(first.actor)
    assert sees(second.actor)


def test_who_acts_under_no_role_sees_no_to_do_of_a_role(app: Flask) -> None:
    del app
    wait(role=Role.EXAMINER)
    assert not sees(actor_of(make_member(Role.EXAMINER).person, None))


def test_the_same_thing_waits_once_for_the_same_addressee(app: Flask) -> None:
    del app
    member = make_member(Role.EXAMINER)
    wait(role=Role.EXAMINER)
    wait(role=Role.EXAMINER, due_on=date(2026, 3, 2))
    assert [todo.due_on for todo in queries.todos_of(member.actor)] == [date(2026, 3, 2)]
    wait(person_id=member.person.id)
    assert queries.count_todos(member.actor) == 2


def test_closing_takes_what_is_meant(app: Flask) -> None:
    del app
    one, other = make_member(Role.TRAINEE), make_member(Role.TRAINEE)
    for member in (one, other):
        wait(person_id=member.person.id)
    with unit_of_work():
        assert services.close_todos(COHORT, kind="desk_test.other", at=real_now()) == 0
        assert services.close_todos(COHORT, kind=KIND, person_id=one.person.id, at=real_now()) == 1
    assert not sees(one.actor)
    assert sees(other.actor)
    with unit_of_work():
        assert services.close_todos(COHORT, at=real_now()) == 1
    assert not sees(other.actor)


def test_what_is_due_first_stands_first_and_overdue_follows_the_clock(app: Flask) -> None:
    del app
    member = make_member(Role.TRAINEE)
    with unit_of_work():
        for name, due in (("无期", None), ("晚", date(2026, 5, 2)), ("早", date(2026, 5, 1))):
            services.open_todo(
                KIND,
                Subject("cohort", name),
                url="/x",
                at=real_now(),
                person_id=member.person.id,
                due_on=due,
                params={"name": name},
            )
    lines = queries.inbox(member.actor, on=date(2026, 5, 2))
    assert [line.title for line in lines] == ["早（–）", "晚（–）", "无期（–）"]
    assert [line.overdue for line in lines] == [True, False, False]


def test_home_shows_the_inbox_with_its_number(
    browser_of: Callable[[Member], FlaskClient], at_time: Callable[[datetime], None]
) -> None:
    member = make_member(Role.TRAINEE)
    at_time(datetime(2026, 5, 2, 9, 0, tzinfo=clock.SHANGHAI))
    wait(person_id=member.person.id, params={"name": "春季班", "role": "学员"}, due_on=date(2026, 5, 1))
    page = browser_of(member).get("/home").text
    assert "春季班（学员）" in page
    assert "todo-overdue" in page
    assert '<span class="count">1</span>' in page


def test_a_timeline_says_who_did_what_under_which_role_and_why(app: Flask) -> None:
    del app
    member = make_member(Role.EXAMINER)
    with unit_of_work():
        events.record("desk_test.done", COHORT, by=member.actor, at=real_now(), reason="理由")
        events.record("desk_test.unknown", COHORT, by=None, at=real_now())
    latest, first = queries.timeline_entries(COHORT)
    assert (first.text, first.reason) == ("事已办", "理由")
    assert first.who == f"{member.person.name}（考务人员）"
    assert latest.who == "系统"
    assert latest.text == "desk_test.unknown"


def test_home_shows_what_one_did_lately_but_not_the_signing_in(browser_of: Callable[[Member], FlaskClient]) -> None:
    member = make_member(Role.EXAMINER)
    with unit_of_work():
        events.record("desk_test.done", COHORT, by=member.actor, at=real_now() - timedelta(days=1))
        events.record("accounts.session_ended", Subject("person", member.person.code), by=member.actor, at=real_now())
    page = browser_of(member).get("/home").text
    assert "事已办" in page
    assert page.count("timeline-text") == 1

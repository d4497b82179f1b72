"""A person in several roles: the numbers of each are right and stand on one home; one click switches."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.accounts.models import Membership, SignInSession
from app.accounts.states import Role
from app.core import clock
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.events import Subject
from app.desk import services
from app.desk.queries.numbers import home_numbers, other_roles
from app.desk.queries.todos import count_todos
from tests.factories.accounts import GUANGDONG, JINAN, SHANDONG, Member, make_member
from tests.factories.bases import make_accredited

BrowserOf = Callable[[Member], FlaskClient]


@pytest.fixture
def roles(app: Flask) -> tuple[Member, Member, Member]:
    """Make one person who is regulator of two provinces and trainee; one base each stands in the provinces."""
    del app
    first = make_member(Role.REGULATOR, SHANDONG)
    second = make_member(Role.REGULATOR, GUANGDONG, person=first.person)
    third = make_member(Role.TRAINEE, JINAN, person=first.person)
    make_accredited(region=SHANDONG)
    make_accredited(region=JINAN)
    make_accredited(region=GUANGDONG)
    with unit_of_work():
        about = Subject("training_base", "x")
        services.open_todo(
            "bases.decide", about, url="/bases", at=real_now(), role=Role.REGULATOR, region_code=GUANGDONG,
            params={"base_zh": "粤", "base_en": "Yue"},
        )  # fmt: skip
    return first, second, third


def test_each_other_role_shows_what_its_own_home_would_show(
    roles: tuple[Member, Member, Member], browser_of: BrowserOf
) -> None:
    first, second, third = roles
    browser = browser_of(first)
    token = session.query(SignInSession).filter_by(person_id=first.person.id).one()
    actor = replace(first.actor, extra={"session": token.code})

    shown = {one.code: one for one in other_roles(actor, clock.today())}

    assert set(shown) == {second.membership.code, third.membership.code}
    for member in (second, third):
        one = shown[member.membership.code]
        assert one.waiting == count_todos(member.actor)
        assert one.numbers == home_numbers(member.actor)
    assert [n.value for n in home_numbers(first.actor)][:1] == [2]
    assert [n.value for n in shown[second.membership.code].numbers][:1] == [1]
    assert shown[second.membership.code].waiting == 1
    page = browser.get("/home").text
    assert page.count("/acting/") == 2
    assert browser.post(f"/acting/{second.membership.code}").location == "/home"
    page = browser.get("/home").text
    assert f"/acting/{first.membership.code}" in page
    assert f"/acting/{second.membership.code}" not in page


def test_without_a_second_factor_no_role_of_staff_is_offered_or_counted(
    roles: tuple[Member, Member, Member], browser_of: BrowserOf
) -> None:
    _first, _second, third = roles
    browser = browser_of(third)
    with unit_of_work():
        session.execute(update(SignInSession).values(second_factor=False))
    page = browser.get("/home").text
    assert "/acting/" not in page


def test_a_role_that_has_ended_or_of_another_person_is_not_among_them(
    roles: tuple[Member, Member, Member], browser_of: BrowserOf
) -> None:
    first, second, _third = roles
    with unit_of_work():
        session.execute(
            update(Membership).where(Membership.id == second.membership.id).values(ends_on=date(2021, 1, 1))
        )
    page = browser_of(first).get("/home").text
    assert page.count("/acting/") == 1
    assert "/acting/" not in browser_of(make_member(Role.REGULATOR, SHANDONG)).get("/home").text


def test_the_same_role_in_the_same_place_is_shown_once(
    roles: tuple[Member, Member, Member], browser_of: BrowserOf
) -> None:
    first, _second, _third = roles
    make_member(Role.REGULATOR, SHANDONG, person=first.person)
    make_member(Role.REGULATOR, GUANGDONG, person=first.person)
    assert browser_of(first).get("/home").text.count("/acting/") == 2


def test_home_sends_as_many_statements_for_three_roles_as_for_two(
    app: Flask, browser_of: BrowserOf, count_statements: Callable[[], list[str]]
) -> None:
    del app
    two = make_member(Role.REGULATOR, SHANDONG)
    make_member(Role.TRAINEE, JINAN, person=two.person)
    browser = browser_of(two)
    browser.get("/home")
    sent = count_statements()
    browser.get("/home")
    few = len(sent)
    make_member(Role.REGULATOR, GUANGDONG, person=two.person)
    sent.clear()
    browser.get("/home")
    assert len(sent) == few <= 10, sent

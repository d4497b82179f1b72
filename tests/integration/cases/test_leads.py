"""Anonymous leads are slowed by place; nobody closes the door for others, and nobody learns who gave one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import Organisation, Throttle
from app.accounts.services import correct_contacts, forget_old_tries
from app.accounts.states import OrganisationKind, Role
from app.cases.models import Case, Publicity
from app.cases.rules import leads
from app.cases.services.leads import DOOR
from app.core import clock
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from tests.factories.accounts import SHANDONG, Member, make_member, make_organisation
from tests.factories.cases import NOW, make_publicity

ONE, OTHER = "192.0.2.7", "198.51.100.9"


@pytest.fixture(name="lead")
def _lead(app: Flask, at_time: Callable[[datetime], None]) -> Callable[..., TestResponse]:
    at_time(NOW)
    code = make_publicity().code
    numbers = iter(range(1000))

    def give(address: str = ONE, browser: FlaskClient | None = None, **fields: str) -> TestResponse:
        data = {"facts": "所公示的业绩与事实不符。", "token": f"t{next(numbers)}", **fields}
        client = browser or app.test_client()
        path = f"/cases/new?kind=cases.lead&about={code}"
        return client.post(path, data=data, environ_base={"REMOTE_ADDR": address})

    return give


def statuses(lead: Callable[..., TestResponse], times: int, address: str = ONE) -> list[int]:
    return [lead(address).status_code for _ in range(times)]


def kept() -> int:
    return session.scalar(select(func.count()).select_from(Case)) or 0


def test_after_five_leads_from_a_place_the_next_waits_and_another_place_is_heard(
    lead: Callable[..., TestResponse],
) -> None:
    assert statuses(lead, leads.FREE + 1) == [302] * leads.FREE + [429]
    assert lead(OTHER).status_code == 302
    assert kept() == leads.FREE + 1


def test_one_line_is_one_place_from_whichever_of_its_addresses(lead: Callable[..., TestResponse]) -> None:
    line = [lead(f"2001:db8:0:1::{number}").status_code for number in range(1, leads.FREE + 2)]
    assert line == [302] * leads.FREE + [429]
    assert lead("2001:db8:0:2::1").status_code == 302


def test_the_refusal_keeps_what_was_typed_says_how_long_and_names_the_other_ways(
    lead: Callable[..., TestResponse],
) -> None:
    statuses(lead, leads.FREE)
    page = lead().text
    assert "所公示的业绩与事实不符。" in page
    assert "2分钟后提交" in page
    assert "kind%3Dcases.objection" in page or "kind=cases.objection" in page, "to object under a sealed name"
    assert kept() == leads.FREE


def test_waiting_always_helps_and_grows_no_longer_than_a_quarter_of_an_hour(
    lead: Callable[..., TestResponse], monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses(lead, leads.FREE)
    start = real_now()
    waited = timedelta()
    for minutes in (2, 4, 8, 15, 15):
        waited += timedelta(minutes=minutes, seconds=1)
        instant = start + waited
        monkeypatch.setattr(clock, "real_now", lambda instant=instant: instant)
        assert [lead().status_code, lead().status_code] == [302, 429]


def test_a_flood_from_many_places_leaves_everyone_their_first_lead(
    lead: Callable[..., TestResponse], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leads, "MOST_AN_HOUR", 3)
    for number in range(3):
        assert lead(f"203.0.113.{number}").status_code == 302
    assert statuses(lead, 2) == [302, 429], "one is heard at once, a second one waits"


def test_a_flood_an_hour_ago_takes_nothing(
    lead: Callable[..., TestResponse], monkeypatch: pytest.MonkeyPatch, at_time: Callable[[datetime], None]
) -> None:
    monkeypatch.setattr(leads, "MOST_AN_HOUR", 3)
    statuses(lead, 3, OTHER)
    at_time(NOW + timedelta(hours=2))
    assert statuses(lead, 2) == [302, 302]


def test_who_is_signed_in_counts_by_place_too_and_a_lead_that_says_nothing_does_not_count(
    lead: Callable[..., TestResponse], browser_of: Callable[[Member], FlaskClient]
) -> None:
    browser = browser_of(make_member(Role.TRAINEE))
    assert [lead(facts="").status_code for _ in range(leads.FREE + 2)] == [422] * (leads.FREE + 2)
    assert [lead(browser=browser).status_code for _ in range(leads.FREE + 1)] == [302] * leads.FREE + [429]


def test_the_trace_of_a_place_holds_no_address_names_no_case_and_is_gone_after_an_hour(
    lead: Callable[..., TestResponse],
) -> None:
    lead()
    row = session.scalars(select(Throttle).where(Throttle.door == DOOR)).one()
    assert ONE.encode() not in row.key
    assert {column.name for column in Throttle.__table__.columns} == {"id", "door", "key", "failures", "last_at"}
    with unit_of_work():
        forget_old_tries(at=real_now() + timedelta(hours=1, seconds=1))
    assert session.scalars(select(Throttle).where(Throttle.door == DOOR)).all() == []


def test_the_form_of_a_lead_shows_the_other_ways_before_anything_is_typed(client: FlaskClient, lead: object) -> None:
    del lead
    code = session.scalars(select(func.max(Case.id))).first()
    assert code is None
    notice = make_publicity(names=("李四",)).code
    page = client.get(f"/cases/new?kind=cases.lead&about={notice}").text
    assert 'id="other-ways"' in page
    assert "/sign-in?next=" in page


def test_the_other_ways_are_usable_a_telephone_a_mail_address_the_post_and_the_hotline_with_its_source(
    lead: Callable[..., TestResponse],
) -> None:
    body = make_organisation(kind=OrganisationKind.AUTHORITY, region=SHANDONG, name_zh="省科技厅受理处")
    officer = make_member(Role.REGULATOR, SHANDONG, body)
    statuses(lead, leads.FREE)
    bare = lead()
    assert "省科技厅受理处" in bare.text
    assert "公开电话" not in bare.text, "what is not kept is not promised"
    with unit_of_work():
        given = {"phone": "0531-86000000", "email": "jb@kjt.example", "postal_address": "1号", "postcode": "250000"}
        correct_contacts(session.get_one(Organisation, body.id), given, by=officer.actor, at=NOW)

    refused = lead()

    assert refused.status_code == 429
    for way in (
        'href="tel:12345"',
        "国办发〔2020〕53号",
        'href="tel:0531-86000000"',
        "mailto:jb@kjt.example",
        "250000 1号",
    ):
        assert way in refused.text


def test_after_the_publicity_period_a_lead_is_refused_beside_the_ways_that_stay_open(
    lead: Callable[..., TestResponse], client: FlaskClient, at_time: Callable[[datetime], None]
) -> None:
    code = session.scalars(select(Publicity.code)).one()
    at_time(NOW + timedelta(days=60))

    page = client.get(f"/cases/new?kind=cases.lead&about={code}")
    given = lead()

    assert (page.status_code, given.status_code, kept()) == (403, 403, 0)
    assert 'href="tel:12345"' in page.text
    assert "<textarea" not in page.text
    assert "cases.objection" not in page.text
    assert 'href="tel:12345"' in given.text
    assert "所公示的业绩与事实不符。" in given.text, "what was typed is not lost"
    assert session.scalars(select(Throttle).where(Throttle.door == DOOR)).all() == []

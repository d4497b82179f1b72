"""Meetings of committees, as the tests of the panels room open them."""

from collections.abc import Callable
from datetime import datetime

from flask.testing import FlaskClient

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.panels.models.meetings import AgendaItem, Meeting
from app.panels.models.pools import PoolExpert
from app.panels.queries import meetings as queries
from app.panels.services import meetings as services
from tests.factories.accounts import Member, make_member
from tests.factories.panels import (
    AT,
    Office,
    acting,
)

BrowserOf = Callable[[Member], FlaskClient]


def fresh(meeting: Meeting) -> Meeting:
    return session.get_one(Meeting, meeting.id, populate_existing=True)


def item_of(meeting: Meeting, place: int = 0) -> AgendaItem:
    return queries.all_items(meeting.id)[place]


def come(meeting: Meeting, expert: PoolExpert, *, entering: bool = True, at: datetime = AT) -> None:
    actor = acting(expert).actor
    with unit_of_work():
        member = queries.membership(fresh(meeting), actor)
        assert member
        services.attend(fresh(meeting), member, entering=entering, by=actor, at=at)


def open_(meeting: Meeting, office: Office, experts: list[PoolExpert]) -> None:
    for one in experts:
        come(meeting, one)
    with unit_of_work():
        services.open_meeting(fresh(meeting), by=office.secretary.actor, at=AT)


def chair_of(office: Office, experts: list[PoolExpert]) -> Member:
    return make_member(Role.CHAIR, office.pool.region_code, office.organisation, person=experts[0].person)

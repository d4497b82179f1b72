"""What the tests of panels share: an office with its pool, at a day on which everyone serves."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.core.db import unit_of_work
from app.core.events import Subject
from app.panels.models.meetings import Meeting
from app.panels.models.pools import PoolExpert
from app.panels.services import meetings as services
from app.panels.services.draws import CaseGiven
from tests.factories.panels import AT, Office, file_committee, make_committee, make_experts, make_office
from tests.worlds import built_once


@pytest.fixture
def office(app: Flask, at_time: Callable[[datetime], None]) -> Office:
    del app
    at_time(AT)
    return make_office()


@pytest.fixture
def experts(office: Office) -> list[PoolExpert]:
    return make_experts(office, 3)


@pytest.fixture
@built_once
def meeting(office: Office, experts: list[PoolExpert]) -> Meeting:
    committee = file_committee(make_committee(office, experts), office)
    with unit_of_work():
        made = services.call(
            committee,
            name_zh="第一次评审会",
            name_en="First meeting",
            place="济南",
            starts_at=AT + timedelta(hours=1),
            by=office.secretary.actor,
            at=AT,
        )
        for code in ("case-1", "case-2"):
            given = CaseGiven(Subject("thing", code), f"事项{code}", f"Thing {code}")
            services.add_item(made, given, by=office.secretary.actor, at=AT)
    return made

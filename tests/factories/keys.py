"""Keys of programs for tests: made as the administrator of an organisation makes them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import services
from app.accounts.keyed import AccessKey
from app.accounts.models import Organisation
from app.accounts.services.access_keys import Terms
from app.accounts.states import Role
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.evidence.access import Permission
from tests.factories.accounts import JINAN, Member, make_member, make_organisation

PURPOSE = str(Permission.ENTER)
ADDRESS = "/api/v1/organisation/evidence"


@dataclass(frozen=True)
class Institution:
    """An organisation with its administrator, the key of a program of theirs, and the key's text."""

    body: Organisation
    administrator: Member
    key: AccessKey
    text: str


def make_key(
    administrator: Member, body: Organisation, *, name: str = "人事系统", days: int = 90, at: datetime | None = None
) -> tuple[AccessKey, str]:
    """Make a key and return it with its text."""
    with unit_of_work():
        found = session.merge(body)
        return services.make_key(found, Terms(name, PURPOSE, days), by=administrator.actor, at=at or real_now())


def make_institution(role: Role = Role.EMPLOYER, region: str = JINAN) -> Institution:
    """Make an organisation whose program holds a key."""
    body = make_organisation(region=region, name_zh="泉城智造")
    administrator = make_member(role, region, body)
    return Institution(body, administrator, *make_key(administrator, body))


def call(
    app: Flask, text: str | None, body: object, *, name: str | None = "request-0001", client: FlaskClient | None = None
) -> TestResponse:
    """Send a record as a program does, with a fresh client of no cookies unless one is given."""
    headers = {"Authorization": f"Bearer {text}"} if text is not None else {}
    headers |= {"Idempotency-Key": name} if name else {}
    return (client or app.test_client()).post(ADDRESS, json=body, headers=headers)


LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
A_YEAR = timedelta(days=365)

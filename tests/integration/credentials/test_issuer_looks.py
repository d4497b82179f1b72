"""A holder reads which issuer listed, opened or took away their certificate; of a body nobody is named."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.access_log import AccessLook, Purpose
from app.core.db import session
from tests.factories.accounts import Member, make_person
from tests.factories.credentials import Office, issue, make_request

DURING = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
Browser = Callable[[Member], FlaskClient]


@pytest.fixture(autouse=True)
def _during(at_time: Callable[[datetime], None]) -> None:
    at_time(DURING)


def looks_at(person_id: int | None) -> list[tuple[str, Purpose]]:
    query = select(AccessLook.record_type, AccessLook.purpose).where(AccessLook.person_id == person_id)
    return [(record, purpose) for record, purpose in session.execute(query.order_by(AccessLook.id))]


@pytest.mark.parametrize(
    ("path", "record"),
    [
        ("/issuing/certificates", "certificate_list"),
        ("/issuing/certificates.csv", "certificate_list"),
        ("/issuing/certificates.xlsx", "certificate_list"),
        ("/issuing/certificates/{code}", "certificate"),
    ],
)
def test_each_look_of_an_issuer_is_on_record(office: Office, browser_of: Browser, path: str, record: str) -> None:
    certificate = issue(office, make_person())
    answer = browser_of(office.first).get(path.format(code=certificate.code))
    assert answer.status_code == 200
    assert looks_at(certificate.person_id) == [(record, Purpose.CERTIFICATION)]


def test_whoever_waits_to_be_certified_is_seen_by_name(office: Office, browser_of: Browser) -> None:
    asked = make_request(office, make_person())
    assert browser_of(office.first).get("/issuing").status_code == 200
    assert looks_at(asked.person_id) == [("certificate_list", Purpose.CERTIFICATION)]

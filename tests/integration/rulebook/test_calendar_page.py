"""`/rules/calendar`: everyone reads what working days are counted with; the entered days are samples of a far year."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from app.core.calendar import LAST_KNOWN_YEAR
from tests.factories.holidays import FAR, NUMBER, make_year

EN = {"Accept-Language": "en"}


@pytest.fixture(autouse=True)
def _today(client: FlaskClient, at_time: Callable[[datetime], None]) -> None:
    del client
    at_time(datetime(LAST_KNOWN_YEAR, 3, 2, 1, tzinfo=UTC))


def test_a_year_of_the_kept_calendar_names_its_holidays(client: FlaskClient) -> None:
    page = client.get("/rules/calendar?year=" + str(LAST_KNOWN_YEAR - 1), headers=EN)

    assert page.status_code == 200
    assert "comes with the platform" in page.text
    assert "are not entered yet" not in page.text


def test_the_next_year_is_said_to_be_provisional_until_it_is_entered(client: FlaskClient) -> None:
    address = f"/rules/calendar?year={LAST_KNOWN_YEAR + 1}"
    assert "are not entered yet" in client.get(address, headers=EN).text

    make_year(LAST_KNOWN_YEAR + 1, f"日期,安排\n{LAST_KNOWN_YEAR + 1}-01-04,放假\n")

    assert "are not entered yet" not in client.get(address, headers=EN).text


def test_an_entered_year_shows_its_notice_as_a_sample_and_its_days_in_rows(client: FlaskClient) -> None:
    make_year()

    page = client.get(f"/rules/calendar?year={FAR}", headers=EN).text

    assert NUMBER in page
    assert "Sample value" in page
    assert "Rule pack</dt>" not in page, "the year was entered from a list"
    assert page.count("<tr") == 1 + 4, "three stretches of January and February are free or worked, and one Saturday"


def test_a_year_that_is_not_listed_is_not_found(client: FlaskClient) -> None:
    assert client.get("/rules/calendar?year=1900").status_code == 404

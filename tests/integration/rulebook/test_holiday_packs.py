"""The holidays of a year as a rule pack: two persons confirm it, and working days are counted by it at once."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import select

from app.accounts.states import NATION, Role
from app.core.calendar import CalendarOverride, CalendarYear, is_working_day, published
from app.core.db import session
from app.core.errors import InvalidError
from app.core.events import Event
from app.core.jobs import Job, JobState
from app.rulebook import queries
from app.rulebook.services.recounting import RECOUNT, counted_days
from tests.factories.accounts import SHANDONG
from tests.factories.holidays import FAR, make_year
from tests.factories.rulebook import make_draft, make_proposed, make_published

NOTICE = "SAMPLE-7"
PARAMS = f"""
[params]
year = {FAR}
notice = "{NOTICE}"
free = [{FAR}-01-01, {FAR}-01-02, {FAR}-02-19]
working = [{FAR}-01-06]
"""


def given(params: str = PARAMS, region: str = NATION) -> dict[str, object]:
    return {"kind": "holidays", "code": "holidays-test", "name_zh": "节假日安排", "region": region, "params": params}


def days() -> dict[date, bool]:
    return {row.day: row.working for row in session.scalars(select(CalendarOverride))}


def test_a_published_pack_is_what_its_year_is_counted_by(app: Flask) -> None:
    del app
    proposed = make_proposed(**given())
    assert session.get(CalendarYear, FAR) is None, "a draft binds nobody"

    pack = make_published(**given())

    year = session.get_one(CalendarYear, FAR)
    assert (year.source, year.notice, year.sample) == ("样例", NOTICE, True)
    known = published()
    assert [is_working_day(date(FAR, 1, day), known) for day in (1, 2, 3, 6, 7)] == [False, False, True, True, False]
    told = session.scalars(select(Event).where(Event.kind == "rulebook.year_entered")).one()
    assert (told.actor_id, told.rule, told.data["pack"]) == (pack.published_by_id, NOTICE, pack.code)
    assert told.actor_id != pack.proposed_by_id
    assert proposed.code != pack.code


def test_the_days_of_every_room_are_counted_anew_and_say_why(app: Flask, run_jobs: Callable[[], int]) -> None:
    del app
    pack = make_published(**given())
    run_jobs()

    started = [one for one in session.scalars(select(Job)) if one.kind == RECOUNT]
    assert {one.args["days"] for one in started} == set(counted_days())
    assert {one.state for one in started} == {JobState.DONE}
    why = started[0].args["why"]
    entry = session.scalars(select(Event).where(Event.kind == "rulebook.year_entered")).one()
    assert why == {
        "year": FAR,
        "notice": NOTICE,
        "source": pack.code,
        "entered": entry.code,
        "entered_by": pack.published_by_id,
    }


def test_a_later_revision_replaces_the_days_of_its_year_and_no_other(app: Flask) -> None:
    del app
    make_year(FAR + 1, f"日期,安排\n{FAR + 1}-05-01,放假\n")
    make_published(**given())

    make_published(**given(PARAMS.replace(f", {FAR}-02-19", "")))

    assert set(days()) == {date(FAR, 1, 1), date(FAR, 1, 2), date(FAR, 1, 6), date(FAR + 1, 5, 1)}
    told = session.scalars(select(Event).where(Event.kind == "rulebook.year_entered").order_by(Event.id)).all()[-1]
    assert len(told.data["replaced"]["days"]) == 4


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (f"{FAR}-02-19", f"{FAR + 1}-02-19", "another year"),
        (f"{FAR}-02-19", f"{FAR}-01-01", "twice"),
        (f"[{FAR}-01-06]", f"[{FAR}-01-01]", "free and worked"),
        (f"{FAR}-02-19", '"元旦"', "such as 2026-11-23"),
        (f'"{NOTICE}"', '""', "is missing"),
    ],
)
def test_days_that_cannot_be_are_named_with_their_field(app: Flask, was: str, now: str, said: str) -> None:
    with app.test_request_context(), force_locale("en"), pytest.raises(InvalidError) as refused:
        make_draft(**given(PARAMS.replace(was, now)))
    with app.test_request_context(), force_locale("en"):
        assert said in str(refused.value)
        assert "params" in str(refused.value)


@pytest.mark.one_database
def test_a_wrong_line_is_named_beside_its_field_in_the_builder(sign_in: Callable[..., FlaskClient]) -> None:
    pack = make_draft(**given())
    browser, path = sign_in(Role.REGULATOR, NATION), f"/rules/{pack.code}/edit"

    browser.post(path, data={"act": "keep", "version": "0", "params.free": f"{FAR}-01-01\n{FAR}-13-01"})

    page = browser.get(path).text
    assert "第2项：须为日期" in page
    assert "params.free.1" not in page, "no name of the file in place of the field"
    assert f"{FAR}-13-01" in page, "nothing typed is lost"


@pytest.mark.one_database
def test_no_region_has_holidays_of_its_own(app: Flask) -> None:
    del app
    with pytest.raises(InvalidError):
        make_draft(**given(region=SHANDONG))
    assert queries.latest_of("holidays-test") is None


@pytest.mark.one_database
def test_the_pack_says_its_days_together_and_the_calendar_leads_to_it(
    app: Flask, client: FlaskClient, at_time: Callable[[datetime], None]
) -> None:
    at_time(datetime(FAR - 1, 11, 4, tzinfo=UTC))
    pack = make_published(**given())
    with app.test_request_context():
        arranged = queries.kind("holidays").sentences(queries.params(pack))
        with force_locale("en"):
            english = [str(one) for one in arranged]
        with force_locale("zh_CN"):
            chinese = [str(one) for one in arranged]

    assert english[1:] == ["Free: 1 January to 2 January, 2 days.", "Worked: 6 January.", "Free: 19 February."]
    assert chinese[1:] == ["放假：1月1日至1月2日，共2天。", "上班：1月6日。", "放假：2月19日。"]
    address = f'href="/rules/{pack.code}"'
    assert address in client.get(f"/rules/calendar?year={FAR}").text
    assert address in client.get("/rules?kind=holidays").text

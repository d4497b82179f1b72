"""The auditor reads the events of the region, filtered, paged, exported; the system administrator sees no person."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import trail
from app.accounts.states import Role
from app.core import clock, events
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.events import Event, Outbox, Subject
from app.core.jobs import Job, JobState
from app.core.room import permissions_of
from tests.factories.accounts import GUANGDONG, NATION, SHANDONG, Member, make_member

Browse = Callable[[Member], FlaskClient]


def record(kind: str = "accounts.role_switched", *, by: Member | None = None, **given: object) -> Event:
    with unit_of_work():
        subject = Subject("person", by.person.code if by else "somebody")
        actor = by.actor if by else None
        return events.record(kind, subject, by=actor, at=real_now(), **given)  # type: ignore[arg-type]


@pytest.fixture(name="auditor")
def _auditor(app: Flask) -> Member:
    del app
    return make_member(Role.AUDITOR, NATION)


def exported(answer: object) -> list[dict[str, str]]:
    text = answer.data.decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def test_an_event_is_listed_with_who_did_what_and_opens(browser_of: Browse, auditor: Member) -> None:
    author = make_member(Role.AUTHOR)
    happened = record(by=author, data={"membership": author.membership.code, "count": 3}, reason="换岗")
    browser = browser_of(auditor)
    page = browser.get("/audit/events").text
    assert author.person.name in page
    assert "切换角色" in page
    one = browser.get(f"/audit/events/{happened.code}").text
    assert author.membership.code in one
    assert "换岗" in one
    assert browser.get("/audit/events/nobody").status_code == 404


def test_events_are_filtered_by_kind_person_record_and_day(browser_of: Browse, auditor: Member) -> None:
    author, other = make_member(Role.AUTHOR), make_member(Role.AUTHOR)
    record(by=author)
    record("accounts.language_chosen", by=other, data={"language": "en"})
    browser = browser_of(auditor)
    today = clock.day_of(real_now())

    def subjects(**query: object) -> set[str]:
        page = browser.get("/audit/events", query_string={"kind": "accounts.role_switched", **query}).text
        return {code for code in (author.person.code, other.person.code) if f">{code}<" in page}

    assert subjects() == {author.person.code}
    assert subjects(who=author.person.code) == {author.person.code}
    assert subjects(who=other.person.code) == set()
    assert subjects(kind="", subject=other.person.code) == {other.person.code}
    assert subjects(since=today, until=today) == {author.person.code}
    assert subjects(since=today + timedelta(days=1)) == set()
    assert subjects(until=today - timedelta(days=1)) == set()
    assert subjects(kind="made.up", since="soon") == {author.person.code, other.person.code}, "nonsense filters nothing"


def test_older_events_follow_page_by_page_without_gap_or_double(browser_of: Browse, auditor: Member) -> None:
    author = make_member(Role.AUTHOR)
    for _number in range(2 * trail.PAGE_LENGTH + 1):
        record(by=author)
    browser, seen = browser_of(auditor), []
    path: str | None = "/audit/events?kind=accounts.role_switched"
    while path:
        page = browser.get(path).text
        seen += re.findall(r'<a href="/audit/events/([0-9a-z]{26})"', page)
        older = re.search(r'href="([^"]*before=[0-9]+[^"]*)"', page)
        path = older[1].replace("&amp;", "&") if older else None
    assert len(seen) == len(set(seen))
    assert len(set(seen)) == 2 * trail.PAGE_LENGTH + 1


def test_the_list_sends_few_statements_however_long_it_is(
    browser_of: Browse, auditor: Member, count_statements: Callable[[], list[str]]
) -> None:
    for _number in range(trail.PAGE_LENGTH):
        record(by=make_member(Role.AUTHOR))
    browser = browser_of(auditor)
    sent = count_statements()
    browser.get("/audit/events")
    assert len([one for one in sent if "BEGIN" not in one]) <= 10


def test_a_province_reads_of_its_own_people_only(browser_of: Browse) -> None:
    here, there = make_member(Role.AUTHOR, SHANDONG), make_member(Role.AUTHOR, GUANGDONG)
    record(by=here)
    foreign = record(by=there)
    browser = browser_of(make_member(Role.AUDITOR, SHANDONG))
    page = browser.get("/audit/events?kind=accounts.role_switched").text
    assert here.person.code in page
    assert there.person.code not in page
    assert browser.get(f"/audit/events/{foreign.code}").status_code == 404
    rows = exported(browser.post("/audit/events/export", data={"kind": "accounts.role_switched"}, buffered=True))
    assert [row["subject"] for row in rows] == [here.person.code]


def test_the_export_holds_what_was_filtered_in_order_over_chunks_and_is_an_event(
    browser_of: Browse, auditor: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "CHUNK", 2)
    author = make_member(Role.AUTHOR)
    made = [record(by=author).code for _number in range(5)]
    answer = browser_of(auditor).post("/audit/events/export", data={"kind": "accounts.role_switched"}, buffered=True)
    assert answer.mimetype == "text/csv"
    assert [row["code"] for row in exported(answer)] == made
    taken = session.scalars(select(Event).where(Event.kind == "accounts.events_exported")).one()
    assert taken.data == {"kind": "accounts.role_switched"}


@pytest.mark.parametrize("reason", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_of_the_export_is_a_formula(browser_of: Browse, auditor: Member, reason: str) -> None:
    record(by=auditor, reason=reason)
    answer = browser_of(auditor).post("/audit/events/export", data={"kind": "accounts.role_switched"}, buffered=True)
    assert exported(answer)[0]["reason"] == f"'{reason}"


def test_each_administrator_sees_only_their_own_pages(browser_of: Browse) -> None:
    pages = {
        Role.SYSADMIN: "/system",
        Role.SECADMIN: "/security/orders",
        Role.AUDITOR: "/audit/events",
    }
    for role, own in pages.items():
        browser = browser_of(make_member(role))
        answers = {page: browser.get(page).status_code for page in pages.values()}
        assert answers == {page: 200 if page == own else 403 for page in pages.values()}
    mine = {role: {one for one in permissions_of(role) if one.startswith("accounts.")} for role in pages}
    assert not mine[Role.SYSADMIN] & mine[Role.SECADMIN]
    assert not mine[Role.SYSADMIN] & mine[Role.AUDITOR]
    assert not mine[Role.SECADMIN] & mine[Role.AUDITOR]


def make_job(error: str | None, state: JobState = JobState.FAILED) -> Job:
    with unit_of_work():
        ended = None if state is JobState.QUEUED else real_now()
        job = Job(
            kind="nothing", key=f"k{error}{state}", args={"name": "沈知行"}, state=state, ended_at=ended, error=error
        )
        session.add(job)
        session.flush()
        return job


def test_the_system_administrator_sees_jobs_deliveries_and_settings_but_no_word_about_people(
    browser_of: Browse,
) -> None:
    make_job("sqlalchemy.exc.DataError: value 370102190001010011 of 沈知行")
    make_job("沈知行 is not eligible")
    make_job(None, JobState.DONE)
    with unit_of_work():
        happened = events.record("accounts.password_changed", Subject("person", "p"), by=None, at=real_now())
        session.scalars(select(Outbox).where(Outbox.event_id == happened.id)).one().attempts = 2
    page = browser_of(make_member(Role.SYSADMIN)).get("/system").text
    assert "DataError" in page
    assert "被规则拒绝" in page
    assert "accounts.letter.password_changed" in page
    assert "memory" in page
    assert "370102" not in page
    assert "沈知行" not in page
    assert "demo-for-tests" not in page


def test_a_failed_job_is_started_again_once(browser_of: Browse) -> None:
    failed, done = make_job("KeyError: 1"), make_job(None, JobState.DONE)
    browser = browser_of(make_member(Role.SYSADMIN))
    assert "KeyError" in browser.get("/system?failed=yes").text
    assert browser.post(f"/system/jobs/{failed.code}/retry").location == "/system"
    assert browser.post(f"/system/jobs/{failed.code}/retry").status_code == 404
    assert browser.post(f"/system/jobs/{done.code}/retry").status_code == 404
    session.rollback()
    assert session.get_one(Job, failed.id).state is JobState.QUEUED
    kinds = session.scalars(select(Event.kind)).all()
    assert kinds.count("accounts.job_retried") == 1


def test_a_label_is_filled_with_the_figures_of_its_event_and_the_filter_begins_without_a_fault(
    browser_of: Browse, auditor: Member
) -> None:
    record("courses.quiz_answered", by=auditor, data={"position": 7})
    page = browser_of(auditor).get("/audit/events").text
    assert "第7课" in page.replace("\u2009", "").replace(" ", "")
    assert "%(" not in page
    assert "field-bad" not in page

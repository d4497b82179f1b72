"""What a person did lately: latest first, and the same thing done many times on one day is one line."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient

from app.accounts.states import Role
from app.core import events
from app.core.db import unit_of_work
from app.core.events import Subject
from app.desk import queries
from app.desk.queries.naming import Named
from app.desk.queries.todos import FOLLOWED
from tests.factories.accounts import GUANGDONG, SHANDONG, Member, make_member
from tests.factories.bases import make_application

MORNING = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
MET, AGREED = "bases.applied", "bases.accredited"


def did(member: Member, kind: str, at: datetime, reason: str | None = None) -> None:
    with unit_of_work():
        events.record(kind, Subject("training_base", "b1"), by=member.actor, at=at, reason=reason)


def lines(member: Member) -> list[tuple[datetime, int, str | None]]:
    return [(one.at, one.times, one.reason) for one in queries.followed_by(member.actor)]


def test_work_on_a_list_is_one_line_of_its_latest_time(app: Flask) -> None:
    del app
    member = make_member(Role.REGULATOR)
    for minute in range(12):
        did(member, MET, MORNING + timedelta(minutes=minute))
    did(member, AGREED, MORNING + timedelta(hours=1))

    assert lines(member) == [(MORNING + timedelta(hours=1), 1, None), (MORNING + timedelta(minutes=11), 12, None)]


def test_another_day_or_another_reason_is_another_line(app: Flask) -> None:
    del app
    member = make_member(Role.REGULATOR)
    late = datetime(2026, 5, 4, 15, 59, tzinfo=UTC)
    did(member, MET, late)
    did(member, MET, late + timedelta(minutes=1))
    did(member, MET, late + timedelta(minutes=2), reason="材料齐全")

    assert [times for _at, times, _reason in lines(member)] == [1, 1, 1]


def test_what_was_entered_late_stands_at_its_own_time(app: Flask) -> None:
    del app
    member = make_member(Role.REGULATOR)
    did(member, AGREED, MORNING)
    did(member, MET, MORNING - timedelta(days=30))
    did(member, AGREED, MORNING - timedelta(days=1))

    assert [at for at, _times, _reason in lines(member)] == [
        MORNING,
        MORNING - timedelta(days=1),
        MORNING - timedelta(days=30),
    ]


def test_the_list_is_short_and_the_page_says_how_often(app: Flask, browser_of: Callable[[Member], FlaskClient]) -> None:
    del app
    member = make_member(Role.REGULATOR)
    for number in range(FOLLOWED + 2):
        did(member, MET, MORNING - timedelta(days=number))
        did(member, MET, MORNING - timedelta(days=number, minutes=1))

    assert len(lines(member)) == FOLLOWED
    assert browser_of(member).get("/home").text.count('<span class="timeline-times">2次</span>') == FOLLOWED


def test_a_line_names_the_record_it_was_done_to_within_what_the_person_may_see(
    app: Flask, browser_of: Callable[[Member], FlaskClient]
) -> None:
    del app
    member = make_member(Role.REGULATOR, SHANDONG)
    seen = make_application(region=SHANDONG, name_zh="泰山测试基地")
    unseen = make_application(region=GUANGDONG, name_zh="岭南测试基地")
    for base in (seen, unseen):
        with unit_of_work():
            events.record(MET, Subject("training_base", base.code), by=member.actor, at=MORNING, reason=base.code)

    named = {one.reason: one.about for one in queries.followed_by(member.actor)}
    assert named == {seen.code: Named("泰山测试基地", f"/bases/{seen.organisation.slug}"), unseen.code: None}
    page = browser_of(member).get("/home").text
    assert f'href="/bases/{seen.organisation.slug}">泰山测试基地</a>' in page
    assert "岭南测试基地" not in page


def test_a_line_of_many_records_names_none(app: Flask) -> None:
    del app
    member = make_member(Role.REGULATOR, SHANDONG)
    for number in range(2):
        base = make_application(region=SHANDONG, name_zh=f"泰山测试基地{number}")
        with unit_of_work():
            events.record(MET, Subject("training_base", base.code), by=member.actor, at=MORNING)

    (line,) = queries.followed_by(member.actor)
    assert (line.times, line.about) == (2, None)

"""Notices: made once after an event, seen by whom they tell and as long as they may, mailed as chosen."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import Membership
from app.accounts.states import Role
from app.bases import services as bases
from app.core import clock, events, post
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.errors import InvalidError, NotFoundError, UnavailableError
from app.core.events import Event, Subject
from app.core.post import Letter, ShortMessage
from app.core.room import Room
from app.core.text import _l
from app.desk import services
from app.desk.kinds import NoticeKind, Told
from app.desk.models import Notice, NoticeDelivery
from app.desk.post import send_waiting
from app.desk.queries import notices as queries
from app.desk.services.notices import tell
from app.desk.states import Channel, Rhythm
from tests.factories.accounts import Member, make_member, make_organisation
from tests.factories.bases import make_accredited, make_application

SUBJECT = Subject("note", "n1")
EVENT = "desk_test.happened"
MORNING = datetime(2026, 3, 2, 9, 30, tzinfo=clock.SHANGHAI)


@pytest.fixture(autouse=True)
def _kind(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Told]]:
    """Let the house know a kind of notice that tells whoever the test names."""
    told: list[Told] = []
    kind = NoticeKind(
        "desk_test.note", EVENT, label=_l("Notice"), sentence="事项%(name)s已办结", told=lambda _event: told, mail=True
    )
    room = Room(name="desk_test", notices=(kind,), events={EVENT: "事已办"})
    monkeypatch.setitem(app.extensions, "rooms", (*app.extensions["rooms"], room))
    post.empty_memory()
    yield told
    post.empty_memory()


@pytest.fixture
def told(_kind: list[Told]) -> list[Told]:
    return _kind


def happen(by: Member | None = None) -> Event:
    with unit_of_work():
        return events.record(EVENT, SUBJECT, by=by.actor if by else None, at=clock.now())


def texts(member: Member) -> list[str]:
    return [line.text for line in queries.notices(member.actor, on=clock.today()).rows]


def unread(member: Member) -> int:
    return queries.frame_counts(member.actor, clock.today())[1]


def test_an_event_tells_whom_it_concerns_once_however_often_it_is_delivered(
    told: list[Told], run_jobs: Callable[[], int]
) -> None:
    one, other = make_member(Role.TRAINEE), make_member(Role.TRAINEE)
    run_jobs()
    told.append(Told(one.person.id, "/x", {"name": "甲"}))
    happened = happen()
    assert texts(one) == [], "not before the outbox"
    run_jobs()
    with unit_of_work():
        tell(happened)
    assert texts(one) == ["事项甲已办结"]
    assert (unread(one), unread(other)) == (1, 0)
    assert texts(other) == []


def test_nobody_is_told_of_what_they_did_themselves(told: list[Told], run_jobs: Callable[[], int]) -> None:
    member = make_member(Role.TRAINEE)
    told.append(Told(member.person.id, "/x"))
    happen(by=member)
    run_jobs()
    assert texts(member) == []


def test_opening_a_notice_marks_it_read_and_leads_on(
    told: list[Told], run_jobs: Callable[[], int], browser_of: Callable[[Member], FlaskClient]
) -> None:
    one, other = make_member(Role.TRAINEE), make_member(Role.TRAINEE)
    told.append(Told(one.person.id, "/learning", {"name": "甲"}))
    happen()
    run_jobs()
    code = session.scalars(select(Notice.code).where(Notice.kind == "desk_test.note")).one()
    browser = browser_of(one)
    assert '<span class="count">1</span>' in browser.get("/messages").text
    assert browser_of(other).post(f"/messages/{code}/open").status_code == 404
    assert unread(one) == 1
    assert browser.post(f"/messages/{code}/open").location == "/learning"
    assert unread(one) == 0
    assert browser.post(f"/messages/{code}/open").location == "/learning", "a second press does no harm"
    assert "事项甲已办结" in browser.get("/messages").text
    assert "事项甲已办结" not in browser.get("/messages?unread=1").text


def test_all_can_be_marked_read_at_once_and_only_one_s_own(
    told: list[Told], run_jobs: Callable[[], int], browser_of: Callable[[Member], FlaskClient]
) -> None:
    one, other = make_member(Role.TRAINEE), make_member(Role.TRAINEE)
    told += [Told(one.person.id, "/x"), Told(other.person.id, "/x")]
    happen()
    happen()
    run_jobs()
    assert browser_of(one).post("/messages/read").status_code == 302
    assert (unread(one), unread(other)) == (0, 2)


def test_a_notice_falls_silent_with_the_role_it_was_given_under(
    told: list[Told], run_jobs: Callable[[], int], browser_of: Callable[[Member], FlaskClient]
) -> None:
    member = make_member(Role.BASE, organisation=make_organisation())
    told.append(Told(member.person.id, "/x", membership_id=member.membership.id))
    happen()
    run_jobs()
    assert unread(member) == 1
    code = session.scalars(select(Notice.code).where(Notice.kind == "desk_test.note")).one()
    with unit_of_work():
        yesterday = clock.today() - timedelta(days=1)
        session.execute(update(Membership).where(Membership.id == member.membership.id).values(ends_on=yesterday))
    assert (unread(member), texts(member)) == (0, [])
    assert browser_of(member).post(f"/messages/{code}/open").status_code == 404
    send_waiting()
    assert post.in_memory() == []


def test_a_recused_person_hears_no_more_of_a_record(told: list[Told], run_jobs: Callable[[], int]) -> None:
    one, other = make_member(Role.EXAMINER), make_member(Role.EXAMINER)
    told += [Told(one.person.id, "/x"), Told(other.person.id, "/x")]
    happen()
    run_jobs()
    with unit_of_work():
        assert services.withdraw_notices(SUBJECT, at=clock.now(), person_id=one.person.id) == 1
    assert (unread(one), unread(other)) == (0, 1)
    with unit_of_work():
        assert services.withdraw_notices(Subject("note", "other"), at=clock.now()) == 0
        assert services.withdraw_notices(SUBJECT, at=clock.now()) == 1
    send_waiting()
    assert post.in_memory() == []
    with pytest.raises(NotFoundError):
        queries.own_notice("nobody", one.actor, clock.today())


def test_what_was_chosen_holds_before_what_the_kind_does(told: list[Told], run_jobs: Callable[[], int]) -> None:
    quiet, by_sms, off = (make_member(Role.TRAINEE) for _ in range(3))
    told += [Told(one.person.id, "/x", {"name": "甲"}) for one in (quiet, by_sms, off)]
    run_jobs()
    with unit_of_work():
        services.choose({"desk_test.note": {Channel.PAGE: False}}, by=quiet.actor)
        services.choose({"desk_test.note": {Channel.MAIL: False, Channel.SMS: True}}, by=by_sms.actor)
        services.choose({"desk_test.note": dict.fromkeys(Channel, False)}, by=off.actor)
    happen()
    run_jobs()
    assert (unread(quiet), unread(by_sms), unread(off)) == (0, 1, 0)
    assert (len(texts(quiet)), len(texts(off))) == (1, 0)
    send_waiting()
    sent = post.in_memory()
    assert [type(one) for one in sent] == [Letter, ShortMessage]
    assert sent[1].to.startswith("+86139")
    assert "事项甲已办结" in sent[1].body
    with unit_of_work(), pytest.raises(InvalidError):
        services.choose({"nothing": {}}, by=quiet.actor)


def test_a_letter_goes_once_in_the_language_of_its_reader(told: list[Told], run_jobs: Callable[[], int]) -> None:
    member = make_member(Role.TRAINEE)
    told.append(Told(member.person.id, "/learning", {"name": "甲"}))
    happen()
    run_jobs()
    send_waiting()
    send_waiting()
    (letter,) = post.in_memory()
    assert isinstance(letter, Letter)
    assert letter.subject == "事项甲已办结"
    assert "http://localhost:8000/learning" in letter.body
    assert "http://localhost:8000/messages/choices" in letter.body
    assert member.person.name in letter.body


def test_a_letter_that_was_sent_and_not_marked_is_not_sent_twice(told: list[Told], run_jobs: Callable[[], int]) -> None:
    told.append(Told(make_member(Role.TRAINEE).person.id, "/x"))
    happen()
    run_jobs()
    send_waiting()
    with unit_of_work():
        session.execute(update(NoticeDelivery).values(sent_at=None, outcome=None))
    send_waiting()
    assert len(post.in_memory()) == 1
    assert {row.outcome for row in session.scalars(select(NoticeDelivery))} == {"sent_before"}


def test_what_was_read_on_the_site_first_is_not_mailed(told: list[Told], run_jobs: Callable[[], int]) -> None:
    member = make_member(Role.TRAINEE)
    told.append(Told(member.person.id, "/x"))
    happen()
    run_jobs()
    with unit_of_work():
        services.mark_all_read(by=member.actor, at=clock.now() + timedelta(seconds=1))
    send_waiting()
    assert post.in_memory() == []


def test_a_mail_server_that_is_down_delays_and_at_last_ends_a_letter(
    told: list[Told], run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    told.append(Told(make_member(Role.TRAINEE).person.id, "/x"))
    happen()
    run_jobs()

    def down(_message: object) -> None:
        raise UnavailableError("down")

    monkeypatch.setattr(post, "send", down)
    for attempt in range(1, 9):
        send_waiting()
        row = session.scalars(select(NoticeDelivery).execution_options(populate_existing=True)).one()
        assert row.attempts == attempt
        assert row.due_at > real_now()
        with unit_of_work():
            session.execute(update(NoticeDelivery).values(due_at=real_now()))
    row = session.scalars(select(NoticeDelivery).execution_options(populate_existing=True)).one()
    assert row.outcome == "given_up"
    assert send_waiting() == 0


@pytest.mark.parametrize(
    ("rhythm", "weekday", "hour", "sent"),
    [
        (Rhythm.DAILY, 0, 9, True),
        (Rhythm.DAILY, 3, 8, True),
        (Rhythm.DAILY, 0, 10, False),
        (Rhythm.WEEKLY, 0, 9, True),
        (Rhythm.WEEKLY, 1, 9, False),
        (Rhythm.WEEKLY, 0, 10, False),
    ],
)
def test_several_notices_go_in_one_letter_at_the_chosen_hour(
    told: list[Told],
    run_jobs: Callable[[], int],
    at_time: Callable[[datetime], None],
    rhythm: Rhythm,
    weekday: int,
    hour: int,
    sent: bool,
) -> None:
    at_time(MORNING)
    member = make_member(Role.TRAINEE)
    with unit_of_work():
        services.set_rhythm(rhythm, hour=hour, weekday=weekday, by=member.actor)
    told.append(Told(member.person.id, "/x", {"name": "甲"}))
    happen()
    happen()
    run_jobs()
    send_waiting()
    letters = post.in_memory()
    assert len(letters) == (1 if sent else 0)
    if sent:
        assert letters[0].body.count("事项甲已办结") == 2


def test_a_letter_holds_all_that_waits_for_a_person_however_many_wait_for_one(
    told: list[Told],
    run_jobs: Callable[[], int],
    at_time: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_time(MORNING)
    monkeypatch.setattr("app.desk.post.BATCH", 1)
    members = [make_member(Role.TRAINEE) for _number in range(2)]
    for member in members:
        with unit_of_work():
            services.set_rhythm(Rhythm.DAILY, hour=8, weekday=0, by=member.actor)
        told.append(Told(member.person.id, "/x", {"name": "甲"}))
    for _number in range(3):
        happen()
    run_jobs()

    for _run in range(3):
        send_waiting()

    assert [letter.body.count("事项甲已办结") for letter in post.in_memory()] == [3, 3]
    assert session.scalars(select(NoticeDelivery.id).where(NoticeDelivery.sent_at.is_(None))).all() == []


def test_a_day_has_one_such_letter_and_the_next_day_the_rest(
    told: list[Told], run_jobs: Callable[[], int], at_time: Callable[[datetime], None]
) -> None:
    at_time(MORNING)
    member = make_member(Role.TRAINEE)
    with unit_of_work():
        services.set_rhythm(Rhythm.DAILY, hour=8, weekday=0, by=member.actor)
    told.append(Told(member.person.id, "/x", {"name": "甲"}))
    happen()
    run_jobs()
    send_waiting()
    happen()
    run_jobs()
    send_waiting()
    assert len(post.in_memory()) == 1
    at_time(MORNING + timedelta(days=1))
    send_waiting()
    assert len(post.in_memory()) == 2


@pytest.mark.parametrize(("hour", "weekday"), [(24, 0), (-1, 0), (8, 7), (8, -1)])
def test_hours_and_days_that_do_not_exist_are_refused(app: Flask, hour: int, weekday: int) -> None:
    del app
    with unit_of_work(), pytest.raises(InvalidError):
        services.set_rhythm(Rhythm.DAILY, hour=hour, weekday=weekday, by=make_member(Role.TRAINEE).actor)


def test_choices_are_kept_and_shown_again(browser_of: Callable[[Member], FlaskClient]) -> None:
    member = make_member(Role.TRAINEE)
    browser = browser_of(member)
    assert 'value="desk_test.note:mail" checked' in browser.get("/messages/choices").text
    given = {"wanted": ["desk_test.note:sms"], "rhythm": "weekly", "hour": "7", "weekday": "4"}
    assert browser.post("/messages/choices", data=given).status_code == 302
    page = browser.get("/messages/choices").text
    assert 'value="desk_test.note:sms" checked' in page
    assert 'value="desk_test.note:mail" checked' not in page
    assert 'value="weekly" checked' in page or 'checked id="rhythm-2"' in page
    refused = browser.post("/messages/choices", data={**given, "rhythm": "hourly"})
    assert refused.status_code == 422


def test_the_people_of_a_base_are_told_of_the_decision_under_their_role(run_jobs: Callable[[], int]) -> None:
    base = make_application()
    staff = make_member(Role.BASE, organisation=base.organisation)
    elsewhere = make_member(Role.BASE, organisation=make_organisation())
    make_accredited(make_organisation(name_zh="另一家"))
    province = make_member(Role.REGULATOR)
    with unit_of_work():
        bases.decide(base, "refuse", reason="材料不足。", by=province.actor, at=clock.now())
    run_jobs()
    assert any("未获批准" in text for text in texts(staff))
    assert not any("未获批准" in text for text in texts(elsewhere))

"""How a session is held: rooms of its venue, a registration within its days, seats kept until a room changes."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.states import Role
from app.assessment.exams.administration_states import INCIDENT_LABELS, AskState, Check
from app.assessment.exams.models import Admission, ExamSession, ExamVenue, ExtraTime, Incident, VenueRoom
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import venues as venue_queries
from app.assessment.exams.services import arranging, doors, extra_time, freezing, invigilating, sessions, venues
from app.assessment.exams.services.extra_time import More
from app.assessment.exams.services.freezing import Window
from app.assessment.exams.services.venues import Place
from app.assessment.exams.views.incidents import MOST_FILES
from app.core.clock import SHANGHAI
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError
from tests.factories.accounts import SHANDONG, Member, make_member
from tests.factories.exams import (
    CLOSES,
    MINUTES,
    NOW,
    OPENS,
    House,
    make_cohort,
    make_house,
    make_session,
    make_trainee,
)
from tests.factories.venues import Day, make_day, make_venue, seat_of
from tests.factories.venues import arrange as make_arrangement
from tests.submit import submit

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house(per_cell=2)


@pytest.fixture
def day(house: House) -> Day:
    return make_day(house, checked=False)


def refused(error: type[DomainError], act: Callable[[], object]) -> str:
    """Do what is refused; return the field that it names."""
    with pytest.raises(error) as told, unit_of_work():
        act()
    session.rollback()
    return told.value.field or ""


def arrange(house: House, held: ExamSession, venue: ExamVenue | None, **changes: object) -> None:
    """Arrange a session at a venue as it is now, with all its rooms but for what is given."""
    found = venue_queries.venue(venue.code, house.examiner.actor) if venue else None
    make_arrangement(house, held, found, **changes)


def rooms_of(house: House, venue: ExamVenue) -> list[VenueRoom]:
    return list(venue_queries.venue(venue.code, house.examiner.actor).rooms)


def current(held: ExamSession, house: House) -> ExamSession:
    return sessions_queries.exam_session(held.code, house.examiner.actor)


# ---- what is asked of an arrangement


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rooms": ()}, "rooms"),
        ({"registers_from": NOW}, "registers_until"),
        ({"registers_until": OPENS}, "registers_until"),
        ({"registers_from": NOW, "registers_until": NOW}, "registers_until"),
        ({"registers_from": NOW, "registers_until": OPENS + MINUTE}, "registers_until"),
    ],
    ids=[
        "a venue without rooms",
        "a registration without end",
        "a registration without beginning",
        "a registration that ends as it begins",
        "a registration into the window",
    ],
)
def test_an_arrangement_that_cannot_be_held_names_its_field(
    house: House, changes: dict[str, object], field: str
) -> None:
    held, venue = make_session(house), make_venue(house)

    assert refused(InvalidError, lambda: arrange(house, held, venue, **changes)) == field
    assert current(held, house).venue_id is None


def test_an_online_session_has_no_rooms_and_no_check_of_identity(house: House) -> None:
    held, rooms = make_session(house), rooms_of(house, make_venue(house))

    assert refused(InvalidError, lambda: arrange(house, held, None, rooms=rooms)) == "rooms"
    assert refused(InvalidError, lambda: arrange(house, held, None, identity_check=True)) == "venue"
    arrange(house, held, None)


def test_rooms_of_another_venue_are_not_taken(house: House) -> None:
    held, venue, other = make_session(house), make_venue(house), make_venue(house, rooms=(5,))

    mixed = [*rooms_of(house, venue), *rooms_of(house, other)]
    assert refused(InvalidError, lambda: arrange(house, held, venue, rooms=mixed)) == "rooms"


def test_a_registration_may_last_until_the_window_opens(house: House) -> None:
    held = make_session(house)
    arrange(house, held, make_venue(house), registers_from=NOW, registers_until=OPENS)

    assert current(held, house).registers_until == OPENS


def test_what_is_a_rehearsal_stays_one_once_somebody_is_registered(house: House) -> None:
    held, venue = make_session(house), make_venue(house)
    arrange(house, held, venue, rehearsal=True)
    arrange(house, held, venue)
    make_trainee(make_cohort())
    with unit_of_work():
        sessions.register_eligible(current(held, house), by=house.examiner.actor, at=NOW)

    assert refused(ConflictError, lambda: arrange(house, held, venue, rehearsal=True)) == "rehearsal"
    arrange(house, held, venue, extends=False)
    assert current(held, house).extends is False


def test_how_a_session_was_held_stays_after_its_window(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    held, venue = make_session(house), make_venue(house)
    monkeypatch.setattr("tests.factories.venues.NOW", CLOSES)

    refused(ConflictError, lambda: arrange(house, held, venue))


# ---- when it is held


@pytest.mark.parametrize(
    ("opens", "closes", "length", "at", "field"),
    [
        (NOW, CLOSES, MINUTES, NOW, "opens_at"),
        (OPENS + MINUTE, CLOSES, MINUTES, OPENS, "opens_at"),
        (OPENS, OPENS + MINUTES * MINUTE - MINUTE, MINUTES, NOW, "closes_at"),
        (OPENS, CLOSES - MINUTE, MINUTES, CLOSES - MINUTE, "closes_at"),
        (OPENS, CLOSES, 1, NOW, "minutes"),
        (OPENS, CLOSES + 10_000 * MINUTE, 10_000, NOW, "minutes"),
        (OPENS, CLOSES, MINUTES, NOW, "closes_at"),
    ],
    ids=[
        "a window that has opened",
        "a window that is open already",
        "a window shorter than the sitting",
        "a window that ends now",
        "a sitting shorter than the rule allows",
        "a sitting longer than the rule allows",
        "nothing changed",
    ],
)
def test_times_that_cannot_be_name_their_field(
    house: House, opens: datetime, closes: datetime, length: int, at: datetime, field: str
) -> None:
    held, window = make_session(house), Window(opens, closes, length)

    def change() -> None:
        freezing.change_window(current(held, house), window, reason="改期", by=house.examiner.actor, at=at)

    assert refused(InvalidError, change) == field
    assert current(held, house).opens_at == OPENS


def test_a_closed_window_stays_as_it_was_and_the_length_alone_may_change_before(house: House) -> None:
    held, by = make_session(house), house.examiner.actor

    def change(closes: datetime, length: int, at: datetime) -> None:
        freezing.change_window(current(held, house), Window(OPENS, closes, length), reason="改期", by=by, at=at)

    refused(ConflictError, lambda: change(CLOSES + MINUTE, MINUTES, CLOSES))
    with unit_of_work():
        change(CLOSES, MINUTES + 1, NOW)
    assert current(held, house).minutes == MINUTES + 1


def test_an_emergency_change_is_refused_at_any_time_and_approved_before_the_close_only(house: House) -> None:
    held, before = make_session(house), OPENS - MINUTE
    window = Window(OPENS, CLOSES + MINUTE, MINUTES)
    with unit_of_work():
        asked = freezing.change_window(current(held, house), window, reason="急", by=house.examiner.actor, at=before)
    assert asked is not None

    def decide(by: Member, *, approved: bool) -> None:
        freezing.decide_change(asked, current(held, house), approved=approved, by=by.actor, at=CLOSES)

    refused(ForbiddenError, lambda: decide(house.examiner, approved=False))
    refused(ConflictError, lambda: decide(house.examiner2, approved=True))
    with unit_of_work():
        decide(house.examiner2, approved=False)
    assert (current(held, house).closes_at, asked.state) == (CLOSES, AskState.REFUSED)


# ---- venues


def test_a_venue_and_its_rooms_bear_different_names_and_belong_to_a_body(house: House) -> None:
    by, venue = house.examiner.actor, make_venue(house)
    place, taken = Place(venue.name_zh, "Another", "二路2号", SHANDONG), rooms_of(house, venue)[0].name

    assert refused(ConflictError, lambda: venues.add_venue(place, by=by, at=NOW)) == "name_zh"
    assert refused(ConflictError, lambda: venues.add_room(venue, name=taken, seats=3, by=by, at=NOW)) == "name"
    regional = make_member(Role.EXAMINER).actor
    refused(ForbiddenError, lambda: venues.add_venue(replace(place, name_zh="新考点"), by=regional, at=NOW))


def test_what_was_typed_of_venue_room_session_and_change_stays_beside_what_is_wrong(
    house: House, browser_of: Browser
) -> None:
    browser, venue, held = browser_of(house.examiner), make_venue(house), make_session(house)
    pages: dict[str, dict[str, object]] = {
        "/exams/venues/new": {"name_zh": "只有中文名", "name_en": "", "address": "一路", "region": SHANDONG},
        f"/exams/venues/{venue.code}/rooms": {"name": "九零一考场", "seats": "0"},
        f"/exams/sessions/{held.code}/arrange": {"venue": "none", "registers_from": "2026-03-01T08:00"},
        f"/exams/sessions/{held.code}/change": {"opens_at": "soon", "reason": "交通管制"},
    }
    for address, fields in pages.items():
        page = address.removesuffix("/rooms")
        answer = submit(browser, address, page=page, **fields)
        assert answer.status_code == 422, address
        assert "aria-invalid" in answer.text, address


# ---- seats


def seats() -> int:
    return session.scalar(select(func.count()).select_from(Admission)) or 0


def test_seats_stay_while_the_rooms_stay_and_are_free_once_one_changes(house: House) -> None:
    held, venue = make_session(house), make_venue(house, rooms=(5, 5))
    arrange(house, held, venue)
    for _ in range(2):
        make_trainee(make_cohort())
    with unit_of_work():
        found = current(held, house)
        sessions.register_eligible(found, by=house.examiner.actor, at=NOW)
        assert arranging.allocate_seats(found, by=house.examiner.actor, at=NOW) == 2
    arrange(house, held, venue, extends=False)
    assert seats() == 2
    arrange(house, held, venue, rooms=rooms_of(house, venue)[:1])
    assert seats() == 0


def test_seats_are_given_at_a_venue_only_and_to_nobody_where_nobody_comes(house: House) -> None:
    held, by = make_session(house), house.examiner.actor

    refused(ConflictError, lambda: arranging.allocate_seats(current(held, house), by=by, at=NOW))
    arrange(house, held, make_venue(house))
    with unit_of_work():
        assert arranging.allocate_seats(current(held, house), by=by, at=NOW) == 0
    assert seats() == 0


def test_rooms_stay_once_a_candidate_was_checked_in(house: House, day: Day) -> None:
    registration = day.registration()
    with unit_of_work():
        seat = seat_of(registration)
        doors.check_identity(seat, registration, matches=True, note="", by=day.invigilator.actor, at=NOW)

    assert refused(ConflictError, lambda: arrange(house, day.held, make_venue(house, rooms=(9,)))) == "rooms"
    assert seats() == 2


# ---- the door


def test_a_mismatch_needs_a_note_and_nobody_checks_themselves(house: House, day: Day) -> None:
    del house
    registration = day.registration()
    seat, other = seat_of(registration), day.invigilator.actor

    def check(*, matches: bool, note: str = "", by: Member | None = None) -> None:
        actor = by.actor if by else other
        doors.check_identity(seat, registration, matches=matches, note=note, by=actor, at=NOW)

    assert refused(InvalidError, lambda: check(matches=False, note=" ")) == "note"
    refused(ForbiddenError, lambda: check(matches=True, by=day.candidates[0]))
    with unit_of_work():
        check(matches=False, note="照片不符")
    assert (seat.outcome, seat.note) == (Check.MISMATCH, "照片不符")
    with unit_of_work():
        check(matches=True)
    assert (seat.outcome, seat.note) == (Check.CHECKED, None)


def test_the_door_takes_one_ticket_after_another_and_says_what_is_wrong(
    house: House, day: Day, browser_of: Browser
) -> None:
    del house
    browser, page = browser_of(day.invigilator), f"/exams/sessions/{day.held.code}/door"
    ticket = day.registration().code

    assert 'id="ticket-error"' in browser.get(f"{page}?ticket=000").text
    assert day.candidates[0].person.name in browser.get(f"{page}?ticket={ticket}").text
    wrong = submit(browser, f"{page}/{ticket}", page=page, outcome="mismatch", note="")
    long = submit(browser, f"{page}/{ticket}", page=page, outcome="mismatch", note="x" * 201)
    assert [(one.status_code, 'id="note-error"' in one.text) for one in (wrong, long)] == [(422, True)] * 2
    noted = submit(browser, f"{page}/{ticket}", page=page, outcome="mismatch", note="照片不符")
    assert (noted.status_code, noted.location) == (302, page)
    session.expire_all()
    assert seat_of(day.registration()).outcome is Check.MISMATCH


# ---- the board


def test_a_room_is_paused_with_a_reason_only(house: House, day: Day, browser_of: Browser) -> None:
    del house
    board = f"/exams/sessions/{day.held.code}/board"
    where = f"/exams/sessions/{day.held.code}/rooms/{day.rooms[0].code}/pause"

    answer = submit(browser_of(day.invigilator), where, page=board, reason="")

    assert (answer.status_code, '<p class="error">' in answer.text) == (422, True)
    session.expire_all()
    assert day.rooms[0].paused_at is None


def test_collecting_shows_what_it_would_end_of_a_room_or_of_all(house: House, day: Day, browser_of: Browser) -> None:
    del house
    browser, page = browser_of(day.invigilator), f"/exams/sessions/{day.held.code}/collect-all"

    whole, room = browser.get(page).text, browser.get(f"{page}?room={day.rooms[0].code}").text

    assert day.rooms[0].room.name in room
    assert day.rooms[0].room.name not in whole
    assert browser.get(f"{page}?room=none").status_code == 404


def test_a_move_names_room_seat_and_reason_and_takes_no_taken_seat(house: House, day: Day, browser_of: Browser) -> None:
    del house
    browser, page = browser_of(day.invigilator), f"/exams/candidates/{day.registration().code}"
    before, taken = seat_of(day.registration()).seat, seat_of(day.registration(1)).seat
    good = {"room": day.rooms[0].code, "seat": "9", "reason": "机器故障"}

    for change, field in (({"seat": "0"}, "seat"), ({"reason": ""}, "reason"), ({"room": "none"}, "room")):
        answer = submit(browser, f"{page}/move", page=page, **{**good, **change})
        assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True), field
    refused_ = submit(browser, f"{page}/move", page=page, **{**good, "seat": str(taken)})
    assert refused_.status_code in {409, 422}
    session.expire_all()
    assert seat_of(day.registration()).seat == before


def test_a_room_stands_still_once_and_goes_on_once(house: House, day: Day) -> None:
    del house
    room, by = day.rooms[0], day.invigilator.actor

    def pause(reason: str = "停电") -> None:
        invigilating.pause(day.held, room, reason=reason, by=by, at=OPENS)

    refused(ConflictError, lambda: invigilating.resume(day.held, room, by=by, at=OPENS))
    assert refused(InvalidError, lambda: pause(" ")) == "reason"
    with unit_of_work():
        pause()
    refused(ConflictError, pause)
    with unit_of_work():
        invigilating.resume(day.held, room, by=by, at=OPENS + MINUTE)
    assert room.paused_at is None


def test_nobody_is_moved_without_reason_nor_into_a_room_that_stands_still(house: House) -> None:
    day = make_day(house, rooms=(5, 5), checked=False)
    by, registration = day.invigilator.actor, day.registration()
    seat = seat_of(registration)
    other = next(one for one in day.rooms if one.id != seat.session_room_id)

    def move(reason: str = "故障", number: int = 5) -> None:
        invigilating.move(registration, seat, other, number, reason=reason, by=by, at=OPENS)

    assert refused(InvalidError, lambda: move(" ")) == "reason"
    assert refused(InvalidError, lambda: move(number=6)) == refused(InvalidError, lambda: move(number=0)) == "seat"
    with unit_of_work():
        invigilating.pause(day.held, other, reason="停电", by=by, at=OPENS)
    assert refused(ConflictError, move) == "room"
    with unit_of_work():
        invigilating.resume(day.held, other, by=by, at=OPENS)
        move()
    assert (seat.session_room_id, seat.seat) == (other.id, 5)


def test_an_incident_has_happened_already_and_carries_few_files(house: House, day: Day, browser_of: Browser) -> None:
    del house
    page = f"/exams/sessions/{day.held.code}/incidents/new"
    browser = browser_of(day.invigilator)
    good: dict[str, Any] = {
        "kind": next(iter(INCIDENT_LABELS)),
        "happened_at": "2020-01-01T08:00",
        "room": "",
        "ticket": "",
    }
    good |= {"description": "停电五分钟", "action": "已恢复"}
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 16
    many = [(io.BytesIO(png), f"{number}.png") for number in range(MOST_FILES + 1)]

    for change in ({"description": ""}, {"happened_at": "2199-01-01T08:00"}, {"files": many}):
        answer = submit(browser, page, **{**good, **change})
        assert (answer.status_code, "已恢复" in answer.text) == (422, True)
    assert session.scalars(select(Incident)).all() == []
    assert submit(browser, page, **good).status_code == 302


def test_the_form_of_an_incident_offers_the_minute_of_now_without_seconds(
    day: Day, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    at_time(OPENS.replace(second=45))
    offered = browser_of(day.invigilator).get(f"/exams/sessions/{day.held.code}/incidents/new").text

    assert f'value="{OPENS.astimezone(SHANGHAI):%Y-%m-%d %H:%M}:00"' in offered


# ---- extra time


def test_extra_time_is_asked_for_somebody_for_some_minutes_and_with_a_reason(house: House, day: Day) -> None:
    chosen, by = [day.registration()], house.examiner.actor

    def ask(minutes: int = 10, reason: str = "机器故障", *, nobody: bool = False) -> None:
        people = [] if nobody else chosen
        extra_time.ask(day.held, people, more=More(minutes), reason=reason, by=by, at=NOW)

    assert refused(InvalidError, lambda: ask(nobody=True)) == "candidates"
    assert refused(InvalidError, lambda: ask(0)) == refused(InvalidError, lambda: ask(601)) == "minutes"
    assert refused(InvalidError, lambda: ask(reason=" ")) == "reason"
    with unit_of_work():
        ask(1)
        ask(600)
    assert sorted(session.scalars(select(ExtraTime.minutes))) == [1, 600]


def test_nobody_decides_on_their_own_extra_time(house: House, day: Day) -> None:
    with unit_of_work():
        grant = extra_time.ask(
            day.held, [day.registration()], more=More(5), reason="病", by=house.examiner.actor, at=NOW
        )
    gains = make_member(Role.EXAMINER, organisation=house.body, person=day.candidates[0].person).actor

    refused(ForbiddenError, lambda: extra_time.approve(grant, by=gains, at=NOW))
    refused(ForbiddenError, lambda: extra_time.refuse(grant, by=gains, at=NOW))
    with unit_of_work():
        extra_time.refuse(grant, by=house.examiner2.actor, at=NOW)


def test_the_page_asks_for_those_who_were_seen_and_keeps_what_was_typed(
    house: House, day: Day, browser_of: Browser
) -> None:
    browser = browser_of(house.examiner)
    page = f"/exams/sessions/{day.held.code}/extra-time/new"
    one = f"{page}?ticket={day.registration().code}"
    good = {"minutes": "10", "reason": "机器故障", "expected": "2"}

    assert submit(browser, page, **{**good, "minutes": "601"}).status_code == 422
    other = submit(browser, page, **{**good, "expected": "3"})
    assert (other.status_code, "机器故障" in other.text) == (409, True)
    assert submit(browser, one, **good).status_code == 409
    assert session.scalars(select(ExtraTime)).all() == []
    assert submit(browser, one, **{**good, "expected": "1"}).status_code == 302
    assert submit(browser, page, **good).status_code == 302
    assert session.scalar(select(func.count()).select_from(ExtraTime)) == 2

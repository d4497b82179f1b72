"""Pauses of sittings without a room: everybody or chosen ones, time given back, nothing typed lost."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts import door
from app.accounts.states import Role
from app.assessment.exams.administration_states import Standing
from app.assessment.exams.models import Attempt, ExamSession, Registration
from app.assessment.exams.queries import board, venues
from app.assessment.exams.queries import pausing as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries.board import Wanted
from app.assessment.exams.services import hot, invigilating, pausing, sitting, ticket_door, tickets
from app.assessment.exams.services.administration import of_registration
from app.assessment.exams.services.subjects import of_session
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError
from app.core.events import timeline
from tests.factories.accounts import NATION, Member, make_member, open_session
from tests.factories.exams import (
    CLOSES,
    MINUTES,
    NOW,
    OPENS,
    House,
    answer,
    attempt_of,
    make_house,
    make_prepared,
    said,
    sitting_of,
    start,
)
from tests.factories.venues import make_day, seat_of
from tests.submit import TOKEN, submit
from tests.worlds import built_once

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
DEADLINE = OPENS + timedelta(minutes=MINUTES)
PAGE = "0123456789abcdef"
WHY = "供电线路检修"
HELD_STEP = "The exam is paused. Once it goes on, this page offers the start, and your window closes later by the pause"


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


@dataclass
class Online:
    """A session that is sat online: its candidates, of whom the first has started, and who watches."""

    held: ExamSession
    candidates: list[Member]
    invigilator: Member

    @property
    def found(self) -> ExamSession:
        return sessions_queries.exam_session(self.held.code, self.invigilator.actor)

    def registered(self, *places: int) -> list[Registration]:
        people = [self.candidates[place].person.id for place in places]
        query = select(Registration).where(Registration.person_id.in_(people))
        found = {one.person_id: one for one in session.scalars(query.execution_options(populate_existing=True))}
        return [found[one] for one in people]

    def pause(self, *places: int, at: datetime, by: Member | None = None, reason: str = WHY) -> int:
        with unit_of_work():
            chosen = self.registered(*places)
            return pausing.pause(self.found, chosen, reason=reason, by=(by or self.invigilator).actor, at=at)

    def resume(self, *places: int, at: datetime) -> int:
        with unit_of_work():
            return pausing.resume(self.found, self.registered(*places), by=self.invigilator.actor, at=at)

    def told(self, place: int) -> list[tuple[str, str | None, dict[str, Any]]]:
        rows = timeline(of_registration(self.registered(place)[0]))
        return [(one.kind, one.reason, one.data) for one in rows if "candidate_" in one.kind]


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house(per_cell=2)


@pytest.fixture
@built_once
def online(house: House) -> Online:
    held, candidates = make_prepared(house, candidates=3)
    start(candidates[0])
    return Online(held, candidates, make_member(Role.INVIGILATOR, organisation=house.body))


def test_chosen_sittings_stand_still_and_go_on_with_their_time(online: Online) -> None:
    start(online.candidates[1])
    at = OPENS + minutes(10)

    assert online.pause(0, at=at) == 1
    assert (attempt_of(online.candidates[0]).paused_at, attempt_of(online.candidates[1]).paused_at) == (at, None)
    with unit_of_work():
        assert sitting.collect(at=CLOSES + minutes(60)) == 1, "the one who is not paused"
    with pytest.raises(ConflictError):
        online.pause(0, at=at + minutes(1))
    assert online.resume(0, at=at + timedelta(minutes=15, seconds=20)) == 1

    resumed = attempt_of(online.candidates[0])
    assert (resumed.deadline_at, resumed.paused_at) == (DEADLINE + timedelta(minutes=15, seconds=20), None)
    assert resumed.held_seconds == 0
    with pytest.raises(ConflictError):
        online.resume(0, at=at + minutes(20))
    assert online.told(0) == [
        ("exams.candidate_resumed", None, {"time": "0:15:20"}),
        ("exams.candidate_paused", WHY, {}),
    ]
    about = [(one.kind, one.reason, one.data) for one in timeline(of_session(online.found))][:2]
    assert about == [
        ("exams.sittings_resumed", None, {"sittings": 1}),
        ("exams.sittings_paused", WHY, {"sittings": 1}),
    ]


def test_a_pause_holds_a_start_and_the_window_of_who_was_held_closes_later(online: Online) -> None:
    waiting = online.candidates[1]
    at = OPENS + minutes(30)
    assert online.pause(0, 1, 2, at=at) == 3
    knock = door.Knock(open_session(waiting), real_now(), OPENS.date())
    assert hot.start(knock, attempt_of(waiting).code, at=at) is None
    session.rollback()
    with pytest.raises(ConflictError) as refused, unit_of_work():
        sitting.start(sitting_of(waiting), by=waiting.actor, at=at)
    assert refused.value.code == "paused"
    assert str(refused.value) == str(sitting.HELD)
    assert attempt_of(waiting).started_at is None
    counts = board.board(online.found, Wanted(), 1, at).counts
    assert counts[Standing.PAUSED] == 3

    assert online.resume(0, 1, 2, at=at + timedelta(minutes=20, milliseconds=1)) == 3
    held = attempt_of(waiting)
    assert (held.deadline_at, held.held_seconds) == (None, 20 * 60 + 1)
    later = CLOSES - minutes(10)
    knock = door.Knock(open_session(waiting), real_now(), OPENS.date())
    assert hot.start(knock, attempt_of(waiting).code, at=later) is not None
    session.rollback()
    assert attempt_of(waiting).deadline_at == CLOSES + timedelta(minutes=20, seconds=1)
    start(online.candidates[2], CLOSES + minutes(19))
    assert attempt_of(online.candidates[2]).deadline_at == CLOSES + timedelta(minutes=20, seconds=1)


def test_who_never_was_held_starts_no_later_than_the_window(online: Online) -> None:
    online.pause(1, at=OPENS)
    online.resume(1, at=OPENS + minutes(5))

    with pytest.raises(ConflictError), unit_of_work():
        sitting.start(sitting_of(online.candidates[2]), by=online.candidates[2].actor, at=CLOSES + minutes(1))
    with pytest.raises(ConflictError), unit_of_work():
        sitting.start(sitting_of(online.candidates[1]), by=online.candidates[1].actor, at=CLOSES + minutes(5))
    start(online.candidates[1], CLOSES + minutes(4))
    assert attempt_of(online.candidates[1]).started_at == CLOSES + minutes(4)


def test_the_ticket_of_who_was_held_still_opens_after_the_close(online: Online) -> None:
    with unit_of_work():
        first, second = (
            tickets.issue(one, by=make_member(Role.EXAMINER, NATION).actor, at=NOW) for one in online.registered(1, 2)
        )
    online.pause(1, at=CLOSES - minutes(10))
    online.resume(1, at=CLOSES)

    entered = ticket_door.enter(first, agent=None, at=CLOSES + minutes(1))
    with pytest.raises(DomainError):
        ticket_door.enter(second, agent=None, at=CLOSES + minutes(1))
    assert entered.attempt == attempt_of(online.candidates[1]).code


@pytest.mark.parametrize(
    ("changes", "at", "expected"),
    [
        ({}, OPENS - timedelta(seconds=1), ConflictError),
        ({"reason": " "}, OPENS, InvalidError),
        ({"places": ()}, OPENS, InvalidError),
        ({"places": (1,)}, CLOSES, ConflictError),
        ({"places": (0,)}, DEADLINE + timedelta(seconds=1), ConflictError),
    ],
)
def test_what_cannot_be_paused_is_refused(
    online: Online, changes: dict[str, Any], at: datetime, expected: type[DomainError]
) -> None:
    places = changes.pop("places", (0, 1))

    with pytest.raises(expected):
        online.pause(*places, at=at, **changes)
    assert [attempt_of(one).paused_at for one in online.candidates] == [None] * 3


def test_nobody_pauses_or_resumes_their_own_sitting(online: Online) -> None:
    with pytest.raises(ForbiddenError):
        online.pause(0, 1, at=OPENS, by=online.candidates[0])
    online.pause(0, at=OPENS)
    with pytest.raises(ForbiddenError), unit_of_work():
        pausing.resume(online.found, online.registered(0), by=online.candidates[0].actor, at=OPENS)


def test_who_has_a_room_is_paused_with_it_alone(house: House) -> None:
    day = make_day(house, candidates=2, rooms=(1, 1))
    start(day.candidates[0])
    by, at = day.invigilator.actor, OPENS + minutes(5)
    assert queries.to_pause(day.held, Wanted(), at) == []
    with pytest.raises(ConflictError), unit_of_work():
        pausing.pause(day.held, [day.registration()], reason=WHY, by=by, at=at)

    with unit_of_work():
        room = venues.room_of(day.held.id, seat_of(day.registration()).session_room.code)
        invigilating.pause(day.held, room, reason=WHY, by=by, at=at)
    assert queries.to_resume(day.held, Wanted(), at) == []
    with pytest.raises(ConflictError), unit_of_work():
        pausing.resume(day.held, [day.registration()], by=by, at=at)
    assert attempt_of(day.candidates[0]).paused_at == at


def test_who_leaves_a_paused_room_goes_on_in_the_other(house: House) -> None:
    day = make_day(house, candidates=1, rooms=(1, 2))
    writer = start(day.candidates[0])
    by, at = day.invigilator.actor, OPENS + minutes(5)
    left = seat_of(day.registration()).session_room
    target = next(one for one in day.rooms if one.id != left.id)
    with unit_of_work():
        invigilating.pause(day.held, venues.room_of(day.held.id, left.code), reason=WHY, by=by, at=at)

    with unit_of_work():
        to = venues.room_of(day.held.id, target.code)
        registration = day.registration()
        invigilating.move(registration, seat_of(registration), to, 1, reason=WHY, by=by, at=at + minutes(7))

    moved = attempt_of(day.candidates[0])
    assert (moved.paused_at, moved.deadline_at) == (None, DEADLINE + minutes(7))
    with unit_of_work():
        sitting.take_over(writer, at=at + minutes(8))
        assert sitting.save(writer, answers=[answer(1)], at=at + minutes(8)).saved == ((1, 1),)


def test_collecting_all_leaves_no_start_held(online: Online) -> None:
    online.pause(0, 1, 2, at=OPENS + minutes(5))

    with unit_of_work():
        by = online.invigilator.actor
        assert invigilating.collect_all(online.found, None, expected=1, by=by, at=OPENS + minutes(9)) == 1

    assert [attempt_of(one).paused_at for one in online.candidates] == [None] * 3
    assert [attempt_of(one).held_seconds for one in online.candidates] == [0, 240, 240]


def test_a_start_that_was_reckoned_before_a_pause_is_not_written_after_it(online: Online) -> None:
    late = online.candidates[1]
    found = sitting_of(late)
    session.expunge(found)
    with unit_of_work():
        session.execute(update(Attempt).where(Attempt.id == found.id).values(paused_at=OPENS))

    with pytest.raises(ConflictError), unit_of_work():
        sitting.start(found, by=late.actor, at=OPENS + minutes(1))
    assert attempt_of(late).started_at is None


class Page:
    """The candidate's page and the invigilator's, each in a browser of its own."""

    def __init__(self, online: Online, browser_of: Browser) -> None:
        self.mine, self.watch = browser_of(online.candidates[0]), browser_of(online.invigilator)
        self.code = attempt_of(online.candidates[0]).code
        self.board, self.pauses = (f"/exams/sessions/{online.held.code}/{one}" for one in ("board", "pauses"))
        session.rollback()

    def post(self, act: str, **body: Any) -> Any:  # noqa: ANN401 - the answer of a request
        token = TOKEN.search(self.mine.get("/exams/mine").text) or TOKEN.search(self.mine.get("/me").text)
        assert token
        headers = {"X-CSRFToken": token[1], "Accept": "application/json"}
        return self.mine.post(f"/sit/{self.code}/{act}", json={"page": PAGE, **body}, headers=headers)

    def save(self, sequence: int, choice: str) -> Any:  # noqa: ANN401 - the answer of a request
        given = {"position": 1, "sequence": sequence, "response": {"choice": [choice]}, "review": False}
        return self.post("save", answers=[given])


def test_an_invigilator_pauses_by_page_and_the_candidates_page_is_told_the_truth(
    online: Online, browser_of: Browser, at_time: Clock
) -> None:
    page, first = Page(online, browser_of), online.registered(0)[0].code
    session.rollback()
    at_time(OPENS + minutes(5))
    page.post("hold")
    assert page.save(1, "A").status_code == 200
    assert page.pauses in page.watch.get(page.board).text
    offered = page.watch.get(page.pauses).text
    assert offered.count('type="checkbox"') == 3
    assert all(one.person.name in offered for one in online.candidates)

    assert submit(page.watch, page.pauses, tickets=[first]).status_code == 422
    assert submit(page.watch, page.pauses, reason=WHY).status_code == 422
    assert submit(page.watch, page.pauses, tickets=[first], reason=WHY).location == page.pauses

    beaten, refused, again = page.post("beat"), page.save(2, "B"), page.save(1, "A")
    assert (beaten.status_code, beaten.json["paused"]) == (200, True)
    assert (refused.status_code, refused.json["code"]) == (409, "paused")
    assert (again.status_code, again.json["saved"], again.json["paused"]) == (200, [[1, 1]], True)
    assert page.post("submit").json["code"] == "paused"
    shown = page.watch.get(page.pauses).text
    assert WHY in shown
    assert said("Paused: %(count)d", count=1) in shown

    at_time(OPENS + minutes(25))
    assert submit(page.watch, f"{page.pauses}/resume", page=page.pauses, tickets=[first]).location == page.pauses
    beaten = page.post("beat")
    assert beaten.json["paused"] is False
    moved = datetime.fromisoformat(beaten.json["deadline_at"]) - DEADLINE
    assert abs(moved - minutes(20)) < minutes(1), "the clock of the test runs on between two requests"
    assert page.save(2, "B").json["saved"] == [[1, 2]]
    assert submit(page.watch, f"{page.pauses}/resume", page=page.board, tickets=[first]).status_code == 422

    collecting = f"/exams/sessions/{online.held.code}/collect-all"
    assert submit(page.watch, collecting, expected="1").status_code == 302
    beaten = page.post("beat")
    assert (beaten.status_code, beaten.json["code"]) == (409, "submitted")


def test_a_plain_form_sent_in_a_pause_is_shown_again_as_typed(
    online: Online, browser_of: Browser, at_time: Clock
) -> None:
    page = Page(online, browser_of)
    at_time(OPENS + minutes(5))
    online.pause(0, at=OPENS + minutes(5))
    address = f"/sit/{page.code}"
    assert said("The exam is paused") in page.mine.get(address).text
    name = re.search(r'name="(a\d+)" [^>]*value="B"|value="B"[^>]* name="(a\d+)"', page.mine.get(address).text)
    assert name
    field = name[1] or name[2]

    kept = submit(page.mine, f"{address}/form", page=address, **{field: "B"})

    assert kept.status_code == 409
    chosen = re.search(rf'<input[^>]*name="{field}"[^>]*value="B"[^>]*>', kept.text)
    assert chosen
    assert "checked" in chosen[0]
    online.resume(0, at=OPENS + minutes(9))
    at_time(OPENS + minutes(10))
    assert submit(page.mine, f"{address}/form", page=address, **{field: "B"}).status_code == 302


def test_pages_before_the_start_tell_of_the_pause(online: Online, browser_of: Browser, at_time: Clock) -> None:
    at_time(OPENS + minutes(5))
    waiting, code = browser_of(online.candidates[1]), attempt_of(online.candidates[1]).code
    session.rollback()
    online.pause(1, at=OPENS + minutes(5))

    shown = waiting.get(f"/sit/{code}").text
    assert f"/sit/{code}/start" not in shown
    assert said(HELD_STEP) in shown
    assert said("Go to the exam") in waiting.get("/exams/mine").text
    assert submit(waiting, f"/sit/{code}/start", page="/me").status_code == 409


def test_a_filter_or_a_ticket_narrows_whom_the_page_offers(
    online: Online, browser_of: Browser, at_time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_time(OPENS + minutes(5))
    watch, address = browser_of(online.invigilator), f"/exams/sessions/{online.held.code}/pauses"
    ticket = online.registered(2)[0].code
    session.rollback()
    assert f"/pauses?ticket={ticket}" in watch.get(f"/exams/candidates/{ticket}").text
    assert watch.get(f"{address}?ticket={ticket}").text.count('type="checkbox"') == 1
    assert watch.get(f"{address}?standing=silent").text.count('type="checkbox"') == 1

    monkeypatch.setattr("app.assessment.exams.views.pausing.LISTED", 2)
    assert 'type="checkbox"' not in watch.get(address).text
    assert submit(watch, address, reason=WHY, expected="2").status_code == 409
    assert submit(watch, address, reason=WHY, expected="3").status_code == 302
    assert submit(watch, f"{address}/resume", page=address, expected="3").status_code == 302


def test_another_organisation_finds_no_such_page_and_a_trainee_may_not(
    online: Online, browser_of: Browser, at_time: Clock
) -> None:
    at_time(OPENS + minutes(5))
    address = f"/exams/sessions/{online.held.code}/pauses"
    session.rollback()

    assert browser_of(make_house(per_cell=2).examiner).get(address).status_code == 404
    assert browser_of(online.candidates[1]).get(address).status_code == 403

"""Starting and handing in at the door: the same rows, events and refusals as the long way, in Core statements."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts import door
from app.accounts.states import Role
from app.assessment.exams.models import Attempt
from app.assessment.exams.queries.candidates import SIT
from app.assessment.exams.services import hot, sitting
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.states import SubmittedHow
from app.cases.services.restrictions import Terms, impose
from app.core import events
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.events import Subject, timeline
from app.core.short_writes import short_write
from app.desk.queries import todos_of
from tests.factories.accounts import SHANDONG, Member, make_member, open_session
from tests.factories.exams import CLOSES, MINUTES, OPENS, House, attempt_of, make_house, make_prepared, sitting_of

DAY = date(2026, 3, 2)
PAGE = "page-of-tests"
DURING = OPENS + timedelta(minutes=5)


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
def pair(house: House) -> tuple[Member, Member]:
    """Two candidates of one session whose papers are prepared."""
    _planned, trainees = make_prepared(house, candidates=2)
    return trainees[0], trainees[1]


def knock(member: Member) -> door.Knock:
    return door.Knock(open_session(member), real_now(), DAY)


def begin(member: Member, at: datetime = DURING) -> datetime | None:
    found = hot.start(knock(member), attempt_of(member).code, at=at)
    session.rollback()
    return found


def told(member: Member) -> list[tuple[str, int | None, str | None, datetime]]:
    rows = timeline(of_attempt(attempt_of(member).code))
    return [(one.kind, one.actor_id, one.acting_role, one.at) for one in rows]


def test_a_start_at_the_door_is_the_start_of_the_long_way(pair: tuple[Member, Member]) -> None:
    short, long = pair
    assert begin(short) is not None
    with unit_of_work():
        sitting.start(sitting_of(long), by=long.actor, at=DURING)

    rows = [(one.started_at, one.seen_at, one.deadline_at) for one in map(attempt_of, pair)]
    assert rows[0] == rows[1] == (DURING, DURING, DURING + timedelta(minutes=MINUTES))
    (mine,), (other,) = told(short), told(long)
    assert mine == ("exams.sitting_started", short.person.id, short.actor.role, DURING)
    assert other == ("exams.sitting_started", long.person.id, long.actor.role, DURING)
    assert begin(short) is None, "begun already: the long way says the same again"
    assert len(told(short)) == 1


@pytest.mark.parametrize("at", [OPENS - timedelta(seconds=1), CLOSES])
def test_outside_of_the_window_the_door_starts_nothing(pair: tuple[Member, Member], at: datetime) -> None:
    assert begin(pair[0], at) is None
    assert attempt_of(pair[0]).started_at is None
    assert told(pair[0]) == []


def test_extra_time_counts_and_anothers_sitting_takes_the_long_way(pair: tuple[Member, Member]) -> None:
    mine, other = pair
    assert hot.start(knock(other), attempt_of(mine).code, at=DURING) is None
    with unit_of_work():
        session.execute(update(Attempt).values(extra_minutes=7))
    assert begin(mine) is not None
    assert attempt_of(mine).deadline_at == DURING + timedelta(minutes=MINUTES + 7)


def test_who_is_kept_from_exams_does_not_start_at_the_door(pair: tuple[Member, Member]) -> None:
    barred = pair[0]
    with unit_of_work():
        terms = Terms(DAY, DAY, "替考", determination="测试决定〔2026〕1号")
        impose([SIT], barred.person, terms, region_code=SHANDONG, by=make_member(Role.REGULATOR).actor, at=OPENS)

    assert begin(barred) is None
    assert attempt_of(barred).started_at is None
    assert begin(pair[1]) is not None


def test_handing_in_at_the_door_is_the_same_with_its_event_and_todo(pair: tuple[Member, Member]) -> None:
    short, long = pair
    for one in pair:
        begin(one)
        with unit_of_work():
            session.execute(update(Attempt).where(Attempt.code == attempt_of(one).code).values(holder=PAGE))
    code = attempt_of(short).code
    assert hot.submit(knock(short), code, "another-page", at=DURING) is None
    assert hot.submit(knock(long), code, PAGE, at=DURING) is None

    through = hot.submit(knock(short), code, PAGE, at=DURING)
    session.rollback()
    with unit_of_work():
        sitting.submit(sitting.Writer(attempt_of(long).code, PAGE, long.actor), at=DURING)

    assert through is not None
    assert through.done is SubmittedHow.CANDIDATE
    rows = [(one.submitted_at, one.submitted_how) for one in map(attempt_of, pair)]
    assert rows[0] == rows[1] == (DURING, SubmittedHow.CANDIDATE)
    assert [one[0] for one in told(short)] == [one[0] for one in told(long)]
    for one in pair:
        assert "exams.sit" not in {todo.kind for todo in todos_of(one.actor)}
    assert hot.submit(knock(short), code, PAGE, at=DURING) is None
    late = hot.submit(knock(short), code, PAGE, at=CLOSES)
    assert late is None


def test_after_the_deadline_what_is_handed_in_counts_as_collected(pair: tuple[Member, Member]) -> None:
    begin(pair[0])
    with unit_of_work():
        session.execute(update(Attempt).values(holder=PAGE))

    through = hot.submit(knock(pair[0]), attempt_of(pair[0]).code, PAGE, at=CLOSES)

    assert through is not None
    assert through.done is SubmittedHow.COLLECTED


def test_a_short_event_has_no_listener(pair: tuple[Member, Member]) -> None:
    about, by = Subject("exam_session", "x"), (pair[0].person.id, "examiner")
    with pytest.raises(RuntimeError):
        short_write(lambda held: events.record_shortly(held, "exams.session_marked", about, by=by, at=DURING))
    assert session.scalar(select(events.Event.id).where(events.Event.kind == "exams.session_marked")) is None

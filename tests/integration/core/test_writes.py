"""One write, end to end: one transaction, one event, what subscribers do now and later."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from app.accounts.models import Organisation
from app.core import clock, events, jobs
from app.core.access import Actor
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, UnavailableError
from app.core.events import Event, Outbox, Subject
from app.core.jobs import Job, JobState
from app.core.room import JobKind, Room, Subscriber
from tests.factories.accounts import make_organisation, make_regions

SUBJECT = Subject("thing", "t1")


def record(kind: str = "test.happened") -> Event:
    with unit_of_work():
        return events.record(kind, SUBJECT, by=None, at=clock.now())


def record_and_fail() -> None:
    with unit_of_work():
        record()
        raise ZeroDivisionError


def _break(_event: Event) -> None:
    raise ZeroDivisionError


def _note(log: list[str], when: str, happened: Event) -> None:
    if happened.data.get("poison") and when == "later":
        raise ZeroDivisionError
    log.append(f"{when} {happened.subject_code}")


def _notes(log: list[str], when: str, happened: Sequence[Event]) -> None:
    for one in happened:
        _note([], when, one)
    log.append(f"{when} {'+'.join(one.subject_code for one in happened)}")


def record_many(*codes: str, poisoned: str = "") -> None:
    with unit_of_work():
        facts = [(Subject("thing", code), {"poison": code == poisoned}) for code in codes]
        events.record_many("test.many", facts, by=None, at=clock.now())


@pytest.fixture
def heard(app: Flask) -> Iterator[list[str]]:
    """A room that listens now and later, and works in chunks."""
    log: list[str] = []
    listed = app.extensions["rooms"]

    def chunk(job: Job) -> bool:
        if job.args.get("fail") and job.cursor == 1:
            raise ValueError("disk on fire")
        if job.args.get("refuse"):
            raise ForbiddenError("not yours")
        if job.args.get("outage"):
            raise UnavailableError("out of reach")
        log.append(f"chunk {job.cursor}")
        job.cursor += 1
        job.done, job.total = job.cursor, 3
        return job.cursor < 3

    room = Room(
        name="test",
        events={"test.happened": "It happened"},
        subscribers=(
            Subscriber("test.happened", "now", lambda _: log.append("now"), now=True),
            Subscriber("test.happened", "later", lambda _: log.append("later")),
            Subscriber("test.broken", "broken", _break),
            Subscriber(
                "test.many", "at once", partial(_note, log, "now"), now=True, handle_all=partial(_notes, log, "now")
            ),
            Subscriber("test.many", "one by one", partial(_note, log, "one"), now=True),
            Subscriber("test.many", "together", partial(_note, log, "later"), handle_all=partial(_notes, log, "later")),
        ),
        jobs=(JobKind("test.chunks", "Chunks", chunk),),
    )
    app.extensions["rooms"] = (*listed, room)
    yield log
    app.extensions["rooms"] = listed


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("verb", ["UPDATE event SET kind = 'forged'", "DELETE FROM event"])
def test_the_database_itself_refuses_to_change_history(verb: str) -> None:
    record()

    with pytest.raises(Exception, match="append-only"), unit_of_work():
        session.execute(text(verb))

    assert session.scalar(select(Event.kind)) == "test.happened"


@pytest.mark.usefixtures("app")
def test_an_event_outside_of_a_unit_of_work_is_a_bug() -> None:
    with pytest.raises(RuntimeError, match="outside of a unit of work"):
        events.record("test.happened", SUBJECT, by=None, at=clock.now())


def test_what_now_subscribers_do_dies_with_the_transaction(heard: list[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        record_and_fail()

    assert heard == ["now"]
    assert session.scalar(select(func.count()).select_from(Event)) == 0
    assert jobs.work() == 0


def test_later_subscribers_are_called_once_after_the_commit(heard: list[str]) -> None:
    record()
    assert heard == ["now"]

    jobs.work()
    jobs.work()

    assert heard == ["now", "later"]


@pytest.mark.usefixtures("heard")
def test_a_failing_subscriber_is_tried_again_later_with_its_error_kept() -> None:
    record("test.broken")

    jobs.work()

    row = session.scalars(select(Outbox)).one()
    assert row.done_at is None
    assert row.attempts == 1
    assert "ZeroDivisionError" in (row.error or "")
    assert row.due_at > real_now()


def test_who_can_be_told_of_many_events_together_is_told_once(heard: list[str]) -> None:
    record_many("a", "b", "c")
    assert heard == ["now a+b+c", "one a", "one b", "one c"], "in the transaction of the events"
    heard.clear()

    assert jobs.work() == 1
    jobs.work()

    assert heard == ["later a+b+c"]
    assert set(session.scalars(select(Outbox.done_at.is_not(None)))) == {True}


def test_one_event_that_fails_holds_up_none_of_those_told_with_it(heard: list[str]) -> None:
    record_many("a", "b", "c", poisoned="b")
    heard.clear()

    # when telling them together fails, none of it is kept
    jobs.work()
    assert heard == []
    assert set(session.scalars(select(Outbox.attempts))) == {1}

    # then each is tried again by itself
    with unit_of_work():
        session.execute(update(Outbox).values(due_at=real_now() - timedelta(seconds=1)))
    jobs.work()
    assert heard == ["later a", "later c"]
    waiting = session.scalars(select(Outbox).where(Outbox.done_at.is_(None))).one()
    assert (waiting.attempts, "ZeroDivisionError" in (waiting.error or "")) == (2, True)


@pytest.mark.usefixtures("heard")
def test_a_bulk_of_nothing_tells_nobody() -> None:
    record_many()
    assert session.scalar(select(func.count()).select_from(Event)) == 0


def test_a_job_runs_chunk_by_chunk_and_a_repeated_request_starts_it_once(heard: list[str]) -> None:
    for _ in range(2):
        with unit_of_work():
            jobs.start_job("test.chunks", key="once", by=None, args={})

    jobs.work()

    job = session.scalars(select(Job)).one()
    assert heard == ["chunk 0", "chunk 1", "chunk 2"]
    assert (job.state, job.done, job.total) == (JobState.DONE, 3, 3)
    assert job.ended_at is not None


def test_a_job_goes_on_after_a_failure_from_the_chunk_that_failed(heard: list[str]) -> None:
    with unit_of_work():
        code = jobs.start_job("test.chunks", key="k", by=None, args={"fail": True}).code
    jobs.work()
    assert heard == ["chunk 0"]

    with unit_of_work():
        job = session.scalars(select(Job)).one()
        job.args = {}
        job.due_at = real_now() - timedelta(seconds=1)
    jobs.work()

    assert heard == ["chunk 0", "chunk 1", "chunk 2"]
    assert session.scalars(select(Job.state).where(Job.code == code)).one() is JobState.DONE


def test_a_job_that_meets_an_outage_is_tried_again_later(heard: list[str]) -> None:
    with unit_of_work():
        code = jobs.start_job("test.chunks", key="k", by=None, args={"outage": True}).code
    jobs.work()
    job = session.scalars(select(Job)).one()
    assert (job.state, job.attempts, job.error) == (JobState.QUEUED, 1, "out of reach")
    assert job.due_at > real_now()

    with unit_of_work():
        job.args = {}
        job.due_at = real_now() - timedelta(seconds=1)
    jobs.work()
    assert heard[-1] == "chunk 2"
    assert session.scalars(select(Job.state).where(Job.code == code)).one() is JobState.DONE


def test_a_refused_job_fails_at_once_and_can_be_started_again(heard: list[str]) -> None:
    with unit_of_work():
        code = jobs.start_job("test.chunks", key="k", by=None, args={"refuse": True}).code
    jobs.work()
    job = session.scalars(select(Job)).one()
    assert (job.state, job.error) == (JobState.FAILED, "not yours")

    with unit_of_work():
        job.args = {}
        session.flush()
        jobs.retry_job(code)
    jobs.work()

    assert session.scalars(select(Job.state)).one() is JobState.DONE
    assert len(heard) == 3


@pytest.mark.usefixtures("app")
def test_two_people_who_change_the_same_record_get_a_conflict_not_a_lost_update() -> None:
    organisation = make_organisation(slug="one")

    def change_after_another() -> None:
        with unit_of_work():
            mine = session.get_one(Organisation, organisation.id)
            session.execute(text("UPDATE organisation SET version = version + 1"))
            mine.name_zh = "新名"

    with pytest.raises(ConflictError):
        change_after_another()


@pytest.mark.usefixtures("app")
def test_a_broken_constraint_is_a_refusal_that_names_it() -> None:
    make_regions()
    with pytest.raises(ConflictError) as refused, unit_of_work():
        session.execute(text("INSERT INTO clock_setting (id, offset_seconds, set_at) VALUES (2, 0, '2026-01-01')"))

    assert "one_row" in refused.value.code


@pytest.mark.usefixtures("app")
def test_a_change_outside_of_a_unit_of_work_is_found() -> None:
    organisation = make_organisation(slug="one")
    organisation.name_zh = "改了"

    with pytest.raises(RuntimeError, match="outside of a unit of work"), unit_of_work():
        pass
    session.rollback()


@pytest.mark.usefixtures("app")
def test_a_unit_within_a_unit_joins_it() -> None:
    with pytest.raises(ZeroDivisionError):
        record_and_fail()

    assert session.scalar(select(func.count()).select_from(Event)) == 0


@pytest.mark.usefixtures("app")
def test_an_event_says_who_under_which_role_why_and_by_which_rule() -> None:
    actor = Actor(7, "p7", "王敏", "examiner", "", frozenset())
    with unit_of_work():
        events.record("x.y", SUBJECT, by=actor, at=clock.now(), reason="because", rule="pack.1", data={"n": 1})

    (event,) = events.timeline(SUBJECT)
    assert (event.actor_id, event.acting_role, event.reason, event.rule, event.data) == (
        7,
        "examiner",
        "because",
        "pack.1",
        {"n": 1},
    )


def test_a_route_that_declares_no_access_lets_nobody_in(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.view_functions, "desk.landing", lambda: "open")

    assert app.test_client().get("/", lint=False).status_code in {401, 403, 404}

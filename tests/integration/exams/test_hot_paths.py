"""Save, heartbeat, submit and collect: single statements that mean the same as the rules, on both databases."""

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select, update

from app.assessment.exams.models import AnswerSave, Attempt
from app.assessment.exams.queries.sittings import kept
from app.assessment.exams.services import sitting as services
from app.assessment.exams.services.answers import Answer, Beat, Saved, Writer
from app.assessment.exams.services.sitting import Given
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.states import SubmittedHow
from app.core.db import db, session, unit_of_work
from app.core.errors import ConflictError, NotFoundError
from app.core.events import Event, timeline
from tests.factories.accounts import Member
from tests.factories.exams import (
    CLOSES,
    ITEMS,
    MINUTES,
    OPENS,
    House,
    answer,
    attempt_of,
    make_house,
    make_prepared,
    sitting_of,
    start,
)

DEADLINE = OPENS + timedelta(minutes=MINUTES)
DURING = OPENS + timedelta(minutes=5)
LATE = DEADLINE + timedelta(microseconds=1)


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
def trainee(house: House) -> Member:
    _planned, trainees = make_prepared(house)
    return trainees[0]


def save(writer: Writer, *answers: Answer, at: object = DURING) -> Saved:
    with unit_of_work():
        return services.save(writer, answers=answers, at=at)  # type: ignore[arg-type]


def submit(writer: Writer, at: object = DURING) -> SubmittedHow:
    with unit_of_work():
        return services.submit(writer, at=at)  # type: ignore[arg-type]


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(ConflictError) as refusal:
        act()
    return refusal.value.code


def last(trainee: Member) -> dict[int, str]:
    return {place: "".join(one.choice) for place, one in kept(attempt_of(trainee).id).items()}


def rows() -> int:
    return session.scalar(select(func.count()).select_from(AnswerSave)) or 0


def test_a_save_is_one_statement(trainee: Member) -> None:
    writer = start(trainee)
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: said.append(given[2]))

    save(writer, answer(1))

    assert [statement.split()[0] for statement in said if not statement.startswith("BEGIN")] == ["INSERT"]


def test_a_save_keeps_choice_review_and_both_times(trainee: Member) -> None:
    writer = start(trainee)

    save(writer, Answer(2, 1, {"choice": ["A", "C"]}, review=True, client_at=OPENS))

    stored = session.scalars(select(AnswerSave)).one()
    assert (stored.position, stored.sequence) == (2, 1)
    assert stored.value == {"choice": ["A", "C"], "review": True}
    assert (stored.client_at, stored.saved_at) == (OPENS, DURING)


def test_the_highest_sequence_counts_in_whatever_order_answers_arrive(trainee: Member) -> None:
    writer = start(trainee)

    save(writer, answer(1, 3, "C"))
    save(writer, answer(1, 1, "A"), answer(1, 2, "B"))

    assert last(trainee) == {1: "C"}
    assert rows() == 3


def test_the_same_sequence_twice_is_kept_once_and_acknowledged_twice(trainee: Member) -> None:
    writer = start(trainee)

    first = save(writer, answer(1))
    again = save(writer, answer(1))

    assert first == again == Saved(((1, 1),), (), DEADLINE)
    assert rows() == 1


def test_the_same_sequence_with_another_answer_is_told_apart_and_changes_nothing(trainee: Member) -> None:
    writer = start(trainee)
    save(writer, answer(1, 1, "A"))

    assert save(writer, answer(1, 1, "B"), answer(2, 1, "B")) == Saved(((2, 1),), ((1, 1),), DEADLINE)
    assert last(trainee) == {1: "A", 2: "B"}


def test_history_is_never_changed_or_deleted(trainee: Member) -> None:
    save(start(trainee), answer(1))

    for statement in (update(AnswerSave).values(sequence=9), delete(AnswerSave)):
        with pytest.raises(Exception, match="append-only"), unit_of_work():
            session.execute(statement)


def test_a_save_at_the_deadline_counts_and_one_after_it_does_not(trainee: Member) -> None:
    writer = start(trainee)

    save(writer, answer(1), at=DEADLINE)

    assert refused(lambda: save(writer, answer(2), at=LATE)) == "late"
    assert last(trainee) == {1: "A"}


def test_a_save_before_the_start_is_refused(trainee: Member) -> None:
    writer = Writer(attempt_of(trainee).code, "page-of-tests", trainee.actor)

    assert refused(lambda: save(writer, answer(1))) == "not_started"


def test_a_save_after_handing_in_is_refused(trainee: Member) -> None:
    writer = start(trainee)
    submit(writer)

    assert refused(lambda: save(writer, answer(1))) == "submitted"
    assert rows() == 0


def test_what_was_durable_before_is_acknowledged_again_even_after_the_end(trainee: Member) -> None:
    writer = start(trainee)
    save(writer, answer(1))
    submit(writer)

    assert save(writer, answer(1), at=LATE) == Saved(((1, 1),), (), DEADLINE)


def test_a_place_the_paper_does_not_have_is_refused_with_all_that_came_with_it(trainee: Member) -> None:
    writer = start(trainee)

    assert refused(lambda: save(writer, answer(1), answer(ITEMS + 1))) == "no_such_place"
    assert rows() == 0


def test_another_persons_sitting_is_not_there(house: House) -> None:
    _planned, (one, other) = make_prepared(house, candidates=2)
    writer = start(one)
    thief = Writer(writer.code, writer.page, other.actor)

    acts: tuple[Callable[[], object], ...] = (
        lambda: save(thief, answer(1)),
        lambda: submit(thief),
        lambda: services.beat(thief, at=DURING),
        lambda: services.take_over(thief, at=DURING),
    )
    for act in acts:
        with pytest.raises(NotFoundError), unit_of_work():
            act()
    assert rows() == 0


def test_only_the_page_opened_last_writes(trainee: Member) -> None:
    first = start(trainee)
    second = Writer(first.code, "page-opened-later", trainee.actor)
    with unit_of_work():
        services.take_over(second, at=DURING)

    assert refused(lambda: save(first, answer(1))) == "taken_over"
    assert refused(lambda: submit(first)) == "taken_over"
    assert save(second, answer(1)) == Saved(((1, 1),), (), DEADLINE)


def test_a_heartbeat_carries_the_deadline_in_force_and_whether_the_page_still_writes(trainee: Member) -> None:
    first = start(trainee)
    second = Writer(first.code, "page-opened-later", trainee.actor)
    longer = DEADLINE + timedelta(minutes=15)
    with unit_of_work():
        services.take_over(second, at=DURING)
        session.execute(update(Attempt).values(deadline_at=longer, extra_minutes=15))

    with unit_of_work():
        assert services.beat(first, at=LATE) == Beat(longer, holds=False)
        assert services.beat(second, at=LATE) == Beat(longer, holds=True)
    assert attempt_of(trainee).seen_at == LATE


def test_a_heartbeat_after_the_deadline_says_so(trainee: Member) -> None:
    writer = start(trainee)

    with unit_of_work():
        assert refused(lambda: services.beat(writer, at=LATE)) == "late"


def test_a_start_never_forgets_extra_time_that_came_in_the_same_moment(trainee: Member) -> None:
    granted = update(Attempt).values(extra_minutes=15).execution_options(synchronize_session=False)

    def start_while_it_is_granted() -> None:
        seen = sitting_of(trainee)
        session.execute(granted)
        services.start(seen, by=trainee.actor, at=OPENS)

    with pytest.raises(ConflictError, match="刚刚调整"), unit_of_work():
        start_while_it_is_granted()
    with unit_of_work():
        session.execute(granted)
    with unit_of_work():
        services.start(sitting_of(trainee), by=trainee.actor, at=OPENS)

    assert sitting_of(trainee).deadline_at == min(DEADLINE + timedelta(minutes=15), CLOSES)


def test_starting_again_changes_nothing(trainee: Member) -> None:
    start(trainee)

    start(trainee, at=DURING)

    assert attempt_of(trainee).deadline_at == DEADLINE
    kinds = [one.kind for one in timeline(of_attempt(attempt_of(trainee).code))]
    assert kinds.count("exams.sitting_started") == 1


@pytest.mark.parametrize("at", [OPENS - timedelta(seconds=1), CLOSES])
def test_nobody_starts_outside_of_the_window(trainee: Member, at: object) -> None:
    with pytest.raises(ConflictError), unit_of_work():
        services.start(sitting_of(trainee), by=trainee.actor, at=at)  # type: ignore[arg-type]


def test_extra_time_reaches_a_sitting_that_starts(trainee: Member) -> None:
    with unit_of_work():
        session.execute(update(Attempt).values(extra_minutes=15))

    start(trainee)

    assert attempt_of(trainee).deadline_at == DEADLINE + timedelta(minutes=15)


def test_handing_in_twice_says_the_same_and_happens_once(trainee: Member) -> None:
    writer = start(trainee)

    assert submit(writer) is SubmittedHow.CANDIDATE
    assert submit(writer, at=DURING + timedelta(minutes=1)) is SubmittedHow.CANDIDATE
    assert attempt_of(trainee).submitted_at == DURING
    assert session.scalar(select(func.count()).where(Event.kind == "exams.sitting_submitted")) == 1


def test_handing_in_after_the_deadline_counts_as_collected(trainee: Member) -> None:
    assert submit(start(trainee), at=LATE) is SubmittedHow.COLLECTED


def test_a_sitting_that_was_not_started_cannot_be_handed_in(trainee: Member) -> None:
    writer = Writer(attempt_of(trainee).code, "page-of-tests", trainee.actor)

    assert refused(lambda: submit(writer)) == "not_started"


def test_collecting_ends_only_what_is_overdue(house: House) -> None:
    _planned, (overdue, running, absent) = make_prepared(house, candidates=3)
    save(start(overdue), answer(1))
    start(running, at=OPENS + timedelta(minutes=1))

    with unit_of_work():
        assert services.collect(at=LATE) == 1
    with unit_of_work():
        assert services.collect(at=LATE) == 0

    assert attempt_of(overdue).submitted_how is SubmittedHow.COLLECTED
    assert attempt_of(running).submitted_at is None
    assert attempt_of(absent).submitted_at is None
    assert last(overdue) == {1: "A"}


def test_a_plain_form_saves_what_differs_and_takes_the_sitting_over(trainee: Member) -> None:
    page = start(trainee)
    save(page, answer(1, 4, "A"), answer(2, 1, "B"))

    def form(**choices: tuple[str, ...]) -> int:
        given: dict[int, Given] = {int(place[1:]): ({"choice": [*one]}, False) for place, one in choices.items()}
        with unit_of_work():
            return services.save_form(sitting_of(trainee), answers=given, by=trainee.actor, at=DURING)

    assert form(a1=("C",), a2=("B",), a3=()) == 1
    assert last(trainee) == {1: "C", 2: "B"}
    assert form(a1=("C",), a2=()) == 1
    assert last(trainee) == {1: "C", 2: ""}
    assert refused(lambda: save(page, answer(1, 9))) == "taken_over"


changes = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 6), st.sampled_from(["A", "B", "C", "D"])), max_size=20)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.data(), sent=changes)
def test_the_statement_means_the_same_as_the_rule(trainee: Member, order: st.DataObject, sent: list) -> None:
    """First answer of a sequence stays; the highest sequence of a place counts; whatever the order or repetition."""
    writer = start(trainee)
    base = max((one.sequence for one in session.scalars(select(AnswerSave))), default=0)
    model: dict[int, dict[int, str]] = {}
    for position, sequence, choice in [*sent, *order.draw(st.permutations(sent))]:
        model.setdefault(position, {}).setdefault(base + sequence, choice)
        save(writer, answer(position, base + sequence, choice))

    found = last(trainee)
    for position, history in model.items():
        assert found[position] == history[max(history)]


def in_parallel(app: Flask, acts: list[Callable[[], object]]) -> list[object]:
    """Run each act in its own thread and session, all at once."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        with app.app_context():
            barrier.wait()
            try:
                return act()
            except ConflictError as refusal:
                return refusal.code
            finally:
                session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        futures = [pool.submit(contextvars.Context().run, run, act) for act in acts]
        return [future.result() for future in futures]


def test_no_save_is_acknowledged_after_a_submit_that_races_it(app: Flask, house: House) -> None:
    """Every acknowledged answer is in the history, and was there when the sitting ended."""
    _planned, trainees = make_prepared(house, candidates=4)
    for trainee in trainees:
        writer = start(trainee)
        saves = [partial(save, writer, answer(place)) for place in range(1, 7)]

        outcomes = in_parallel(app, [*saves, partial(submit, writer)])

        acknowledged = {key for one in outcomes if isinstance(one, Saved) for key in one.saved}
        attempt_id = attempt_of(trainee).id
        stored = session.execute(
            select(AnswerSave.position, AnswerSave.sequence).where(AnswerSave.attempt_id == attempt_id)
        ).all()
        assert acknowledged == {(position, sequence) for position, sequence in stored}
        assert [one for one in outcomes if not isinstance(one, Saved)].count("submitted") == 6 - len(acknowledged)
        assert outcomes[-1] is SubmittedHow.CANDIDATE


def test_of_many_submits_at_once_one_happens(app: Flask, trainee: Member) -> None:
    writer = start(trainee)

    outcomes = in_parallel(app, [lambda: submit(writer)] * 5)

    assert outcomes == [SubmittedHow.CANDIDATE] * 5
    assert session.scalar(select(func.count()).where(Event.kind == "exams.sitting_submitted")) == 1


def test_the_same_answer_sent_by_two_requests_at_once_is_kept_once(app: Flask, trainee: Member) -> None:
    writer = start(trainee)

    outcomes = in_parallel(app, [lambda: save(writer, answer(1, 1, "A")), lambda: save(writer, answer(1, 1, "B"))])

    assert rows() == 1
    assert sorted(len(one.saved) for one in outcomes if isinstance(one, Saved)) == [0, 1]

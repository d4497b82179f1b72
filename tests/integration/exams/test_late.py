"""Answers that come late, or from a page that lost the sitting: merged or kept, and decided by two people."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from app.assessment.exams.models import AnswerSave, Attempt, ExamSession, LateAnswer, LateDecision
from app.assessment.exams.queries import late as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries.sittings import kept
from app.assessment.exams.services import late as services
from app.assessment.exams.services import results, sitting
from app.assessment.exams.services.answers import Answer, Writer
from app.assessment.exams.services.late import Taken
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.states import KeptBecause
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.core.events import timeline
from app.desk.queries import todos_of
from tests.factories.accounts import Member
from tests.factories.exams import (
    CLOSES,
    ITEMS,
    MINUTES,
    OPENS,
    House,
    answer,
    make_house,
    make_prepared,
    release,
    said,
    start,
)
from tests.submit import submit as send
from tests.worlds import built_once

Browser = Callable[[Member], FlaskClient]
DEADLINE = OPENS + timedelta(minutes=MINUTES)
DURING = OPENS + timedelta(minutes=5)
AFTER = DEADLINE + timedelta(minutes=2)
LOST = "page-that-lost-it"


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
def trainee(house: House) -> Member:
    _planned, trainees = make_prepared(house)
    return trainees[0]


@pytest.fixture
@built_once
def writer(trainee: Member) -> Writer:
    """A page that holds a started sitting."""
    return start(trainee)


def lost(writer: Writer) -> Writer:
    return Writer(writer.code, LOST, writer.by)


def keep(writer: Writer, *answers: Answer, at: datetime = AFTER) -> Taken:
    with unit_of_work():
        return services.keep(writer, answers=answers, at=at)


def save(writer: Writer, *answers: Answer, at: datetime = DURING) -> None:
    with unit_of_work():
        sitting.save(writer, answers=answers, at=at)


def history(writer: Writer) -> list[tuple[int, int, str, bool]]:
    query = select(AnswerSave).join(Attempt, Attempt.id == AnswerSave.attempt_id).where(Attempt.code == writer.code)
    rows = session.scalars(query.order_by(AnswerSave.position, AnswerSave.sequence))
    return [(one.position, one.sequence, "".join(one.value["choice"]), one.merged) for one in rows]


def found(writer: Writer, examiner: Member) -> Attempt:
    return queries.sitting(writer.code, examiner.actor)


def decide(
    act: Callable[..., int],
    writer: Writer,
    examiner: Member,
    *args: Any,  # noqa: ANN401 - what the act takes
    at: datetime = AFTER,
    **given: Any,  # noqa: ANN401 - what the act takes
) -> int:
    with unit_of_work():
        return act(found(writer, examiner), *args, by=examiner.actor, at=at, **given)


def waiting(writer: Writer) -> list[str]:
    return [row.answer.code for row in queries.of_sitting(attempt_of_writer(writer).id) if row.open]


def attempt_of_writer(writer: Writer) -> Attempt:
    return session.scalars(select(Attempt).where(Attempt.code == writer.code)).one()


def test_an_answer_after_the_deadline_is_kept_apart_with_both_times(writer: Writer) -> None:
    typed = DEADLINE - timedelta(seconds=3)

    taken = keep(writer, answer(1, 4, "C", at=typed))

    assert (taken.kept, taken.merged) == (((1, 4),), ())
    assert history(writer) == []
    row = session.scalars(select(LateAnswer)).one()
    assert (row.client_at, row.received_at, row.because) == (typed, AFTER, KeptBecause.LATE)
    assert row.value == {"choice": ["C"], "review": False}


def test_what_is_kept_apart_is_never_changed_or_deleted(writer: Writer) -> None:
    keep(writer, answer(1))

    for statement in (update(LateAnswer).values(sequence=9), delete(LateAnswer)):
        with pytest.raises(Exception, match="append-only"), unit_of_work():
            session.execute(statement)


def test_the_same_late_answer_sent_again_is_kept_once_and_said_again(writer: Writer) -> None:
    first = keep(writer, answer(1, 4, "C"))
    again = keep(writer, answer(1, 4, "C"), at=AFTER + timedelta(minutes=1))

    assert (first.kept, again.kept) == (((1, 4),), ((1, 4),))
    assert session.scalar(select(func.count()).select_from(LateAnswer)) == 1
    kinds = [one.kind for one in timeline(of_attempt(writer.code))]
    assert kinds.count("exams.answers_kept") == 1


def test_an_acknowledged_answer_whose_acknowledgement_was_lost_is_not_kept_twice(writer: Writer) -> None:
    save(writer, answer(1, 1, "B", at=DURING))

    taken = keep(writer, answer(1, 1, "B", at=DURING))

    assert (taken.kept, taken.merged) == ((), ((1, 1),))
    assert session.scalars(select(LateAnswer)).all() == []


def test_answers_of_the_machine_that_lost_the_sitting_merge_where_nothing_newer_is_there(writer: Writer) -> None:
    save(writer, answer(1, 1, "A", at=DURING))

    typed = DURING + timedelta(minutes=1)
    taken = keep(lost(writer), answer(1, 2, "B", at=typed), answer(2, 1, "C", at=typed), at=typed)

    assert taken.merged == ((1, 2), (2, 1))
    assert history(writer) == [(1, 1, "A", False), (1, 2, "B", True), (2, 1, "C", True)]


def test_a_merged_answer_takes_the_next_sequence_where_its_own_is_taken(writer: Writer) -> None:
    save(writer, answer(1, 5, "A", at=DURING))

    typed = DURING + timedelta(minutes=1)
    taken = keep(lost(writer), answer(1, 3, "B", at=typed), at=typed)

    assert taken.merged == ((1, 3),)
    assert history(writer) == [(1, 5, "A", False), (1, 6, "B", True)]


def test_an_answer_typed_before_the_acknowledged_one_is_kept_for_the_examiner(writer: Writer, house: House) -> None:
    save(writer, answer(1, 1, "A", at=DURING + timedelta(minutes=2)), at=DURING + timedelta(minutes=2))

    taken = keep(lost(writer), answer(1, 9, "B", at=DURING), at=DURING + timedelta(minutes=3))

    assert taken.kept == ((1, 9),)
    assert history(writer) == [(1, 1, "A", False)]
    assert session.scalars(select(LateAnswer)).one().because is KeptBecause.OTHER_PAGE
    assert "exams.late" in {one.kind for one in todos_of(house.examiner.actor)}


def test_an_answer_without_a_time_merges_only_where_the_place_is_empty(writer: Writer) -> None:
    save(writer, answer(1, 1, "A"))

    taken = keep(lost(writer), answer(1, 2, "B"), answer(2, 1, "B"), at=DURING)

    assert (taken.kept, taken.merged) == (((1, 2),), ((2, 1),))


def test_nobody_types_after_it_was_received(writer: Writer) -> None:
    """A page whose clock runs ahead does not outdo what was saved after it came."""
    save(writer, answer(1, 1, "A", at=DURING), at=DURING)

    taken = keep(lost(writer), answer(1, 2, "B", at=CLOSES), at=DURING - timedelta(seconds=1))

    assert taken.kept == ((1, 2),)


@pytest.mark.parametrize(
    ("state", "code"), [({"started_at": None, "deadline_at": None}, "not_started"), ({"paused_at": DURING}, "paused")]
)
def test_before_the_start_and_in_a_pause_nothing_is_taken(writer: Writer, state: dict[str, Any], code: str) -> None:
    with unit_of_work():
        session.execute(update(Attempt).values(**state))

    with pytest.raises(ConflictError) as refusal:
        keep(writer, answer(1))

    assert refusal.value.code == code
    assert session.scalars(select(LateAnswer)).all() == []


def test_a_place_that_the_paper_does_not_have_is_refused(writer: Writer) -> None:
    with pytest.raises(ConflictError) as refusal:
        keep(writer, answer(1), answer(ITEMS + 1))

    assert refusal.value.code == "no_such_place"


def test_the_side_door_takes_only_so_many(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_KEPT", 2)
    keep(writer, answer(1), answer(2))

    with pytest.raises(ConflictError):
        keep(writer, answer(3))


def test_after_the_release_nothing_is_taken(writer: Writer, house: House) -> None:
    attempt = attempt_of_writer(writer)
    release(house, sessions_queries.exam_session(_code(attempt), house.examiner.actor), at=CLOSES)

    with pytest.raises(ConflictError) as refusal:
        keep(writer, answer(1), at=CLOSES + timedelta(days=1))

    assert refusal.value.code == "late"


def _code(attempt: Attempt) -> str:
    return session.scalars(select(ExamSession.code).where(ExamSession.id == attempt.session_id)).one()


def test_what_two_examiners_count_enters_the_history_flagged(writer: Writer, house: House) -> None:
    save(writer, answer(1, 1, "A", at=DURING))
    keep(writer, answer(1, 2, "C", at=DEADLINE), answer(2, 1, "B", at=DEADLINE))

    decide(services.propose, writer, house.examiner, waiting(writer), counts=True, reason="断网两分钟")
    assert history(writer) == [(1, 1, "A", False)]
    assert decide(services.confirm, writer, house.examiner2) == 2

    assert history(writer) == [(1, 1, "A", False), (1, 2, "C", True), (2, 1, "B", True)]
    assert {one.entered_as for one in session.scalars(select(LateDecision))} == {1, 2}
    kinds = [one.kind for one in timeline(of_attempt(writer.code))]
    assert kinds[:3] == ["exams.late_decided", "exams.late_proposed", "exams.answers_kept"]
    assert "exams.late" not in {one.kind for one in todos_of(house.examiner.actor)}


def test_what_two_examiners_do_not_count_stays_out(writer: Writer, house: House) -> None:
    keep(writer, answer(1, 1, "C", at=AFTER))

    decide(services.propose, writer, house.examiner, waiting(writer), counts=False, reason="截止后作答")
    decide(services.confirm, writer, house.examiner2)

    assert history(writer) == []
    assert waiting(writer) == []


def test_nobody_decides_alone(writer: Writer, house: House) -> None:
    keep(writer, answer(1))
    decide(services.propose, writer, house.examiner, waiting(writer), counts=True, reason="断网")

    with pytest.raises(ForbiddenError):
        decide(services.confirm, writer, house.examiner)
    with pytest.raises(ForbiddenError):
        decide(services.send_back, writer, house.examiner, reason="自己退回")
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(
            update(LateDecision).values(
                state="confirmed", confirmed_by_id=LateDecision.proposed_by_id, confirmed_at=AFTER
            )
        )
    assert history(writer) == []


def test_a_proposal_goes_back_and_is_made_again(writer: Writer, house: House) -> None:
    keep(writer, answer(1, 1, "C"))
    decide(services.propose, writer, house.examiner, waiting(writer), counts=True, reason="断网")
    decide(services.send_back, writer, house.examiner2, reason="请核对监考记录")

    assert "exams.late" in {one.kind for one in todos_of(house.examiner.actor)}
    decide(services.propose, writer, house.examiner2, waiting(writer), counts=False, reason="无断网记录")
    decide(services.confirm, writer, house.examiner)

    assert history(writer) == []
    assert session.scalars(select(LateDecision)).one().counts is False


def test_a_proposal_needs_a_reason_and_an_answer_that_waits(writer: Writer, house: House) -> None:
    keep(writer, answer(1))

    with pytest.raises(InvalidError):
        decide(services.propose, writer, house.examiner, waiting(writer), counts=True, reason="  ")
    with pytest.raises(InvalidError):
        decide(services.propose, writer, house.examiner, ["no-such-answer"], counts=True, reason="断网")


def test_without_a_proposal_there_is_nothing_to_confirm(writer: Writer, house: House) -> None:
    keep(writer, answer(1))

    with pytest.raises(ConflictError):
        decide(services.confirm, writer, house.examiner2)


def test_of_two_late_answers_of_a_place_the_one_typed_last_counts(writer: Writer, house: House) -> None:
    early, later = DEADLINE - timedelta(seconds=9), DEADLINE - timedelta(seconds=2)
    keep(writer, answer(1, 8, "D", at=early))
    keep(lost(writer), answer(1, 3, "B", at=later), at=AFTER)

    decide(services.propose, writer, house.examiner, waiting(writer), counts=True, reason="断网")
    decide(services.confirm, writer, house.examiner2)

    assert kept(attempt_of_writer(writer).id)[1].choice == ("B",)


def test_an_answer_older_than_what_counts_cannot_be_counted(writer: Writer, house: House) -> None:
    save(writer, answer(1, 1, "A", at=DURING + timedelta(minutes=2)))
    keep(lost(writer), answer(1, 2, "B", at=DURING), at=DURING)
    decide(services.propose, writer, house.examiner, waiting(writer), counts=True, reason="断网")

    with pytest.raises(ConflictError):
        decide(services.confirm, writer, house.examiner2)

    assert history(writer) == [(1, 1, "A", False)]


def test_marking_waits_for_the_decision_and_what_comes_later_is_decided_too(writer: Writer, house: House) -> None:
    keep(writer, answer(1, 1, "C"))
    with unit_of_work():
        sitting.collect(at=AFTER)
    code = _code(attempt_of_writer(writer))

    def mark() -> None:
        with unit_of_work():
            exam = sessions_queries.exam_session(code, house.examiner.actor)
            results.ask_to_mark(exam, by=house.examiner.actor, at=CLOSES)

    with pytest.raises(ConflictError):
        mark()
    decide(services.propose, writer, house.examiner, waiting(writer), counts=False, reason="截止后作答")
    decide(services.confirm, writer, house.examiner2)
    mark()

    keep(lost(writer), answer(2), at=CLOSES)
    assert "exams.late" in {one.kind for one in todos_of(house.examiner.actor)}
    decide(services.propose, writer, house.examiner, waiting(writer), counts=True, reason="断网", at=CLOSES)
    with pytest.raises(ConflictError):
        decide(services.confirm, writer, house.examiner2, at=CLOSES)
    jobs.work()
    decide(services.confirm, writer, house.examiner2, at=CLOSES)
    assert "exams.late" not in {one.kind for one in todos_of(house.examiner.actor)}


def test_examiners_of_another_body_see_nothing_of_it(writer: Writer) -> None:
    keep(writer, answer(1))
    elsewhere = make_house()

    with pytest.raises(NotFoundError):
        queries.sitting(writer.code, elsewhere.examiner.actor)


def test_the_pages_show_the_evidence_and_lead_two_examiners_to_the_decision(
    writer: Writer, house: House, browser_of: Browser
) -> None:
    save(writer, answer(1, 1, "A", at=DURING))
    keep(writer, answer(1, 2, "C", at=DEADLINE), answer(2, 1, "B", at=AFTER))
    first, second = browser_of(house.examiner), browser_of(house.examiner2)
    address = f"/exams/late/{writer.code}"

    listed = first.get(f"/exams/sessions/{_code(attempt_of_writer(writer))}/late")
    assert address in listed.text
    page = first.get(address)
    assert page.text.count(said("Came after the end of the sitting")) == 2
    assert said("Confirm the proposals") not in page.text

    empty = send(first, f"{address}/propose", page=address, reason="")
    assert empty.status_code == 422
    one = session.scalars(select(LateAnswer.code).where(LateAnswer.position == 1)).one()
    done = send(first, f"{address}/propose", page=address, answers=one, counts="yes", reason="断网两分钟")
    assert done.status_code == 302
    assert said("Confirm the proposals") not in first.get(address).text
    assert said("Proposed: it counts") in second.get(address).text

    assert send(second, f"{address}/return", page=address, **{"back-reason": ""}).status_code == 422
    assert send(second, f"{address}/confirm", page=address).status_code == 302
    assert said("Counts, decided by two") in second.get(address).text
    assert kept(attempt_of_writer(writer).id)[1].choice == ("C",)
    assert waiting(writer) == [session.scalars(select(LateAnswer.code).where(LateAnswer.position == 2)).one()]

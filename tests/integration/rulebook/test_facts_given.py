"""Facts that rooms give: for many people at once, on a day, as known at an instant."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from app.accounts.states import Role
from app.assessment.certification import services as awards
from app.core.clock import day_of
from app.core.db import db, session, unit_of_work
from app.courses.models import ClassHour, Cohort, Enrolment, Lesson
from app.rulebook import queries
from app.rulebook.facts import Fact
from tests.factories.accounts import Member, make_member
from tests.factories.certification import DECIDED, RELEASED, Candidate, decided, make_award, make_candidate, make_exam

AFTER = datetime(2026, 12, 1, tzinfo=UTC)
EXAM = frozenset({"exam.passed[junior]", "exam.score[junior]"})
HELD = frozenset({"level.held[junior]"})


def ask(
    member: Member | int, names: frozenset[str], *, on: date | None = None, known_at: datetime = AFTER
) -> dict[str, Fact]:
    person_id = member if isinstance(member, int) else member.person.id
    return queries.facts_of([person_id], names, on=on or day_of(known_at), known_at=known_at)[person_id]


@contextmanager
def counted() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield said
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def candidate(app: Flask) -> Candidate:
    del app
    return make_candidate(make_exam(), score=80)


def test_an_exam_is_known_from_its_release_and_counts_from_its_day(candidate: Candidate) -> None:
    member = candidate.member

    known = ask(member, EXAM)
    assert known["exam.score[junior]"].value == Decimal("80.00")
    assert known["exam.passed[junior]"].value == day_of(RELEASED)
    assert known["exam.passed[junior]"].source
    assert ask(member, EXAM, known_at=RELEASED - timedelta(seconds=1)) == {}
    assert ask(member, EXAM, on=day_of(RELEASED) - timedelta(days=1)) == {}
    assert ask(member, frozenset({"exam.score[senior]"})) == {}


def test_the_best_score_and_the_first_pass_count_and_a_voided_result_does_not(candidate: Candidate) -> None:
    again = make_candidate(make_exam(), score=95, member=candidate.member)
    make_candidate(make_exam(), score=30, member=candidate.member)
    assert ask(candidate.member, EXAM)["exam.score[junior]"].value == Decimal("95.00")

    with unit_of_work():
        again.result.voided = True
        session.merge(again.result)

    assert ask(candidate.member, EXAM)["exam.score[junior]"].value == Decimal("80.00")


def test_who_failed_has_a_score_and_no_pass(app: Flask) -> None:
    del app
    failed = make_candidate(make_exam(), score=59)

    assert set(ask(failed.member, EXAM)) == {"exam.score[junior]"}


def test_a_level_is_held_from_its_award_to_its_end_and_as_was_known_until_it_is_withdrawn(app: Flask) -> None:
    del app
    award = decided(make_award())
    holder = award.person_id
    assert award.valid_until

    assert ask(holder, HELD)["level.held[junior]"].value == award.valid_from
    assert ask(holder, HELD)["level.held[junior]"].source == award.unified_number
    assert ask(holder, HELD, known_at=DECIDED - timedelta(seconds=1)) == {}
    assert set(ask(holder, HELD, on=award.valid_until)) == HELD
    assert ask(holder, HELD, on=award.valid_until + timedelta(days=1)) == {}

    withdrawn_at = datetime(2026, 6, 1, tzinfo=UTC)
    with unit_of_work():
        awards.withdraw_all([(session.merge(award), "issued_in_error")], by=None, at=withdrawn_at)
    assert ask(holder, HELD) == {}
    assert set(ask(holder, HELD, known_at=withdrawn_at - timedelta(seconds=1))) == HELD


def hours(enrolment: Enrolment, module: str, amount: int, at: datetime) -> None:
    number = session.scalar(select(func.count()).select_from(Lesson)) or 0
    with unit_of_work():
        lesson = Lesson(
            course_id=session.get_one(Cohort, enrolment.cohort_id).course_id,
            code=f"X{number}",
            position=100 + number,
            title_zh="课",
            title_en="Lesson",
            module=module,
            hours=Decimal(amount),
            minimum_minutes=0,
            objectives=[],
            body="",
            content_hash="0",
            quiz=[],
            sources=[],
        )
        session.add(lesson)
        session.flush()
        session.add(
            ClassHour(enrolment_id=enrolment.id, lesson_id=lesson.id, module=module, hours=Decimal(amount), at=at)
        )


def test_class_hours_add_up_by_module_as_far_as_was_known(candidate: Candidate) -> None:
    names = frozenset({"hours.total", "hours.module[policy]", "hours.module[rare]"})
    before = ask(candidate.member, names)
    hours(candidate.enrolment, "policy", 4, datetime(2026, 4, 1, tzinfo=UTC))
    hours(candidate.enrolment, "policy", 2, datetime(2026, 5, 1, tzinfo=UTC))
    hours(candidate.enrolment, "practice", 3, datetime(2026, 5, 2, tzinfo=UTC))

    def added(**when: date | datetime) -> dict[str, object]:
        found = ask(candidate.member, names, **when)  # type: ignore[arg-type]
        return {name: fact.value - before[name].value for name, fact in found.items()}  # type: ignore[operator]

    assert added() == {"hours.total": 9, "hours.module[policy]": 6, "hours.module[rare]": 0}
    assert added(known_at=datetime(2026, 4, 30, tzinfo=UTC))["hours.total"] == 4
    assert added(on=date(2026, 3, 31))["hours.total"] == 0
    assert ask(candidate.member, names)["hours.total"].since == date(2026, 5, 2)
    assert before["hours.module[rare]"].value == 0, "none were collected: known, and nought"


def test_a_completed_training_is_known_from_its_day(candidate: Candidate) -> None:
    names = frozenset({"training.completed[junior]"})
    completed = candidate.enrolment.completed_at
    assert completed

    assert ask(candidate.member, names)["training.completed[junior]"].value == day_of(completed)
    assert ask(candidate.member, names, known_at=completed - timedelta(seconds=1)) == {}


def test_no_two_rooms_declare_the_same_fact(app: Flask) -> None:
    names = [one.name for room in app.extensions["rooms"] for source in room.facts for one in source.kinds]

    assert sorted(names) == sorted(set(names))
    assert set(queries.catalogue()) == set(names)


def test_what_no_room_gives_stays_unknown(app: Flask) -> None:
    del app
    member = make_member(Role.TRAINEE)

    assert ask(member, frozenset({"stated.services", "nothing.here"})) == {}
    base = queries.facts_of([1], frozenset({"hours.total"}), on=date(2026, 1, 1), known_at=AFTER, subject="base")
    assert base == {1: {}}


def test_many_people_cost_no_more_statements_than_one(app: Flask) -> None:
    del app
    exam = make_exam()
    people = [make_candidate(exam).member.person.id for _number in range(4)]
    names = EXAM | HELD | {"hours.total", "training.completed[junior]"}

    counts = []
    for subjects in (people[:1], people):
        with counted() as said:
            found = queries.facts_of(subjects, names, on=date(2026, 12, 1), known_at=AFTER)
        counts.append(len([one for one in said if not one.startswith("BEGIN")]))
        assert set(found) == set(subjects)
        assert all("exam.passed[junior]" in facts for facts in found.values())

    assert counts[0] == counts[1]

"""Ratings: as known at an instant, cycles, human review, the command."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.accounts.states import Role
from app.assessment.credit import services
from app.assessment.credit.models import CreditCycle, CreditRating, CreditRecord
from app.assessment.credit.queries import ratings as queries
from app.assessment.credit.services.ratings import rerate
from app.assessment.credit.states import Gravity
from app.cases import services as cases
from app.cases.services import Filing
from app.core.clock import day_of
from app.core.db import session, unit_of_work
from app.core.errors import ForbiddenError, InvalidError
from app.core.jobs import Job, JobState
from app.desk.models import Todo
from app.rulebook.facts import from_json
from app.rulebook.verdicts import Verdict
from tests.factories.accounts import GUANGDONG, SHANDONG, Member, make_member
from tests.factories.cases import again as case_again
from tests.factories.credit import (
    NOW,
    asked,
    confirmed,
    days,
    decided,
    entered,
    entry,
    make_officers,
    make_record,
    make_subject,
    rated,
)
from tests.integration.credit.conftest import Field

TODAY = day_of(NOW)


def reproduce(found: CreditRating) -> None:
    """Compute a stored rating again from what was known then, and compare facts, verdict, score and grade."""
    decision, verdict = queries.decision_of(found)
    again = queries.rate([found.person_id], found.region_code, on=found.judged_on, known_at=found.known_at)
    computed = again[found.person_id]
    assert computed.verdict == verdict
    assert dict(computed.facts) == from_json(decision.facts)
    assert (computed.graded.score, computed.graded.grade) == (found.score, found.grade)


ACTS = ("enter", "correct", "repair", "rate")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(list(Gravity))), min_size=2, max_size=7))
def test_every_earlier_rating_is_reproduced_after_corrections_and_repairs(
    field: Field, acts: list[tuple[str, Gravity]]
) -> None:
    subject = make_subject()
    make_record(subject.person, field.officers, entry(None), at=days(-1))
    records: list[CreditRecord] = []
    made: list[CreditRating] = []
    for step, (act, gravity) in enumerate(acts):
        at = days(step)
        if act == "correct" and records:
            old = records.pop()
            new = entered(subject.person, field.officers[0], entry(gravity), corrects=old, at=at)
            records.append(confirmed(new, field.officers[1], at=at))
        elif act == "repair" and records and records[-1].gravity is Gravity.MINOR:
            decided(asked(records.pop(), subject, at=at), field.officers[0], at=at)
        elif act == "rate":
            made.append(rated(subject.person, field.officers[0], at=at + timedelta(hours=1)))
        else:
            records.append(make_record(subject.person, field.officers, entry(gravity), at=at))

    for one in made:
        reproduce(one)


def test_a_person_without_any_record_starts_with_the_base(field: Field) -> None:
    found = queries.rate([field.subject.person.id], SHANDONG, on=day_of(NOW), known_at=NOW)

    assert found[field.subject.person.id].graded.score == Decimal(100)


def test_a_correction_shows_now_and_leaves_then_as_it_was(field: Field) -> None:
    person, on = field.subject.person, day_of(NOW)
    old = make_record(person, field.officers, entry(Gravity.SERIOUS))
    new = entered(person, field.officers[0], entry(Gravity.MINOR), corrects=old, at=days(2))
    confirmed(new, field.officers[1], at=days(2))

    then = queries.rate([person.id], SHANDONG, on=on, known_at=days(1))[person.id].graded.grade
    now = queries.rate([person.id], SHANDONG, on=on, known_at=days(2))[person.id].graded.grade

    assert (then, now) == ("D", "A")


def test_a_pack_published_later_does_not_change_what_was_known(field: Field) -> None:
    with pytest.raises(InvalidError):
        queries.rate(
            [field.subject.person.id], SHANDONG, on=day_of(NOW), known_at=datetime(2019, 1, 1, tzinfo=NOW.tzinfo)
        )


def test_a_rating_is_stored_with_facts_pack_and_reasons_and_supersedes_the_last(field: Field) -> None:
    make_record(field.subject.person, field.officers)
    first, second = (rated(field.subject.person, field.officers[0], at=days(one)) for one in (0, 1))

    decision, verdict = queries.decision_of(second)
    assert decision.supersedes_id == first.decision_id
    assert decision.pack == second.pack
    assert {"credit.positive", "credit.negative[minor]"} <= set(decision.facts)
    assert Verdict.from_json(decision.verdict) == verdict


def test_nobody_rates_themselves_and_no_officer_of_another_region_does(field: Field) -> None:
    make_record(field.subject.person, field.officers)
    stranger, _second = make_officers(GUANGDONG)
    own = make_member(Role.CREDIT, person=field.subject.person)

    for officer in (stranger, own):
        with pytest.raises(ForbiddenError):
            rated(field.subject.person, officer)


def start(by: Member, *, key: str = "cycle", on: date = TODAY, at: datetime = NOW) -> CreditCycle:
    with unit_of_work():
        return services.start_cycle(on=on, token=key, by=by.actor, at=at)


def test_a_cycle_rates_everybody_of_the_region_once_with_progress(
    field: Field, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.assessment.credit.services.ratings.CHUNK", 2)
    people = [field.subject, *(make_subject() for _ in range(4))]
    for one in people:
        make_record(one.person, field.officers)
    elsewhere = make_officers(GUANGDONG)
    make_record(make_subject(GUANGDONG).person, elsewhere)

    cycle = start(field.officers[0])
    assert start(field.officers[0]).id == cycle.id
    run_jobs()

    session.expire_all()
    cycle = queries.cycle(cycle.code, field.officers[0].actor)
    assert (cycle.people, cycle.rated, cycle.ended_at is not None) == (5, 5, True)
    assert queries.grades_of(cycle) == {"B": 5}
    assert queries.ratings_of(cycle).total == 5
    (job,) = session.scalars(select(Job).where(Job.kind == "credit.cycle"))
    assert (job.state, job.done, job.total) == (JobState.DONE, 5, 5)
    assert session.scalar(select(func.count()).select_from(CreditRating)) == 5
    for found in queries.ratings_of(cycle).rows:
        reproduce(found)


def test_a_cycle_is_not_started_for_a_day_to_come_or_for_nobody_or_by_others(field: Field) -> None:
    with pytest.raises(InvalidError):
        start(field.officers[0])
    make_record(field.subject.person, field.officers)
    with pytest.raises(InvalidError):
        start(field.officers[0], on=day_of(NOW) + timedelta(days=1))
    with pytest.raises(ForbiddenError):
        start(make_member(Role.REGULATOR))


def test_the_subject_may_have_a_human_review_their_latest_rating(field: Field) -> None:
    make_record(field.subject.person, field.officers)
    old = rated(field.subject.person, field.officers[0])
    last = rated(field.subject.person, field.officers[0], at=days(1))

    for code, by in ((old.code, field.subject), (last.code, make_subject())):
        with pytest.raises(ForbiddenError), unit_of_work():
            cases.open_case("credit.review", code, Filing("请复核。"), by=by.actor, at=days(1))
    with unit_of_work():
        case = cases.open_case("credit.review", last.code, Filing("请复核。"), by=field.subject.actor, at=days(1))
    judge = make_member(Role.REGULATOR)
    with unit_of_work():
        cases.accept(case_again(case), by=judge.actor, at=days(1))
    with unit_of_work():
        cases.decide(case_again(case), upheld=True, reasons="遗漏一份合同。", by=judge.actor, at=days(2))

    (todo,) = session.scalars(select(Todo).where(Todo.kind == "credit.rerate"))
    assert todo.closed_at is None
    rated(field.subject.person, field.officers[0], at=days(3))
    session.refresh(todo)
    assert todo.closed_at


def test_where_no_pack_rates_a_region_the_officers_are_asked(app: Flask) -> None:
    del app
    person = make_subject().person

    with unit_of_work():
        rerate(person, at=NOW)

    assert session.scalars(select(Todo.kind)).all() == ["credit.rerate"]
    assert queries.latest(person.id) is None


def test_the_command_rates_as_known_at_a_day(field: Field, app: Flask, at_time: Callable[[datetime], None]) -> None:
    person = field.subject.person
    make_record(person, field.officers, entry(Gravity.ORDINARY))
    at_time(days(2))
    run = app.test_cli_runner().invoke
    base = ["credit", "rate", person.code, "--on", "2026-06-01"]

    now = json.loads(run(args=[*base, "--json"]).stdout)
    before = json.loads(run(args=[*base, "--known", "2026-05-31", "--json"]).stdout)
    plain = run(args=base)
    unknown = run(args=["credit", "rate", "nobody", "--on", "2026-06-01"])
    usage = run(args=["credit", "rate", person.code])

    assert (now["score"], now["grade"], now["facts"]["credit.negative[ordinary]"]["value"]) == ("85", "B", "1")
    assert (before["score"], before["grade"]) == ("100", "A")
    assert now["pack"] == "credit-rating-nation-sample.1"
    assert [line["reason"] for line in now["lines"]][-1] == "credit.total"
    assert "85 B" in plain.stdout
    assert (unknown.exit_code, usage.exit_code) == (1, 2)

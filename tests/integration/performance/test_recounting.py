"""Days of an appraisal that move: with the holidays of a year entered later, with a corrected notice; days made up."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases import services as case_services
from app.cases.models import Publicity
from app.cases.queries import notices as board
from app.cases.services import publicity
from app.core.db import session, unit_of_work
from app.core.events import timeline
from app.desk.models import Notice
from app.desk.queries import todos_of
from app.performance import services
from app.performance.models import BaseAppraisal
from app.performance.services.subjects import of_appraisal
from tests.factories.accounts import Member
from tests.factories.cases import make_clocks
from tests.factories.holidays import HEAD, make_year
from tests.factories.performance import AT, graded, make_base, make_cycle, make_system, only


@pytest.fixture(autouse=True)
def _now(app: Flask, at_time: Callable[[datetime], None]) -> None:
    del app
    at_time(AT)
    make_system()


def settle(row: BaseAppraisal, by: Member, second: Member) -> None:
    with unit_of_work():
        services.publish(row.cycle, by=by.actor, at=AT)
        services.confirm(row, reason="予以确认。", by=second.actor, at=AT)


def test_a_rectification_runs_longer_with_holidays_entered_later_and_never_shorter(
    run_jobs: Callable[[], int],
) -> None:
    _, staff = make_base()
    cycle, first, second = make_cycle()
    settle(graded(only(cycle), staff, "0"), first, second)

    make_year(2026, HEAD + "2026-11-05,放假\n", number="示例1")
    run_jobs()

    row = only(cycle)
    assert str(row.rectify_until) == "2026-11-17"
    assert [str(one.due_on) for one in todos_of(staff.actor)] == ["2026-11-17"]
    told = timeline(of_appraisal(row))[0]
    assert (told.kind, told.rule, told.data["was"]) == ("performance.rectify_recounted", "示例1", "2026-11-16")
    notices = list(session.scalars(select(Notice).where(Notice.kind == "performance.rectify_recounted")))
    assert staff.person.id in {one.person_id for one in notices}
    assert {one.label["due"] for one in notices} == {"2026-11-17"}

    make_year(2026, HEAD + "2026-11-07,上班\n", number="示例2")
    run_jobs()

    assert str(only(cycle).rectify_until) == "2026-11-17", "what the base was told stands"


def test_the_end_of_the_publicity_of_a_grade_is_that_of_its_period(
    run_jobs: Callable[[], int],
) -> None:
    make_clocks()
    _, staff = make_base()
    cycle, first, _ = make_cycle()
    graded(only(cycle), staff, "0")
    with unit_of_work():
        services.publish(only(cycle).cycle, by=first.actor, at=AT)
    before = only(cycle).publicity_until
    assert before is not None

    make_year(2026, HEAD + "2026-11-03,放假\n")
    run_jobs()

    after = only(cycle).publicity_until
    assert after is not None
    assert after > before
    assert after == session.scalars(select(Publicity.ends_on)).one()


def test_a_grade_whose_notice_was_wrong_waits_for_the_corrected_one() -> None:
    make_clocks()
    _, staff = make_base()
    cycle, first, second = make_cycle()
    row = graded(only(cycle), staff, "10")
    with unit_of_work():
        services.publish(cycle, by=first.actor, at=AT)
        wrong = board.publicity(row.publicity or "")
        publicity.revoke(wrong, reason="等次有误。", by=second.actor, at=AT)
    said = publicity.Correction("更正公示", "Corrected notice", "更正。", "Corrected.")
    with unit_of_work():
        found = publicity.correct(board.publicity(wrong.code), said, by=second.actor, at=AT)
    assert only(cycle).publicity == found.code != wrong.code

    with unit_of_work():
        assert case_services.end_publicity(at=AT + timedelta(days=30)) == 1

    assert only(cycle).publicity_passed_at is not None

"""What an appraisal puts on desks follows from its state at each stage; events of other kinds change nothing."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.events import Event
from app.performance import services, signals
from app.performance.models import BaseAppraisal
from app.performance.services.outcomes import PUBLICITY
from app.performance.services.subjects import TYPE
from app.performance.states import AppraisalState
from tests.factories.accounts import SHANDONG, Member, make_member
from tests.factories.desk import kinds_waiting
from tests.factories.performance import AT, UNTIL, check, graded, make_base, make_cycle, make_system, only, report


@pytest.fixture(autouse=True)
def _now(app: Flask, at_time: Callable[[datetime], None]) -> None:
    del app
    at_time(AT)
    make_system()


def ours() -> set[str]:
    return {kind for kind in kinds_waiting() if kind.startswith("performance.")}


def failed(year: int, staff: Member) -> tuple[BaseAppraisal, Member]:
    """Bring a base to a failed grade; return it with the regulator who proposed it."""
    cycle, first, second = make_cycle(year)
    row = graded(only(cycle), staff, "0")
    with unit_of_work():
        services.publish(cycle, by=first.actor, at=AT)
        services.confirm(row, reason="予以确认。", by=second.actor, at=AT)
    return row, first


def test_each_stage_waits_for_whoever_goes_on() -> None:
    _, staff = make_base()
    opener, second = make_member(Role.REGULATOR, SHANDONG), make_member(Role.REGULATOR, SHANDONG)
    with unit_of_work():
        cycle = services.open_cycle(year=2026, region_code=SHANDONG, report_until=UNTIL, by=opener.actor, at=AT)
    assert ours() == {"performance.confirm_cycle"}
    with unit_of_work():
        services.confirm_cycle(cycle, by=second.actor, at=AT)
    assert ours() == {"performance.report"}

    row = report(only(cycle), staff)
    assert ours() == {"performance.check"}
    check(row)
    assert ours() == {"performance.compute"}
    with unit_of_work():
        services.grade(cycle, [row], by=None, at=AT)
        services.publish(cycle, by=opener.actor, at=AT)
    assert ours() == {"performance.confirm"}


def test_a_failed_base_rectifies_is_reviewed_and_at_the_second_time_leaves() -> None:
    _, staff = make_base()
    row, first = failed(2026, staff)
    assert ours() == {"performance.rectify"}
    with unit_of_work():
        services.rectify(row, report="已聘师资。", by=staff.actor, at=AT)
    assert ours() == {"performance.review"}
    with unit_of_work():
        services.accept(row, reason="已落实。", by=first.actor, at=AT)
    assert ours() == set()

    failed(2027, staff)
    assert ours() == {"performance.exit"}


def happened(publicity: str, code: str, *, kind: str = PUBLICITY, about: str = TYPE) -> Event:
    data = {"kind": kind, "subject_type": about, "subject_code": code}
    return Event(kind="cases", subject_type="publicity", subject_code=publicity, data=data, at=AT)


def shown() -> BaseAppraisal:
    """Bring a base to a grade that is public."""
    _, staff = make_base()
    cycle, first, _ = make_cycle()
    row = graded(only(cycle), staff, "10")
    with unit_of_work():
        services.publish(cycle, by=first.actor, at=AT)
        row.publicity, row.publicity_passed_at = "notice", None
    return row


@pytest.mark.parametrize("other", [{"kind": "titles.result"}, {"about": "title_application"}])
def test_the_publicity_of_something_else_leaves_a_grade_as_it_is(other: dict[str, str]) -> None:
    row = shown()

    with unit_of_work():
        signals.note_passed(happened("notice", row.code, **other))
        signals.compute_again(happened("notice", row.code, **other))

    session.refresh(row)
    assert (row.state, row.publicity_passed_at) == (AppraisalState.PUBLIC, None)
    with unit_of_work():
        signals.note_passed(happened("notice", row.code))
    assert row.publicity_passed_at == AT
    with unit_of_work():
        signals.compute_again(happened("notice", row.code))
    assert row.state is AppraisalState.CHECKED

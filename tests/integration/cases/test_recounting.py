"""Running clocks counted anew once the holidays of a year are published; the days are samples of a far year."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.states import Role
from app.cases import services
from app.cases.models import Case, Publicity
from app.cases.services import recounting
from app.cases.services.subjects import of_case, of_publicity
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.events import Event, Subject, timeline
from app.desk.models import Todo
from tests.factories.accounts import Member, make_member
from tests.factories.cases import accepted, again, make_clocks, make_complaint, make_officer, make_publicity
from tests.factories.holidays import DAYS, FAR, HEAD, NUMBER, make_year

Clock = Callable[[datetime], None]
BEFORE = f"示例〔{FAR - 2}〕7号"


def on(month: int, day: int, year: int = FAR) -> datetime:
    return datetime(year, month, day, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _year_before(app: Flask) -> None:
    """The running year is published: only the next one is not."""
    del app
    make_year(FAR - 1, HEAD + f"{FAR - 1}-01-02,放假\n", number=BEFORE)
    jobs.work()


@pytest.fixture(name="author")
def _author() -> Member:
    make_clocks()
    return make_member(Role.TRAINEE)


def published() -> None:
    make_year()
    jobs.work()
    session.expire_all()


def latest(subject: Subject) -> Event:
    return timeline(subject)[0]


def waiting(case: Case) -> dict[str, date | None]:
    query = select(Todo.kind, Todo.due_on).where(Todo.subject_code == case.code, Todo.closed_at.is_(None))
    return dict(session.execute(query).all())


def test_the_clock_of_a_case_over_new_year_follows_the_notice(author: Member, at_time: Clock) -> None:
    at_time(on(12, 28, FAR - 1))
    case = make_complaint(author.actor, at=on(12, 28, FAR - 1))
    assert (case.accept_by, case.provisional) == (date(FAR, 1, 2), True)

    published()

    case = again(case)
    assert (case.accept_by, case.provisional) == (date(FAR, 1, 5), False)
    assert waiting(case) == {"cases.accept": date(FAR, 1, 5)}
    told = latest(of_case(case))
    assert (told.kind, told.rule, told.actor_id) == ("cases.recounted", NUMBER, None)
    assert told.data == {"was": f"{FAR}-01-02", "due": f"{FAR}-01-05", "counted": f"{FAR}-01-05"}


def test_the_clock_of_a_decision_is_counted_over_the_festival_and_over_its_stop(author: Member, at_time: Clock) -> None:
    at_time(on(2, 16))
    officer = make_officer()
    case = accepted(make_complaint(author.actor, at=on(2, 12)), officer, at=on(2, 12))
    with unit_of_work():
        services.ask_for_materials(again(case), what="请补充缴费凭证。", by=officer.actor, at=on(2, 14))
    with unit_of_work():
        services.supply(again(case), "已补充。", (), by=author.actor, at=on(2, 16))
    assert (again(case).decide_by, again(case).provisional) == (date(FAR, 2, 28), True)

    published()

    case = again(case)
    assert (case.decide_by, case.provisional) == (date(FAR, 3, 6), False)
    assert waiting(case)["cases.decide"] == date(FAR, 3, 6)


def test_a_clock_that_had_run_out_runs_again_and_can_run_out_again(author: Member, at_time: Clock) -> None:
    case = make_complaint(author.actor, at=on(12, 28, FAR - 1))
    with unit_of_work():
        assert services.escalate(at=on(1, 3)) == 1
    at_time(on(1, 3))

    published()

    assert waiting(case) == {"cases.accept": date(FAR, 1, 5)}
    with unit_of_work():
        assert services.escalate(at=on(1, 5)) == 0
    with unit_of_work():
        assert services.escalate(at=on(1, 8)) == 1
    assert waiting(case)["cases.overdue"] == date(FAR, 1, 5)


def test_a_period_of_publicity_follows_the_notice_in_both_directions(author: Member, at_time: Clock) -> None:
    del author
    at_time(on(12, 28, FAR - 1))
    longer, shorter = make_publicity(at=on(12, 28, FAR - 1)), make_publicity(at=on(1, 4))
    assert [(row.ends_on, row.provisional) for row in (longer, shorter)] == [
        (date(FAR, 1, 4), True),
        (date(FAR, 1, 11), True),
    ]

    published()

    assert [(row.ends_on, row.provisional) for row in rows()] == [
        (date(FAR, 1, 8), False),
        (date(FAR, 1, 11), True),  # it has not begun: it is not running
    ]
    assert latest(of_publicity(longer)).rule == NUMBER


def rows() -> list[Publicity]:
    return list(session.scalars(select(Publicity).order_by(Publicity.id)))


@pytest.mark.parametrize(
    ("today", "ends", "kind"), [(10, 10, "cases.period_recounted"), (11, 11, "cases.recount_stays")]
)
def test_no_period_ends_on_a_day_that_has_passed(at_time: Clock, today: int, ends: int, kind: str) -> None:
    row = make_publicity(at=on(1, 4))
    at_time(on(1, today))

    published()

    (row,) = rows()
    assert (row.ends_on, row.provisional) == (date(FAR, 1, ends), False)
    told = latest(of_publicity(row))
    assert (told.kind, told.data["counted"], told.data["due"]) == (kind, f"{FAR}-01-10", f"{FAR}-01-{ends}")


def test_a_corrected_notice_moves_again_what_it_changes_and_tells_nothing_else(
    author: Member, at_time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "CHUNK", 1)
    at_time(on(12, 28, FAR - 1))
    moved = make_complaint(author.actor, at=on(12, 28, FAR - 1))
    other = make_complaint(author.actor, at=on(3, 5))
    published()
    assert latest(of_case(other)).kind == "cases.recounted"

    make_year(text=DAYS + f"{FAR}-01-04,放假\n", number="示例更正")
    jobs.work()
    session.expire_all()

    assert again(moved).accept_by == date(FAR, 1, 6)
    assert latest(of_case(moved)).rule == "示例更正"
    assert latest(of_case(other)).rule == NUMBER

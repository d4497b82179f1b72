"""The inbox in pages, filtered and sorted; what must wait follows from the states of the records."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Self

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.cli.demo.registry import STEPS
from app.cli.demo.step import Demo
from app.core import clock, jobs
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.events import Subject
from app.core.room import rooms
from app.desk import queries, services
from app.desk.models import NEVER, Todo
from app.desk.queries import todos as todo_queries
from app.desk.queries.todos import Wanted
from tests.factories.accounts import JINAN, NATION, SHANDONG, Member, make_member, make_organisation, make_regions
from tests.factories.desk import expected, waiting

TODAY = date(2026, 5, 4)
LATE = time(23, 20, tzinfo=clock.SHANGHAI)
"""When the demo of a later year is loaded: what it does an hour or a few later falls on another day."""


def wait(number: int, *, due: date | None = None, kind: str = "bases.decide", **addressee: object) -> None:
    to = addressee or {"role": Role.REGULATOR, "region_code": JINAN}
    with unit_of_work():
        services.open_todo(
            kind,
            Subject("training_base", f"b{number}"),
            url=f"/bases/{number}",
            at=real_now() + timedelta(seconds=number),
            due_on=due,
            params={"base_zh": f"基地{number}"},
            **to,  # type: ignore[arg-type]
        )


def listed(member: Member, wanted: Wanted = queries.EVERYTHING) -> list[str]:
    return [line.url for line in queries.inbox_page(member.actor, wanted, on=TODAY).rows]


@pytest.fixture
def province(app: Flask) -> Member:
    """Give a regulator with to-dos of every age."""
    del app
    make_regions()
    for number, due in enumerate((None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=8))):
        wait(number, due=due)
    wait(9, kind="rulebook.confirm", role=Role.REGULATOR, region_code=SHANDONG)
    return make_member(Role.REGULATOR)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Wanted(), "12309"),
        (Wanted(sort="-due"), "90321"),
        (Wanted(sort="opened"), "01239"),
        (Wanted(sort="-opened"), "93210"),
        (Wanted(sort="nonsense"), "12309"),
        (Wanted(due="overdue"), "1"),
        (Wanted(due="week"), "2"),
        (Wanted(due="later"), "3"),
        (Wanted(due="undated"), "09"),
        (Wanted(kind="rulebook.confirm"), "9"),
        (Wanted(kind="rulebook.confirm", due="overdue"), ""),
    ],
)
def test_the_inbox_is_filtered_and_sorted(province: Member, wanted: Wanted, numbers: str) -> None:
    assert listed(province, wanted) == [f"/bases/{number}" for number in numbers]


def test_pages_hold_everything_once_and_a_page_beyond_is_the_last(app: Flask) -> None:
    del app
    make_regions()
    for number in range(60):
        wait(number, due=TODAY + timedelta(days=number % 7))
    actor = make_member(Role.REGULATOR, NATION).actor
    pages = [queries.inbox_page(actor, queries.EVERYTHING, on=TODAY, page=page) for page in (1, 2, 3)]
    assert [len(page.rows) for page in pages] == [25, 25, 10]
    assert len({line.url for page in pages for line in page.rows}) == 60
    assert queries.inbox_page(actor, queries.EVERYTHING, on=TODAY, page=99).page == 3


def test_what_waits_is_counted_up_to_a_bound(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    del app
    make_regions()
    monkeypatch.setattr(todo_queries, "COUNTED", 3)
    for number in range(5):
        wait(number)
    assert queries.count_todos(make_member(Role.REGULATOR).actor) == 3


def test_a_new_due_date_moves_a_to_do(province: Member) -> None:
    wait(3, due=TODAY - timedelta(days=9))
    assert listed(province)[0] == "/bases/3"
    wait(3)
    assert listed(province)[-1] != "/bases/1"
    (row,) = session.scalars(select(Todo).where(Todo.subject_code == "b3"))
    assert row.sort_on == NEVER


def test_the_page_shows_filters_overdue_and_the_way_from_home(
    province: Member, browser_of: Callable[[Member], FlaskClient], at_time: Callable[[datetime], None]
) -> None:
    at_time(datetime(2026, 5, 4, 9, 0, tzinfo=clock.SHANGHAI))
    for number in range(20, 30):
        wait(number)
    browser = browser_of(province)
    home = browser.get("/home").text
    assert 'href="/inbox"' in home
    assert home.count('class="todo') - home.count('class="todo-') - home.count('class="todos"') == 10
    page = browser.get("/inbox?due=overdue").text
    assert "todo-overdue" in page
    assert page.count('class="todo todo-overdue"') == 1
    assert browser.get("/inbox?kind=nonsense&due=nonsense&sort=nonsense&page=0").status_code == 200


@pytest.mark.parametrize(
    ("role", "numbers"),
    [
        (Role.REGULATOR, ["本辖区已认定基地", "在办班次"]),
        (Role.TRAINEE, ["我的证书（未撤销）", "我报考的考试"]),
        (Role.EXAMINER, ["已发布成绩的场次", "已审定试题"]),
        (Role.ISSUER, ["待编批的签发申请"]),
        (Role.CERTIFIER, ["本辖区待决定的等级"]),
        (Role.AUTHOR, ["待审试题"]),
    ],
)
def test_a_home_shows_the_numbers_of_its_role(
    role: Role,
    numbers: list[str],
    browser_of: Callable[[Member], FlaskClient],
    count_statements: Callable[[], list[str]],
) -> None:
    browser = browser_of(make_member(role, organisation=make_organisation()))
    statements = count_statements()
    page = browser.get("/home").text
    assert all(number in page for number in numbers)
    assert len(statements) <= 10, statements


@pytest.fixture
def later_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """Live late at night in another year than the one that the demo tells of: nothing may be refused for the date."""
    moved = datetime.combine(date(datetime.now(UTC).year + 2, 3, 1), LATE) - datetime.now(UTC)

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp((datetime.now(UTC) + moved).timestamp(), tz)

    monkeypatch.setattr(clock, "datetime", Later)


@pytest.mark.timeout(600)
@pytest.mark.one_database
@pytest.mark.usefixtures("app", "later_year")
def test_what_waits_in_a_demo_of_a_later_year_is_what_the_states_of_its_records_ask_for() -> None:
    year = datetime.now(UTC).year + 2
    for step in STEPS:
        step.load(Demo())
        assert waiting() == expected()
        jobs.work()
        assert waiting() == expected()
    assert len({one.kind for one in waiting()}) >= 4
    assert real_now().year == year


def test_every_kind_of_to_do_follows_from_some_state(app: Flask) -> None:
    del app
    silent = [room.name for room in rooms() if room.todo_kinds and not room.todo_sources]
    assert silent == []

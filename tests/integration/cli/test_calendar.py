"""`calendar load`: the holidays of a year from a list, all rows or none; the days are samples of a far year."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from app.core.calendar import CalendarOverride, CalendarYear, published
from app.core.db import session, unit_of_work
from app.core.events import Event
from tests.factories.accounts import make_person
from tests.factories.courses import xlsx
from tests.factories.holidays import DAYS, FAR, HEAD, NUMBER

Run = Callable[..., tuple[Result, dict[str, Any]]]
WORDS = ("--year", str(FAR), "--source", "部分节假日安排（示例）", "--notice", NUMBER, "--sample")


@pytest.fixture
def run(app: Flask, tmp_path: Path) -> Run:
    def call(content: str | bytes, *more: str) -> tuple[Result, dict[str, Any]]:
        path = tmp_path / "days.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        session.rollback()
        result = app.test_cli_runner().invoke(args=["calendar", "load", str(path), *WORDS, *more, "--json"])
        session.rollback()
        return result, json.loads(result.stdout) if result.stdout.startswith("{") else {}

    return call


def told() -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == "rulebook.year_entered").order_by(Event.id)))


@pytest.mark.parametrize("form", ["csv", "gbk", "xlsx"])
def test_a_year_is_entered_once_with_who_and_by_which_notice(run: Run, form: str) -> None:
    cells = [line.split(",") for line in DAYS.splitlines()]
    content = xlsx(cells) if form == "xlsx" else DAYS.encode("gbk" if form == "gbk" else "utf-8")
    person = make_person()

    result, answer = run(content, "--by", person.code)

    assert result.exit_code == 0, result.output
    assert answer == {"year": FAR, "free": 10, "working": 2, "changed": True, "failed": []}
    year = session.get_one(CalendarYear, FAR)
    assert (year.source, year.notice, year.sample) == ("部分节假日安排（示例）", NUMBER, True)
    assert FAR in published().years
    assert len(published().days) == 12
    (event,) = told()
    assert (event.actor_id, event.rule, event.data["free"]) == (person.id, NUMBER, 10)

    assert run(content)[1]["changed"] is False
    assert len(told()) == 1, "nothing changed, nothing is told"


def test_a_second_list_replaces_the_year_and_no_other_day(run: Run) -> None:
    with unit_of_work():
        session.add(CalendarOverride(day=date(FAR + 1, 5, 1), working=False, source="另一通知（示例）"))
    run(DAYS)

    answer = run(HEAD + f"{FAR}-05-01,放假\n")[1]

    assert (answer["free"], answer["working"], answer["changed"]) == (1, 0, True)
    assert set(published().days) == {date(FAR, 5, 1), date(FAR + 1, 5, 1)}
    replaced = told()[-1].data["replaced"]
    assert (replaced["notice"], len(replaced["days"])) == (NUMBER, 12)


BAD = HEAD + f"{FAR}-01-01,放假\n元旦,放假\n{FAR + 1}-01-01,放假\n{FAR}/1/1,上班\n{FAR}-02-30,放假\n{FAR}-01-07,也许\n"
REASONS = [
    (3, "is no day", "不是日期"),
    (4, "another year", "不属于"),
    (5, "stands in row 2", "第2行"),
    (6, "is no day", "不是日期"),
    (7, "neither free nor working", "既不是"),
]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_wrong_row_is_named_and_nothing_is_entered(app: Flask, run: Run, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        result, answer = run(BAD)

    assert result.exit_code == 1
    assert [row["line"] for row in answer["failed"]] == [line for line, *_ in REASONS]
    for row, (_line, *said) in zip(answer["failed"], REASONS, strict=True):
        assert said[language == "zh_CN"] in row["reason"]
    assert published().years == frozenset()
    assert not told()


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        ("甲,乙\n1,2\n", (), "headings"),
        (HEAD, (), "no rows"),
        (DAYS, ("--notice", " "), "number"),
        (DAYS, ("--source", "长" * 201), "200"),
        (DAYS, ("--by", "nobody"), "Nobody"),
    ],
)
def test_what_cannot_be_loaded_is_refused_with_what_to_change(
    app: Flask, run: Run, content: str, more: tuple[str, ...], said: str
) -> None:
    with app.test_request_context(), force_locale("en"):
        result, _answer = run(content, *more)

    assert result.exit_code == 1
    assert said in result.stderr
    assert published().years == frozenset()

"""`people import`: all or none, with a report of every row, and on again after a kill."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Person
from app.accounts.services import people_import
from app.accounts.staged import PeopleImport, PeopleRow
from app.cli import people
from app.core import staging
from app.core.clock import now
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import Event
from tests.factories.accounts import make_person
from tests.factories.courses import document_number, roster_rows, xlsx


def run(app: Flask, *arguments: str) -> tuple[int, dict[str, object]]:
    result = app.test_cli_runner().invoke(args=["people", "import", *arguments, "--json"])
    session.expire_all()
    return result.exit_code, json.loads(result.stdout) if result.stdout.startswith("{") else {}


def people_count() -> int:
    return session.scalar(select(func.count()).select_from(Person)) or 0


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "名单.xlsx"
    path.write_bytes(xlsx(roster_rows(3)))
    return path


def test_people_of_a_roster_are_added_once_with_a_report_of_every_row(app: Flask, roster: Path) -> None:
    code, answer = run(app, str(roster))
    assert (code, answer["added"], answer["known"], answer["failed"]) == (0, 3, 0, 0)
    report = answer["report"]
    assert isinstance(report, list)
    assert [row["line"] for row in report] == [2, 3, 4]
    assert document_number(0) not in json.dumps(answer), "numbers are masked"
    assert people_count() == 3
    assert set(session.scalars(select(PeopleRow.data_key))) == {None}
    added = select(func.count()).select_from(Event).where(Event.kind == "accounts.person_added")
    assert session.scalar(added) == 3

    code, answer = run(app, str(roster))
    assert (code, answer["added"], answer["known"]) == (0, 0, 3)
    assert people_count() == 3


def test_one_bad_row_and_nobody_is_added(app: Flask, tmp_path: Path) -> None:
    rows = roster_rows(2)
    rows[1][2] = "123"
    path = tmp_path / "bad.xlsx"
    path.write_bytes(xlsx(rows))
    code, answer = run(app, str(path))
    assert (code, answer["added"], answer["failed"], people_count()) == (1, 0, 1, 0)
    assert session.scalars(select(PeopleImport)).one().discarded_at is not None
    code, answer = run(app, str(path), "--good-only")
    assert (code, answer["added"], people_count()) == (0, 1, 1)
    plain = app.test_cli_runner().invoke(args=["people", "import", str(path)])
    assert plain.exit_code == 1
    assert len(plain.stdout.splitlines()) == 3


def test_a_dry_run_adds_nobody(app: Flask, roster: Path) -> None:
    code, answer = run(app, str(roster), "--dry-run")
    assert (code, answer["added"], people_count()) == (0, 0, 0)


def test_a_file_that_is_no_roster_is_refused(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "nothing.csv"
    path.write_text("a,b\n1,2\n")
    assert run(app, str(path))[0] == 1


def test_a_killed_import_goes_on_where_it_stopped(app: Flask, roster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "BLOCK_ROWS", 1)
    staged = people._staged(roster)
    with unit_of_work():
        people_import.keep_block(staged, people_import.check_block(staged), at=now())
    code, answer = run(app, str(roster))
    assert (code, answer["added"]) == (0, 3)
    assert len(session.scalars(select(PeopleImport)).all()) == 1


def test_rows_of_later_blocks_are_compared_with_earlier_ones(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "BLOCK_ROWS", 1)
    path = tmp_path / "twice.xlsx"
    path.write_bytes(xlsx([*roster_rows(2), *roster_rows(1)]))
    _code, answer = run(app, str(path))
    report = answer["report"]
    assert isinstance(report, list)
    assert len(report[2]["reasons"]) == 3, "document, telephone and mail stand in row 2 already"
    assert all("2" in reason for reason in report[2]["reasons"])


def test_a_person_who_was_added_meanwhile_stops_the_whole_list(app: Flask, roster: Path) -> None:
    del app
    staged = people._staged(roster)
    people._check(staged)
    make_person(number=document_number(1))
    with pytest.raises(ConflictError, match="刚刚已被录入"), unit_of_work():
        people_import.take_over(staged, only_good=False, at=now())
    assert people_count() == 1

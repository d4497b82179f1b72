"""`accounts regions`: a real installation gets its regions, shipped or from an official list, all rows or none."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select

from app.accounts import queries
from app.accounts.models import Membership, Region
from app.cli.demo import regions as demo
from app.cli.demo.step import Demo
from app.core.config import settings
from app.core.db import session
from app.core.events import Event
from tests.factories.accounts import make_person
from tests.factories.courses import xlsx

Run = Callable[..., tuple[Result, dict[str, Any]]]
WHY = ("--source", "民政部 2023", "--reason", "首次导入")
HEAD = "行政区划代码,单位名称,name_en\n"
RENAMED = HEAD + "370100,济南新市,\n330300,温州市,Wenzhou\n330302,鹿城区,\n"


@pytest.fixture
def run(app: Flask) -> Run:
    def call(*words: str) -> tuple[Result, dict[str, Any]]:
        session.rollback()
        result = app.test_cli_runner().invoke(args=["accounts", "regions", *words, "--json"])
        session.rollback()
        return result, json.loads(result.stdout) if result.stdout.startswith("{") else {}

    return call


@pytest.fixture
def listed(tmp_path: Path) -> Callable[[str | bytes], str]:
    def write(content: str | bytes) -> str:
        path = tmp_path / "regions.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def count() -> int:
    return session.scalar(select(func.count()).select_from(Region)) or 0


def told(kind: str) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == f"accounts.{kind}").order_by(Event.id)))


def figures(answer: dict[str, Any]) -> tuple[int, int, int, int]:
    return answer["added"], answer["renamed"], answer["moved"], answer["left"]


def test_without_a_demo_the_shipped_regions_are_loaded_once_and_the_first_administrator_gets_a_role(
    app: Flask, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "demo", False)
    result, answer = run()
    assert result.exit_code == 0, result.output
    total = count()
    assert figures(answer) == (total, 0, 0, 0)
    provinces = select(func.count()).select_from(Region).where(Region.parent_code == "100000")
    assert session.scalar(provinces) == 34
    assert queries.region("110108").parent_code == "110000", "a municipality's district lies in it at once"
    assert figures(run()[1]) == (0, 0, 0, total)
    assert [event.data["added"] for event in told("regions_loaded")] == [total]

    person = make_person()
    words = ["roles", "grant", person.code, "sysadmin", "--region", "100000"]
    assert app.test_cli_runner().invoke(args=words).exit_code == 0
    assert session.scalar(select(Membership.region_code)) == "100000"


def test_the_demo_loads_the_same_list(app: Flask, run: Run) -> None:
    del app
    made = demo.load(Demo())
    assert made == count() > 34
    assert figures(run()[1]) == (0, 0, 0, made)
    assert demo.load(Demo()) == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "gb18030", "xlsx"])
def test_a_list_adds_and_renames_and_may_be_repeated(
    run: Run, listed: Callable[[str | bytes], str], encoding: str
) -> None:
    run()
    rows = [line.split(",") for line in RENAMED.splitlines()]
    file = listed(xlsx(rows) if encoding == "xlsx" else RENAMED.encode(encoding))
    person = make_person()
    result, answer = run(file, *WHY, "--by", person.code)
    assert result.exit_code == 0, result.output
    assert figures(answer) == (2, 1, 0, 0)
    added = queries.region("330302")
    assert (added.parent_code, added.level, added.name_en) == ("330300", "county", "Lucheng Qu")
    assert (added.source, queries.region("330100").source[:9]) == ("民政部 2023", "GB/T 2260")
    assert (queries.region("370100").name_zh, queries.region("370100").name_en) == ("济南新市", "Jinanxin Shi")

    (renamed,), loaded = told("region_renamed"), told("regions_loaded")[-1]
    assert (renamed.subject_code, renamed.data["before"]) == ("370100", ["济南市", "Jinan"])
    assert {(event.actor_id, event.reason) for event in (renamed, loaded)} == {(person.id, "首次导入")}

    assert figures(run(file, *WHY)[1]) == (0, 0, 0, 3)
    assert len(told("regions_loaded")) == 2, "nothing changed, nothing is told"
    assert run()[1]["renamed"] == 0, "the shipped list renames nothing"
    assert queries.region("370100").name_zh == "济南新市"


def test_a_list_on_an_empty_database_brings_nation_and_provinces(
    run: Run, listed: Callable[[str | bytes], str]
) -> None:
    text = "code,name_zh\n370000,山东省\n429004,仙桃市\n110101,东城区\n"
    assert figures(run(listed(text), *WHY)[1]) == (37, 0, 0, 0)
    assert queries.region("429004").parent_code == "420000", "the province administers it itself"
    assert queries.region("370000").source == "民政部 2023"
    assert queries.region("360000").source.startswith("GB/T 2260")
    later = "code,name_zh\n110100,市辖区\n"
    assert figures(run(listed(later), *WHY)[1]) == (1, 0, 1, 0)
    assert queries.region("110101").parent_code == "110100", "it lies in what came between"


BAD = HEAD + (
    "330300,温州市,\n3303,短,\n33030２,全角,\n990000,某省,\n520402,西秀区,\n330001,某区,\n"
    f"330300,又一个,\n330400,,\n330500,{'湖' * 201},\n330600,绍兴市,\n"
)
REASONS = [
    (3, "3303", "no code of six digits", "不是六位数字代码"),
    (4, "33030２", "no code of six digits", "不是六位数字代码"),
    (5, "990000", "begins with 99", "以99开头"),
    (6, "520402", "The city 520400", "地级行政区520400"),
    (7, "330001", "third and fourth digit", "第三、四位"),
    (8, "330300", "stands in row 2", "第2行"),
    (9, "330400", "name is missing", "缺少名称"),
    (10, "330500", "longer than 200", "200"),
]


@pytest.fixture(params=["en", "zh_CN"])
def language(app: Flask, request: pytest.FixtureRequest) -> Iterator[str]:
    with app.test_request_context(), force_locale(request.param):
        yield request.param


def test_every_bad_row_is_reported_and_none_is_taken_over(
    language: str, run: Run, listed: Callable[[str | bytes], str]
) -> None:
    run()
    before, events = count(), len(told("regions_loaded"))
    result, answer = run(listed(BAD), *WHY)
    assert (result.exit_code, figures(answer)) == (1, (0, 0, 0, 0))
    assert [(row["line"], row["code"]) for row in answer["failed"]] == [row[:2] for row in REASONS]
    for row, (_line, _code, english, chinese) in zip(answer["failed"], REASONS, strict=True):
        assert (chinese if language == "zh_CN" else english) in row["reason"]
    assert (count(), len(told("regions_loaded"))) == (before, events)


def test_what_is_no_list_or_lacks_source_or_reason_is_refused(
    app: Flask, run: Run, listed: Callable[[str | bytes], str]
) -> None:
    for text in ("a,b\n1,2\n", "code,name_zh\n", "code,name_zh,name\n330300,温州市,温州市\n"):
        assert run(listed(text), *WHY)[0].exit_code == 1
    good = listed("code,name_zh\n330300,温州市\n")
    assert run(good)[0].exit_code == 2
    assert run(good, "--source", "x" * 201, "--reason", "y")[0].exit_code == 1
    assert run(good, *WHY, "--by", "nobody@demo.example")[0].exit_code == 1
    assert count() == 0
    result = app.test_cli_runner().invoke(args=["accounts", "regions", listed(BAD), *WHY])
    assert "Row 3" in result.stdout or "第3行" in result.stdout

"""`exams analyse`: the published values, a session's own answers, refusals with place and reason."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.assessment.exams.models import ExamSession
from tests.factories.exams import CLOSES, ITEMS, House, make_house, make_prepared, release
from tests.factories.statistics import sit_all
from tests.worlds import built_once

LSAT = "content/psychometrics/lsat6.csv"


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["exams", "analyse", *words])


@pytest.fixture(name="held")
@built_once
def _held(app: Flask) -> tuple[House, ExamSession]:
    del app
    house = make_house()
    planned, trainees = make_prepared(house, candidates=4)
    sit_all(trainees, [ITEMS, 6, 3, 0])
    release(house, planned, at=CLOSES)
    return house, planned


def test_the_command_gives_the_published_values_in_the_promised_shape(app: Flask) -> None:
    answered = run(app, "--responses", LSAT, "--model", "1pl", "--json")

    told = json.loads(answered.stdout)
    assert answered.exit_code == 0
    assert list(told)[:5] == ["model", "n", "log_likelihood", "items", "alpha"]
    assert told["log_likelihood"] == pytest.approx(-2466.938, abs=5e-4)
    assert told["items"][0]["item"] == "Item 1"
    assert told["items"][0]["b"] == pytest.approx(-3.6153, abs=5e-4)


def test_without_json_it_prints_a_table(app: Flask) -> None:
    answered = run(app, "--responses", LSAT, "--model", "2pl")

    assert answered.exit_code == 0
    assert "0.9240" in answered.stdout
    assert "-2466.653" in answered.stdout


def test_a_session_is_analysed_from_its_own_answers(app: Flask, held: tuple[House, ExamSession]) -> None:
    answered = run(app, "--session", held[1].code, "--model", "ctt", "--json")

    told = json.loads(answered.stdout)
    assert told["n"] == 4
    assert len(told["items"]) == ITEMS
    assert told["mean"] == pytest.approx((30 + 15 + 7.5 + 0) / 4)
    assert told["items"][0]["item"].startswith("1 JJ-")


def test_what_cannot_be_analysed_is_refused_with_a_reason(app: Flask, tmp_path: Path) -> None:
    house = make_house()
    planned, _trainees = make_prepared(house)
    bad = tmp_path / "bad.csv"
    bad.write_text("A,B\n1,0\n0,x\n", "utf-8")

    unmarked = run(app, "--session", planned.code, "--model", "ctt")
    unknown = run(app, "--session", "nowhere", "--model", "ctt")
    wrong = run(app, "--responses", str(bad), "--model", "ctt")

    assert [one.exit_code for one in (unmarked, unknown, wrong)] == [1, 1, 1]
    assert all(one.stderr and not one.stdout for one in (unmarked, unknown, wrong))
    assert "B" in wrong.stderr
    assert "3" in wrong.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--model", "ctt"),
        ("--model", "ctt", "--session", "x", "--responses", LSAT),
        ("--model", "4pl", "--responses", LSAT),
        ("--responses", LSAT),
        ("--model", "ctt", "--responses", "nowhere.csv"),
    ],
)
def test_wrong_use_is_exit_two(app: Flask, words: tuple[str, ...]) -> None:
    assert run(app, *words).exit_code == 2

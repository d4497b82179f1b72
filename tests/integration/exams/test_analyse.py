"""`exams analyse`: the published values, a session's own answers, refusals with place and reason."""

import json
from math import exp
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.assessment.exams.models import ExamSession
from app.assessment.exams.rules.statistics_rule import KIND
from tests.factories.exams import CLOSES, ITEMS, House, make_house, make_pack, make_prepared, release
from tests.factories.statistics import sit_all
from tests.worlds import built_once

LSAT = "content/psychometrics/lsat6.csv"
RULE, OTHER_RULE = (f"content/rules/{name}.toml" for name in ("exam-statistics-sample", "exam-conduct-2017"))


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["exams", "analyse", *words])


@pytest.fixture(name="held")
@built_once
def _held(app: Flask) -> tuple[House, ExamSession]:
    del app
    house = make_house()
    make_pack(KIND, "exam-statistics-sample.toml")
    planned, trainees = make_prepared(house, candidates=4)
    sit_all(trainees, [ITEMS, 6, 3, 0])
    release(house, planned, at=CLOSES)
    return house, planned


@pytest.mark.one_database
def test_the_command_gives_the_published_values_in_the_promised_shape(app: Flask) -> None:
    answered = run(app, "--responses", LSAT, "--model", "1pl", "--json")

    told = json.loads(answered.stdout)
    assert answered.exit_code == 0
    assert list(told)[:5] == ["model", "n", "log_likelihood", "items", "alpha"]
    assert told["log_likelihood"] == pytest.approx(-2466.938, abs=5e-4)
    assert told["items"][0]["item"] == "Item 1"
    assert told["items"][0]["b"] == pytest.approx(-3.6153, abs=5e-4)


@pytest.mark.one_database
def test_without_json_it_prints_a_table(app: Flask) -> None:
    answered = run(app, "--responses", LSAT, "--model", "2pl")

    assert answered.exit_code == 0
    assert "0.9240" in answered.stdout
    assert "-2466.653" in answered.stdout


def grouped(tmp_path: Path) -> str:
    """Write the LSAT answers with a group: every other one of the second group has the third item wrong."""
    header, *rows = Path(LSAT).read_text("utf-8").splitlines()
    lines = [f"{header},group"]
    for number, row in enumerate(rows):
        cells = row.split(",")
        second = number % 3 == 0
        cells[2] = "0" if second and number % 2 == 0 else cells[2]
        lines.append(",".join([*cells, "second" if second else "first"]))
    path = tmp_path / "grouped.csv"
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


@pytest.mark.one_database
def test_a_file_is_told_persons_curves_groups_and_flags_as_a_session_is(app: Flask, tmp_path: Path) -> None:
    path = grouped(tmp_path)

    told = json.loads(
        run(app, "--responses", path, "--group", "group", "--rule", RULE, "--model", "2pl", "--json").stdout
    )

    assert [one["item"] for one in told["items"]] == [f"Item {number}" for number in range(1, 6)]
    assert told["rule_pack"] == "exam-statistics-sample"
    [group] = told["groups"]
    assert (group["focal"], group["reference"]) == ("second", "first")
    assert group["focal_persons"] + group["reference_persons"] == told["n"] == 1000
    third = next(one for one in group["items"] if one["item"] == "Item 3")
    assert third["class"] == "C"
    assert third["delta"] < 0
    assert "dif" in told["items"][2]["flags"]

    assert [one["person"] for one in told["persons"][:2]] == ["2", "3"]
    assert len(told["persons"]) == 1000
    assert {"total", "ability", "ability_se", "lz", "outfit", "infit"} < set(told["persons"][0])
    everything = [one for one in told["persons"] if one["total"] == 5]
    assert {one["ability_ml"] for one in everything} == {None}

    curves, middle = told["curves"], told["curves"]["theta"].index(0)
    one = told["items"][0]
    chance = 1 / (1 + exp(one["a"] * one["b"]))
    assert one["characteristic"][middle] == pytest.approx(chance, abs=1e-5)
    assert one["information"][middle] == pytest.approx(one["a"] ** 2 * chance * (1 - chance), abs=1e-5)
    summed = sum(each["information"][middle] for each in told["items"])
    assert curves["information"][middle] == pytest.approx(summed, abs=1e-5)
    assert curves["standard_error"][middle] == pytest.approx(summed**-0.5, abs=1e-5)


@pytest.mark.one_database
def test_the_tables_name_who_fits_worst_the_curves_and_the_items_that_favour_a_group(
    app: Flask, tmp_path: Path
) -> None:
    answered = run(app, "--responses", grouped(tmp_path), "--group", "group", "--rule", RULE, "--model", "1pl")

    items, curves, groups, persons = answered.stdout.split("\n\n")
    assert "dif" in items
    assert curves.split()[:4] == ["theta", "expected", "information", "standard_error"]
    assert "second/first" in groups
    lowest = [float(line.split()[4]) for line in persons.splitlines()[1:]]
    assert lowest == sorted(lowest)
    assert len(lowest) == 20


@pytest.mark.one_database
def test_points_of_a_file_are_told_by_heading_or_option_and_left_out_of_the_model(app: Flask, tmp_path: Path) -> None:
    header, *rows = Path(LSAT).read_text("utf-8").splitlines()
    path = tmp_path / "points.csv"
    path.write_text(
        "\n".join([f"{header},Essay=A", *(f"{row},{place % 21}" for place, row in enumerate(rows))]), "utf-8"
    )

    refused = run(app, "--responses", str(path), "--model", "1pl")
    answered = run(app, "--responses", str(path), "--model", "1pl", "--max", "Essay=A=20", "--json")
    unread = run(app, "--responses", str(path), "--model", "1pl", "--max", "Essay")

    told = json.loads(answered.stdout)
    assert (refused.exit_code, answered.exit_code, unread.exit_code) == (1, 0, 2)
    assert "Essay=A" in refused.stderr
    assert told["log_likelihood"] == pytest.approx(-2466.938, abs=5e-4)
    assert told["items"][5] | {"item": "Essay=A", "points": 20.0, "a": None, "b": None} == told["items"][5]
    assert told["items"][5]["facility"] == pytest.approx(sum(place % 21 for place in range(1000)) / 20_000, abs=1e-6)
    assert any("Essay=A" in note for note in told["notes"])
    assert "Essay=A" in answered.stderr


@pytest.mark.one_database
def test_without_a_rule_nothing_of_a_file_is_flagged_and_a_wrong_column_or_pack_is_refused(
    app: Flask, tmp_path: Path
) -> None:
    path = grouped(tmp_path)

    plain = json.loads(run(app, "--responses", path, "--group", "group", "--model", "ctt", "--json").stdout)
    missing = run(app, "--responses", LSAT, "--group", "Region", "--model", "ctt")
    other = run(app, "--responses", LSAT, "--rule", OTHER_RULE, "--model", "ctt")

    assert "flags" not in plain["items"][0]
    assert "curves" not in plain
    assert "lz" not in plain["persons"][0]
    assert plain["groups"]
    assert [missing.exit_code, other.exit_code] == [1, 1]
    assert "Region" in missing.stderr
    assert "exam_statistics" in other.stderr


def test_a_session_is_analysed_from_its_own_answers(app: Flask, held: tuple[House, ExamSession]) -> None:
    answered = run(app, "--session", held[1].code, "--model", "ctt", "--json")

    told = json.loads(answered.stdout)
    assert told["n"] == 4
    assert len(told["items"]) == ITEMS
    assert told["mean"] == pytest.approx((30 + 15 + 7.5 + 0) / 4)
    assert told["items"][0]["item"].startswith("1 JJ-")
    assert [option["key"] for option in told["items"][0]["options"] if option["right"]]
    assert sorted(one["total"] for one in told["persons"]) == [0, 7.5, 15, 30]
    assert told["rule_pack"]


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


@pytest.mark.one_database
@pytest.mark.parametrize(
    "words",
    [
        ("--model", "ctt"),
        ("--model", "ctt", "--session", "x", "--responses", LSAT),
        ("--model", "4pl", "--responses", LSAT),
        ("--responses", LSAT),
        ("--model", "ctt", "--responses", "nowhere.csv"),
        ("--model", "ctt", "--session", "x", "--group", "group"),
        ("--model", "ctt", "--session", "x", "--rule", RULE),
        ("--model", "ctt", "--session", "x", "--max", "A=4"),
        ("--model", "ctt", "--responses", LSAT, "--max", "=4"),
        ("--model", "ctt", "--responses", LSAT, "--max", "A=-4"),
    ],
)
def test_wrong_use_is_exit_two(app: Flask, words: tuple[str, ...]) -> None:
    assert run(app, *words).exit_code == 2

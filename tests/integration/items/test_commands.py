"""`items import`, `items export` and the demo: the same services, for scripts."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.accounts.states import Role
from app.core import clock
from app.core.db import unit_of_work
from app.core.text import _
from app.items import demo, queries, services
from app.items.rules import files
from app.items.rules.bodies import Option
from app.items.rules.content import ItemContent
from app.items.states import WRITTEN_KINDS, FileKind, ItemState, ItemType
from app.settings import ROOT
from tests.factories.accounts import SHANDONG, make_account, make_member, make_person
from tests.factories.items import AT, content, fill, make_author, make_bank, make_exam_body, make_reviewer
from tests.unit.items.samples import FIGURE, PICTURE, detailed, sample

BAD = "\n// [id:BAD-1]\n题干没有答案\n"


def flask(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["items", *words])


@pytest.fixture
def gift(tmp_path: Path) -> Path:
    path = tmp_path / "items.gift"
    path.write_bytes(files.write([content("A-1"), content("A-2")], FileKind.GIFT))
    return path


def test_an_import_says_in_json_what_came_in(app: Flask, gift: Path) -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)

    result = flask(app, "import", str(gift), "--bank", bank.code, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "imported": 2,
        "skipped": 0,
        "failed": [],
        "items": [
            {"code": "A-1", "type": "single", "source": "line 2"},
            {"code": "A-2", "type": "single", "source": "line 11"},
        ],
        "skipped_items": [],
        "notes": [],
        "alike": [
            {"code": "A-1", "other": "A-2", "percent": 82},
            {"code": "A-2", "other": "A-1", "percent": 82},
        ],
    }
    assert queries.item(bank, "A-1").author_id == author.person_id


@pytest.mark.one_database
@pytest.mark.parametrize("mode", [(), ("--dry-run",)])
def test_an_import_and_its_dry_run_tell_what_says_nearly_the_same(
    app: Flask, tmp_path: Path, mode: tuple[str, ...]
) -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)
    fill(bank, author, near("OLD-1", "条件"))
    path = tmp_path / "items.gift"
    path.write_bytes(files.write([near("NEW-1", "时限"), content("FAR-1")], FileKind.GIFT))

    machine = flask(app, "import", str(path), "--bank", bank.code, "--dry-run", "--json")
    people = flask(app, "import", str(path), "--bank", bank.code, *mode)

    (told,) = json.loads(machine.stdout)["alike"]
    assert (told["code"], told["other"], told["percent"] >= 80) == ("NEW-1", "OLD-1", True)
    assert f"NEW-1: {said_alike('OLD-1', told['percent'])}" in people.stderr
    assert (people.exit_code, queries.count_items(bank)) == (0, 1 if mode else 3), "told, and not refused"


def near(code: str, word: str) -> ItemContent:
    options = tuple(Option(letter, f"选项{letter}的完整说法") for letter in "ABCD")
    return content(code, stem=f"关于技术合同认定登记的{word}与程序，下列说法正确的是（ ）。", options=options)


def said_alike(code: str, percent: int) -> str:
    return str(_("Much like %(code)s: %(percent)s%% of the wording.", code=code, percent=percent))


@pytest.mark.one_database
def test_an_export_counts_the_retired_items_and_takes_them_where_they_are_asked_for(app: Flask, tmp_path: Path) -> None:
    body = make_exam_body()
    bank, author, reviewer = make_bank(body), make_author(body), make_reviewer(body)
    fill(bank, author, content("A-1"), content("A-2"))
    with unit_of_work():
        services.retire(bank, queries.item(bank, "A-2"), reason="旧法", by=reviewer, at=AT)
    words = ("export", str(tmp_path / "out.gift"), "--bank", bank.code)

    usual, all_of_it = (json.loads(flask(app, *words, "--json", *more).stdout) for more in ((), ("--include-retired",)))

    assert (usual["exported"], usual["retired"]) == (1, 1)
    assert (all_of_it["exported"], all_of_it["retired"]) == (2, 0)
    assert len(files.read((tmp_path / "out.gift").read_bytes(), FileKind.GIFT).items) == 2
    assert "1" in flask(app, *words).stderr


@pytest.mark.one_database
def test_two_reviewers_are_usual_for_exams_and_one_for_quizzes(app: Flask) -> None:
    body = make_exam_body(slug="centre")
    for code, purpose in (("E-1", "exam"), ("Q-1", "quiz")):
        words = ("--organisation", body.slug, "--name-zh", "库", "--name-en", "Bank", "--purpose", purpose)
        assert flask(app, "create-bank", code, *words).exit_code == 0

    assert (queries.bank_by_code("E-1").reviewers, queries.bank_by_code("Q-1").reviewers) == (2, 1)


def test_a_bad_item_refuses_the_file_unless_the_good_ones_are_asked_for(app: Flask, gift: Path) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    make_author(body)
    gift.write_text(gift.read_text("utf-8") + BAD, "utf-8")

    refused = flask(app, "import", str(gift), "--bank", bank.code, "--json")
    partly = flask(app, "import", str(gift), "--bank", bank.code, "--json", "--allow-partial")

    assert (refused.exit_code, partly.exit_code) == (1, 0)
    told = json.loads(refused.stdout)
    assert (told["imported"], [one["where"] for one in told["failed"]]) == (0, ["line 20"])
    assert told["failed"][0]["reason"]
    assert json.loads(partly.stdout)["imported"] == 2


def test_a_dry_run_writes_nothing_and_answers_like_the_run(app: Flask, gift: Path) -> None:
    bank = make_bank(make_exam_body())

    good = flask(app, "import", str(gift), "--bank", bank.code, "--dry-run", "--json")
    gift.write_text(BAD, "utf-8")
    bad = flask(app, "import", str(gift), "--bank", bank.code, "--dry-run")

    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert json.loads(good.stdout)["imported"] == 2
    assert "line 3 BAD-1" in bad.stderr
    assert queries.count_items(bank) == 0


def test_what_no_item_keeps_is_told_with_its_place_and_code(app: Flask, tmp_path: Path) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    make_author(body)
    path = tmp_path / "items.csv"
    path.write_text(
        "编号,题干,选项A,选项B,答案,模块,认知层次,难度,出题人\nA-1,问,甲,乙,A,general,recall,0.5,张三\n", "utf-8"
    )

    looked, plain, told, again = (
        flask(app, "import", str(path), "--bank", bank.code, *words)
        for words in (["--dry-run", "--json"], ["--dry-run"], ["--json"], ["--json"])
    )

    assert json.loads(told.stdout)["notes"] == [
        {"where": "line 1", "code": "", "reason": "未读取试题不保存的列：出题人"},
        {"where": "line 2", "code": "A-1", "reason": "未保留出题人：张三"},
    ]
    assert all(json.loads(one.stdout)["notes"] == json.loads(told.stdout)["notes"] for one in (looked, again))
    assert "line 2 A-1: 未保留出题人：张三" in plain.stderr
    assert (told.exit_code, json.loads(told.stdout)["imported"], json.loads(again.stdout)["skipped"]) == (0, 1, 1)


def test_the_author_is_named_by_address_or_code(app: Flask, gift: Path) -> None:
    body = make_exam_body()
    person = make_person(email="named@demo.example")
    make_account(person)
    make_member(Role.AUTHOR, SHANDONG, body, person=person)
    make_author(body)

    for name in ("named@demo.example", person.code):
        bank = make_bank(body)
        assert flask(app, "import", str(gift), "--bank", bank.code, "--author", name).exit_code == 0
        assert queries.item(bank, "A-1").author_id == person.id


def test_whoever_is_no_author_of_the_banks_organisation_imports_nothing(app: Flask, gift: Path) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    stranger = make_member(Role.AUTHOR, SHANDONG, make_exam_body(slug="other")).person
    reviewer = make_member(Role.REVIEWER, SHANDONG, body).person

    for words in ([], ["--author", stranger.code], ["--author", reviewer.code], ["--author", "nobody"]):
        result = flask(app, "import", str(gift), "--bank", bank.code, *words)
        assert result.exit_code == 1
        assert result.stderr
    assert queries.count_items(bank) == 0


def test_usage_and_refusals_have_their_exit_codes(app: Flask, gift: Path, tmp_path: Path) -> None:
    odd = tmp_path / "items.dat"
    odd.write_bytes(gift.read_bytes())
    bank = make_bank(make_exam_body())

    assert flask(app, "import", str(gift), "--bank", "NONE").exit_code == 1
    assert flask(app, "import", str(odd), "--bank", bank.code).exit_code == 1
    assert flask(app, "import", str(odd), "--bank", bank.code, "--format", "gift", "--dry-run").exit_code == 0
    assert flask(app, "import", str(gift)).exit_code == 2
    assert flask(app, "import", str(tmp_path / "none.gift"), "--bank", bank.code).exit_code == 2
    assert flask(app, "import", str(gift), "--bank", bank.code, "--format", "doc").exit_code == 2
    assert flask(app, "export", str(tmp_path / "out.gift"), "--bank", "NONE").exit_code == 1


def test_metadata_may_stand_in_for_what_the_file_does_not_say(app: Flask, tmp_path: Path) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    make_author(body)
    path = tmp_path / "plain.gift"
    path.write_text("题干{=甲 ~乙}", "utf-8")
    given = ("--module", "general", "--level", "recall", "--difficulty", "0.5")

    assert flask(app, "import", str(path), "--bank", bank.code).exit_code == 1
    assert flask(app, "import", str(path), "--bank", bank.code, *given).exit_code == 0
    assert [row.version.module for row in queries.items(bank).rows] == ["general"]


@pytest.mark.parametrize("kind", list(WRITTEN_KINDS))
def test_an_export_is_what_an_import_reads(app: Flask, tmp_path: Path, kind: FileKind) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    fill(bank, make_author(body), content("A-1"), content("A-2"))
    path = tmp_path / f"out.{kind.value}"

    told = flask(app, "export", str(path), "--bank", bank.code, "--format", kind.value, "--json")

    document = json.loads(told.stdout)
    assert (document["exported"], document["left_out"]) == (2, [])
    if kind is FileKind.AIKEN:
        assert [one["code"] for one in document["lessened"]] == ["A-1", "A-2"]
    else:
        assert files.read(path.read_bytes(), kind).items == [content("A-1"), content("A-2")]


def test_an_export_names_what_it_leaves_out_and_why(app: Flask, tmp_path: Path) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    fill(bank, make_author(body), content("A-1"), sample(ItemType.CASE))
    words = ("export", str(tmp_path / "out.gift"), "--bank", bank.code)

    told, plain = flask(app, *words, "--json"), flask(app, *words)

    assert json.loads(told.stdout)["exported"] == 1
    assert [one["code"] for one in json.loads(told.stdout)["left_out"]] == ["S-case"]
    assert json.loads(told.stdout)["left_out"][0]["reason"] in plain.stderr


def test_a_package_comes_in_by_command_with_its_pictures(app: Flask, tmp_path: Path) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    make_author(body)
    path = tmp_path / "package.zip"
    item = detailed()["a picture"]
    path.write_bytes(files.write([item], FileKind.QTI2, {FIGURE.sha256: PICTURE}.__getitem__))

    told = flask(app, "import", str(path), "--bank", bank.code, "--format", "qti", "--json")
    back = flask(app, "export", str(tmp_path / "back.zip"), "--bank", bank.code, "--format", "qti3", "--json")

    assert json.loads(told.stdout)["items"] == [
        {"code": item.code, "type": "single", "source": f"line items/{item.code}.xml:2"}
    ]
    assert json.loads(back.stdout)["exported"] == 1
    assert files.read((tmp_path / "back.zip").read_bytes(), FileKind.QTI).items == [item]


def test_a_bank_is_made_from_the_command_line(app: Flask) -> None:
    body = make_exam_body(slug="exam-body")
    words = ("create-bank", "JJ-1", "--organisation", "exam-body", "--name-zh", "题库", "--name-en", "Bank")

    assert flask(app, *words).exit_code == 0
    assert flask(app, *words, "--json").exit_code == 1
    assert queries.bank_by_code("JJ-1").organisation_id == body.id


def test_the_demo_loads_the_shipped_items_once(app: Flask) -> None:
    del app
    body = make_exam_body()
    author, reviewers = make_author(body), (make_reviewer(body), make_reviewer(body))
    folder = ROOT / "content" / "items"

    first, again = (
        demo.load(folder, organisation_id=body.id, author=author, reviewers=reviewers, at=clock.now()) for _turn in "12"
    )

    bank = queries.bank_by_code(demo.BANK)
    assert (first, again) == (264, 0)
    assert {state: number for state, number in _states(bank.id).items() if number} == {ItemState.APPROVED: 264}
    assert min(queries.counts(bank.id).values()) >= 10
    (shown,) = [item for item in queries.contents(bank) if item.body.files]
    assert [shown.code, *(file.media_type for file in shown.body.files)] == ["JJ-GEN-016", "image/png", "text/csv"]


def test_the_demo_loads_items_of_every_type_once_with_their_charts(app: Flask) -> None:
    del app
    body = make_exam_body()
    author, reviewer = make_author(body), make_reviewer(body)
    folder = ROOT / "content" / "items" / "types"

    first = demo.load_types(
        folder, organisation_id=body.id, author=author, reviewers=(reviewer, make_reviewer(body)), at=AT
    )
    again = demo.load_types(
        folder, organisation_id=body.id, author=author, reviewers=(reviewer, make_reviewer(body)), at=AT
    )

    loaded = queries.contents(queries.bank_by_code(demo.TYPES_BANK))
    assert (first, again) == (len(loaded), 0)
    pictured = [item for item in loaded if item.body.files]
    assert {item.code for item in pictured} == {code for code in demo.CHARTS if code.startswith("JJ-TYP")}
    assert all(queries.stored_files([file.sha256]) for item in pictured for file in item.body.files)


def _states(bank_id: int) -> dict[ItemState, int]:
    cells = queries.grid(bank_id)
    return {state: sum(cell.number for cell in cells if cell.state is state) for state in ItemState}

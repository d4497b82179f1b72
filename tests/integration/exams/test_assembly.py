"""Assembly on the page, as a job and as a command: parallel papers, enemies, exposure, and what cannot be met."""

import json
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.assessment.exams.models import Blueprint, ItemEnemy, Paper, PaperItem
from app.assessment.exams.queries import papers as queries
from app.assessment.exams.queries import stock
from app.assessment.exams.queries.parameters import parameters_of
from app.assessment.exams.rules.blueprint import Options, Tolerance
from app.assessment.exams.services import enemies, papers
from app.assessment.exams.services.drafts import draft_of
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, InvalidError
from app.core.jobs import Job
from app.items.models import Item
from tests.factories.accounts import Member
from tests.factories.exams import (
    CELLS,
    CLOSES,
    ITEMS,
    MODULES,
    NOW,
    House,
    make_blueprint,
    make_house,
    make_prepared,
    release,
    said,
)
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
WIDE = '[tolerance]\ninformation = "0.3"\ndifficulty = "0.2"\nseconds = 600'
TOLERANCE = Tolerance(information=Decimal("0.3"), difficulty=Decimal("0.2"), seconds=600)
FILE = """
bank = "{bank}"
name_zh = "文件细目表"
name_en = "Blueprint of a file"
level = "junior"
minutes = 60
points_per_item = "2.5"
difficulty_target = "0.65"
cut_score = "18"
{more}
[cells]
""" + "\n".join(f"{module} = {{{{ recall = 2, apply = 1 }}}}" for module in MODULES)


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house(per_cell=4)


def file(house: House, more: str = "") -> str:
    return FILE.format(bank=house.bank.code, more=more)


def codes(paper: Paper) -> set[str]:
    return {one.code for one in queries.sheet_of(paper.id)}


def test_parallel_papers_are_drawn_by_a_job_and_share_no_item(
    house: House, browser_of: Browser, run_jobs: Callable[[], int]
) -> None:
    blueprint = make_blueprint(house, options=Options(tolerance=TOLERANCE))
    address = f"/exams/blueprints/{blueprint.code}"
    browser = browser_of(house.examiner)

    submit(browser, f"{address}/parallel", page=address, papers=2)
    waiting = browser.get(address).text
    run_jobs()

    assert said("Papers assembled") in waiting
    one, other = session.scalars(select(Paper).order_by(Paper.number))
    assert len(codes(one)) == len(codes(other)) == ITEMS
    assert not codes(one) & codes(other)
    assert one.assembled_by_id == house.examiner.person.id
    assert one.information is not None
    assert other.information is not None
    assert abs(one.information - other.information) < one.information * Decimal("0.6")
    assert said("Papers assembled") not in browser.get(address).text


def test_more_papers_than_the_bank_holds_are_refused_with_figures_on_the_page(
    house: House, browser_of: Browser, run_jobs: Callable[[], int]
) -> None:
    blueprint = make_blueprint(house)
    address = f"/exams/blueprints/{blueprint.code}"
    browser = browser_of(house.examiner)

    too_many = submit(browser, f"{address}/parallel", page=address, papers=99)
    submit(browser, f"{address}/parallel", page=address, papers=3)
    run_jobs()

    assert too_many.status_code == 422
    name = f"{said('Policy and law')} / {said('Recall')}"
    sentence = "%(name)s asks for %(asked)d items in %(papers)d papers together, the bank has %(usable)d usable"
    assert said(sentence, name=name, asked=6, papers=3, usable=4) in browser.get(address).text
    assert session.scalar(select(func.count(Paper.id))) == 0


def test_a_repeated_request_starts_the_work_once(house: House) -> None:
    blueprint = make_blueprint(house)
    for _ in range(2):
        with unit_of_work():
            papers.ask_for_papers(blueprint, papers=2, by=house.examiner.actor, at=NOW)

    assert session.scalar(select(func.count(Job.id)).where(Job.kind == papers.ASSEMBLE)) == 1


def test_enemies_are_declared_once_and_kept_apart(house: House, browser_of: Browser) -> None:
    items = session.scalars(select(Item.code).where(Item.bank_id == house.bank.id).order_by(Item.id).limit(2)).all()
    address = f"/exams/enemies/{house.bank.code}"
    browser = browser_of(house.examiner)

    unknown = submit(browser, address, page=address, one=items[0], other="JJ-NONE", reason="题干相互提示")
    same = submit(browser, address, page=address, one=items[0], other=items[0], reason="题干相互提示")
    done = submit(browser, address, page=address, one=items[1], other=items[0], reason="题干相互提示")
    again = submit(browser, address, page=address, one=items[0], other=items[1], reason="重复")

    assert [answer.status_code for answer in (unknown, same, done, again)] == [422, 422, 302, 409]
    assert "JJ-NONE" in unknown.text
    pair = session.scalars(select(ItemEnemy)).one()
    assert pair.low_id < pair.high_id
    assert "题干相互提示" in browser.get(address).text
    code = pair.code
    submit(browser, f"{address}/{code}/withdraw", page=address)
    assert session.scalar(select(func.count(ItemEnemy.id))) == 0
    assert submit(browser, f"{address}/{code}/withdraw", page=address).status_code == 404


def test_a_paper_never_holds_two_enemies(house: House) -> None:
    listed = session.scalars(select(Item.code).where(Item.bank_id == house.bank.id).order_by(Item.id).limit(4)).all()
    with unit_of_work():
        for one in listed[1:]:
            enemies.declare(house.bank, listed[0], one, reason="同一考点", by=house.examiner.actor, at=NOW)
        for one in listed[2:]:
            enemies.declare(house.bank, listed[1], one, reason="同一考点", by=house.examiner.actor, at=NOW)
        enemies.declare(house.bank, listed[2], listed[3], reason="同一考点", by=house.examiner.actor, at=NOW)
    blueprint = make_blueprint(house)

    with pytest.raises(InvalidError) as refusal, unit_of_work():
        papers.assemble_paper(blueprint, by=house.examiner.actor, at=NOW)

    assert sum(code in str(refusal.value) for code in listed) == 2


def test_exposure_holds_back_what_the_last_sessions_used(house: House) -> None:
    planned, _trainees = make_prepared(house)
    release(house, planned, at=CLOSES)

    used = stock.uses(house.body.id, 2, CLOSES)

    assert set(used.values()) == set() or set(used.values()) == {1}
    assert stock.uses(house.body.id, 2, NOW) == {}


def test_a_blueprint_file_is_stored_with_all_it_asks(house: House, browser_of: Browser) -> None:
    more = 'expected_seconds = 800\n[tolerance]\ndifficulty = "0.2"\nseconds = 200\n[exposure]\nmost = 2\nsessions = 3'
    text = file(house, more).replace("[cells]", "[points.cells.policy]\napply = 5\n[cells]")
    text = text.replace('cut_score = "18"', 'cut_score = "20"')
    browser = browser_of(house.examiner)

    answer = browser.post("/exams/blueprints/file", data={"file": (BytesIO(text.encode()), "b.toml")})

    blueprint = session.scalars(select(Blueprint)).one()
    assert answer.location == f"/exams/blueprints/{blueprint.code}"
    assert blueprint.options["exposure"] == {"most": 2, "sessions": 3}
    assert browser.get(answer.location).status_code == 200
    with unit_of_work():
        paper = papers.assemble_paper(blueprint, by=house.examiner.actor, at=NOW, seed=1)
    worth = session.scalars(select(PaperItem.points).where(PaperItem.paper_id == paper.id)).all()
    assert sorted(worth) == [Decimal("2.5")] * 11 + [Decimal(5)]
    assert paper.expected_seconds is not None
    assert 600 <= paper.expected_seconds <= 1000


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "bank"),
        ("bank = [", "TOML"),
        ('{"bank": 1}', "bank"),
        ('bank = "none"\nwhat = 1', "name_zh"),
        ("\xff\xfe", "TOML"),
    ],
)
def test_a_broken_blueprint_file_is_refused_with_its_place(
    house: House, browser_of: Browser, text: str, told: str
) -> None:
    data = {"file": (BytesIO(text.encode("latin-1")), "b.toml")}
    answer = browser_of(house.examiner).post("/exams/blueprints/file", data=data)

    assert answer.status_code in {404, 422}
    if text:
        assert told in answer.text
    assert session.scalar(select(func.count(Blueprint.id))) == 0


@pytest.mark.one_database
def test_points_by_type_need_every_type_counted(house: House, browser_of: Browser) -> None:
    text = file(house).replace("[cells]", "[points.types]\nmultiple = 3\n[cells]")

    data = {"file": (BytesIO(text.encode()), "b.toml")}
    answer = browser_of(house.examiner).post("/exams/blueprints/file", data=data)

    sentence = "Points by item type need the number of items of every type, and no points by cell beside them."
    assert answer.status_code == 422
    assert said(sentence) in answer.text


def run(app: Flask, *arguments: str) -> tuple[int, str, str]:
    done = app.test_cli_runner().invoke(args=["exams", "assemble", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_gives_parallel_papers_with_their_curves(app: Flask, house: House, tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_text(file(house, WIDE), "utf-8")

    code, out, _error = run(app, "--blueprint", str(path), "--papers", "2", "--seed", "3", "--json")
    again = run(app, "--blueprint", str(path), "--papers", "2", "--seed", "3", "--json")
    plain = run(app, "--blueprint", str(path))

    document = json.loads(out)
    one, other = document["papers"]
    assert code == 0
    assert json.loads(again[1]) == document
    assert len(set(one["items"]) | set(other["items"])) == 2 * ITEMS
    assert [point["theta"] for point in one["information"]] == [step / 2 for step in range(-6, 7)]
    assert one["information_at_cut"] == pytest.approx(other["information_at_cut"], rel=0.6)
    assert one["difficulty"] == pytest.approx(0.65, abs=0.2)
    assert plain[0] == 0
    assert len(plain[1].splitlines()) == 2
    assert session.scalar(select(func.count(Paper.id))) == 0


def test_the_command_stores_drafts_of_an_examiner(app: Flask, house: House, tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_text(file(house, WIDE), "utf-8")

    code, out, _error = run(
        app, "--blueprint", str(path), "--papers", "2", "--store", "--by", house.examiner2.person.code, "--json"
    )

    stored = session.scalars(select(Paper).order_by(Paper.number)).all()
    assert code == 0
    assert [one["paper"] for one in json.loads(out)["papers"]] == [paper.code for paper in stored]
    assert {paper.assembled_by_id for paper in stored} == {house.examiner2.person.id}
    trainee = run(app, "--blueprint", str(path), "--store", "--by", "nobody@example.org")
    assert trainee[0] == 1


@pytest.mark.one_database
def test_the_command_names_what_cannot_be_met_in_both_languages(app: Flask, house: House, tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_text(file(house).replace("policy = { recall = 2, apply = 1 }", "policy = { recall = 9 }"), "utf-8")

    code, out, error = run(app, "--blueprint", str(path), "--json")

    (told,) = json.loads(out)["unmet"]
    assert code == 1
    assert (told["kind"], told["names"], told["asked"], told["usable"], told["missing"]) == (
        "cell",
        ["policy", "recall"],
        9,
        4,
        5,
    )
    assert told["reason_en"] == "Policy and law / Recall asks for 9 items, the bank has 4 usable"
    assert told["reason_zh"] in error
    assert told["reason_en"] in error


@pytest.mark.one_database
def test_the_command_refuses_an_unknown_bank_and_unknown_enemies(app: Flask, house: House, tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_text(file(house).replace(house.bank.code, "none"), "utf-8")
    unknown_bank = run(app, "--blueprint", str(path))
    path.write_text(file(house, 'enemies = [["JJ-1", "JJ-2"]]'), "utf-8")
    unknown_item = run(app, "--blueprint", str(path))

    assert (unknown_bank[0], unknown_item[0]) == (1, 1)
    assert "JJ-1" in unknown_item[2]


def test_parameters_are_estimated_from_the_difficulty(house: House) -> None:
    known = parameters_of(one.version_id for one in queries.approved(house.bank.id))

    assert len(known) == 4 * 4 * len(MODULES)
    assert {one.source for one in known.values()} == {"estimated"}
    assert CELLS


def test_a_pair_is_not_declared_twice_by_two_people(house: House) -> None:
    one, other = session.scalars(select(Item.code).where(Item.bank_id == house.bank.id).limit(2)).all()
    with unit_of_work():
        enemies.declare(house.bank, one, other, reason="同一考点", by=house.examiner.actor, at=NOW)

    with pytest.raises(ConflictError), unit_of_work():
        enemies.declare(house.bank, other, one, reason="同一考点", by=house.examiner2.actor, at=NOW)


def test_an_uploaded_blueprint_keeps_enemies_exposure_time_and_target_and_downloads_as_it_came(
    house: House, browser_of: Browser
) -> None:
    listed = sorted(one.code for one in queries.approved(house.bank.id) if one.cell == ("policy", "recall"))
    session.rollback()
    more = (
        f'expected_seconds = 800\nenemies = [["{listed[0]}", "{listed[1]}"]]\n'
        '[tolerance]\ndifficulty = "0.2"\nseconds = 400\n[exposure]\nmost = 2\nsessions = 3'
    )
    browser = browser_of(house.examiner)

    def upload(text: str) -> str:
        data = {"file": (BytesIO(text.encode()), "b.toml")}
        return str(browser.post("/exams/blueprints/file", data=data).location)

    first = upload(file(house, more))
    exported = browser.get(f"{first}/file")
    second = upload(exported.text)
    third = upload(browser.get(f"{first}/file?as=json").text)

    assert "attachment" in exported.headers["Content-Disposition"]
    assert all(code in browser.get(first).text for code in listed[:2])
    made = session.scalars(select(Blueprint).order_by(Blueprint.id)).all()
    session.rollback()
    assert [f"/exams/blueprints/{one.code}" for one in made] == [first, second, third]
    assert draft_of(made[0]) == draft_of(made[1]) == draft_of(made[2])
    assert draft_of(made[0]).options.enemies == ((listed[0], listed[1]),)
    for seed in range(4):
        with unit_of_work():
            drawn = papers.assemble_paper(made[0], by=house.examiner.actor, at=NOW, seed=seed)
        assert len(codes(drawn) & set(listed[:2])) < 2


@pytest.mark.one_database
def test_an_uploaded_enemy_that_the_bank_lacks_is_refused(house: House, browser_of: Browser) -> None:
    text = file(house, 'enemies = [["JJ-1", "JJ-2"]]')

    answer = browser_of(house.examiner).post(
        "/exams/blueprints/file", data={"file": (BytesIO(text.encode()), "b.toml")}
    )

    assert answer.status_code == 422
    assert "JJ-1" in answer.text
    assert session.scalar(select(func.count(Blueprint.id))) == 0


GRID = {f"cell-{module}-{level}": str(count) for (module, level), count in CELLS.items()}
FORM = {
    "name_zh": "题型卷", "name_en": "Paper by type", "level": "junior", "points_per_item": "2", "minutes": "60",
    "difficulty_target": "0.65", "cut_score": "22", **GRID,
}  # fmt: skip


@pytest.mark.one_database
def test_points_by_type_are_asked_on_the_form_and_given_to_the_items(house: House, browser_of: Browser) -> None:
    address = f"/exams/blueprints/new?bank={house.bank.code}"
    types = {"type-single-count": "6", "type-multiple-count": "4", "type-true_false-count": "2"}

    answer = submit(browser_of(house.examiner), address, **FORM, **types, **{"type-multiple-points": "3.5"})

    assert answer.status_code == 302
    blueprint = session.scalars(select(Blueprint)).one()
    session.rollback()
    options = draft_of(blueprint).options
    assert {str(kind): count for kind, count in options.types.items()} == {"single": 6, "multiple": 4, "true_false": 2}
    with unit_of_work():
        paper = papers.assemble_paper(blueprint, by=house.examiner.actor, at=NOW, seed=1)
    worth = {(one.version.type.value, one.points) for one in queries.sheet_of(paper.id)}
    assert worth == {("single", Decimal(2)), ("multiple", Decimal("3.5")), ("true_false", Decimal(2))}


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("types", "told"),
    [
        ({"type-multiple-points": "3"}, "Give the number of items of this type too."),
        (
            {"type-single-count": "5", "type-single-points": "3"},
            "Points by item type need the number of items of every type, and no points by cell beside them.",
        ),
        (
            {"type-single-count": "9", "type-multiple-count": "9"},
            "The item types count %(counted)d items, the grid only %(items)d. Count fewer, or more in the grid.",
        ),
    ],
)
def test_types_that_cannot_be_are_refused_on_the_form_with_what_was_typed(
    house: House, browser_of: Browser, types: dict[str, str], told: str
) -> None:
    address = f"/exams/blueprints/new?bank={house.bank.code}"

    answer = submit(browser_of(house.examiner), address, **FORM, **types)

    figures = {"counted": 18, "items": ITEMS} if "%(" in told else {}
    assert answer.status_code == 422
    assert said(told, **figures) in answer.text
    assert all(f'value="{typed}"' in answer.text for typed in types.values())

"""Blueprints and papers: the grid shows what the bank has, assembly names what it lacks, a second person freezes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.states import Role
from app.assessment.exams.models import Blueprint, Paper
from app.assessment.exams.queries import papers as queries
from app.assessment.exams.services import papers as services
from app.core.db import session, unit_of_work
from app.core.errors import InvalidError
from app.desk.queries import todos_of
from app.items.models import Item
from app.items.states import ItemState
from tests.factories.accounts import GUANGDONG, Member, make_member, make_organisation
from tests.factories.exams import (
    CELLS,
    ITEMS,
    MODULES,
    NOW,
    House,
    make_blueprint,
    make_draft,
    make_house,
    make_paper,
    said,
)
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
FEW = "The rule asks for at least %(least)d items; the grid has %(items)d."
LEVELS = ("recall", "understand", "apply", "analyse")


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


def grid(**changes: object) -> dict[str, Any]:
    cells = {f"cell-{module}-{level}": CELLS.get((module, level), 0) for module in MODULES for level in LEVELS}
    given = {
        "name_zh": "初级卷",
        "name_en": "Junior paper",
        "level": "junior",
        "points_per_item": "2.5",
        "minutes": "60",
        "difficulty_target": "0.65",
        "cut_score": "18",
    }
    return {**cells, **given, **changes}


def test_the_grid_shows_how_many_approved_items_each_cell_has(house: House, browser_of: Browser) -> None:
    with unit_of_work():
        session.execute(
            update(Item).where(Item.id == select(Item.id).limit(1).scalar_subquery()).values(state="retired")
        )

    page = browser_of(house.examiner).get("/exams/blueprints/new")

    assert page.text.count(said("of %(have)d", have=3)) == 15
    assert page.text.count(said("of %(have)d", have=2)) == 1


def test_an_examiner_drafts_a_blueprint_that_keeps_its_rule_pack(house: House, browser_of: Browser) -> None:
    browser = browser_of(house.examiner)

    answer = submit(browser, f"/exams/blueprints/new?bank={house.bank.code}", **grid())

    drafted = session.scalars(select(Blueprint)).one()
    assert answer.location == f"/exams/blueprints/{drafted.code}"
    assert drafted.cells == {module: {"recall": 2, "apply": 1} for module in MODULES}
    assert drafted.cut_score == Decimal(18)
    assert drafted.rule_pack == "exam-junior-sample.1"
    assert "Junior" not in browser.get(answer.location).text


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cut_score": "17.99"}, "18.00"),
        ({"cut_score": "30.01"}, "30.00"),
        ({"minutes": "19"}, "20"),
        ({"minutes": "181"}, "180"),
        (
            {f"cell-{module}-recall": 0 for module in MODULES},
            said(FEW, least=10, items=4),
        ),
        ({"name_en": ""}, said("Fill in this field.")),
        ({"points_per_item": "2.555"}, said("At most two decimal places.")),
        ({"cell-policy-recall": "many"}, "整数"),
    ],
)
def test_a_blueprint_against_the_rule_is_refused_and_nothing_typed_is_lost(
    house: House, browser_of: Browser, changes: dict[str, object], said: str
) -> None:
    answer = submit(
        browser_of(house.examiner),
        f"/exams/blueprints/new?bank={house.bank.code}",
        **grid(name_zh="我的卷子", **changes),
    )

    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="我的卷子"' in answer.text
    assert session.scalars(select(Blueprint)).all() == []


@pytest.mark.one_database
def test_an_examiner_of_several_banks_chooses_one(house: House, browser_of: Browser) -> None:
    from_other = make_house()
    with unit_of_work():
        session.get_one(type(from_other.bank), from_other.bank.id).organisation_id = house.body.id

    page = browser_of(house.examiner).get("/exams/blueprints/new")

    assert house.bank.code in page.text
    assert from_other.bank.code in page.text


def test_assembly_fills_every_cell_and_asks_a_second_examiner(house: House, browser_of: Browser) -> None:
    blueprint = make_blueprint(house)

    answer = submit(
        browser_of(house.examiner),
        f"/exams/blueprints/{blueprint.code}/assemble",
        page=f"/exams/blueprints/{blueprint.code}",
    )

    paper = session.scalars(select(Paper)).one()
    assert answer.location == f"/exams/papers/{paper.code}"
    assert len(queries.sheet_of(paper.id)) == ITEMS
    assert [todo.kind for todo in todos_of(house.examiner2.actor)] == ["exams.sign"]


def test_an_impossible_blueprint_names_the_cell_and_how_many_are_missing(house: House, browser_of: Browser) -> None:
    blueprint = make_blueprint(house, cells={**CELLS, ("policy", "apply"): 5}, cut_score=Decimal(30))

    answer = submit(
        browser_of(house.examiner),
        f"/exams/blueprints/{blueprint.code}/assemble",
        page=f"/exams/blueprints/{blueprint.code}",
    )

    assert answer.status_code == 422
    name = f"{said('Policy and law')} / {said('Apply')}"
    assert (
        said("%(name)s asks for %(asked)d items, the bank has %(usable)d usable", name=name, asked=5, usable=3)
        in answer.text
    )
    assert session.scalars(select(Paper)).all() == []


def test_items_that_are_not_approved_do_not_fill_a_cell(house: House) -> None:
    with unit_of_work():
        session.execute(update(Item).values(state=ItemState.RETIRED))
    blueprint = make_blueprint(house)

    with pytest.raises(InvalidError, match="2"), unit_of_work():
        services.assemble_paper(
            queries.blueprint(blueprint.code, house.examiner.actor), by=house.examiner.actor, at=NOW
        )


def test_the_same_seed_draws_the_same_paper(house: House) -> None:
    blueprint = make_blueprint(house)
    with unit_of_work():
        one = services.assemble_paper(blueprint, by=house.examiner.actor, at=NOW, seed=11)
        other = services.assemble_paper(blueprint, by=house.examiner.actor, at=NOW, seed=11)

    assert (one.number, other.number) == (1, 2)
    assert [place.leaf() for place in queries.sheet_of(one.id)] == [
        place.leaf() for place in queries.sheet_of(other.id)
    ]


@pytest.mark.one_database
@pytest.mark.parametrize("page", ["blueprints/{blueprint}", "papers/{paper}"])
def test_another_organisation_and_another_region_see_nothing(house: House, browser_of: Browser, page: str) -> None:
    paper = make_paper(house)
    address = "/exams/" + page.format(blueprint=paper.blueprint.code, paper=paper.code)
    stranger = make_member(Role.EXAMINER, organisation=make_organisation())
    elsewhere = make_member(Role.EXAMINER, GUANGDONG, house.body)

    assert browser_of(house.examiner2).get(address).status_code == 200
    assert browser_of(stranger).get(address).status_code == 404
    assert browser_of(elsewhere).get(address).status_code == 404
    assert paper.code not in browser_of(stranger).get("/exams/blueprints").text


@pytest.mark.one_database
def test_only_examiners_see_papers(house: House, browser_of: Browser) -> None:
    paper = make_paper(house)

    for role in (Role.TRAINEE, Role.INVIGILATOR, Role.LECTURER):
        member = make_member(role, organisation=house.body)
        assert browser_of(member).get(f"/exams/papers/{paper.code}").status_code == 403


@pytest.mark.one_database
def test_a_bank_of_another_organisation_is_not_offered(house: House) -> None:
    other = make_house()

    assert [bank.code for bank in queries.banks(house.examiner.actor)] == [house.bank.code]
    assert make_draft().items == ITEMS
    assert other.bank.code != house.bank.code

"""A module that only a region's syllabus names goes the whole way: blueprint, paper, sitting, result, report."""

import html
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.rules.reporting import LEAST
from app.core.db import session, unit_of_work
from app.items import queries as items
from tests.factories import exams as factory
from tests.factories.accounts import JINAN, QINGDAO, SHANDONG, Member, make_member
from tests.factories.exams import (
    CLOSES,
    MODULES,
    NOW,
    House,
    attempt_of,
    make_blueprint,
    make_house,
    make_paper,
    make_prepared,
    release,
)
from tests.factories.statistics import sit as sit_at
from tests.factories.syllabus import OWN, levels_with, publish_syllabus
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
AFTER = CLOSES + timedelta(minutes=1)
ASKED = ("general", "policy", "practice", OWN["code"])
NAME = OWN["name_zh"]


@pytest.fixture
def house(app: Flask, monkeypatch: pytest.MonkeyPatch) -> House:
    """Make a house whose bank has items of the region's own module, for which its blueprints ask."""
    del app
    publish_syllabus(levels_with(OWN))
    return make_filled(monkeypatch)


def make_filled(monkeypatch: pytest.MonkeyPatch) -> House:
    cells = {(module, "recall"): 2 for module in ASKED} | {(module, "apply"): 1 for module in ASKED}
    monkeypatch.setattr(factory, "CELLS", cells)
    monkeypatch.setattr(factory, "MODULES", (*MODULES, OWN["code"]))
    return make_house()


def named(page: str, times: int = 1) -> bool:
    """Tell whether a page shows the module by its name, and never by its bare code."""
    told = html.unescape(page)
    return told.count(NAME) >= times and f">{OWN['code']}<" not in told and f" {OWN['code']} " not in told


def test_a_blueprint_asks_for_the_module_and_a_paper_draws_its_items(
    house: House, browser_of: Browser, at_time: Clock
) -> None:
    at_time(NOW)
    browser = browser_of(house.examiner)
    assert named(browser.get(f"/exams/blueprints/new?bank={house.bank.code}").text)

    paper = make_paper(house)
    drawn = [one.version.module for one in papers_queries.sheet_of(paper.id)]

    assert drawn.count(OWN["code"]) == 3
    assert named(browser.get(f"/exams/blueprints/{paper.blueprint.code}").text)
    assert named(browser.get(f"/exams/papers/{paper.code}").text, 3)


@pytest.mark.one_database
def test_a_module_that_only_the_city_of_the_bank_names_has_its_name_for_an_examiner_of_the_province(
    app: Flask, monkeypatch: pytest.MonkeyPatch, browser_of: Browser, at_time: Clock
) -> None:
    del app
    at_time(NOW)
    open_level = levels_with()
    open_level[0]["modules"] = []
    publish_syllabus(open_level)
    publish_syllabus(levels_with(OWN), region=JINAN)
    publish_syllabus(levels_with({**OWN, "name_zh": "另一城市的名称"}), region=QINGDAO)
    house = make_filled(monkeypatch)
    with unit_of_work():
        session.execute(update(Organisation).where(Organisation.id == house.body.id).values(region_code=JINAN))
    session.expire_all()
    browser = browser_of(house.examiner)

    grid = browser.get(f"/exams/blueprints/new?bank={house.bank.code}").text
    paper = make_paper(house)

    assert (house.examiner.actor.region_code, paper.blueprint.region_code) == (SHANDONG, SHANDONG)
    assert named(grid)
    assert named(browser.get(f"/exams/blueprints/{paper.blueprint.code}").text)
    assert named(browser.get(f"/exams/papers/{paper.code}").text, 3)


def test_the_module_keeps_its_name_on_old_papers_when_a_later_syllabus_drops_it(
    house: House, browser_of: Browser, at_time: Clock
) -> None:
    at_time(NOW)
    paper = make_paper(house)
    publish_syllabus(levels_with(), revision=2, starts_on=date(2026, 1, 1))
    later = make_blueprint(house, cells={(module, "recall"): 3 for module in MODULES})

    browser = browser_of(house.examiner)

    assert named(browser.get(f"/exams/papers/{paper.code}").text, 3)
    assert later.syllabus_pack == f"syllabus-{SHANDONG}.2"
    assert named(browser.get(f"/exams/blueprints/new?bank={house.bank.code}").text), "the bank still has items of it"
    assert items.modules_of(house.bank).beyond("junior", [OWN["code"]]) == [OWN["code"]]


def test_a_comment_on_a_place_shows_the_module_of_its_item(house: House, browser_of: Browser, at_time: Clock) -> None:
    at_time(NOW)
    paper = make_paper(house)
    place = next(one for one in papers_queries.sheet_of(paper.id) if one.version.module == OWN["code"])
    browser = browser_of(house.examiner)

    kept = submit(browser, f"/exams/papers/{paper.code}/comments", place=str(place.position), words="题干过长")

    assert named(browser.get(kept.location).text)


def test_results_and_reports_name_the_module(house: House, browser_of: Browser, at_time: Clock) -> None:
    planned, trainees = make_prepared(house, candidates=LEAST)
    places = [one.position for one in papers_queries.sheet_of(planned.paper_id)]
    for one in trainees:
        sit_at(one, places)
    release(house, planned, at=AFTER)
    at_time(AFTER)

    own = browser_of(trainees[0]).get(f"/exams/mine/{attempt_of(trainees[0]).code}").text
    regulator = browser_of(make_member(Role.REGULATOR, SHANDONG))
    report = regulator.get(f"/exams/reports/{planned.code}").text
    figures = submit(regulator, f"/exams/reports/{planned.code}/export", page=f"/exams/reports/{planned.code}")
    examiner = browser_of(house.examiner)
    results = submit(examiner, f"/exams/sessions/{planned.code}/results/export", page=f"/exams/sessions/{planned.code}")

    assert named(own, 2), "in the list and in the chart"
    assert named(report)
    assert NAME in figures.get_data(as_text=True)
    assert NAME in results.get_data(as_text=True).splitlines()[0]


def test_a_decision_on_an_item_shows_its_module(house: House, browser_of: Browser, at_time: Clock) -> None:
    planned, (mine,) = make_prepared(house)
    place = next(one.position for one in papers_queries.sheet_of(planned.paper_id) if one.version.module == OWN["code"])
    sit_at(mine, [place])
    release(house, planned, at=AFTER)
    at_time(AFTER)
    browser, address = browser_of(house.examiner), f"/exams/sessions/{planned.code}/markings"

    sent = submit(browser, address, page=address, position=str(place), ruling="void", reason="超纲")

    assert sent.status_code == 302
    assert named(browser.get(sent.location).text)

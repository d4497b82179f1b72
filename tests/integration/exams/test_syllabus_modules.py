"""A blueprint's modules are those of the syllabus in force when it is drafted, and stay so for that blueprint."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.services import papers
from app.core.db import unit_of_work
from app.core.errors import InvalidError
from tests.factories.accounts import SHANDONG, Member
from tests.factories.exams import CELLS, ITEMS, MODULES, NOW, House, make_blueprint, make_house, said
from tests.factories.syllabus import OWN, publish_syllabus, sample_levels

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
RENAMED = {"name_zh": "齐鲁政策", "name_en": "Policy of Qilu"}
CAPABILITY = "capability"


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


def adapted() -> list[dict[str, Any]]:
    """Return the levels of a region that renames a module, leaves one out of the junior level and adds its own."""
    levels = sample_levels()
    junior = [one for one in levels[0]["modules"] if one["code"] != CAPABILITY]
    junior = [one | (RENAMED if one["code"] == "policy" else {}) for one in junior]
    own = {**OWN, "required": False, "required_hours": "0", "topics": []}
    levels[0]["modules"] = [*junior, own]
    return levels


def rows(browser: FlaskClient, bank: str, name: str) -> bool:
    return name in browser.get(f"/exams/blueprints/new?bank={bank}").text


def test_the_grid_offers_the_modules_of_the_syllabus_in_force_by_its_names(
    house: House, browser_of: Browser, at_time: Clock
) -> None:
    at_time(NOW)
    browser, bank = browser_of(house.examiner), house.bank.code
    assert rows(browser, bank, said("Policy and law"))
    assert not rows(browser, bank, OWN["name_zh"])

    publish_syllabus(adapted())

    page = browser.get(f"/exams/blueprints/new?bank={bank}").text
    assert OWN["name_zh"] in page
    assert RENAMED["name_zh"] in page
    assert 'name="cell-negotiation-recall"' in page
    assert 'name="cell-capability-recall"' in page, "the bank has items of it"


def test_a_module_that_the_level_does_not_have_is_refused(house: House) -> None:
    publish_syllabus(adapted())

    with pytest.raises(InvalidError) as refused:
        make_blueprint(house)

    assert refused.value.field == "cells"
    assert said("Capability") in str(refused.value)
    allowed = {cell: count for cell, count in CELLS.items() if cell[0] != CAPABILITY}
    more = {**allowed, ("general", "recall"): 5}
    assert make_blueprint(house, cells=more).syllabus_pack == f"syllabus-{SHANDONG}.1"


def test_a_level_of_which_the_syllabus_sets_no_modules_is_free(house: House) -> None:
    levels = adapted()
    levels[0]["modules"] = []
    publish_syllabus(levels)

    assert set(make_blueprint(house).cells) == set(MODULES)


def test_a_level_whose_modules_are_all_the_regions_own_takes_those_alone(house: House) -> None:
    levels = sample_levels()
    levels[0]["modules"] = [{**OWN, "required": False, "required_hours": "0", "topics": []}]
    publish_syllabus(levels)

    with pytest.raises(InvalidError, match=OWN["name_zh"]):
        make_blueprint(house)
    drafted = make_blueprint(house, cells={(OWN["code"], "recall"): ITEMS})

    assert set(drafted.cells) == {OWN["code"]}
    with pytest.raises(InvalidError, match=OWN["name_zh"]), unit_of_work():
        papers.assemble_paper(drafted, by=house.examiner.actor, at=NOW)


def test_an_older_blueprint_keeps_its_modules_and_their_names(
    house: House, browser_of: Browser, at_time: Clock
) -> None:
    at_time(NOW)
    before = make_blueprint(house)
    assert before.syllabus_pack is None, "no syllabus was in force"
    publish_syllabus(adapted())

    page = browser_of(house.examiner).get(f"/exams/blueprints/{before.code}").text

    assert said("Policy and law") in page
    assert RENAMED["name_zh"] not in page
    assert said("The modules of the national syllabus") in page


def test_a_blueprint_shows_by_the_names_of_its_own_syllabus(house: House, browser_of: Browser, at_time: Clock) -> None:
    at_time(NOW)
    publish_syllabus([*sample_levels()[1:], {**sample_levels()[0], "modules": _renamed()}])
    drafted = make_blueprint(house)

    page = browser_of(house.examiner).get(f"/exams/blueprints/{drafted.code}").text

    assert RENAMED["name_zh"] in page
    assert said("Policy and law") not in page
    assert f"syllabus-{SHANDONG}.1" in page
    assert papers_queries.blueprint(drafted.code, house.examiner.actor).cells == drafted.cells


def _renamed() -> list[dict[str, Any]]:
    return [one | (RENAMED if one["code"] == "policy" else {}) for one in sample_levels()[0]["modules"]]


def test_what_a_bank_lacks_is_told_by_the_names_of_the_syllabus(house: House) -> None:
    publish_syllabus([*sample_levels()[1:], {**sample_levels()[0], "modules": _renamed()}])
    drafted = make_blueprint(house, cells={**CELLS, ("policy", "apply"): 5}, cut_score=Decimal(30))

    with pytest.raises(InvalidError, match=RENAMED["name_zh"]), unit_of_work():
        papers.assemble_paper(drafted, by=house.examiner.actor, at=NOW)

"""The menus show what a person may open and nothing that is not built."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.access import Actor
from app.core.room import NavItem
from app.web import navigation
from app.web.page_context import sort_state, url_if, url_with
from tests.unit.web.conftest import ACTOR


def labels(entries: list[navigation.Entry]) -> list[str]:
    return [entry.label for entry in entries]


def test_an_actor_sees_what_the_role_may_open_in_order(app: Flask) -> None:
    app.extensions["actor_loader"] = lambda: ACTOR
    with app.test_request_context("/"):
        assert labels(navigation.for_actor()) == ["Cohorts", "New"]


def test_the_public_sees_what_needs_no_permission(app: Flask) -> None:
    with app.test_request_context("/"):
        assert navigation.for_actor() == []
        assert labels(navigation.for_public()) == ["Verify"]
        assert navigation.for_account() == []


@pytest.mark.parametrize(
    ("path", "active"),
    [("/cohorts", ["Cohorts"]), ("/cohorts/7/roster", ["Cohorts"]), ("/cohorts/new", ["New"]), ("/cohortsx", [])],
)
def test_the_entry_nearest_to_the_page_is_active(app: Flask, path: str, active: list[str]) -> None:
    app.extensions["actor_loader"] = lambda: ACTOR
    with app.test_request_context(path):
        assert [entry.label for entry in navigation.for_actor() if entry.active] == active


def test_a_page_lies_under_the_entry_that_its_view_names(app: Flask) -> None:
    app.extensions["actor_loader"] = lambda: ACTOR
    with app.test_request_context("/cohorts/new/7"):
        navigation.lies_under("sample.cohorts")
        assert [entry.label for entry in navigation.for_actor() if entry.active] == ["Cohorts"]


def test_numbers_stand_beside_the_entries_they_belong_to(app: Flask) -> None:
    app.extensions["actor_loader"] = lambda: ACTOR
    navigation.count_with(app, lambda: {"sample.cohorts": 3})
    with app.test_request_context("/"):
        assert {entry.label: entry.count for entry in navigation.for_actor()} == {"Cohorts": 3, "New": None}


def test_the_account_menu_holds_what_rooms_offer_and_the_role_may_open(app: Flask) -> None:
    navigation.offer_account_link(app, NavItem("Mine", "sample.new_cohort", None, "user"))
    navigation.offer_account_link(app, NavItem("Rules", "sample.rules", "rules.see", "lock"))
    app.extensions["actor_loader"] = lambda: ACTOR
    with app.test_request_context("/"):
        assert labels(navigation.for_account()) == ["Mine"]


def test_six_entries_become_four_and_a_drawer_on_a_phone(app: Flask, known: Callable[[Actor], FlaskClient]) -> None:
    room = app.extensions["rooms"][0]
    items = tuple(NavItem(f"Entry {number}", "sample.cohorts", "cohorts.see", "user") for number in range(6))
    app.extensions["rooms"] = (replace(room, navigation=items),)

    page = known(ACTOR).get("/design").text
    bar = page.split('class="bar"')[1]

    assert bar.split("more-list", maxsplit=1)[0].count('class="nav-item"') == 5
    assert "更多" in bar


def test_an_address_keeps_its_query_but_for_the_changes(app: Flask) -> None:
    with app.test_request_context("/verify?q=a&tag=x&tag=y&page=3"):
        assert url_with(page=4) == "/verify?q=a&tag=x&tag=y&page=4"
        assert url_with(page=None, tag="z") == "/verify?q=a&tag=z"


def test_a_page_that_is_not_built_has_no_address(app: Flask) -> None:
    with app.test_request_context("/"):
        assert url_if("sample.verify") == "/verify"
        assert url_if("sample.missing") is None


@pytest.mark.parametrize(
    ("query", "state"), [("?sort=name", "ascending"), ("?sort=-name", "descending"), ("?sort=n", None), ("", None)]
)
def test_a_column_tells_how_it_is_sorted(app: Flask, query: str, state: str | None) -> None:
    with app.test_request_context(f"/verify{query}"):
        assert sort_state("name") == state


def many(*groups: str, active: int = -1) -> list[navigation.Entry]:
    return [
        navigation.Entry(str(place), f"/{place}", "user", place == active, place or None, group)
        for place, group in enumerate(groups)
    ]


def test_few_entries_stand_without_groups() -> None:
    (only,) = navigation.grouped(many(*["Experts"] * navigation.FEW))
    assert (only.label, len(only.entries)) == ("", navigation.FEW)


def test_many_entries_stand_under_their_groups_and_the_group_of_the_page_is_open() -> None:
    listed = many("", "Experts", "", "Cases", "Experts", "Lone", "Cases", "", "", "", active=6)

    found = navigation.grouped(listed)

    assert [(one.label, labels(one.entries)) for one in found] == [
        ("", ["0", "2", "5", "7", "8", "9"]),
        ("Experts", ["1", "4"]),
        ("Cases", ["3", "6"]),
    ]
    assert [one.open for one in found] == [False, False, True]
    assert [one.count for one in found] == [31, 5, 9]


def test_no_entries_make_no_groups() -> None:
    assert navigation.grouped([]) == []

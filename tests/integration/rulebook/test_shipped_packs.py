"""Every pack that comes with the product can be read by a person: in both languages, and beside another edition."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale
from pydantic import BaseModel

from app.rulebook import queries
from app.rulebook.rules import PackFile
from app.rulebook.rules.differences import Difference, compare, entries
from app.rulebook.rules.fields import fields_of
from app.rulebook.views.words import phrases_of
from app.settings import ROOT

# What a pack says does not depend on the database
pytestmark = pytest.mark.one_database

SHIPPED = sorted((ROOT / "content" / "rules").rglob("*.toml"))
# Two editions of one rule, and rules of the nation and of a province
SIBLINGS = [
    ("appraisal-2025-sample", "appraisal-sample"),
    ("credit-repair-2023-sample", "credit-repair-2026-sample"),
    ("case-clock-nation-sample", "case-clock-shandong-sample"),
    ("ballot-rules-sample", "ballot-rules-jinan-sample"),
    ("rubric-inspection-sample", "rubric-title-sample"),
    ("criteria-hebei-full-senior-sample", "criteria-beijing-engineer-sample"),
]
CHINESE = re.compile("[\u4e00-\u9fff]")


def names() -> list[str]:
    return [path.stem for path in SHIPPED]


@contextmanager
def reading(app: Flask, language: str) -> Iterator[None]:
    with app.test_request_context(), force_locale(language):
        yield


def said(app: Flask, path: Path, language: str) -> list[str]:
    """Return the sentences of a pack as a reader of a language sees them."""
    with reading(app, language):
        given, params = queries.checked(path.read_text("utf-8"))
        return [str(one) for one in queries.kind(given.kind).sentences(params)]


@pytest.mark.parametrize("path", SHIPPED, ids=names())
def test_a_pack_says_the_same_in_both_languages(app: Flask, path: Path) -> None:
    chinese, english = said(app, path, "zh_CN"), said(app, path, "en")

    assert len(chinese) == len(english) > 0
    assert not [one for one in (*chinese, *english) if "%(" in one or "None" in one]
    assert not [one for one in chinese if not CHINESE.search(one)]
    assert not [one for one in english if CHINESE.search(one)]


@pytest.mark.parametrize("path", SHIPPED, ids=names())
def test_the_test_cases_of_a_pack_hold(app: Flask, path: Path) -> None:
    with reading(app, "zh_CN"):
        given, params = queries.checked(path.read_text("utf-8"))
        results = queries.run_cases(given, params)

    assert isinstance(given, PackFile)
    assert [one for one in results if not one.passed] == []


def unnamed(model: type[BaseModel], path: str, seen: set[type[BaseModel]]) -> Iterator[str]:
    """Yield the fields of a model, and of those inside it, that have no Chinese name."""
    for one in fields_of(model):
        if not CHINESE.search(str(one.label)):
            yield f"{path}.{one.name}"
        if one.model is not None and one.model not in seen:
            yield from unnamed(one.model, f"{path}.{one.name}", seen | {one.model})


def test_every_field_of_every_kind_has_a_name_in_the_builder(app: Flask) -> None:
    with reading(app, "zh_CN"):
        found = [name for kind in queries.kinds().values() for name in unnamed(kind.model, kind.name, {kind.model})]

    assert found == []


def differences(app: Flask, left: Path, right: Path) -> list[Difference]:
    with reading(app, "zh_CN"):
        one, first = queries.checked(left.read_text("utf-8"))
        other, second = queries.checked(right.read_text("utf-8"))
        assert one.kind == other.kind
        say = phrases_of(queries.kind(one.kind)).unnumbered
        return compare(entries(first, say), entries(second, say))


@pytest.mark.parametrize("path", SHIPPED, ids=names())
def test_a_pack_differs_in_nothing_from_itself(app: Flask, path: Path) -> None:
    assert differences(app, path, path) == []


@pytest.mark.parametrize(("left", "right"), SIBLINGS)
def test_what_differs_between_two_packs_is_the_same_from_either_side(app: Flask, left: str, right: str) -> None:
    by_name = {path.stem: path for path in SHIPPED}
    there = differences(app, by_name[left], by_name[right])
    back = differences(app, by_name[right], by_name[left])

    def values(found: list[Difference]) -> set[tuple[str | None, str | None]]:
        return {(one.left, one.right) for one in found}

    assert there
    assert all(one.left != one.right and one.label for one in there)
    lone = {value for pair in values(there) for value in pair} - {None}
    assert lone == {value for pair in values(back) for value in pair} - {None}

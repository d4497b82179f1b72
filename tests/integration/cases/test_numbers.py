"""The number by which people call a case: given when it is raised, read over the phone, found by everyone entitled."""

import importlib.util
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from app.accounts.states import Role
from app.cases import services
from app.cases.models import Case, CaseSerial
from app.cases.queries.kinds import case_kinds
from app.cases.services import Filing
from app.core.db import session, unit_of_work
from app.settings import ROOT
from tests.factories.accounts import Member, make_member
from tests.factories.cases import COMPLAINT, NOW, accepted, make_body, make_clocks, make_complaint, make_officer
from tests.worlds import built_once

NEW_YEAR = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
"""Half past midnight of the first of January in Shanghai."""


@built_once
def make_author() -> Member:
    make_clocks()
    return make_member(Role.TRAINEE)


@pytest.fixture(name="author")
def _author(app: Flask, at_time: Callable[[datetime], None]) -> Member:
    del app
    at_time(NOW)
    return make_author()


def test_each_kind_counts_its_raised_cases_of_a_year_in_shanghai(author: Member) -> None:
    first, second = make_complaint(author.actor), make_complaint(author.actor)
    with unit_of_work():
        draft = services.keep_draft(COMPLAINT, make_body().slug, Filing("未写完。"), by=author.actor, at=NOW)
    later = make_complaint(author.actor, at=NEW_YEAR)

    numbers = [first.number, second.number, draft.number, later.number]
    assert numbers == ["TS-2026-000001", "TS-2026-000002", None, "TS-2027-000001"]


def test_no_two_kinds_share_their_letters(app: Flask) -> None:
    del app
    letters = Counter(kind.letters for kind in case_kinds().values())
    assert [(one, times) for one, times in letters.items() if times > 1 or len(one) != 2] == []


def test_a_number_is_found_and_stands_on_the_papers_of_its_case(
    author: Member, browser_of: Callable[[Member], FlaskClient], run_jobs: Callable[[], int]
) -> None:
    officer = make_officer()
    case, other = accepted(make_complaint(author.actor), officer), make_complaint(author.actor)
    run_jobs()
    browser, own = browser_of(officer), browser_of(author)

    listed = browser.get(f"/cases/desk?text={case.number}").text
    found = own.get(f"/search?q={str(case.number).lower()}").text
    notice = own.get(f"/cases/{case.code}").text.split(f"/cases/{case.code}/notices/")[1].split('"')[0]

    assert [(f"/cases/{case.code}" in page, f"/cases/{other.code}" in page) for page in (listed, found)] == [
        (True, False)
    ] * 2
    for page in (f"/cases/{case.code}", f"/cases/{case.code}/notices/{notice}", "/inbox", "/cases"):
        assert str(case.number) in own.get(page).text, page


def test_cases_from_before_are_numbered_as_they_were_raised(author: Member) -> None:
    given = {case.id: case.number for case in (make_complaint(author.actor) for _ in range(2))}
    later = make_complaint(author.actor, at=NEW_YEAR)
    given[later.id] = later.number
    with unit_of_work():
        session.execute(update(Case).values(number=None))
        session.execute(delete(CaseSerial))
        path = ROOT / "migrations" / "versions" / "0065_case_numbers.py"
        spec = importlib.util.spec_from_file_location("numbered", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        with Operations.context(MigrationContext.configure(session.connection())):
            module._number()

    session.expire_all()
    assert {case.id: case.number for case in session.scalars(select(Case))} == given
    assert make_complaint(author.actor, at=NEW_YEAR).number == "TS-2027-000002"

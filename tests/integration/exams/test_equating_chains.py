"""Conversions that lead on by the conversion of their base session, and reports that count what is converted."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.assessment.exams.models import ExamSession
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.courses.models import Cohort
from tests.factories.accounts import NATION, SHANDONG, Member, make_member
from tests.factories.equating import (
    AFTER,
    NEW,
    WHY,
    again,
    marked,
    open_papers,
    propose,
    release_of,
    released,
    sat,
    settle,
    told,
)
from tests.factories.exams import House, attempt_of, make_house, release, said
from tests.integration.exams.conftest import Cost
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
SIX = (4, 5, 6, 7, 8, 9)
KEPT = "Results that the conversion would have lowered after the release count as they were."


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
def base(house: House) -> ExamSession:
    return released(house)


def test_a_chain_of_two_leads_on_by_the_table_of_the_base_and_a_third_link_is_refused_beside_the_field(
    house: House, base: ExamSession, browser_of: Browser, cost: Cost
) -> None:
    """Each session knows two items fewer than the one before: five points a link."""
    between, _trainees = marked(house, NEW)
    link = propose(house, between, base)
    settle(house, link)
    release_of(house, between)
    third, trainees = marked(house, (2, 4, 6, 8))

    made = propose(house, third, between)
    settle(house, made)

    assert (made.through_id, made.base_id) == (link.id, between.id)
    assert (made.full_score, made.cut_score) == (Decimal(30), Decimal(18))
    assert told(trainees) == [
        ("5.00", "15.00", False),
        ("10.00", "20.00", True),
        ("15.00", "25.00", True),
        ("20.00", "30.00", True),
    ]
    release_of(house, third)
    mine, second = browser_of(trainees[0]), browser_of(house.examiner2)
    own, shown = f"/exams/mine/{attempt_of(trainees[0]).code}", f"/exams/equatings/{made.code}"
    page = mine.get(own).text
    assert all(name in page for name in (base.name_zh, between.name_zh, link.code))
    assert link.code in second.get(shown).text
    assert cost(second, shown) <= 11
    assert cost(mine, own) <= 10

    fourth = released(house, NEW)
    address = f"/exams/sessions/{fourth.code}/equatings"
    fields = {"base": third.code, "weight": "0.5", "degree": "0", "method": "mean", "reason": WHY}
    refused = submit(browser_of(house.examiner), address, page=address, **fields)
    assert refused.status_code == 422
    beside = refused.text.split('id="base-error"')[1].split("</p>")[0]
    assert between.name_zh in beside
    assert base.name_zh in beside
    with pytest.raises(ConflictError):
        propose(house, between, fourth)


def test_a_base_whose_own_conversion_is_not_decided_yet_is_refused(house: House, base: ExamSession) -> None:
    between, third = released(house, NEW), released(house, NEW)
    made = propose(house, between, base)

    with pytest.raises(InvalidError) as refused:
        propose(house, third, between)
    assert refused.value.field == "base"
    settle(house, made, confirm=False)
    assert propose(house, third, between).through_id is None


def test_reports_count_the_converted_scores_and_name_the_decision(
    house: House, base: ExamSession, browser_of: Browser, cost: Cost
) -> None:
    """Six have 16.25 points on average, the reference group 22.50: two pass by points, five by score."""
    found, _trainees = marked(house, SIX)
    made = propose(house, found, base)
    settle(house, made)
    release_of(house, found)
    trained = session.scalars(select(Cohort).order_by(Cohort.id.desc()).limit(1)).one()
    body = session.get_one(Organisation, trained.base_organisation_id)
    address = f"/exams/reports/{found.code}"

    for reader in (
        make_member(Role.REGULATOR, NATION),
        make_member(Role.REGULATOR, SHANDONG),
        make_member(Role.BASE, SHANDONG, body),
        house.examiner,
    ):
        browser = browser_of(reader)
        page = browser.get(address).text
        assert "22.50" in page
        assert "83.3" in page
        assert "16.25" not in page
        assert made.code in page
        assert base.name_zh in page
        assert said(KEPT) not in page
        assert cost(browser, address) <= 10
    sent = submit(browser_of(house.examiner), f"{address}/export", page=address, format="csv")
    lines = sent.get_data().decode("utf-8-sig").splitlines()
    assert made.code in lines[-1]
    assert lines[1].endswith("22.50")
    other = released(house, SIX)
    plain = browser_of(house.examiner).get(f"/exams/reports/{other.code}").text
    assert "16.25" in plain
    assert made.code not in plain


def test_a_report_says_that_better_results_were_kept(house: House, browser_of: Browser) -> None:
    base = released(house, NEW)
    found, _trainees = sat(house, (10, 10, 11, 11, 12, 12))
    release(house, found, at=AFTER)
    open_papers()
    made = propose(house, again(house, found), base)
    settle(house, made)

    page = browser_of(house.examiner).get(f"/exams/reports/{found.code}").text

    assert made.code in page
    assert said(KEPT) in page

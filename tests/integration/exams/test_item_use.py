"""How often items were used: sessions that opened count, sealed ones do not, and what a statistic said last."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import Blueprint, Paper
from app.assessment.exams.queries import item_use
from app.assessment.exams.services import sealing
from app.core.db import session, unit_of_work
from app.items.models import ItemBank
from tests.factories.accounts import Member, make_member, make_organisation
from tests.factories.exams import CLOSES, OPENS
from tests.factories.statistics import Marked, make_marked
from tests.worlds import built_once

pytestmark = pytest.mark.one_database

AFTER = CLOSES + timedelta(minutes=5)


@pytest.fixture(name="marked")
@built_once
def _marked(app: Flask) -> Marked:
    del app
    marked = make_marked((12, 11, 10, 8, 5, 3))
    with unit_of_work():
        sealing.open_due(at=OPENS)
    return marked


def _bank(marked: Marked) -> ItemBank:
    held = select(Blueprint.bank_id).join(Paper, Paper.blueprint_id == Blueprint.id)
    return session.get_one(ItemBank, session.scalars(held.where(Paper.id == marked.session.paper_id)).one())


def test_an_item_counts_once_its_session_has_opened(marked: Marked) -> None:
    bank = _bank(marked)

    before = item_use.all_uses(bank.id, OPENS - timedelta(days=1))
    after = item_use.all_uses(bank.id, AFTER)

    assert {one.sessions for one in before} == {0}
    sat = [one for one in after if one.sessions]
    assert sat
    assert {(one.sessions, one.seen, one.last, one.papers) for one in sat} == {(1, 6, OPENS, 1)}
    counted = item_use.spread(bank.id, AFTER)
    assert (counted[0], counted[1], counted[2], counted[3]) == (len(after) - len(sat), len(sat), 0, 0)


def test_the_latest_figures_stand_beside_and_order_the_list(marked: Marked) -> None:
    bank = _bank(marked)

    rows = item_use.uses(bank.id, AFTER, sort="facility", page=1).rows

    known = [one.facility for one in rows if one.facility is not None]
    assert known == sorted(known)
    assert len(known) > 1


def test_an_examiner_reads_and_downloads_it_for_their_own_banks_only(
    marked: Marked, browser_of: Callable[[Member], FlaskClient]
) -> None:
    client = browser_of(marked.house.examiner)
    bank = _bank(marked)

    page = client.get(f"/exams/use?bank={bank.code}&sort=last")
    table = client.get(f"/exams/use/{bank.code}.csv")
    stranger = browser_of(make_member(Role.EXAMINER, "440000", make_organisation(slug="elsewhere")))

    assert page.status_code == 200
    assert table.text.count("\n") >= 12
    assert client.get("/exams/use?bank=NONE").status_code == 404
    assert stranger.get(f"/exams/use/{bank.code}.csv").status_code == 404

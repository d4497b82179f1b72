"""A flagged item goes back for revision: a new version, drawn by no new paper until it is approved anew."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.states import Role
from app.assessment.exams.models import ItemFlag, Paper, PaperItem
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import statistics
from app.assessment.exams.rules.itemreport import FLAG_LABELS
from app.assessment.exams.services import flagged, papers, sealing
from app.assessment.exams.statistics_states import FlagState
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import timeline
from app.desk.queries import timeline_entries, todos_of
from app.items import services as items_services
from app.items.models import Item, ItemBank, ItemVersion
from app.items.states import ItemState
from tests.factories.accounts import Member, make_member
from tests.factories.exams import NOW, make_blueprint, make_paper
from tests.factories.statistics import Marked, make_marked
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
RIGHT = (2, 4, 5, 6, 7, 8, 9, 10, 11, 12)
WHY = "区分度为负，题干有歧义。"


@pytest.fixture
def marked(app: Flask) -> Marked:
    del app
    return make_marked(RIGHT, pack={"least_persons": 5})


def first_flag() -> ItemFlag:
    query = select(ItemFlag).order_by(ItemFlag.position).execution_options(populate_existing=True)
    return session.scalars(query).first() or pytest.fail("nothing is flagged")


def item_of(flag: ItemFlag) -> Item:
    query = select(Item).join(Item.versions).where(ItemVersion.id == flag.item_version_id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def reviewer_of(marked: Marked) -> Member:
    return make_member(Role.REVIEWER, organisation=marked.house.body)


def rewrite(marked: Marked, item: Item) -> None:
    """Let the author hand in the next version, and a reviewer who did not write it approve it."""
    bank = session.get_one(ItemBank, marked.house.bank.id)
    old = session.scalars(select(ItemVersion).where(ItemVersion.item_id == item.id)).one()
    with unit_of_work():
        held = session.get_one(Item, item.id)
        told = {column.key: getattr(old, column.key) for column in ItemVersion.__table__.columns}
        held.number += 1
        session.add(ItemVersion(**{**told, "id": None, "number": held.number, "stem": f"{old.stem}（修订）"}))
        held.state = ItemState.DRAFT
    judge = reviewer_of(marked)
    with unit_of_work():
        items_services.approve(bank, [session.get_one(Item, item.id)], by=judge.actor, at=NOW)


def test_from_its_figures_an_item_goes_back_and_its_flag_closes_with_the_version_approved_anew(
    marked: Marked, browser_of: Browser
) -> None:
    flag = first_flag()
    item, version = item_of(flag), flag.item_version_id
    address = f"/exams/sessions/{marked.session.code}/statistics/items/{flag.position}"
    browser = browser_of(marked.house.examiner)
    author = make_member(Role.AUTHOR, organisation=marked.house.body, person=session.get_one(Person, item.author_id))

    without = submit(browser, address, page=address, reason="")
    answer = submit(browser, address, page=address, reason=WHY)
    twice = submit(browser, address, page="/home", reason=WHY)

    assert (without.status_code, twice.status_code) == (422, 409)
    assert answer.location == address
    assert (first_flag().state, item_of(flag).state) == (FlagState.REVISION, ItemState.REVISION)
    assert WHY in browser.get(address).text
    assert "items.revise" in [one.kind for one in todos_of(author.actor)]
    drawn = {one.item_id for one in papers_queries.approved(marked.house.bank.id)}
    assert item.id not in drawn
    assert version in {one.version.id for one in papers_queries.sheet_of(marked.session.paper_id)}

    rewrite(marked, item)

    closed = first_flag()
    latest = session.scalars(
        select(ItemVersion.id).where(ItemVersion.item_id == item.id, ItemVersion.number == 2)
    ).one()
    assert (closed.state, closed.closed_version_id) == (FlagState.REVISED, latest)
    assert item.id in {one.item_id for one in papers_queries.approved(marked.house.bank.id)}
    about = items_services.of_item(marked.house.bank, item.code)
    assert [one.kind for one in timeline(about)][:2] == ["exams.item_flag_closed", "items.approved"]
    flagged_as = next(one.text for one in timeline_entries(about) if "经场次统计标记" in one.text)
    assert any(str(label) in flagged_as for label in FLAG_LABELS.values()), flagged_as


def test_a_reviewer_sends_back_and_a_retirement_closes_the_flag_too(marked: Marked, browser_of: Browser) -> None:
    flag, judge = first_flag(), reviewer_of(marked)
    address = f"/exams/flags/items/{flag.code}"
    browser = browser_of(judge)

    submit(browser, address, page=address, decision="revise", reason=WHY)

    assert first_flag().state is FlagState.REVISION
    assert browser.get(address).status_code == 200
    assert submit(browser, address, page="/home", decision="keep", reason=WHY).status_code == 409
    with unit_of_work():
        item = session.get_one(Item, item_of(flag).id)
        items_services.retire(marked.house.bank, item, reason="重复。", by=judge.actor, at=NOW)
    assert (first_flag().state, first_flag().closed_version_id) == (FlagState.RETIRED, None)
    assert first_flag().closed_at == NOW


def test_a_draft_that_holds_what_was_sent_back_is_neither_signed_nor_frozen(marked: Marked) -> None:
    house = marked.house
    draft, signed = make_paper(house), make_paper(house)
    with unit_of_work():
        sealing.sign_paper(papers_queries.paper(signed.code, house.examiner.actor), by=house.examiner.actor, at=NOW)
    held = set(session.scalars(select(PaperItem.item_version_id).where(PaperItem.paper_id == draft.id)))
    flag = next(one for one in session.scalars(select(ItemFlag)) if one.item_version_id in held)
    judge = reviewer_of(marked)
    with unit_of_work():
        flagged.send_back(statistics.flag(flag.code, judge.actor), reason=WHY, by=judge.actor, at=NOW)

    with pytest.raises(ConflictError), unit_of_work():
        sealing.sign_paper(again(draft, house.examiner), by=house.examiner.actor, at=NOW)
    with pytest.raises(ConflictError), unit_of_work():
        sealing.freeze_paper(again(signed, house.examiner2), by=house.examiner2.actor, at=NOW)
    blueprint = make_blueprint(house)
    with unit_of_work():
        fresh = papers.assemble_paper(blueprint, by=house.examiner.actor, at=NOW, seed=7)
    drawn = set(session.scalars(select(PaperItem.item_version_id).where(PaperItem.paper_id == fresh.id)))
    assert flag.item_version_id not in drawn

    rewrite(marked, item_of(flag))
    with pytest.raises(ConflictError), unit_of_work():
        sealing.sign_paper(again(draft, house.examiner), by=house.examiner.actor, at=NOW)
    with unit_of_work():
        sealing.sign_paper(again(fresh, house.examiner), by=house.examiner.actor, at=NOW)


def again(paper: Paper, member: Member) -> Paper:
    return papers_queries.paper(paper.code, member.actor)


def test_figures_of_an_older_version_send_nothing_back(marked: Marked, browser_of: Browser) -> None:
    flag, judge = first_flag(), reviewer_of(marked)
    rewrite(marked, item_of(flag))
    address = f"/exams/flags/items/{flag.code}"

    refused = submit(browser_of(judge), address, page=address, decision="revise", reason=WHY)

    assert refused.status_code == 409
    assert WHY in refused.text
    assert (first_flag().state, item_of(flag).state) == (FlagState.OPEN, ItemState.APPROVED)

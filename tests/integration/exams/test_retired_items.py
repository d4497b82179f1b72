"""An item is retired: drafts replace it, frozen papers that nobody sat are kept or set aside by their examiners."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import OrganisationKind, Role
from app.assessment.exams.models import Paper, PaperDoubt
from app.assessment.exams.queries import papers as queries
from app.assessment.exams.queries.papers import unsealed_content
from app.assessment.exams.queries.stock import uses
from app.assessment.exams.services import sealing
from app.assessment.exams.services import sessions as sessions_services
from app.assessment.exams.services.subjects import of_paper
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, InvalidError
from app.core.events import timeline
from app.desk.queries import todos_of
from app.items import services as items_services
from app.items.models import Item, ItemBank, ItemVersion
from tests.factories.accounts import Member, make_member, make_organisation
from tests.factories.exams import (
    NOW,
    House,
    make_frozen_paper,
    make_house,
    make_paper,
    make_plan,
    make_session,
    said,
)
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
AT = NOW + timedelta(minutes=5)
TODO = "exams.retired_item"
PLANNED = (
    "A session is planned on this paper, so it cannot be set aside. Keep it; the place can be voided when the session "
    "is marked."
)
RETIRED = "Retired with your reason. Where a frozen paper holds the item, its examiners decide on that paper."


@pytest.fixture
def house(app: Flask, at_time: Callable[[datetime], None]) -> House:
    del app
    at_time(AT)
    return make_house()


def items_on(paper: Paper) -> list[Item]:
    """Return the items of a sealed paper, which no page tells."""
    seal = queries.seal_of(paper.id) or pytest.fail("the paper has no seal")
    places, _seed = unsealed_content(seal, paper)
    versions = [one.version_id for one in places]
    return list(session.scalars(select(Item).join(Item.versions).where(ItemVersion.id.in_(versions)).order_by(Item.id)))


def retire(house: House, item: Item, by: Member | None = None) -> None:
    reviewer = by or make_member(Role.REVIEWER, organisation=house.body)
    with unit_of_work():
        bank, held = session.get_one(ItemBank, house.bank.id), session.get_one(Item, item.id)
        items_services.retire(bank, held, reason="法条已废止。", by=reviewer.actor, at=AT)


def waits(member: Member) -> bool:
    return TODO in [one.kind for one in todos_of(member.actor)]


def test_the_examiners_of_a_sealed_paper_are_asked_and_the_reviewer_learns_of_no_paper(
    house: House, browser_of: Browser
) -> None:
    paper = make_frozen_paper(house)
    first, second, *_rest = items_on(paper)
    reviewer = make_member(Role.REVIEWER, organisation=house.body)
    browser = browser_of(reviewer)

    for item in (first, second):
        address = f"/items/{house.bank.code}/item/{item.code}"
        submit(browser, f"{address}/retire", page=address, reason="法条已废止。")
        told = browser.get(address).text
        assert said(RETIRED) in told
        assert paper.code not in told

    assert (waits(house.examiner), waits(house.examiner2), waits(reviewer)) == (True, True, False)
    assert len(session.scalars(select(PaperDoubt)).all()) == 1, "one decision, however many items"
    events = [one for one in timeline(of_paper(paper)) if one.kind == "exams.paper_doubted"]
    assert [one.data for one in events] == [{}], "which item it is stands nowhere"
    page = browser_of(house.examiner).get(f"/exams/papers/{paper.code}").text
    assert said("An examiner keeps the paper or sets it aside") in page
    assert first.code not in page
    assert browser.get(f"/exams/papers/{paper.code}").status_code == 403
    stranger = make_member(Role.EXAMINER, organisation=make_organisation(kind=OrganisationKind.EXAM_BODY))
    assert browser_of(stranger).post(f"/exams/papers/{paper.code}/doubt").status_code == 404


def test_an_item_that_no_frozen_paper_holds_asks_nobody(house: House) -> None:
    paper = make_frozen_paper(house)
    held = {one.id for one in items_on(paper)}
    other = session.scalars(select(Item).where(Item.bank_id == house.bank.id, Item.id.not_in(held))).first()
    assert other is not None

    retire(house, other)

    assert session.scalars(select(PaperDoubt)).all() == []


def test_a_paper_is_kept_with_a_reason_by_its_examiners(house: House, browser_of: Browser) -> None:
    paper = make_frozen_paper(house)
    retire(house, items_on(paper)[0])
    browser, address = browser_of(house.examiner), f"/exams/papers/{paper.code}"

    bare = submit(browser, f"{address}/doubt", page=address, fate="kept", **{"doubt-reason": " "})
    odd = submit(browser, f"{address}/doubt", page=address, fate="burnt", **{"doubt-reason": "照旧。"})
    kept = submit(browser, f"{address}/doubt", page=address, fate="kept", **{"doubt-reason": "旧法仍适用于本次考试。"})
    twice = submit(browser, f"{address}/doubt", page=address, fate="set_aside", **{"doubt-reason": "再来一次。"})

    assert (bare.status_code, odd.status_code, kept.status_code, twice.status_code) == (422, 404, 302, 409)
    assert not waits(house.examiner)
    assert "旧法仍适用于本次考试。" in browser.get(address).text
    with unit_of_work():
        planned = sessions_services.create_session(
            paper=queries.paper(paper.code, house.examiner.actor), plan=make_plan(), by=house.examiner.actor, at=AT
        )
    assert planned.paper_id == paper.id


def test_no_session_is_planned_on_a_paper_that_was_set_aside(house: House, browser_of: Browser) -> None:
    paper = make_frozen_paper(house)
    retire(house, items_on(paper)[0])
    browser, address = browser_of(house.examiner2), f"/exams/papers/{paper.code}"

    submit(browser, f"{address}/doubt", page=address, fate="set_aside", **{"doubt-reason": "该题占比过大。"})

    assert paper.id not in [one.id for one in queries.frozen_papers(house.examiner.actor)]
    again = queries.paper(paper.code, house.examiner.actor)
    with pytest.raises(InvalidError) as refused, unit_of_work():
        sessions_services.create_session(paper=again, plan=make_plan(), by=house.examiner.actor, at=AT)
    assert refused.value.field == "paper"


def test_a_paper_on_which_a_session_is_planned_is_not_set_aside(house: House, browser_of: Browser) -> None:
    paper = session.get_one(Paper, make_session(house).paper_id)
    retire(house, items_on(paper)[0])
    browser, address = browser_of(house.examiner), f"/exams/papers/{paper.code}"

    refused = submit(browser, f"{address}/doubt", page=address, fate="set_aside", **{"doubt-reason": "该题有误。"})

    assert refused.status_code == 409
    assert said(PLANNED) in refused.text
    assert waits(house.examiner)


def test_a_draft_that_holds_a_retired_item_is_not_signed(house: House) -> None:
    paper = make_paper(house)
    place = queries.sheet_of(paper.id)[0]
    retire(house, session.get_one(Item, place.version.item_id))

    with pytest.raises(ConflictError, match=str(place.position)), unit_of_work():
        sealing.sign_paper(queries.paper(paper.code, house.examiner.actor), by=house.examiner.actor, at=AT)


def test_a_frozen_paper_counts_as_a_use_once_it_is_open_to_read_and_not_while_it_is_sealed(house: House) -> None:
    paper = make_frozen_paper(house)
    held = {one.id for one in items_on(paper)}
    sealed = uses(house.body.id, 3, AT)
    with unit_of_work():
        asked = queries.paper(paper.code, house.examiner.actor)
        sealing.ask_opening(asked, reason="核对题目。", by=house.examiner.actor, at=AT)
        sealing.confirm_opening(asked, by=house.examiner2.actor, at=AT)

    opened = uses(house.body.id, 3, AT)

    assert sealed == {}
    assert opened == dict.fromkeys(held, 1)

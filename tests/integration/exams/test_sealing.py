"""Two people sign a paper; then nobody sees what it holds until two people or the window release the key."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from app.assessment.exams import assembling
from app.assessment.exams.models import ExamSession, Paper, PaperItem, PaperSeal
from app.assessment.exams.queries import papers as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.services import papers as papers_services
from app.assessment.exams.services import sealing as services
from app.assessment.exams.services.subjects import of_paper
from app.assessment.exams.states import OpenedHow, PaperState
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import timeline
from app.desk.queries import todos_of
from app.items.models import ItemVersion
from tests.factories.accounts import Member
from tests.factories.exams import (
    ITEMS,
    NOW,
    OPENS,
    House,
    make_cohort,
    make_frozen_paper,
    make_house,
    make_paper,
    make_session,
    make_signed_paper,
    make_trainee,
    prepare,
    said,
)
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


def again(paper: Paper, house: House) -> Paper:
    return queries.paper(paper.code, house.examiner2.actor)


def stems(paper_id: int) -> list[str]:
    query = select(ItemVersion.stem).join(PaperItem, PaperItem.item_version_id == ItemVersion.id)
    return list(session.scalars(query.where(PaperItem.paper_id == paper_id)))


def test_two_examiners_sign_on_the_page_and_the_content_is_gone(house: House, browser_of: Browser) -> None:
    paper = make_paper(house)
    texts, seed, address = stems(paper.id), paper.seed, f"/exams/papers/{paper.code}"
    first, second = browser_of(house.examiner), browser_of(house.examiner2)
    shown = first.get(address).text

    submit(first, f"{address}/sign", page=address)
    mine, theirs = first.get(address).text, second.get(address).text
    submit(second, f"{address}/freeze", page=address)

    assert all(text in shown for text in texts)
    assert house.examiner2.person.name in mine
    assert f"{address}/freeze" not in mine
    assert f"{address}/freeze" in theirs
    sealed = second.get(address).text
    assert not any(text in sealed for text in texts)
    assert stems(paper.id) == []
    frozen = again(paper, house)
    assert (frozen.state, frozen.seed) == (PaperState.FROZEN, None)
    assert frozen.content_hash == frozen.signed_hash
    kept = session.scalars(select(PaperSeal)).one()
    assert not any(text.encode() in kept.sealed for text in texts)
    told = [event.kind for event in timeline(of_paper(frozen))]
    assert told == ["exams.paper_frozen", "exams.paper_signed", "exams.paper_assembled"]
    assert seed is not None
    assert not any("seed" in event.data for event in timeline(of_paper(frozen)))


def test_the_second_signature_waits_on_the_desk_of_others(house: House) -> None:
    paper = make_signed_paper(house)

    assert [todo.kind for todo in todos_of(house.examiner2.actor)] == ["exams.freeze"]
    assert todos_of(house.examiner.actor) == []
    with pytest.raises(ForbiddenError), unit_of_work():
        services.freeze_paper(queries.paper(paper.code, house.examiner.actor), by=house.examiner.actor, at=NOW)


def test_a_draft_is_not_frozen_by_one_signature(house: House) -> None:
    paper = make_paper(house)

    with pytest.raises(ConflictError), unit_of_work():
        services.freeze_paper(again(paper, house), by=house.examiner2.actor, at=NOW)
    assert len(queries.sheet_of(paper.id)) == ITEMS


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"frozen_by_id": "signed_by_id", "content_hash": "signed_hash"}, "two_people"),
        ({"frozen_by_id": "other", "content_hash": "wrong"}, "same_content"),
        ({"frozen_by_id": "other", "content_hash": None}, "frozen"),
    ],
)
def test_the_database_refuses_what_two_people_did_not_sign(
    house: House, columns: dict[str, str | None], rule: str
) -> None:
    paper = make_signed_paper(house)
    values = {
        "signed_by_id": paper.signed_by_id,
        "signed_hash": paper.signed_hash,
        "other": house.examiner2.person.id,
        "wrong": "0" * 64,
        None: None,
    }

    with pytest.raises(ConflictError, match=rule), unit_of_work():
        session.execute(
            update(Paper)
            .where(Paper.id == paper.id)
            .values(state="frozen", frozen_at=NOW, **{name: values[value] for name, value in columns.items()})
        )


def test_a_signed_paper_sent_back_is_a_draft_again(house: House, browser_of: Browser) -> None:
    paper = make_signed_paper(house)
    address = f"/exams/papers/{paper.code}"
    browser = browser_of(house.examiner2)

    empty = submit(browser, f"{address}/return", page=address, reason="")
    answer = submit(browser, f"{address}/return", page=address, reason="第三题过难。")

    assert empty.status_code == 422
    assert answer.status_code == 302
    back = again(paper, house)
    assert (back.state, back.signed_by_id, back.signed_hash) == (PaperState.DRAFT, None, None)
    assert timeline(of_paper(back))[0].reason == "第三题过难。"


def test_places_never_change_and_stay_once_frozen(house: House) -> None:
    paper = make_paper(house)
    with pytest.raises(Exception, match="append-only"), unit_of_work():
        session.execute(update(PaperItem).where(PaperItem.paper_id == paper.id).values(position=99))

    opened = make_frozen_paper(house)
    _open_by_two(opened, house)

    with pytest.raises(Exception, match="append-only"), unit_of_work():
        session.execute(delete(PaperItem).where(PaperItem.paper_id == opened.id))


def _open_by_two(paper: Paper, house: House) -> None:
    with unit_of_work():
        services.ask_opening(
            queries.paper(paper.code, house.examiner.actor), reason="抽查。", by=house.examiner.actor, at=NOW
        )
    with unit_of_work():
        services.confirm_opening(again(paper, house), by=house.examiner2.actor, at=NOW)


def test_a_sealed_paper_is_read_by_nobody(house: House) -> None:
    paper = make_frozen_paper(house)

    with pytest.raises(ForbiddenError):
        queries.sheet_of(paper.id)
    assert [sheet.position for sheet in queries.outline_of(paper.id)] == list(range(1, ITEMS + 1))
    kept = session.scalars(select(PaperSeal)).one()
    assert {tuple(sorted(one)) for one in kept.outline} == {("keys", "movable", "position")}


@pytest.mark.parametrize("part", ["paper", "sheet", "key"])
def test_print_shows_a_draft_and_nothing_of_a_sealed_paper(house: House, browser_of: Browser, part: str) -> None:
    paper = make_paper(house)
    text = stems(paper.id)[0]
    browser = browser_of(house.examiner)
    draft = browser.get(f"/exams/papers/{paper.code}/print?part={part}")
    sealed = make_frozen_paper(house)

    assert draft.status_code == 200
    assert (text in draft.text) == (part == "paper")
    assert browser.get(f"/exams/papers/{sealed.code}/print?part={part}").status_code == 403


def test_two_people_open_a_paper_before_its_window(house: House, browser_of: Browser) -> None:
    paper = make_frozen_paper(house)
    address = f"/exams/papers/{paper.code}"
    first, second = browser_of(house.examiner), browser_of(house.examiner2)

    assert submit(first, f"{address}/open", page=address, reason="").status_code == 422
    submit(first, f"{address}/open", page=address, reason="命题组抽查。")
    assert submit(first, f"{address}/open/confirm", page="/home").status_code == 403
    waiting = [todo.kind for todo in todos_of(house.examiner2.actor)]
    submit(second, f"{address}/open/confirm", page=address)

    assert waiting == ["exams.open"]
    assert all(text in second.get(address).text for text in stems(paper.id))
    assert len(stems(paper.id)) == ITEMS
    kept = session.scalars(select(PaperSeal)).one()
    assert (kept.opened_how, kept.opened_by_id) == (OpenedHow.TWO_PEOPLE, house.examiner2.person.id)
    opened = timeline(of_paper(paper))[0]
    assert (opened.kind, opened.data) == ("exams.paper_opened", {"how": "two_people"})
    services.check_unchanged(again(paper, house))
    assert again(paper, house).seed == 7
    with pytest.raises(ConflictError), unit_of_work():
        services.confirm_opening(again(paper, house), by=house.examiner2.actor, at=NOW)


def test_a_refused_opening_leaves_the_paper_sealed(house: House, browser_of: Browser) -> None:
    paper = make_frozen_paper(house)
    address = f"/exams/papers/{paper.code}"
    with unit_of_work():
        services.ask_opening(again(paper, house), reason="抽查。", by=house.examiner2.actor, at=NOW)
    with pytest.raises(ConflictError), unit_of_work():
        services.ask_opening(again(paper, house), reason="再问。", by=house.examiner.actor, at=NOW)

    submit(browser_of(house.examiner), f"{address}/open/refuse", page=address)

    assert todos_of(house.examiner.actor) == []
    for act in (services.confirm_opening, services.refuse_opening):
        with pytest.raises(ConflictError), unit_of_work():
            act(again(paper, house), by=house.examiner.actor, at=NOW)
    with pytest.raises(InvalidError), unit_of_work():
        services.ask_opening(again(paper, house), reason=" ", by=house.examiner.actor, at=NOW)


def test_the_database_refuses_an_opening_by_one_person(house: House) -> None:
    make_frozen_paper(house)
    one = house.examiner.person.id

    with pytest.raises(ConflictError, match="two_people"), unit_of_work():
        session.execute(
            update(PaperSeal).values(
                asked_by_id=one, asked_at=NOW, reason="x", opened_by_id=one, opened_at=NOW, opened_how="two_people"
            )
        )


def test_papers_are_prepared_while_sealed_and_open_with_the_window(house: House, at_time: Callable[..., None]) -> None:
    planned = make_session(house)
    make_trainee(make_cohort())
    at_time(OPENS - timedelta(minutes=1))
    prepare(house, planned)
    sealed = session.scalar(select(func.count(PaperItem.id)))
    with pytest.raises(ForbiddenError):
        queries.sheet_of(planned.paper_id)
    assembling.open_due()
    still = session.scalar(select(func.count(PaperItem.id)))

    at_time(OPENS)
    readable = len(queries.sheet_of(planned.paper_id))
    unrecorded = session.scalar(select(func.count(PaperItem.id)))
    assembling.open_due()
    assembling.open_due()

    assert (sealed, still, readable, unrecorded) == (0, 0, ITEMS, 0)
    found = sessions_queries.exam_session(planned.code, house.examiner.actor)
    assert len(queries.sheet_of(found.paper_id)) == ITEMS
    kept = session.scalars(select(PaperSeal)).one()
    assert (kept.opened_how, kept.opened_by_id) == (OpenedHow.WINDOW, None)
    openings = [event for event in timeline(of_paper(found.paper)) if event.kind == "exams.paper_opened"]
    assert [one.data for one in openings] == [{"how": "window", "session": planned.code}]


def test_the_window_of_a_session_nobody_prepared_opens_nothing(house: House, at_time: Callable[..., None]) -> None:
    planned = make_session(house)
    at_time(OPENS)
    assembling.open_due()

    assert session.scalars(select(ExamSession)).one().state == "planned"
    with pytest.raises(ForbiddenError):
        queries.sheet_of(planned.paper_id)


def test_a_ciphertext_that_was_changed_is_noticed_without_its_key(house: House) -> None:
    paper = make_frozen_paper(house)
    services.check_unchanged(again(paper, house))
    with unit_of_work():
        session.execute(update(PaperSeal).values(sealed=b"x" * 64))

    with pytest.raises(ConflictError):
        services.check_unchanged(again(paper, house))


def test_an_item_of_a_draft_is_replaced_by_an_equivalent(house: House, browser_of: Browser) -> None:
    paper = make_paper(house)
    before = {one.position: one for one in queries.sheet_of(paper.id)}
    browser = browser_of(house.examiner)
    address = f"/exams/papers/{paper.code}"

    answer = submit(browser, f"{address}/replace", page=address, place=1)

    after = {one.position: one for one in queries.sheet_of(paper.id)}
    if answer.status_code == 302:
        old, new = before[1].version, after[1].version
        assert new.id != old.id
        assert (new.module, new.level, new.type) == (old.module, old.level, old.type)
        assert {place: one.code for place, one in after.items() if place > 1} == {
            place: one.code for place, one in before.items() if place > 1
        }
        event = timeline(of_paper(paper))[0]
        assert (event.kind, event.data) == ("exams.item_replaced", {"place": 1})
    else:
        assert said("The bank has no equivalent item that may stand on this paper.") in answer.text


def test_a_place_that_is_not_there_and_a_signed_paper_are_not_replaced(house: House) -> None:
    paper = make_paper(house)
    with pytest.raises(InvalidError), unit_of_work():
        papers_services.replace_item(again(paper, house), 99, by=house.examiner.actor, at=NOW)
    signed = make_signed_paper(house)
    with pytest.raises(ConflictError), unit_of_work():
        papers_services.replace_item(again(signed, house), 1, by=house.examiner.actor, at=NOW)

"""Reviewers comment on an assembled paper; every comment is resolved before two people sign, and sealed with it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from app.accounts.states import Role
from app.assessment.exams.comment_states import CommentState
from app.assessment.exams.comments_desk import expected
from app.assessment.exams.models import Paper, PaperComment, PaperCommentLine
from app.assessment.exams.queries import comments as queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.services import comments as services
from app.assessment.exams.services import papers as papers_services
from app.assessment.exams.services import sealing
from app.assessment.exams.services.subjects import of_paper
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import timeline
from app.desk.queries import todos_of
from app.items.models import Item
from app.items.states import ItemType
from tests.factories.accounts import Member, make_member
from tests.factories.exams import NOW, House, make_frozen_paper, make_house, make_paper, make_signed_paper, said
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
WORDS = "第二题的题干有歧义。"


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


def commented(paper: Paper, by: Actor, *, position: int | None = 2, words: str = WORDS) -> str:
    with unit_of_work():
        found = papers_queries.paper(paper.code, by)
        return services.comment(found, position=position, words=words, by=by, at=NOW).code


def answered(code: str, by: Actor, words: str = "已改。") -> None:
    with unit_of_work():
        services.answer(queries.comment(code, by), words=words, by=by, at=NOW)


def resolved(code: str, by: Actor) -> None:
    with unit_of_work():
        services.resolve(queries.comment(code, by), by=by, at=NOW)


def sign(paper: Paper, by: Actor) -> None:
    with unit_of_work():
        sealing.sign_paper(papers_queries.paper(paper.code, by), by=by, at=NOW)


def freeze(paper: Paper, by: Actor) -> None:
    with unit_of_work():
        sealing.freeze_paper(papers_queries.paper(paper.code, by), by=by, at=NOW)


def test_a_comment_is_answered_and_resolved_on_the_pages_before_the_paper_is_signed(
    house: House, browser_of: Browser
) -> None:
    paper = make_paper(house)
    address = f"/exams/papers/{paper.code}"
    reviewer, examiner = browser_of(house.examiner2), browser_of(house.examiner)

    made = submit(reviewer, f"{address}/comments", page=f"{address}/comments?place=2", place="2", words=WORDS)
    thread = made.location
    waiting = examiner.get(address).text
    submit(examiner, f"{thread}/answer", page=thread, words="题干已核对，无歧义。")
    submit(reviewer, f"{thread}/reopen", page=thread, words="请看第二行。")
    submit(examiner, f"{thread}/answer", page=thread, words="已替换该题。")
    shown = reviewer.get(thread).text
    submit(reviewer, f"{thread}/resolve", page=thread)

    assert f"{address}/sign" not in waiting
    assert all(words in shown for words in (WORDS, "题干已核对，无歧义。", "请看第二行。", "已替换该题。"))
    assert house.examiner.person.name in shown
    assert f"{address}/sign" in examiner.get(address).text
    told = [event.kind for event in timeline(of_paper(paper))]
    assert told == [
        "exams.comment_resolved",
        "exams.comment_answered",
        "exams.comment_reopened",
        "exams.comment_answered",
        "exams.paper_commented",
        "exams.paper_assembled",
    ]
    assert not any(WORDS in str(event.data) for event in timeline(of_paper(paper)))


NUMBER = re.compile(r'name="number"[^>]*value="([^"]+)"')


def twice(browser: FlaskClient, path: str, page: str, **fields: str) -> list[str | None]:
    """Send one form twice, as a double click or a retried request does; return where each answer leads."""
    number = NUMBER.search(browser.get(page).text)
    assert number, f"{page} numbers no form"
    return [submit(browser, path, page=page, number=number[1], **fields).location for _ in range(2)]


def test_a_form_that_is_sent_twice_says_its_words_once(house: House, browser_of: Browser) -> None:
    paper = make_paper(house)
    address = f"/exams/papers/{paper.code}/comments"
    reviewer, examiner = browser_of(house.examiner2), browser_of(house.examiner)

    thread, again = twice(reviewer, address, address, place="2", words=WORDS)
    assert thread
    answers = [
        twice(examiner, f"{thread}/answer", thread, words="已核对。"),
        twice(reviewer, f"{thread}/reopen", thread, words="请看第二行。"),
        twice(examiner, f"{thread}/answer", thread, words="已替换。"),
    ]
    other = submit(reviewer, address, page=address, place="2", words=WORDS)

    assert again == thread
    assert answers == [[thread, thread]] * 3
    assert other.location not in {None, thread}
    lines = session.scalars(select(PaperCommentLine).order_by(PaperCommentLine.id)).all()
    assert [one.number for one in lines] == [1, 2, 3, 4, 1]
    assert len(session.scalars(select(PaperComment)).all()) == 2
    assert len(timeline(of_paper(paper))) == len(lines) + 1


def test_no_signature_while_a_comment_waits_not_even_the_second(house: House) -> None:
    paper = make_paper(house)
    code = commented(paper, house.examiner2.actor, position=None)

    with pytest.raises(ConflictError):
        sign(paper, house.examiner.actor)
    answered(code, house.examiner.actor)
    with pytest.raises(ConflictError):
        sign(paper, house.examiner.actor)
    resolved(code, house.examiner2.actor)
    sign(paper, house.examiner.actor)
    late = commented(paper, house.examiner2.actor)
    with pytest.raises(ConflictError):
        freeze(paper, house.examiner2.actor)
    resolved(late, house.examiner2.actor)
    freeze(paper, house.examiner2.actor)

    with pytest.raises(ConflictError):
        commented(paper, house.examiner2.actor)


def test_comments_are_never_in_clear_and_are_sealed_and_opened_with_the_paper(
    house: House, browser_of: Browser
) -> None:
    paper = make_paper(house)
    code = commented(paper, house.examiner2.actor)
    stored = session.execute(text("SELECT sealed FROM paper_comment_line")).scalars().all()
    session.rollback()
    resolved(code, house.examiner2.actor)
    sign(paper, house.examiner.actor)
    freeze(paper, house.examiner2.actor)
    reader = browser_of(house.examiner)
    pages = (f"/exams/papers/{paper.code}/comments", f"/exams/comments/{code}")

    sealed = [reader.get(page) for page in pages]
    with unit_of_work():
        found = papers_queries.paper(paper.code, house.examiner.actor)
        sealing.ask_opening(found, reason="印制。", by=house.examiner.actor, at=NOW)
    with unit_of_work():
        found = papers_queries.paper(paper.code, house.examiner2.actor)
        sealing.confirm_opening(found, by=house.examiner2.actor, at=NOW)

    assert stored
    assert not any(WORDS.encode() in bytes(one) for one in stored)
    assert [answer.status_code for answer in sealed] == [403, 403]
    assert all(WORDS in reader.get(page).text for page in pages)


def test_a_sealed_paper_shows_no_word_of_its_comments(house: House) -> None:
    paper = make_paper(house)
    code = commented(paper, house.examiner2.actor)
    resolved(code, house.examiner2.actor)
    sign(paper, house.examiner.actor)
    freeze(paper, house.examiner2.actor)
    found = queries.comment(code, house.examiner.actor)

    with pytest.raises(ForbiddenError):
        queries.said(found.paper, [found])


def test_who_made_a_comment_does_not_answer_it_and_who_answered_does_not_resolve_it(house: House) -> None:
    paper = make_paper(house)
    third = make_member(Role.EXAMINER, organisation=house.body)
    code = commented(paper, house.examiner2.actor)

    with pytest.raises(ForbiddenError):
        answered(code, house.examiner2.actor)
    with pytest.raises(ForbiddenError):
        resolved(code, third.actor)
    answered(code, house.examiner.actor)
    with pytest.raises(ForbiddenError):
        resolved(code, house.examiner.actor)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.reopen(queries.comment(code, house.examiner.actor), words="再看", by=house.examiner.actor, at=NOW)
    resolved(code, third.actor)

    assert queries.comment(code, third.actor).state is CommentState.RESOLVED
    with pytest.raises(ConflictError):
        resolved(code, third.actor)


@pytest.mark.parametrize(
    ("answers", "resolves", "rule"),
    [
        ("examiner2", None, "answered_by_another"),
        ("examiner", "examiner", "two_people"),
        (None, "examiner", "two_people"),
    ],
)
def test_the_database_refuses_what_one_person_would_settle(
    house: House, answers: str | None, resolves: str | None, rule: str
) -> None:
    paper = make_paper(house)
    code = commented(paper, house.examiner2.actor)
    ids = {"examiner": house.examiner.person.id, "examiner2": house.examiner2.person.id}
    values: dict[str, object] = {"state": "resolved" if resolves else "answered"}
    if answers:
        values |= {"answered_by_id": ids[answers], "answered_at": NOW}
    if resolves:
        values |= {"resolved_by_id": ids[resolves], "resolved_at": NOW}

    with pytest.raises(ConflictError, match=rule), unit_of_work():
        session.execute(update(PaperComment).where(PaperComment.code == code).values(**values))


def test_what_was_said_stays_as_it_was_said(house: House) -> None:
    commented(make_paper(house), house.examiner2.actor)

    with pytest.raises(Exception, match="append-only"), unit_of_work():
        session.execute(update(PaperCommentLine).values(sealed=b"x"))


@pytest.mark.one_database
def test_a_comment_of_the_author_of_the_item_says_so(house: House, browser_of: Browser) -> None:
    paper = make_paper(house)
    place = papers_queries.sheet_of(paper.id)[1]
    with unit_of_work():
        session.execute(
            update(Item).where(Item.id == place.version.item_id).values(author_id=house.examiner2.person.id)
        )
    own = commented(paper, house.examiner2.actor)
    whole = commented(paper, house.examiner2.actor, position=None)
    other = commented(paper, house.examiner2.actor, position=3)
    reader = browser_of(house.examiner)

    assert said("Wrote this item") in reader.get(f"/exams/comments/{own}").text
    assert said("Wrote %(count)d items of this paper", count=1) in reader.get(f"/exams/comments/{whole}").text
    assert said("Wrote this item") not in reader.get(f"/exams/comments/{other}").text


def test_a_comment_tells_that_its_item_was_replaced(app: Flask, browser_of: Browser) -> None:
    del app
    house = make_house(of_types=[ItemType.SINGLE])
    paper = make_paper(house)
    before = papers_queries.sheet_of(paper.id)[1].code
    code = commented(paper, house.examiner2.actor)
    with unit_of_work():
        found = papers_queries.paper(paper.code, house.examiner.actor)
        papers_services.replace_item(found, 2, by=house.examiner.actor, at=NOW)

    shown = browser_of(house.examiner).get(f"/exams/comments/{code}").text

    assert said("The comment was made on item %(item)s, which has since been replaced.", item=before) in shown


def test_a_comment_waits_on_the_desk_of_others_then_on_that_of_its_reviewer(house: House) -> None:
    paper = make_paper(house)

    def waiting() -> list[list[str]]:
        session.rollback()
        members = (house.examiner, house.examiner2)
        return [[one.kind for one in todos_of(who.actor) if one.kind != "exams.sign"] for who in members]

    code = commented(paper, house.examiner2.actor)
    open_at = waiting()
    answered(code, house.examiner.actor)
    answered_at = waiting()
    resolved(code, house.examiner2.actor)

    assert open_at == [["exams.answer_comment"], []]
    assert answered_at == [[], ["exams.resolve_comment"]]
    assert waiting() == [[], []]
    assert expected() == set()


def test_the_to_dos_follow_from_the_states(house: House) -> None:
    paper = make_paper(house)
    commented(paper, house.examiner2.actor)
    answered(commented(paper, house.examiner2.actor), house.examiner.actor)

    assert sorted(one.kind for one in expected()) == ["exams.answer_comment", "exams.resolve_comment"]


@pytest.mark.one_database
@pytest.mark.parametrize("fields", [{"place": "2", "words": " "}, {"place": "99", "words": WORDS}])
def test_a_comment_that_says_nothing_or_is_on_no_place_is_refused_and_kept_in_the_form(
    house: House, browser_of: Browser, fields: dict[str, str]
) -> None:
    paper = make_paper(house)
    address = f"/exams/papers/{paper.code}/comments"

    answer = submit(browser_of(house.examiner2), address, **fields)

    assert answer.status_code == 422
    assert fields["words"] in answer.text
    assert session.scalars(select(PaperComment)).all() == []


@pytest.mark.one_database
def test_an_answer_without_words_is_refused_beside_its_field(house: House, browser_of: Browser) -> None:
    code = commented(make_paper(house), house.examiner2.actor)
    address = f"/exams/comments/{code}"

    answer = submit(browser_of(house.examiner), f"{address}/answer", page=address, words="")

    assert answer.status_code == 422
    assert said("Write what you have to say.") in answer.text


@pytest.mark.one_database
def test_an_answer_by_the_reviewer_is_refused_on_the_page(house: House, browser_of: Browser) -> None:
    code = commented(make_paper(house), house.examiner2.actor)
    address = f"/exams/comments/{code}"

    answer = submit(browser_of(house.examiner2), f"{address}/answer", page=address, words="自己答复")

    assert answer.status_code == 403


@pytest.mark.one_database
def test_services_refuse_places_and_words_that_are_not_there(house: House) -> None:
    paper = make_paper(house)

    with pytest.raises(InvalidError):
        commented(paper, house.examiner2.actor, position=99)
    with pytest.raises(InvalidError):
        commented(paper, house.examiner2.actor, words="  ")


@pytest.mark.one_database
def test_comments_of_another_body_are_not_found_and_other_roles_may_not_read_them(
    house: House, browser_of: Browser
) -> None:
    paper = make_paper(house)
    code = commented(paper, house.examiner2.actor)
    stranger = browser_of(make_house().examiner)
    invigilator = browser_of(make_member(Role.INVIGILATOR, organisation=house.body))

    pages = (f"/exams/papers/{paper.code}/comments", f"/exams/comments/{code}")

    assert [stranger.get(page).status_code for page in pages] == [404, 404]
    assert [invigilator.get(page).status_code for page in pages] == [403, 403]


def test_the_list_is_cut_by_state_and_costs_no_more_for_more(house: House, browser_of: Browser) -> None:
    paper = make_signed_paper(house)
    first = commented(paper, house.examiner2.actor, words="待答复的意见")
    second = commented(paper, house.examiner2.actor, words="已撤回的意见")
    resolved(second, house.examiner2.actor)
    reader = browser_of(house.examiner)
    address = f"/exams/papers/{paper.code}/comments"

    opened = reader.get(f"{address}?state=open").text

    assert f"/exams/comments/{first}" in opened
    assert f"/exams/comments/{second}" not in opened
    assert all(f"/exams/comments/{one}" in reader.get(address).text for one in (first, second))
    assert all(f"/exams/comments/{one}" in reader.get(f"{address}?state=nonsense").text for one in (first, second))


def test_a_frozen_paper_takes_no_further_comment_and_its_opened_page_says_why(
    house: House, browser_of: Browser
) -> None:
    paper = make_frozen_paper(house)
    with unit_of_work():
        found = papers_queries.paper(paper.code, house.examiner.actor)
        sealing.ask_opening(found, reason="印制。", by=house.examiner.actor, at=NOW)
    with unit_of_work():
        found = papers_queries.paper(paper.code, house.examiner2.actor)
        sealing.confirm_opening(found, by=house.examiner2.actor, at=NOW + timedelta(minutes=1))

    shown = browser_of(house.examiner).get(f"/exams/papers/{paper.code}/comments")

    assert shown.status_code == 200
    assert 'name="words"' not in shown.text

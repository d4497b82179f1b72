"""Marking anew: a preview, two people, every version kept; what a candidate saw stays provable."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from app.assessment.exams.models import ExamSession, MarkingRun, Result, ResultVersion
from app.assessment.exams.queries import marking as queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.rules.order import Place, from_json
from app.assessment.exams.rules.rulings import Ruling
from app.assessment.exams.services import leading, sitting
from app.assessment.exams.services import regrading as services
from app.assessment.exams.services import results as results_services
from app.assessment.exams.services.answers import Answer
from app.assessment.exams.services.subjects import of_attempt, of_run
from app.assessment.exams.states import LowerPolicy, RunState, SessionState
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.core.events import timeline
from app.desk.queries import todos_of
from app.items.states import ItemType
from tests.factories.accounts import Member
from tests.factories.exams import (
    CLOSES,
    ITEMS,
    OPENS,
    House,
    answer,
    attempt_of,
    make_house,
    make_prepared,
    release,
    said,
    start,
)
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
AFTER = CLOSES + timedelta(minutes=1)
VOID = {1: Ruling(void=True)}


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


def found(house: House, planned: ExamSession) -> ExamSession:
    return sessions_queries.exam_session(planned.code, house.examiner.actor)


def run_of(house: House, run: MarkingRun) -> MarkingRun:
    return queries.run(run.code, house.examiner.actor)


def sit(member: Member, *, wrong: set[int]) -> None:
    """Answer every place as the key has it but those positions of the frozen paper."""
    writer = start(member)
    attempt = attempt_of(member)
    paper = session.get_one(ExamSession, attempt.session_id).paper_id
    sheet = {place.position: place.version for place in papers_queries.sheet_of(paper)}
    answers = []
    for number, place in enumerate(from_json(attempt.order), start=1):
        right = frozenset(str(key) for key in sheet[place.position].key)
        letters = sorted(place.letter(key) for key in right)
        answers.append(answer(number, 1, "" if place.position in wrong else "".join(letters)))
    with unit_of_work():
        sitting.save(writer, answers=answers, at=OPENS)
        sitting.submit(writer, at=OPENS)


def mark(house: House, planned: ExamSession) -> None:
    with unit_of_work():
        results_services.ask_to_mark(found(house, planned), by=house.examiner.actor, at=AFTER)
    jobs.work()


def propose(house: House, planned: ExamSession, changes: Mapping[int, Ruling | None]) -> MarkingRun:
    with unit_of_work():
        run = services.propose(
            found(house, planned), changes, reason="第1题答案有误。", by=house.examiner.actor, at=AFTER
        )
    jobs.work()
    return run_of(house, run)


def confirm(house: House, run: MarkingRun) -> None:
    with unit_of_work():
        services.confirm(
            queries.run(run.code, house.examiner2.actor), by=house.examiner2.actor, at=AFTER + timedelta(hours=1)
        )
    jobs.work()


def result_of(member: Member) -> Result:
    query = select(Result).where(Result.attempt_id == attempt_of(member).id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def scores(member: Member) -> list[Decimal]:
    return [one.score for one in queries.versions_of(result_of(member).id)]


def test_a_preview_changes_nothing_and_two_people_change_the_results(house: House) -> None:
    planned, (one, other) = make_prepared(house, candidates=2)
    sit(one, wrong={1, 2, 3, 4, 5})
    sit(other, wrong=set())
    mark(house, planned)

    run = propose(house, planned, VOID)

    assert run.state is RunState.PROPOSED
    assert scores(one) == [Decimal("17.50")]
    counts = queries.counts(run.id)
    assert (counts.changed, counts.higher, counts.to_pass, counts.lower, counts.kept) == (1, 1, 1, 0, 0)
    assert {todo.kind for todo in todos_of(house.examiner2.actor)} == {"exams.regrade", "exams.propose"}
    assert "exams.regrade" not in {todo.kind for todo in todos_of(house.examiner.actor)}

    confirm(house, run)

    assert run_of(house, run).state is RunState.APPLIED
    assert scores(one) == [Decimal("17.50"), Decimal("20.00")]
    assert result_of(one).passed
    assert scores(other) == [Decimal("30.00")]
    assert {result_of(one).key_hash, result_of(other).key_hash} == {run.key_hash}
    assert found(house, planned).paper.content_hash != run.key_hash
    happened = timeline(of_attempt(attempt_of(one).code))[0]
    assert (happened.kind, happened.data["was"], happened.data["now"]) == ("exams.result_corrected", "17.50", "20.00")


def test_who_proposed_a_new_marking_does_not_confirm_it(house: House) -> None:
    planned, (one,) = make_prepared(house)
    sit(one, wrong={1})
    mark(house, planned)
    run = propose(house, planned, VOID)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.confirm(run_of(house, run), by=house.examiner.actor, at=AFTER)
    with pytest.raises(ConflictError, match="two_people"), unit_of_work():
        session.execute(update(MarkingRun).values(confirmed_by_id=house.examiner.person.id, confirmed_at=AFTER))
    with pytest.raises(ConflictError, match="second_person"), unit_of_work():
        session.execute(update(MarkingRun).where(MarkingRun.number == 2).values(state="applying"))


def test_the_database_refuses_a_score_without_its_version(house: House) -> None:
    planned, (one,) = make_prepared(house)
    sit(one, wrong={1})
    mark(house, planned)

    with pytest.raises(ConflictError, match="changes only with its version"), unit_of_work():
        session.execute(update(Result).values(score=Decimal(30)))
    kept = queries.versions_of(result_of(one).id)[0]
    alone = {name: getattr(kept, name) for name in ("result_id", "max_score", "cut_score", "by_module", "key_hash")}
    alone |= {"number": 2, "score": Decimal(30), "passed": True, "run_id": kept.run_id, "at": AFTER}
    with pytest.raises(ConflictError, match="two_people"), unit_of_work():
        session.execute(insert(ResultVersion).values(**alone))
    assert scores(one) == [Decimal("27.50")]


def test_a_version_is_never_changed(house: House) -> None:
    planned, (one,) = make_prepared(house)
    sit(one, wrong=set())
    mark(house, planned)

    with pytest.raises(Exception, match="append-only"), unit_of_work():
        session.execute(update(ResultVersion).values(score=Decimal(1)))
    assert scores(one) == [Decimal("30.00")]


def test_a_regrade_that_would_lower_a_result_leaves_it_under_the_policy_of_the_pack(house: House) -> None:
    planned, (right, lucky) = make_prepared(house, candidates=2)
    sit(right, wrong=set())
    sit(lucky, wrong={2})
    mark(house, planned)
    sheet = {place.position: place.version for place in papers_queries.sheet_of(found(house, planned).paper_id)}
    other = next(key for key in ("A", "B") if [key] != sheet[1].key)

    run = propose(house, planned, {1: Ruling(key=frozenset(other))})
    assert (queries.counts(run.id).kept, run.lower_policy) == (2, LowerPolicy.HIGHER)
    confirm(house, run)

    assert scores(right) == [Decimal("30.00")]
    assert scores(lucky) == [Decimal("27.50")]
    assert result_of(right).key_hash == found(house, planned).paper.content_hash


def test_a_second_marking_stands_on_all_decisions_and_one_can_be_taken_back(house: House) -> None:
    planned, (one,) = make_prepared(house)
    sit(one, wrong={1, 2})
    mark(house, planned)
    confirm(house, propose(house, planned, VOID))
    confirm(house, propose(house, planned, {2: Ruling(void=True)}))
    assert scores(one) == [Decimal("25.00"), Decimal("27.50"), Decimal("30.00")]

    back = propose(house, planned, {1: None})

    assert back.rulings == {"2": {"void": True}}
    assert queries.counts(back.id).kept == 1, "a decision taken back lowers nobody under this pack"


def test_a_proposal_sent_back_changes_nothing_and_makes_room_for_another(house: House) -> None:
    planned, (one,) = make_prepared(house)
    sit(one, wrong={1})
    mark(house, planned)
    run = propose(house, planned, VOID)

    with pytest.raises(ConflictError), unit_of_work():
        services.propose(found(house, planned), {2: Ruling(void=True)}, reason="r", by=house.examiner.actor, at=AFTER)
    with unit_of_work():
        services.send_back(run_of(house, run), reason="答案无误。", by=house.examiner2.actor, at=AFTER)

    assert scores(one) == [Decimal("27.50")]
    assert timeline(of_run(run))[0].reason == "答案无误。"
    assert propose(house, planned, VOID).number == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({99: Ruling(void=True)}, "position"),
        ({1: Ruling(key=frozenset("Z"))}, "key"),
        ({1: Ruling(key=frozenset())}, "key"),
        ({1: None}, "position"),
        ({}, "position"),
    ],
)
def test_a_decision_that_says_nothing_is_refused(house: House, changes: dict[int, Ruling | None], field: str) -> None:
    planned, (one,) = make_prepared(house)
    sit(one, wrong=set())
    mark(house, planned)

    with pytest.raises(InvalidError) as refused, unit_of_work():
        services.propose(found(house, planned), changes, reason="r", by=house.examiner.actor, at=AFTER)
    assert refused.value.field == field


def test_a_session_is_not_marked_anew_before_it_is_marked_or_while_its_release_waits(house: House) -> None:
    planned, (one,) = make_prepared(house)
    sit(one, wrong={1})
    with pytest.raises(ConflictError), unit_of_work():
        services.propose(found(house, planned), VOID, reason="r", by=house.examiner.actor, at=AFTER)
    mark(house, planned)
    with unit_of_work():
        results_services.propose_release(found(house, planned), by=house.examiner.actor, at=AFTER)

    with pytest.raises(ConflictError), unit_of_work():
        services.propose(found(house, planned), VOID, reason="r", by=house.examiner.actor, at=AFTER)


def test_an_open_new_marking_stands_in_the_way_of_the_release(house: House, browser_of: Browser) -> None:
    planned, (one,) = make_prepared(house)
    sit(one, wrong={1})
    mark(house, planned)
    propose(house, planned, VOID)
    address = f"/exams/sessions/{planned.code}"

    page = browser_of(house.examiner).get(address).text
    refused = submit(browser_of(house.examiner), f"{address}/propose", page=address)

    assert said("New markings that are not confirmed or sent back") in page
    assert f"{address}/propose" not in page
    assert refused.status_code == 409
    assert found(house, planned).state is SessionState.MARKED


def test_a_released_candidate_sees_the_change_and_what_they_saw_before_stays_provable(
    house: House, browser_of: Browser
) -> None:
    planned, (one,) = make_prepared(house)
    sit(one, wrong={1, 2, 3, 4, 5})
    release(house, planned, at=AFTER)
    address = f"/exams/mine/{attempt_of(one).code}"
    submit(browser_of(one), f"{address}/seen", page=address)
    assert todos_of(one.actor) == []

    confirm(house, propose(house, planned, VOID))

    page = browser_of(one).get(address).text
    assert said("How this result changed") in page
    assert "20.00" in page
    assert [todo.kind for todo in todos_of(one.actor)] == ["exams.result"]
    seen = [event for event in timeline(of_attempt(attempt_of(one).code)) if event.kind == "exams.result_seen"]
    assert seen[0].data == {"version": 1, "score": "17.50"}


def test_figures_that_are_no_longer_those_confirmed_are_not_written(house: House) -> None:
    planned, (one,) = make_prepared(house)
    sit(one, wrong={1})
    mark(house, planned)
    run = propose(house, planned, VOID)
    with unit_of_work():
        services.confirm(queries.run(run.code, house.examiner2.actor), by=house.examiner2.actor, at=AFTER)

    with unit_of_work():
        session.execute(update(MarkingRun).where(MarkingRun.id == run.id).values(rulings={}))
    with pytest.raises(ConflictError), unit_of_work():
        services.apply_some(run_of(house, run), after=0, at=AFTER)

    assert scores(one) == [Decimal("27.50")]


def test_the_new_marking_goes_through_its_pages(house: House, browser_of: Browser) -> None:
    planned, (one, other) = make_prepared(house, candidates=2)
    sit(one, wrong={1})
    sit(other, wrong={2})
    mark(house, planned)
    first, second = browser_of(house.examiner), browser_of(house.examiner2)
    address = f"/exams/sessions/{planned.code}/markings"

    without = submit(first, address, page=address, position="1", ruling="void", reason="")
    wrong = submit(first, address, page=address, position="1", ruling="key", key="XY", reason="更正")
    sent = submit(first, address, page=address, position="1", ruling="void", reason="第1题超纲")
    jobs.work()
    run = f"/exams/runs/{sent.location.rsplit('/', 1)[1]}"
    mine, theirs = first.get(run).text, second.get(run).text
    submit(second, f"{run}/confirm", page=run)
    jobs.work()

    assert (without.status_code, wrong.status_code) == (422, 422)
    assert said("Name the letters of the right options of this item, such as A or AC.") in wrong.text
    assert house.examiner2.person.name in mine
    assert f"{run}/confirm" not in mine
    assert f"{run}/confirm" in theirs
    assert "27.50" in theirs
    assert "30.00" in theirs
    assert one.person.name not in theirs
    assert said("In force") in second.get(run).text
    listed = first.get(address).text
    assert said("void") in listed
    assert all('id="place-1"' in page and "第" in page and said("Right answer") in page for page in (theirs, listed))
    assert result_of(one).score == Decimal(30)


def test_a_proposal_goes_back_from_its_page_only_with_a_reason(house: House, browser_of: Browser) -> None:
    planned, (one,) = make_prepared(house)
    sit(one, wrong={1})
    mark(house, planned)
    run = propose(house, planned, VOID)
    address = f"/exams/runs/{run.code}"

    without = submit(browser_of(house.examiner2), f"{address}/return", page=address)
    submit(browser_of(house.examiner2), f"{address}/return", page=address, reason="答案无误")

    assert without.status_code == 422
    assert run_of(house, run).state is RunState.RETURNED


@pytest.mark.parametrize("kind", [ItemType.MATCHING, ItemType.ORDERING, ItemType.CASE])
def test_further_right_answers_of_every_type_reach_who_gave_them_through_two_examiners(
    app: Flask, browser_of: Browser, kind: ItemType
) -> None:
    """What was answered at the first place shown is wrong by the key and right by the decision."""
    del app
    house = make_house(of_types=[kind])
    planned, (one,) = make_prepared(house)
    writer, place = start(one), from_json(attempt_of(one).order)[0]
    value, typed = FURTHER[kind](place)
    with unit_of_work():
        sitting.save(writer, answers=[Answer(1, 1, value, review=False)], at=OPENS)
        sitting.submit(writer, at=OPENS)
    mark(house, planned)
    if kind is ItemType.CASE:
        with unit_of_work():
            leading.add_up(found(house, planned), by=house.examiner.actor, at=AFTER)
        jobs.work()
    before = result_of(one).score
    session.rollback()
    address, examiner = f"/exams/sessions/{planned.code}/markings", browser_of(house.examiner)
    fields = {"position": str(place.position), "reason": "同样正确", **typed}

    wrong = submit(examiner, address, page=address, **{**fields, "also": "Z", "key": "Z"})
    sent = submit(examiner, address, page=address, **fields)
    jobs.work()
    run = f"/exams/runs/{sent.location.rsplit('/', 1)[1]}"
    shown = examiner.get(run).text
    submit(browser_of(house.examiner2), f"{run}/confirm", page=run)
    jobs.work()

    assert wrong.status_code == 422
    assert result_of(one).score == before + EARNED[kind]
    assert said("Decisions of this marking") in shown
    assert (said("part %(number)d: %(ruling)s", number=1, ruling=said("key %(key)s", key="C")) in shown) == (
        kind is ItemType.CASE
    )


def _matched(place: Place) -> tuple[dict[str, object], dict[str, str]]:
    given = {str(prompt): place.letter(key) for prompt, key in enumerate("ABCA", start=1)}
    return {"pairs": given}, {"ruling": "also", "also": "\n\n\nA"}


def _ordered(place: Place) -> tuple[dict[str, object], dict[str, str]]:
    return {"order": [place.letter(key) for key in "BADC"]}, {"ruling": "also", "also": "B A D C"}


def _of_case(place: Place) -> tuple[dict[str, object], dict[str, str]]:
    parts = [{"choice": [place.part(1).letter("C")]}, None]
    return {"parts": parts}, {"ruling": "key", "key": "C", "part": "1"}


FURTHER: dict[ItemType, Callable[[Place], tuple[dict[str, object], dict[str, str]]]] = {
    ItemType.MATCHING: _matched,
    ItemType.ORDERING: _ordered,
    ItemType.CASE: _of_case,
}
EARNED = {ItemType.MATCHING: Decimal("0.62"), ItemType.ORDERING: Decimal("2.50"), ItemType.CASE: Decimal("1.25")}
"""A quarter of 2.5 points beside the 1.88 already there, the whole, and half of it."""


def test_examiners_of_another_body_see_no_marking(house: House) -> None:
    planned, (one,) = make_prepared(house)
    sit(one, wrong=set())
    mark(house, planned)
    stranger = make_house().examiner

    with pytest.raises(NotFoundError):
        queries.run(queries.first_run(planned.id).code, stranger.actor)
    assert len(papers_queries.sheet_of(planned.paper_id)) == ITEMS


def test_a_further_right_answer_to_a_blank_reaches_who_gave_it_through_two_examiners(
    app: Flask, browser_of: Browser
) -> None:
    del app
    house = make_house(of_types=[ItemType.BLANK])
    planned, (one,) = make_prepared(house)
    writer = start(one)
    with unit_of_work():
        given = Answer(1, 1, {"blanks": ["技术开发", "成果转让"]}, review=False)
        sitting.save(writer, answers=[given], at=OPENS)
        sitting.submit(writer, at=OPENS)
    mark(house, planned)
    before, place = result_of(one).score, from_json(attempt_of(one).order)[0].position
    session.rollback()
    address = f"/exams/sessions/{planned.code}/markings"
    examiner = browser_of(house.examiner)

    wrong = submit(examiner, address, page=address, position=str(place), ruling="key", key="A", reason="更正")
    sent = submit(
        examiner,
        address,
        page=address,
        position=str(place),
        ruling="also",
        also="\n成果转让|技术让与",
        reason="同样正确",
    )
    jobs.work()
    run = f"/exams/runs/{sent.location.rsplit('/', 1)[1]}"
    shown = examiner.get(run).text
    submit(browser_of(house.examiner2), f"{run}/confirm", page=run)
    jobs.work()

    assert wrong.status_code == 422
    assert "技术让与" in shown
    assert result_of(one).score > before

"""A decided conversion reaches the results: before the release for everybody, after it by versions of two people."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from app.assessment.exams.models import Attempt, ExamSession, MarkingRun, Result, ScoreEquating
from app.assessment.exams.queries import equating as queries
from app.assessment.exams.queries import marking, pending
from app.assessment.exams.queries.corrections import correction
from app.assessment.exams.rules.rulings import Ruling
from app.assessment.exams.services import corrections, regrading
from app.assessment.exams.services import equating as services
from app.assessment.exams.services.subjects import of_run
from app.assessment.exams.states import EquatingState, LowerPolicy, Method, RunState, SessionState
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import timeline
from app.desk.queries import todos_of
from app.rulebook.models import RulePack
from tests.factories.accounts import Member
from tests.factories.equating import (
    AFTER,
    BASE,
    NEW,
    WHY,
    again,
    marked,
    open_papers,
    propose,
    propose_release,
    release_again,
    released,
    result_of,
    run_of,
    sat,
    settle,
    told,
)
from tests.factories.exams import House, attempt_of, make_house, release, said
from tests.integration.exams.conftest import Cost
from tests.submit import submit
from tests.worlds import built_once

Browser = Callable[[Member], FlaskClient]


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
@built_once
def base(house: House) -> ExamSession:
    return released(house)


@pytest.fixture
@built_once
def new(house: House, base: ExamSession) -> tuple[ExamSession, list[Member]]:
    """A marked session on another paper; its candidates know two items fewer each."""
    del base
    return marked(house, NEW)


def require(found: ExamSession) -> None:
    """Let the pack of a session ask for one scale."""
    pack = session.scalars(select(RulePack).where(RulePack.code == found.rule_pack)).one()
    (level,) = pack.params["levels"]
    params = {**pack.params, "levels": [{**level, "equating": {"required": True}}]}
    with unit_of_work():
        session.execute(update(RulePack).where(RulePack.id == pack.id).values(params=params))
    session.expire_all()


def test_scores_and_the_cut_are_those_of_the_reference_paper_once_two_people_have_decided(
    house: House, base: ExamSession, new: tuple[ExamSession, list[Member]], browser_of: Browser, cost: Cost
) -> None:
    found, trainees = new
    first, second, mine = (browser_of(one) for one in (house.examiner, house.examiner2, trainees[0]))
    address = f"/exams/sessions/{found.code}/equatings"
    fields = {"base": base.code, "weight": "0.5", "degree": "0", "method": "mean", "reason": WHY}

    answer = submit(first, address, page=address, **fields)
    jobs.work()
    made = session.scalars(select(ScoreEquating)).one()
    place = f"/exams/equatings/{made.code}"
    before = told(trainees)
    own = submit(first, f"{place}/decide", page="/home")
    shown = second.get(place).text
    submit(second, f"{place}/decide", page=place)
    jobs.work()

    assert answer.location == place
    assert before == [(score, score, float(score) >= 18) for score in ("10.00", "15.00", "20.00", "25.00")]
    assert own.status_code == 403
    assert (made.full_score, made.cut_score) == (Decimal(30), Decimal(18))
    assert "10.00" in shown
    assert said("Whose result changes") in shown
    assert "exams.regrade" not in [one.kind for one in todos_of(house.examiner2.actor)]
    assert told(trainees) == [
        ("10.00", "15.00", False),
        ("15.00", "20.00", True),
        ("20.00", "25.00", True),
        ("25.00", "30.00", True),
    ]
    (begun, now) = marking.versions_of(result_of(trainees[1]).id)
    assert (begun.raw_score, begun.equating_id, now.equating_id) == (None, None, made.id)
    assert (now.raw_score, now.raw_max) == (Decimal(15), Decimal(30))
    assert (now.proposed_by_id, now.confirmed_by_id) == (house.examiner.person.id, house.examiner2.person.id)
    assert next(one.kind for one in timeline(of_run(run_of(made)))) == "exams.equated"
    release_again(house, found)
    page = mine.get(f"/exams/mine/{attempt_of(trainees[0]).code}").text
    assert made.code in page
    assert page.index("10.00") < page.index(made.code)
    for opened in (place, address, f"/exams/sessions/{found.code}/results", f"/exams/runs/{run_of(made).code}"):
        assert cost(second, opened) <= 11, opened
    lines = submit(second, f"/exams/sessions/{found.code}/results/export", page="/home", format="csv").text
    assert lines.count(made.code) == len(trainees)


def test_a_pack_that_asks_for_one_scale_holds_the_release_until_it_is_decided(
    house: House, base: ExamSession, new: tuple[ExamSession, list[Member]], browser_of: Browser
) -> None:
    found, trainees = new
    assert pending.of_session(again(house, found)) == []
    require(found)

    (missing,) = pending.of_session(again(house, found))
    with pytest.raises(ConflictError):
        propose_release(house, found)
    assert missing.label == pending.EQUATED[0]
    assert browser_of(house.examiner).get(f"/exams/sessions/{found.code}").status_code == 200

    settle(house, propose(house, found, base), confirm=False)
    assert [one.count for one in pending.of_session(again(house, found))] == [1]
    settle(house, propose(house, found, base, services.Way(Method.IDENTITY, Decimal("0.5"), 0)))

    assert pending.of_session(again(house, found)) == []
    assert told(trainees)[1] == ("15.00", "15.00", False)
    assert result_of(trainees[1]).equating_id is not None
    assert pending.of_session(again(house, base)) == []
    release_again(house, found)
    assert again(house, found).state is SessionState.RELEASED


def test_after_the_release_a_conversion_is_a_new_version_and_takes_no_pass_away(
    house: House, browser_of: Browser
) -> None:
    """The reference was harder for its candidates: points would fall, and the pack lets the better result stay."""
    base, (found, trainees) = released(house, NEW), sat(house, BASE)
    release(house, found, at=AFTER)
    open_papers()
    made = propose(house, found, base)

    counts = marking.counts(run_of(made).id)
    assert run_of(made).lower_policy is LowerPolicy.HIGHER
    assert (counts.changed, counts.kept, counts.lower) == (4, 4, 0)
    assert (
        said("Would be worse, stay as they are")
        in browser_of(house.examiner2).get(f"/exams/equatings/{made.code}").text
    )
    settle(house, made)
    assert [one[1] for one in told(trainees)] == ["15.00", "20.00", "25.00", "30.00"]

    other = propose(house, found, base, services.Way(Method.IDENTITY, Decimal("0.5"), 0))
    settle(house, other)
    assert [result_of(one).equating_id for one in trainees] == [other.id] * 4
    assert [one.number for one in marking.versions_of(result_of(trainees[0]).id)] == [1, 2]
    assert "exams.result" in [one.kind for one in todos_of(trainees[0].actor)]


def test_what_changes_afterwards_stays_on_the_scale_and_an_older_conversion_is_decided_anew(
    house: House, base: ExamSession, new: tuple[ExamSession, list[Member]]
) -> None:
    found, trainees = new
    settle(house, propose(house, found, base))
    with unit_of_work():
        void = {12: Ruling(void=True)}
        run = regrading.propose(again(house, found), void, reason="第12题作废。", by=house.examiner.actor, at=AFTER)
    jobs.work()
    with unit_of_work():
        regrading.confirm(marking.run(run.code, house.examiner2.actor), by=house.examiner2.actor, at=AFTER)
    jobs.work()

    assert told(trainees)[0] == ("12.50", "17.50", False)
    assert told(trainees)[3] == ("27.50", "30.00", True), "no score lies beyond the scale"
    assert [one.count for one in pending.of_session(again(house, found))] == [1]
    settle(house, propose(house, found, base))
    assert pending.of_session(again(house, found)) == []

    first, second = house.examiner.actor, house.examiner2.actor
    with unit_of_work():
        opened = corrections.open_correction(loaded(trainees[0]), case_code="case-1", by=first, at=AFTER)
    full = {module: Decimal(part["max"]) for module, part in result_of(trainees[0]).by_module.items()}
    with unit_of_work():
        corrections.propose(correction(opened.code, first), full, by=first, at=AFTER)
    with unit_of_work():
        corrections.confirm(correction(opened.code, second), by=second, at=AFTER)
    last = marking.versions_of(result_of(trainees[0]).id)[-1]
    assert (last.raw_score, last.raw_max, last.score, last.max_score) == (Decimal(30),) * 4
    assert last.correction_id == opened.id


def loaded(member: Member) -> Result:
    """Return a result with its sitting and session, as a case has it."""
    whole = joinedload(Result.attempt).joinedload(Attempt.session)
    query = select(Result).options(whole).where(Result.attempt_id == attempt_of(member).id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def test_a_conversion_that_cannot_be_is_refused_where_it_is_typed(
    house: House, base: ExamSession, new: tuple[ExamSession, list[Member]], browser_of: Browser
) -> None:
    found, _trainees = new
    made = propose(house, found, base)
    first, second = browser_of(house.examiner), browser_of(house.examiner2)
    run = run_of(made)

    with pytest.raises(ConflictError):
        propose(house, found, base)
    with pytest.raises(InvalidError):
        propose(house, base, found)
    with pytest.raises(ConflictError), unit_of_work():
        regrading.confirm(marking.run(run.code, house.examiner2.actor), by=house.examiner2.actor, at=AFTER)
    held, mine = marking.run(run.code, house.examiner2.actor), queries.equating(made.code, house.examiner.actor)
    with pytest.raises(ConflictError), unit_of_work():
        regrading.send_back(held, reason="x", by=house.examiner2.actor, at=AFTER)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.settle(mine, confirm=True, by=house.examiner.actor, at=AFTER)
    assert said("Confirm the new marking") not in second.get(f"/exams/runs/{run.code}").text
    settle(house, made)
    assert run_of(made).state is RunState.APPLIED

    third = released(house, NEW)
    with pytest.raises(ConflictError):
        propose(house, base, third)
    address = f"/exams/sessions/{found.code}/equatings"
    assert first.get(address).status_code == 200
    settle(house, propose(house, third, base), confirm=False)
    kept = queries.equatings_of(third, house.examiner.actor)
    assert [one.state for one in kept] == [EquatingState.REJECTED]


def test_the_database_keeps_points_and_conversion_together_and_with_their_version(
    house: House, base: ExamSession, new: tuple[ExamSession, list[Member]]
) -> None:
    found, trainees = new
    made = propose(house, found, base)
    result = result_of(trainees[0])

    for values in (
        {"equating_id": made.id},
        {"raw_score": Decimal(1), "raw_max": Decimal(30), "equating_id": made.id},
        {"raw_score": Decimal(1)},
    ):
        with pytest.raises(ConflictError), unit_of_work():
            session.execute(update(Result).where(Result.id == result.id).values(**values))
    with pytest.raises(ConflictError, match="equates"), unit_of_work():
        session.execute(update(MarkingRun).where(MarkingRun.number == 1).values(equates=True))

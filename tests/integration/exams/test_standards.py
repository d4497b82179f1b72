"""A cut score is found by a drawn panel in rounds and decided by two people; scores are equated and decided by two."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.accounts.states import Role
from app.assessment.exams.models import Blueprint, ExamSession, Paper, ScoreEquating, StandardEstimate, StandardStudy
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import standards as queries
from app.assessment.exams.services import equating as equatings
from app.assessment.exams.services import sealing
from app.assessment.exams.services import standards as services
from app.assessment.exams.states import EquatingState, Method, StudyState
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.desk.queries import todos_of
from app.panels.models.draws import Panel
from app.panels.queries import draws
from app.panels.queries import pools as pool_queries
from tests.factories.accounts import Member, make_member
from tests.factories.exams import (
    CLOSES,
    ITEMS,
    NOW,
    House,
    make_frozen_paper,
    make_house,
    make_paper,
    make_prepared,
    release,
    start,
)
from tests.factories.panels import acting, draw, make_experts, make_office
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


def plan(house: House, paper: Paper) -> StandardStudy:
    with unit_of_work():
        found = papers_queries.paper(paper.code, house.examiner.actor)
        given = services.Study(found, None, pool_queries.pool_for("370000"), 2)
        return services.plan(found.blueprint, given, by=house.examiner.actor, at=NOW)


def make_study(house: House) -> tuple[StandardStudy, list[Member]]:
    """Plan a study on a draft paper, let two judges be drawn, and return them."""
    office = make_office()
    make_experts(office, 4)
    planned = plan(house, make_paper(house))
    panel = session.scalars(select(Panel)).one()
    draw(panel, office)
    return planned, [acting(seat.expert) for seat in draws.seated(panel.id)]


def again(study: StandardStudy, member: Member) -> StandardStudy:
    return queries.study(study.code, member.actor)


def give(study: StandardStudy, judge: Member, value: str) -> None:
    with unit_of_work():
        places = dict.fromkeys(range(1, ITEMS + 1), Decimal(value))
        services.estimate(again(study, judge), places, by=judge.actor, at=NOW)


def hold(study: StandardStudy, house: House, judges: list[Member], values: tuple[str, str]) -> None:
    """Hold a whole round."""
    with unit_of_work():
        services.open_round(again(study, house.examiner), by=house.examiner.actor, at=NOW)
    for judge, value in zip(judges, values, strict=True):
        give(study, judge, value)
    with unit_of_work():
        services.close_round(again(study, house.examiner), by=house.examiner.actor, at=NOW)


def test_an_examiner_asks_for_judges_and_nothing_opens_before_they_are_drawn(house: House, browser_of: Browser) -> None:
    office = make_office()
    paper = make_paper(house)
    address = f"/exams/blueprints/{paper.blueprint.code}/standard"
    browser = browser_of(house.examiner)

    answer = submit(browser, address, page=address, paper=paper.code, past="", field="", pool=office.pool.code, seats=3)

    study = session.scalars(select(StandardStudy)).one()
    assert answer.location == f"/exams/standards/{study.code}"
    assert browser.get(answer.location).status_code == 200
    assert study.code in browser.get("/exams/standards").text
    assert session.scalars(select(Panel)).one().seats == 3
    with pytest.raises(ConflictError), unit_of_work():
        services.open_round(again(study, house.examiner), by=house.examiner.actor, at=NOW)


def test_a_sealed_paper_is_not_put_before_judges(house: House) -> None:
    make_office()
    paper = make_frozen_paper(house)

    assert queries.readable_papers(paper.blueprint) == []
    with pytest.raises(ForbiddenError):
        plan(house, papers_queries.paper(paper.code, house.examiner.actor))


def test_a_judge_gives_estimates_once_a_round_and_sees_nobody_elses_before_it_closes(
    house: House, browser_of: Browser
) -> None:
    study, judges = make_study(house)
    address = f"/exams/standards/{study.code}"
    submit(browser_of(house.examiner), f"{address}/open", page=address)
    mine, other = browser_of(judges[0]), browser_of(judges[1])
    fields = {f"place-{place}": "61" for place in range(1, ITEMS + 1)}

    waiting = [todo.kind for todo in todos_of(judges[0].actor)]
    wrong = submit(mine, f"{address}/estimates", page=f"{address}/estimates", **{**fields, "place-3": "101"})
    done = submit(mine, f"{address}/estimates", page=f"{address}/estimates", **fields)

    assert "exams.estimate" in waiting
    assert wrong.status_code == 422
    assert 'value="101"' in wrong.text
    assert done.location == address
    assert "exams.estimate" not in [todo.kind for todo in todos_of(judges[0].actor)]
    assert session.scalar(select(func.count(StandardEstimate.id))) == ITEMS
    with pytest.raises(ConflictError):
        give(study, judges[0], "70")
    with pytest.raises(ConflictError), unit_of_work():
        services.close_round(again(study, house.examiner), by=house.examiner.actor, at=NOW)
    assert "18.30" not in re.sub('datetime="[^"]*"', "", other.get(address).text)


@pytest.mark.one_database
def test_strangers_judge_nothing_and_see_nothing(house: House, browser_of: Browser) -> None:
    study, _judges = make_study(house)
    stranger = make_member(Role.EXPERT)

    for page in ("", "/estimates"):
        assert browser_of(stranger).get(f"/exams/standards/{study.code}{page}").status_code == 404
    assert study.code not in browser_of(stranger).get("/exams/standards").text
    with pytest.raises(NotFoundError):
        queries.study(study.code, stranger.actor)
    with pytest.raises(ForbiddenError):
        services.judge_of(study, house.examiner.actor)


def test_two_rounds_then_two_people_decide_and_the_blueprint_is_drafted_anew(house: House, browser_of: Browser) -> None:
    study, judges = make_study(house)
    address = f"/exams/standards/{study.code}"
    hold(study, house, judges, ("60", "80"))
    with pytest.raises(ConflictError), unit_of_work():
        services.propose(again(study, house.examiner), Decimal(20), reason="x", by=house.examiner.actor, at=NOW)
    hold(study, house, judges, ("65", "75"))
    first, second = browser_of(house.examiner), browser_of(house.examiner2)

    shown = first.get(address).text
    empty = submit(first, f"{address}/propose", page=address, cut="21", reason="")
    submit(first, f"{address}/propose", page=address, cut="21", reason="两轮意见趋于一致。")
    own = submit(first, f"{address}/decide", page="/home")
    answer = submit(second, f"{address}/decide", page=address)

    assert shown.count("21.00") >= 2
    assert empty.status_code == 422
    assert own.status_code == 403
    latest = session.scalars(select(Blueprint).order_by(Blueprint.id.desc())).first()
    assert latest is not None
    assert answer.location == f"/exams/blueprints/{latest.code}"
    assert (latest.cut_score, latest.cells) == (Decimal(21), again(study, house.examiner).blueprint.cells)
    decided = again(study, house.examiner)
    assert (decided.state, decided.successor_id) == (StudyState.DECIDED, latest.id)
    assert todos_of(house.examiner2.actor)[0].kind != "exams.decide_cut"


def test_a_proposed_cut_sent_back_is_open_to_another_round(house: House) -> None:
    study, judges = make_study(house)
    hold(study, house, judges, ("60", "80"))
    hold(study, house, judges, ("65", "75"))
    with unit_of_work():
        services.propose(again(study, house.examiner), Decimal(5), reason="x", by=house.examiner.actor, at=NOW)
    with pytest.raises(InvalidError), unit_of_work():
        services.decide(again(study, house.examiner2), by=house.examiner2.actor, at=NOW)
    with unit_of_work():
        services.send_back(again(study, house.examiner2), reason="过低。", by=house.examiner2.actor, at=NOW)

    hold(study, house, judges, ("68", "72"))

    assert again(study, house.examiner).round == 3


def test_the_database_refuses_a_cut_decided_by_one_person(house: House) -> None:
    study, judges = make_study(house)
    hold(study, house, judges, ("60", "80"))
    hold(study, house, judges, ("65", "75"))
    with unit_of_work():
        services.propose(again(study, house.examiner), Decimal(21), reason="x", by=house.examiner.actor, at=NOW)

    with pytest.raises(ConflictError, match="two_people"), unit_of_work():
        session.execute(
            update(StandardStudy).values(
                state="decided", decided_by_id=house.examiner.person.id, decided_at=NOW, successor_id=study.blueprint_id
            )
        )


def released(house: House) -> ExamSession:
    planned, trainees = make_prepared(house, candidates=3)
    for trainee in trainees:
        start(trainee)
    release(house, planned, at=CLOSES + timedelta(minutes=1))
    with unit_of_work():
        sealing.open_due(at=CLOSES)
    return sessions_queries.exam_session(planned.code, house.examiner.actor)


def test_scores_are_equated_by_one_examiner_and_decided_by_another(house: House, browser_of: Browser) -> None:
    new, base = released(house), released(house)
    address = f"/exams/sessions/{new.code}/equatings"
    first, second = browser_of(house.examiner), browser_of(house.examiner2)
    fields = {"base": base.code, "weight": "0.5", "degree": "0", "reason": "两场试卷难度不同。"}

    flat = submit(first, address, page=address, method="linear", **fields)
    few = submit(first, address, page=address, method="mean", **{**fields, "reason": ""})
    answer = submit(first, address, page=address, method="mean", **fields)
    jobs.work()

    made = session.scalars(select(ScoreEquating)).one()
    place = f"/exams/equatings/{made.code}"
    assert (flat.status_code, few.status_code) == (422, 422)
    assert answer.location == place
    assert made.table[0] == ["0.00", "0.00"]
    assert made.table[-1] == ["30.00", "30.00"]
    assert made.table[1][0] == "2.50"
    assert "exams.decide_equating" in [todo.kind for todo in todos_of(house.examiner2.actor)]
    assert submit(first, f"{place}/decide", page="/home").status_code == 403
    assert first.get(place).status_code == 200
    submit(second, f"{place}/decide", page=place)
    kept = session.scalars(select(ScoreEquating).execution_options(populate_existing=True)).one()
    assert (kept.state, kept.decided_by_id) == (EquatingState.DECIDED, house.examiner2.person.id)


def test_a_session_is_not_equated_to_itself_nor_without_common_items(house: House) -> None:
    new = released(house)
    way = equatings.Way(Method.TUCKER, Decimal("0.5"), 0)

    with pytest.raises(InvalidError), unit_of_work():
        equatings.propose(new, new, way, reason="x", by=house.examiner.actor, at=NOW)

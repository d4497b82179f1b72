"""What an expert may take part in again, once the office found that their declaration by name meant another person."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.titles import queries
from app.assessment.titles.models import TitleApplication
from app.ballots import services as ballots
from app.ballots.queries import turnout_of
from app.ballots.services.subjects import subject as of_ballot
from app.ballots.states import BallotState, Choice
from app.cases.services import Relative
from app.cases.states import Relation
from app.core.db import session, unit_of_work
from app.core.events import Event, Subject
from app.desk.models import Todo
from app.panels.models.draws import Panel
from app.panels.models.pools import PoolExpert
from app.panels.queries import draws, meetings, scope
from app.panels.rules.document import read_draw, recompute
from app.panels.services import scoring
from app.panels.services.subjects import of_panel
from app.panels.states import SeatState
from tests.factories import ballots as making
from tests.factories.accounts import SHANDONG, Member, make_member
from tests.factories.desk import expected, waiting
from tests.factories.panels import acting, draw, fresh, make_experts, publish, publish_pack
from tests.factories.titles import AT, MET_AT, Scene, call_vote, hold_meeting, make_accepted, make_applicant, make_open
from tests.integration.titles.test_declared_relations import declare, draw_published, found, planned, to
from tests.submit import submit

BrowserOf = Callable[[Member], FlaskClient]
KIN = Relation.KINSHIP
BALLOT_OPEN = "投票已经开始"


def by_name(expert: PoolExpert, applicant: Member) -> None:
    """Let an expert declare kinship to somebody by the name alone."""
    declare(expert, Relative(KIN, applicant.person.name))


def find(scene: Scene, browser_of: BrowserOf, expert: PoolExpert, said: str = "no") -> str:
    """Let the office say on the page that the to-do names whether it is the same person; return the page."""
    query = select(Todo.url).where(Todo.kind == "panels.settle", Todo.closed_at.is_(None))
    page = session.scalars(query.order_by(Todo.id)).all()[0]
    assert (
        submit(browser_of(scene.office.secretary), f"{page}/settle", page=page, **found(said, expert)).location == page
    )
    assert expected() == waiting()
    return browser_of(scene.office.secretary).get(page).text


def told(about: Subject) -> list[str]:
    query = select(Event.kind).where(Event.subject_type == about.type, Event.subject_code == about.code)
    return list(session.scalars(query.order_by(Event.id)))


def seats(panel: Panel) -> dict[int, SeatState]:
    return {one.expert_id: one.state for one in draws.seats(fresh(panel))}


def seated(panel: Panel) -> list[PoolExpert]:
    return [one.expert for one in draws.seated(panel.id)]


def recomputes(panel: Panel) -> None:
    assert all(check.equal for check in recompute(read_draw(draws.document(fresh(panel)))))


@pytest.fixture
def scene(app: Flask, at_time: Callable[[datetime], None]) -> Scene:
    del app
    at_time(AT)
    return make_open()


@pytest.fixture
def applied(scene: Scene) -> tuple[Member, TitleApplication]:
    applicant = make_applicant()
    return applicant, make_accepted(scene, applicant)


def test_a_vote_that_is_called_but_not_open_gets_its_voter_back(
    scene: Scene, applied: tuple[Member, TitleApplication], browser_of: BrowserOf
) -> None:
    applicant, _one = applied
    expert = scene.experts[2]
    by_name(expert, applicant)
    hold_meeting(scene)
    house = making.make_ready(call_vote(scene))
    about = of_ballot(house.ballot)
    voter = browser_of(acting(expert))
    assert house.voter(acting(expert)).open_questions == 0
    assert applicant.person.name not in voter.get(f"/ballots/{house.ballot.code}").text

    page = find(scene, browser_of, expert)

    assert "可以在已发起的投票中对本事项投票" in page
    assert "ballots.readmitted" in told(about)
    assert house.voter(acting(expert)).open_questions == 1
    assert applicant.person.name in voter.get(f"/ballots/{house.ballot.code}").text
    with unit_of_work():
        ends = MET_AT + timedelta(hours=1)
        ballots.open_vote(house.fresh(), closes_at=ends, by=house.chair.actor, at=MET_AT)
    making.cast(house, acting(expert), Choice.APPROVE, at=MET_AT)
    assert turnout_of(house.fresh()).voted == 1


def test_a_vote_whose_key_is_not_made_yet_gets_its_voter_back_in_this_one_matter(
    scene: Scene, applied: tuple[Member, TitleApplication], browser_of: BrowserOf
) -> None:
    applicant, _one = applied
    second = make_applicant()
    make_accepted(scene, second)
    expert = scene.experts[1]
    by_name(expert, applicant)
    hold_meeting(scene)
    house = call_vote(scene)
    declare(expert, to(second), Relative(KIN, applicant.person.name), at=MET_AT)
    assert house.voter(acting(expert)).open_questions == 0

    find(scene, browser_of, expert)

    assert house.voter(acting(expert)).open_questions == 1, "the other declaration names a number"


def test_an_open_vote_stays_as_it_is_and_its_chair_may_call_it_off(
    scene: Scene, applied: tuple[Member, TitleApplication], browser_of: BrowserOf
) -> None:
    applicant, one = applied
    expert = scene.experts[2]
    by_name(expert, applicant)
    meeting = hold_meeting(scene)
    house = making.make_ready(call_vote(scene))
    with unit_of_work():
        ends = MET_AT + timedelta(hours=1)
        ballots.open_vote(house.fresh(), closes_at=ends, by=house.chair.actor, at=MET_AT)

    page = find(scene, browser_of, expert)

    assert BALLOT_OPEN in page
    assert "前往投票页面终止投票" not in page, "the office does not end a ballot that can go on"
    assert house.voter(acting(expert)).open_questions == 0
    assert "ballots.recusal_stands" in told(of_ballot(house.ballot))
    (item,) = meetings.all_items(meeting.id)
    office = scene.office
    chair = browser_of(make_member(Role.CHAIR, SHANDONG, office.organisation, person=scene.experts[0].person))
    shown = chair.get(f"/meetings/{meeting.code}/items/{item.code}").text
    assert f"/ballots/{house.ballot.code}" in shown
    assert "前往投票页面终止投票" in shown
    ballot = f"/ballots/{house.ballot.code}"
    assert submit(chair, f"{ballot}/call-off", page=ballot, reason="一名委员被误列为回避。").status_code == 302
    assert house.fresh().state is BallotState.CALLED_OFF
    assert not scope.recused(expert.person_id, queries.subject(one))
    anew = call_vote(scene, at=MET_AT + timedelta(minutes=5))
    assert anew.voter(acting(expert)).open_questions == 1


def test_the_result_of_a_vote_stands(
    scene: Scene, applied: tuple[Member, TitleApplication], browser_of: BrowserOf
) -> None:
    applicant, _one = applied
    expert = scene.experts[2]
    by_name(expert, applicant)
    hold_meeting(scene)
    house = making.make_ready(call_vote(scene))
    with unit_of_work():
        ends = MET_AT + timedelta(hours=1)
        ballots.open_vote(house.fresh(), closes_at=ends, by=house.chair.actor, at=MET_AT)
    for member in house.voters[:2]:
        making.cast(house, member, Choice.APPROVE, at=MET_AT)
    with unit_of_work():
        ballots.close_vote(house.fresh(), by=house.chair.actor, at=MET_AT + timedelta(minutes=5))
    (before,) = [(one.verdict, one.attending) for one in house.fresh().questions]

    page = find(scene, browser_of, expert)

    assert "投票结果不变" in page
    assert house.fresh().state is BallotState.DECIDED
    assert [(one.verdict, one.attending) for one in house.fresh().questions] == [before]
    assert "ballots.readmitted" not in told(of_ballot(house.ballot))


def test_the_same_person_has_no_vote_as_before(
    scene: Scene, applied: tuple[Member, TitleApplication], browser_of: BrowserOf
) -> None:
    applicant, one = applied
    expert = scene.experts[2]
    by_name(expert, applicant)
    hold_meeting(scene)
    house = making.make_ready(call_vote(scene))

    find(scene, browser_of, expert, "yes")

    assert house.voter(acting(expert)).open_questions == 0
    assert scope.recused(expert.person_id, queries.subject(one))
    assert not {"ballots.readmitted", "ballots.recusal_stands"} & set(told(of_ballot(house.ballot)))


def test_a_seat_that_stands_empty_is_taken_again(
    scene: Scene, applied: tuple[Member, TitleApplication], browser_of: BrowserOf
) -> None:
    applicant, one = applied
    panel = draw(planned(scene, one.code, seats=3), scene.office)
    expert = seated(panel)[0]
    by_name(expert, applicant)
    assert len(seated(panel)) == 2, "no substitute is left"
    assert browser_of(acting(expert)).get(f"/panels/{panel.code}").status_code == 404

    page = find(scene, browser_of, expert)

    assert "现为专家组成员" in page
    assert seats(panel)[expert.id] is SeatState.SEATED
    assert told(of_panel(panel))[-1] == "panels.came_back"
    assert browser_of(acting(expert)).get(f"/panels/{panel.code}").status_code == 200
    recomputes(panel)


def test_a_seat_that_a_substitute_took_stays_theirs_and_the_expert_is_the_next(
    scene: Scene, applied: tuple[Member, TitleApplication], browser_of: BrowserOf
) -> None:
    applicant, one = applied
    panel = draw(planned(scene, one.code, seats=1), scene.office)
    (expert,) = seated(panel)
    by_name(expert, applicant)
    (instead,) = seated(panel)

    page = find(scene, browser_of, expert)

    assert "已入座的专家保留席位" in page
    assert seats(panel)[expert.id] is SeatState.SUBSTITUTE
    assert seated(panel) == [instead]
    recomputes(panel)
    declare(instead, to(applicant), at=AT + timedelta(days=1))
    assert seated(panel) == [expert], "the first of the order"
    recomputes(panel)
    declare(expert, to(applicant), at=AT + timedelta(days=2))
    assert seats(panel)[expert.id] is SeatState.RECUSED
    recomputes(panel)
    kept = read_draw(draws.document(fresh(panel)))
    back = kept.recusals[1].model_copy(update={"seated": [instead.code]})
    forged = kept.model_copy(update={"recusals": [kept.recusals[0], back, *kept.recusals[2:]]})
    assert [check.name for check in recompute(forged) if not check.equal] == ["replacements"]


def test_a_panel_that_scores_stays_as_it_is(
    scene: Scene, applied: tuple[Member, TitleApplication], browser_of: BrowserOf
) -> None:
    publish_pack("rubric-title-sample")
    applicant, one = applied
    panel = draw(planned(scene, one.code, seats=1), scene.office)
    (expert,) = seated(panel)
    by_name(expert, applicant)
    with unit_of_work():
        scoring.open_round(fresh(panel), purpose="title", by=scene.office.secretary.actor, at=AT)

    page = find(scene, browser_of, expert)

    assert "评分已经开始" in page
    assert seats(panel)[expert.id] is SeatState.RECUSED
    assert "panels.came_back" not in told(of_panel(panel))


def test_a_published_population_stays_as_it_is_and_a_planned_one_takes_the_expert(
    scene: Scene, applied: tuple[Member, TitleApplication], browser_of: BrowserOf
) -> None:
    applicant, one = applied
    make_experts(scene.office, 1)
    first, second = scene.experts[:2]
    by_name(first, applicant)
    by_name(second, applicant)
    panel = planned(scene, one.code, seats=1)

    assert "可与库内其他专家一样被抽取" in find(scene, browser_of, first)

    publish(panel, scene.office)
    codes = {code for code, _unit, _region in fresh(panel).population}
    assert first.code in codes
    assert second.code not in codes
    assert "公布的专家名单不含此人" in find(scene, browser_of, second)
    draw_published(panel, scene)
    assert second.id not in seats(panel)
    recomputes(panel)

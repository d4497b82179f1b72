"""Who comes to the meeting or leaves it counts so in the ballot at once: for the quorum, the vote and the minutes."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from app.ballots import queries as records
from app.ballots import services as ballots
from app.ballots.queries.counting import turnouts
from app.ballots.states import Choice
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event
from app.panels.minutes import minutes_html
from app.panels.models.pools import Committee, PoolExpert
from app.panels.queries import meetings
from app.panels.services import committees
from app.panels.services import meetings as meeting_services
from tests.factories import ballots as making
from tests.factories.accounts import Member
from tests.factories.cases import restrict
from tests.factories.panels import acting
from tests.factories.titles import MET_AT, Scene, call_vote, hold_meeting, make_accepted, make_applicant
from tests.integration.titles.test_late_recusal import make_round

LATER = MET_AT + timedelta(minutes=1)
YES = Choice.APPROVE


@pytest.fixture(name="scene")
def _scene(app: object) -> Scene:
    del app
    scene = make_round()
    make_accepted(scene, make_applicant())
    hold_meeting(scene)
    return scene


def go(scene: Scene, expert: PoolExpert, *, entering: bool, at: datetime = LATER) -> None:
    actor = acting(expert).actor
    with unit_of_work():
        member = meetings.membership(scene.meeting, actor)
        assert member
        meeting_services.attend(scene.meeting, member, entering=entering, by=actor, at=at)


def leave_and_fail(scene: Scene) -> None:
    actor = acting(scene.experts[4]).actor
    with unit_of_work():
        member = meetings.membership(scene.meeting, actor)
        assert member
        meeting_services.attend(scene.meeting, member, entering=False, by=actor, at=LATER)
        raise RuntimeError


def open_vote(house: making.House) -> making.House:
    making.make_ready(house)
    with unit_of_work():
        ends = MET_AT + timedelta(hours=1)
        ballots.open_vote(house.fresh(), closes_at=ends, by=house.chair.actor, at=MET_AT)
    return house


def test_whoever_leaves_no_longer_counts_for_the_quorum_until_they_are_back(scene: Scene) -> None:
    house = open_vote(call_vote(scene))
    for expert in scene.experts[3:]:
        go(scene, expert, entering=False)

    with pytest.raises(ConflictError) as refused:
        making.cast(house, house.chair, YES, at=LATER)
    assert refused.value.code == "quorum"
    told = session.query(Event).filter_by(kind="ballots.attendance").order_by(Event.id).all()
    assert [one.data["attending"] for one in told] == [4, 3]

    go(scene, scene.experts[3], entering=True, at=LATER + timedelta(minutes=1))
    assert making.cast(house, house.chair, YES, at=LATER).sequence == 1


def test_a_member_who_is_absent_at_the_call_votes_once_they_come(scene: Scene) -> None:
    late = scene.experts[4]
    go(scene, late, entering=False)
    house = open_vote(call_vote(scene))
    member = acting(late)
    assert records.turnout_of(house.fresh())[:2] == (5, 4)
    with pytest.raises(ConflictError) as refused:
        making.cast(house, member, YES, at=LATER)
    assert refused.value.code == "absent"

    go(scene, late, entering=True, at=LATER + timedelta(minutes=1))

    assert making.cast(house, member, YES, at=LATER).sequence == 1


def test_an_act_that_fails_leaves_meeting_and_ballot_as_they_were(scene: Scene) -> None:
    house = call_vote(scene)
    with pytest.raises(RuntimeError):
        leave_and_fail(scene)

    assert records.turnout_of(house.fresh()).attending == 5
    assert meetings.quorum(scene.meeting, meetings.attendance(scene.meeting.id)).present == 5


def test_a_member_present_who_may_not_serve_is_named_when_the_ballot_is_called(scene: Scene) -> None:
    barred = scene.experts[3]
    restrict("panels.serve", barred.person, starts_on=MET_AT.date(), at=MET_AT - timedelta(days=1))
    with pytest.raises(ForbiddenError, match=barred.person.name):
        call_vote(scene)

    go(scene, barred, entering=False)

    assert call_vote(scene).ballot.committee_size == 5


def test_the_minutes_say_who_was_represented_and_not_how(scene: Scene) -> None:
    making.make_pack(proxy="true", code='"ballot-rules-proxies"', starts_on="2026-01-01")
    absent = scene.experts[4]
    go(scene, absent, entering=False)
    house = open_vote(call_vote(scene))
    assert "委托投票" not in minutes_html(scene.meeting, draft=True)
    making.appoint(house, acting(absent), house.chair)
    holder = house.voter(acting(absent))
    vote = ballots.read(house.fresh(), holder, making.vote_text(house, acting(absent), YES))
    with unit_of_work():
        ballots.cast(house.fresh(), holder, vote=vote, by=house.chair.actor, at=LATER)

    shown = minutes_html(scene.meeting, draft=True)

    assert f"{absent.person.name}委托{house.chair.person.name}投票" in shown


def remaining(scene: Scene, *experts: PoolExpert) -> None:
    """Let the office prepare a new filing of the committee with fewer members."""
    by = scene.office.secretary.actor
    with unit_of_work():
        committee = session.get_one(Committee, scene.committee.id, populate_existing=True)
        committees.renew(committee, by=by, at=LATER)
        committees.set_members(committee, list(experts), chair=experts[0], by=by, at=LATER)


@pytest.mark.parametrize("leaving", ["the meeting", "the committee"])
def test_the_counts_are_those_of_the_closing_whoever_leaves_before_the_tally_is_open(
    scene: Scene, leaving: str
) -> None:
    house = open_vote(call_vote(scene))
    for member in house.voters[:4]:
        making.cast(house, member, YES, at=LATER)
    go(scene, scene.experts[4], entering=False)
    with unit_of_work():
        ballots.close_vote(house.fresh(), by=house.chair.actor, at=LATER)
    before = turnouts(house.fresh())

    if leaving == "the meeting":
        for expert in scene.experts[2:4]:
            go(scene, expert, entering=False, at=LATER + timedelta(minutes=1))
    else:
        remaining(scene, *scene.experts[:2], scene.experts[4])
    making.open_tally(house, 1, 2)

    assert turnouts(house.fresh()) == before
    (question,) = house.fresh().questions
    assert (question.attending, question.approve, question.passed) == (4, 4, True)
    assert house.fresh().committee_size == 5
    (item,) = meetings.all_items(scene.meeting.id)
    assert item.result == {"yes": 4, "no": 0, "abstain": 0, "passed": True, "present": 4, "free": 4}
    shown = minutes_html(scene.meeting, draft=True)
    assert "应到5人" in shown
    assert "出席5人" in shown, "everybody who was in the room at any time"
    assert all(one.person.name in shown for one in scene.experts)


def test_whoever_is_recused_from_one_case_still_attends_the_meeting(scene: Scene) -> None:
    """Four of five must attend and three are free to vote: the ballot decides, and the minutes take its counts over."""
    (item,) = meetings.all_items(scene.meeting.id)
    with unit_of_work():
        for expert in scene.experts[3:]:
            meeting_services.recuse_from_item(
                item, expert.person, reason="同一单位", by=scene.office.secretary.actor, at=MET_AT
            )
    house = open_vote(call_vote(scene))
    for member in house.voters[:3]:
        making.cast(house, member, YES, at=LATER)
    with unit_of_work():
        ballots.close_vote(house.fresh(), by=house.chair.actor, at=LATER)
    making.open_tally(house, 1, 2)

    assert [one.passed for one in house.fresh().questions] == [True]
    (item,) = meetings.all_items(scene.meeting.id)
    assert item.result == {"yes": 3, "no": 0, "abstain": 0, "passed": True, "present": 5, "free": 3}
    assert "出席5人，其中可表决3人" in minutes_html(scene.meeting, draft=True)


def test_the_meeting_is_closed_once_its_ballot_is_counted_or_called_off(
    scene: Scene, browser_of: Callable[[Member], FlaskClient]
) -> None:
    house = open_vote(call_vote(scene))
    for member in house.voters[:3]:
        making.cast(house, member, YES, at=LATER)
    with unit_of_work():
        ballots.close_vote(house.fresh(), by=house.chair.actor, at=LATER)
    office, page = browser_of(scene.office.secretary), f"/meetings/{scene.meeting.code}"

    assert office.post(f"{page}/steps/close").status_code == 409
    assert f"{page}/steps/close" not in office.get(page).text
    with unit_of_work():
        ballots.call_off(house.fresh(), reason="计票无法进行。", by=house.chair.actor, at=LATER)
    assert f"{page}/steps/close" in office.get(page).text
    assert office.post(f"{page}/steps/close").status_code == 302

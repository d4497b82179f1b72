"""Who comes to the meeting or leaves it counts so in the ballot at once: for the quorum, the vote and the minutes."""

from datetime import datetime, timedelta

import pytest

from app.ballots import queries as records
from app.ballots import services as ballots
from app.ballots.states import Choice
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event
from app.panels.minutes import minutes_html
from app.panels.models.pools import PoolExpert
from app.panels.queries import meetings
from app.panels.services import meetings as meeting_services
from tests.factories import ballots as making
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
    restrict("panels.serve", barred.person)
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

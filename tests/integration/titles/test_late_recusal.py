"""A recusal recorded after the secret ballot was called reaches it, or waits until a vote that stands is called off."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.states import Role
from app.assessment.titles import queries, services
from app.assessment.titles.models import TitleApplication
from app.ballots import services as ballots
from app.ballots.queries import records
from app.ballots.queries.counting import turnouts
from app.ballots.states import BallotState, Choice
from app.core.db import unit_of_work
from app.core.errors import ConflictError
from app.panels.queries import meetings, scope
from app.panels.services import meetings as meeting_services
from tests.factories import ballots as making
from tests.factories.accounts import SHANDONG, Member, make_member
from tests.factories.panels import acting
from tests.factories.titles import (
    AT,
    MET_AT,
    Scene,
    call_vote,
    hold_meeting,
    make_accepted,
    make_applicant,
    make_scene,
    propose,
)
from tests.worlds import built_once

BrowserOf = Callable[[Member], FlaskClient]
YES = Choice.APPROVE


@pytest.fixture(name="scene")
def _scene(app: Flask) -> Scene:
    del app
    return make_round()


@built_once
def make_round() -> Scene:
    """Make an open round before a committee of five."""
    scene = make_scene(5)
    propose(scene)
    with unit_of_work():
        services.confirm_round(scene.round, by=scene.regulator.actor, at=AT)
    return scene


def voting(scene: Scene) -> making.House:
    """Hold the meeting, call the ballot, make its key and open the vote."""
    hold_meeting(scene)
    house = making.make_ready(call_vote(scene))
    with unit_of_work():
        ends = MET_AT + timedelta(hours=1)
        ballots.open_vote(house.fresh(), closes_at=ends, by=house.chair.actor, at=MET_AT)
    return house


def item(scene: Scene, one: TitleApplication) -> str:
    """Return the address of an application on the agenda."""
    listed = meetings.all_items(scene.meeting.id)
    code = next(row.code for row in listed if row.subject == queries.subject(one))
    return f"/meetings/{scene.meeting.code}/items/{code}"


def test_the_question_is_gone_for_the_voter_in_every_role_and_the_vote_on_the_rest_counts(
    scene: Scene, browser_of: BrowserOf
) -> None:
    who = make_applicant()
    one, other = make_accepted(scene, who), make_accepted(scene, make_applicant())
    house, expert = voting(scene), scene.experts[3]
    voter = acting(expert)
    watcher = make_member(Role.SUPERVISOR, SHANDONG, person=expert.person)
    question = next(row for row in house.fresh().questions if row.reference == one.code)
    address = f"/ballots/{house.ballot.code}"
    early = ballots.read(house.fresh(), house.voter(voter), making.vote_text(house, voter, YES))
    asked = {"recuse-member": expert.code, "recuse-reason": "师生"}
    for role in (voter, watcher):
        assert question.title_zh in browser_of(role).get(address).text

    assert browser_of(scene.office.secretary).post(f"{item(scene, one)}/recuse", data=asked).status_code == 302

    for role in (voter, watcher):
        browser = browser_of(role)
        unknown = browser.get(f"{address}/questions/nothing")
        hidden = browser.get(f"{address}/questions/{question.code}")
        assert (hidden.status_code, hidden.text) == (404, unknown.text.replace("nothing", question.code))
        assert question.title_zh not in browser.get(address).text
    with pytest.raises(ConflictError, match="刷新页面"), unit_of_work():
        ballots.cast(house.fresh(), house.voter(voter), vote=early, by=voter.actor, at=MET_AT)
    assert [row.reference for row in records.questions_for(house.fresh(), house.voter(voter))] == [other.code]
    for member in house.voters:
        making.cast(house, member, YES, at=MET_AT)
    making.close(house, MET_AT)
    facts = {row.reference: turnouts(house.fresh())[row.code] for row in house.fresh().questions}
    assert (facts[one.code].attending, facts[one.code].votes) == (4, 4)
    assert (facts[other.code].attending, facts[other.code].votes) == (5, 5)


@pytest.mark.parametrize("closed", [False, True])
def test_a_vote_that_stands_is_called_off_before_its_voter_is_recused(
    scene: Scene, browser_of: BrowserOf, *, closed: bool
) -> None:
    one = make_accepted(scene, make_applicant())
    house, voter = voting(scene), acting(scene.experts[3])
    for member in house.voters[:3] if closed else [voter]:
        making.cast(house, member, YES, at=MET_AT)
    if closed:
        making.close(house, MET_AT)
    browser, address = browser_of(voter), f"{item(scene, one)}/declare"

    refused = browser.post(address, data={"reason": "与申请人为亲属"})
    english = browser.post(address, data={"reason": "x"}, headers={"Accept-Language": "en"})

    assert (refused.status_code, english.status_code) == (409, 409)
    assert "请主任先终止投票" in refused.text
    assert "与申请人为亲属" in refused.text
    assert "The chair calls the ballot off" in english.text
    assert not scope.recused(voter.person.id, queries.subject(one))
    with unit_of_work():
        ballots.call_off(house.fresh(), reason="成员须回避", by=house.chair.actor, at=MET_AT)
    assert browser.post(address, data={"reason": "亲属"}).status_code == 302
    again = call_vote(scene, at=MET_AT + timedelta(minutes=1))
    assert again.ballot.id != house.ballot.id
    assert again.voter(voter).open_questions == 0
    assert records.visible_questions(house.fresh(), voter.actor) == []


def test_who_is_recused_from_the_only_question_has_nothing_to_vote_on_any_more(
    scene: Scene, browser_of: BrowserOf
) -> None:
    one = make_accepted(scene, make_applicant())
    house, voter = voting(scene), acting(scene.experts[3])
    browser = browser_of(voter)
    assert browser.get(f"/ballots/{house.ballot.code}").status_code == 200

    assert browser.post(f"{item(scene, one)}/declare", data={"reason": "亲属"}).status_code == 302

    assert browser.get(f"/ballots/{house.ballot.code}").status_code == 404
    assert browser.get(f"/ballots/{house.ballot.code}/vote").status_code == 404
    assert f"/ballots/{house.ballot.code}" not in browser.get("/inbox").text
    assert house.fresh().state is BallotState.OPEN


def test_nobody_is_recused_once_the_meeting_is_closed(scene: Scene, browser_of: BrowserOf) -> None:
    one = make_accepted(scene, make_applicant())
    hold_meeting(scene)
    expert = scene.experts[3]
    with unit_of_work():
        meeting_services.close_meeting(scene.meeting, by=scene.office.secretary.actor, at=MET_AT)
    asked = {"recuse-member": expert.code, "recuse-reason": "师生"}

    refused = browser_of(scene.office.secretary).post(f"{item(scene, one)}/recuse", data=asked)

    assert refused.status_code == 409
    assert "会议已结束" in refused.text
    assert browser_of(acting(expert)).post(f"{item(scene, one)}/declare", data={"reason": "x"}).status_code == 409
    assert not scope.recused(expert.person_id, queries.subject(one))

"""Who is told what by notices of cases, committees and ballots."""

from collections.abc import Callable

from flask import Flask

from app.accounts.states import Role
from app.core import clock
from app.desk.queries import notices
from tests.factories import ballots as voting
from tests.factories.accounts import Member, make_member
from tests.factories.cases import (
    NOW,
    accepted,
    make_clocks,
    make_complaint,
    make_objection,
    make_officer,
    make_publicity,
)
from tests.factories.panels import acting
from tests.factories.titles import MET_AT, hold_meeting, make_accepted, make_applicant, make_open

RunJobs = Callable[[], int]
AtTime = Callable[[object], None]


def told(member: Member) -> list[str]:
    return [line.text for line in notices.notices(member.actor, on=clock.today()).rows]


def test_the_author_hears_that_a_notice_came_but_no_notice_names_a_protected_one(
    app: Flask, at_time: AtTime, run_jobs: RunJobs
) -> None:
    del app
    at_time(NOW)
    make_clocks()
    author, protected, officer = make_member(Role.TRAINEE), make_member(Role.TRAINEE), make_officer()
    accepted(make_complaint(author.actor), officer)
    accepted(make_objection(make_publicity(), protected.actor), officer)

    run_jobs()

    assert [text for text in told(author) if text.startswith("案件有新的通知")] == told(author)
    assert len(told(author)) == 1
    assert told(protected) == []
    assert told(officer) == []


def test_members_hear_that_their_committee_is_called(app: Flask, at_time: AtTime, run_jobs: RunJobs) -> None:
    del app
    at_time(MET_AT)
    scene = make_open()
    one = make_accepted(scene, make_applicant())

    hold_meeting(scene)
    run_jobs()

    for expert in scene.experts:
        texts = told(acting(expert))
        assert len([text for text in texts if scene.round.name_zh in text]) == 1
        assert not [text for text in texts if one.person.name in text]


def test_voters_hear_that_the_vote_is_open_unless_they_may_vote_on_nothing(
    app: Flask, at_time: AtTime, run_jobs: RunJobs
) -> None:
    del app
    at_time(voting.OPENS)
    barred = frozenset({"application-1"})
    house = voting.make_open(experts=4, titles=("甲同志",), recused={3: barred})

    run_jobs()

    assert [len(told(one)) for one in house.voters] == [0, 1, 1, 1, 0]  # the chair opened it
    assert "甲同志" not in told(house.voters[1])[0]


def test_a_proxy_hears_that_somebody_named_them(app: Flask, at_time: AtTime, run_jobs: RunJobs) -> None:
    del app
    at_time(voting.OPENS)
    house = voting.make_open(experts=3, pack=voting.make_pack(proxy="true"))
    absent, proxy = house.experts[2], house.experts[1]
    voting.attend(house, *house.voters[:3])

    voting.appoint(house, absent, proxy)
    run_jobs()

    assert len([text for text in told(proxy) if "委托您投票" in text]) == 1
    assert not [text for text in told(house.chair) if "委托您投票" in text]

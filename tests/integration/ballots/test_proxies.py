"""Attendance follows the meeting; an absent voter is represented where the pack allows it, on what both may vote on."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.ballots import queries, services
from app.ballots.models import BallotVote
from app.ballots.rules.bulletin import verify
from app.ballots.states import Choice
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError, NotFoundError
from app.core.events import Event
from tests.factories import ballots as make
from tests.factories.accounts import SHANDONG, Member, make_member
from tests.factories.desk import waiting
from tests.submit import submit

BrowserOf = Callable[[Member], FlaskClient]
AtTime = Callable[[datetime], None]
YES, NO = Choice.APPROVE, Choice.OBJECT
FIRST, SECOND = frozenset({"application-1"}), frozenset({"application-2"})
LEFT = make.OPENS + timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("app")


def url(house: make.House, page: str = "") -> str:
    return f"/ballots/{house.ballot.code}{page}"


def make_absent(recused: dict[int, frozenset[str]] | None = None, experts: int = 4) -> tuple[make.House, Member]:
    """Open a vote under a pack that allows proxies, where all but the last expert attend."""
    house = make.make_open(experts=experts, pack=make.make_pack(proxy="true"), recused=recused)
    make.attend(house, *house.voters[:-1])
    return house, house.voters[-1]


def cast_for(house: make.House, voter: Member, by: Member, choice: Choice = YES, text: str | None = None) -> BallotVote:
    found, holder = house.fresh(), house.voter(voter)
    vote = services.read(found, holder, text or make.vote_text(house, voter, choice))
    with unit_of_work():
        return services.cast(found, holder, vote=vote, by=by.actor, at=make.OPENS)


def references(house: make.House, voter: Member) -> list[str]:
    return [one.reference for one in queries.questions_for(house.fresh(), house.voter(voter))]


def recuse(house: make.House, member: Member, reference: str) -> None:
    with unit_of_work():
        services.recuse(["meeting-1"], reference, person_id=member.person.id, by=house.chair.actor, at=make.OPENS)


def told(kind: str) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))


# ---- who may be represented


def test_nobody_votes_for_somebody_else_unless_the_rules_allow_proxies() -> None:
    house = make.make_open(experts=3)
    absent, other = house.experts[2], house.chair
    make.attend(house, *house.voters[:-1])

    with pytest.raises(ConflictError, match="不得委托他人投票"):
        make.appoint(house, absent, other)
    with pytest.raises(ForbiddenError):
        cast_for(house, absent, other)

    assert not list(session.scalars(select(BallotVote)))


def test_a_proxy_casts_for_an_absent_voter_and_the_vote_counts_without_counting_for_the_quorum() -> None:
    house, absent = make_absent()
    make.appoint(house, absent, house.chair)
    for member in house.voters[:-1]:
        make.cast(house, member, YES)

    cast_for(house, absent, house.chair)

    make.open_tally(make.close(house))
    question = house.fresh().questions[0]
    assert (question.attending, question.approve) == (5, 5)
    lines = {one["reason"]: one["params"] for one in (question.verdict or {})["lines"]}
    assert lines["quorum"]["present"] == "4"


@pytest.mark.parametrize("moment", ["attends", "voted", "over"])
def test_a_proxy_is_named_only_by_who_is_absent_and_has_not_voted_while_the_vote_is_to_come(moment: str) -> None:
    house, absent = make_absent()
    if moment == "attends":
        make.attend(house, *house.voters)
    elif moment == "voted":
        make.appoint(house, absent, house.chair)
        cast_for(house, absent, house.chair)
    else:
        make.close(house)

    said = {"attends": "已登记出席", "voted": "选票已投出", "over": "投票已结束"}
    with pytest.raises(ConflictError, match=said[moment]):
        make.appoint(house, absent, house.experts[0])
    with pytest.raises(ConflictError), unit_of_work():
        services.take_back_proxy(house.fresh(), by=absent.actor, at=make.OPENS)


def test_a_proxy_is_another_voter_who_is_not_represented_themselves() -> None:
    house, absent = make_absent(experts=5)
    gone = house.experts[0]
    make.attend(house, *(one for one in house.voters if one not in {absent, gone}))
    make.appoint(house, gone, house.chair)
    stranger = make_member(Role.EXPERT, SHANDONG)

    for proxy in (absent, stranger, gone):
        with pytest.raises(InvalidError) as refused:
            make.appoint(house, absent, proxy)
        assert refused.value.field == "proxy"


def test_only_a_voter_names_a_proxy_and_only_for_themselves() -> None:
    house, _absent = make_absent(recused={2: FIRST | SECOND})

    for member in (make_member(Role.EXPERT, SHANDONG), house.experts[2]):
        with pytest.raises(NotFoundError):
            make.appoint(house, member, house.chair)


# ---- neither may be recused


@pytest.mark.parametrize("recused", [{0: FIRST}, {3: FIRST}])
def test_a_proxy_votes_on_no_question_from_which_either_is_recused(recused: dict[int, frozenset[str]]) -> None:
    house, absent = make_absent(recused)
    proxy = house.experts[0]
    make.appoint(house, absent, proxy)
    assert references(house, absent) == ["application-2"]
    for member in house.voters[:-1]:
        make.cast(house, member, YES)
    cast_for(house, absent, proxy)

    make.open_tally(make.close(house))

    first, second = house.fresh().questions
    assert (first.approve, second.approve) == (5 - 1 - (0 in recused), 5)
    assert all(one.passed for one in verify(make.bulletin(house)))


def test_a_vote_on_the_hidden_question_is_refused_from_the_proxy() -> None:
    house, absent = make_absent({0: FIRST})
    whole = make.vote_text(house, absent, YES)
    make.appoint(house, absent, house.experts[0])

    with pytest.raises(DomainError) as refused:
        cast_for(house, absent, house.experts[0], text=whole)

    assert refused.value.status == 422
    assert not list(session.scalars(select(BallotVote)))


def test_who_shares_no_question_with_the_voter_is_no_proxy_for_them() -> None:
    house, absent = make_absent({0: FIRST, 3: SECOND})

    with pytest.raises(InvalidError, match="没有"):
        make.appoint(house, absent, house.experts[0])

    assert house.voter(absent).proxy_id is None


def test_a_recusal_after_the_naming_narrows_what_the_proxy_votes_on_and_ends_it_where_nothing_is_left() -> None:
    house, absent = make_absent()
    proxy = house.experts[0]
    make.appoint(house, absent, proxy)

    recuse(house, proxy, "application-1")
    assert references(house, absent) == ["application-2"]
    recuse(house, absent, "application-2")

    assert house.voter(absent).proxy_id is None
    assert references(house, absent) == ["application-1"]
    assert len(told("ballots.proxy_ended")) == 1


def test_whoever_voted_for_another_is_not_recused_from_what_that_vote_covers() -> None:
    house, absent = make_absent()
    proxy = house.experts[0]
    make.appoint(house, absent, proxy)
    cast_for(house, absent, proxy)

    with pytest.raises(ConflictError) as refused:
        recuse(house, proxy, "application-1")

    assert refused.value.code == "voted"


def test_a_recusal_of_the_voter_from_what_the_proxy_could_not_vote_on_is_kept() -> None:
    house, absent = make_absent({0: FIRST})
    make.appoint(house, absent, house.experts[0])
    cast_for(house, absent, house.experts[0])

    recuse(house, absent, "application-1")

    assert queries.visible_questions(house.fresh(), absent.actor)[0].reference == "application-2"


# ---- coming and leaving


def test_whoever_comes_votes_in_person_and_the_proxy_ends() -> None:
    house, absent = make_absent()
    make.appoint(house, absent, house.chair)
    assert [todo.person_id for todo in waiting() if todo.kind == "ballots.vote_for"] == [house.chair.person.id]

    make.attend(house, *house.voters)

    with pytest.raises(ForbiddenError):
        cast_for(house, absent, house.chair)
    assert make.cast(house, absent, NO).sequence == 1
    assert not [todo for todo in waiting() if todo.kind == "ballots.vote_for"]


def test_a_vote_by_proxy_stands_when_the_voter_comes_later() -> None:
    house, absent = make_absent()
    make.appoint(house, absent, house.chair)
    cast_for(house, absent, house.chair)

    make.attend(house, *house.voters)

    with pytest.raises(ConflictError) as refused:
        make.cast(house, absent, NO)
    assert refused.value.code == "voted"
    assert queries.represented_in(house.fresh()) == [(absent.person.name, house.chair.person.name)]


def test_a_proxy_who_left_casts_for_nobody_until_they_are_back() -> None:
    house, absent = make_absent(experts=5)
    proxy = house.experts[0]
    make.appoint(house, absent, proxy)
    make.attend(house, *(one for one in house.voters if one not in {absent, proxy}))

    with pytest.raises(ConflictError) as refused:
        cast_for(house, absent, proxy)
    assert refused.value.code == "absent"
    assert not [todo for todo in waiting() if todo.kind == "ballots.vote_for"]

    make.attend(house, *house.voters[:-1])
    assert [todo.person_id for todo in waiting() if todo.kind == "ballots.vote_for"] == [proxy.person.id]
    assert cast_for(house, absent, proxy).sequence == 1
    assert not [todo for todo in waiting() if todo.kind == "ballots.vote_for"]


def test_attendance_is_told_by_an_event_and_a_closed_vote_keeps_who_attended_it() -> None:
    house = make.make_open(experts=3)
    make.attend(house, *house.voters[:3])
    make.attend(house, *house.voters[:3])
    make.close(house)
    make.attend(house, house.chair)

    assert [one.data["attending"] for one in told("ballots.attendance")] == [3]
    assert queries.turnout_of(house.fresh()).attending == 3


# ---- what is told


def test_bulletin_and_events_say_who_was_represented_and_nothing_of_the_vote() -> None:
    house, absent = make_absent()
    make.appoint(house, absent, house.chair)
    for member in house.voters[:-1]:
        make.cast(house, member, YES)
    cast_for(house, absent, house.chair, NO)
    make.close(house)

    names = {house.voter(one).pseudonym: one for one in house.voters}
    told_of = {names[one["pseudonym"]]: one["proxy"] for one in make.bulletin(house)["voters"]}
    assert told_of[absent] == house.voter(house.chair).pseudonym
    assert set(told_of.values()) - {told_of[absent]} == {None}
    assert queries.represented_at("meeting-1") == [(absent.person.name, house.chair.person.name)]
    (event,) = told("ballots.proxy")
    assert event.data == {"voter": absent.person.code, "proxy": house.chair.person.code}


# ---- pages


@pytest.mark.one_database
def test_an_absent_voter_names_and_takes_back_a_proxy_by_page(browser_of: BrowserOf, at_time: AtTime) -> None:
    house, absent = make_absent()
    at_time(make.OPENS)
    browser, page = browser_of(absent), url(house, "/proxy")
    assert page in browser.get(url(house)).text
    assert page in browser.get(url(house, "/vote")).text
    assert submit(browser, page, proxy="nobody").status_code == 422

    assert submit(browser, page, proxy=house.chair.person.code).location == page

    shown = browser.get(page).text
    assert f"{house.chair.person.name}代您投票" in shown
    assert "甲同志" in shown
    assert f"代{absent.person.name}投票" in browser_of(house.chair).get(url(house)).text
    assert submit(browser, url(house, "/proxy/end"), page=page).location == page
    assert "代您投票" not in browser.get(page).text


@pytest.mark.one_database
def test_the_proxy_page_says_in_plain_words_why_a_proxy_is_refused(browser_of: BrowserOf, at_time: AtTime) -> None:
    house = make.make_open(experts=3)
    make.attend(house, *house.voters[:-1])
    at_time(make.OPENS)
    absent = browser_of(house.voters[-1])

    assert "本次投票的规则不允许" in absent.get(url(house, "/proxy")).text
    assert "/proxy" not in absent.get(url(house)).text
    assert submit(absent, url(house, "/proxy"), page=url(house), proxy=house.chair.person.code).status_code == 409
    assert browser_of(make_member(Role.EXPERT, SHANDONG)).get(url(house, "/proxy")).status_code == 404


@pytest.mark.one_database
def test_who_conducts_or_watches_sees_who_is_present_for_each_question(browser_of: BrowserOf, at_time: AtTime) -> None:
    house, absent = make_absent({0: FIRST})
    make.appoint(house, absent, house.chair)
    at_time(make.OPENS)
    watcher = make_member(Role.SUPERVISOR, SHANDONG)

    for member in (house.chair, watcher):
        assert url(house, "/attendance") in browser_of(member).get(url(house)).text
        shown = " ".join(browser_of(member).get(url(house, "/attendance")).text.split())
        assert house.experts[0].person.name in shown
        assert "已达到" in shown
    assert browser_of(house.experts[1]).get(url(house, "/attendance")).status_code == 403
    assert url(house, "/attendance") not in browser_of(house.experts[1]).get(url(house)).text

    (first, second) = queries.presence_of(house.fresh(), queries.roll_of(house.fresh()), house.chair.actor)
    assert (first.present, first.represented, first.recused) == (3, 1, [house.experts[0].person.name])
    assert (second.present, second.represented, second.recused, second.absent) == (4, 1, [], [])


@pytest.mark.one_database
def test_a_chair_recused_from_a_question_does_not_find_it_on_the_page_of_attendance(browser_of: BrowserOf) -> None:
    house = make.make_open(experts=3, recused={})
    recuse(house, house.chair, "application-1")

    shown = browser_of(house.chair).get(url(house, "/attendance")).text

    assert "甲同志" not in shown
    assert "乙同志" in shown


@pytest.mark.one_database
def test_a_lost_quorum_is_said_where_the_vote_is_conducted(browser_of: BrowserOf, at_time: AtTime) -> None:
    house = make.make_open(experts=3)
    make.attend(house, house.chair)
    at_time(make.OPENS)

    for page in ("", "/attendance"):
        assert "出席1人，至少须3人出席" in browser_of(house.chair).get(url(house, page)).text
    assert "您未登记出席" in browser_of(house.experts[0]).get(url(house, "/vote")).text


@pytest.mark.one_database
def test_the_bulletin_names_who_was_represented_once_the_vote_is_closed(browser_of: BrowserOf, at_time: AtTime) -> None:
    house, absent = make_absent()
    at_time(make.OPENS)
    make.appoint(house, absent, house.chair)
    for member in house.voters[:-1]:
        make.cast(house, member, YES)
    cast_for(house, absent, house.chair)
    browser = browser_of(house.experts[0])
    assert "被代表" not in browser.get(url(house, "/bulletin")).text

    make.close(house)

    shown = browser.get(url(house, "/bulletin")).text
    assert "被代表的投票人" in shown
    assert absent.person.name in shown

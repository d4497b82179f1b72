"""A trustee who may not serve opens nothing; the other two do, and where they cannot, the office ends the ballot."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.ballots import queries, services
from app.ballots.jobs import RESTRICTIONS
from app.ballots.states import BallotState, Choice
from app.cases.models import Restriction
from app.core.clock import day_of
from app.core.db import session, unit_of_work
from app.core.errors import ForbiddenError
from app.core.events import Event
from app.desk.queries import todos_of
from tests.factories import ballots as make
from tests.factories.accounts import SHANDONG, Member, make_member, make_organisation
from tests.factories.cases import lift, restrict
from tests.factories.desk import kinds_waiting

BrowserOf = Callable[[Member], FlaskClient]
AtTime = Callable[[datetime], None]
pytestmark = pytest.mark.usefixtures("app")
REASON = {"reason": "两名密钥保管人不能参加评审，计票无法进行。"}
BARRED = ("ballots.trustee_barred", "ballots.trustee_free")


def closed() -> tuple[make.House, Member]:
    """Return a ballot whose vote is closed, and a secretary of the office that called it."""
    caller = make_member(Role.SECRETARY, SHANDONG, make_organisation())
    house = make.make_open(experts=2)
    with unit_of_work():
        house.fresh().called_by_id = caller.person.id
    for member in house.voters:
        make.cast(house, member, Choice.APPROVE)
    return make.close(house), caller


def bar(*members: Member) -> list[Restriction]:
    return [restrict("panels.serve", one.person, at=make.CLOSES) for one in members]


def kinds(member: Member) -> set[str]:
    return {one.kind for one in todos_of(member.actor)}


def told() -> list[tuple[str, int]]:
    found = session.scalars(select(Event).where(Event.kind.in_(BARRED)).order_by(Event.id))
    return [(one.kind.rpartition("_")[2], one.data["place"]) for one in found]


@pytest.mark.parametrize("place", [1, 2])
def test_two_trustees_open_the_tally_without_the_one_who_may_not_serve(place: int) -> None:
    house, caller = closed()
    missing = house.trustees[place - 1]
    bar(missing)
    assert (told(), kinds(missing), kinds(caller)) == ([("barred", place)], set(), set())
    assert kinds_waiting() == {"ballots.tally"}

    with pytest.raises(ForbiddenError, match="其余两名"):
        make.open_tally(house, place)
    make.open_tally(house, *({1, 2, 3} - {place}))

    assert (house.fresh().state, house.fresh().questions[0].approve) == (BallotState.DECIDED, 3)


def test_a_part_that_was_handed_in_before_the_restriction_counts() -> None:
    house, caller = closed()
    make.open_tally(house, 1)
    bar(*house.trustees[:2])
    assert kinds(caller) == set()

    make.open_tally(house, 3)

    assert house.fresh().state is BallotState.DECIDED


def test_where_fewer_than_two_may_act_the_office_calls_the_ballot_off_and_nothing_is_opened(
    browser_of: BrowserOf, at_time: AtTime
) -> None:
    at_time(make.CLOSES)
    house, caller = closed()
    page, browser = f"/ballots/{house.ballot.code}", browser_of(caller)
    bar(house.trustees[1])
    assert "其余两人继续" in browser.get(page).text
    assert browser.post(f"{page}/call-off", data=REASON).status_code == 403

    bar(house.trustees[2])

    assert kinds(caller) == {"ballots.held_up"}
    assert "ballots.held_up" in kinds_waiting()
    shown = browser.get(page).text
    assert all(one.person.name in shown for one in house.trustees[1:])
    assert "予以终止" in shown
    assert browser.post(f"{page}/call-off", data={"reason": ""}).status_code == 422
    assert browser.post(f"{page}/call-off", data=REASON).status_code == 302
    found = house.fresh()
    assert (found.state, found.reason) == (BallotState.CALLED_OFF, REASON["reason"])
    assert [one.approve for one in found.questions] == [None, None]
    assert kinds_waiting() == set()


def test_an_office_next_door_does_not_end_a_ballot(browser_of: BrowserOf, at_time: AtTime) -> None:
    at_time(make.CLOSES)
    house, _caller = closed()
    bar(*house.trustees[1:])
    # who votes here under another role reads the ballot, and still is not its office
    voter = house.voters[1]
    as_secretary = make_member(Role.SECRETARY, SHANDONG, make_organisation(), person=voter.person)

    page = f"/ballots/{house.ballot.code}"
    assert browser_of(as_secretary).get(page).status_code == 200
    assert browser_of(as_secretary).post(f"{page}/call-off", data=REASON).status_code == 403
    assert house.fresh().state is BallotState.CLOSED


def test_a_ballot_goes_on_when_the_restriction_is_lifted() -> None:
    house, caller = closed()
    first, _second = bar(*house.trustees[1:])
    assert queries.held_up(house.fresh())

    lift(first, on=day_of(make.CLOSES), at=make.CLOSES)

    assert told() == [("barred", 2), ("barred", 3), ("free", 2)]
    assert (kinds(caller), kinds(house.trustees[1])) == (set(), {"ballots.tally"})
    assert kinds_waiting() == {"ballots.tally"}
    make.open_tally(house, 1, 2)
    assert house.fresh().state is BallotState.DECIDED


def test_a_restriction_that_begins_another_day_is_noticed_that_day(at_time: AtTime) -> None:
    house, _caller = closed()
    later = make.CLOSES + timedelta(days=3)
    restrict("panels.serve", house.trustees[1].person, starts_on=day_of(later), at=make.CLOSES)
    assert told() == []

    at_time(later)
    RESTRICTIONS.run()
    RESTRICTIONS.run()

    assert told() == [("barred", 2)]


def test_another_restriction_and_an_ended_ballot_tell_nobody() -> None:
    house, _caller = closed()
    restrict("exams.sit", house.trustees[0].person, at=make.CLOSES)
    make.open_tally(house)
    bar(house.trustees[0])
    assert told() == []


def test_a_barred_chair_conducts_nothing_and_reads_why(browser_of: BrowserOf, at_time: AtTime) -> None:
    at_time(make.OPENS)
    house = make.make_open(experts=2)
    page, browser = f"/ballots/{house.ballot.code}", browser_of(house.chair)
    assert "结束投票" in browser.get(page).text

    (found,) = bar(house.chair)

    shown = browser.get(page).text
    assert found.code in shown
    assert "close" not in shown.partition("<main")[2]
    assert browser.post(f"{page}/close").status_code == 403
    key = browser.get(f"{page}/key").text
    assert found.code in key
    assert queries.held_up(house.fresh())


def test_a_key_that_cannot_be_finished_holds_the_ballot_up_until_a_part_is_there() -> None:
    house = make.make_called(experts=2)
    bar(house.trustees[1])
    assert kinds_waiting() == {"ballots.held_up", "ballots.key"}
    assert queries.held_up(house.fresh())
    with unit_of_work():
        services.call_off(house.fresh(), reason=REASON["reason"], by=house.chair.actor, at=make.CALLED)
    assert kinds_waiting() == set()

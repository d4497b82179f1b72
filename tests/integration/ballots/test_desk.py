"""What waits about a ballot follows from its state, from its trustees and from who attends and has voted."""

import pytest

from app.ballots import services
from app.ballots.states import Choice
from app.core.db import unit_of_work
from tests.factories import ballots as make
from tests.factories.desk import kinds_waiting, waiting

pytestmark = pytest.mark.usefixtures("app")


def test_a_ballot_waits_for_one_after_another_until_it_is_decided() -> None:
    house = make.make_called()
    assert kinds_waiting() == {"ballots.key"}
    make.make_ready(house)
    assert kinds_waiting() == {"ballots.open"}
    with unit_of_work():
        services.open_vote(house.fresh(), closes_at=make.CLOSES, by=house.chair.actor, at=make.OPENS)
    assert kinds_waiting() == {"ballots.vote"}
    make.cast(house, house.voters[0], Choice.APPROVE)
    assert len(waiting()) == 4
    for member in house.voters[1:]:
        make.cast(house, member, Choice.APPROVE)
    assert kinds_waiting() == set()
    make.close(house)
    assert kinds_waiting() == {"ballots.tally"}
    make.open_tally(house, 1)
    assert len(waiting()) == 2
    make.open_tally(house, 3)
    assert kinds_waiting() == set()


def test_who_leaves_is_no_longer_asked_to_vote_and_who_comes_back_is() -> None:
    house = make.make_open()
    make.attend(house, *house.voters[:4])
    assert kinds_waiting() == {"ballots.vote"}
    assert len(waiting()) == 4
    make.attend(house, *house.voters)
    assert kinds_waiting() == {"ballots.vote"}
    assert len(waiting()) == 5


def test_a_complaint_waits_for_the_chair_until_the_key_is_begun_anew() -> None:
    house = make.make_called()
    for act, made_by in ((services.join, make.joined), (services.deal, make.dealt)):
        for place, trustee in enumerate(house.trustees, 1):
            sent = made_by(house, place)
            with unit_of_work():
                act(house.fresh(), sent=sent, by=trustee.actor, at=make.CALLED)
    with unit_of_work():
        sent = {"ceremony": house.fresh().ceremony, "against": [2]}
        services.complain(house.fresh(), sent=sent, by=house.trustees[0].actor, at=make.CALLED)
    assert kinds_waiting() == {"ballots.key", "ballots.restart"}
    with unit_of_work():
        services.restart(house.fresh(), by=house.chair.actor, at=make.CALLED)
    assert kinds_waiting() == {"ballots.key"}

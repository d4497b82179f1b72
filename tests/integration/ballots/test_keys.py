"""Three trustees make a key that none can use alone; nothing they send opens anything."""

import copy
import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.states import Role
from app.ballots import services
from app.ballots.models import BallotTrustee
from app.ballots.queries.steps import step_of, trustee_word
from app.ballots.rules.group import GENERATOR, RefusedError, scalar_text
from app.ballots.states import BallotState, Choice, Step
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, InvalidError, NotFoundError
from app.core.events import Event
from app.desk.queries import todos_of
from tests.factories import ballots as make
from tests.factories.accounts import SHANDONG, make_member

pytestmark = pytest.mark.usefixtures("app")
ACTS: dict[str, tuple[Callable[..., None], Callable[..., dict[str, Any]]]] = {
    "join": (services.join, make.joined),
    "deal": (services.deal, make.dealt),
    "confirm": (services.confirm, make.confirmed),
}


def send(house: make.House, act: str, place: int, sent: dict[str, Any] | None = None) -> None:
    service, made = ACTS[act]
    given = made(house, place) if sent is None else sent
    with unit_of_work():
        service(house.fresh(), sent=given, by=house.trustees[place - 1].actor, at=make.CALLED)


def steps(house: make.House) -> list[Step]:
    found = house.fresh()
    return [step_of(found, one) for one in found.trustees]


def words(house: make.House) -> list[str]:
    return [trustee_word(one) for one in house.fresh().trustees]


def test_each_round_waits_for_all_three() -> None:
    house = make.make_called()
    assert steps(house) == [Step.JOIN] * 3
    send(house, "join", 1)
    assert steps(house) == [Step.WAIT, Step.JOIN, Step.JOIN]
    send(house, "join", 2)
    send(house, "join", 3)
    assert steps(house) == [Step.DEAL] * 3
    for place in (3, 1):
        send(house, "deal", place)
    assert (steps(house), words(house)) == ([Step.WAIT, Step.DEAL, Step.WAIT], ["dealt", "joined", "dealt"])
    send(house, "deal", 2)
    for place in (1, 2):
        send(house, "confirm", place)
    assert house.fresh().state is BallotState.KEYS
    send(house, "confirm", 3)
    assert (house.fresh().state, words(house), steps(house)) == (
        BallotState.READY,
        ["confirmed"] * 3,
        [Step.WAIT] * 3,
    )


def test_steps_sent_twice_change_nothing_and_out_of_turn_are_refused() -> None:
    house = make.make_called()
    first = make.joined(house, 1)
    send(house, "join", 1, first)
    with pytest.raises(ConflictError):
        send(house, "deal", 1, {"ceremony": 1})
    send(house, "join", 1)
    assert house.fresh().trustees[0].exchange == first["exchange"]
    for place in (2, 3):
        send(house, "join", place)
    with pytest.raises(ConflictError):
        send(house, "confirm", 1, {"ceremony": 1})
    send(house, "deal", 1)
    kept = house.fresh().trustees[0].dealt
    send(house, "deal", 1)
    assert house.fresh().trustees[0].dealt == kept
    for place in (2, 3):
        send(house, "deal", place)
    sent = make.confirmed(house, 1)
    send(house, "confirm", 1, sent)
    send(house, "confirm", 1)

    assert house.fresh().trustees[0].confirm_proof == "".join(sent["proof"])
    assert len(list(session.scalars(select(Event).where(Event.kind == "ballots.trustee_confirmed")))) == 1


def test_another_key_file_is_refused_until_the_chair_starts_over() -> None:
    house = make.make_called()
    for place in (1, 2, 3):
        send(house, "join", place)
    house.seeds[1] = secrets.token_bytes(32)
    with pytest.raises(ConflictError):
        send(house, "join", 1)
    send(house, "deal", 1)
    house.seeds[1] = secrets.token_bytes(32)
    with pytest.raises(ConflictError):
        send(house, "deal", 1)

    with unit_of_work():
        services.restart(house.fresh(), by=house.chair.actor, at=make.CALLED)

    assert (house.fresh().ceremony, words(house)) == (2, ["none"] * 3)
    make.make_ready(house)
    assert house.fresh().state is BallotState.READY


def test_what_was_made_for_a_key_thrown_away_is_refused() -> None:
    house = make.make_ready()
    old = house.fresh().fingerprint
    sent = make.joined(house, 1)
    with unit_of_work():
        services.restart(house.fresh(), by=house.chair.actor, at=make.CALLED)

    with pytest.raises(ConflictError):
        send(house, "join", 1, sent)

    found = house.fresh()
    assert (found.state, found.key, found.fingerprint) == (BallotState.KEYS, None, None)
    make.make_ready(house)
    assert house.fresh().fingerprint != old


def test_a_key_is_not_thrown_away_once_votes_may_have_come() -> None:
    house = make.make_open()

    with pytest.raises(ConflictError), unit_of_work():
        services.restart(house.fresh(), by=house.chair.actor, at=make.OPENS)


def test_a_vote_made_for_a_key_thrown_away_is_refused() -> None:
    house = make.make_open(experts=2)
    vote = services.read(house.fresh(), house.voter(house.chair), make.vote_text(house, house.chair, Choice.APPROVE))
    with unit_of_work():
        house.fresh().fingerprint = "0" * 64

    with pytest.raises(ConflictError), unit_of_work():
        services.cast(house.fresh(), house.voter(house.chair), vote=vote, by=house.chair.actor, at=make.OPENS)


def test_a_share_that_does_not_fit_is_complained_of_and_the_key_made_again() -> None:
    house = make.make_called()
    for place in (1, 2, 3):
        send(house, "join", place)
    for place in (1, 2):
        send(house, "deal", place)
    false = make.dealt(house, 3)
    false["shares"] = {**false["shares"], "1": false["shares"]["2"]}
    send(house, "deal", 3, false)
    with pytest.raises(RefusedError):
        make.share_of(house, 1)
    for wrong in ([], [1], [4], "3", None):
        with pytest.raises(InvalidError), unit_of_work():
            services.complain(
                house.fresh(), sent={"ceremony": 1, "against": wrong}, by=house.chair.actor, at=make.CALLED
            )

    with unit_of_work():
        services.complain(house.fresh(), sent={"ceremony": 1, "against": [3]}, by=house.chair.actor, at=make.CALLED)

    assert words(house) == ["complained", "dealt", "dealt"]
    assert steps(house) == [Step.WAIT] * 3
    assert "ballots.restart" in {one.kind for one in todos_of(house.chair.actor)}


@pytest.mark.parametrize("act", ["join", "deal", "confirm"])
def test_a_key_without_proof_that_one_holds_it_is_refused(act: str) -> None:
    house = make.make_called()
    for earlier in ("join", "deal"):
        if act != earlier:
            for place in (1, 2, 3):
                send(house, earlier, place)
        else:
            break
    good = ACTS[act][1](house, 2)
    rogues: dict[str, dict[str, Any]] = {
        "join": {"exchange": (GENERATOR * 5).text},
        "deal": {"commitments": [(GENERATOR * 5).text, (GENERATOR * 6).text]},
        "confirm": {},
    }
    for change in (
        rogues[act],
        {"proof": [scalar_text(1), scalar_text(2)]},
        {"proof": None},
        {"proof": good["proof"][:1]},
    ):
        if change:
            with pytest.raises(RefusedError):
                send(house, act, 2, {**good, **change})
    other = 1 if act != "confirm" else 3
    with pytest.raises(RefusedError):
        send(house, act, other, good)


@pytest.mark.parametrize(
    "shares", [{}, {"2": "00"}, {"2": "x" * 120, "3": "x" * 120}, {"1": "0" * 120, "2": "0" * 120}, []]
)
def test_sealed_shares_have_one_form(shares: object) -> None:
    house = make.make_called()
    for place in (1, 2, 3):
        send(house, "join", place)

    with pytest.raises(RefusedError):
        send(house, "deal", 1, {**make.dealt(house, 1), "shares": shares})


def test_nothing_that_the_server_holds_is_a_secret_or_a_clear_share() -> None:
    house = make.make_ready()
    rows = session.scalars(select(BallotTrustee))
    stored = json.dumps([[one.exchange, one.exchange_proof, one.dealt, one.confirm_proof] for one in rows])
    stored += json.dumps([one.data for one in session.scalars(select(Event))])

    for place in (1, 2, 3):
        held = house.secrets_of(place)
        hidden = [held.exchange, *held.line, make.share_of(house, place), *(held.at(other) for other in (1, 2, 3))]
        assert not [one for one in hidden if scalar_text(one) in stored or str(one) in stored]
        assert house.seeds[place].hex() not in stored


def test_an_opening_is_refused_without_its_proof_or_for_another_list() -> None:
    house = make.make_open(experts=2)
    for member in house.voters:
        make.cast(house, member, Choice.APPROVE)
    make.close(house)
    good = make.opening(house, 1)
    wrong = copy.deepcopy(good)
    wrong["shares"][0], wrong["shares"][1] = wrong["shares"][1], wrong["shares"][0]
    for sent in (wrong, {**good, "shares": good["shares"][:-1]}, {**good, "proof": None}, {}, make.opening(house, 2)):
        with pytest.raises(RefusedError), unit_of_work():
            services.hand_in(house.fresh(), sent=sent, by=house.chair.actor, at=make.CLOSES)

    assert words(house) == ["confirmed"] * 3


def test_nobody_but_the_trustees_takes_part_in_the_key() -> None:
    house = make.make_called()
    stranger, voter = make_member(Role.EXPERT, SHANDONG), house.experts[3]

    for other in (stranger, voter):
        with pytest.raises(NotFoundError), unit_of_work():
            services.join(house.fresh(), sent=make.joined(house, 1), by=other.actor, at=make.CALLED)


def test_no_part_of_the_tally_is_opened_while_the_vote_runs() -> None:
    house = make.make_open(experts=2)
    for member in house.voters:
        make.cast(house, member, Choice.APPROVE)

    with pytest.raises(ConflictError), unit_of_work():
        services.hand_in(house.fresh(), sent={"shares": [], "proof": []}, by=house.chair.actor, at=make.OPENS)

"""A secret ballot from its call to its result: one vote each, in time, with a quorum, and never a choice in sight."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.accounts.states import Role
from app.ballots import queries, services
from app.ballots.models import BallotQuestion, BallotVote
from app.ballots.rules.bulletin import verify
from app.ballots.rules.group import RefusedError
from app.ballots.states import BallotState, Choice
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, InvalidError, NotFoundError
from app.core.events import Event
from app.desk.queries import todos_of
from app.rulebook.verdicts import Verdict
from tests.factories import ballots as make
from tests.factories.accounts import GUANGDONG, SHANDONG, Member, make_member, make_organisation

BrowserOf = Callable[[Member], FlaskClient]
pytestmark = pytest.mark.usefixtures("app")
YES, NO, NONE = Choice.APPROVE, Choice.OBJECT, Choice.ABSTAIN


def votes() -> list[BallotVote]:
    return list(session.scalars(select(BallotVote).order_by(BallotVote.id)))


def questions(house: make.House) -> list[BallotQuestion]:
    return house.fresh().questions


def todos(member: Member) -> set[str]:
    return {one.kind for one in todos_of(member.actor)}


def test_a_ballot_is_decided_by_what_was_cast_and_told_to_the_room_above() -> None:
    house = make.make_open()
    for member, first, second in zip(house.voters, (YES, YES, YES, YES, NO), (YES, NO, NONE, NONE, NONE), strict=True):
        make.cast(house, member, first, second)

    make.open_tally(make.close(house))

    found = house.fresh()
    assert found.state is BallotState.DECIDED
    assert [(one.approve, one.object, one.abstain, one.passed) for one in found.questions] == [
        (4, 1, 0, True),
        (1, 1, 3, False),
    ]
    event = session.scalars(select(Event).where(Event.kind == "ballots.decided")).one()
    assert event.data["meeting"] == "meeting-1"
    assert event.rule == found.rule_pack
    assert event.data["questions"][0] == {
        "question": found.questions[0].code,
        "reference": "application-1",
        "present": 5,
        "free": 5,
        "attending": 5,
        "approve": 4,
        "object": 1,
        "abstain": 0,
        "passed": True,
    }
    assert all(one.passed for one in verify(make.bulletin(house)))


@pytest.mark.parametrize("places", [(1, 2), (1, 3), (2, 3), (3, 2)])
def test_any_two_trustees_open_the_tally_and_one_does_not(places: tuple[int, int]) -> None:
    house = make.make_open(experts=2)
    for member in house.voters:
        make.cast(house, member, YES)
    make.close(house)

    make.open_tally(house, places[0])
    assert (house.fresh().state, questions(house)[0].approve) == (BallotState.CLOSED, None)
    make.open_tally(house, places[0])
    assert house.fresh().state is BallotState.CLOSED
    make.open_tally(house, places[1])

    assert (house.fresh().state, questions(house)[0].approve) == (BallotState.DECIDED, 3)


def test_every_step_waits_for_whoever_takes_it() -> None:
    house = make.make_called()
    chair, first, _second, third, _fourth = house.voters
    assert todos(first) == {"ballots.key"}

    make.make_ready(house)
    assert (todos(first), todos(chair)) == (set(), {"ballots.open"})
    with unit_of_work():
        services.open_vote(house.fresh(), closes_at=make.CLOSES, by=chair.actor, at=make.OPENS)
    assert todos(third) == {"ballots.vote"}
    make.cast(house, third, YES)
    assert (todos(third), todos(chair)) == (set(), {"ballots.vote"})
    make.close(house)
    assert (todos(third), todos(chair)) == (set(), set())


def test_closing_asks_the_trustees_and_the_result_closes_all() -> None:
    house = make.make_open(experts=2)
    for member in house.voters:
        make.cast(house, member, YES)
    make.close(house)
    assert todos(house.chair) == {"ballots.tally"}

    make.open_tally(house)

    assert [todos(one) for one in house.voters] == [set(), set(), set()]


def test_the_same_vote_again_gives_the_same_row_even_after_the_end() -> None:
    house = make.make_open(experts=2)
    text = make.vote_text(house, house.chair, YES)
    first = make.cast(house, house.chair, text=text)

    again = make.cast(house, house.chair, text=text)
    make.close(house)
    late = make.cast(house, house.chair, text=text, at=make.CLOSES + timedelta(days=1))

    assert first.id == again.id == late.id
    assert len(votes()) == 1


def test_a_second_vote_is_refused_and_the_first_stands() -> None:
    house = make.make_open(experts=2)
    kept = make.cast(house, house.chair, YES)

    with pytest.raises(ConflictError) as refused:
        make.cast(house, house.chair, NO)

    assert refused.value.code == "voted"
    assert [one.hash for one in votes()] == [kept.hash]


def test_where_the_rules_let_people_vote_again_the_last_vote_counts() -> None:
    house = make.make_open(experts=2, pack=make.make_pack(revoting='"last"'))
    for member in house.voters:
        make.cast(house, member, NO)
    for _ in range(2):
        make.cast(house, house.chair, YES)

    make.open_tally(make.close(house))

    assert [one.sequence for one in votes() if one.voter.person_id == house.chair.person.id] == [1, 2, 3]
    assert (questions(house)[0].approve, questions(house)[0].object) == (1, 2)
    assert all(one.passed for one in verify(make.bulletin(house)))


@pytest.mark.parametrize(
    ("offset", "late", "code"),
    [
        (timedelta(0), "0", None),
        (make.CLOSES - make.OPENS, "0", None),
        (make.CLOSES - make.OPENS + timedelta(seconds=1), "0", "late"),
        (make.CLOSES - make.OPENS + timedelta(minutes=10), "10", None),
        (make.CLOSES - make.OPENS + timedelta(minutes=10, seconds=1), "10", "late"),
        (timedelta(seconds=-1), "0", "not_open"),
    ],
)
def test_votes_are_taken_between_opening_and_end_and_later_ones_only_where_the_pack_says(
    offset: timedelta, late: str, code: str | None
) -> None:
    house = make.make_open(experts=2, pack=make.make_pack(late_minutes=late))

    if code is None:
        assert make.cast(house, house.chair, YES, at=make.OPENS + offset).sequence == 1
        return
    with pytest.raises(ConflictError) as refused:
        make.cast(house, house.chair, YES, at=make.OPENS + offset)
    assert (refused.value.code, votes()) == (code, [])


def test_no_vote_is_taken_before_the_opening_or_after_the_closing() -> None:
    house = make.make_ready(experts=2)
    with pytest.raises(ConflictError):
        make.cast(house, house.chair, YES)
    with unit_of_work():
        services.open_vote(house.fresh(), closes_at=make.CLOSES, by=house.chair.actor, at=make.OPENS)
    text = make.vote_text(house, house.chair, YES)
    make.close(house, at=make.OPENS + timedelta(minutes=1))

    with pytest.raises(ConflictError):
        make.cast(house, house.chair, text=text, at=make.OPENS + timedelta(minutes=2))

    assert votes() == []


def test_votes_are_taken_only_while_the_quorum_stands() -> None:
    house = make.make_open(experts=5)
    make.attend(house, *house.voters[:3])
    with pytest.raises(ConflictError) as refused:
        make.cast(house, house.voters[0], YES)
    make.attend(house, *house.voters[:4])

    assert refused.value.code == "quorum"
    assert make.cast(house, house.voters[0], YES).sequence == 1
    with pytest.raises(ConflictError):
        make.cast(house, house.voters[5], YES)


def test_a_vote_opens_only_with_a_quorum_and_for_some_time() -> None:
    house = make.make_ready(experts=3, committee_size=7)
    with pytest.raises(ConflictError), unit_of_work():
        services.open_vote(house.fresh(), closes_at=make.CLOSES, by=house.chair.actor, at=make.OPENS)
    enough = make.make_ready(experts=3, committee_size=6)
    with pytest.raises(InvalidError), unit_of_work():
        services.open_vote(enough.fresh(), closes_at=make.OPENS, by=enough.chair.actor, at=make.OPENS)

    with unit_of_work():
        services.open_vote(enough.fresh(), closes_at=make.CLOSES, by=enough.chair.actor, at=make.OPENS)

    assert (house.fresh().state, enough.fresh().state) == (BallotState.READY, BallotState.OPEN)


def test_a_lost_quorum_fails_every_question_whatever_the_votes() -> None:
    house = make.make_open(experts=4)
    for member in house.voters:
        make.cast(house, member, YES)
    make.attend(house, house.chair)

    make.open_tally(make.close(house))

    verdict = Verdict.from_json(questions(house)[0].verdict or {})
    assert [(one.reason, one.outcome.value) for one in verdict.lines] == [
        ("quorum", "not"),
        ("opened", "met"),
        ("approvals", "met"),
    ]
    assert questions(house)[0].passed is False


def test_too_few_votes_are_never_opened() -> None:
    house = make.make_open(experts=2)
    for member in house.voters[:2]:
        make.cast(house, member, YES)

    make.close(house)

    found = house.fresh()
    assert (found.state, found.questions[0].approve, found.questions[0].passed) == (BallotState.DECIDED, None, False)
    assert todos(house.chair) == set()
    assert all(one.passed for one in verify(make.bulletin(house)))


def test_a_recused_voter_votes_on_the_rest_and_that_question_is_unknown_to_them() -> None:
    house = make.make_open(experts=4, recused={3: frozenset({"application-1"})})
    recused = house.experts[3]
    found = house.fresh()
    assert [one.reference for one in queries.questions_for(found, house.voter(recused))] == ["application-2"]
    with pytest.raises(NotFoundError):
        queries.visible_question(found, found.questions[0].code, recused.actor)
    for member in house.voters:
        make.cast(house, member, YES)

    make.open_tally(make.close(house))

    first, second = questions(house)
    assert (first.attending, first.approve, second.attending, second.approve) == (4, 4, 5, 5)
    assert all(one.passed for one in verify(make.bulletin(house)))


def test_a_vote_on_a_question_one_is_recused_from_is_refused() -> None:
    house = make.make_open(experts=4, recused={3: frozenset({"application-1"})})
    free, recused = house.experts[2], house.experts[3]

    with pytest.raises(RefusedError):
        make.cast(house, recused, text=make.vote_text(house, free, YES))

    assert votes() == []


def test_whoever_is_recused_from_every_question_knows_no_ballot() -> None:
    house = make.make_open(experts=4, recused={3: frozenset({"application-1", "application-2"})})

    with pytest.raises(NotFoundError):
        queries.ballot(house.ballot.code, house.experts[3].actor)


def test_the_database_itself_refuses_to_change_or_drop_a_vote() -> None:
    house = make.make_open(experts=2)
    row = make.cast(house, house.chair, YES)

    for statement in ("UPDATE ballot_vote SET hash = 'x'", "DELETE FROM ballot_vote"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.connection().exec_driver_sql(statement)
        session.rollback()

    assert [one.hash for one in votes()] == [row.hash]


def test_times_are_kept_to_the_minute() -> None:
    house = make.make_open(experts=2)

    row = make.cast(house, house.chair, YES, at=make.OPENS + timedelta(minutes=3, seconds=41))

    assert row.cast_at == make.OPENS + timedelta(minutes=3)


def test_a_rule_pack_replaced_during_the_vote_changes_nothing_of_it() -> None:
    house = make.make_open(experts=2)
    pinned = house.fresh().rule_pack
    make.make_pack(pass_share='"1/1"')
    for member, choice in zip(house.voters, (YES, YES, NO), strict=True):
        make.cast(house, member, choice)

    make.open_tally(make.close(house))

    assert (house.fresh().rule_pack, questions(house)[0].passed) == (pinned, True)


def test_calling_off_ends_without_a_result_and_votes_stay_sealed() -> None:
    house = make.make_open(experts=2)
    for member in house.voters:
        make.cast(house, member, YES)
    make.close(house)
    with unit_of_work():
        services.call_off(house.fresh(), reason="会议中止。", by=house.chair.actor, at=make.CLOSES)

    with pytest.raises(ConflictError):
        make.open_tally(house, 1)

    assert (house.fresh().state, questions(house)[0].approve) == (BallotState.CALLED_OFF, None)
    assert todos(house.chair) == set()


@pytest.mark.parametrize(
    "change",
    [
        {"trustees": [1, 1, 2]},
        {"trustees": [1, 2]},
        {"questions": []},
        {"questions": ["a", "a"]},
        {"voters": []},
        {"voters": [1, 1]},
        {"committee_size": 2},
        {"recused": frozenset({"nothing"})},
    ],
)
def test_a_ballot_that_makes_no_sense_is_not_called(change: dict[str, object]) -> None:
    people = [make_member(Role.EXPERT, SHANDONG).person.id for _ in range(3)]
    pack = make.make_pack()

    def of(value: object) -> list[int]:
        return [people[place - 1] for place in value]  # type: ignore[attr-defined]

    asked = [services.Asked(one, one, one) for one in change.get("questions", ["a"])]  # type: ignore[attr-defined]
    recused = change.get("recused", frozenset())
    voters = [services.Eligible(one, recused) for one in of(change.get("voters", [1, 2, 3]))]  # type: ignore[arg-type]
    with pytest.raises(InvalidError), unit_of_work():
        services.call_ballot(
            "m",
            title=("题", "Title"),
            questions=asked,
            voters=voters,
            trustees=of(change.get("trustees", [1, 2, 3])),
            committee_size=change.get("committee_size"),  # type: ignore[arg-type]
            region=SHANDONG,
            pack=pack,
            by=None,
            at=make.CALLED,
        )


def test_a_watcher_sees_the_ballots_of_their_region_only() -> None:
    house = make.make_called()
    here, there = make_member(Role.SUPERVISOR, SHANDONG), make_member(Role.SUPERVISOR, GUANGDONG)
    stranger = make_member(Role.EXPERT, SHANDONG)

    assert queries.ballot(house.ballot.code, here.actor).id == house.ballot.id
    for other in (there, stranger):
        with pytest.raises(NotFoundError):
            queries.ballot(house.ballot.code, other.actor)
        assert queries.ballots(other.actor).total == 0


def test_a_secretary_watches_the_ballots_that_the_own_office_called() -> None:
    office, next_door = make_organisation(), make_organisation()
    caller = make_member(Role.SECRETARY, SHANDONG, office)
    colleague, other = (make_member(Role.SECRETARY, SHANDONG, body) for body in (office, next_door))
    house = make.make_called()
    with unit_of_work():
        house.fresh().called_by_id = caller.person.id

    for member in (caller, colleague):
        assert queries.ballot(house.ballot.code, member.actor).id == house.ballot.id
    with pytest.raises(NotFoundError):
        queries.ballot(house.ballot.code, other.actor)
    assert queries.ballots(other.actor).total == 0

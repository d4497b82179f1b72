"""A ballot as a state machine: whatever happens in whatever order, one vote each, counted once, in time."""

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from app.ballots import services
from app.ballots.models import BallotVote, BallotVoter
from app.ballots.rules.tally import list_digest
from app.ballots.states import BallotState, Choice
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from tests.factories import ballots as make
from tests.factories.accounts import Member

EXPERTS = 3
PEOPLE = st.integers(0, EXPERTS)
CHOICES = st.sampled_from(list(Choice))
NEEDED = 3


class Ballots(RuleBasedStateMachine):
    """A model of one ballot beside the real one."""

    people: tuple[Member, list[Member]]

    @initialize()
    def call(self) -> None:
        """Call a ballot whose key is complete."""
        self.house = make.make_ready(titles=("甲同志",), people=self.people)
        self.now = make.OPENS
        self.state = BallotState.READY
        self.attending = set(range(EXPERTS + 1))
        self.said: dict[int, Choice] = {}
        self.sent: dict[int, str] = {}
        self.opened: set[int] = set()

    @rule(minutes=st.integers(1, 20))
    def wait(self, minutes: int) -> None:
        """Let time pass."""
        self.now += timedelta(minutes=minutes)

    @rule()
    def open(self) -> None:
        """The chair opens the vote, where it may be."""
        may = self.state is BallotState.READY and len(self.attending) >= NEEDED
        try:
            with unit_of_work():
                closes = self.now + timedelta(minutes=30)
                services.open_vote(self.house.fresh(), closes_at=closes, by=self.house.chair.actor, at=self.now)
        except ConflictError:
            assert not may
        else:
            assert may
            self.state, self.closes = BallotState.OPEN, self.now + timedelta(minutes=30)

    @rule(who=PEOPLE, choice=CHOICES)
    def cast(self, who: int, choice: Choice) -> None:
        """Somebody votes; it is taken exactly when it may be."""
        may = (
            self.state is BallotState.OPEN
            and self.now <= self.closes
            and len(self.attending) >= NEEDED
            and who in self.attending
            and who not in self.said
        )
        member = self.house.voters[who]
        text = make.vote_text(self.house, member, choice)
        try:
            make.cast(self.house, member, text=text, at=self.now)
        except ConflictError:
            assert not may
        else:
            assert may
            self.said[who], self.sent[who] = choice, text

    @precondition(lambda self: self.sent)
    @rule(who=PEOPLE)
    def cast_again(self, who: int) -> None:
        """The same vote arrives once more, at any time."""
        if who in self.sent:
            make.cast(self.house, self.house.voters[who], text=self.sent[who], at=self.now)

    @rule(who=PEOPLE)
    def leave_or_return(self, who: int) -> None:
        """Somebody leaves the meeting or comes back."""
        here = self.attending ^ {who}
        make.attend(self.house, *(self.house.voters[one] for one in here), at=self.now)
        if self.state not in {BallotState.CLOSED, BallotState.DECIDED}:
            self.attending = here

    @rule()
    def close(self) -> None:
        """The chair closes the vote."""
        try:
            make.close(self.house, at=self.now)
        except ConflictError:
            assert self.state is not BallotState.OPEN
        else:
            assert self.state is BallotState.OPEN
            self.state = BallotState.CLOSED if len(self.said) >= NEEDED else BallotState.DECIDED

    @precondition(lambda self: self.state is BallotState.CLOSED)
    @rule(place=st.integers(1, 3))
    def open_part(self, place: int) -> None:
        """A trustee opens their part; the second one decides."""
        make.open_tally(self.house, place)
        self.opened.add(place)
        if len(self.opened) == 2:
            self.state = BallotState.DECIDED

    @invariant()
    def one_vote_each_and_a_fixed_list(self) -> None:
        """What the database holds is what the model says."""
        found = self.house.fresh()
        assert found.state is self.state
        votes = session.scalars(select(BallotVote).where(BallotVote.ballot_id == found.id)).all()
        voters = {self.house.voter(self.house.voters[who]).id for who in self.said}
        assert len(votes) == len(self.said)
        assert {one.voter_id for one in votes} == voters
        assert {one.content for one in votes} == set(self.sent.values())
        if found.list_digest:
            assert found.list_digest == list_digest(one.hash for one in votes)
        here = select(func.count()).where(BallotVoter.ballot_id == found.id, BallotVoter.attending)
        assert session.scalar(here) == len(self.attending)

    @invariant()
    def counts_are_those_of_the_votes_and_known_only_in_the_end(self) -> None:
        """Nothing is known before two parts; then it is what was said."""
        asked = self.house.fresh().questions[0]
        if self.state is not BallotState.DECIDED or len(self.said) < NEEDED:
            assert asked.approve is None
            return
        said = list(self.said.values())
        assert (asked.approve, asked.object, asked.abstain) == tuple(said.count(one) for one in Choice)


@pytest.mark.timeout(300)
def test_one_vote_each_whatever_happens(app: Flask) -> None:
    del app
    Ballots.people = make.make_people(EXPERTS)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Ballots,
        settings=settings(
            max_examples=8, stateful_step_count=14, deadline=None, suppress_health_check=checks, derandomize=True
        ),
    )

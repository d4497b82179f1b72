"""Whoever comes to or leaves a meeting counts so in its ballots at once; whoever is here needs no proxy."""

from datetime import datetime

from sqlalchemy import select

from app.ballots import queries
from app.ballots.models import Ballot, BallotVoter
from app.ballots.services.proxies import end_representation, tell_proxy
from app.ballots.services.subjects import ask_to_vote, subject
from app.ballots.states import TAKING, BallotState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.desk import services as desk


def note_presence(meeting_code: str, *, person_id: int, here: bool, by: Actor | None, at: datetime) -> None:
    """Record in every ballot of a meeting (its code) that a voter came or left; votes are taken only with a quorum.

    A ballot whose vote is over keeps who attended it.
    """
    query = select(Ballot).where(Ballot.meeting_code == meeting_code, Ballot.state.in_(TAKING)).order_by(Ballot.id)
    for found in session.scalars(query).all():
        _note(queries.locked(found), person_id, here=here, by=by, at=at)


def _note(standing: Ballot, person_id: int, *, here: bool, by: Actor | None, at: datetime) -> None:
    query = select(BallotVoter).where(BallotVoter.ballot_id == standing.id, BallotVoter.person_id == person_id)
    voter = session.scalar(query.execution_options(populate_existing=True))
    if voter is None or standing.state not in TAKING or voter.attending is here:
        return
    voter.attending = here
    session.flush()
    present = queries.turnout_of(standing).attending
    events.record("ballots.attendance", subject(standing), by=by, at=at, data={"attending": present})
    if here and queries.vote_of(voter) is None:
        end_representation(standing, voter, by=by, at=at)
    if standing.state is BallotState.OPEN:
        _ask_or_not(standing, voter, at=at)
    tell_proxy(standing, person_id, at=at)


def _ask_or_not(standing: Ballot, voter: BallotVoter, *, at: datetime) -> None:
    if not voter.attending:
        desk.close_todos(subject(standing), at=at, kind="ballots.vote", person_id=voter.person_id)
    elif voter.open_questions and queries.vote_of(voter) is None:
        ask_to_vote(standing, voter.person_id, at=at)

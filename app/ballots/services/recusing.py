"""Recusals recorded or ended after the ballot was called reach the ballot, or not where a vote stands."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from app.ballots import queries
from app.ballots.models import Ballot, BallotQuestion, BallotRecusal, BallotVoter
from app.ballots.services.proxies import end_representation
from app.ballots.services.subjects import subject
from app.ballots.states import BEFORE_VOTE, STANDING, BallotState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError
from app.core.text import _l
from app.desk import services as desk


def recuse(meetings: Collection[str], reference: str, *, person_id: int, by: Actor | None, at: datetime) -> None:
    """Take a question from a voter in every undecided ballot of these meetings (codes).

    An encrypted vote covers all questions and is never changed, so nothing can be taken out of it. Raises
    ConflictError where the voter has voted on the question or the list of votes is fixed.
    """
    for found in _standing(meetings, reference):
        _take(queries.locked(found), reference, person_id, by=by, at=at)


def readmit(meetings: Collection[str], reference: str, *, person_id: int, by: Actor | None, at: datetime) -> None:
    """Give a question back to a voter who was not recused after all, in every ballot of these meetings (codes).

    Only before the vote: once it is open, who may vote on what is what voters and trustees rely on. Then the ballot
    says that it stays as it is, and its chair may call it off.
    """
    for found in _standing(meetings, reference):
        _give_back(queries.locked(found), reference, person_id, by=by, at=at)


def _standing(meetings: Collection[str], reference: str) -> Sequence[Ballot]:
    query = (
        select(Ballot)
        .join(BallotQuestion, BallotQuestion.ballot_id == Ballot.id)
        .where(Ballot.meeting_code.in_(meetings), Ballot.state.in_(STANDING), BallotQuestion.reference == reference)
        .order_by(Ballot.id)
    )
    return session.scalars(query).all()


def _give_back(standing: Ballot, reference: str, person_id: int, *, by: Actor | None, at: datetime) -> None:
    query = (
        select(BallotRecusal, BallotVoter)
        .join(BallotVoter, BallotVoter.id == BallotRecusal.voter_id)
        .join(BallotQuestion, BallotQuestion.id == BallotRecusal.question_id)
        .where(
            BallotVoter.ballot_id == standing.id,
            BallotVoter.person_id == person_id,
            BallotQuestion.reference == reference,
        )
    )
    kept = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if kept is None or standing.state not in STANDING:
        return
    if standing.state not in BEFORE_VOTE:
        events.record("ballots.recusal_stands", subject(standing), by=by, at=at)
        return
    recusal, voter = kept
    session.delete(recusal)
    voter.open_questions += 1
    session.flush()
    events.record("ballots.readmitted", subject(standing), by=by, at=at)


def _take(standing: Ballot, reference: str, person_id: int, *, by: Actor | None, at: datetime) -> None:
    """Take a question from a voter, and from the votes that they cast for others."""
    concerned = or_(BallotVoter.person_id == person_id, BallotVoter.proxy_id == person_id)
    query = select(BallotVoter).where(BallotVoter.ballot_id == standing.id, concerned)
    rows = session.scalars(query.execution_options(populate_existing=True)).all()
    voter = next((one for one in rows if one.person_id == person_id), None)
    asked = next(one for one in standing.questions if one.reference == reference)
    if voter is None or standing.state not in STANDING or _is_recused(voter, asked):
        return
    if any(_is_fixed(standing, one, asked) for one in rows):
        raise ConflictError(
            _l(
                "The secret ballot on this case holds the vote of this member, their own or one cast for another, or "
                "is closed, and no vote can be taken out of it. The chair calls the ballot off; then record the "
                "recusal and call the ballot anew."
            ),
            code="voted",
        )
    session.add(BallotRecusal(voter_id=voter.id, question_id=asked.id))
    voter.open_questions -= 1
    session.flush()
    events.record("ballots.recused", subject(standing), by=by, at=at)
    if voter.open_questions == 0:
        desk.close_todos(subject(standing), at=at, kind="ballots.vote", person_id=person_id)
    for one in rows:
        if not queries.questions_for(standing, one):
            end_representation(standing, one, by=by, at=at)


def _is_recused(voter: BallotVoter, asked: BallotQuestion) -> bool:
    query = select(BallotRecusal.id).where(BallotRecusal.voter_id == voter.id, BallotRecusal.question_id == asked.id)
    return session.scalar(query) is not None


def _is_fixed(standing: Ballot, voter: BallotVoter, asked: BallotQuestion) -> bool:
    """Tell whether a vote for a voter covers a question and can no longer lose it."""
    covered = any(one.id == asked.id for one in queries.questions_for(standing, voter))
    return covered and (standing.state is BallotState.CLOSED or queries.vote_of(voter) is not None)

"""A recusal recorded after the ballot was called reaches the ballot, or is refused where a vote stands."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from app.ballots import queries
from app.ballots.models import Ballot, BallotQuestion, BallotRecusal, BallotVoter
from app.ballots.services.subjects import subject
from app.ballots.states import BallotState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError
from app.core.text import _l
from app.desk import services as desk

STANDING = (BallotState.KEYS, BallotState.READY, BallotState.OPEN, BallotState.CLOSED)


def recuse(meetings: Collection[str], reference: str, *, person_id: int, by: Actor | None, at: datetime) -> None:
    """Take a question from a voter in every undecided ballot of these meetings (codes).

    An encrypted vote covers all questions and is never changed, so nothing can be taken out of it. Raises
    ConflictError where the voter has voted on the question or the list of votes is fixed.
    """
    query = (
        select(Ballot)
        .join(BallotQuestion, BallotQuestion.ballot_id == Ballot.id)
        .where(Ballot.meeting_code.in_(meetings), Ballot.state.in_(STANDING), BallotQuestion.reference == reference)
        .order_by(Ballot.id)
    )
    for found in session.scalars(query).all():
        _take(queries.locked(found), reference, person_id, by=by, at=at)


def _take(standing: Ballot, reference: str, person_id: int, *, by: Actor | None, at: datetime) -> None:
    query = select(BallotVoter).where(BallotVoter.ballot_id == standing.id, BallotVoter.person_id == person_id)
    voter = session.scalar(query.execution_options(populate_existing=True))
    if voter is None or standing.state not in STANDING:
        return
    asked = next((one for one in queries.questions_for(standing, voter) if one.reference == reference), None)
    if asked is None:
        return
    if standing.state is BallotState.CLOSED or queries.vote_of(voter) is not None:
        raise ConflictError(
            _l(
                "The secret ballot on this case holds the vote of this member or is closed, and no vote can be taken "
                "out of it. The chair calls the ballot off; then record the recusal and call the ballot anew."
            ),
            code="voted",
        )
    session.add(BallotRecusal(voter_id=voter.id, question_id=asked.id))
    voter.open_questions -= 1
    session.flush()
    events.record("ballots.recused", subject(standing), by=by, at=at)
    if voter.open_questions == 0:
        desk.close_todos(subject(standing), at=at, kind="ballots.vote", person_id=person_id)

"""What becomes of ballots where two records of one human being are joined."""

from sqlalchemy import select

from app.ballots.models import Ballot, BallotTrustee, BallotVoter
from app.core.db import session
from app.core.errors import ConflictError
from app.core.text import _l


def one_voter(kept_id: int, gone_id: int) -> None:
    """Refuse where both records stand in one ballot, as voters or keepers of its key: its proofs name each."""
    for model in (BallotVoter, BallotTrustee):
        kept = select(model.ballot_id).where(model.person_id == kept_id)
        query = select(Ballot.title_zh).join(model, model.ballot_id == Ballot.id)
        ballot = session.scalars(query.where(model.person_id == gone_id, Ballot.id.in_(kept)).limit(1)).first()
        if ballot is not None:
            raise ConflictError(
                _l(
                    "Both records stand in the ballot %(ballot)s, whose proofs name each. They are not joined.",
                    ballot=ballot,
                )
            )


MERGES = {"ballot_voter.person_id": one_voter, "ballot_trustee.person_id": one_voter}

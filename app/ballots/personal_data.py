"""What the ballots room keeps of a person: that they could vote and voted, never what."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import exists, literal, select

from app.ballots.models import Ballot, BallotTrustee, BallotVote, BallotVoter
from app.ballots.states import BallotState
from app.core.columns import JsonObject
from app.core.db import session
from app.core.personal_data import PURPOSE_NOT_ACHIEVED, rows
from app.core.room import Hold, PersonalData
from app.core.text import _l

ENDED = (BallotState.DECIDED, BallotState.CALLED_OFF)


def _votes(person_id: int) -> Iterable[JsonObject]:
    """Tell in which ballots the person stood and whether anything was cast; no pseudonym, time or content."""
    cast = exists().where(BallotVote.voter_id == BallotVoter.id).label("voted")
    told = select(Ballot.code, Ballot.title_zh.label("name"), Ballot.region_code, BallotVoter.attending, cast).join(
        Ballot, Ballot.id == BallotVoter.ballot_id
    )
    yield from rows(told.where(BallotVoter.person_id == person_id).order_by(BallotVoter.id))
    proxy = select(Ballot.code, Ballot.title_zh.label("name"), literal("proxy").label("role")).join(
        BallotVoter, BallotVoter.ballot_id == Ballot.id
    )
    yield from rows(proxy.where(BallotVoter.proxy_id == person_id).order_by(BallotVoter.id))


def _offices(person_id: int) -> Iterable[JsonObject]:
    told = select(Ballot.code, Ballot.title_zh.label("name"), literal("trustee").label("role")).join(
        BallotTrustee, BallotTrustee.ballot_id == Ballot.id
    )
    yield from rows(told.where(BallotTrustee.person_id == person_id).order_by(BallotTrustee.id))
    chaired = select(Ballot.code, Ballot.title_zh.label("name"), literal("chair").label("role"))
    yield from rows(chaired.where(Ballot.chair_id == person_id).order_by(Ballot.id))


def _holds(person_id: int, on: date) -> Iterable[Hold]:
    """Keep who may vote or keeps a share of the key until the result is opened."""
    del on
    voting = exists().where(BallotVoter.ballot_id == Ballot.id, BallotVoter.person_id == person_id)
    keeping = exists().where(BallotTrustee.ballot_id == Ballot.id, BallotTrustee.person_id == person_id)
    query = select(Ballot.title_zh).where(Ballot.state.not_in(ENDED), voting | keeping)
    for name in session.scalars(query):
        yield Hold(
            _l("Your place in the ballot that is not opened yet (%(ballot)s)", ballot=name), PURPOSE_NOT_ACHIEVED, None
        )


PERSONAL_DATA = (
    PersonalData(
        "ballots",
        _l("Ballots I could vote in"),
        _votes,
        holds=_holds,
        columns=("ballot_voter.person_id", "ballot_voter.proxy_id"),
        fields={"attending": _l("Attending"), "voted": _l("Voted")},
    ),
    PersonalData(
        "ballot_offices",
        _l("Ballots whose key I kept or that I chaired"),
        _offices,
        columns=("ballot_trustee.person_id", "ballot.chair_id"),
    ),
)

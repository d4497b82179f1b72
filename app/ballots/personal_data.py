"""What the ballots room keeps of a person: that they could vote and voted, never what."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import SelectBase, exists, literal, select

from app.ballots.models import Ballot, BallotTrustee, BallotVote, BallotVoter
from app.ballots.states import BallotState
from app.core.columns import JsonObject
from app.core.personal_data import NO_END, PURPOSE_NOT_ACHIEVED, rows
from app.core.room import HoldKind, PersonalData
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


def _held(person_id: int, on: date) -> SelectBase:
    """Keep who may vote or keeps a share of the key until the result is opened."""
    del on
    voting = exists().where(BallotVoter.ballot_id == Ballot.id, BallotVoter.person_id == person_id)
    keeping = exists().where(BallotTrustee.ballot_id == Ballot.id, BallotTrustee.person_id == person_id)
    return select(Ballot.title_zh, NO_END).where(Ballot.state.not_in(ENDED), voting | keeping)


PERSONAL_DATA = (
    PersonalData(
        "ballots",
        _l("Ballots I could vote in"),
        _votes,
        holds=(
            HoldKind(_l("Your place in the ballot that is not opened yet (%(ballot)s)"), PURPOSE_NOT_ACHIEVED, _held),
        ),
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

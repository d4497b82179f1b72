"""The vote: opened by the chair, cast once by each voter, closed with a list that nobody can change."""

from datetime import datetime

from sqlalchemy import func, select

from app.ballots import queries
from app.ballots.models import Ballot, BallotVote, BallotVoter
from app.ballots.queries.counting import manifest_of, opened_questions
from app.ballots.rules.keys import election_of
from app.ballots.rules.tally import list_digest
from app.ballots.rules.verdicts import Moment, may_be_cast
from app.ballots.rules.votes import Vote, read_vote
from app.ballots.services.deciding import decide
from app.ballots.services.proxies import tell_proxy
from app.ballots.services.subjects import ask_to_vote, subject
from app.ballots.services.trustees import ask_trustees, refuse_restricted
from app.ballots.states import BALLOT, SERVE
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk


def open_vote(found: Ballot, *, closes_at: datetime, by: Actor, at: datetime) -> None:
    """Open the vote until an instant; raises ConflictError without a quorum, ForbiddenError for who may not serve."""
    standing = queries.locked(found)
    refuse_restricted(by, at=at)
    if closes_at <= at:
        raise InvalidError(_l("The vote would end before it begins. Choose a later end."), field="closes_at")
    needed = queries.pinned(standing).rules.needed_present(standing.committee_size)
    if queries.turnout_of(standing).attending < needed:
        raise ConflictError(_l("Too few members attend to open the vote: at least %(needed)s must.", needed=needed))
    BALLOT.move(standing, "open", opened_at=at, closes_at=closes_at)
    session.flush()
    events.record("ballots.opened", subject(standing), by=by, at=at, data={"closes_at": closes_at.isoformat()})
    desk.close_todos(subject(standing), at=at, kind="ballots.open")
    voters = session.scalars(
        select(BallotVoter).where(
            BallotVoter.ballot_id == standing.id, BallotVoter.attending, BallotVoter.open_questions > 0
        )
    )
    for one in voters:
        ask_to_vote(standing, one.person_id, at=at)
    for _code, proxy_id in session.execute(queries.proxies_owed(Ballot.id == standing.id)).all():
        tell_proxy(standing, proxy_id, at=at)


def read(found: Ballot, voter: BallotVoter, text: str) -> Vote:
    """Check the proofs of a vote, outside of any transaction because it takes time; raises RefusedError.

    Raises ConflictError where there is no key to check against.
    """
    if found.fingerprint is None:
        raise ConflictError(_l("The vote is not open. The page of the ballot shows where it is."), code="not_open")
    questions = [one.code for one in queries.questions_for(found, voter)]
    return read_vote(election_of(manifest_of(found)), voter.pseudonym, questions, text)


def cast(found: Ballot, voter: BallotVoter, *, vote: Vote, by: Actor, at: datetime) -> BallotVote:
    """Keep a checked vote; the same vote again gives the same row, another one is refused or replaces it.

    Raises ConflictError when the vote is not open, the time is over, the quorum is lost, who casts is absent, or the
    voter has voted and the rules let nobody vote twice; ForbiddenError for whoever may not cast this voter's vote and
    for who may not serve as an expert.
    """
    standing = queries.locked(found, shared=True)
    holder = session.scalars(
        select(BallotVoter)
        .where(BallotVoter.id == voter.id)
        .with_for_update(of=BallotVoter)
        .execution_options(populate_existing=True)
    ).one()
    rules = queries.pinned(standing).rules
    if by.person_id != holder.person_id and not (rules.proxy and by.person_id == holder.proxy_id):
        raise ForbiddenError(_l("Only the voter casts this vote."))
    known = queries.vote_of(holder)
    if known is not None and known.hash == vote.hash:
        return known
    may_be_cast(rules, _moment(standing, at))
    restrictions.refuse_restricted_people(SERVE, [by.person_id, holder.person_id], on=day_of(at))
    _demand_present(standing, holder, by)
    if known is not None and rules.revoting == "none":
        raise ConflictError(
            _l("You have voted already, and a vote cannot be changed. Your receipt is on this page."), code="voted"
        )
    if vote.fingerprint != standing.fingerprint or vote.voter != holder.pseudonym:
        raise ConflictError(_l("The key was made anew since you opened the page. Reload it and vote again."))
    if list(vote.ciphers) != [one.code for one in queries.questions_for(standing, holder)]:
        raise ConflictError(_l("Your questions have changed since you opened the page. Reload it and vote again."))
    return _keep(standing, holder, vote, sequence=known.sequence + 1 if known else 1, at=at)


def _demand_present(standing: Ballot, holder: BallotVoter, by: Actor) -> None:
    """Refuse whoever is not there, and a proxy whose voter is."""
    casting = holder if by.person_id == holder.person_id else queries.own_seat(standing, by)
    if not casting.attending:
        raise ConflictError(_l("You are not recorded as present. Sign in to the meeting, then vote."), code="absent")
    if holder.attending and casting is not holder:
        raise ConflictError(_l("%(name)s is present now and votes in person.", name=holder.person.name))


def _keep(standing: Ballot, holder: BallotVoter, vote: Vote, *, sequence: int, at: datetime) -> BallotVote:
    row = BallotVote(
        ballot_id=standing.id,
        voter_id=holder.id,
        sequence=sequence,
        hash=vote.hash,
        content=vote.text,
        cast_at=at.replace(second=0, microsecond=0),
    )
    session.add(row)
    session.flush()
    desk.close_todos(subject(standing), at=row.cast_at, kind="ballots.vote", person_id=holder.person_id)
    if holder.proxy_id is not None:
        tell_proxy(standing, holder.proxy_id, at=row.cast_at)
    return row


def _moment(standing: Ballot, at: datetime) -> Moment:
    present = queries.turnout_of(standing).attending
    return Moment(standing.state, standing.opened_at, standing.closes_at, standing.committee_size, present, at)


def close_vote(found: Ballot, *, by: Actor, at: datetime) -> None:
    """Close the vote and fix its list; then the trustees open the tally, or nothing can be opened and it is decided.

    Raises ForbiddenError for a chair who may not serve as an expert.
    """
    standing = queries.locked(found)
    refuse_restricted(by, at=at)
    BALLOT.move(standing, "close", closed_at=at, list_digest=list_digest(queries.vote_hashes(standing)))
    session.flush()
    votes = session.scalar(select(func.count()).where(BallotVote.ballot_id == standing.id)) or 0
    data = {"list": standing.list_digest, "votes": votes}
    events.record("ballots.closed", subject(standing), by=by, at=at, data=data)
    desk.close_todos(subject(standing), at=at)
    if not opened_questions(standing):
        decide(standing, {}, at=at)
        return
    ask_trustees(standing, at=at)

"""The vote: opened by the chair, cast once by each voter, closed with a list that nobody can change."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, update

from app.ballots import queries
from app.ballots.models import Ballot, BallotVote, BallotVoter
from app.ballots.queries.counting import manifest_of, opened_questions
from app.ballots.rules.keys import election_of
from app.ballots.rules.tally import list_digest
from app.ballots.rules.verdicts import Moment, may_be_cast
from app.ballots.rules.votes import Vote, read_vote
from app.ballots.services.deciding import decide
from app.ballots.services.subjects import subject, titles, url
from app.ballots.states import BALLOT, BallotState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk


def open_vote(found: Ballot, *, closes_at: datetime, by: Actor, at: datetime) -> None:
    """Open the vote until an instant; raises ConflictError without a quorum."""
    standing = queries.locked(found)
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
        _ask(standing, one.person_id, at=at)


def _ask(standing: Ballot, person_id: int, *, at: datetime) -> None:
    desk.open_todo(
        "ballots.vote",
        subject(standing),
        url=url(standing, "/vote"),
        at=at,
        person_id=person_id,
        params=titles(standing),
    )


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

    Raises ConflictError when the vote is not open, the time is over, the quorum is lost, or the voter has voted and
    the rules let nobody vote twice; ForbiddenError for whoever may not cast this voter's vote.
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
    if not holder.attending and by.person_id == holder.person_id:
        raise ConflictError(_l("You are not recorded as attending. Ask the chair to record you, then vote."))
    if known is not None and rules.revoting == "none":
        raise ConflictError(
            _l("You have voted already, and a vote cannot be changed. Your receipt is on this page."), code="voted"
        )
    if vote.fingerprint != standing.fingerprint or vote.voter != holder.pseudonym:
        raise ConflictError(_l("The key was made anew since you opened the page. Reload it and vote again."))
    if list(vote.ciphers) != [one.code for one in queries.questions_for(standing, holder)]:
        raise ConflictError(_l("Your questions have changed since you opened the page. Reload it and vote again."))
    return _keep(standing, holder, vote, sequence=known.sequence + 1 if known else 1, at=at)


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
    return row


def _moment(standing: Ballot, at: datetime) -> Moment:
    present = queries.turnout_of(standing).attending
    return Moment(standing.state, standing.opened_at, standing.closes_at, standing.committee_size, present, at)


def set_attendance(found: Ballot, *, attending: Iterable[int], by: Actor, at: datetime) -> None:
    """Record which voters (person ids) attend now; votes are taken only while they are a quorum.

    Raises ConflictError once the vote is closed.
    """
    standing = queries.locked(found)
    if standing.state not in {BallotState.KEYS, BallotState.READY, BallotState.OPEN}:
        raise ConflictError(_l("The vote is over; who attended it can no longer be changed."))
    here = set(attending)
    is_here = BallotVoter.person_id.in_(here)
    session.execute(update(BallotVoter).where(BallotVoter.ballot_id == standing.id).values(attending=is_here))
    session.expire_all()
    present = queries.turnout_of(standing).attending
    events.record("ballots.attendance", subject(standing), by=by, at=at, data={"attending": present})
    if standing.state is BallotState.OPEN:
        voted = select(BallotVote.voter_id).where(BallotVote.ballot_id == standing.id)
        rest = select(BallotVoter).where(
            BallotVoter.ballot_id == standing.id, is_here, BallotVoter.open_questions > 0, BallotVoter.id.not_in(voted)
        )
        for one in session.scalars(rest):
            _ask(standing, one.person_id, at=at)
        away = select(BallotVoter.person_id).where(BallotVoter.ballot_id == standing.id, ~is_here)
        for person_id in session.scalars(away):
            desk.close_todos(subject(standing), at=at, kind="ballots.vote", person_id=person_id)


def appoint_proxy(found: Ballot, *, voter_id: int, proxy_id: int | None, by: Actor, at: datetime) -> None:
    """Let one voter (person id) be represented by another, where the rules allow it; None takes it back.

    Raises ConflictError where the rules allow no proxies or the vote is over, InvalidError for a stranger.
    """
    standing = queries.locked(found)
    if not queries.pinned(standing).rules.proxy:
        raise ConflictError(_l("The rules of this ballot let nobody vote for somebody else."))
    if standing.state not in {BallotState.KEYS, BallotState.READY, BallotState.OPEN}:
        raise ConflictError(_l("The vote is over; nobody can be represented in it any more."))
    rows = {
        one.person_id: one for one in session.scalars(select(BallotVoter).where(BallotVoter.ballot_id == standing.id))
    }
    if voter_id not in rows or (proxy_id is not None and proxy_id not in rows) or voter_id == proxy_id:
        raise InvalidError(_l("Choose another voter of this ballot as the proxy."), field="proxy")
    rows[voter_id].proxy_id = proxy_id
    session.flush()
    events.record("ballots.proxy", subject(standing), by=by, at=at, data={"taken_back": proxy_id is None})


def close_vote(found: Ballot, *, by: Actor, at: datetime) -> None:
    """Close the vote and fix its list; then the trustees open the tally, or nothing can be opened and it is decided."""
    standing = queries.locked(found)
    BALLOT.move(standing, "close", closed_at=at, list_digest=list_digest(queries.vote_hashes(standing)))
    session.flush()
    votes = session.scalar(select(func.count()).where(BallotVote.ballot_id == standing.id)) or 0
    data = {"list": standing.list_digest, "votes": votes}
    events.record("ballots.closed", subject(standing), by=by, at=at, data=data)
    desk.close_todos(subject(standing), at=at)
    if not opened_questions(standing):
        decide(standing, {}, at=at)
        return
    for one in standing.trustees:
        desk.open_todo(
            "ballots.tally",
            subject(standing),
            url=url(standing, "/key"),
            at=at,
            person_id=one.person_id,
            params=titles(standing),
        )

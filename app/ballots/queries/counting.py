"""What is counted when a ballot closes, and the bulletin from which anyone counts again."""

from collections import Counter
from typing import Any, NamedTuple

from sqlalchemy import func, select

from app.ballots.models import Ballot, BallotTrustee, BallotVote, BallotVoter
from app.ballots.queries.presence import recused_questions
from app.ballots.queries.records import pinned
from app.ballots.rules.bulletin import FORMAT
from app.ballots.rules.group import Point, point
from app.ballots.rules.keys import Ceremony, election_of, manifest
from app.ballots.rules.proofs import Cipher
from app.ballots.rules.tally import product
from app.ballots.rules.verdicts import Turnout
from app.ballots.rules.votes import Vote, digest, parse_ciphers
from app.ballots.states import Choice
from app.core.db import session


def ceremony_of(found: Ballot) -> Ceremony:
    """Return the making of the key that stands."""
    return Ceremony(found.code, found.ceremony)


def manifest_of(found: Ballot) -> dict[str, object]:
    """Write down what votes and tally are bound to; all three trustees must have dealt."""
    dealt = [one.dealt or {} for one in found.trustees]
    return manifest(
        ceremony_of(found),
        [one.code for one in found.questions],
        [one.exchange or "" for one in found.trustees],
        [one["commitments"] for one in dealt],
    )


def lines_of(found: Ballot) -> list[list[Point]]:
    """Return the committed lines of the three trustees."""
    return [[point(text) for text in (one.dealt or {})["commitments"]] for one in found.trustees]


class Roll(NamedTuple):
    """The voters of a ballot, and by voter id the codes of the questions that a vote for each covers, in order."""

    voters: list[BallotVoter]
    asked: dict[int, list[str]]


def roll_of(found: Ballot) -> Roll:
    """Read the voters and what each is asked; as `questions_for`."""
    closed = recused_questions(found)
    voters = list(session.scalars(select(BallotVoter).where(BallotVoter.ballot_id == found.id)))
    shut = {voter.id: closed[voter.person_id] | closed[voter.proxy_id] for voter in voters}
    asked = {voter: [one.code for one in found.questions if one.id not in kept] for voter, kept in shut.items()}
    return Roll(voters, asked)


def counted(found: Ballot) -> list[Vote]:
    """Return the votes that count, each voter's last, in the order of their hashes.

    Their proofs were checked before they were kept, and their text cannot have changed since: the hash is compared.
    """
    last = select(func.max(BallotVote.id)).where(BallotVote.ballot_id == found.id).group_by(BallotVote.voter_id)
    rows = session.scalars(select(BallotVote).where(BallotVote.id.in_(last)).order_by(BallotVote.hash))
    fingerprint = found.fingerprint or ""
    return [Vote(one.content, digest(one.content), "", fingerprint, parse_ciphers(one.content)) for one in rows]


def turnouts(found: Ballot) -> dict[str, Turnout]:
    """Return the facts of each question by its code: who attends and is not recused, and how many voted on it.

    Nothing of them changes once the vote is closed: who comes, leaves or leaves the committee then changes no count.
    """
    voted = session.scalars(select(BallotVote.voter_id).where(BallotVote.ballot_id == found.id))
    return _turnouts(found, roll_of(found), set(voted))


def _turnouts(found: Ballot, roll: Roll, voted: set[int]) -> dict[str, Turnout]:
    attending = {one.id for one in roll.voters if one.attending}
    free = Counter(code for voter in attending for code in roll.asked[voter])
    counting = Counter(code for voter in attending | voted for code in roll.asked[voter])
    votes = Counter(code for voter in voted for code in roll.asked[voter])
    return {
        one.code: Turnout(found.committee_size, len(attending), free[one.code], counting[one.code], votes[one.code])
        for one in found.questions
    }


def opened_questions(found: Ballot) -> list[str]:
    """Return the codes of the questions with enough votes to be opened."""
    return _opened(found, turnouts(found))


def _opened(found: Ballot, facts: dict[str, Turnout]) -> list[str]:
    least = pinned(found).rules.least_votes
    return [one.code for one in found.questions if facts[one.code].votes >= least]


def opened_product(found: Ballot) -> dict[str, tuple[Cipher, ...]]:
    """Return the product of the votes on each question that is opened."""
    opened = opened_questions(found)
    return {code: ciphers for code, ciphers in product(counted(found), opened).items() if code in opened}


def bulletin_of(found: Ballot) -> dict[str, Any]:
    """Return the whole bulletin of a closed or decided ballot: all that is needed to count again."""
    roll = roll_of(found)
    names: dict[int | None, str] = {one.person_id: one.pseudonym for one in roll.voters}
    query = select(BallotVote).where(BallotVote.ballot_id == found.id).order_by(BallotVote.hash)
    votes = list(session.scalars(query))
    return {
        "format": FORMAT,
        "manifest": manifest_of(found),
        "trustees": [_published(one) for one in found.trustees],
        "voters": sorted(
            (
                {"pseudonym": one.pseudonym, "questions": roll.asked[one.id], "proxy": names.get(one.proxy_id)}
                for one in roll.voters
            ),
            key=lambda row: str(row["pseudonym"]),
        ),
        "votes": [
            {"hash": one.hash, "sequence": one.sequence, "voter": one.voter.pseudonym, "vote": one.content}
            for one in votes
        ],
        "list": found.list_digest,
        "opened": _opened(found, _turnouts(found, roll, {one.voter_id for one in votes})),
        "openings": [{"index": one.place, **one.opening} for one in found.trustees if one.opening is not None],
        "results": _results(found) if found.decided_at else None,
    }


def _published(one: BallotTrustee) -> dict[str, Any]:
    dealt = one.dealt or {}
    return {
        "exchange": one.exchange,
        "exchange_proof": pair(one.exchange_proof),
        "commitments": dealt["commitments"],
        "deal_proof": dealt["proof"],
        "sealed_shares": dealt["shares"],
        "confirm_proof": pair(one.confirm_proof),
    }


def pair(text: str | None) -> list[str]:
    """Split a stored proof into its challenge and response."""
    half = len(text or "") // 2
    return [(text or "")[:half], (text or "")[half:]]


def _results(found: Ballot) -> dict[str, dict[str, int]]:
    return {
        one.code: {
            Choice.APPROVE.value: one.approve,
            Choice.OBJECT.value: one.object or 0,
            Choice.ABSTAIN.value: one.abstain or 0,
        }
        for one in found.questions
        if one.approve is not None
    }


def election_key(found: Ballot) -> dict[str, object]:
    """Return what a voter's page encrypts under: the ballot, its fingerprint and its key."""
    written = manifest_of(found)
    election = election_of(written)
    return {"ballot": election.ballot, "fingerprint": election.fingerprint, "key": election.key.text}

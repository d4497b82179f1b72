"""Who attends a ballot, who is represented in it, and how many may vote on each question now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import aliased

from app.accounts.access import covers
from app.accounts.models import Person
from app.ballots.access import Permission
from app.ballots.models import Ballot, BallotQuestion, BallotRecusal, BallotVote, BallotVoter
from app.ballots.queries.records import UNKNOWN, may_conduct, pinned, visible_questions, vote_of
from app.ballots.rules.proxies import may_be_represented
from app.ballots.states import BallotState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, NotFoundError


class Seat(NamedTuple):
    """A voter of a ballot by name: whether they attend, who votes for them, and whether their vote is cast."""

    name: str
    attending: bool
    proxy: str | None
    voted: bool


class Presence(NamedTuple):
    """A question: how many attend and may vote on it, how many are represented, and by name who may not and why not."""

    question: BallotQuestion
    present: int
    represented: int
    absent: list[str]
    recused: list[str]


def recused_questions(found: Ballot) -> defaultdict[int | None, set[int]]:
    """Return by person the ids of the questions that each is recused from; nobody (None) from none."""
    query = (
        select(BallotVoter.person_id, BallotRecusal.question_id)
        .join(BallotVoter, BallotVoter.id == BallotRecusal.voter_id)
        .where(BallotVoter.ballot_id == found.id)
    )
    closed: defaultdict[int | None, set[int]] = defaultdict(set)
    for person_id, question_id in session.execute(query):
        closed[person_id].add(question_id)
    return closed


class Electorate(NamedTuple):
    """The latest ballot on a matter, and who (by key) votes in it and who of them has no vote on the matter."""

    ballot: Ballot
    voters: frozenset[int]
    recused: frozenset[int]


def electorate(meeting_code: str, reference: str) -> Electorate | None:
    """Return who may vote on a matter of a meeting, as its latest ballot stands; None where none was called.

    Ballots that were called off do not count. Two statements.
    """
    query = (
        select(Ballot, BallotQuestion.id)
        .join(BallotQuestion, BallotQuestion.ballot_id == Ballot.id)
        .where(
            Ballot.meeting_code == meeting_code,
            Ballot.state != BallotState.CALLED_OFF,
            BallotQuestion.reference == reference,
        )
    )
    row = session.execute(query.order_by(Ballot.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    ballot, question_id = row
    away = BallotRecusal.voter_id == BallotVoter.id, BallotRecusal.question_id == question_id
    voters = select(BallotVoter.person_id, BallotRecusal.id).outerjoin(BallotRecusal, and_(*away))
    told: Iterable[Any] = session.execute(voters.where(BallotVoter.ballot_id == ballot.id))  # no recusal for most
    listed = [(person, recusal is not None) for person, recusal in told]
    return Electorate(ballot, frozenset(one for one, _ in listed), frozenset(one for one, out in listed if out))


def sees_attendance(found: Ballot, actor: Actor) -> bool:
    """Tell whether the actor conducts or watches a ballot, and so sees by name who attends."""
    return may_conduct(found, actor) or (actor.may(Permission.WATCH) and covers(actor.region_code, found.region_code))


def seats_of(rows: list[tuple[BallotVoter, bool]]) -> list[Seat]:
    """Return the voters by name with whether they have voted, those who attend first."""
    names = {one.person_id: one.person.name for one, _voted in rows}
    seats = [Seat(one.person.name, one.attending, names.get(one.proxy_id or 0), voted) for one, voted in rows]
    return sorted(seats, key=lambda one: not one.attending)


def presence_of(found: Ballot, rows: list[BallotVoter], actor: Actor) -> list[Presence]:
    """Return how each question stands that the actor may see."""
    closed = recused_questions(found)
    return [_presence(one, rows, closed) for one in visible_questions(found, actor)]


def _presence(question: BallotQuestion, rows: list[BallotVoter], closed: Mapping[int | None, set[int]]) -> Presence:
    def may(person_id: int | None) -> bool:
        return question.id not in closed.get(person_id, ())

    free = [one for one in rows if may(one.person_id)]
    away = [one for one in free if not one.attending]
    represented = [one for one in away if one.proxy_id is not None and may(one.proxy_id)]
    return Presence(
        question,
        present=len(free) - len(away),
        represented=len(represented),
        absent=[one.person.name for one in away if one not in represented],
        recused=[one.person.name for one in rows if one not in free],
    )


def roll_of(found: Ballot) -> list[BallotVoter]:
    """Return the voters of a ballot in the order of its roll."""
    query = select(BallotVoter).where(BallotVoter.ballot_id == found.id).order_by(BallotVoter.id)
    return list(session.scalars(query))


def own_seat(found: Ballot, actor: Actor) -> BallotVoter:
    """Return the actor as a voter who may vote on something; raises NotFoundError for anybody else."""
    query = select(BallotVoter).where(
        BallotVoter.ballot_id == found.id, BallotVoter.person_id == actor.person_id, BallotVoter.open_questions > 0
    )
    own = session.scalar(query.execution_options(populate_existing=True))
    if own is None:
        raise NotFoundError(UNKNOWN)
    return own


def proxies_owed(*conditions: ColumnElement[bool]) -> Select[str, int]:
    """Select the codes of ballots and the proxies (person ids) who attend them and have not voted for all they should.

    To be narrowed to open ballots.
    """
    proxy = aliased(BallotVoter)
    voted = select(BallotVote.id).where(BallotVote.voter_id == BallotVoter.id)
    return (
        select(Ballot.code, proxy.person_id)
        .join(BallotVoter, BallotVoter.ballot_id == Ballot.id)
        .join(proxy, (proxy.ballot_id == Ballot.id) & (proxy.person_id == BallotVoter.proxy_id))
        .where(proxy.attending, ~voted.exists(), *conditions)
        .distinct()
    )


def owes_as_proxy(found: Ballot, person_id: int) -> bool:
    """Tell whether a person attends a ballot and has still to vote for somebody who named them."""
    owed = proxies_owed(Ballot.id == found.id, BallotVoter.proxy_id == person_id)
    return session.execute(owed.limit(1)).first() is not None


def no_proxy_because(found: Ballot, voter: BallotVoter) -> ConflictError | None:
    """Return why nothing of a voter's proxy can be settled now, None where it can."""
    voted = vote_of(voter) is not None
    try:
        may_be_represented(pinned(found).rules, found.state, attending=voter.attending, voted=voted)
    except ConflictError as refusal:
        return refusal
    return None


def represented(*conditions: ColumnElement[bool]) -> list[tuple[str, str]]:
    """Return the names of voters and of those who cast a vote for them, where one was cast, under some conditions."""
    proxy = aliased(Person)
    voted = select(BallotVote.id).where(BallotVote.voter_id == BallotVoter.id)
    query = (
        select(Person.name, proxy.name)
        .join(BallotVoter, BallotVoter.person_id == Person.id)
        .join(proxy, proxy.id == BallotVoter.proxy_id)
        .join(Ballot, Ballot.id == BallotVoter.ballot_id)
        .where(voted.exists(), *conditions)
    )
    return [(voter, other) for voter, other in session.execute(query.order_by(BallotVoter.id))]


def represented_in(found: Ballot) -> list[tuple[str, str]]:
    """Return by name who was represented in a ballot, and by whom."""
    return represented(Ballot.id == found.id)


def represented_at(meeting_code: str) -> list[tuple[str, str]]:
    """Return by name who was represented in the ballots of a meeting that count, and by whom; for its minutes."""
    return list(dict.fromkeys(represented(Ballot.meeting_code == meeting_code, Ballot.state != BallotState.CALLED_OFF)))

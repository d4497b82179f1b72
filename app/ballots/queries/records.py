"""Ballots, questions, voters and votes, each within what a person may see."""

from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from app.accounts.access import within
from app.accounts.models import Membership
from app.accounts.states import Role
from app.ballots.access import Permission
from app.ballots.models import Ballot, BallotQuestion, BallotRecusal, BallotTrustee, BallotVote, BallotVoter
from app.ballots.rules.parameters import BallotRules
from app.ballots.rules.verdicts import Pinned
from app.ballots.states import STANDING
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.room import rooms
from app.core.text import _l
from app.rulebook import queries as rulebook

PER_PAGE = 25
UNKNOWN = _l("There is no such ballot among those open to you.")


class Page(NamedTuple):
    """One page of ballots."""

    rows: list[Ballot]
    page: int
    pages: int
    total: int


def visible(actor: Actor) -> Select[Ballot]:
    """Select the ballots of which a person is voter, trustee or chair, or which they watch.

    A voter recused from every question is no voter: the ballot is unknown to them. Who votes for another is a voter.
    """
    return select(Ballot).where(_within_scope(actor))


def _within_scope(actor: Actor) -> ColumnElement[bool]:
    me = actor.person_id
    votes = exists().where(
        BallotVoter.ballot_id == Ballot.id, BallotVoter.person_id == me, BallotVoter.open_questions > 0
    )
    keeps = exists().where(BallotTrustee.ballot_id == Ballot.id, BallotTrustee.person_id == me)
    mine = or_(votes, keeps, Ballot.chair_id == me)
    return or_(mine, watches(actor)) if actor.may(Permission.WATCH) else mine


def watches(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor watches a ballot: a supervisor of the region, the office that called it."""
    here = within(Ballot.region_code, actor)
    if actor.role != Role.SECRETARY:
        return here
    if actor.organisation_id is None:
        return false()
    office = select(Membership.person_id).where(
        Membership.role == Role.SECRETARY, Membership.organisation_id == actor.organisation_id
    )
    return and_(here, Ballot.called_by_id.in_(office))


def ballots(actor: Actor, *, state: str = "", page: int = 1) -> Page:
    """List ballots, newest first; a page beyond the last gives the last."""
    query = visible(actor)
    if state:
        query = query.where(Ballot.state == state)
    total = session.scalar(select(func.count()).select_from(query.with_only_columns(Ballot.id).subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    rows = session.scalars(query.order_by(Ballot.id.desc()).limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Page(list(rows), wanted, pages, total)


def ballot(code: str, actor: Actor) -> Ballot:
    """Return one ballot; raises NotFoundError outside of what one may see."""
    found = session.scalar(visible(actor).where(Ballot.code == code))
    if found is None:
        raise NotFoundError(UNKNOWN)
    return found


def stands_at(meeting_code: str) -> bool:
    """Tell whether a ballot of a meeting (its code) has neither a result nor an end without one."""
    query = select(Ballot.id).where(Ballot.meeting_code == meeting_code, Ballot.state.in_(STANDING))
    return session.scalar(query.limit(1)) is not None


def locked(found: Ballot, *, shared: bool = False) -> Ballot:
    """Read a ballot again under a lock to the end of the transaction.

    Votes share the lock; opening, closing and every act on the key hold it alone, so that no vote slips in while
    the list is being fixed and no trustee's act misses another's.
    """
    query = select(Ballot).where(Ballot.id == found.id).with_for_update(read=shared, of=Ballot)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def may_conduct(found: Ballot, actor: Actor) -> bool:
    """Tell whether the actor is the chair of the ballot, acting as chair."""
    return actor.may(Permission.CONDUCT) and found.chair_id == actor.person_id


def trustee_of(found: Ballot, actor: Actor) -> BallotTrustee:
    """Return the actor as trustee; raises NotFoundError for anybody else."""
    for one in found.trustees:
        if one.person_id == actor.person_id:
            return one
    raise NotFoundError(UNKNOWN)


def voters_for(found: Ballot, actor: Actor) -> list[BallotVoter]:
    """Return those for whom the actor casts: oneself first, then whoever named the actor as proxy."""
    query = select(BallotVoter).where(
        BallotVoter.ballot_id == found.id,
        or_(BallotVoter.person_id == actor.person_id, BallotVoter.proxy_id == actor.person_id),
        BallotVoter.open_questions > 0,
    )
    rows = session.scalars(query.order_by(BallotVoter.person_id != actor.person_id, BallotVoter.id))
    return list(rows)


def voter_for(found: Ballot, actor: Actor, pseudonym: str = "") -> BallotVoter:
    """Return for whom the actor casts, oneself by default; raises NotFoundError for anybody else's vote."""
    for one in voters_for(found, actor):
        if pseudonym in {"", one.pseudonym}:
            return one
    raise NotFoundError(UNKNOWN)


def questions_for(found: Ballot, voter: BallotVoter) -> list[BallotQuestion]:
    """Return the questions that a vote for this voter covers, in their order.

    Those are the questions that neither the voter nor who votes for them is recused from.
    """
    recused = (
        select(BallotRecusal.question_id)
        .join(BallotVoter, BallotVoter.id == BallotRecusal.voter_id)
        .where(
            BallotVoter.ballot_id == found.id,
            or_(BallotVoter.id == voter.id, BallotVoter.person_id == voter.proxy_id),
        )
    )
    query = select(BallotQuestion).where(BallotQuestion.ballot_id == found.id, BallotQuestion.id.not_in(recused))
    return list(session.scalars(query.order_by(BallotQuestion.position)))


def visible_questions(found: Ballot, actor: Actor) -> list[BallotQuestion]:
    """Return the questions that the actor may see: all but those they are recused from, as voter or in any other role.

    Rooms above declare in `Room.recused_codes` who is recused from a record, whoever they are to the ballot.
    """
    recused = (
        select(BallotRecusal.question_id)
        .join(BallotVoter, BallotVoter.id == BallotRecusal.voter_id)
        .where(BallotVoter.person_id == actor.person_id)
    )
    above = [codes(actor.person_id) for room in rooms() for codes in room.recused_codes]
    query = select(BallotQuestion).where(
        BallotQuestion.ballot_id == found.id,
        BallotQuestion.id.not_in(recused),
        *(BallotQuestion.reference.not_in(codes) for codes in above),
    )
    return list(session.scalars(query.order_by(BallotQuestion.position)))


def visible_question(found: Ballot, code: str, actor: Actor) -> BallotQuestion:
    """Return one question; raises NotFoundError where it is unknown or the actor is recused from it."""
    for one in visible_questions(found, actor):
        if one.code == code:
            return one
    raise NotFoundError(UNKNOWN)


def vote_of(voter: BallotVoter) -> BallotVote | None:
    """Return a voter's latest vote, None where none was cast."""
    query = select(BallotVote).where(BallotVote.voter_id == voter.id).order_by(BallotVote.sequence.desc())
    return session.scalar(query.limit(1))


def vote_hashes(found: Ballot) -> list[str]:
    """Return the hashes of all votes, sorted, so that their order says nothing of when they came."""
    return list(
        session.scalars(select(BallotVote.hash).where(BallotVote.ballot_id == found.id).order_by(BallotVote.hash))
    )


class Present(NamedTuple):
    """How many may vote, attend, have a vote to come (their own or by a proxy) or cast, and have voted."""

    voters: int
    attending: int
    expected: int
    voted: int


def turnout_of(found: Ballot) -> Present:
    """Count voters, those attending, those whose votes are expected, and those who voted."""
    return present_among(voters_of(found))


def voters_of(found: Ballot) -> list[tuple[BallotVoter, bool]]:
    """Return every voter with whether they have voted, in one statement."""
    voted = exists().where(BallotVote.voter_id == BallotVoter.id)
    rows = session.execute(select(BallotVoter, voted).where(BallotVoter.ballot_id == found.id).order_by(BallotVoter.id))
    return [(voter, bool(done)) for voter, done in rows]


def present_among(rows: list[tuple[BallotVoter, bool]]) -> Present:
    """Count voters, those attending, those whose votes are expected, and those who voted."""
    expected = [one for one, done in rows if done or (one.open_questions and (one.attending or one.proxy_id))]
    attending = sum(one.attending for one, _done in rows)
    return Present(len(rows), attending, len(expected), sum(done for _one, done in rows))


def cast_by(rows: list[tuple[BallotVoter, bool]], actor: Actor) -> list[BallotVoter]:
    """Return those of the voters for whom the actor casts."""
    me = actor.person_id
    return [one for one, _done in rows if me in {one.person_id, one.proxy_id} and one.open_questions > 0]


def absent_among(rows: list[tuple[BallotVoter, bool]]) -> list[BallotVoter]:
    """Return those of the voters who are absent, may vote on something and have not voted."""
    return [one for one, done in rows if not one.attending and one.open_questions > 0 and not done]


def proxy_among(rows: list[tuple[BallotVoter, bool]], actor: Actor) -> str | None:
    """Return the name of who votes for the actor, None where nobody does."""
    names = {one.person_id: one.person.name for one, _done in rows}
    return next((names.get(one.proxy_id or 0) for one, _done in rows if one.person_id == actor.person_id), None)


def pinned(found: Ballot) -> Pinned:
    """Return the rule pack that the ballot was called under."""
    pack = rulebook.by_code(found.rule_pack)
    source = str(pack.source.get("title_zh", ""))
    return Pinned(cast("BallotRules", rulebook.params(pack)), pack.code, pack.tag.value, source)

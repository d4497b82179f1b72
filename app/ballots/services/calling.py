"""A room above calls a ballot for a meeting, or the chair calls it off."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.ballots import queries
from app.ballots.models import Ballot, BallotQuestion, BallotRecusal, BallotTrustee, BallotVoter
from app.ballots.rules.keys import TRUSTEES
from app.ballots.services.subjects import subject
from app.ballots.services.trustees import ask_trustees, refuse_restricted
from app.ballots.states import BALLOT, SERVE
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk
from app.rulebook.models import RulePack

KIND = "ballot_rules"
NOT_TO_BE_CALLED_OFF = _l(
    "The chair calls a ballot off; the office that called it only while too few trustees may act."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: the code of a record of the room above and what voters read."""

    reference: str
    title_zh: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Eligible:
    """A voter, and the references of the questions they are recused from."""

    person_id: int
    recused: frozenset[str] = field(default_factory=frozenset)
    attending: bool = True


def call_ballot(  # noqa: PLR0913 - a ballot names its meeting, what is asked, who votes, who keeps the key, by which rule
    meeting_code: str,
    *,
    title: tuple[str, str],
    questions: Sequence[Asked],
    voters: Sequence[Eligible],
    trustees: Sequence[int],
    region: str,
    pack: RulePack,
    committee_size: int | None = None,
    by: Actor | None,
    at: datetime,
) -> Ballot:
    """Call a secret ballot; its three trustees are asked to make the key.

    `title` is Chinese and English; the first of `trustees` (person ids) is the chair, who opens and closes the vote;
    `committee_size` counts the whole committee for the quorum, the voters where not given. Raises InvalidError, and
    ForbiddenError naming whom of those attending a restriction keeps from serving.
    """
    size = len(voters) if committee_size is None else committee_size
    _check(questions, voters, trustees, size)
    if pack.kind != KIND:
        raise InvalidError(_l("This rule pack does not set rules for ballots. Name one that does."), field="pack")
    attending = [one.person_id for one in voters if one.attending]
    restrictions.refuse_restricted_people(SERVE, {*attending, *trustees}, on=day_of(at))
    found = Ballot(
        meeting_code=meeting_code,
        region_code=region,
        title_zh=title[0],
        title_en=title[1],
        rule_pack=pack.code,
        committee_size=size,
        chair_id=trustees[0],
        called_by_id=by.person_id if by else None,
        called_at=at,
    )
    session.add(found)
    session.flush()
    asked = _add_questions(found, questions)
    _add_voters(found, voters, asked)
    session.add_all(
        BallotTrustee(ballot_id=found.id, person_id=person, place=place)
        for place, person in enumerate(trustees, start=1)
    )
    session.flush()
    data = {"meeting": meeting_code, "questions": len(questions), "voters": len(voters)}
    events.record("ballots.called", subject(found), by=by, at=at, rule=pack.code, data=data)
    ask_trustees(found, at=at)
    return found


def _check(
    questions: Sequence[Asked], voters: Sequence[Eligible], trustees: Sequence[int], committee_size: int
) -> None:
    if len(set(trustees)) != TRUSTEES or len(trustees) != TRUSTEES:
        raise InvalidError(_l("Name three different trustees, the chair first."), field="trustees")
    references = [one.reference for one in questions]
    if not references or len(set(references)) != len(references):
        raise InvalidError(_l("A ballot asks at least one question, and each only once."), field="questions")
    people = [one.person_id for one in voters]
    if not people or len(set(people)) != len(people) or len(people) > committee_size:
        raise InvalidError(_l("Name each voter once, and no more voters than the committee has."), field="voters")
    unknown = {one for voter in voters for one in voter.recused} - set(references)
    if unknown:
        raise InvalidError(_l("A voter is recused from a question that is not asked."), field="voters")


def _add_questions(found: Ballot, questions: Sequence[Asked]) -> dict[str, BallotQuestion]:
    rows = {
        one.reference: BallotQuestion(
            ballot_id=found.id,
            position=position,
            reference=one.reference,
            title_zh=one.title_zh,
            title_en=one.title_en,
        )
        for position, one in enumerate(questions, start=1)
    }
    session.add_all(rows.values())
    session.flush()
    return rows


def _add_voters(found: Ballot, voters: Sequence[Eligible], asked: dict[str, BallotQuestion]) -> None:
    for one in voters:
        row = BallotVoter(
            ballot_id=found.id,
            person_id=one.person_id,
            attending=one.attending,
            open_questions=len(asked) - len(one.recused),
        )
        session.add(row)
        session.flush()
        session.add_all(BallotRecusal(voter_id=row.id, question_id=asked[reference].id) for reference in one.recused)


def call_off(found: Ballot, *, reason: str, by: Actor, at: datetime) -> None:
    """End a ballot without a result, with the reason its people read; votes stay sealed for ever.

    Raises ForbiddenError for a chair who may not serve, and for the office while the ballot can go on without it.
    """
    standing = queries.locked(found)
    if by.person_id == standing.chair_id:
        refuse_restricted(by, at=at)
    elif not queries.may_call_off(standing, by):
        raise ForbiddenError(NOT_TO_BE_CALLED_OFF)
    BALLOT.move(standing, "call_off", called_off_at=at, reason=reason)
    session.flush()
    events.record("ballots.called_off", subject(standing), by=by, at=at, reason=reason)
    desk.close_todos(subject(standing), at=at)

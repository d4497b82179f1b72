"""Reads of answer similarity: comparisons of a session, listed pairs with seats, opinions of the expert group."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.accounts.models import Person
from app.assessment.exams.access import Permission, held_by
from app.assessment.exams.administration_states import ConductState
from app.assessment.exams.models import (
    Attempt,
    ConductRecord,
    ExamSession,
    Paper,
    Registration,
    SimilarityOpinion,
    SimilarityPair,
    SimilarityRun,
)
from app.assessment.exams.queries import experts, papers
from app.assessment.exams.queries.pages import PER_PAGE, Page
from app.assessment.exams.queries.papers import SheetItem
from app.assessment.exams.rules.order import Place, from_json
from app.assessment.exams.statistics_states import BEFORE_GROUP, PairState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l

ONE, OTHER = aliased(Attempt), aliased(Attempt)
SEAT, OTHER_SEAT = aliased(Registration), aliased(Registration)
BOTH = (SimilarityPair.first, SimilarityPair.second)
HELD = (PairState.CONFIRMED, PairState.RETURNED)
"""A confirmation stands until the group has taken it back."""


class PairRow(NamedTuple):
    """A pair in the list: the numbers of both in the session, so that neighbours show."""

    pair: SimilarityPair
    first: int
    second: int


class Line(NamedTuple):
    """An equal wrong answer as its candidate saw it: number of the question, letters or words, seconds between."""

    number: int
    letters: str
    seconds: int


class Against(NamedTuple):
    """A confirmed pair as one of the two reads it: its figures, and the equal wrong answers; the other is unnamed."""

    pair: SimilarityPair
    lines: list[Line]


class Said(NamedTuple):
    """An opinion on a pair, and whose it is."""

    opinion: SimilarityOpinion
    name: str


def held(code: str, actor: Actor) -> ExamSession:
    """Return a session of the actor's organisation, or with a pair before the actor's group; raises NotFoundError."""
    found = session.scalar(select(ExamSession).where(ExamSession.code == code, _within(actor)))
    if found is None:
        raise NotFoundError(_l("There is no such exam session within what you may see."))
    return found


def _within(actor: Actor) -> ColumnElement[bool]:
    if actor.may(Permission.COMPARE):
        return held_by(ExamSession.organisation_id, ExamSession.region_code, actor)
    judged = select(SimilarityRun.session_id).join(SimilarityPair, SimilarityPair.run_id == SimilarityRun.id)
    return ExamSession.id.in_(judged.where(experts.visible(actor)))


def compared_sessions(actor: Actor) -> list[tuple[ExamSession, int, int]]:
    """Return the sessions within the actor's reach that were compared, with pairs seen and open; latest first."""
    query = (
        select(
            ExamSession,
            func.count(SimilarityPair.id),
            func.count(SimilarityPair.id).filter(SimilarityPair.state.in_(BEFORE_GROUP)),
        )
        .join(SimilarityRun, SimilarityRun.session_id == ExamSession.id)
        .outerjoin(SimilarityPair, (SimilarityPair.run_id == SimilarityRun.id) & experts.visible(actor))
        .where(_within(actor))
        .group_by(ExamSession.id)
        .order_by(ExamSession.opens_at.desc())
    )
    return [(found, listed, left) for found, listed, left in session.execute(query)]


def latest(session_id: int) -> SimilarityRun | None:
    """Return the latest comparison of a session."""
    query = select(SimilarityRun).where(SimilarityRun.session_id == session_id)
    return session.scalars(query.order_by(SimilarityRun.id.desc()).limit(1)).first()


def pairs(found: ExamSession, actor: Actor, page: int, state: PairState | None) -> Page[PairRow]:
    """List the pairs of a session that an actor may see, the least likely first; counted in the same statement."""
    query = (
        _seats(select(SimilarityPair, SEAT.number, OTHER_SEAT.number, func.count().over()))
        .join(SimilarityPair.run)
        .join(SimilarityRun.session)
        .where(SimilarityRun.session_id == found.id, experts.visible(actor))
        .order_by(SimilarityPair.p_gbt, SimilarityPair.id)
    )
    if state is not None:
        query = query.where(SimilarityPair.state == state)
    wanted = max(page, 1)
    rows = session.execute(query.limit(PER_PAGE).offset((wanted - 1) * PER_PAGE)).all()
    total = rows[0][3] if rows else 0
    return Page([PairRow(*row[:3]) for row in rows], wanted, -(-total // PER_PAGE), total)


def pair(code: str, actor: Actor, *, lock: bool = False) -> SimilarityPair:
    """Return one pair with run, session, blueprint, sittings and their registrations, locked where asked.

    Raises NotFoundError.
    """
    loaded = contains_eager(SimilarityPair.run).contains_eager(SimilarityRun.session)
    drafted = loaded.joinedload(ExamSession.paper, innerjoin=True).joinedload(Paper.blueprint, innerjoin=True)
    query = (
        select(SimilarityPair)
        .join(SimilarityPair.run)
        .join(SimilarityRun.session)
        .options(
            drafted, *(joinedload(one, innerjoin=True).joinedload(Attempt.registration, innerjoin=True) for one in BOTH)
        )
        .where(SimilarityPair.code == code, experts.visible(actor))
    )
    found = session.scalar(query.with_for_update(of=SimilarityPair) if lock else query)
    if found is None:
        raise NotFoundError(_l("There is no such pair within what you may see."))
    return found


def compared_again(found: SimilarityPair) -> datetime | None:
    """Return when the session of a pair was compared again since, None where it was not."""
    later = select(func.max(SimilarityRun.computed_at)).where(
        SimilarityRun.session_id == found.run.session_id, SimilarityRun.id > found.run_id
    )
    return session.scalar(later)


def against(registration_id: int) -> Against | None:
    """Return what a confirmed similarity shows of one sitting, as its candidate saw the paper; None without one."""
    mine = or_(Attempt.id == SimilarityPair.first_id, Attempt.id == SimilarityPair.second_id)
    query = (
        select(SimilarityPair, Attempt.order)
        .join(Attempt, mine)
        .where(Attempt.registration_id == registration_id, SimilarityPair.state.in_(HELD))
    )
    row = session.execute(query.order_by(SimilarityPair.id).limit(1)).one_or_none()
    if row is None:
        return None
    pair, order = row
    shown = {place.position: (number, place) for number, place in enumerate(from_json(order), start=1)}
    lines = [_seen(*shown[one["position"]], one) for one in pair.evidence["places"]]
    return Against(pair, sorted(lines))


def _seen(number: int, place: Place, told: Mapping[str, Any]) -> Line:
    letters = "".join(sorted(place.letter(key) for key in told["keys"]))
    return Line(number, letters or told.get("said", ""), told["seconds"])


def alike(found: SimilarityPair) -> list[SheetItem]:
    """Return the places of the paper at which the two answered wrongly alike, with their items."""
    positions = {one["position"] for one in found.evidence["places"]}
    return [one for one in papers.sheet_of(found.run.session.paper_id) if one.position in positions]


def opinions(found: SimilarityPair) -> list[Said]:
    """Return the opinions on a pair, first to last, with the names of who gave them."""
    query = select(SimilarityOpinion, Person.name).join(Person, Person.id == SimilarityOpinion.given_by_id)
    rows = session.execute(query.where(SimilarityOpinion.pair_id == found.id).order_by(SimilarityOpinion.id))
    return [Said(*row) for row in rows]


def conduct_of(found: SimilarityPair) -> list[ConductRecord]:
    """Return the conduct records of the two that rest on a pair: open or in force, and no other confirmed pair holds.

    Whether the conduct of a record is that of similar answers, its rule says.
    """
    other = aliased(SimilarityPair)
    sitting = (other.first_id == Attempt.id) | (other.second_id == Attempt.id)
    holds = select(other.id).where(sitting, other.id != found.id, other.state == PairState.CONFIRMED)
    query = (
        select(ConductRecord)
        .join(Attempt, Attempt.registration_id == ConductRecord.registration_id)
        .where(
            Attempt.id.in_((found.first_id, found.second_id)),
            ConductRecord.state.not_in((ConductState.DISMISSED, ConductState.REVERSED)),
            ~holds.exists(),
        )
        .order_by(ConductRecord.id)
    )
    return list(session.scalars(query))


def doubted(registration_id: int) -> SimilarityPair | None:
    """Return the confirmed pair of a sitting that is before the group again; None where another one stands."""
    query = (
        select(SimilarityPair)
        .join(Attempt, or_(Attempt.id == SimilarityPair.first_id, Attempt.id == SimilarityPair.second_id))
        .where(Attempt.registration_id == registration_id, SimilarityPair.state.in_(HELD))
        .order_by((SimilarityPair.state == PairState.CONFIRMED).desc(), SimilarityPair.id)
        .limit(1)
    )
    found = session.scalar(query)
    return found if found is not None and found.state is PairState.RETURNED else None


def _seats(query: Any) -> Any:  # noqa: ANN401 - a select of anything
    return (
        query.join(ONE, ONE.id == SimilarityPair.first_id)
        .join(OTHER, OTHER.id == SimilarityPair.second_id)
        .join(SEAT, SEAT.id == ONE.registration_id)
        .join(OTHER_SEAT, OTHER_SEAT.id == OTHER.registration_id)
    )

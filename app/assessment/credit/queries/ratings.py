"""Ratings: computed on a day as known at an instant, and those that were stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Subquery, func, select, union
from sqlalchemy.orm import joinedload

from app.accounts.access import region_span, within
from app.accounts.models import Person
from app.accounts.states import NATION
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.assessment.credit.access import seen_ratings
from app.assessment.credit.models import CreditCycle, CreditRating, CreditRecord
from app.assessment.credit.queries.packs import rating_pack
from app.assessment.credit.rules import rating
from app.assessment.credit.rules.rating import Graded, RatingParams, graded
from app.assessment.credit.states import KNOWN_STATES
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.events import Subject
from app.core.text import _l
from app.rulebook import queries as rulebook
from app.rulebook.facts import Facts
from app.rulebook.kinds import judged
from app.rulebook.models import DecisionRecord, RulePack
from app.rulebook.verdicts import Verdict

PER_PAGE = 25
TYPE = "credit_rating"


@dataclass(frozen=True, slots=True)
class Rated:
    """What a rating comes to: the facts it saw, the verdict with its reasons, score and grade."""

    facts: Facts
    verdict: Verdict
    graded: Graded


class Page(NamedTuple):
    """One page of ratings or cycles."""

    rows: list[CreditRating]
    page: int
    pages: int
    total: int


def subject(person_code: str) -> Subject:
    """Name whom a rating is about: a later rating of the same person supersedes the earlier."""
    return Subject(TYPE, person_code)


def rate(person_ids: Sequence[int], region_code: str, *, on: date, known_at: datetime) -> dict[int, Rated]:
    """Rate people on a day as known at an instant; the same question always has the same answer.

    Raises InvalidError where no pack rates the region on that day.
    """
    pack, params = rating_pack(region_code, on, known_at)
    facts = rulebook.facts_of(person_ids, params.facts, on=on, known_at=known_at)
    kind, name = rulebook.kind(rating.KIND), rulebook.binding(pack)
    verdicts = {key: judged(kind, params, facts[key], on, binding=name) for key in person_ids}
    return {key: Rated(facts[key], verdict, graded(verdict)) for key, verdict in verdicts.items()}


def region_of(person_id: int, known_at: datetime) -> str:
    """Return the region that rates a person: of their latest award, else of their latest record, else the nation."""
    award = select(Award.region_code).where(Award.person_id == person_id, Award.decided_at <= known_at)
    found = session.scalar(award.order_by(Award.decided_at.desc(), Award.id.desc()).limit(1))
    if found is None:
        record = select(CreditRecord.region_code).where(
            CreditRecord.person_id == person_id, CreditRecord.decided_at <= known_at
        )
        found = session.scalar(record.order_by(CreditRecord.decided_at.desc(), CreditRecord.id.desc()).limit(1))
    return found or NATION


def _rated_in(region_code: str) -> Subquery:
    """Select who is rated in a region: who holds a level there, or has a record there."""
    low, high = ("000000", "999999") if region_code == NATION else region_span(region_code)
    held = select(Award.person_id).where(Award.state == AwardState.AWARDED, Award.region_code.between(low, high))
    noted = select(CreditRecord.person_id).where(
        CreditRecord.state.in_(KNOWN_STATES), CreditRecord.region_code.between(low, high)
    )
    return union(held, noted).subquery()


def people_of(region_code: str, *, after: int, limit: int) -> list[Person]:
    """Return who is rated in a region after a key."""
    known = _rated_in(region_code)
    query = select(Person).where(Person.id.in_(select(known.c.person_id)), Person.id > after)
    return list(session.scalars(query.order_by(Person.id).limit(limit)))


def count_people(region_code: str) -> int:
    """Return how many people are rated in a region."""
    return session.scalar(select(func.count()).select_from(_rated_in(region_code))) or 0


def latest(person_id: int) -> CreditRating | None:
    """Return the last rating of a person, None before the first."""
    query = select(CreditRating).where(CreditRating.person_id == person_id)
    return session.scalar(query.order_by(CreditRating.id.desc()).limit(1))


def history(person_id: int) -> list[CreditRating]:
    """Return the ratings of a person, the latest first, at most one page."""
    query = select(CreditRating).where(CreditRating.person_id == person_id)
    return list(session.scalars(query.order_by(CreditRating.id.desc()).limit(PER_PAGE)))


def one(code: str, actor: Actor) -> CreditRating:
    """Return one rating; raises NotFoundError outside of what the actor may see."""
    found = session.scalar(select(CreditRating).where(CreditRating.code == code, seen_ratings(actor)))
    if found is None:
        raise NotFoundError(_l("There is no such rating within what you may see."))
    return found


def by_code(code: str) -> CreditRating:
    """Return a rating for work without an actor; raises NotFoundError."""
    found = session.scalar(select(CreditRating).where(CreditRating.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such rating."))
    return found


class Own(NamedTuple):
    """A rating with its reasons, and what its grade brings."""

    rating: CreditRating
    verdict: Verdict
    effects: list[str]


def own(actor: Actor) -> Own | None:
    """Return the last rating of the actor with its reasons, None before the first: one statement."""
    query = (
        select(CreditRating, DecisionRecord.verdict, RulePack.params)
        .join(DecisionRecord, DecisionRecord.id == CreditRating.decision_id)
        .join(RulePack, RulePack.code == CreditRating.pack)
        .where(CreditRating.person_id == actor.person_id)
    )
    row = session.execute(query.order_by(CreditRating.id.desc()).limit(1)).first()
    if row is None:
        return None
    found, verdict, params = row
    grade = RatingParams.model_validate(params).grade(found.grade)
    return Own(found, Verdict.from_json(verdict), grade.effects if grade else [])


def decision_of(found: CreditRating) -> tuple[DecisionRecord, Verdict]:
    """Return the recorded decision of a rating, with its verdict."""
    decision = session.get_one(DecisionRecord, found.decision_id)
    return decision, Verdict.from_json(decision.verdict)


# ---- cycles


def cycles(actor: Actor) -> list[CreditCycle]:
    """Return the latest rating cycles of the actor's region."""
    query = select(CreditCycle).where(within(CreditCycle.region_code, actor))
    return list(session.scalars(query.order_by(CreditCycle.id.desc()).limit(PER_PAGE)))


def cycle(code: str, actor: Actor) -> CreditCycle:
    """Return one cycle; raises NotFoundError outside of the actor's region."""
    found = session.scalar(select(CreditCycle).where(CreditCycle.code == code, within(CreditCycle.region_code, actor)))
    if found is None:
        raise NotFoundError(_l("There is no such rating cycle in your region."))
    return found


def cycle_by_code(code: str) -> CreditCycle:
    """Return a cycle for its job."""
    return session.scalars(select(CreditCycle).where(CreditCycle.code == code)).one()


def cycle_by_token(token: str) -> CreditCycle | None:
    """Return the cycle that a request started before."""
    return session.scalar(select(CreditCycle).where(CreditCycle.token == token))


def ratings_of(found: CreditCycle, *, page: int = 1) -> Page:
    """List the ratings of a cycle, the lowest score first."""
    query = select(CreditRating).options(joinedload(CreditRating.person)).where(CreditRating.cycle_id == found.id)
    pages = max(-(-found.rated // PER_PAGE), 1)
    number = min(max(page, 1), pages)
    order = (CreditRating.score, CreditRating.id)
    rows = session.scalars(query.order_by(*order).limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    return Page(list(rows), number, pages, found.rated)


def grades_of(found: CreditCycle) -> dict[str, int]:
    """Return how many people of a cycle came to each grade."""
    query = select(CreditRating.grade, func.count()).where(CreditRating.cycle_id == found.id)
    return dict(session.execute(query.group_by(CreditRating.grade)).all())

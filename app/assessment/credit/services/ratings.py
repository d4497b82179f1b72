"""Ratings that are stored: of one person, or of everybody of a region in a cycle."""

from collections.abc import Sequence
from datetime import date, datetime

from app.accounts.models import Person
from app.accounts.states import Role
from app.assessment.credit.access import Permission, works_on
from app.assessment.credit.models import CreditCycle, CreditRating
from app.assessment.credit.queries import packs
from app.assessment.credit.queries import ratings as queries
from app.assessment.credit.queries.ratings import Rated
from app.assessment.credit.rules import rating
from app.core import events, jobs
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.jobs import Job
from app.core.text import _l
from app.desk import services as desk
from app.evidence.facts import COUNTED
from app.evidence.services import count_for
from app.rulebook.services import Decided, record_decisions

CYCLE = "credit.cycle"
CHUNK = 50


def rate_person(person: Person, *, by: Actor, at: datetime) -> CreditRating:
    """Rate one person today, as known now; raises ForbiddenError for who is no credit officer of the region."""
    region = queries.region_of(person.id, at)
    if not works_on(by, region, person.id):
        raise ForbiddenError(_l("A credit officer of the person's region rates, and nobody rates themselves."))
    rated = queries.rate([person.id], region, on=day_of(at), known_at=at)
    (made,) = _store([person], rated, region_code=region, on=day_of(at), known_at=at, by=by, at=at)
    return made


def rerate(person: Person, *, at: datetime, evidence: str = "") -> CreditRating | None:
    """Rate a person again after a record, or evidence (its code), ended.

    Where no pack binds the region, credit officers are asked to, and None comes back.
    """
    region = queries.region_of(person.id, at)
    try:
        rated = queries.rate([person.id], region, on=day_of(at), known_at=at)
    except InvalidError:
        ask_to_rate(person, region, url="/credit/cycles", at=at)
        return None
    on = day_of(at)
    (made,) = _store([person], rated, region_code=region, on=on, known_at=at, by=None, at=at, evidence=evidence)
    return made


def ask_to_rate(person: Person, region_code: str, *, url: str, at: datetime) -> None:
    """Let a new rating of a person wait for the credit officers of a region."""
    desk.open_todo(
        "credit.rerate",
        queries.subject(person.code),
        url=url,
        at=at,
        role=Role.CREDIT,
        region_code=region_code,
        not_person_id=person.id,
    )


def _store(
    people: Sequence[Person],
    rated: dict[int, Rated],
    *,
    region_code: str,
    on: date,
    known_at: datetime,
    by: Actor | None,
    at: datetime,
    cycle: CreditCycle | None = None,
    evidence: str = "",
) -> list[CreditRating]:
    """Store what people were rated, each with its decision; whoever has a to-do for it is done."""
    decided = [
        Decided(
            queries.subject(person.code),
            rated[person.id].facts,
            rated[person.id].verdict,
            on,
            region_code,
            person.id,
        )
        for person in people
    ]
    decisions = record_decisions(rating.KIND, decided, by=by, at=at)
    made = [
        CreditRating(
            person_id=person.id,
            region_code=region_code,
            judged_on=on,
            known_at=known_at,
            score=rated[person.id].graded.score,
            grade=rated[person.id].graded.grade,
            pack=decision.pack,
            decision_id=decision.id,
            cycle_id=cycle.id if cycle else None,
            rated_at=at,
            rated_by_id=by.person_id if by else (cycle.started_by_id if cycle else None),
        )
        for person, decision in zip(people, decisions, strict=True)
    ]
    session.add_all(made)
    session.flush()
    for person, one in zip(people, made, strict=True):
        desk.close_todos(queries.subject(person.code), kind="credit.rerate", at=at)
        data = {"grade": one.grade, "person": person.code, **({"evidence": evidence} if evidence else {})}
        events.record("credit.rated", Subject("credit_result", one.code), by=by, at=at, rule=one.pack, data=data)
    _count_evidence(people, rated, on=on, known_at=known_at, at=at)
    return made


def _count_evidence(
    people: Sequence[Person], rated: dict[int, Rated], *, on: date, known_at: datetime, at: datetime
) -> None:
    """Note which evidence the latest rating of each person counts; its person reads it as a use of the record."""
    kinds = {COUNTED[name] for one in rated.values() for name in one.facts if name in COUNTED}
    subjects = {person.id: queries.subject(person.code) for person in people}
    count_for(subjects, queries.TYPE, kinds, on=on, known_at=known_at, at=at)


def start_cycle(*, on: date, token: str, by: Actor, at: datetime) -> CreditCycle:
    """Start rating everybody of the actor's region on a day, as known now; a repeated request starts nothing.

    Raises InvalidError for a day to come, where nobody is to be rated, or where no pack is in force.
    """
    known = queries.cycle_by_token(token)
    if known is not None:
        return known
    if not by.may(Permission.RECORD) or by.region_code is None:
        raise ForbiddenError(_l("A credit officer starts a rating cycle for their region."))
    if on > day_of(at):
        raise InvalidError(_l("Choose today or an earlier day; what is to come is not known."), field="on")
    packs.rating_pack(by.region_code, on, at)
    people = queries.count_people(by.region_code)
    if not people:
        raise InvalidError(_l("Nobody in your region holds a level or has a record yet."), field="on")
    cycle = CreditCycle(
        token=token,
        region_code=by.region_code,
        judged_on=on,
        known_at=at,
        people=people,
        started_by_id=by.person_id,
        started_at=at,
    )
    session.add(cycle)
    session.flush()
    job = jobs.start_job(CYCLE, key=f"{CYCLE}:{cycle.code}", by=by, args={"cycle": cycle.code})
    job.total = people
    events.record("credit.cycle_started", Subject("credit_cycle", cycle.code), by=by, at=at, data={"people": people})
    return cycle


def rate_some(job: Job, *, at: datetime) -> bool:
    """Rate the next people of a cycle; return whether some are left."""
    cycle = queries.cycle_by_code(str(job.args["cycle"]))
    people = queries.people_of(cycle.region_code, after=job.cursor, limit=CHUNK)
    on, known_at = cycle.judged_on, cycle.known_at
    if people:
        rated = queries.rate([one.id for one in people], cycle.region_code, on=on, known_at=known_at)
        _store(people, rated, region_code=cycle.region_code, on=on, known_at=known_at, by=None, at=at, cycle=cycle)
        job.cursor = people[-1].id
    cycle.people = max(cycle.people, cycle.rated + len(people))
    cycle.rated += len(people)
    job.done = min(cycle.rated, job.total)
    more = len(people) == CHUNK
    if not more:
        cycle.people, cycle.ended_at = cycle.rated, at
        session.flush()
        data = {"people": cycle.rated}
        events.record("credit.cycle_ended", Subject("credit_cycle", cycle.code), by=None, at=at, data=data)
    return more

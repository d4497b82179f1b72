"""Reads of who may sit: enrolments within the session's region, and the facts their verdicts need."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.access import region_span
from app.accounts.models import Person
from app.assessment.exams.models import Attempt, ExamSession, Registration, Result
from app.assessment.exams.queries.pages import Page, paged
from app.assessment.exams.rules.eligibility import Facts, Source, eligibility, practice
from app.assessment.exams.rules.parameters import ExamRule, LevelRule
from app.assessment.exams.states import SessionState
from app.cases.models import Restriction
from app.cases.queries import restrictions
from app.core.clock import day_of
from app.core.db import session
from app.core.text import pick
from app.courses.models import ClassHour, Cohort, Course, Enrolment
from app.courses.queries import required_hours
from app.courses.states import EnrolmentState
from app.rulebook.verdicts import Verdict

SIT = "exams.sit"
"""The restriction from exams: neither registered nor seated."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An enrolment that may be registered, what the rule pack says of it, and the facts it saw."""

    enrolment: Enrolment
    verdict: Verdict
    facts: Facts


def unregistered(found: ExamSession) -> Select[Enrolment]:
    """Select the enrolments of the session's level and region whose person is not registered for it."""
    low, high = region_span(found.region_code)
    registered = select(Registration.person_id).where(Registration.session_id == found.id)
    return (
        _enrolments()
        .where(
            Course.level == found.level,
            Cohort.region_code.between(low, high),
            Enrolment.state.in_([EnrolmentState.ENROLLED, EnrolmentState.COMPLETED]),
            Enrolment.person_id.not_in(registered),
        )
        .order_by(Enrolment.state, Cohort.id, Person.name, Enrolment.id)
    )


def enrolment_of(registration: Registration) -> Select[Enrolment]:
    """Select the enrolment with which a candidate was registered."""
    return _enrolments().where(Enrolment.id == registration.enrolment_id)


def _enrolments() -> Select[Enrolment]:
    return (
        select(Enrolment)
        .join(Enrolment.cohort)
        .join(Cohort.course)
        .join(Enrolment.person)
        .options(
            contains_eager(Enrolment.cohort).contains_eager(Cohort.course),
            contains_eager(Enrolment.cohort).joinedload(Cohort.syllabus_pack),
            contains_eager(Enrolment.person),
        )
    )


def candidates(found: ExamSession, page: int) -> Page[Candidate]:
    """Return a page of candidates with their verdicts."""
    enrolments = paged(unregistered(found), page)
    return Page(judged(found, enrolments.rows), enrolments.page, enrolments.pages, enrolments.total)


def judged(found: ExamSession, enrolments: Sequence[Enrolment]) -> list[Candidate]:
    """Judge enrolments under the session's rule pack; the number of statements does not grow with them."""
    rule, source = rule_of(found)
    facts = _facts(found, enrolments)
    verdicts = {
        one: practice(seen, source) if found.rehearsal else eligibility(rule, seen, source)
        for one, seen in facts.items()
    }
    return [Candidate(one, verdicts[one.id], facts[one.id]) for one in enrolments]


def rule_of(found: ExamSession) -> tuple[LevelRule, Source]:
    """Return what the session's rule pack says of its level, and how verdicts name the pack, read once a session."""
    pack = found.pack
    source = Source(pack.code, pack.tag.value, pack.source["title_zh"], pack.source["title_en"])
    return ExamRule.model_validate(pack.params).of(found.level), source


def registered(found: ExamSession, page: int) -> Page[Registration]:
    """List the registered candidates by ticket number."""
    query = (
        select(Registration)
        .options(joinedload(Registration.person))
        .where(Registration.session_id == found.id)
        .order_by(Registration.number)
    )
    return paged(query, page)


def next_seat(session_id: int) -> int:
    """Return the number of the next candidate of a session."""
    last = session.scalar(select(func.max(Registration.number)).where(Registration.session_id == session_id))
    return (last or 0) + 1


def taken(session_id: int) -> int:
    """Count the candidates of a session who have not withdrawn."""
    return session.scalar(taking(session_id)) or 0


def taking(session_id: int) -> Select[int]:
    """Select how many candidates of a session have not withdrawn."""
    query = select(func.count()).select_from(Registration)
    return query.where(Registration.session_id == session_id, Registration.withdrawn_at.is_(None))


def _facts(found: ExamSession, enrolments: Sequence[Enrolment]) -> dict[int, Facts]:
    people = [one.person_id for one in enrolments]
    hours = _hours([one.id for one in enrolments])
    cohorts = {one.cohort_id: one.cohort for one in enrolments}
    required = {cohort_id: required_hours(cohort) for cohort_id, cohort in cohorts.items()}
    exams = _exams(found, people)
    barred = restrictions.restricted(SIT, people, on=day_of(found.opens_at))
    return {
        one.id: Facts(
            sits_on=day_of(found.opens_at),
            completed_on=_day(one.completed_at),
            hours=hours[one.id],
            required=required[one.cohort_id],
            last_sat_on=_day(exams.last_sat.get(one.person_id)),
            passed_before=one.person_id in exams.passed,
            registered_elsewhere=exams.elsewhere.get(one.person_id),
            restricted_by=_decision(barred.get(one.person_id)),
        )
        for one in enrolments
    }


def _decision(found: Restriction | None) -> str | None:
    return None if found is None else found.determination or found.code


def _day(instant: datetime | None) -> date | None:
    return None if instant is None else day_of(instant)


def _hours(enrolment_ids: Iterable[int]) -> dict[int, dict[str, Decimal]]:
    query = (
        select(ClassHour.enrolment_id, ClassHour.module, func.sum(ClassHour.hours, type_=ClassHour.hours.type))
        .where(ClassHour.enrolment_id.in_(enrolment_ids))
        .group_by(ClassHour.enrolment_id, ClassHour.module)
    )
    hours: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for enrolment_id, module, total in session.execute(query):
        hours[enrolment_id][module] = total
    return hours


class _Exams(NamedTuple):
    """When each person last sat an exam, who has passed one, and the other exam that each is registered for."""

    last_sat: dict[int, datetime]
    passed: set[int]
    elsewhere: dict[int, str]


def _exams(found: ExamSession, people: Iterable[int]) -> _Exams:
    """Return what people have to do with exams of the session's level: one statement."""
    counts = (ExamSession.state == SessionState.RELEASED) & Result.passed & ~Result.voided
    waits = (
        (ExamSession.id != found.id)
        & (ExamSession.state != SessionState.RELEASED)
        & Registration.withdrawn_at.is_(None)
    )
    query = (
        select(Registration.person_id, Attempt.started_at, counts, waits, ExamSession.name_zh, ExamSession.name_en)
        .join(Registration.session)
        .outerjoin(Attempt, Attempt.registration_id == Registration.id)
        .outerjoin(Result, Result.attempt_id == Attempt.id)
        .where(
            ExamSession.level == found.level,
            ExamSession.rehearsal.is_(False),
            Registration.person_id.in_(people),
        )
        .order_by(Attempt.started_at, Registration.id)
    )
    rows = session.execute(query).all()
    return _Exams(
        {person_id: started_at for person_id, started_at, *_rest in rows if started_at is not None},
        {person_id for person_id, started_at, passed, *_rest in rows if started_at is not None and passed},
        {person_id: pick(zh, en) for person_id, _started_at, _passed, waiting, zh, en in rows if waiting},
    )

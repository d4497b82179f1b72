"""Reads of awards and of the public register of technology managers."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.access import within
from app.accounts.models import Organisation, Person
from app.accounts.services import consents
from app.assessment.certification.models import Award, AwardInvolvement
from app.assessment.certification.rules import (
    AwardLevel,
    AwardParams,
    Facts,
    consider,
    number_prefix,
    serial_of,
    unified_number,
)
from app.assessment.certification.states import AwardState
from app.assessment.exams import queries as exams
from app.assessment.exams.models import Attempt, ExamSession, Registration, Result
from app.assessment.exams.states import SessionState
from app.cases.queries.public_names import named, public_names
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import NotFoundError, Text
from app.core.text import _l
from app.courses import queries as courses
from app.courses.models import Cohort, Enrolment
from app.rulebook import queries as rulebook
from app.rulebook.models import RulePack
from app.rulebook.terms import LEVEL_NAMES
from app.rulebook.verdicts import Verdict

PER_PAGE = 25
SERIALS_AT_ONCE = 200
REGISTERED = (AwardState.AWARDED, AwardState.WITHDRAWN)


class Page(NamedTuple):
    """One page of awards."""

    rows: list[Award]
    page: int
    pages: int
    total: int


def in_scope(actor: Actor) -> Select[Award]:
    """Select the awards of the actor's region."""
    return select(Award).options(joinedload(Award.person)).where(within(Award.region_code, actor))


def awards(actor: Actor, *, state: str = "", page: int = 1) -> Page:
    """List the awards of a region, those that wait first."""
    query = in_scope(actor)
    if state in set(AwardState):
        query = query.where(Award.state == AwardState(state))
    return _page(query, Award.state != AwardState.PROPOSED, Award.id.desc(), page=page)


def _page(query: Select[Award], *order: ColumnElement[Any], page: int) -> Page:
    """Cut a page out; one beyond the last gives the last."""
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    rows = session.scalars(query.order_by(*order).limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Page(list(rows), wanted, pages, total)


def award(code: str, actor: Actor) -> Award:
    """Return one award; raises NotFoundError outside of the actor's region."""
    found = session.scalar(in_scope(actor).where(Award.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such award in your region."))
    return found


def own(actor: Actor) -> list[Award]:
    """Return the awards of the person who asks."""
    query = select(Award).where(Award.person_id == actor.person_id).order_by(Award.id.desc())
    return list(session.scalars(query))


def first_days(person_ids: Collection[int]) -> dict[int, date]:
    """Return since when people hold a level, by the first award of each that stands; others are not named."""
    query = select(Award.person_id, func.min(Award.valid_from, type_=Award.valid_from.type)).where(
        Award.person_id.in_(person_ids), Award.state == AwardState.AWARDED, Award.valid_from.is_not(None)
    )
    found = session.execute(query.group_by(Award.person_id))
    return {person_id: first for person_id, first in found if first is not None}


def involvement(award_id: int) -> dict[int, list[str]]:
    """Return who may not decide on an award, and how they were involved."""
    found: dict[int, list[str]] = {}
    query = select(AwardInvolvement.person_id, AwardInvolvement.how).where(AwardInvolvement.award_id == award_id)
    for person_id, how in session.execute(query):
        found.setdefault(person_id, []).append(how)
    return found


def people_of(award: Award) -> tuple[dict[int, str], dict[int, list[str]]]:
    """Return the names of who was involved in an award or decided it, and how each was involved: one statement."""
    mine = (AwardInvolvement.person_id == Person.id) & (AwardInvolvement.award_id == award.id)
    query = select(Person.id, Person.name, AwardInvolvement.how).outerjoin(AwardInvolvement, mine)
    names: dict[int, str] = {}
    involved: dict[int, list[str]] = {}
    asked = AwardInvolvement.how.is_not(None) | (Person.id == award.decided_by_id)
    for person_id, name, how in session.execute(query.where(asked).order_by(AwardInvolvement.id)):
        names[person_id] = name
        if how is not None:
            involved.setdefault(person_id, []).append(how)
    return names, involved


def register(*, text: str = "", level: str = "", page: int = 1) -> Page:
    """List the public register: by exact number, or by part of a name that its holder agreed to publish."""
    query = select(Award).join(Award.person).options(joinedload(Award.person)).where(Award.state.in_(REGISTERED))
    wanted = text.strip()
    if wanted:
        query = query.where(or_(Award.unified_number == as_number(wanted), named(wanted, consents.PUBLISH_NAME)))
    if level:
        query = query.where(Award.level == level)
    return _page(query, Award.decided_at.desc(), Award.id.desc(), page=page)


def level_names(awards_: Collection[Award]) -> dict[int, Text]:
    """Return what the level of each award is called, by its key: as the pack says that it was considered under."""
    packs = rulebook.levels_in({one.rule_pack for one in awards_})
    named = {one.id: packs.get(one.rule_pack, {}).get(one.level) for one in awards_}
    return {one.id: str(named[one.id] or LEVEL_NAMES.get(one.level, one.level)) for one in awards_}


def shown_names(awards_: Iterable[Award]) -> dict[int, str]:
    """Return the names of people as the public register shows them: masked without their consent (PIPL, art. 25)."""
    return public_names((award_.person for award_ in awards_), consents.PUBLISH_NAME)


def as_number(typed: str) -> str:
    """Return a unified number as it is stored, from what a person typed: full-width, lower case, with blanks."""
    return "".join(unicodedata.normalize("NFKC", typed).upper().split())


def registered(number: str) -> Award:
    """Return the award under a unified number; raises NotFoundError where none was given."""
    found = session.scalar(
        select(Award)
        .options(joinedload(Award.person))
        .where(Award.unified_number == as_number(number), Award.state.in_(REGISTERED))
    )
    if found is None:
        raise NotFoundError(_l("No technology manager is registered under this number. Check every character of it."))
    return found


def organisations(ids: set[int]) -> dict[int, Organisation]:
    """Return organisations by key, for the columns of a list."""
    rows = session.scalars(select(Organisation).where(Organisation.id.in_(ids)))
    return {row.id: row for row in rows}


def next_serial(level: AwardLevel, region_code: str, year: int) -> int:
    """Return the serial after the highest one given at a level in a province and year, among numbers of its form.

    Numbers of a form that the pack set earlier in the year may begin alike and be as long.
    """
    prefix, pattern = number_prefix(level, region_code, year), unified_number(level, region_code, year, 1)
    last_but_one = func.substr(Award.unified_number, len(pattern) - 1, 1)
    given = (
        Award.unified_number.startswith(prefix, autoescape=True),
        func.length(Award.unified_number) == len(pattern),
        last_but_one == "-" if pattern[-2] == "-" else last_but_one != "-",
    )
    numbers = session.scalars(select(Award.unified_number).where(*given).order_by(Award.unified_number.desc()))
    serials = (serial_of(level, one or "", prefix) for one in numbers.yield_per(SERIALS_AT_ONCE))
    return next((one for one in serials if one is not None), 0) + 1


def counts_by_state(actor: Actor) -> dict[AwardState, int]:
    """Count the awards of a region by state."""
    query = select(Award.state, func.count()).where(within(Award.region_code, actor)).group_by(Award.state)
    return dict(session.execute(query).all())


def expired(award_: Award, on: date) -> bool:
    """Tell whether an award has run out; derived from its dates, never stored."""
    return award_.valid_until is not None and award_.valid_until < on


@dataclass(frozen=True, slots=True)
class Passed:
    """A passed, released result that no award stands on yet, and the facts of its person."""

    result_id: int
    session_id: int
    person_id: int
    name: str
    enrolment_id: int
    organisation_id: int
    region_code: str
    level: str
    facts: Facts


def _results() -> Select[Result, Registration, Enrolment, Cohort, ExamSession, Person]:
    return (
        select(Result, Registration, Enrolment, Cohort, ExamSession, Person)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .join(Registration, Registration.id == Attempt.registration_id)
        .join(Enrolment, Enrolment.id == Registration.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .join(Person, Person.id == Attempt.person_id)
    )


def _passed(session_code: str) -> Select[Result, Registration, Enrolment, Cohort, ExamSession, Person]:
    awarded = select(Award.result_id).where(Award.result_id == Result.id).exists()
    return _results().where(
        ExamSession.code == session_code,
        ExamSession.state == SessionState.RELEASED,
        Result.passed.is_(True),
        Result.voided.is_(False),
        ~awarded,
    )


def passed(session_code: str, *, after: int, limit: int, on: date) -> list[Passed]:
    """Return the next passed results of a released session, in the order of their keys."""
    query = _passed(session_code).where(Result.id > after).order_by(Result.id).limit(limit)
    rows = session.execute(query).all()
    held = _held({row[5].id for row in rows}, on)
    return [
        Passed(
            result_id=result.id,
            session_id=exam.id,
            person_id=person.id,
            name=person.name,
            enrolment_id=enrolment.id,
            organisation_id=cohort.base_organisation_id,
            region_code=cohort.region_code,
            level=exam.level,
            facts=_facts(result, registration, (enrolment, cohort), exam, held=held.get((person.id, exam.level))),
        )
        for result, registration, enrolment, cohort, exam, person in rows
    ]


def facts_of(award_: Award, on: date) -> Facts:
    """Return what is known of the candidate of an award on a day."""
    query = _results().where(Result.id == award_.result_id)
    result, registration, enrolment, cohort, exam, person = session.execute(query).one()
    held = _held({person.id}, on)
    return _facts(result, registration, (enrolment, cohort), exam, held=held.get((person.id, award_.level)))


def _facts(
    result: Result,
    registration: Registration,
    training: tuple[Enrolment, Cohort],
    exam: ExamSession,
    *,
    held: str | None,
) -> Facts:
    enrolment, cohort = training
    return Facts(
        trained_in=cohort.name if enrolment.completed_at else None,
        completed_on=day_of(enrolment.completed_at) if enrolment.completed_at else None,
        session_code=registration.code,
        score=result.score,
        max_score=result.max_score,
        cut_score=result.cut_score,
        released_on=day_of(exam.released_at) if exam.released_at else date.max,
        voided=result.voided,
        held=held,
    )


def _held(person_ids: set[int], on: date) -> dict[tuple[int, str], str]:
    """Return the unified numbers that people hold validly on a day, by person and level."""
    query = select(Award.person_id, Award.level, Award.unified_number).where(
        Award.person_id.in_(person_ids),
        Award.state == AwardState.AWARDED,
        or_(Award.valid_until.is_(None), Award.valid_until >= on),
    )
    return {(person_id, level): number or "" for person_id, level, number in session.execute(query)}


def considered(award_: Award, on: date, facts: Facts | None = None) -> Verdict:
    """Return the verdict on an award: of this day while it waits, as stored once it is decided."""
    if award_.state is not AwardState.PROPOSED:
        return Verdict.from_json(award_.verdict)
    pack = rulebook.by_code(award_.rule_pack)
    level = level_of(pack, award_.level)
    return consider(facts or facts_of(award_, on), level, on=on, pack=pack.code, tag=pack.tag)


def level_of(pack: RulePack, level: str) -> AwardLevel:
    """Return what a pack of the kind `award` sets for a level; raises InvalidError where it is silent."""
    return cast("AwardParams", rulebook.params(pack)).level(level)


def passed_count(session_code: str) -> int:
    """Count the passed results of a session that no award stands on yet."""
    return session.scalar(_passed(session_code).with_only_columns(func.count())) or 0


def by_code(code: str) -> Award | None:
    """Return an award by its code, None where there is none; for other rooms' events."""
    return session.scalar(select(Award).where(Award.code == code))


def standing_awards(codes: Iterable[str]) -> list[Award]:
    """Return the awards that stand among some codes; for what happens to many certificates at once."""
    wanted = set(codes)
    if not wanted:
        return []
    query = select(Award).where(Award.code.in_(wanted), Award.state == AwardState.AWARDED)
    return list(session.scalars(query.order_by(Award.id)))


def hours_of(enrolment_id: int) -> Decimal:
    """Return the class hours of the training that an award stands on."""
    return sum(courses.hours_by_module(enrolment_id).values(), Decimal(0))


def involved(one: Passed) -> dict[str, set[int]]:
    """Return who trained and who examined a candidate: they may not decide on the award."""
    return {
        "trained": courses.trained_by(one.enrolment_id),
        "examined": exams.examined_by(one.session_id),
    }

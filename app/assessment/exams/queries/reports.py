"""Reads of reports on released sessions: the results within reach of a base, a regulator or the exam body."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, select

from app.accounts.access import covers, within
from app.accounts.models import Organisation, Region
from app.accounts.states import NATION, Role
from app.assessment.exams.access import held_by
from app.assessment.exams.models import Attempt, ExamSession, Registration, Result, ScoreEquating
from app.assessment.exams.queries import equating
from app.assessment.exams.queries.pages import Page, paged
from app.assessment.exams.rules.reporting import Group, withheld
from app.assessment.exams.states import SessionState
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l, pick
from app.courses.models import Cohort, Enrolment

PROVINCE, CITY = 2, 4


class Line(NamedTuple):
    """One result without its person: what it says, and where the candidate was trained."""

    score: Decimal
    max_score: Decimal
    cut_score: Decimal
    passed: bool
    by_module: JsonObject
    equating_id: int | None
    region_code: str
    base_id: int
    base_zh: str
    base_en: str


@dataclass(frozen=True, slots=True)
class Report:
    """A released session as somebody may see it: the results in reach, and all of it to compare with.

    Scores are those that count; `equating` is the conversion that brought them onto another paper's scale.
    """

    session: ExamSession
    mine: list[Line]
    everybody: list[Line]
    province: list[Line]
    equating: ScoreEquating | None

    @property
    def apart(self) -> bool:
        """Tell whether results in reach stand on another scale than the conversion's: better ones that were kept."""
        return self.equating is not None and any(line.equating_id != self.equating.id for line in self.mine)


def reports(actor: Actor, page: int) -> Page[ExamSession]:
    """List the released sessions with results within reach, latest release first."""
    reached = (
        select(Result.id)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .join(Registration, Registration.id == Attempt.registration_id)
        .join(Enrolment, Enrolment.id == Registration.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Attempt.session_id == ExamSession.id, reach(actor))
        .exists()
    )
    return paged(_released().where(reached).order_by(ExamSession.released_at.desc(), ExamSession.id.desc()), page)


def report(code: str, actor: Actor) -> Report:
    """Return the report of one session; raises NotFoundError where nothing of it lies within reach."""
    held = session.scalar(_released().where(ExamSession.code == code))
    lines = _lines(held) if held is not None else []
    mine = [line for line in lines if _reaches(held, line, actor)] if held is not None else []
    if held is None or not mine:
        raise NotFoundError(_l("There is no released session with candidates within what you may see."))
    provinces = {line.region_code[:PROVINCE] for line in mine}
    province = [line for line in lines if line.region_code[:PROVINCE] in provinces]
    return Report(held, mine, lines, province, equating.in_force(held.id))


def reach(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a result counts for an actor: own cohorts, own region, or own sessions."""
    if actor.role == Role.BASE:
        return (Cohort.base_organisation_id == actor.organisation_id) & within(Cohort.region_code, actor)
    if actor.role == Role.EXAMINER:
        return held_by(ExamSession.organisation_id, ExamSession.region_code, actor)
    return within(Cohort.region_code, actor)


def _reaches(held: ExamSession, line: Line, actor: Actor) -> bool:
    """Tell the same of one line at hand."""
    if actor.role == Role.BASE:
        return line.base_id == actor.organisation_id
    if actor.role == Role.EXAMINER:
        return held.organisation_id == actor.organisation_id and covers(actor.region_code, held.region_code)
    return covers(actor.region_code, line.region_code)


def _released() -> Select[ExamSession]:
    return select(ExamSession).where(ExamSession.state == SessionState.RELEASED)


def _lines(held: ExamSession) -> list[Line]:
    """Read every result of a session in one statement, voided ones apart."""
    query = (
        select(
            Result.score,
            Result.max_score,
            Result.cut_score,
            Result.passed,
            Result.by_module,
            Result.equating_id,
            Cohort.region_code,
            Organisation.id,
            Organisation.name_zh,
            Organisation.name_en,
        )
        .join(Attempt, Attempt.id == Result.attempt_id)
        .join(Registration, Registration.id == Attempt.registration_id)
        .join(Enrolment, Enrolment.id == Registration.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Organisation, Organisation.id == Cohort.base_organisation_id)
        .where(Attempt.session_id == held.id, Result.voided.is_(False))
    )
    return [Line._make(row) for row in session.execute(query)]


def by_region(found: Report, actor: Actor) -> list[Group]:
    """Group the results in reach by the regions one level below the actor's; small groups are withheld."""
    keyed: dict[str, list[Line]] = {}
    for line in found.mine:
        keyed.setdefault(_below(line.region_code, actor.region_code or NATION), []).append(line)
    names = _names(keyed)
    return withheld([_group(names.get(code, code), lines) for code, lines in sorted(keyed.items())])


def by_base(found: Report) -> list[Group]:
    """Group the results in reach by training base; small groups are withheld."""
    keyed: dict[str, list[Line]] = {}
    for line in found.mine:
        keyed.setdefault(pick(line.base_zh, line.base_en), []).append(line)
    return withheld([_group(name, lines) for name, lines in sorted(keyed.items())])


def _below(code: str, scope: str) -> str:
    if scope == NATION:
        return f"{code[:PROVINCE]}0000"
    return f"{code[:CITY]}00" if scope.endswith("0000") else code


def _names(codes: dict[str, list[Line]]) -> dict[str, str]:
    query = select(Region.code, Region.name_zh, Region.name_en).where(Region.code.in_(codes))
    return {code: pick(name_zh, name_en) for code, name_zh, name_en in session.execute(query)}


def _group(name: str, lines: list[Line]) -> Group:
    mean = sum((line.score for line in lines), Decimal(0)) / len(lines)
    return Group(name, len(lines), sum(line.passed for line in lines), mean.quantize(Decimal("0.01")))

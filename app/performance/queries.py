"""Reads of the performance room: cycles, appraisals, the facts a computation sees."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple, cast

from sqlalchemy import Select, func, or_, select

from app.accounts.access import region_span, within
from app.accounts.models import Organisation
from app.bases.models import TrainingBase
from app.bases.states import BaseState
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ForbiddenError, NotFoundError
from app.core.jobs import Job
from app.core.text import _l
from app.performance.access import Permission, may_run
from app.performance.models import AppraisalCycle, AppraisalFile, BaseAppraisal
from app.performance.rules import indicators
from app.performance.rules.indicators import Appraisal
from app.performance.states import DECIDED, AppraisalState, CycleState, Grade
from app.rulebook import queries as rulebook
from app.rulebook.facts import Fact
from app.rulebook.kinds import Binding
from app.rulebook.models import DecisionRecord, RulePack
from app.rulebook.rules import chain
from app.rulebook.verdicts import Verdict

PER_PAGE = 25
JOB = "performance.compute"
WHO_RUNS = _l("The nation and the province run the appraisal of their bases.")
ORDERS = {
    "base": (Organisation.name_zh,),
    "score": (BaseAppraisal.score,),
    "grade": (BaseAppraisal.grade,),
    "state": (BaseAppraisal.state,),
}


class Page(NamedTuple):
    """One page of appraisals."""

    rows: list[BaseAppraisal]
    page: int
    pages: int
    total: int


class Wanted(NamedTuple):
    """What of a cycle's table is looked for and how it is sorted; a minus before the column turns it round."""

    text: str = ""
    state: str = ""
    grade: str = ""
    sort: str = ""


def cycles(actor: Actor) -> list[AppraisalCycle]:
    """Return the cycles of one's region, of those above it and below it, latest first."""
    region = actor.region_code or ""
    seen = or_(AppraisalCycle.region_code.in_(chain(region)), within(AppraisalCycle.region_code, actor))
    query = select(AppraisalCycle).where(seen).order_by(AppraisalCycle.year.desc(), AppraisalCycle.region_code)
    return list(session.scalars(query.limit(200)))


def cycle(code: str, actor: Actor) -> AppraisalCycle:
    """Return a cycle that the actor's authority sees; NotFoundError for any other."""
    region = actor.region_code or ""
    seen = or_(AppraisalCycle.region_code.in_(chain(region)), within(AppraisalCycle.region_code, actor))
    found = session.scalar(select(AppraisalCycle).where(AppraisalCycle.code == code, seen))
    if found is None or not actor.may(Permission.CHECK):
        raise NotFoundError(_l("There is no such appraisal cycle in your region."))
    return found


def to_run(code: str, actor: Actor) -> AppraisalCycle:
    """Return a cycle that the actor's authority runs; ForbiddenError for those that only follow it."""
    found = cycle(code, actor)
    if not may_run(actor, found.region_code):
        raise ForbiddenError(WHO_RUNS)
    return found


def visible(actor: Actor) -> Select[BaseAppraisal]:
    """Select the appraisals that a person sees: their base's own, or their region's."""
    query = select(BaseAppraisal).join(Organisation, Organisation.id == BaseAppraisal.organisation_id)
    if actor.may(Permission.CHECK):
        return query.where(within(BaseAppraisal.region_code, actor))
    return query.where(BaseAppraisal.organisation_id == actor.organisation_id)


def appraisal(code: str, actor: Actor) -> BaseAppraisal:
    """Return the appraisal of a base; NotFoundError outside of what one may see."""
    found = session.scalar(visible(actor).where(BaseAppraisal.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such appraisal of a base, or it lies outside your region."))
    return found


def own(actor: Actor) -> list[BaseAppraisal]:
    """Return the appraisals of one's own base, latest year first."""
    query = visible(actor).join(AppraisalCycle, AppraisalCycle.id == BaseAppraisal.cycle_id)
    return list(session.scalars(query.order_by(AppraisalCycle.year.desc()).limit(50)))


def of_cycle(found: AppraisalCycle, actor: Actor, wanted: Wanted) -> Select[BaseAppraisal]:
    """Select the appraisals of a cycle in one's region, filtered and sorted."""
    query = visible(actor).where(BaseAppraisal.cycle_id == found.id)
    if wanted.text.strip():
        names = (Organisation.name_zh, Organisation.name_en)
        query = query.where(or_(*(name.icontains(wanted.text.strip(), autoescape=True) for name in names)))
    if wanted.state in set(AppraisalState):
        query = query.where(BaseAppraisal.state == AppraisalState(wanted.state))
    if wanted.grade in set(Grade):
        query = query.where(BaseAppraisal.grade == Grade(wanted.grade))
    columns = ORDERS.get(wanted.sort.removeprefix("-"), (BaseAppraisal.region_code,))
    turned = wanted.sort.startswith("-")
    order = [one.desc().nulls_last() if turned else one.asc().nulls_last() for one in columns]
    return query.order_by(*order, BaseAppraisal.id)


def page_of(found: AppraisalCycle, actor: Actor, wanted: Wanted, page: int) -> Page:
    """Return one page of a cycle's table; a page beyond the last gives the last."""
    query = of_cycle(found, actor, wanted)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    at = min(max(page, 1), pages)
    rows = session.scalars(query.limit(PER_PAGE).offset((at - 1) * PER_PAGE))
    return Page(list(rows), at, pages, total)


def all_of(found: AppraisalCycle, actor: Actor, wanted: Wanted) -> list[BaseAppraisal]:
    """Return the whole table of a cycle for its file, at most ten thousand rows."""
    return list(session.scalars(of_cycle(found, actor, wanted).limit(10_000)))


def find_cycles(year: int, region_code: str | None) -> list[AppraisalCycle]:
    """Return the confirmed cycles of a year, of one region where it is named."""
    query = select(AppraisalCycle).where(AppraisalCycle.year == year, AppraisalCycle.state != CycleState.PROPOSED)
    if region_code:
        query = query.where(AppraisalCycle.region_code == region_code)
    return list(session.scalars(query.order_by(AppraisalCycle.region_code)))


def rows_of(found: AppraisalCycle) -> list[BaseAppraisal]:
    """Return every appraisal of a cycle."""
    return list(
        session.scalars(select(BaseAppraisal).where(BaseAppraisal.cycle_id == found.id).order_by(BaseAppraisal.id))
    )


def counts(found: AppraisalCycle, actor: Actor) -> tuple[dict[AppraisalState, int], dict[Grade, int]]:
    """Return how many appraisals of one's region are in each state, and how many have each grade."""
    seen = visible(actor).where(BaseAppraisal.cycle_id == found.id).subquery()
    rows = session.execute(select(seen.c.state, seen.c.grade, func.count()).group_by(seen.c.state, seen.c.grade))
    states: dict[AppraisalState, int] = dict.fromkeys(AppraisalState, 0)
    grades: dict[Grade, int] = dict.fromkeys(Grade, 0)
    for state, grade, number in rows:
        states[AppraisalState(state)] += number
        if grade is not None:
            grades[Grade(grade)] += number
    return states, grades


def pack_for(year: int, region_code: str) -> RulePack:
    """Return the indicator system that binds a region at the end of a year; raises InvalidError where none does."""
    return rulebook.in_force(indicators.KIND, region_code, date(year, 12, 31))


def params(found: AppraisalCycle) -> Appraisal:
    """Return the typed indicator system that a cycle has pinned."""
    return cast("Appraisal", rulebook.params(found.pack))


def binding(found: AppraisalCycle) -> Binding:
    """Return the pinned pack as verdicts name it."""
    source = found.pack.source
    return Binding(found.pack.code, found.pack.tag.value, source["title_zh"], source["title_en"])


def facts(found: AppraisalCycle, rows: Sequence[BaseAppraisal], at: datetime) -> dict[int, dict[str, Fact]]:
    """Return what is known of bases for a cycle, by appraisal: computed facts and what they reported."""
    system, on = params(found), found.judged_on(day_of(at))
    bases = [row.base_id for row in rows]
    computed = rulebook.facts_of(bases, system.facts, on=on, known_at=at, subject="base")
    return {row.id: {**computed[row.base_id], **indicators.reported(system, row.answers, on)} for row in rows}


def verdict(found: AppraisalCycle, known: dict[str, Fact], at: datetime) -> Verdict:
    """Judge what is known of one base under the pinned pack."""
    return indicators.judge(params(found), known, found.judged_on(day_of(at)), binding(found))


def decided(row: BaseAppraisal) -> DecisionRecord | None:
    """Return the record of the computation in force."""
    return session.get(DecisionRecord, row.decision_id) if row.decision_id else None


def files_of(row: BaseAppraisal) -> dict[str, AppraisalFile]:
    """Return the files of a self-report by indicator."""
    rows = session.scalars(select(AppraisalFile).where(AppraisalFile.appraisal_id == row.id))
    return {one.indicator: one for one in rows}


def file(row: BaseAppraisal, indicator: str) -> AppraisalFile:
    """Return one file of a self-report; raises NotFoundError."""
    found = files_of(row).get(indicator)
    if found is None:
        raise NotFoundError(_l("There is no such file in this self-report."))
    return found


def failed_before(row: BaseAppraisal, times: int) -> bool:
    """Tell whether the base failed each of the `times` confirmed appraisals right before this one."""
    earlier = (
        select(BaseAppraisal.grade)
        .join(AppraisalCycle, AppraisalCycle.id == BaseAppraisal.cycle_id)
        .where(
            BaseAppraisal.base_id == row.base_id,
            BaseAppraisal.state.in_(DECIDED),
            AppraisalCycle.year < row.cycle.year,
        )
        .order_by(AppraisalCycle.year.desc(), BaseAppraisal.id.desc())
        .limit(times)
    )
    grades = list(session.scalars(earlier))
    return len(grades) == times and all(grade is Grade.FAIL for grade in grades)


def accredited_in(region_code: str, on: date) -> list[TrainingBase]:
    """Return the bases of a region that are accredited on a day."""
    low, high = region_span(region_code)
    query = select(TrainingBase).where(
        TrainingBase.region_code.between(low, high),
        TrainingBase.state == BaseState.ACCREDITED,
        TrainingBase.accredited_on <= on,
        TrainingBase.accredited_until >= on,
    )
    return list(session.scalars(query.order_by(TrainingBase.id)))


def job_of(found: AppraisalCycle) -> Job | None:
    """Return the running or last computation of a cycle."""
    keys = [job_key(found.code, number) for number in (found.rounds, found.rounds - 1)]
    return session.scalar(select(Job).where(Job.key.in_(keys)).order_by(Job.id.desc()).limit(1))


def job_key(code: str, number: int) -> str:
    """Return the key under which a round of computation is started once."""
    return f"{JOB}:{code}:{number}"

"""Writes of cycles: opened by one person of a deciding authority, confirmed by a second one."""

from datetime import date, datetime

from sqlalchemy import select

from app.accounts.states import Role
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk
from app.performance import queries
from app.performance.models import AppraisalCycle, BaseAppraisal
from app.performance.services.doors import left_out, refuse_running
from app.performance.services.subjects import named, of_appraisal, of_cycle, url_of
from app.performance.states import CYCLE
from app.rulebook import queries as rulebook
from app.rulebook.facts import kind_of


def open_cycle(*, year: int, region_code: str, report_until: date, by: Actor, at: datetime) -> AppraisalCycle:
    """Propose the cycle of a year for a region, with the indicator system that binds at the year's end.

    Raises ForbiddenError for another authority's region, InvalidError where no pack binds or it names an unknown
    fact, ConflictError where the year has its cycle already.
    """
    refuse_running(region_code, by, at)
    if report_until < day_of(at):
        raise InvalidError(_l("This day has passed. Choose a later one."), field="report_until")
    same = AppraisalCycle.year == year, AppraisalCycle.region_code == region_code
    if session.scalar(select(AppraisalCycle.id).where(*same)) is not None:
        raise ConflictError(_l("This year has its cycle already. Open it from the list."), field="year")
    pack = queries.pack_for(year, region_code)
    cycle = AppraisalCycle(
        year=year, region_code=region_code, pack_id=pack.id, report_until=report_until,
        opened_by_id=by.person_id, opened_at=at,
    )  # fmt: skip
    session.add(cycle)
    session.flush()
    _check_facts(cycle)
    events.record("performance.cycle_opened", of_cycle(cycle), by=by, at=at, rule=pack.code)
    desk.open_todo(
        "performance.confirm_cycle", of_cycle(cycle), url=f"/performance/{cycle.code}", at=at, role=Role.REGULATOR,
        region_code=region_code, not_person_id=by.person_id, params={"year": str(year)},
    )  # fmt: skip
    return cycle


def _check_facts(cycle: AppraisalCycle) -> None:
    known = rulebook.catalogue()
    for name in sorted(queries.params(cycle).facts):
        try:
            kind_of(name, known)
        except ValueError as error:
            raise InvalidError(
                _l("The indicator system cannot be computed: %(reason)s. Correct the rule pack.", reason=error.args[0])
            ) from error


def confirm_cycle(cycle: AppraisalCycle, *, by: Actor, at: datetime) -> list[BaseAppraisal]:
    """Confirm a cycle and ask every accredited base of the region for its self-report; a restricted one is left out.

    Raises ForbiddenError for whoever opened it.
    """
    refuse_running(cycle.region_code, by, at)
    if by.person_id == cycle.opened_by_id:
        raise ForbiddenError(_l("You opened this cycle. Another person of a deciding authority must confirm it."))
    CYCLE.move(cycle, "confirm", confirmed_by_id=by.person_id, confirmed_at=at)
    bases = queries.accredited_in(cycle.region_code, day_of(at))
    barred = left_out(bases, on=day_of(at))
    rows = [
        BaseAppraisal(
            cycle_id=cycle.id, base_id=base.id, organisation_id=base.organisation_id, region_code=base.region_code
        )
        for base in bases
        if base.organisation_id not in barred
    ]
    session.add_all(rows)
    session.flush()
    data = {"bases": len(rows)}
    events.record("performance.cycle_confirmed", of_cycle(cycle), by=by, at=at, rule=cycle.pack.code, data=data)
    desk.close_todos(of_cycle(cycle), at=at)
    for base in bases:
        if (one := barred.get(base.organisation_id)) is not None:
            named_ = {"base": base.organisation.slug, "restriction": one.code}
            events.record("performance.left_out", of_cycle(cycle), by=by, at=at, data=named_)
    for row in rows:
        events.record("performance.asked", of_appraisal(row), by=by, at=at, rule=cycle.pack.code)
        ask_for_report(row, at=at)
    return rows


def ask_for_report(row: BaseAppraisal, *, at: datetime) -> None:
    """Let the base's staff see that its self-report waits."""
    desk.open_todo(
        "performance.report", of_appraisal(row), url=url_of(row), at=at, role=Role.BASE,
        organisation_id=row.organisation_id, due_on=row.cycle.report_until, params=named(row),
    )  # fmt: skip

"""Appraisals for tests: cycles opened and confirmed by two people, self-reports written, checked and graded."""

from datetime import UTC, date, datetime

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.bases.models import TrainingBase
from app.core.db import session, unit_of_work
from app.performance import services
from app.performance.models import AppraisalCycle, BaseAppraisal
from app.performance.queries import rows_of
from tests.factories.accounts import SHANDONG, Member, make_member
from tests.factories.bases import make_accredited
from tests.factories.rulebook import make_published

AT = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
UNTIL = date(2026, 12, 20)
PDF = b"%PDF-1.4 a proof"
SYSTEM = """
[params]
full_score = 105
rectify_days = 10
fails_to_exit = 2
[params.limits]
excellent = 90
good = 75
passed = 60
[[params.indicators]]
code = "lecturers"
name_zh = "师资"
name_en = "Lecturers"
source = "reported"
dimension = "facilities"
weight = 0.6
zero_at = 0
full_at = 10
[[params.indicators]]
code = "cohorts"
name_zh = "班次"
name_en = "Cohorts"
source = "computed"
fact = "base.cohorts"
dimension = "organisation"
weight = 0.4
zero_at = 1
full_at = 0
[[params.bonuses]]
code = "deals"
name_zh = "成交"
name_en = "Deals"
source = "reported"
each = 1
most = 5
"""
"""Without any cohort a base has 40 points for few cohorts, so that its lecturers decide."""


def make_system(**given: object) -> None:
    """Publish the indicator system of the tests."""
    make_published(kind="appraisal", code="appraisal-test", params=SYSTEM, **given)


def make_cycle(year: int = 2026, *, at: datetime = AT, region: str = SHANDONG) -> tuple[AppraisalCycle, Member, Member]:
    """Open the cycle of a year by one regulator and confirm it by another."""
    first, second = make_member(Role.REGULATOR, region), make_member(Role.REGULATOR, region)
    with unit_of_work():
        cycle = services.open_cycle(year=year, region_code=region, report_until=UNTIL, by=first.actor, at=at)
        services.confirm_cycle(cycle, by=second.actor, at=at)
    return cycle, first, second


def make_base(region: str = SHANDONG, organisation: Organisation | None = None) -> tuple[TrainingBase, Member]:
    """Make an accredited base and one of its staff."""
    base = make_accredited(organisation, region=region)
    return base, make_member(Role.BASE, region, base.organisation)


def only(cycle: AppraisalCycle) -> BaseAppraisal:
    """Return the one appraisal of a cycle as it is stored."""
    session.expire_all()
    return rows_of(session.get_one(AppraisalCycle, cycle.id))[0]


def report(row: BaseAppraisal, staff: Member, lecturers: str = "10", deals: str = "0") -> BaseAppraisal:
    """Write, prove and submit a self-report."""
    with unit_of_work():
        services.keep(row, {"lecturers": lecturers, "deals": deals}, by=staff.actor)
        for code in ("lecturers", "deals"):
            services.attach(row, code, PDF, name="证明.pdf", by=staff.actor, at=AT)
        services.submit(row, by=staff.actor, at=AT)
    return row


def check(row: BaseAppraisal) -> BaseAppraisal:
    """Confirm the local check by a regulator of the region."""
    local = make_member(Role.REGULATOR, row.region_code)
    with unit_of_work():
        services.check(row, by=local.actor, at=AT)
    return row


def graded(row: BaseAppraisal, staff: Member, lecturers: str) -> BaseAppraisal:
    """Bring an appraisal to its computed grade."""
    check(report(row, staff, lecturers))
    with unit_of_work():
        services.grade(row.cycle, [row], by=None, at=AT)
    return row

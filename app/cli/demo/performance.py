"""The appraisals of the demo: the finished year 2025 and the running year 2026."""

from datetime import date, datetime

from sqlalchemy import select

from app.accounts.states import NATION
from app.bases.models import TrainingBase
from app.cli.demo.step import Demo, acting_as
from app.core.clock import SHANGHAI
from app.core.db import session, unit_of_work
from app.performance import services
from app.performance.models import AppraisalCycle, BaseAppraisal
from app.performance.queries import rows_of
from app.performance.services.outcomes import publicity_passed

OPENED = datetime(2025, 12, 1, 9, 30, tzinfo=SHANGHAI)
REPORTED = datetime(2025, 12, 12, 14, 0, tzinfo=SHANGHAI)
CHECKED = datetime(2025, 12, 18, 10, 0, tzinfo=SHANGHAI)
GRADED = datetime(2026, 1, 6, 9, 0, tzinfo=SHANGHAI)
PASSED = datetime(2026, 1, 14, 0, 30, tzinfo=SHANGHAI)
CONFIRMED = datetime(2026, 1, 15, 15, 0, tzinfo=SHANGHAI)
RECTIFIED = datetime(2026, 3, 10, 11, 0, tzinfo=SHANGHAI)
ACCEPTED = datetime(2026, 3, 24, 16, 0, tzinfo=SHANGHAI)
THIS_YEAR = datetime(2026, 11, 9, 9, 0, tzinfo=SHANGHAI)
UNTIL_2025, UNTIL_2026 = date(2025, 12, 20), date(2026, 12, 20)
PDF = b"%PDF-1.4\n%%EOF\n"
ANSWERS = {
    "qilu": {"lecturers": "11", "practice-sites": "5", "cohorts": "2", "completion": "93.5", "trained": "38",
             "pass-rate": "81", "cases": "3", "held": "2", "deals": "260"},
    "lingnan": {"lecturers": "6", "practice-sites": "2", "cohorts": "1", "completion": "71", "trained": "9",
                "pass-rate": "52", "cases": "1", "held": "1", "deals": "0"},
}  # fmt: skip
NOW = {"lecturers": "12", "practice-sites": "4", "cases": "4"}
"""What the first base has written so far for the running year."""
# zh: decisions and reports as Chinese bodies write them
REASONS = {
    "confirm": "公示期满无异议，予以确认。",
    "accept": "经复核，整改措施已落实。",
}
RECTIFICATION = "新增实训合作机构三家，聘任专职师资五名，修订教学计划，均已于3月10日前完成。"
STAFF = {"qilu": "base", "lingnan": "base2"}


def load(demo: Demo) -> int:
    """Make the cycles that are missing."""
    del demo
    with unit_of_work():
        known = set(session.scalars(select(AppraisalCycle.year).where(AppraisalCycle.region_code == NATION)))
    made = 0
    if 2025 not in known:  # noqa: PLR2004 - the year that is told
        _finished()
        made += 1
    if 2026 not in known:  # noqa: PLR2004 - the year that is told
        _running()
        made += 1
    return made


def _opened(year: int, until: date, at: datetime) -> AppraisalCycle:
    cycle = services.open_cycle(year=year, region_code=NATION, report_until=until, by=acting_as("nation"), at=at)
    services.confirm_cycle(cycle, by=acting_as("nation2"), at=at)
    return cycle


def _finished() -> None:
    with unit_of_work():
        cycle = _opened(2025, UNTIL_2025, OPENED)
        rows = rows_of(cycle)
        for row in rows:
            _report(row)
        services.grade(cycle, rows, by=acting_as("nation"), at=GRADED)
        services.publish(cycle, by=acting_as("nation"), at=GRADED)
    with unit_of_work():
        for row in rows_of(session.get_one(AppraisalCycle, cycle.id)):
            _settle(row)


def _slug(row: BaseAppraisal) -> str:
    return session.get_one(TrainingBase, row.base_id).organisation.slug


def _report(row: BaseAppraisal) -> None:
    staff = acting_as(STAFF[_slug(row)])
    answers = ANSWERS[_slug(row)]
    services.keep(row, answers, by=staff)
    for code in answers:
        services.attach(row, code, PDF, name=f"{code}.pdf", by=staff, at=REPORTED)
    services.submit(row, by=staff, at=REPORTED)
    services.check(row, by=acting_as("city" if row.region_code.startswith("3701") else "nation"), at=CHECKED)


def _settle(row: BaseAppraisal) -> None:
    if row.publicity:
        publicity_passed(row.code, row.publicity, at=PASSED)
    services.confirm(row, reason=REASONS["confirm"], by=acting_as("nation2"), at=CONFIRMED)
    if row.rectify_until is not None:
        services.rectify(row, report=RECTIFICATION, by=acting_as(STAFF[_slug(row)]), at=RECTIFIED)
        services.accept(row, reason=REASONS["accept"], by=acting_as("nation"), at=ACCEPTED)


def _running() -> None:
    with unit_of_work():
        cycle = _opened(2026, UNTIL_2026, THIS_YEAR)
        for row in rows_of(cycle):
            if _slug(row) == "qilu":
                services.keep(row, NOW, by=acting_as("base"))

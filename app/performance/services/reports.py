"""Writes of self-reports: kept as typed, proved by files, submitted, checked on the spot."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from app.accounts.states import Role
from app.core import events, files
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, Text
from app.core.text import _l
from app.desk import services as desk
from app.performance import queries
from app.performance.access import Permission, may_check
from app.performance.models import AppraisalFile, BaseAppraisal
from app.performance.services.cycles import ask_for_report
from app.performance.services.doors import refuse_inspecting, refuse_part, refuse_reporting
from app.performance.services.subjects import named, of_appraisal, of_cycle, url_of
from app.performance.states import APPRAISAL, AppraisalState

LONGEST = 40
MOST = Decimal(10) ** 9
PLACES = 2
MEDIA = {b"%PDF": "application/pdf", b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class ReportError(InvalidError):
    """What is wrong with a self-report, by indicator code."""

    def __init__(self, wrong: dict[str, Text]) -> None:
        super().__init__(_l("The self-report is not complete. What you typed is kept as a draft."))
        self.wrong = wrong


def _own(row: BaseAppraisal, by: Actor) -> None:
    if not by.may(Permission.REPORT) or by.organisation_id != row.organisation_id:
        raise ForbiddenError(_l("Only the staff of the base write its self-report."))
    if row.state is not AppraisalState.REPORTING:
        raise ConflictError(_l("The self-report was submitted and can no longer be changed. Reload to see its state."))


def keep(row: BaseAppraisal, answers: dict[str, str], *, by: Actor) -> None:
    """Keep what was typed, right or wrong; raises ConflictError once it was submitted."""
    _own(row, by)
    known = {one.code for one in queries.params(row.cycle).reported}
    row.answers = {code: typed.strip()[:LONGEST] for code, typed in answers.items() if code in known}
    session.flush()


def attach(row: BaseAppraisal, indicator: str, data: bytes, *, name: str, by: Actor, at: datetime) -> None:
    """Keep the file that proves an indicator, in place of an earlier one; PDF, PNG or JPEG."""
    _own(row, by)
    if indicator not in {one.code for one in queries.params(row.cycle).reported}:
        raise NotFoundError(_l("There is no such self-reported indicator."))
    media = next((kind for mark, kind in MEDIA.items() if data.startswith(mark)), None)
    if media is None:
        raise InvalidError(_l("Attach a PDF, PNG or JPEG file."), field=indicator)
    stored = files.store(data, name=name, media_type=media)
    former = queries.files_of(row).get(indicator)
    if former is not None:
        session.delete(former)
        session.flush()
    session.add(
        AppraisalFile(
            appraisal_id=row.id, indicator=indicator, file_id=stored.id, name=name[:200], by_id=by.person_id, at=at
        )
    )
    session.flush()


def number(typed: str) -> Decimal:
    """Return a typed value; raises ValueError with a sentence where it is no amount of at most two places."""
    try:
        value = Decimal(typed)
    except InvalidOperation as error:
        raise ValueError(_l("Give a number.")) from error
    if not value.is_finite() or not 0 <= value < MOST:
        raise ValueError(_l("Give a number from 0 to 999,999,999."))
    if value != round(value, PLACES):
        raise ValueError(_l("Give at most two decimal places."))
    return value


def submit(row: BaseAppraisal, *, by: Actor, at: datetime) -> None:
    """Submit the kept self-report to the local check; raises ReportError naming what is missing or no number."""
    _own(row, by)
    refuse_reporting(row, by, at)
    proved = queries.files_of(row)
    wrong: dict[str, Text] = {}
    for one in queries.params(row.cycle).reported:
        try:
            number(row.answers.get(one.code, ""))
        except ValueError as error:
            wrong[one.code] = error.args[0]
        else:
            if one.code not in proved:
                wrong[one.code] = _l("Attach the file that proves this value.")
    if wrong:
        raise ReportError(wrong)
    APPRAISAL.move(row, "submit", submitted_by_id=by.person_id, submitted_at=at, reason=None)
    session.flush()
    events.record("performance.submitted", of_appraisal(row), by=by, at=at)
    desk.close_todos(of_appraisal(row), at=at)
    desk.open_todo(
        "performance.check", of_appraisal(row), url=url_of(row), at=at, role=Role.REGULATOR,
        region_code=local_authority(row.region_code), not_person_id=by.person_id, params=named(row),
    )  # fmt: skip


def local_authority(region_code: str) -> str:
    """Return the region of the city whose authority checks a base on the spot."""
    return f"{region_code[:4]}00"


def _local(row: BaseAppraisal, by: Actor, at: datetime) -> None:
    if not may_check(by, row.region_code):
        raise ForbiddenError(_l("An authority of the region of the base checks its self-report."))
    if by.person_id == row.submitted_by_id:
        raise ForbiddenError(_l("You submitted this self-report. Another person must check it."))
    refuse_inspecting(by, at)


def send_back(row: BaseAppraisal, *, reason: str, by: Actor, at: datetime) -> None:
    """Return a self-report to its base with a reason; the base corrects and submits it again."""
    _local(row, by, at)
    APPRAISAL.move(row, "return", reason=reason, checked_by_id=None, checked_at=None, score=None, grade=None)
    session.flush()
    events.record("performance.returned", of_appraisal(row), by=by, at=at, reason=reason)
    desk.close_todos(of_appraisal(row), at=at)
    ask_for_report(row, at=at)


def check(row: BaseAppraisal, *, by: Actor, at: datetime) -> None:
    """Confirm that the self-report agrees with what the local authority knows; then it can be computed."""
    _local(row, by, at)
    refuse_part(row, at)
    APPRAISAL.move(row, "check", checked_by_id=by.person_id, checked_at=at, reason=None)
    session.flush()
    events.record("performance.checked", of_appraisal(row), by=by, at=at)
    desk.close_todos(of_appraisal(row), at=at)
    ask_to_compute(row, at=at)


def ask_to_compute(row: BaseAppraisal, *, at: datetime) -> None:
    """Let the authority that runs the cycle see that something can be computed."""
    desk.open_todo(
        "performance.compute", of_cycle(row.cycle), url=f"/performance/{row.cycle.code}", at=at, role=Role.REGULATOR,
        region_code=row.cycle.region_code, params={"year": str(row.cycle.year)},
    )  # fmt: skip

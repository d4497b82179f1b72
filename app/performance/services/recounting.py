"""The day of an appraisal that is counted anew once the holidays of a year are entered: the end of a rectification."""

from datetime import date

from sqlalchemy import ColumnElement, and_

from app.core.calendar import Deadline, Published
from app.performance.models import BaseAppraisal
from app.performance.services.outcomes import rectify_by
from app.performance.services.subjects import of_appraisal
from app.performance.states import AppraisalState
from app.rulebook.kinds import CountedDay, in_column

RUNS = (AppraisalState.RECTIFYING, AppraisalState.RECTIFIED)
"""A rectification that was reported may be returned, and its last day stays."""


def _waits(since: date) -> ColumnElement[bool]:
    return and_(BaseAppraisal.state.in_(RUNS), BaseAppraisal.rectify_until >= since)


def _counted(row: BaseAppraisal, known: Published) -> Deadline | None:
    return None if row.confirmed_at is None else rectify_by(row, row.confirmed_at, known)


RECTIFICATION = CountedDay(
    "performance.rectify",
    BaseAppraisal,
    of_appraisal,
    waits=_waits,
    counted=_counted,
    kept=in_column("rectify_until"),
    event="performance.rectify_recounted",
    told=True,
    todo="performance.rectify",
)

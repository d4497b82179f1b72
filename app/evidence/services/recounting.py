"""The day of evidence that is counted anew once the holidays of a year are entered: by when it is checked."""

from datetime import date

from sqlalchemy import ColumnElement, and_

from app.core.calendar import Deadline, Published
from app.core.errors import InvalidError
from app.evidence.models import Evidence
from app.evidence.services.entry import check_by
from app.evidence.services.subjects import checks_in_force, of_evidence
from app.evidence.states import OPEN
from app.rulebook.kinds import CountedDay, in_column


def _waits(since: date) -> ColumnElement[bool]:
    return and_(Evidence.state.in_(OPEN), Evidence.check_due_on >= since)


def _counted(evidence: Evidence, known: Published) -> Deadline | None:
    """Count from the day its person stood by it, by the rules as they were known then: what is published stays."""
    if evidence.accepted_at is None:
        return None
    try:
        params, _pack = checks_in_force(evidence.region_code, evidence.accepted_at, as_known=True)
    except InvalidError:
        return None
    return check_by(params, evidence.accepted_at, known)


CHECK = CountedDay(
    "evidence.check",
    Evidence,
    of_evidence,
    waits=_waits,
    counted=_counted,
    kept=in_column("check_due_on"),
    event="evidence.check_recounted",
    told=False,
    todo="evidence.check",
)

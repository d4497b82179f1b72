"""Numbers of cases that people read over the phone; addresses keep the code, which nobody guesses."""

from datetime import datetime

from sqlalchemy import text

from app.cases.models import Case
from app.cases.queries import kinds
from app.core.clock import day_of
from app.core.db import session

COUNT = text(
    "INSERT INTO case_serial (prefix, last) VALUES (:prefix, 1) "
    "ON CONFLICT (prefix) DO UPDATE SET last = case_serial.last + 1 RETURNING last"
)


def next_number(case: Case, at: datetime) -> str:
    """Return the number of a case that is raised now: the letters of its kind, the year and what comes next there."""
    prefix = f"{kinds.case_kind(case.kind).letters}-{day_of(at).year}"
    return f"{prefix}-{session.scalar(COUNT, {'prefix': prefix}):06d}"

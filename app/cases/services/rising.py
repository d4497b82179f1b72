"""Open cases that nobody of their authority may decide any more: they go to the authority above (decision 0081)."""

from datetime import date, datetime

from app.accounts.states import Role
from app.cases.models import Case
from app.cases.queries import cases as queries
from app.cases.queries import rungs
from app.cases.services import authors
from app.cases.services.cases import pass_up
from app.cases.services.subjects import of_case
from app.cases.states import OPEN_STATES
from app.core import events
from app.core.clock import day_of
from app.desk import services as desk


def is_left_alone(case: Case, *, on: date) -> bool:
    """Tell whether nobody of the authority that hears a case may decide it any more, and somebody above may."""
    return rungs.due_to_hear(case, _raised_by(case), on) != rungs.now_with(case)


def _raised_by(case: Case) -> int | None:
    author = authors.author_of(case)
    return case.raised_by_id if author is None else authors.person_id_of(author)


def rise(code: str, *, at: datetime) -> bool:
    """Let an open case go to the authority above where nobody of its own may decide it; tell whether it went.

    Its clocks run on as they were, what waited for the officers waits for those above, and whoever raised it is told.
    """
    case, today = queries.by_code(code), day_of(at)
    if case.state not in OPEN_STATES or not is_left_alone(case, on=today):
        return False
    pass_up(case, _raised_by(case), on=today)
    events.record("cases.passed_up", of_case(case), by=None, at=at, data={"region": case.authority_region})
    _carry_todos(case)
    return True


def _carry_todos(case: Case) -> None:
    """Let what waited for the authority of a case wait for the one that hears it now, until the same days."""
    about, now = of_case(case), rungs.now_with(case)
    for kind in ("cases.accept", "cases.decide", "cases.unanswered"):
        desk.readdress_todos(
            about, kind, role=now.role, organisation_id=now.organisation_id, region_code=now.region_code
        )
    above = rungs.watching(case)
    desk.readdress_todos(about, "cases.overdue", role=Role.REGULATOR, organisation_id=None, region_code=above)

"""Who may act on a case for its authority, and who of them may decide it."""

from app.cases.access import handles
from app.cases.models import Case
from app.cases.queries import cases as queries
from app.cases.queries.barred import took_part
from app.cases.services import authors
from app.core.access import Actor
from app.core.errors import ForbiddenError
from app.core.text import _l


def check_handles(case: Case, by: Actor) -> None:
    """Refuse whose authority does not hear the case, and who raised it or whom, or whose body, it is about."""
    if not handles(by, case):
        raise ForbiddenError(_l("The authority that hears this case handles it; others may read it."))
    if by.person_id == case.person_id or authors.is_author(case, by):
        raise ForbiddenError(_l("Nobody handles their own case. Another officer of your authority does."))
    if queries.serves_subject(case, by):
        raise ForbiddenError(
            _l("You hold a role in the body that the case is about, so another officer of your authority handles it.")
        )


def check_decides(case: Case, by: Actor) -> None:
    """Refuse who made the decision complained of, or an earlier one on it, and everyone `check_handles` refuses."""
    check_handles(case, by)
    if by.person_id in took_part(case):
        raise ForbiddenError(
            _l("You took part in the decision complained of, so another officer of your authority decides.")
        )

"""The withdrawal of a title: proposed with what was found, decided by another person, set aside only on appeal.

Who obtained a title by false papers or other improper means loses it (MOHRSS Order 40, 2019). Two people withdraw it,
the register goes on naming it with the reason, and whoever holds it is told and may appeal.
"""

from datetime import datetime

from app.accounts.states import Role
from app.assessment.titles import queries
from app.assessment.titles.access import Permission
from app.assessment.titles.models import TitleAward, TitleWithdrawal
from app.assessment.titles.services import bars
from app.assessment.titles.states import WITHDRAWAL, WithdrawalReason, WithdrawalState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk

TYPE = "title_withdrawal"
TODO = "titles.decide_withdrawal"


def of_withdrawal(found: TitleWithdrawal) -> Subject:
    """Name a withdrawal."""
    return Subject(TYPE, found.code)


def propose_withdrawal(
    award: TitleAward, *, reason: WithdrawalReason, findings: str, by: Actor, at: datetime
) -> TitleWithdrawal:
    """Propose that a title be withdrawn, with what was found; the authority of the region decides.

    Raises ForbiddenError for one's own title and for whoever may not propose it, ConflictError where the title is
    withdrawn or a proposal waits already.
    """
    if not by.may(Permission.WITHDRAW) or by.person_id == award.person_id:
        raise ForbiddenError(_l("The office of the round or the authority of its region proposes this."))
    known = queries.withdrawal_of(award)
    if known is not None and known.state is not WithdrawalState.SET_ASIDE:
        raise ConflictError(_l("The title is withdrawn, or a proposal waits already. Its page shows which."))
    made = TitleWithdrawal(
        award_id=award.id, reason=reason, findings=findings.strip(), proposed_by_id=by.person_id, proposed_at=at
    )
    session.add(made)
    session.flush()
    data = {"number": award.number, "why": reason.value}
    events.record("titles.withdrawal_proposed", of_withdrawal(made), by=by, at=at, data=data)
    desk.open_todo(
        TODO,
        of_withdrawal(made),
        url=f"/titles/withdrawals/{made.code}",
        at=at,
        role=Role.REGULATOR,
        region_code=award.region_code,
        not_person_id=by.person_id,
        params={"name": award.person.name},
    )
    return made


def check_second(found: TitleWithdrawal, by: Actor) -> None:
    """Refuse who proposed the withdrawal, and who holds the title."""
    if by.person_id in {found.proposed_by_id, found.award.person_id}:
        raise ForbiddenError(_l("Another person than the one who proposed the withdrawal decides on it."))


def approve_withdrawal(found: TitleWithdrawal, *, decision: str, by: Actor, at: datetime) -> None:
    """Withdraw a title as the second person, with the decision that the person reads; its certificate is revoked.

    Where the rule in force bars from new applications for the reason, the bar is imposed with it. Raises
    ForbiddenError for who proposed it or holds the title, ConflictError where it is decided.
    """
    check_second(found, by)
    _move(found, "approve", decision=decision, by=by, at=at)
    bars.impose(found, by=by, at=at)
    data = {"number": found.award.number, "why": found.reason.value, "withdrawal": found.code}
    subject, rule = queries.subject(found.award.application), found.integrity_rule
    events.record("titles.withdrawn", subject, by=by, at=at, rule=rule, reason=decision, data=data)


def reject_withdrawal(found: TitleWithdrawal, *, decision: str, by: Actor, at: datetime) -> None:
    """Let a title stand as the second person, with the reason; another proposal can be made on new findings."""
    check_second(found, by)
    _move(found, "reject", decision=decision, by=by, at=at)


PAST = {"approve": "titles.withdrawal_approved", "reject": "titles.withdrawal_rejected"}


def _move(found: TitleWithdrawal, move: str, *, decision: str, by: Actor, at: datetime) -> None:
    WITHDRAWAL.move(found, move, decided_by_id=by.person_id, decided_at=at, decision=decision)
    session.flush()
    session.expire(found.award, ["withdrawal"])
    data = {"number": found.award.number, "why": found.reason.value}
    events.record(PAST[move], of_withdrawal(found), by=by, at=at, reason=decision, data=data)
    desk.close_todos(of_withdrawal(found), at=at)


def set_aside_withdrawal(found: TitleWithdrawal, *, reason: str, by: Actor | None = None, at: datetime) -> None:
    """Let a title stand again because an appeal was upheld, and lift the bar with it; a second call changes nothing."""
    if found.state is not WithdrawalState.IN_FORCE:
        return
    WITHDRAWAL.move(found, "set_aside", set_aside_at=at)
    session.flush()
    bars.lift(found, reason=reason, at=at)
    session.expire(found.award, ["withdrawal"])
    data = {"number": found.award.number, "withdrawal": found.code}
    events.record("titles.withdrawal_set_aside", of_withdrawal(found), by=by, at=at, reason=reason, data=data)
    events.record("titles.restored", queries.subject(found.award.application), by=by, at=at, reason=reason, data=data)

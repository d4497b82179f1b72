"""What the authority does with a case: accept, ask for materials, decide, with people who did not decide before."""

from datetime import datetime

from app.cases.models import Case
from app.cases.queries import kinds
from app.cases.rules.outcomes import Effect, effect_of
from app.cases.services import authors, notices, visitors
from app.cases.services.cases import wait_for_officer
from app.cases.services.charge import check_decides, check_handles
from app.cases.services.pauses import end_pause, start_pause
from app.cases.services.subjects import of_case, written
from app.cases.states import CASE, OPEN_STATES, NoticeKind, Outcome, Protection
from app.core import events
from app.core.access import Actor
from app.core.calendar import add_working_days, published
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ForbiddenError, InvalidError
from app.core.text import _, _l
from app.desk import services as desk

FURTHER = {
    Outcome.UPHELD: _l(
        "The other side took the decision in your case further, and it was upheld: the decision changes."
    ),
    Outcome.REJECTED: _l("The other side took the decision in your case further, and it was not upheld: it stands."),
}
"""How a recheck or appeal of the other side ended, for whoever raised the first case."""


def accept(case: Case, *, by: Actor, at: datetime) -> None:
    """Accept a case; the clock of the decision starts the next working day."""
    check_handles(case, by)
    due = add_working_days(day_of(at), kinds.step(case).decide_in, published())
    CASE.move(
        case,
        "accept",
        accepted_at=at,
        accepted_by_id=by.person_id,
        decide_by=due.day,
        provisional=due.provisional,
    )
    session.flush()
    events.record("cases.accepted", of_case(case), by=by, at=at, rule=case.rule_pack)
    for kind in ("cases.accept", "cases.overdue"):
        desk.close_todos(of_case(case), kind=kind, at=at)
    wait_for_officer(case, "cases.decide", due.day, at=at)
    notices.send_to_author(
        case, NoticeKind.ACCEPTED, str(_("The decision is due on %(day)s.", day=due.day)), by=by, at=at
    )


def decline(case: Case, *, reasons: str, by: Actor, at: datetime) -> None:
    """Not accept a case, with the reasons its author reads; it can be taken to the next rung."""
    check_decides(case, by)
    _say(reasons)
    CASE.move(case, "decline", decided_by_id=by.person_id, decided_at=at, reasons_kept=written(case, reasons))
    session.flush()
    events.record("cases.declined", of_case(case), by=by, at=at, rule=case.rule_pack)
    desk.close_todos(of_case(case), at=at)
    notices.send_to_author(case, NoticeKind.DECLINED, reasons, by=by, at=at)
    how = _("The recheck or appeal of the other side against the decision in your case was not accepted.")
    notices.send_to_complainant(case, f"{how}\n\n{reasons}", by=by, at=at)


def ask_for_materials(case: Case, *, what: str, by: Actor, at: datetime) -> None:
    """Ask the author for materials and stop the clock, with what is asked for as the reason.

    Until when follows from the clocks pinned to the case. Raises InvalidError for an anonymous lead: nobody could
    answer; who complained without an account reads the request where they follow the case.
    """
    check_handles(case, by)
    _say(what)
    if case.protection is Protection.ANONYMOUS and visitors.visitor_of(case) is None:
        raise InvalidError(_l("Nobody can be asked where no name was given. Decide on what it says."), field="reason")
    CASE.move(case, "ask")
    due = kinds.supply_until(case, day_of(at), published())
    due_on = due.day if due else None
    start_pause(case, reason=what, due_on=due_on, by=by, at=at)
    until = {"due": due_on.isoformat()} if due_on else {}
    events.record("cases.asked", of_case(case), by=by, at=at, rule=case.rule_pack, data=until)
    said = what if due_on is None else "\n\n".join((what, str(_("To be supplied by %(day)s.", day=due_on))))
    notices.send_to_author(case, NoticeKind.MATERIALS, said, due_on=due_on, by=by, at=at)


def resume(case: Case, *, reason: str, by: Actor, at: datetime) -> None:
    """Go on without the materials, with the reason; the clock runs on."""
    check_handles(case, by)
    _say(reason)
    CASE.move(case, "resume")
    end_pause(case, at=at)
    events.record("cases.resumed", of_case(case), by=by, at=at, reason=reason, about_person=True)


def decide(case: Case, *, upheld: bool, reasons: str, by: Actor, at: datetime) -> None:
    """Decide an accepted case with reasons; what its kind does about it runs in this transaction.

    Raises ForbiddenError for who took part in the decision complained of; the schema refuses them too.
    """
    check_decides(case, by)
    _say(reasons)
    outcome = Outcome.UPHELD if upheld else Outcome.REJECTED
    CASE.move(
        case,
        "decide",
        outcome=outcome,
        reasons_kept=written(case, reasons),
        decided_by_id=by.person_id,
        decided_at=at,
    )
    session.flush()
    events.record(
        "cases.decided",
        of_case(case),
        by=by,
        at=at,
        rule=case.rule_pack,
        data={"kind": case.kind, "outcome": outcome.value, "about": case.subject_code},
    )
    desk.close_todos(of_case(case), at=at)
    _take_effect(case, by=by, at=at)
    notices.send_to_author(case, NoticeKind.DECIDED, reasons, by=by, at=at)
    notices.send_to_subject(case, NoticeKind.DECIDED, reasons, by=by, at=at)
    notices.send_to_complainant(case, f"{FURTHER[outcome]}\n\n{reasons}", by=by, at=at)


def _take_effect(case: Case, *, by: Actor, at: datetime) -> None:
    kind = kinds.case_kind(case.kind)
    hooks = {
        Effect.UPHELD: kind.on_upheld,
        Effect.REJECTED: kind.on_rejected,
        Effect.REVERSED: kind.on_reversed,
        Effect.NONE: None,
    }
    hook = hooks[effect_of(case)]
    if hook is not None:
        hook(case, by, at)


def _say(reasons: str) -> None:
    if not reasons.strip():
        raise InvalidError(_l("Give the reasons; the parties read them."), field="reason")


def reveal_author(case: Case, *, reason: str, by: Actor, at: datetime) -> str:
    """Return who raised a protected case, or the contact of a visitor, to the handling officer, for a recorded reason.

    Raises ForbiddenError for anyone else, for who made the decision complained of and once the case is decided,
    InvalidError without a reason.
    """
    check_decides(case, by)
    _say(reason)
    author, contact = authors.author_of(case), visitors.contact_of(case)
    if (author is None and contact is None) or case.state not in OPEN_STATES:
        raise ForbiddenError(_l("There is no protected author to reveal, or the case has ended."))
    events.record("cases.author_revealed", of_case(case), by=by, at=at, reason=reason, about_person=True)
    return str(contact) if author is None else authors.name_of(author)

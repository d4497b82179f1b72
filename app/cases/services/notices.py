"""Notices to the parties of a case, and the proofs that they were delivered."""

from datetime import date, datetime

from app.cases.models import Case, Delivery, Notice
from app.cases.queries import kinds
from app.cases.queries import notices as queries
from app.cases.services import appeals, authors, visitors
from app.cases.services.charge import check_handles
from app.cases.services.subjects import named, of_case, written
from app.cases.states import DeliveryHow, NoticeKind, Protection
from app.core import events
from app.core.access import Actor
from app.core.calendar import published
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ForbiddenError, InvalidError
from app.core.files import StoredFile
from app.core.text import _l
from app.desk import services as desk


def send_to_author(
    case: Case, kind: NoticeKind, text: str, *, due_on: date | None = None, by: Actor, at: datetime
) -> None:
    """Send a notice to whoever raised a case; an anonymous lead has no addressee.

    Who complained without an account finds it where they follow the case: it names nobody, and nothing waits for them.
    """
    if case.protection is Protection.ANONYMOUS and visitors.visitor_of(case) is None:
        return
    author = authors.author_of(case)
    person_id = case.raised_by_id if author is None else authors.person_id_of(author)
    _send(case, kind, text, to_person_id=case.raised_by_id, by=by, at=at)
    if person_id is not None:
        _tell(case, kind, person_id=person_id, due_on=due_on, at=at)


def send_to_complainant(case: Case, text: str, *, by: Actor, at: datetime) -> None:
    """Send how a recheck or appeal of the other side ended to whoever raised the first case, in that case.

    They read state, outcome and reasons there; what the other side wrote stays in its own case.
    """
    first = _first(case)
    if case.protection is not Protection.OPEN or first is case:
        return
    if first.protection is not Protection.OPEN or first.raised_by_id != case.raised_by_id:
        send_to_author(first, NoticeKind.DECIDED, text, by=by, at=at)


def _first(case: Case) -> Case:
    return case if case.previous is None else _first(case.previous)


def send_to_subject(case: Case, kind: NoticeKind, text: str, *, by: Actor, at: datetime) -> None:
    """Send a notice to whom a case is about: a person, or a body; not to the author a second time."""
    if case.person_id is not None and case.person_id != case.raised_by_id:
        _send(case, kind, text, to_person_id=case.person_id, by=by, at=at)
        _tell(case, kind, person_id=case.person_id, at=at)
    body = case.subject_organisation_id
    if body is not None and body != case.raised_organisation_id:
        _send(case, kind, text, to_organisation_id=body, by=by, at=at)


def _send(
    case: Case,
    kind: NoticeKind,
    text: str,
    *,
    to_person_id: int | None = None,
    to_organisation_id: int | None = None,
    by: Actor,
    at: datetime,
) -> None:
    today = day_of(at)
    made = Notice(
        case_id=case.id,
        kind=kind,
        to_person_id=to_person_id,
        to_organisation_id=to_organisation_id,
        text=written(case, text),
        sent_on=today,
        sent_at=at,
        sent_by_id=by.person_id,
        first_deemed_on=kinds.deemed_on(case, today, published()).day,
    )
    session.add(made)
    session.flush()
    if kind in queries.ENDS:
        appeals.keep_period(case, made, since=made.deemed_on, on=today)
    events.record("cases.notified", of_case(case), by=by, at=at, data={"notice": kind.value, "code": made.code})


def _tell(case: Case, kind: NoticeKind, *, person_id: int, due_on: date | None = None, at: datetime) -> None:
    desk.open_todo(
        "cases.supply" if kind is NoticeKind.MATERIALS else "cases.read",
        of_case(case),
        url=f"/cases/{case.code}",
        at=at,
        person_id=person_id,
        due_on=due_on,
        params=named(case),
    )


def confirm_receipt(case: Case, notice: Notice, *, by: Actor, at: datetime) -> None:
    """Let the addressee confirm that a notice has come; a second click changes nothing."""
    if not queries.is_to(notice, by, author=authors.is_author(case, by)):
        raise ForbiddenError(_l("Only the addressee confirms the receipt of a notice."))
    if any(one.how is DeliveryHow.ONLINE for one in queries.served(case, notice).deliveries):
        return
    sealed = case.protection is not Protection.OPEN and notice.to_person_id is None
    _prove(case, notice, DeliveryHow.ONLINE, day_of(at), by=None if sealed else by, at=at)


def record_delivery(
    case: Case,
    notice: Notice,
    *,
    how: DeliveryHow,
    delivered_on: date,
    to_whom: str,
    receipt: StoredFile | None,
    by: Actor,
    at: datetime,
) -> None:
    """Record how, when and to whom a notice was delivered, for the authority that hears the case.

    Raises ForbiddenError for anyone else, and InvalidError for a day outside of its time: appeals count from it.
    """
    check_handles(case, by)
    if not notice.sent_on <= delivered_on <= day_of(at):
        raise InvalidError(_l("A notice is delivered between the day it was sent and today."), field="delivered_on")
    _prove(case, notice, how, delivered_on, to_whom=to_whom, receipt=receipt, by=by, at=at)


def _prove(
    case: Case,
    notice: Notice,
    how: DeliveryHow,
    delivered_on: date,
    *,
    to_whom: str = "",
    receipt: StoredFile | None = None,
    by: Actor | None,
    at: datetime,
) -> None:
    appeals.start_with_proof(case, queries.served(case, notice), delivered_on)
    session.add(
        Delivery(
            notice_id=notice.id,
            how=how,
            delivered_on=delivered_on,
            to_whom_kept=written(case, to_whom.strip()) if to_whom.strip() else None,
            receipt_file_id=receipt.id if receipt else None,
            recorded_by_id=by.person_id if by else None,
            recorded_at=at,
        )
    )
    session.flush()
    events.record("cases.delivered", of_case(case), by=by, at=at, data={"notice": notice.code, "how": how.value})
    _stop_waiting(case, notice, at=at)


def _stop_waiting(case: Case, notice: Notice, *, at: datetime) -> None:
    """Close what waits for the addressee once every notice to them is delivered; materials wait on their own."""
    left = [
        one.notice
        for one in queries.notices_of(case)
        if not one.deliveries and one.notice.kind is not NoticeKind.MATERIALS
    ]
    addressee = addressee_of(case, notice)
    if addressee is not None and addressee not in {addressee_of(case, one) for one in left}:
        desk.close_todos(of_case(case), kind="cases.read", person_id=addressee, at=at)


def addressee_of(case: Case, notice: Notice) -> int | None:
    """Return the person whom a notice is addressed to, the protected author too; None for a body."""
    if notice.to_organisation_id is not None or notice.to_person_id is not None:
        return notice.standing_id
    author = authors.author_of(case)
    return None if author is None else authors.person_id_of(author)

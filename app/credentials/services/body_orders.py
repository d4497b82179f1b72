"""The end of a body's authority: asked by one issuer of the authority, carried out by another.

Closed, a body issues no more and what is valid by then stays valid; what it issued ahead, to be valid only later, is
asked for at the body after it. Distrusted since a day, nothing counts that it issued from that day on: it is revoked,
and its holders are told.
"""

from datetime import datetime

from app.accounts.states import Role
from app.core import events
from app.core.access import Actor
from app.core.clock import real_now
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.core.jobs import start_job
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import BodyOrder, IssuingBody
from app.credentials.queries import body_orders as reads
from app.credentials.queries import delegations
from app.credentials.services import handing_over, succession
from app.credentials.services.asking import refuse_asker
from app.credentials.services.bodies import subject as body_subject
from app.credentials.services.delegations import end_all
from app.credentials.services.revocation import Revoking, mark, revoke_all
from app.credentials.states import BODY_ORDER, BodyAct, RevocationReason
from app.desk import services as desk

JOB = "credentials.revoke_distrusted"
TODO = "credentials.body_order"
AT_A_TIME = 200


def subject(order: BodyOrder) -> Subject:
    """Name an order on a body in events and to-dos."""
    return Subject("body_order", order.code)


def ask(
    body: IssuingBody, act: BodyAct, *, reason: str, since: datetime | None = None, by: Actor, at: datetime
) -> BodyOrder:
    """Ask that a body issue no more, or that nothing count that it issued since an instant; a second person decides.

    Raises NotFoundError for who does not issue for the authority, ConflictError for the authority itself, for a body
    that ended already and where another order waits, InvalidError for an instant that is missing, to come, or after the
    end of the body.
    """
    authority = delegations.authority_of(by)
    _refuse_unfit(body, act, since, at)
    if reads.waits_for(body.id):
        raise ConflictError(_l("An order on this body waits already. Decide on it first."))
    order = BodyOrder(
        body_id=body.id,
        act=act,
        since=since if act is BodyAct.DISTRUST else None,
        reason=reason,
        asked_by_id=by.person_id,
        asked_at=at,
    )
    session.add(order)
    session.flush()
    data = {"act": act.value, "body": body.slug}
    events.record("credentials.body_order_asked", subject(order), by=by, at=at, data=data, reason=reason)
    desk.open_todo(
        TODO,
        subject(order),
        url=f"/issuing/authority/orders/{order.code}",
        at=at,
        role=Role.ISSUER,
        organisation_id=authority.organisation_id,
        not_person_id=by.person_id,
        params={"body_zh": body.name_zh, "body_en": body.name_en},
    )
    return order


def _refuse_unfit(body: IssuingBody, act: BodyAct, since: datetime | None, at: datetime) -> None:
    authority = queries.authority_body()
    if authority is None or body.id == authority.id:
        raise ConflictError(_l("The authority itself is not ended here: every other body stands on it."))
    if act is BodyAct.CLOSE:
        if body.closed_at is not None:
            raise ConflictError(_l("The authority of this body to issue certificates has ended already."))
        return
    if since is None or since > at:
        raise InvalidError(
            _l("Say since which day nothing counts that the body issued; it does not lie in the future."),
            field="since",
        )
    if body.closed_at is not None and body.closed_at < since:
        raise InvalidError(
            _l("The body ended before that day, so it issued nothing from then on. Choose an earlier day."),
            field="since",
        )


def carry_out(order: BodyOrder, *, by: Actor, at: datetime) -> None:
    """Carry out an order as the second person: the body issues nothing from this moment on.

    Its delegations end, what waits there goes to the body after it, and of a distrusted body a job revokes what counts
    no more. Raises ForbiddenError for who asked, ConflictError where it was decided already.
    """
    _second(order, by)
    body = session.get_one(IssuingBody, order.body_id)
    _refuse_unfit(body, order.act, order.since, at)
    BODY_ORDER.move(order, "carry_out", decided_by_id=by.person_id, decided_at=at)
    ends = at if order.since is None else order.since - reads.BEFORE
    body.closed_at = ends if body.closed_at is None else min(ends, body.closed_at)
    session.flush()
    end_all(body, reason=order.reason, since=ends, by=by, at=at)
    handing_over.put_back_undecided(body, reason=order.reason, by=by, other_id=order.asked_by_id, at=at)
    moved = handing_over.pass_on(body, at=at)
    anew = succession.ask_at_body_after(body, by=by, at=at)
    data = {"act": order.act.value, "order": order.code, "passed_on": moved, "asked_anew": anew}
    events.record("credentials.body_ended", body_subject(body), by=by, at=at, data=data, reason=order.reason)
    _decided(order, "credentials.body_order_carried_out", by=by, at=at)
    if order.act is BodyAct.DISTRUST:
        job = start_job(JOB, key=reads.job_key(order), by=by, args={"order": order.code})
        job.total = reads.count_distrusted(order)
        job.due_at = real_now()


def refuse(order: BodyOrder, *, by: Actor, at: datetime) -> None:
    """Refuse an order as the second person; nothing changes."""
    _second(order, by)
    BODY_ORDER.move(order, "refuse", decided_by_id=by.person_id, decided_at=at)
    _decided(order, "credentials.body_order_refused", by=by, at=at)


def _decided(order: BodyOrder, kind: str, *, by: Actor, at: datetime) -> None:
    session.flush()
    events.record(kind, subject(order), by=by, at=at, data={"act": order.act.value})
    desk.close_todos(subject(order), at=at)


def _second(order: BodyOrder, by: Actor) -> None:
    delegations.authority_of(by)
    refuse_asker(order.asked_by_id, by)


def revoke_some(order: BodyOrder, *, at: datetime) -> int:
    """Revoke the next certificates that a distrusted body issued, in the name of who decided; return how many."""
    waiting = reads.distrusted(order, AT_A_TIME)
    if waiting:
        revoking = [Revoking(one, RevocationReason.ISSUER_DISTRUSTED) for one in waiting]
        mark(revoke_all(revoking, note=order.reason, by=reads.decider(order), at=at), at=at)
        body = session.get_one(IssuingBody, order.body_id)
        succession.ask_at_body_after(body, by=reads.decider(order), at=at)
    return len(waiting)

"""Reads of orders on bodies, and of what a body issued that is not trusted."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.states import Role
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.jobs import Job
from app.core.text import _l
from app.credentials.models import BodyOrder, Certificate, CertificateRequest, IssuingBody
from app.credentials.queries.delegations import authority_of
from app.credentials.states import STANDING, BodyAct, KeyOrderState, RequestState, RevocationReason

BEFORE = timedelta(seconds=1)
"""A body whose authority ends with a day holds it until this long before the next."""


def body_below(actor: Actor, slug: str) -> IssuingBody:
    """Return an issuing body, ended ones too, to who issues for the authority; raises NotFoundError."""
    own = authority_of(actor)
    found = session.scalar(select(IssuingBody).where(IssuingBody.slug == slug, IssuingBody.id != own.id))
    if found is None:
        raise NotFoundError(_l("There is no such issuing body."))
    return found


def orders() -> list[BodyOrder]:
    """Return every order on a body, the latest first."""
    return list(session.scalars(select(BodyOrder).order_by(BodyOrder.id.desc())))


def order_of(actor: Actor, code: str) -> BodyOrder:
    """Return an order to who issues for the authority; NotFoundError, the same for all others and for any code."""
    authority_of(actor)
    found = session.scalar(select(BodyOrder).where(BodyOrder.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such order on an issuing body."))
    return found


def order_with(code: str) -> BodyOrder:
    """Return an order on a body by its code, for the work that follows from it."""
    return session.scalars(select(BodyOrder).where(BodyOrder.code == code)).one()


def waiting_orders() -> list[BodyOrder]:
    """Return the orders that wait for a second person."""
    return list(session.scalars(select(BodyOrder).where(BodyOrder.state == KeyOrderState.ASKED)))


def waits_for(body_id: int) -> bool:
    """Tell whether an order on a body waits for a second person."""
    query = select(BodyOrder.id).where(BodyOrder.body_id == body_id, BodyOrder.state == KeyOrderState.ASKED)
    return session.scalar(query) is not None


def distrust_of(body_id: int) -> BodyOrder | None:
    """Return the order that says since when a body is not trusted, the earliest of several; None where it is."""
    return session.scalars(
        select(BodyOrder).where(BodyOrder.body_id == body_id, *_distrusts()).order_by(BodyOrder.since).limit(1)
    ).first()


def distrusts() -> dict[int, BodyOrder]:
    """Return by body the order that says since when it is not trusted, the earliest of several."""
    query = select(BodyOrder).where(*_distrusts()).order_by(BodyOrder.since.desc())
    return {order.body_id: order for order in session.scalars(query)}


def _distrusts() -> tuple[ColumnElement[bool], ...]:
    return BodyOrder.act == BodyAct.DISTRUST, BodyOrder.state == KeyOrderState.CARRIED_OUT


def is_distrusted() -> ColumnElement[bool]:
    """Return whether a certificate was issued while its body is not trusted, or holds from such a day on."""
    reaches = or_(Certificate.logged_at >= BodyOrder.since, Certificate.valid_from >= BodyOrder.since)
    return select(BodyOrder.id).where(BodyOrder.body_id == Certificate.body_id, *_distrusts(), reaches).exists()


def _found(order: BodyOrder) -> tuple[ColumnElement[bool], ...]:
    return (
        Certificate.body_id == order.body_id,
        Certificate.state.in_(STANDING),
        or_(Certificate.logged_at >= order.since, Certificate.valid_from >= order.since),
    )


def count_distrusted(order: BodyOrder) -> int:
    """Return how many certificates count today that an order takes back."""
    return session.scalar(select(func.count()).select_from(Certificate).where(*_found(order))) or 0


def distrusted(order: BodyOrder, limit: int) -> list[Certificate]:
    """Return the next certificates that an order takes back, with their holders."""
    holders = (joinedload(Certificate.person), joinedload(Certificate.organisation))
    query = select(Certificate).options(*holders).where(*_found(order))
    return list(session.scalars(query.order_by(Certificate.id).limit(limit)))


def to_follow(body: IssuingBody, at: datetime, limit: int) -> list[Certificate]:
    """Return what counts no more because its body ended and was not asked for at the body after it yet.

    Ahead of its end a trusted body may have issued what is valid only later; of a distrusted one organisations lost
    what they hold.
    """
    followed = select(CertificateRequest.id).where(
        CertificateRequest.replaces_id == Certificate.id, CertificateRequest.state != RequestState.WITHDRAWN
    )
    ahead = (Certificate.state.in_(STANDING), Certificate.valid_from > body.closed_at, ~is_distrusted())
    lost = (
        Certificate.organisation_id.is_not(None),
        Certificate.revoked_for == RevocationReason.ISSUER_DISTRUSTED,
    )
    query = (
        select(Certificate)
        .options(joinedload(Certificate.body))
        .where(
            Certificate.body_id == body.id,
            or_(Certificate.valid_until.is_(None), Certificate.valid_until > at),
            or_(and_(*ahead), and_(*lost)),
            ~followed.exists(),
        )
    )
    return list(session.scalars(query.order_by(Certificate.id).limit(limit)))


def decider(order: BodyOrder) -> Actor:
    """Return the issuer of the authority in whose name an order is carried out."""
    return replace(actor_of(session.get_one(Person, order.decided_by_id), None), role=Role.ISSUER.value)


def job_key(order: BodyOrder) -> str:
    """Return the key of the job that follows from an order."""
    return f"credentials.revoke_distrusted:{order.code}"


def job_of(order: BodyOrder) -> Job | None:
    """Return the job that revokes what is not trusted, None where the order asks for none."""
    return session.scalar(select(Job).where(Job.key == job_key(order)))

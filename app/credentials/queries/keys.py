"""Reads of key sets, of orders on keys, and of what a compromised key had signed."""

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.jobs import Job
from app.core.signing import Algorithm
from app.core.text import _l
from app.credentials.models import (
    ERASED,
    Certificate,
    EarlierCredential,
    IssuingBody,
    KeyOrder,
    SigningKey,
)
from app.credentials.states import CertificateState, KeyOrderState


def keys_of(body_id: int) -> list[SigningKey]:
    """Return every key of a body, the current ones first, then the latest."""
    order = (SigningKey.retired_at.is_not(None), SigningKey.id.desc())
    return list(session.scalars(select(SigningKey).where(SigningKey.body_id == body_id).order_by(*order)))


def held_keys(body_id: int) -> list[SigningKey]:
    """Return the keys of a body as they stand; none of them is compromised before this transaction ends."""
    query = select(SigningKey).where(SigningKey.body_id == body_id).with_for_update(read=True, of=SigningKey)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def key_of(body_id: int, key_id: str) -> SigningKey:
    """Return a key of a body by its name in the DID document; raises NotFoundError."""
    found = session.scalar(select(SigningKey).where(SigningKey.body_id == body_id, SigningKey.key_id == key_id))
    if found is None:
        raise NotFoundError(_l("The issuing body has no such key."))
    return found


def incomplete_bodies() -> list[IssuingBody]:
    """Return the open bodies that lack a current key of some algorithm."""
    current = (
        select(func.count())
        .select_from(SigningKey)
        .where(SigningKey.body_id == IssuingBody.id, SigningKey.retired_at.is_(None))
        .scalar_subquery()
    )
    query = select(IssuingBody).where(IssuingBody.closed_at.is_(None), current < len(Algorithm))
    return list(session.scalars(query.order_by(IssuingBody.id)))


def key_orders(body_id: int, limit: int = 20) -> list[KeyOrder]:
    """Return the latest orders on keys of a body."""
    query = select(KeyOrder).where(KeyOrder.body_id == body_id).order_by(KeyOrder.id.desc()).limit(limit)
    return list(session.scalars(query))


def key_order(code: str, actor: Actor) -> KeyOrder:
    """Return an order on a key of the actor's own body; raises NotFoundError."""
    found = session.scalar(
        select(KeyOrder)
        .join(IssuingBody, IssuingBody.id == KeyOrder.body_id)
        .where(KeyOrder.code == code, IssuingBody.organisation_id == actor.organisation_id)
    )
    if found is None:
        raise NotFoundError(_l("There is no such order at your issuing body."))
    return found


def order_with(code: str) -> KeyOrder:
    """Return an order on a key by its code, for the work that follows from it."""
    return session.scalars(select(KeyOrder).where(KeyOrder.code == code)).one()


def waiting_orders() -> list[KeyOrder]:
    """Return the orders that wait for a second person."""
    return list(session.scalars(select(KeyOrder).where(KeyOrder.state == KeyOrderState.ASKED)))


def signed_by(key: SigningKey) -> Select[Certificate]:
    """Select what must be signed anew if a key is compromised: revoked certificates and erased people are left.

    RSA keys seal PDF files, so theirs are the certificates with a PDF that was made while the key was current.
    """
    standing = and_(
        Certificate.body_id == key.body_id,
        Certificate.state.not_in((CertificateState.STORED, CertificateState.REVOKED)),
        Certificate.credential != ERASED,
    )
    return select(Certificate).where(standing, _made_with(key)).order_by(Certificate.id)


def _made_with(key: SigningKey) -> ColumnElement[bool]:
    if key.algorithm is Algorithm.ED25519:
        return Certificate.key_id == key.key_id
    if key.algorithm is Algorithm.P256:
        return Certificate.jwt_key_id == key.key_id
    made = Certificate.pdf_file_id.is_not(None) & (Certificate.rendered_at >= key.created_at)
    return made if key.retired_at is None else made & (Certificate.rendered_at <= key.retired_at)


def count_signed_by(key: SigningKey) -> int:
    """Return how many certificates must be signed anew if a key is compromised."""
    return session.scalar(select(func.count()).select_from(signed_by(key).order_by(None).subquery())) or 0


def count_left_alone(key: SigningKey) -> int:
    """Return how many certificates of a key are revoked already, and so are left as they are."""
    query = select(func.count()).select_from(Certificate)
    found = query.where(
        Certificate.body_id == key.body_id, Certificate.state == CertificateState.REVOKED, _made_with(key)
    )
    return session.scalar(found) or 0


def to_resign(order: KeyOrder, limit: int) -> list[Certificate]:
    """Return certificates that an order has not signed anew yet."""
    done = exists().where(EarlierCredential.certificate_id == Certificate.id, EarlierCredential.order_id == order.id)
    return list(session.scalars(signed_by(order.key).where(~done).limit(limit)))


def earlier_of(certificate_id: int) -> list[EarlierCredential]:
    """Return what was published of a certificate before, the latest first."""
    query = select(EarlierCredential).where(EarlierCredential.certificate_id == certificate_id)
    return list(session.scalars(query.order_by(EarlierCredential.id.desc())))


def resign_key(order: KeyOrder) -> str:
    """Return the key of the job that follows from an order."""
    return f"credentials.resign:{order.code}"


def resign_job(order: KeyOrder) -> Job | None:
    """Return the job that signs anew, None where the order needs none."""
    return session.scalar(select(Job).where(Job.key == resign_key(order)))

"""Reads of certificates by their holder, of share links and of who looked."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CompoundSelect, func, select
from sqlalchemy.orm import joinedload

from app.core.crypto import digest_token
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.credentials.models import (
    ERASED,
    Certificate,
    CertificateCheck,
    CheckedRow,
    SharedCertificate,
    ShareLink,
    ShareView,
)
from app.credentials.queries.records import PUBLIC_STATES, Holder

PER_PAGE = 25


class Views(NamedTuple):
    """One page of looks at a shared page."""

    rows: list[ShareView]
    page: int
    pages: int
    total: int


class Links(NamedTuple):
    """One page of share links."""

    rows: list[ShareLink]
    page: int
    pages: int
    total: int


def held(code: str, holder: Holder) -> Certificate:
    """Return a certificate of a holder, with them; raises NotFoundError for anybody else's."""
    query = select(Certificate).options(joinedload(Certificate.person), joinedload(Certificate.organisation))
    own = (holder.owns(Certificate), Certificate.state.in_(PUBLIC_STATES), Certificate.credential != ERASED)
    found = session.scalar(query.where(Certificate.code == code, *own))
    if found is None:
        raise NotFoundError(_l("You hold no such certificate. Open the list of your certificates."))
    return found


def replacements(certificates: Iterable[Certificate]) -> dict[int, Certificate]:
    """Return the published certificate that took the place of each of several or renewed it, by the key of the old."""
    query = select(Certificate).where(
        Certificate.replaces_id.in_([one.id for one in certificates]), Certificate.state.in_(PUBLIC_STATES)
    )
    return {one.replaces_id or 0: one for one in session.scalars(query.order_by(Certificate.id))}


def links(holder: Holder, *, page: int = 1) -> Links:
    """Return the links of a holder, the latest first."""
    own = holder.owns(ShareLink)
    total = session.scalar(select(func.count()).select_from(ShareLink).where(own)) or 0
    pages = max(-(-total // PER_PAGE), 1)
    at = min(max(page, 1), pages)
    query = select(ShareLink).where(own).order_by(ShareLink.id.desc())
    return Links(list(session.scalars(query.limit(PER_PAGE).offset((at - 1) * PER_PAGE))), at, pages, total)


def open_links(holder: Holder, at: datetime) -> int:
    """Return how many links of a holder stand at an instant of security time."""
    query = select(func.count()).select_from(ShareLink)
    standing = ShareLink.revoked_at.is_(None) & (ShareLink.expires_at > at)
    return session.scalar(query.where(holder.owns(ShareLink), standing)) or 0


def own_link(code: str, holder: Holder) -> ShareLink:
    """Return a link of a holder; raises NotFoundError for anybody else's."""
    found = session.scalar(select(ShareLink).where(ShareLink.code == code, holder.owns(ShareLink)))
    if found is None:
        raise NotFoundError(_l("You have no such link. Open the list of your links."))
    return found


def link_asked_with(number: str, holder: Holder) -> ShareLink | None:
    """Return the link that a form has made already."""
    return session.scalar(select(ShareLink).where(ShareLink.asked_with == number, holder.owns(ShareLink)))


def open_link(secret: str, at: datetime) -> ShareLink | None:
    """Return the open link with a secret; None for an ended one and for one that never was, which look alike."""
    query = select(ShareLink).where(
        ShareLink.secret == digest_token(secret), ShareLink.revoked_at.is_(None), ShareLink.expires_at > at
    )
    return session.scalar(query)


def shared_by(link_id: int) -> list[Certificate]:
    """Return the certificates that a link shows, those of an erased person left out."""
    query = (
        select(SharedCertificate)
        .options(joinedload(SharedCertificate.certificate))
        .join(SharedCertificate.certificate)
        .where(
            SharedCertificate.share_link_id == link_id,
            Certificate.state.in_(PUBLIC_STATES),
            Certificate.credential != ERASED,
        )
    )
    return [row.certificate for row in session.scalars(query.order_by(SharedCertificate.id))]


def shared_in(certificate_id: int, at: datetime) -> list[ShareLink]:
    """Return the links that show a certificate at an instant of security time, the latest first."""
    query = (
        select(ShareLink)
        .join(SharedCertificate, SharedCertificate.share_link_id == ShareLink.id)
        .where(
            SharedCertificate.certificate_id == certificate_id,
            ShareLink.revoked_at.is_(None),
            ShareLink.expires_at > at,
        )
    )
    return list(session.scalars(query.order_by(ShareLink.id.desc()).limit(PER_PAGE)))


def views(link_id: int, *, page: int = 1) -> Views:
    """Return the looks at a link, the latest first."""
    own = ShareView.share_link_id == link_id
    total = session.scalar(select(func.count()).select_from(ShareView).where(own)) or 0
    pages = max(-(-total // PER_PAGE), 1)
    at = min(max(page, 1), pages)
    query = select(ShareView).where(own).order_by(ShareView.id.desc())
    return Views(list(session.scalars(query.limit(PER_PAGE).offset((at - 1) * PER_PAGE))), at, pages, total)


def looked_at(certificate: Certificate) -> CompoundSelect[str]:
    """Select the codes of records under which somebody looked at a certificate: itself, and checks that held it."""
    checks = (
        select(CertificateCheck.code)
        .join(CheckedRow, CheckedRow.check_id == CertificateCheck.id)
        .where(CheckedRow.certificate_id == certificate.id)
    )
    return select(Certificate.code).where(Certificate.id == certificate.id).union(checks)


def checks_of(certificate: Certificate) -> list[CertificateCheck]:
    """Return the checks of lists that held a certificate, the latest first, while their rows are kept."""
    held = select(CheckedRow.check_id).where(CheckedRow.certificate_id == certificate.id)
    query = select(CertificateCheck).where(CertificateCheck.id.in_(held)).order_by(CertificateCheck.id.desc())
    return list(session.scalars(query.limit(PER_PAGE)))

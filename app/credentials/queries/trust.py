"""Every body and status list, the authority among them, and the trust bundle that was built last."""

from sqlalchemy import select

from app.core.config import settings
from app.core.db import session
from app.credentials.models import IssuingBody, StatusList, TrustBundle
from app.credentials.queries.records import body_by_did
from app.credentials.rules.did import did_web


def all_bodies() -> list[IssuingBody]:
    """Return every issuing body, ended ones too."""
    return list(session.scalars(select(IssuingBody).order_by(IssuingBody.id)))


def all_lists() -> list[StatusList]:
    """Return every status list with its body."""
    return list(session.scalars(select(StatusList).order_by(StatusList.id)))


def authority_body() -> IssuingBody | None:
    """Return the platform's own issuing body, None where it issues nothing under its own name yet."""
    return body_by_did(authority_did())


def authority_did() -> str:
    """Return the DID under which the platform itself issues."""
    return settings().issuer_did or did_web(settings().public_url)


def latest_bundle() -> TrustBundle | None:
    """Return the bundle that was built last."""
    return session.scalars(select(TrustBundle).order_by(TrustBundle.id.desc()).limit(1)).first()

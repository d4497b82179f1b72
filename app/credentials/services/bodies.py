"""Issuing bodies, their keys and the signers behind them."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from app.accounts.models import Organisation
from app.core import events
from app.core.access import Actor
from app.core.columns import new_code
from app.core.config import settings
from app.core.db import session
from app.core.errors import ConflictError, InvalidError, UnavailableError
from app.core.events import Subject
from app.core.signing import KeyStoreError, Signer, create_key, open_signer
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import IssuingBody, SigningKey
from app.credentials.rules import did
from app.credentials.services.templates import load_shipped

STORE_NAME_LENGTH = 12


def subject(body: IssuingBody) -> Subject:
    """Name an issuing body in events and to-dos."""
    return Subject("issuing_body", body.slug)


def open_body(organisation: Organisation, *, platform: bool = False, by: Actor | None, at: datetime) -> IssuingBody:
    """Let an organisation issue certificates, with a first key; the same organisation gets its body back.

    The platform's own body carries the DID of the site (ISSUER_DID, or the one of PUBLIC_URL); every
    other body has one below it. Raises InvalidError where PUBLIC_URL cannot carry a DID.
    """
    found = session.scalar(select(IssuingBody).where(IssuingBody.organisation_id == organisation.id))
    if found is not None:
        return found
    body = IssuingBody(
        organisation_id=organisation.id,
        slug=organisation.slug,
        did=_did_of(organisation.slug, platform=platform),
        name_zh=organisation.name_zh,
        name_en=organisation.name_en,
        opened_at=at,
    )
    if queries.body_by_did(body.did) is not None:
        raise ConflictError(_l("Another organisation issues under this identity already."))
    session.add(body)
    session.flush()
    events.record("credentials.body_opened", subject(body), by=by, at=at, data={"did": body.did})
    make_key(body, by=by, at=at)
    load_shipped(at=at)
    return body


def _did_of(slug: str, *, platform: bool) -> str:
    given = settings().issuer_did
    if platform and given:
        return given
    try:
        return did.did_web(settings().public_url, None if platform else slug)
    except did.DidError as error:
        raise InvalidError(
            _l("PUBLIC_URL cannot carry an identity of issuers: use a host name without a path, or set ISSUER_DID.")
        ) from error


def make_key(body: IssuingBody, *, by: Actor | None, at: datetime) -> SigningKey:
    """Make a new signing key for a body in the key store; the body must have no current one."""
    store_name = f"{body.slug[:40]}-{new_code()[:STORE_NAME_LENGTH].lower()}"
    try:
        signer = create_key(_key_store(), store_name)
    except (KeyStoreError, OSError) as error:
        raise _unavailable(error) from error
    key = SigningKey(
        body_id=body.id,
        key_id=signer.key_id,
        store_name=store_name,
        algorithm=signer.public_key.algorithm,
        public_multibase=signer.public_key.multikey,
        created_at=at,
    )
    session.add(key)
    session.flush()
    events.record("credentials.key_made", subject(body), by=by, at=at, data={"key": key.key_id})
    return key


def rotate_key(body: IssuingBody, *, by: Actor | None, at: datetime) -> SigningKey:
    """Retire a body's current key, which goes on proving what it signed, and make the next one."""
    current = queries.signing_key(body.id)
    current.retired_at = at
    session.flush()
    events.record("credentials.key_retired", subject(body), by=by, at=at, data={"key": current.key_id})
    return make_key(body, by=by, at=at)


def signer_of(body: IssuingBody) -> Signer:
    """Return the signer of a body's current key; raises UnavailableError where it cannot be opened."""
    key = queries.signing_key(body.id)
    try:
        signer = open_signer(_key_store(), key.store_name)
    except KeyStoreError as error:
        raise _unavailable(error) from error
    if signer.key_id != key.key_id:
        raise _unavailable(ValueError(f"the file of {key.store_name} holds another key"))
    return signer


def usable_bodies() -> int:
    """Return how many bodies could sign now; readiness asks, and raises UnavailableError where one cannot."""
    bodies = list(session.scalars(select(IssuingBody).where(IssuingBody.closed_at.is_(None))))
    for body in bodies:
        signer_of(body)
    return len(bodies)


def _key_store() -> Path:
    place = settings().key_store
    if ":" in place:
        raise UnavailableError(_l("KEY_STORE must be a folder: key tokens are not supported yet."))
    return Path(place)


def _unavailable(error: Exception) -> UnavailableError:
    return UnavailableError(_l("The signing key cannot be used: %(reason)s.", reason=str(error)))

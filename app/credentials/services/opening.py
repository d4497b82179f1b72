"""Opening issuing bodies."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Organisation
from app.core import events
from app.core.access import Actor
from app.core.config import settings
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import IssuingBody
from app.credentials.rules import did
from app.credentials.services.bodies import complete_keys, subject
from app.credentials.services.handing_over import pass_on_all
from app.credentials.services.templates import load_shipped


def open_body(organisation: Organisation, *, platform: bool = False, by: Actor | None, at: datetime) -> IssuingBody:
    """Let an organisation issue certificates, with a first key set.

    The same organisation gets its body back, with the keys that it lacks. What waits at ended bodies goes to those
    after them, of which this may be the first. The platform's own body carries the DID of
    the site (ISSUER_DID, or the one of PUBLIC_URL); every other body has one below it. Raises InvalidError where
    PUBLIC_URL cannot carry a DID.
    """
    found = session.scalar(select(IssuingBody).where(IssuingBody.organisation_id == organisation.id))
    if found is not None:
        complete_keys(found, by=by, at=at)
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
    complete_keys(body, by=by, at=at)
    load_shipped(at=at)
    pass_on_all(at=at)
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

"""What a verifier without network needs: every body, key and status list, and the bundle that was built last."""

import json
from collections import defaultdict

from sqlalchemy import select

from app.core.config import settings
from app.core.db import session
from app.core.signing import Algorithm, read_multikey
from app.credentials.models import Delegation, IssuingBody, SigningKey, StatusList, SuspensionList, TrustBundle
from app.credentials.queries.records import body_by_did
from app.credentials.rules.delegation import read_endorsement
from app.credentials.rules.did import did_web
from app.credentials.rules.qr_check import KnownBody, KnownKey, KnownList, KnownScope, known_scope


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


def known_bodies() -> list[KnownBody]:
    """Return every body as a phone knows it, vouched for by the authority's own site, with what was delegated to it."""
    authority = authority_body()
    scopes: dict[int, list[KnownScope]] = defaultdict(list)
    query = select(Delegation.body_id, Delegation.credential).where(Delegation.credential.is_not(None))
    for body_id, credential in session.execute(query.order_by(Delegation.id)):
        scopes[body_id].append(known_scope(read_endorsement(json.loads(credential or ""))))
    return [
        KnownBody(
            one.did,
            one.name_zh,
            one.name_en,
            closed_at=one.closed_at,
            vouched=True,
            scopes=None if authority is None or one.id == authority.id else tuple(scopes[one.id]),
        )
        for one in all_bodies()
    ]


def known_keys() -> list[KnownKey]:
    """Return every P-256 key, retired ones too, with the body that holds it."""
    rows = session.execute(
        select(IssuingBody.did, SigningKey.public_multibase, SigningKey.revoked_at)
        .join(IssuingBody, IssuingBody.id == SigningKey.body_id)
        .where(SigningKey.algorithm == Algorithm.P256)
        .order_by(SigningKey.id)
    )
    return [KnownKey(did, read_multikey(text), revoked=revoked is not None) for did, text, revoked in rows]


def known_lists() -> dict[str, KnownList]:
    """Return every status list by its code, with the suspensions beside it."""
    query = select(StatusList, SuspensionList.bits).outerjoin(
        SuspensionList, SuspensionList.status_list_id == StatusList.id
    )
    rows = session.execute(query.order_by(StatusList.id))
    return {one.code: KnownList(one.body.did, one.bits, suspended) for one, suspended in rows}

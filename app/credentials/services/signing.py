"""Signing: a stored and linted certificate gets its proof; the schema refuses one that was not linted."""

from collections.abc import Sequence
from datetime import datetime

from app.core.db import session
from app.core.signing import Algorithm, Signer
from app.credentials.models import Batch, Certificate
from app.credentials.queries import steps as reads
from app.credentials.queries.keys import held_keys
from app.credentials.rules.document import write_document
from app.credentials.rules.proof import sign_document
from app.credentials.services import qr, rows
from app.credentials.services.authority import require_authority
from app.credentials.services.bodies import signer_of
from app.credentials.services.jwts import attach_jwt
from app.credentials.services.rows import Changed, MovedOnError
from app.credentials.states import CERTIFICATE, CertificateState

CHUNK = 200


def sign(certificate: Certificate, signer: Signer, *, at: datetime) -> None:
    """Give a certificate its credential: the document with its proof, byte for byte what will be published."""
    signed = sign_document(certificate.document, signer, created=at)
    CERTIFICATE.move(
        certificate,
        "sign",
        credential=write_document(signed),
        key_id=signer.key_id,
        signed_at=at,
    )


def sign_next(batch: Batch, after: int, at: datetime) -> Sequence[Changed | Certificate]:
    """Sign the next linted certificates of a batch behind a key, outside of any transaction.

    Raises ForbiddenError for a body whose authority ended, UnavailableError where its key cannot be used.
    """
    ready = (Certificate.state == CertificateState.STORED, Certificate.linted_at.is_not(None))
    waiting = reads.certificates_after(batch.id, after, CHUNK, *ready)
    if not waiting:
        return []
    if batch.body.closed_at is not None:
        return waiting  # unsigned: all of them leave the batch
    require_authority(batch.body, [(one.kind, one.level, one.valid_from) for one in waiting], at=at)
    signer, second = signer_of(batch.body), signer_of(batch.body, Algorithm.P256)
    for certificate in waiting:
        session.expunge(certificate)
        sign(certificate, signer, at=at)
        attach_jwt(certificate, second, at=at)
        qr.attach(certificate, second, at=at)
    return [rows.changed(one) for one in waiting]


def keep(batch: Batch, signed: Sequence[Changed], at: datetime) -> None:
    """Keep what was signed; raises MovedOnError where one of its keys was compromised since, so it is signed again."""
    del at
    used = {one.columns.get(name) for one in signed for name in ("key_id", "jwt_key_id")}
    if any(one.revoked_at is not None and one.key_id in used for one in held_keys(batch.body_id)):
        raise MovedOnError("a key was compromised while it signed")
    rows.write(signed)

"""Certificates as JWT: signed once, when the credential is, and published byte for byte ever after."""

from datetime import datetime

from app.core.signing import Signer
from app.credentials.models import Certificate
from app.credentials.rules.jwt import sign_jwt


def attach_jwt(certificate: Certificate, signer: Signer, *, at: datetime) -> None:
    """Keep a signed certificate as JWT too, signed by the body's P-256 key.

    It is kept and not made when asked for: whoever asks must not make a key sign, and the JWT must stay
    the same bytes after the key is retired, the store is lost or the body is gone.
    """
    certificate.jwt = sign_jwt(certificate.document, signer, created=at)
    certificate.jwt_key_id = signer.key_id

"""One-time codes by time (RFC 6238, SHA-1, six digits): which step a code belongs to."""

import base64
import secrets
from datetime import datetime
from hmac import compare_digest

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
ISSUER = "Jijing"


def new_secret() -> str:
    """Make a secret of 160 bits in base32."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def current_step(at: datetime) -> int:
    """Return the number of the 30-second step an instant of security time lies in."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of(secret: str, step: int) -> str:
    """Return the six digits of a step."""
    return _totp(secret).generate(step * STEP_SECONDS).decode()


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """Return the step a code is right for: the present one, the one before or the one after."""
    typed = code.replace(" ", "").encode()
    now = current_step(at)
    for step in (now, now - 1, now + 1):
        if compare_digest(code_of(secret, step).encode(), typed):
            return step
    return None


def address(secret: str, account: str) -> str:
    """Return the otpauth address that an authenticator app reads from a QR code."""
    return _totp(secret).get_provisioning_uri(account, ISSUER)


def _totp(secret: str) -> TOTP:
    """Return the generator; secrets given from outside may be shorter than the library would make them.

    Authenticator apps know SHA-1 only, where its weakness against collisions does not matter.
    """
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    return TOTP(key, DIGITS, SHA1(), STEP_SECONDS, enforce_key_length=False)  # noqa: S303 - as RFC 6238 says

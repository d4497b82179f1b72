"""One-time codes by time (RFC 6238): which step a code belongs to."""

from datetime import datetime
from hmac import compare_digest

import pyotp

STEP_SECONDS = 30
ISSUER = "Jijing"


def new_secret() -> str:
    """Make a secret of 160 bits in base32."""
    return pyotp.random_base32()


def current_step(at: datetime) -> int:
    """Return the number of the 30-second step an instant of security time lies in."""
    return int(at.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """Return the step a code is right for: the present one, the one before or the one after."""
    typed = code.replace(" ", "")
    totp = pyotp.TOTP(secret)
    now = current_step(at)
    for step in (now, now - 1, now + 1):
        if compare_digest(totp.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def address(secret: str, account: str) -> str:
    """Return the otpauth address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)

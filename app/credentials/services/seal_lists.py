"""What a seal key says of the certificate that it made of itself: published, followed each day, in every PDF it seals.

A retired key goes on saying that its certificate stands; a compromised one says once, for as long as a certificate
holds, that it does not.
"""

from datetime import datetime, timedelta

from app.core import events
from app.core.clock import real_now
from app.core.db import session
from app.core.errors import UnavailableError
from app.core.signing import Algorithm, KeyStoreError, Signer, names_list
from app.credentials.models import IssuingBody, SigningKey
from app.credentials.queries import seals
from app.credentials.rules.chain import serial_of, times_of_list
from app.credentials.services.bodies import open_key, own_certificate, own_list, subject

REFRESH = timedelta(days=1)


def say_revoked(key: SigningKey) -> None:
    """Let a compromised seal key say so itself; where it cannot be opened, the next look does."""
    if key.algorithm is Algorithm.RSA:
        keep(key)


def waiting() -> list[SigningKey]:
    """Return the keys whose list is a day old, does not say yet that they are revoked, or was never made."""
    old = real_now() - REFRESH
    return [one for one in seals.listing_keys() if _is_older(one, old)] + seals.unlisted_keys()


def _is_older(key: SigningKey, than: datetime) -> bool:
    return key.revocation_list is None or times_of_list(key.revocation_list).begins <= than


def keep(key: SigningKey) -> bool:
    """Sign the list of a key anew; tell whether the key could be used."""
    body = session.get_one(IssuingBody, key.body_id)
    try:
        signer = open_key(key)
        key.revocation_list = own_list(body, signer, revoked=key.revoked_at, serials=_serials(key))
    except (UnavailableError, KeyStoreError):
        return False
    session.flush()
    return True


def _serials(key: SigningKey) -> tuple[int, ...]:
    """Return the number of the certificate that a key made of itself before such numbers followed from the key."""
    return (serial_of(key.certificate),) if key.certificate and key.chain is None else ()


def renew_own(*, at: datetime) -> int:
    """Let keys that certify themselves name their list, which those do not that are older than it; return how many."""
    made = 0
    for key, body in seals.current_seals():
        if key.chain is None and not names_list(key.certificate or b"") and _renewed(key, body, at):
            made += 1
    return made


def _renewed(key: SigningKey, body: IssuingBody, at: datetime) -> bool:
    try:
        signer: Signer = open_key(key)
        key.certificate = own_certificate(body, signer, at=at)
    except (UnavailableError, KeyStoreError):
        return False
    session.flush()
    data = {"key": key.key_id}
    events.record("credentials.seal_renewed", subject(body), by=None, at=at, data=data)
    return keep(key)

"""Issuing bodies, their key sets and the signers behind them."""

from datetime import datetime, timedelta
from typing import NamedTuple

from app.core import events
from app.core.access import Actor
from app.core.clock import day_of, real_now
from app.core.columns import new_code
from app.core.config import key_store, settings
from app.core.db import session
from app.core.errors import ConflictError, InvalidError, UnavailableError
from app.core.events import Subject
from app.core.signing import Algorithm, KeyStoreError, Signer, revocation_list, self_signed, signing_request
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import IssuingBody, SigningKey
from app.credentials.queries import seals
from app.credentials.rules.chain import from_pem
from app.credentials.services import log
from app.credentials.states import LogAct

STORE_NAME_LENGTH = 12
CERTIFICATE_DAYS = timedelta(days=10 * 365)
"""How long the X.509 certificate of an RSA key is valid; keys are rotated long before."""
ONE_DAY = timedelta(days=1)
LIST_DAYS = timedelta(days=7)
"""How long a key's own revocation list holds; it is followed each day."""


class Seal(NamedTuple):
    """What seals a PDF: an RSA signer, its X.509 certificate in DER, and those of who certified it, up to the root.

    `crls` and `ocsps` say in DER that none of them is revoked; `proven` tells whether they say it of all of them.
    """

    signer: Signer
    certificate: bytes
    chain: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    proven: bool = False


def subject(body: IssuingBody) -> Subject:
    """Name an issuing body in events and to-dos."""
    return Subject("issuing_body", body.slug)


def complete_keys(body: IssuingBody, *, by: Actor | None, at: datetime) -> list[SigningKey]:
    """Make the current key of every algorithm of which a body has none, and return the made ones."""
    held = queries.current_algorithms(body.id)
    return [make_key(body, one, by=by, at=at) for one in Algorithm if one not in held]


def make_key(
    body: IssuingBody, algorithm: Algorithm = Algorithm.ED25519, *, by: Actor | None, at: datetime
) -> SigningKey:
    """Make a new signing key for a body in the key store; the body must have no current one of its algorithm."""
    store_name = f"{body.slug[:40]}-{new_code()[:STORE_NAME_LENGTH].lower()}"
    try:
        signer = key_store().create(store_name, algorithm)
        seals_pdf = algorithm is Algorithm.RSA
        certificate = own_certificate(body, signer, at=at) if seals_pdf else None
        listed = own_list(body, signer) if seals_pdf else None
    except KeyStoreError as error:
        raise _unavailable(error) from error
    key = SigningKey(
        body_id=body.id,
        key_id=signer.key_id,
        store_name=store_name,
        algorithm=algorithm,
        public_multibase=signer.public_key.multikey,
        certificate=certificate,
        revocation_list=listed,
        created_at=at,
    )
    session.add(key)
    session.flush()
    data = {"key": key.key_id, "algorithm": algorithm.value}
    events.record("credentials.key_made", subject(body), by=by, at=at, data=data)
    return key


def own_certificate(body: IssuingBody, signer: Signer, *, at: datetime) -> bytes:
    """Let the key certify itself, from before whichever clock is behind; raises KeyStoreError."""
    begins = min(at, real_now()) - ONE_DAY
    return self_signed(
        signer,
        common_name=body.name_zh[:64],
        organisation=body.name_zh[:64],
        begins=begins,
        ends=begins + CERTIFICATE_DAYS,
        list_url=f"{settings().public_url}{seals.list_path(body.slug, signer.key_id)}",
    )


def own_list(
    body: IssuingBody,
    signer: Signer,
    *,
    revoked: datetime | None = None,
    serials: tuple[int, ...] = (),
) -> bytes:
    """Return what a key says now of the certificate that it made of itself; raises KeyStoreError.

    Revoked, it says so for as long as a certificate holds, because the key is not asked again.
    """
    now = real_now()
    return revocation_list(
        signer,
        common_name=body.name_zh[:64],
        organisation=body.name_zh[:64],
        begins=now,
        ends=now + (LIST_DAYS if revoked is None else CERTIFICATE_DAYS),
        revoked=revoked,
        serials=serials,
    )


def rotate_key(
    body: IssuingBody, algorithm: Algorithm = Algorithm.ED25519, *, by: Actor | None, at: datetime
) -> SigningKey:
    """Retire a body's current key of an algorithm, which goes on proving what it signed, and make the next one."""
    retire_key(body, queries.signing_key(body.id, algorithm), by=by, at=at)
    return make_key(body, algorithm, by=by, at=at)


def retire_key(body: IssuingBody, key: SigningKey, *, by: Actor | None, at: datetime) -> None:
    """Let a key sign no more; the public log tells it."""
    key.retired_at = at
    session.flush()
    log.note_key(key, LogAct.RETIRE_KEY, issuer=body.did, at=at)
    data = {"key": key.key_id, "algorithm": key.algorithm.value}
    events.record("credentials.key_retired", subject(body), by=by, at=at, data=data)


def signer_of(body: IssuingBody, algorithm: Algorithm = Algorithm.ED25519) -> Signer:
    """Return the signer of a body's current key of an algorithm; raises UnavailableError where it cannot be opened."""
    return open_key(queries.signing_key(body.id, algorithm))


def open_key(key: SigningKey) -> Signer:
    """Return the signer of a key; raises UnavailableError where the key store has another under its name, or none."""
    try:
        signer = key_store().open(key.store_name)
    except KeyStoreError as error:
        raise _unavailable(error) from error
    if signer.key_id != key.key_id:
        raise _unavailable(ValueError(f"the file of {key.store_name} holds another key"))
    return signer


def seal_of(body: IssuingBody) -> Seal:
    """Return what seals the PDF files of a body, with what proves now that its certificates are not revoked.

    `signer.sign(data)` is the raw PKCS#1 v1.5 signature with SHA-256 that a PDF signer asks for. Raises
    UnavailableError where its RSA key cannot be opened, ConflictError where an authority revoked a certificate of its
    chain: waiting changes nothing of that.
    """
    key = queries.signing_key(body.id, Algorithm.RSA)
    held = seals.held(key, real_now())
    if held.revoked_at is not None:
        raise ConflictError(
            _l(
                "The certification authority revoked the certificate of the seal on %(day)s, so nothing is sealed. "
                "Rotate the seal key or hand in a new chain, then start the work again.",
                day=day_of(held.revoked_at).isoformat(),
            )
        )
    return Seal(open_key(key), key.certificate or b"", from_pem(key.chain), held.crls, held.ocsps, held.proven)


def request_of(key: SigningKey) -> bytes:
    """Return the request (PEM) with which a certification authority is asked to certify the seal key of a body.

    Raises InvalidError for a key that seals no PDF files or is retired, UnavailableError where it cannot be opened.
    """
    if key.algorithm is not Algorithm.RSA or key.retired_at is not None:
        raise InvalidError(_l("Only the current key that seals PDF files is certified by an authority."))
    body = session.get_one(IssuingBody, key.body_id)
    return signing_request(open_key(key), common_name=body.name_zh[:64], organisation=body.name_zh[:64])


def _unavailable(error: Exception) -> UnavailableError:
    return UnavailableError(_l("The signing key cannot be used: %(reason)s.", reason=str(error)))

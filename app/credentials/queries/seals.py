"""Reads of what proves that the certificates of a seal are not revoked: kept answers of authorities, and own lists."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select

from app.core.db import session
from app.core.errors import NotFoundError
from app.core.files import StoredFile
from app.core.signing import Algorithm
from app.core.text import _l
from app.credentials.models import Certificate, IssuingBody, SealProof, SigningKey
from app.credentials.rules.chain import from_pem, is_root, times_of_list
from app.credentials.states import ProofKind, SealLevel

INCOMPLETE = (Certificate.seal_level == SealLevel.TIMED, Certificate.pdf_file_id.is_not(None))
UNTIMED = (Certificate.seal_level == SealLevel.BASIC, Certificate.pdf_file_id.is_not(None))
MARGIN = timedelta(minutes=10)
"""What runs out within it is not put into a file: the time stamp comes a little later."""


def list_path(slug: str, key_id: str) -> str:
    """Return the path of what a key says of the certificate that it made of itself."""
    return f"/issuers/{slug}/seals/{key_id}.crl"


def fingerprint_of(certificate: bytes) -> str:
    """Return the name under which a proof about a certificate in DER is kept."""
    return sha256(certificate).hexdigest()


class Held(NamedTuple):
    """What proves now that the certificates of a key are not revoked; `proven` says whether it does so of all."""

    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    proven: bool = False
    revoked_at: datetime | None = None


def chain_of(key: SigningKey) -> tuple[bytes, ...]:
    """Return the certificates of a seal key in DER, its own first."""
    return (key.certificate or b"", *from_pem(key.chain))


def to_prove(chain: Sequence[bytes]) -> list[bytes]:
    """Return the certificates of a chain that must be proven: all but the root, whom a reader trusts or not."""
    return [one for one in chain if not is_root(one)]


def proofs_of(key_id: int) -> dict[str, SealProof]:
    """Return what is kept about the certificates of a key, by their fingerprints."""
    found = session.scalars(select(SealProof).where(SealProof.key_id == key_id))
    return {one.fingerprint: one for one in found}


def held(key: SigningKey, now: datetime) -> Held:
    """Return what may be put into a PDF that is sealed now: the key's own list, or the answers of its authorities."""
    if key.chain is None:
        return _own(key, now)
    kept = proofs_of(key.id)
    wanted = [kept.get(fingerprint_of(one)) for one in to_prove(chain_of(key))]
    revoked = [one.revoked_at for one in wanted if one is not None and one.revoked_at is not None]
    if revoked:
        return Held(revoked_at=min(revoked))
    standing = [one for one in wanted if one is not None and one.ends_at is not None and now + MARGIN < one.ends_at]
    if not standing or len(standing) != len(wanted):
        return Held()
    return Held(_contents(standing, ProofKind.CRL), _contents(standing, ProofKind.OCSP), proven=True)


def _own(key: SigningKey, now: datetime) -> Held:
    if key.revocation_list is None or now + MARGIN >= times_of_list(key.revocation_list).ends:
        return Held()
    return Held(crls=(key.revocation_list,), proven=True)


def _contents(proofs: Iterable[SealProof], kind: ProofKind) -> tuple[bytes, ...]:
    """Return the answers of a kind, each once: one list may tell of several certificates."""
    return tuple(dict.fromkeys(one.content for one in proofs if one.kind is kind and one.content is not None))


def revocations(keys: Iterable[SigningKey]) -> dict[int, datetime]:
    """Return since when a certificate of seal keys is revoked, by the key: one statement for all of them."""
    query = select(SealProof.key_id, SealProof.fingerprint, SealProof.revoked_at)
    found = session.execute(query.where(SealProof.revoked_at.is_not(None))).all()
    revoked = {(key_id, name): at for key_id, name, at in found if at is not None}
    if not revoked:
        return {}
    return {
        key.id: min(at)
        for key in keys
        if (at := [revoked[key.id, name] for name in map(fingerprint_of, chain_of(key)) if (key.id, name) in revoked])
    }


def certified_keys() -> list[SigningKey]:
    """Return the seal keys under a chain of an authority: current ones, and retired ones whose papers lack proofs."""
    query = select(SigningKey).where(SigningKey.chain.is_not(None), SigningKey.revoked_at.is_(None))
    found, wanted = session.scalars(query.order_by(SigningKey.id)).all(), incomplete_under()
    return [one for one in found if one.retired_at is None or _seals_one_of(one, wanted)]


def incomplete_under() -> set[str | None]:
    """Return under which certificates of seals PDF files lack proofs; None among them where nobody looked yet."""
    return set(session.scalars(select(Certificate.sealed_under).where(*INCOMPLETE).distinct()))


def completable_keys() -> list[SigningKey]:
    """Return the seal keys, retired ones too, under whose present certificates PDF files lack proofs."""
    wanted = incomplete_under()
    return [one for one in listing_keys() if _seals_one_of(one, wanted)] if wanted else []


def _seals_one_of(key: SigningKey, wanted: Collection[str | None]) -> bool:
    return None in wanted or fingerprint_of(key.certificate or b"") in wanted


def count_incomplete(under: Collection[str]) -> int:
    """Return how many PDF files lack proofs under some certificates, with those where nobody looked yet."""
    return session.scalar(select(func.count()).select_from(Certificate).where(*_incomplete(under))) or 0


def incomplete_after(after: int, limit: int, under: Collection[str]) -> list[tuple[Certificate, StoredFile]]:
    """Return the next certificates behind a key whose PDF files lack proofs, with those files."""
    query = select(Certificate, StoredFile).join(StoredFile, StoredFile.id == Certificate.pdf_file_id)
    query = query.where(*_incomplete(under), Certificate.id > after).order_by(Certificate.id).limit(limit)
    return [(certificate, stored) for certificate, stored in session.execute(query)]


def count_untimed() -> int:
    """Return how many PDF files were sealed without a time."""
    return session.scalar(select(func.count()).select_from(Certificate).where(*UNTIMED)) or 0


def untimed_after(after: int, limit: int) -> list[tuple[Certificate, StoredFile]]:
    """Return the next certificates behind a key whose PDF files were sealed without a time, with those files."""
    query = select(Certificate, StoredFile).join(StoredFile, StoredFile.id == Certificate.pdf_file_id)
    query = query.where(*UNTIMED, Certificate.id > after).order_by(Certificate.id).limit(limit)
    return [(certificate, stored) for certificate, stored in session.execute(query)]


def _incomplete(under: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (*INCOMPLETE, or_(Certificate.sealed_under.in_(list(under)), Certificate.sealed_under.is_(None)))


def unproven(certificate: Certificate) -> str | None:
    """Return whether proofs that the PDF of a certificate lacks may still come: `waits`, `never`, None if it has all.

    They come for a seal under the present certificate of a key that was not revoked.
    """
    if certificate.seal_level is not SealLevel.TIMED or certificate.pdf_file_id is None:
        return None
    keys = [one for one in listing_keys() if one.body_id == certificate.body_id]
    return "waits" if any(_seals_one_of(one, {certificate.sealed_under}) for one in keys) else "never"


def listing_keys() -> list[SigningKey]:
    """Return the seal keys that go on saying that their own certificates stand: retired ones too, no revoked ones."""
    query = select(SigningKey).where(SigningKey.algorithm == Algorithm.RSA, SigningKey.revoked_at.is_(None))
    return list(session.scalars(query.order_by(SigningKey.id)))


def unlisted_keys() -> list[SigningKey]:
    """Return the revoked seal keys whose own list does not say so yet; one that never published a list is left."""
    query = select(SigningKey).where(SigningKey.algorithm == Algorithm.RSA, SigningKey.revoked_at.is_not(None))
    found = session.scalars(query.where(SigningKey.revocation_list.is_not(None)))
    return [one for one in found if not times_of_list(one.revocation_list or b"").lists]


def own_list(slug: str, key_id: str) -> bytes:
    """Return what a key of a body says of its own certificates; raises NotFoundError."""
    query = (
        select(SigningKey.revocation_list)
        .join(IssuingBody, IssuingBody.id == SigningKey.body_id)
        .where(IssuingBody.slug == slug, SigningKey.key_id == key_id)
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such revocation list."))
    return found


def levels_of(batch_id: int) -> dict[SealLevel, int]:
    """Return how many PDF files of a batch were sealed how."""
    query = select(Certificate.seal_level, func.count()).where(
        Certificate.batch_id == batch_id, Certificate.seal_level.is_not(None)
    )
    found = session.execute(query.group_by(Certificate.seal_level))
    return {level: count for level, count in found if level is not None}


def current_seals() -> list[tuple[SigningKey, IssuingBody]]:
    """Return the current seal key of each open body with it."""
    current = (SigningKey.algorithm == Algorithm.RSA, SigningKey.retired_at.is_(None), IssuingBody.closed_at.is_(None))
    query = select(SigningKey, IssuingBody).join(IssuingBody, IssuingBody.id == SigningKey.body_id).where(*current)
    return [(key, body) for key, body in session.execute(query.order_by(SigningKey.id))]

"""The public log: each act on a certificate or a key is noted in the transaction of the act, and sealed soon after."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from app.core import failpoints, notes, sealing
from app.core.clock import real_now
from app.core.db import session, writing
from app.core.events import Event
from app.core.merkle import EMPTY_ROOT
from app.core.room import Periodic
from app.credentials.models import PUBLIC_LOG, Batch, Certificate, LogEntry, SigningKey
from app.credentials.queries import log as reads
from app.credentials.queries.steps import columns_after
from app.credentials.rules.tlog import KeyLeaf, Leaf, digest_of, key_leaf_bytes, leaf_bytes, read_leaf
from app.credentials.services import rows
from app.credentials.states import NEW_BYTES, CertificateState, LogAct

log = logging.getLogger("jijing.log")
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Noted:
    """What a leaf needs of a certificate: our key of it, the digest of its published bytes, its issuer's DID."""

    id: int
    credential: str
    issuer: str


def note(certificate: Certificate, act: LogAct | str, *, at: datetime) -> None:
    """Note an act on a certificate for the public log, in the running transaction; an issue is noted once.

    Raises ConflictError for a second issue, RuntimeError outside of a unit of work.
    """
    note_all([certificate], act, at=at)


def note_all(certificates: Sequence[Certificate], act: LogAct | str, *, at: datetime) -> None:
    """Note one act on several certificates, as `note` does one by one."""
    known = {} if LogAct(act) in NEW_BYTES else _digests([one.id for one in certificates])
    note_rows(
        (
            Noted(one.id, known.get(one.id) or digest_of((one.credential or "").encode()), one.body.did)
            for one in certificates
        ),
        act,
        at=at,
    )


def _digests(certificate_ids: list[int]) -> dict[int, str]:
    """Return the digests under which certificates stand: what was published may have been erased since."""
    query = (
        select(LogEntry.certificate_id, LogEntry.data)
        .where(LogEntry.certificate_id.in_(certificate_ids), LogEntry.act.in_(NEW_BYTES))
        .order_by(LogEntry.id)
    )
    return {key or 0: read_leaf(data.encode()).credential for key, data in session.execute(query)}


def note_rows(noted: Iterable[Noted], act: LogAct | str, *, at: datetime) -> int:
    """Note an act on certificates known by their digests, in one statement; return how many."""
    if not writing():
        msg = f"{act} was noted outside of a unit of work"
        raise RuntimeError(msg)
    recorded_at = real_now()
    entries = [
        {
            "certificate_id": one.id,
            "act": LogAct(act),
            "data": leaf_bytes(Leaf(LogAct(act), one.credential, one.issuer, at)).decode(),
            "recorded_at": recorded_at,
        }
        for one in noted
    ]
    if entries:
        session.execute(insert(LogEntry), entries)
    return len(entries)


def note_key(key: SigningKey, act: LogAct, *, issuer: str, at: datetime) -> None:
    """Note in the running transaction that a key signs no more, or that it is distrusted, once each."""
    since = key.revoked_at if act is LogAct.REVOKE_KEY else None
    data = key_leaf_bytes(KeyLeaf(act, key.key_id, issuer, at, since)).decode()
    session.add(LogEntry(key_id=key.id, act=act, data=data, recorded_at=real_now()))
    session.flush()


def next_unlogged(batch: Batch, after: int, at: datetime) -> list[Noted]:
    """Return the next signed certificates of a batch behind a key that are not in the log yet."""
    del at
    ready = (Certificate.state == CertificateState.SIGNED, Certificate.logged_at.is_(None))
    waiting = columns_after(batch.id, after, CHUNK, (Certificate.id, Certificate.credential), *ready)
    return [Noted(key, digest_of((credential or "").encode()), batch.body.did) for key, credential in waiting]


def keep(batch: Batch, noted: Sequence[Noted], at: datetime) -> None:
    """Note the issue of certificates and stamp them with it."""
    del batch
    note_rows(noted, LogAct.ISSUE, at=at)
    failpoints.reach("mid_log")
    rows.stamp([one.id for one in noted], "logged_at", at)


def seal() -> int:
    """Seal what waits in the public log under a signed root; return how many entries."""
    return sealing.seal(PUBLIC_LOG)


def checkpoint() -> str:
    """Return the last signed root as a note; that of an empty log is signed when asked for."""
    last = reads.latest()
    if last is not None:
        return last.note
    head = notes.Head(sealing.origin(PUBLIC_LOG), 0, EMPTY_ROOT)
    return notes.sign(head, sealing.log_signer(PUBLIC_LOG))


def verifier_key() -> str:
    """Return the log's key as verifiers of notes take it; raises UnavailableError where it cannot be opened."""
    return notes.verifier_key(sealing.origin(PUBLIC_LOG), sealing.log_signer(PUBLIC_LOG).public_key)


def on_batch_issued(event: Event) -> None:
    """Seal at the end of a batch, so that its proofs need not wait for the minute."""
    del event
    seal()


def _seal_each_minute() -> None:
    log.debug("sealed %s entries of the public log", seal())


SEALER = Periodic("credentials.seal_log", 60, _seal_each_minute)

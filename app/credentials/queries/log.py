"""Reads of the public log: its last signed root, its tiles and entries, the proof of a certificate."""

from sqlalchemy import func, select

from app.core import sealing
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.sealing import LogCheckpoint, tile
from app.core.text import _l
from app.credentials.models import PUBLIC_LOG, Certificate, LogEntry, PublicLeaf
from app.credentials.rules import tlog
from app.credentials.rules.tlog import TilePlace
from app.credentials.states import NEW_BYTES


def latest() -> LogCheckpoint | None:
    """Return the last signed root of the public log, None before the first."""
    return sealing.latest(PUBLIC_LOG)


def tile_bytes(level: int, place: TilePlace) -> bytes:
    """Return the hashes of a tile one after the other; raises NotFoundError where the log does not reach so far."""
    hashes = tile(PUBLIC_LOG, level, place.number, place.width)
    if len(hashes) != place.width:
        raise _absent()
    return b"".join(hashes)


def bundle_bytes(place: TilePlace) -> bytes:
    """Return the entries of a tile as an entry bundle; raises NotFoundError where the log does not reach so far."""
    first = place.number * sealing.TILE
    query = (
        select(LogEntry.data)
        .join(PublicLeaf, PublicLeaf.entry_id == LogEntry.id)
        .where(PublicLeaf.number >= first, PublicLeaf.number < first + place.width)
        .order_by(PublicLeaf.number)
    )
    entries = [one.encode() for one in session.scalars(query)]
    if len(entries) != place.width:
        raise _absent()
    return tlog.bundle(entries)


def _absent() -> NotFoundError:
    return NotFoundError(_l("The log does not reach so far. Its checkpoint says how many entries it has."))


def proof_of(certificate: Certificate) -> str | None:
    """Return the proof that a certificate, as it is published now, is in the log; None while it waits for the seal."""
    current = select(func.max(LogEntry.id)).where(
        LogEntry.certificate_id == certificate.id, LogEntry.act.in_(NEW_BYTES)
    )
    query = (
        select(PublicLeaf.number, LogEntry.data)
        .join(LogEntry, LogEntry.id == PublicLeaf.entry_id)
        .where(LogEntry.id == current.scalar_subquery())
    )
    found = session.execute(query).one_or_none()
    proof = sealing.proof_at(PUBLIC_LOG, found.number if found else None)
    if found is None or proof is None:
        return None
    return tlog.write_proof(proof.number, proof.path, proof.checkpoint, found.data.encode())

"""The sealed log: every event becomes a leaf of a Merkle tree whose root is signed.

History cannot be rewritten unseen: whoever kept an earlier root can tell.

The sealer allots the leaf numbers itself, because events that commit late leave gaps in their own.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Select, String, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core import merkle, notes
from app.core.clock import real_now
from app.core.columns import BigKey, Digest, Instant, Long, Short
from app.core.config import key_store, settings
from app.core.db import Base, session, unit_of_work
from app.core.errors import UnavailableError
from app.core.events import Event, append_only
from app.core.room import Periodic
from app.core.signing import Algorithm, KeyStoreError, Signer
from app.core.text import _l

log = logging.getLogger("jijing.log")
AUDIT = "audit"
"""The private log of every event; the public one of certificates is the same machine."""
KEY_NAME = "log-audit"
BATCH = 2000
"""Leaves that one transaction seals: a fraction of a second of the write lock."""
NODE_LEVELS = 8
"""Only every eighth level of the tree is kept (a tile of 256 leaves); what lies between is computed."""
SETTLED = timedelta(hours=1)
"""No transaction lives so long (PostgreSQL ends idle ones after ten minutes): what is absent then never comes."""


class LogLeaf(Base):
    """The place of an event in a log, and the hash that the tree holds of it."""

    __tablename__ = "log_leaf"

    log: Mapped[Short] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigKey, ForeignKey("event.id"), unique=True)
    hash: Mapped[Digest]


class LogNode(Base):
    """The root of a complete subtree of 256, 65,536 ... leaves, so that a proof reads few rows."""

    __tablename__ = "log_node"

    log: Mapped[Short] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    hash: Mapped[Digest]


class LogCheckpoint(Base):
    """A signed root: what the log was at one time. Times are security time.

    Every event up to `settled_event_id` is in the log or never happened; `frontier` lets the tree grow on.
    """

    __tablename__ = "log_checkpoint"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)

    log: Mapped[Short] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    root: Mapped[Digest]
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    settled_event_id: Mapped[int] = mapped_column(BigKey)
    key: Mapped[str] = mapped_column(String(100))
    note: Mapped[Long]
    at: Mapped[Instant]


for _table in (LogLeaf, LogNode, LogCheckpoint):
    append_only(_table)


@dataclass(frozen=True, slots=True)
class Proof:
    """That an event is in the log: its place, the hashes up to the root, and the signed root."""

    number: int
    size: int
    path: tuple[bytes, ...]
    checkpoint: str


def leaf_data(event: Event) -> bytes:
    """Return the bytes that an event's leaf hashes: JSON of all its fields, keys sorted, no spaces, UTF-8."""
    return json.dumps(
        {
            "code": event.code,
            "kind": event.kind,
            "subject": [event.subject_type, event.subject_code],
            "actor": event.actor_id,
            "role": event.acting_role,
            "at": event.at.isoformat(timespec="microseconds"),
            "recorded_at": event.recorded_at.isoformat(timespec="microseconds"),
            "reason": event.reason,
            "rule": event.rule,
            "data": event.data,
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()


def origin() -> str:
    """Return the log's name, which never leaves the site's own host: `example.org/log/audit`."""
    return f"{urlsplit(settings().public_url).netloc}/log/{AUDIT}"


def seal() -> int:
    """Seal every event that waits, some thousand a transaction, each ending in a signed root; return how many."""
    total = 0
    while True:
        with unit_of_work():
            sealed = _seal_batch()
        total += sealed
        if sealed < BATCH:
            return total


def _seal_batch() -> int:
    last = latest()
    settled = last.settled_event_id if last else 0
    waiting = list(session.scalars(_unsealed(settled).order_by(Event.id).limit(BATCH)))
    if not waiting:
        return 0
    tree = merkle.Frontier(last.size, last.frontier) if last else merkle.Frontier()
    _add_leaves(tree, waiting)
    signer = log_signer()
    note = notes.sign(notes.Head(origin(), tree.size, tree.root), signer)
    session.add(
        LogCheckpoint(
            log=AUDIT,
            size=tree.size,
            root=tree.root,
            frontier=tree.stored(),
            settled_event_id=_settled(settled, waiting),
            key=signer.public_key.multikey,
            note=note,
            at=real_now(),
        )
    )
    session.flush()
    log.info("sealed %s events: %s", len(waiting), note.replace("\n", " "))
    return len(waiting)


def _unsealed(settled: int) -> Select[Event]:
    return (
        select(Event).outerjoin(LogLeaf, LogLeaf.event_id == Event.id).where(Event.id > settled, LogLeaf.log.is_(None))
    )


def _add_leaves(tree: merkle.Frontier, waiting: Iterable[Event]) -> None:
    leaves, nodes = [], []
    for event in waiting:
        leaf = merkle.leaf_hash(leaf_data(event))
        leaves.append({"log": AUDIT, "number": tree.size, "event_id": event.id, "hash": leaf})
        for level, number, top in tree.append(leaf):
            if level and level % NODE_LEVELS == 0:
                nodes.append({"log": AUDIT, "level": level, "number": number, "hash": top})
    session.execute(insert(LogLeaf), leaves)
    if nodes:
        session.execute(insert(LogNode), nodes)


def _settled(before: int, sealed: list[Event]) -> int:
    """Return the highest event of which it is certain that nothing below it can still appear."""
    old = select(func.max(Event.id)).where(Event.id > before, Event.recorded_at < real_now() - SETTLED)
    certain = session.scalar(old) or before
    return min(certain, sealed[-1].id) if len(sealed) == BATCH else certain


def latest() -> LogCheckpoint | None:
    """Return the last signed root, None before the first."""
    query = select(LogCheckpoint).where(LogCheckpoint.log == AUDIT).order_by(LogCheckpoint.size.desc()).limit(1)
    return session.scalar(query)


def waiting_since() -> datetime | None:
    """Return since when the oldest event waits to be sealed; for readiness."""
    last = latest()
    return session.scalar(
        _unsealed(last.settled_event_id if last else 0).with_only_columns(func.min(Event.recorded_at))
    )


def log_signer() -> Signer:
    """Return the signer of the log; its key is made at the first use.

    Raises UnavailableError where the key cannot be opened.
    """
    try:
        store = key_store()
        return store.open(KEY_NAME) if store.has(KEY_NAME) else store.create(KEY_NAME, Algorithm.ED25519)
    except KeyStoreError as error:
        raise UnavailableError(_l("The key of the log cannot be used: %(reason)s.", reason=str(error))) from error


def prove(code: str) -> Proof | None:
    """Return the proof that the event of a code is in the log; None where it is unknown or not sealed yet."""
    leaf = session.scalar(select(LogLeaf).join(Event, Event.id == LogLeaf.event_id).where(Event.code == code))
    checkpoint = latest()
    if leaf is None or checkpoint is None:
        return None
    path = merkle.inclusion_proof(leaf.number, checkpoint.size, read_node)
    return Proof(leaf.number, checkpoint.size, tuple(path), checkpoint.note)


def read_node(level: int, number: int) -> bytes:
    """Return the root of a complete subtree of 2**level leaves, from the kept level below it."""
    kept = level - level % NODE_LEVELS
    width = 1 << (level - kept)
    first = number * width
    if kept:
        query = select(LogNode.hash).where(LogNode.log == AUDIT, LogNode.level == kept)
        column = LogNode.number
    else:
        query = select(LogLeaf.hash).where(LogLeaf.log == AUDIT)
        column = LogLeaf.number
    tree = merkle.Frontier()
    for top in session.scalars(query.where(column >= first, column < first + width).order_by(column)):
        tree.append(top)
    if tree.size != width:
        msg = f"the log lacks a node of level {kept} below number {first + width}"
        raise LookupError(msg)
    return tree.root


SEALER = Periodic("core.seal", 60, lambda: log.debug("sealed %s events", seal()))

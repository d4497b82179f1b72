"""Sealed logs: what happened becomes the leaves of a Merkle tree whose root is signed.

History cannot be rewritten unseen: whoever kept an earlier root can tell. One machine keeps every log: the private one
of all events here, the public one of certificates in their room. A log says where its entries and leaves are kept.

The sealer allots the leaf numbers itself, because entries that commit late leave gaps in their own.
"""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Select, String, func, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

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
"""The private log of every event."""
BATCH = 2000
"""Leaves that one transaction seals: a fraction of a second of the write lock."""
NODE_LEVELS = 8
"""Only every eighth level of the tree is kept (a tile of 256 leaves); what lies between is computed."""
TILE = 1 << NODE_LEVELS
SETTLED = timedelta(hours=1)
"""No transaction lives so long (PostgreSQL ends idle ones after ten minutes): what is absent then never comes."""


class LogLeaf(Base):
    """The place of an event in the audit log, and the hash that the tree holds of it."""

    __tablename__ = "log_leaf"

    log: Mapped[Short] = mapped_column(primary_key=True, default=AUDIT)
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
    """A signed root: what a log was at one time. Times are security time.

    Every entry up to `settled_id` is in the log or never happened; `frontier` lets the tree grow on.
    """

    __tablename__ = "log_checkpoint"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)

    log: Mapped[Short] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    root: Mapped[Digest]
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    settled_id: Mapped[int] = mapped_column(BigKey)
    key: Mapped[str] = mapped_column(String(100))
    note: Mapped[Long]
    at: Mapped[Instant]


for _table in (LogLeaf, LogNode, LogCheckpoint):
    append_only(_table)


@dataclass(frozen=True, slots=True)
class Log:
    """One sealed log: its name, its path under the site, its key, and the tables of its entries and leaves.

    `entries` has `id` and `recorded_at` (security time), `leaves` has `number` and `hash`; `entry_id` is the column of
    `leaves` that points to an entry. `data` gives the bytes that the leaf of an entry hashes, `named` a word for it.
    """

    name: str
    path: str
    key_name: str
    entries: type[Any]
    leaves: type[Any]
    entry_id: InstrumentedAttribute[int]
    data: Callable[[Any], bytes]
    named: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is in a log: its place, the hashes up to the root, and the signed root."""

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


def _event_name(event: Event) -> str:
    return f"event {event.code}"


AUDIT_LOG = Log(
    name=AUDIT,
    path="log/audit",
    key_name="log-audit",
    entries=Event,
    leaves=LogLeaf,
    entry_id=LogLeaf.event_id,
    data=leaf_data,
    named=_event_name,
)


def origin(of: Log = AUDIT_LOG) -> str:
    """Return a log's name, the address below which it is kept without its scheme: `example.org/log/audit`.

    Nothing of the audit log is served there: its name never leaves the site's own host.
    """
    return f"{urlsplit(settings().public_url).netloc}/{of.path}"


def seal(of: Log = AUDIT_LOG) -> int:
    """Seal every entry that waits, some thousand a transaction, each ending in a signed root; return how many.

    Each transaction looks on where the one before it ended, so that the work grows with what waits and no faster; an
    entry with a lower number that commits meanwhile is found by the next call.
    """
    total, after = 0, 0
    while True:
        with unit_of_work():
            sealed = _seal_batch(of, after)
        total += len(sealed)
        if len(sealed) < BATCH:
            return total
        after = int(sealed[-1].id)


def _seal_batch(of: Log, after: int) -> list[Any]:
    last = latest(of)
    settled = last.settled_id if last else 0
    waiting = list(session.scalars(_unsealed(of, max(settled, after)).order_by(of.entries.id).limit(BATCH)))
    if not waiting:
        return []
    tree = merkle.Frontier(last.size, last.frontier) if last else merkle.Frontier()
    _add_leaves(of, tree, waiting)
    signer = log_signer(of)
    note = notes.sign(notes.Head(origin(of), tree.size, tree.root), signer)
    session.add(
        LogCheckpoint(
            log=of.name,
            size=tree.size,
            root=tree.root,
            frontier=tree.stored(),
            settled_id=_settled(of, settled, waiting),
            key=signer.public_key.multikey,
            note=note,
            at=real_now(),
        )
    )
    session.flush()
    log.info("sealed %s entries: %s", len(waiting), note.replace("\n", " "))
    return waiting


def _unsealed(of: Log, settled: int) -> Select[Any]:
    """Select the entries without a leaf; every leaf has a number, so its absence shows in the joined one."""
    placed = of.entry_id == of.entries.id
    return select(of.entries).outerjoin(of.leaves, placed).where(of.entries.id > settled, of.entry_id.is_(None))


def _add_leaves(of: Log, tree: merkle.Frontier, waiting: Iterable[Any]) -> None:
    leaves, nodes = [], []
    for entry in waiting:
        leaf = merkle.leaf_hash(of.data(entry))
        leaves.append({"number": tree.size, of.entry_id.key: entry.id, "hash": leaf})
        for level, number, top in tree.append(leaf):
            if level and level % NODE_LEVELS == 0:
                nodes.append({"log": of.name, "level": level, "number": number, "hash": top})
    session.execute(insert(of.leaves), leaves)
    if nodes:
        session.execute(insert(LogNode), nodes)


def _settled(of: Log, before: int, sealed: list[Any]) -> int:
    """Return the highest entry of which it is certain that nothing below it can still appear."""
    entry = of.entries
    old = select(func.max(entry.id)).where(entry.id > before, entry.recorded_at < real_now() - SETTLED)
    certain: int = session.scalar(old) or before
    return min(certain, int(sealed[-1].id)) if len(sealed) == BATCH else certain


def latest(of: Log = AUDIT_LOG) -> LogCheckpoint | None:
    """Return the last signed root, None before the first."""
    query = select(LogCheckpoint).where(LogCheckpoint.log == of.name).order_by(LogCheckpoint.size.desc()).limit(1)
    return session.scalar(query)


def waiting_since(of: Log = AUDIT_LOG) -> datetime | None:
    """Return since when the oldest entry waits to be sealed; for readiness."""
    last = latest(of)
    waiting = _unsealed(of, last.settled_id if last else 0)
    return session.scalar(waiting.with_only_columns(func.min(of.entries.recorded_at)))


def log_signer(of: Log = AUDIT_LOG) -> Signer:
    """Return the signer of a log; its key is made at the first use.

    Raises UnavailableError where the key cannot be opened.
    """
    try:
        store = key_store()
        return store.open(of.key_name) if store.has(of.key_name) else store.create(of.key_name, Algorithm.ED25519)
    except KeyStoreError as error:
        raise UnavailableError(_l("The key of the log cannot be used: %(reason)s.", reason=str(error))) from error


def prove(code: str) -> Proof | None:
    """Return the proof that the event of a code is in the log; None where it is unknown or not sealed yet."""
    number = session.scalar(select(LogLeaf.number).join(Event, Event.id == LogLeaf.event_id).where(Event.code == code))
    return proof_at(AUDIT_LOG, number)


def proof_at(of: Log, number: int | None) -> Proof | None:
    """Return the proof of the leaf with a number under the last signed root; None for a leaf that is not there."""
    checkpoint = latest(of)
    if number is None or checkpoint is None:
        return None
    path = merkle.inclusion_proof(number, checkpoint.size, NodeReader(of))
    return Proof(number, checkpoint.size, tuple(path), checkpoint.note)


def tile(of: Log, level: int, number: int, width: int = TILE) -> list[bytes]:
    """Return the hashes of a tile as C2SP counts them: `width` roots of complete subtrees of 256**level leaves.

    What is not sealed yet is absent, so the list may be shorter.
    """
    first = number * TILE
    if level:
        column = LogNode.number
        query = select(LogNode.hash).where(LogNode.log == of.name, LogNode.level == level * NODE_LEVELS)
    else:
        column, query = of.leaves.number, select(of.leaves.hash)
    return list(session.scalars(query.where(column >= first, column < first + width).order_by(column)))


class NodeReader:
    """Reads the nodes of a tree for proofs, each tile once: a proof among millions of leaves asks few times."""

    def __init__(self, of: Log) -> None:
        self._log = of
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, number: int) -> bytes:
        """Return the root of a complete subtree of 2**level leaves, from the kept level below it."""
        kept, above = divmod(level, NODE_LEVELS)
        first = number << above
        hashes = self._tile(kept, first // TILE)[first % TILE :][: 1 << above]
        tree = merkle.Frontier()
        for one in hashes:
            tree.append(one)
        if tree.size != 1 << above:
            msg = f"the log lacks a node of level {kept * NODE_LEVELS} below number {first + (1 << above)}"
            raise LookupError(msg)
        return tree.root

    def _tile(self, level: int, number: int) -> list[bytes]:
        if (level, number) not in self._tiles:
            self._tiles[level, number] = tile(self._log, level, number)
        return self._tiles[level, number]


SEALER = Periodic("core.seal", 60, lambda: log.debug("sealed %s events", seal()))

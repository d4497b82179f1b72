"""The whole re-check of a sealed log: each entry, each leaf, each root and each signature, computed anew."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, inspect, select, text

from app.core import merkle, notes
from app.core.clock import real_now
from app.core.db import Base, db, session
from app.core.sealing import (
    AUDIT_LOG,
    NODE_LEVELS,
    Log,
    LogCheckpoint,
    LogNode,
    log_signer,
    origin,
)
from app.core.signing import PublicKey

ROWS_AT_ONCE = 5000
MOST_TOLD = 5
SEALED_WITHIN = timedelta(minutes=10)
"""The sealer runs each minute; an event that waits longer shows that it does not."""
TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it holds, and what was found."""

    name: str
    passed: bool
    detail: str


@dataclass(slots=True)
class Walk:
    """What a walk over all leaves computed and found."""

    tree: merkle.Frontier = field(default_factory=merkle.Frontier)
    roots: dict[int, bytes] = field(default_factory=dict)
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def audit(earlier: str | None = None, *, of: Log = AUDIT_LOG) -> list[Check]:
    """Recompute a log from its entries and return every check; `earlier` is a checkpoint kept elsewhere.

    Reads every entry once; memory stays small however long the log is.
    """
    key = log_signer(of).public_key
    query = select(LogCheckpoint).where(LogCheckpoint.log == of.name).order_by(LogCheckpoint.size)
    checkpoints = list(session.scalars(query))
    wanted = {row.size for row in checkpoints}
    before = _read(earlier, key, of) if earlier is not None else None
    walk = _walk(of, wanted | ({before.size} if before else set()))
    checks = [
        check_of("triggers", _missing_triggers()),
        check_of("events" if of is AUDIT_LOG else "leaves", walk.faults),
        check_of("nodes", list(_wrong_nodes(of, walk))),
        check_of("checkpoints", list(_wrong_checkpoints(of, checkpoints, walk, key))),
        check_of("sealed", _unsealed(of)),
    ]
    if earlier is not None:
        checks.append(check_of("earlier checkpoint", _against(before, walk)))
    return checks


def check_of(name: str, faults: list[str]) -> Check:
    """Return a check that holds where no fault was found; the first faults are told."""
    more = f" and {len(faults) - MOST_TOLD} more" if len(faults) > MOST_TOLD else ""
    return Check(name, not faults, "; ".join(faults[:MOST_TOLD]) + more)


def _walk(of: Log, wanted: set[int]) -> Walk:
    walk = Walk()
    query = (
        select(of.leaves, of.entries)
        .outerjoin(of.entries, of.entries.id == of.entry_id)
        .order_by(of.leaves.number)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for leaf, entry in session.execute(query):
        _step(of, walk, leaf, entry)
        if walk.tree.size in wanted:
            walk.roots[walk.tree.size] = walk.tree.root
    return walk


def _step(of: Log, walk: Walk, leaf: Any, entry: Any) -> None:  # noqa: ANN401 - rows of whichever log
    if leaf.number != walk.tree.size:
        walk.faults.append(f"leaf {walk.tree.size} is missing")
    if entry is None:
        walk.faults.append(f"what leaf {leaf.number} stands for is missing")
        computed = leaf.hash
    else:
        computed = merkle.leaf_hash(of.data(entry))
        if computed != leaf.hash:
            walk.faults.append(f"the {of.named(entry)} of leaf {leaf.number} was changed")
    for level, number, top in walk.tree.append(computed):
        if level and level % NODE_LEVELS == 0:
            walk.nodes[level, number] = top


def _wrong_nodes(of: Log, walk: Walk) -> Iterator[str]:
    rows = session.scalars(select(LogNode).where(LogNode.log == of.name))
    kept = {(row.level, row.number): row.hash for row in rows}
    for place in sorted(kept.keys() | walk.nodes.keys()):
        if kept.get(place) != walk.nodes.get(place):
            yield f"node {place[1]} of level {place[0]} differs"


def _wrong_checkpoints(of: Log, checkpoints: list[LogCheckpoint], walk: Walk, key: PublicKey) -> Iterator[str]:
    for row in checkpoints:
        head = _read(row.note, key, of)
        if head is None:
            yield f"the signature of the root over {row.size} leaves does not hold"
        elif (head.size, head.root) != (row.size, walk.roots.get(row.size)):
            yield f"the root over {row.size} leaves is another one"
        elif (row.root, _grown(row)) != (head.root, head.root):
            yield f"what is kept beside the root over {row.size} leaves is another one"
    if checkpoints and checkpoints[-1].size != walk.tree.size:
        yield f"the last signed root has {checkpoints[-1].size} leaves, the log {walk.tree.size}"


def _grown(row: LogCheckpoint) -> bytes | None:
    """Return the root of the frontier from which the tree grows on."""
    try:
        return merkle.Frontier(row.size, row.frontier).root
    except ValueError:
        return None


def _unsealed(of: Log) -> list[str]:
    waiting = session.scalar(
        select(func.count())
        .select_from(of.entries)
        .outerjoin(of.leaves, of.entry_id == of.entries.id)
        .where(of.entry_id.is_(None), of.entries.recorded_at < real_now() - SEALED_WITHIN)
    )
    return [f"{waiting} {'events' if of is AUDIT_LOG else 'entries'} were never sealed"] if waiting else []


def _against(before: notes.Head | None, walk: Walk) -> list[str]:
    if before is None:
        return ["it is not signed by this log's key"]
    if walk.roots.get(before.size) != before.root:
        return [f"what the log was at {before.size} leaves is no longer part of it"]
    return []


def _read(note: str, key: PublicKey, of: Log) -> notes.Head | None:
    try:
        head = notes.read(note, key)
    except notes.NoteError:
        return None
    return head if head.origin == origin(of) else None


def _missing_triggers() -> list[str]:
    tables = set(inspect(db.engine).get_table_names())
    guarded = [table.name for table in Base.metadata.sorted_tables if table.info.get("append_only")]
    present = set(session.scalars(text(TRIGGERS[db.engine.dialect.name])))
    return [
        f"{table} lost the trigger against {verb}"
        for table in guarded
        if table in tables
        for verb in ("update", "delete")
        if f"{table}_no_{verb}" not in present
    ]

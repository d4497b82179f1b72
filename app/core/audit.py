"""The whole re-check of the sealed log: each event, each leaf, each root and each signature, computed anew."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, inspect, select, text

from app.core import merkle, notes
from app.core.clock import real_now
from app.core.db import Base, db, session
from app.core.events import Event
from app.core.sealing import (
    AUDIT,
    NODE_LEVELS,
    LogCheckpoint,
    LogLeaf,
    LogNode,
    leaf_data,
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


def audit(earlier: str | None = None) -> list[Check]:
    """Recompute the log from the events and return every check; `earlier` is a checkpoint kept elsewhere.

    Reads every event once; memory stays small however long the log is.
    """
    key = log_signer().public_key
    checkpoints = list(session.scalars(select(LogCheckpoint).order_by(LogCheckpoint.size)))
    wanted = {row.size for row in checkpoints}
    before = _read(earlier, key) if earlier is not None else None
    walk = _walk(wanted | ({before.size} if before else set()))
    checks = [
        _check("triggers", _missing_triggers()),
        _check("events", walk.faults),
        _check("nodes", list(_wrong_nodes(walk))),
        _check("checkpoints", list(_wrong_checkpoints(checkpoints, walk, key))),
        _check("sealed", _unsealed()),
    ]
    if earlier is not None:
        checks.append(_check("earlier checkpoint", _against(before, walk)))
    return checks


def _check(name: str, faults: list[str]) -> Check:
    more = f" and {len(faults) - MOST_TOLD} more" if len(faults) > MOST_TOLD else ""
    return Check(name, not faults, "; ".join(faults[:MOST_TOLD]) + more)


def _walk(wanted: set[int]) -> Walk:
    walk = Walk()
    query = (
        select(LogLeaf, Event)
        .outerjoin(Event, Event.id == LogLeaf.event_id)
        .where(LogLeaf.log == AUDIT)
        .order_by(LogLeaf.number)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for leaf, event in session.execute(query):
        _step(walk, leaf, event)
        if walk.tree.size in wanted:
            walk.roots[walk.tree.size] = walk.tree.root
    return walk


def _step(walk: Walk, leaf: LogLeaf, event: Event | None) -> None:
    if leaf.number != walk.tree.size:
        walk.faults.append(f"leaf {walk.tree.size} is missing")
    if event is None:
        walk.faults.append(f"the event of leaf {leaf.number} is missing")
        computed = leaf.hash
    else:
        computed = merkle.leaf_hash(leaf_data(event))
        if computed != leaf.hash:
            walk.faults.append(f"the event {event.code} of leaf {leaf.number} was changed")
    for level, number, top in walk.tree.append(computed):
        if level and level % NODE_LEVELS == 0:
            walk.nodes[level, number] = top


def _wrong_nodes(walk: Walk) -> Iterator[str]:
    kept = {(row.level, row.number): row.hash for row in session.scalars(select(LogNode).where(LogNode.log == AUDIT))}
    for place in sorted(kept.keys() | walk.nodes.keys()):
        if kept.get(place) != walk.nodes.get(place):
            yield f"node {place[1]} of level {place[0]} differs"


def _wrong_checkpoints(checkpoints: list[LogCheckpoint], walk: Walk, key: PublicKey) -> Iterator[str]:
    for row in checkpoints:
        head = _read(row.note, key)
        if head is None:
            yield f"the signature of the root over {row.size} leaves does not hold"
        elif (head.size, head.root) != (row.size, walk.roots.get(row.size)):
            yield f"the root over {row.size} leaves is another one"
    if checkpoints and checkpoints[-1].size != walk.tree.size:
        yield f"the last signed root has {checkpoints[-1].size} leaves, the log {walk.tree.size}"


def _unsealed() -> list[str]:
    waiting = session.scalar(
        select(func.count())
        .select_from(Event)
        .outerjoin(LogLeaf, LogLeaf.event_id == Event.id)
        .where(LogLeaf.log.is_(None), Event.recorded_at < real_now() - SEALED_WITHIN)
    )
    return [f"{waiting} events were never sealed"] if waiting else []


def _against(before: notes.Head | None, walk: Walk) -> list[str]:
    if before is None:
        return ["it is not signed by this log's key"]
    if walk.roots.get(before.size) != before.root:
        return [f"what the log was at {before.size} leaves is no longer part of it"]
    return []


def _read(note: str, key: PublicKey) -> notes.Head | None:
    try:
        head = notes.read(note, key)
    except notes.NoteError:
        return None
    return head if head.origin == origin() else None


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

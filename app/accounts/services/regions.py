"""Regions: those that are shipped, and lists of codes by GB/T 2260 that an installation brings; all rows or none."""

import tomllib
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from app.accounts.models import Region
from app.accounts.rules import regions as rules
from app.accounts.rules.regions import RegionLine
from app.accounts.rules.roster import Problem
from app.accounts.states import NATION, RegionLevel
from app.core import events
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.settings import ROOT

SHIPPED: Path = ROOT / "content" / "regions"
UPPER = (RegionLevel.NATION, RegionLevel.PROVINCE)
LONGEST_SOURCE = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a list: counts, or the rows for which nothing of it was taken over."""

    added: int = 0
    renamed: int = 0
    moved: int = 0
    left: int = 0
    bad: Sequence[tuple[RegionLine, list[Problem]]] = ()


@dataclass(frozen=True, slots=True)
class Because:
    """Who has regions changed, when and why, and the content (by SHA-256) that was given."""

    by: Actor | None
    at: datetime
    reason: str | None = None
    digest: str | None = None


def load_shipped(*, by: Actor | None, at: datetime, reason: str | None = None) -> Loaded:
    """Add the shipped regions that are missing; what stands already keeps its name."""
    because = Because(by, at, reason)
    stand = _standing()
    missing = {source: [one for one in lines if one.code not in stand] for source, lines in _shipped().items()}
    left = sum(len(lines) for lines in _shipped().values()) - sum(len(lines) for lines in missing.values())
    return _settled(missing, stand, left, because)


def take_over(data: bytes, *, source: str, reason: str, by: Actor | None, at: datetime) -> Loaded:
    """Add and rename regions by a list (csv, xlsx), all rows or none; the nation and the provinces come with it.

    `source` is the publication and its edition, as the page of a region shows it. Raises InvalidError for a file
    that is no list, and where source or reason is missing.
    """
    given = rules.read(data)
    if not source.strip() or len(source) > LONGEST_SOURCE or not reason.strip():
        raise InvalidError(
            _l("Say from which publication the list is, in at most 200 characters, and why it is loaded.")
        )
    stand = _standing()
    upper = _missing_upper(stand)
    known = stand.keys() | {line.code for lines in upper.values() for line in lines}
    bad = list(rules.problems(given, known))
    if bad:
        return Loaded(bad=bad)
    mine = {line.code for line in given}
    lists = {kept: [line for line in lines if line.code not in mine] for kept, lines in upper.items()}
    lists[source.strip()] = [*lists.get(source.strip(), ()), *given]
    return _settled(lists, stand, 0, Because(by, at, reason.strip(), sha256(data).hexdigest()))


def _standing() -> dict[str, Region]:
    return {region.code: region for region in session.scalars(select(Region))}


def _shipped(levels: Iterable[RegionLevel] = RegionLevel) -> dict[str, list[RegionLine]]:
    """Return the shipped rows by their source."""
    found: dict[str, list[RegionLine]] = {}
    wanted = tuple(levels)
    for path in sorted(SHIPPED.glob("*.toml")):
        given = tomllib.loads(path.read_text("utf-8"))
        rows = [(code, names) for level in wanted for code, names in given.get(level, {}).items()]
        found.setdefault(given["source"], []).extend(RegionLine(0, code, *names) for code, names in rows)
    return found


def _missing_upper(stand: dict[str, Region]) -> dict[str, list[RegionLine]]:
    return {source: [line for line in lines if line.code not in stand] for source, lines in _shipped(UPPER).items()}


def _settled(lists: dict[str, list[RegionLine]], stand: dict[str, Region], left: int, because: Because) -> Loaded:
    """Write the rows of checked lists, put every region where it lies now, and record what changed."""
    before = {code: (region.name_zh, region.name_en) for code, region in stand.items()}
    codes = stand.keys() | {line.code for lines in lists.values() for line in lines}
    moved = 0
    rows = [(source, line) for source, lines in lists.items() for line in lines]
    _add([_made(source, line, codes) for source, line in rows if line.code not in stand])
    renamed = [fact for source, line in rows if line.code in stand for fact in _rename(stand[line.code], source, line)]
    for code, region in stand.items():
        parent = rules.parent_of(code, codes)
        moved += parent != region.parent_code
        region.parent_code = parent
    session.flush()
    added = len(codes) - len(before)
    loaded = Loaded(added, len(renamed), moved, left + len(rows) - added - len(renamed))
    _record(loaded, renamed, sorted(lists), because)
    return loaded


def _made(source: str, line: RegionLine, codes: AbstractSet[str]) -> Region:
    name_zh, name_en = rules.names(line, {})
    return Region(
        code=line.code,
        parent_code=rules.parent_of(line.code, codes),
        level=rules.level_of(line.code),
        name_zh=name_zh,
        name_en=name_en,
        source=source,
    )


def _add(regions: Sequence[Region]) -> None:
    """Write the upper levels first: a region names the one above it."""
    for level in RegionLevel:
        session.add_all(region for region in regions if region.level is level)
        session.flush()


def _rename(region: Region, source: str, line: RegionLine) -> Iterable[tuple[Subject, JsonObject]]:
    """Give a region what its row says; yields the fact where a name is another one."""
    before = (region.name_zh, region.name_en)
    after = rules.names(line, {region.code: before})
    region.source = source
    if after != before:
        region.name_zh, region.name_en = after
        yield Subject("region", region.code), {"before": list(before), "after": list(after)}


def _record(
    loaded: Loaded, renamed: Sequence[tuple[Subject, JsonObject]], sources: Sequence[str], because: Because
) -> None:
    if not (loaded.added or loaded.renamed or loaded.moved):
        return
    told = {"added": loaded.added, "renamed": loaded.renamed, "moved": loaded.moved, "left": loaded.left}
    events.record(
        "accounts.regions_loaded",
        Subject("region", NATION),
        by=because.by,
        at=because.at,
        reason=because.reason,
        data={**told, "sources": list(sources), "sha256": because.digest},
    )
    if renamed:
        events.record_many("accounts.region_renamed", renamed, by=because.by, at=because.at, reason=because.reason)

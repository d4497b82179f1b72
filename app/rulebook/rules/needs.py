"""What is missing for a verdict to be met: the smallest set of conditions, alternatives named; pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from app.rulebook.rules.evaluating import counts
from app.rulebook.verdicts import Line, Outcome


@dataclass(frozen=True, slots=True)
class Gap:
    """One condition that is missing."""

    line: Line
    size: int = 1


@dataclass(frozen=True, slots=True)
class Together:
    """Several things that are all missing."""

    parts: "tuple[Need, ...]"

    @property
    def size(self) -> int:
        """Return how many conditions are missing."""
        return sum(part.size for part in self.parts)


@dataclass(frozen=True, slots=True)
class Either:
    """`count` of these, each as small as the others."""

    count: int
    parts: "tuple[Need, ...]"

    @property
    def size(self) -> int:
        """Return how many conditions are missing, whichever is chosen."""
        return sum(sorted(part.size for part in self.parts)[: self.count])


Need: TypeAlias = Gap | Together | Either


def needs(lines: Sequence[Line]) -> Need | None:
    """Return the smallest set that would meet every line; None where nothing is missing."""
    missing = [need for line in lines if not line.optional and (need := need_of(line)) is not None]
    return _together(missing)


def need_of(line: Line) -> Need | None:
    """Return what is missing for one line, None where it is met."""
    if line.outcome is Outcome.MET:
        return None
    if line.reason in {"criteria.all", "criteria.any", "criteria.at_least"}:
        return _of_group(line)
    return Gap(line)


def _of_group(line: Line) -> Need | None:
    counted = [one for one in line.lines if counts(one)]
    bars = [one for one in _exclusions(line) if one.outcome is not Outcome.MET]
    missing = [need for one in counted if (need := need_of(one)) is not None]
    wanted = {"criteria.all": len(counted), "criteria.any": 1}.get(line.reason)
    wanted = int(line.params["n"]) if wanted is None else wanted
    chosen = _smallest(missing, max(wanted - (len(counted) - len(missing)), 0))
    return _together([*(Gap(one) for one in bars if one not in _inside(chosen)), *([chosen] if chosen else [])])


def _exclusions(line: Line) -> list[Line]:
    own = [line] if line.reason == "criteria.exclusion" else []
    return own + [one for below in line.lines for one in _exclusions(below)]


def _inside(need: Need | None) -> list[Line]:
    if need is None:
        return []
    return [need.line] if isinstance(need, Gap) else [line for part in need.parts for line in _inside(part)]


def _smallest(found: Sequence[Need], count: int) -> Need | None:
    """Choose the `count` smallest; where several are as small as the last chosen, name them all as alternatives."""
    if count == 0:
        return None
    ordered = sorted(found, key=lambda need: need.size)
    limit = ordered[count - 1].size
    surely = [need for need in ordered if need.size < limit]
    tied = [need for need in ordered if need.size == limit]
    if len(surely) + len(tied) == count:
        return _together([*surely, *tied])
    return _together([*surely, Either(count - len(surely), tuple(tied))])


def _together(parts: Sequence[Need]) -> Need | None:
    flat = [one for part in parts for one in (part.parts if isinstance(part, Together) else (part,))]
    if not flat:
        return None
    return flat[0] if len(flat) == 1 else Together(tuple(flat))

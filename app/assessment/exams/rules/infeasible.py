"""Why a blueprint cannot be met: solved again with slack in every constraint, and where the least slack is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from app.assessment.exams.rules.assembly import (
    Asked,
    Candidate,
    Floats,
    Limit,
    Line,
    Row,
    hostile,
    once,
    rows_of,
    solve,
    usable,
)

ITEM = 1e-6
"""Slack below a millionth is the solver's rounding."""
UNIT = {"cell": 1.0, "type": 1.0, "difficulty": 0.01, "time": 60.0}
"""How much slack of a constraint weighs as much as one missing item: a hundredth of difficulty, a minute."""
PAIR = 0.9
"""Two enemies together weigh less than a missing item: where only they stand in the way, they are named."""
PLACES = {"difficulty": 4}


@dataclass(frozen=True, slots=True)
class Unmet:
    """A constraint that cannot be met.

    For `cell`, `type`: how many items all papers ask for, how many different ones the bank can use, how many more
    exposure holds back, how many are missing. For `difficulty` and `time`: `low` and `high` are asked of each paper,
    `nearest` is what the bank comes to. For `enemies`: `names` are the codes of two items that may not stand together
    and of which both would be needed. For `parallel`: as many papers as asked cannot be made equal.
    """

    kind: str
    names: tuple[str, ...] = ()
    asked: int = 0
    usable: int = 0
    held_back: int = 0
    missing: int = 0
    low: Decimal | None = None
    high: Decimal | None = None
    nearest: Decimal | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what a job or a command tells of the constraint."""
        told = {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(self).items()}
        return {name: value for name, value in told.items() if value not in {None, ()}} | {"kind": self.kind}


def from_json(told: Mapping[str, Any]) -> Unmet:
    """Read back what `to_json` told."""
    figures = {name: Decimal(told[name]) for name in ("low", "high", "nearest") if name in told}
    return Unmet(**{**told, **figures, "names": tuple(told.get("names", ()))})


class InfeasibleBlueprintError(Exception):
    """The bank cannot fill the blueprint; `unmet` names the constraints with their figures."""

    def __init__(self, unmet: tuple[Unmet, ...]) -> None:
        super().__init__(f"constraints that cannot be met: {unmet}")
        self.unmet = unmet


def unmet(candidates: Sequence[Candidate], asked: Asked, papers: int = 1) -> tuple[Unmet, ...]:
    """Return the constraints that the bank cannot meet for so many papers without an item in common.

    Where each could be met by all papers together, the answer is that they cannot be made equal (`parallel`).
    """
    pool = usable(candidates, asked)
    bank = _Bank(candidates, pool, asked, papers)
    rows = rows_of(pool, asked)
    pairs = hostile(pool, asked.enemies) if papers == 1 else []
    taken, slack = _least_slack(pool, rows, pairs, papers)
    found = [
        bank.named(row, float(row.values @ taken) / papers)
        for row, over in zip(rows, slack, strict=False)
        if over > ITEM
    ]
    found += [
        Unmet("enemies", tuple(pool[place].code for place in pair))
        for pair, over in zip(pairs, slack[len(rows) :], strict=True)
        if over > ITEM
    ]
    return tuple(found) or (Unmet("parallel", asked=papers),)


def _least_slack(
    pool: Sequence[Candidate], rows: Sequence[Row], pairs: Sequence[list[int]], papers: int
) -> tuple[Floats, Floats]:
    """Return which items are taken and the slack of each row and pair, weighed to be comparable."""
    size, elastic = len(pool), len(rows) + len(pairs)
    lines = [Line(group, np.ones(len(group)), -np.inf, 1.0) for group in once(pool)]
    for number, row in enumerate(rows):
        lines += _elastic(row, size + number, size + elastic + number, papers)
    for number, pair in enumerate(pairs, len(rows)):
        lines.append(Line([*pair, size + number], np.array([1.0, 1.0, -1.0]), -np.inf, 1.0))
    weights = np.concatenate([np.ones(len(rows)), np.full(len(pairs), PAIR)])
    cost = np.concatenate([np.zeros(size), weights, weights])
    upper = np.concatenate([np.ones(size), np.full(2 * elastic, np.inf)])
    answer = solve(cost, lines, integers=size, upper=upper)
    return answer[:size], answer[size : size + elastic] + answer[size + elastic :]


def _elastic(row: Row, above: int, below: int, papers: int) -> list[Line]:
    """Bound a row from both sides, each side with a slack of its own."""
    unit = UNIT[row.limit.kind]
    places = np.flatnonzero(row.values)
    values = row.values[places]
    return [
        Line([*places, above], np.append(values, -unit), -np.inf, row.high * papers),
        Line([*places, below], np.append(values, unit), row.low * papers, np.inf),
    ]


@dataclass(frozen=True, slots=True)
class _Bank:
    """What the figures of a constraint are counted from."""

    items: Sequence[Candidate]
    pool: Sequence[Candidate]
    asked: Asked
    papers: int

    def named(self, row: Row, reached: float) -> Unmet:
        """Name a constraint that a paper misses; `reached` is what the items of the least slack come to."""
        limit = row.limit
        if limit.kind in {"cell", "type"}:
            wanted = round(row.low) * self.papers
            have, every = self._contents(self.pool, limit), self._contents(self.items, limit)
            missing = abs(wanted - round(reached * self.papers))
            return Unmet(limit.kind, limit.names, wanted, len(have), len(every - have), missing)
        places = Decimal(1).scaleb(-PLACES.get(limit.kind, 0))
        low, high, nearest = (Decimal(repr(value)).quantize(places) for value in (row.low, row.high, reached))
        return Unmet(limit.kind, limit.names, low=low, high=high, nearest=nearest)

    def _contents(self, items: Sequence[Candidate], limit: Limit) -> set[str]:
        return {one.content for one in items if _fits(one, limit) and self.asked.cells.get(one.cell)}


def _fits(one: Candidate, limit: Limit) -> bool:
    return (one.cell if limit.kind == "cell" else (one.type,)) == limit.names

"""Why a blueprint cannot be met: solved again with slack in every constraint, and where the least slack is needed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from app.assessment.exams.rules.assembly import (
    Asked,
    Candidate,
    Limit,
    Line,
    Row,
    UnsolvedError,
    assemble_next,
    group_of,
    hostile,
    line_of,
    once,
    rows_of,
    solve,
    usable,
)
from app.core.arrays import Floats, np

ITEM = 1e-6
"""Slack below a millionth is the solver's rounding."""
UNIT = {"cell": 1.0, "type": 1.0, "difficulty": 0.01, "time": 60.0}
"""How much slack of a constraint weighs as much as one missing item: a hundredth of difficulty, a minute."""
STAGES: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset(), frozenset({"cell"})),
    (frozenset({"cell"}), frozenset({"type"})),
    (frozenset({"cell", "type"}), frozenset({"enemies"})),
    (frozenset({"cell", "type", "enemies"}), frozenset({"difficulty", "time"})),
)
"""What must hold, and what is asked next: a constraint is named only where those before it can be met.

Weighed all at once, ten minutes too many would cost more than leaving items out, and the grid would be blamed.
"""
PLACES = {"difficulty": 4}


@dataclass(frozen=True, slots=True)
class Unmet:
    """A constraint that cannot be met.

    For `cell`, `type`: how many items all papers ask for, how many different ones the bank can use, how many more
    exposure holds back, how many are missing; `nearest` is what it comes to where there are enough of them, but not
    together with the rest. For `difficulty` and `time`: `low` and `high` are asked of each paper,
    `nearest` is what the bank comes to. For `enemies`: `names` are the codes of two items that may not stand together
    and of which both would be needed. For `exposure`: all could be met were items not held back that
    were used `asked` times. For `parallel`: as many papers as asked cannot be made equal; `names` says in what.
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
    papers: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return what a job or a command tells of the constraint."""
        told = {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(self).items()}
        return {name: value for name, value in told.items() if value not in {None, ()}} | {"kind": self.kind}


def from_json(told: Mapping[str, Any]) -> Unmet:
    """Read back what `to_json` told."""
    figures = {name: Decimal(told[name]) for name in ("low", "high", "nearest") if name in told}
    return Unmet(**{**told, **figures, "names": tuple(told.get("names", ()))})


@dataclass(frozen=True, slots=True)
class Shared:
    """How one of several equal papers is drawn: what others took, how many follow, the information all should have."""

    taken: Sequence[Candidate]
    following: int
    information: float
    seed: int


class InfeasibleBlueprintError(Exception):
    """The bank cannot fill the blueprint; `unmet` names the constraints with their figures."""

    def __init__(self, unmet: tuple[Unmet, ...]) -> None:
        super().__init__(f"constraints that cannot be met: {unmet}")
        self.unmet = unmet


def unmet(candidates: Sequence[Candidate], asked: Asked, papers: int = 1) -> tuple[Unmet, ...]:
    """Return the constraints that the bank cannot meet for so many papers without an item in common.

    What one paper lacks already is told first. Where each could be met by all papers together, the answer is that
    they cannot be made equal (`parallel`).
    """
    alone = _lacking(candidates, asked, 1)
    found = alone or (_lacking(candidates, asked, papers) if papers > 1 else ())
    return found or (Unmet("parallel", asked=papers),)


def _lacking(candidates: Sequence[Candidate], asked: Asked, papers: int) -> tuple[Unmet, ...]:
    """Return what is missed first in the order of the stages, and whether exposure is what stands in the way."""
    pool = usable(candidates, asked)
    bank = _Bank(candidates, pool, asked, papers)
    for hard, soft in STAGES:
        found = _missed(bank, hard, soft)
        if found:
            return (*found, *_held_by_exposure(bank, found))
    return ()


def _held_by_exposure(bank: "_Bank", found: Sequence[Unmet]) -> Iterator[Unmet]:
    """Yield the exposure limit where all could be met without it; counts of items tell it themselves."""
    if bank.asked.most_uses is None or found[0].kind in {"cell", "type"}:
        return
    if not _lacking(bank.items, replace(bank.asked, most_uses=None), bank.papers):
        held = len(usable(bank.items, replace(bank.asked, most_uses=None))) - len(bank.pool)
        yield Unmet("exposure", asked=bank.asked.most_uses, held_back=held)


def _missed(bank: "_Bank", hard: Collection[str], soft: Collection[str]) -> list[Unmet]:
    """Return which of the soft constraints cannot be met while the hard ones are."""
    pool, papers = bank.pool, bank.papers
    rows = rows_of(pool, bank.asked)
    pairs = hostile(pool, bank.asked.enemies) if papers == 1 else []
    elastic = [row for row in rows if row.limit.kind in soft]
    apart = pairs if "enemies" in soft else []
    if not elastic and not apart:
        return []
    fixed = [line_of(row, times=papers) for row in rows if row.limit.kind in hard]
    fixed += [group_of(group) for group in once(pool)]
    fixed += [group_of(pair) for pair in (pairs if "enemies" in hard else [])]
    taken, slack = _least_slack(len(pool), fixed, elastic, apart, papers=papers)
    found = [
        bank.named(row, float(row.values @ taken) / papers)
        for row, over in zip(elastic, slack, strict=False)
        if over > ITEM
    ]
    kept = zip(apart, slack[len(elastic) :], strict=True)
    return found + [Unmet("enemies", tuple(pool[place].code for place in pair)) for pair, over in kept if over > ITEM]


def _least_slack(
    size: int, fixed: Sequence[Line], rows: Sequence[Row], pairs: Sequence[list[int]], *, papers: int
) -> tuple[Floats, Floats]:
    """Return which items are taken and the slack of each row and pair, weighed to be comparable."""
    elastic = len(rows) + len(pairs)
    lines = list(fixed)
    for number, row in enumerate(rows):
        lines += _elastic(row, size + number, size + elastic + number, papers)
    for number, pair in enumerate(pairs, len(rows)):
        lines.append(Line([*pair, size + number], np.array([1.0, 1.0, -1.0]), -np.inf, 1.0))
    cost = np.concatenate([np.zeros(size), np.ones(2 * elastic)])
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


def unequal(candidates: Sequence[Candidate], asked: Asked, shared: Shared) -> tuple[str, ...]:
    """Return the name of a constraint without which the next of several equal papers could be drawn; empty for none.

    `shared` is how the paper was to be drawn.
    """
    eased = {
        "information": replace(asked, information=Decimal(1)),
        "difficulty": replace(asked, difficulty=None),
        "time": replace(asked, seconds=None),
        "enemies": replace(asked, enemies=frozenset()),
    }
    for name, less in eased.items():
        if less != asked and _drawable(candidates, less, shared):
            return (name,)
    return ()


def _drawable(candidates: Sequence[Candidate], asked: Asked, shared: Shared) -> bool:
    try:
        assemble_next(
            candidates,
            asked,
            seed=shared.seed,
            taken=shared.taken,
            following=shared.following,
            aim=shared.information,
        )
    except UnsolvedError:
        return False
    return True


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
            came = round(reached * self.papers)
            told = Unmet(limit.kind, limit.names, wanted, len(have), len(every - have), abs(wanted - came))
            told = replace(told, papers=self.papers)
            return replace(told, nearest=Decimal(came)) if len(have) >= wanted else told
        places = Decimal(1).scaleb(-PLACES.get(limit.kind, 0))
        low, high, nearest = (Decimal(repr(value)).quantize(places) for value in (row.low, row.high, reached))
        return Unmet(limit.kind, limit.names, low=low, high=high, nearest=nearest)

    def _contents(self, items: Sequence[Candidate], limit: Limit) -> set[str]:
        return {one.content for one in items if _fits(one, limit) and self.asked.cells.get(one.cell)}


def _fits(one: Candidate, limit: Limit) -> bool:
    return (one.cell if limit.kind == "cell" else (one.type,)) == limit.names

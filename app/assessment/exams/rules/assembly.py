"""Paper assembly (组卷) as a mixed-integer programme: the blueprint is a constraint, difficulty the aim."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import scipy  # its parts load when first used: half of the start-up time would be for the solver
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint, OptimizeResult

Cell = tuple[str, str]
Floats = NDArray[np.float64]

DISTANCE_WEIGHT = 1000.0
"""One thousandth of distance to the target outweighs every preference that the seed can make."""
TOLERANCE = 0.005
"""Half a hundredth from the target is as good as on it: proving more would be a search without end."""
GAP = 1e-3
NODES = 20_000
"""The seed's preference need not be served to the last digit; a limit by nodes, not seconds, repeats itself."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An approved item that may go on the paper; `content` is equal for items that say the same."""

    version_id: int
    module: str
    level: str
    difficulty: Decimal
    content: str

    @property
    def cell(self) -> Cell:
        """Return the cell of the blueprint the item can fill."""
        return (self.module, self.level)


@dataclass(frozen=True, slots=True)
class Shortage:
    """A cell that cannot be met: how many items it asks for and how many are missing."""

    module: str
    level: str
    needed: int
    missing: int


class InfeasibleBlueprintError(Exception):
    """The bank cannot fill the blueprint; `shortages` names the cells."""

    def __init__(self, shortages: tuple[Shortage, ...]) -> None:
        super().__init__(f"cells that cannot be met: {shortages}")
        self.shortages = shortages


def assemble(
    candidates: Sequence[Candidate], cells: Mapping[Cell, int], *, target: Decimal, seed: int
) -> tuple[int, ...]:
    """Choose item versions: each cell exactly, no content twice, mean difficulty nearest the target.

    The same candidates, cells, target and seed give the same paper. Returns version ids in module and level order
    of the cells. Raises InfeasibleBlueprintError naming the cells that cannot be met.
    """
    asked = {cell: count for cell, count in cells.items() if count > 0}
    usable = sorted((one for one in candidates if one.cell in asked), key=lambda one: one.version_id)
    chosen = _solve(usable, asked, target=target, seed=seed)
    if chosen is None:
        raise InfeasibleBlueprintError(shortages(usable, asked))
    rank = {cell: place for place, cell in enumerate(asked)}
    return tuple(one.version_id for one in sorted(chosen, key=lambda one: (rank[one.cell], one.version_id)))


def shortages(candidates: Sequence[Candidate], cells: Mapping[Cell, int]) -> tuple[Shortage, ...]:
    """Solve again with slack in every cell and return where the least slack is needed."""
    count, names = len(candidates), list(cells)
    in_cells = np.hstack([_membership(candidates, names), np.eye(len(names))])
    once = _once(candidates)
    rows = np.vstack([in_cells, np.hstack([once, np.zeros((len(once), len(names)))])])
    needed = np.array([float(cells[cell]) for cell in names])
    answer = scipy.optimize.milp(
        np.concatenate([np.zeros(count), np.ones(len(names))]),
        integrality=np.ones(count + len(names), dtype=np.int64),
        bounds=scipy.optimize.Bounds(0, np.concatenate([np.ones(count), needed])),
        constraints=scipy.optimize.LinearConstraint(
            rows,
            np.concatenate([needed, np.full(len(once), -np.inf)]),
            np.concatenate([needed, np.ones(len(once))]),
        ),
    )
    if answer.x is None:
        raise RuntimeError(answer.message)
    slack = [round(float(value)) for value in answer.x[count:]]
    return tuple(
        Shortage(*cell, needed=cells[cell], missing=gap) for cell, gap in zip(names, slack, strict=True) if gap
    )


def mean_difficulty(chosen: Sequence[Decimal]) -> Decimal:
    """Return the mean difficulty of a paper to six places."""
    return (sum(chosen, Decimal(0)) / len(chosen)).quantize(Decimal("0.000001"))


def available(candidates: Sequence[Candidate]) -> dict[Cell, int]:
    """Count the different contents that each cell has."""
    contents: dict[Cell, set[str]] = defaultdict(set)
    for one in candidates:
        contents[one.cell].add(one.content)
    return {cell: len(found) for cell, found in contents.items()}


def _solve(
    usable: Sequence[Candidate], asked: Mapping[Cell, int], *, target: Decimal, seed: int
) -> list[Candidate] | None:
    if not usable or not asked:
        return None
    total = sum(asked.values())
    preference = np.random.default_rng(seed).random(len(usable)) / total
    answer = scipy.optimize.milp(
        np.append(preference, DISTANCE_WEIGHT),
        integrality=np.append(np.ones(len(usable), dtype=np.int64), 0),
        bounds=scipy.optimize.Bounds(0, np.append(np.ones(len(usable)), np.inf)),
        constraints=_constraints(usable, asked, target=float(target), total=total),
        options={"mip_rel_gap": GAP, "node_limit": NODES},
    )
    return _chosen(answer, usable)


def _chosen(answer: "OptimizeResult", usable: Sequence[Candidate]) -> list[Candidate] | None:
    if answer.x is None:
        return None
    return [one for one, taken in zip(usable, answer.x, strict=False) if taken > 1 / 2]


def _constraints(
    usable: Sequence[Candidate], asked: Mapping[Cell, int], *, target: float, total: int
) -> "LinearConstraint":
    """Build the rows: cells, contents once, and the distance bounded from both sides by the last variable."""
    in_cells, once = _membership(usable, list(asked)), _once(usable)
    mean = np.array([[float(one.difficulty) / total for one in usable]])
    items = np.vstack([in_cells, once, mean, mean])
    distance = np.concatenate([np.zeros(len(in_cells) + len(once)), [-1.0, 1.0]])
    needed = np.array([float(count) for count in asked.values()])
    lower = np.concatenate([needed, np.full(len(once), -np.inf), [-np.inf, target - TOLERANCE]])
    upper = np.concatenate([needed, np.ones(len(once)), [target + TOLERANCE, np.inf]])
    return scipy.optimize.LinearConstraint(np.column_stack([items, distance]), lower, upper)


def _membership(candidates: Sequence[Candidate], cells: Sequence[Cell]) -> Floats:
    return np.array([[float(one.cell == cell) for one in candidates] for cell in cells]).reshape(
        len(cells), len(candidates)
    )


def _once(candidates: Sequence[Candidate]) -> Floats:
    """Return one row for each content that more than one item has."""
    counts = Counter(one.content for one in candidates)
    shared = sorted(content for content, count in counts.items() if count > 1)
    values = chain.from_iterable((float(one.content == content) for one in candidates) for content in shared)
    return np.fromiter(values, dtype=np.float64).reshape(len(shared), len(candidates))

"""Paper assembly (组卷) as a mixed-integer programme: the blueprint is a constraint, difficulty the aim.

Parallel papers are drawn one after the other; while one is drawn, a shadow of all those that follow takes its part of
the bank, so that the first does not leave the last without items (big-shadow-test method, van der Linden & Adema,
Journal of Educational Measurement 35, 1998).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from app.core.arrays import Floats, Places, np, scipy

Cell = tuple[str, str]
Pair = tuple[int, int]

DISTANCE_WEIGHT = 1000.0
"""One thousandth of distance to the target outweighs every preference that the seed can make."""
TOLERANCE = 0.005
"""Half a hundredth from the target is as good as on it: proving more would be a search without end."""
GAP = 1e-3
PARALLEL_GAP = 0.3
NODES = 20_000
"""The seed's preference need not be served to the last digit; a limit by nodes, not seconds, repeats itself."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An approved item that may go on the paper; `content` is equal for items that say the same.

    `uses` counts the latest sessions it was on; `information` is what it tells at the cut score.
    """

    version_id: int
    module: str
    level: str
    difficulty: Decimal
    content: str
    item_id: int = 0
    code: str = ""
    type: str = "single"
    seconds: int = 0
    uses: int = 0
    information: float = 0.0

    @property
    def cell(self) -> Cell:
        """Return the cell of the blueprint the item can fill."""
        return (self.module, self.level)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one paper must be; an empty mapping or None asks nothing.

    `enemies` are pairs of item ids that may not stand together. `most_uses` holds items back that were used so often.
    `information` is the share by which the information of parallel papers may differ from their common target.
    """

    cells: Mapping[Cell, int]
    target: Decimal
    types: Mapping[str, int] = field(default_factory=dict)
    difficulty: Decimal | None = None
    seconds: tuple[int, int] | None = None
    enemies: frozenset[Pair] = frozenset()
    most_uses: int | None = None
    information: Decimal = Decimal("0.015")

    @property
    def total(self) -> int:
        """Return how many items a paper has."""
        return sum(self.cells.values())


@dataclass(frozen=True, slots=True)
class Aim:
    """What parallel papers have in common: information at the cut score and expected seconds."""

    information: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Limit:
    """The name of a constraint: `cell` with module and level, `type`, `difficulty`, `time`, `information`."""

    kind: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One constraint over the items of a paper: between `low` and `high`."""

    limit: Limit
    values: Floats
    low: float
    high: float


class UnsolvedError(Exception):
    """No paper meets every constraint."""


def mean_difficulty(chosen: Sequence[Decimal]) -> Decimal:
    """Return the mean difficulty of a paper to six places."""
    return (sum(chosen, Decimal(0)) / len(chosen)).quantize(Decimal("0.000001"))


def available(candidates: Sequence[Candidate]) -> dict[Cell, int]:
    """Count the different contents that each cell has."""
    contents: dict[Cell, set[str]] = defaultdict(set)
    for one in candidates:
        contents[one.cell].add(one.content)
    return {cell: len(found) for cell, found in contents.items()}


def available_by_type(candidates: Sequence[Candidate]) -> dict[str, int]:
    """Count the different contents of each item type."""
    contents: dict[str, set[str]] = defaultdict(set)
    for one in candidates:
        contents[one.type].add(one.content)
    return {kind: len(found) for kind, found in contents.items()}


def usable(candidates: Sequence[Candidate], asked: Asked) -> list[Candidate]:
    """Return the items of the asked cells that exposure does not hold back, in the order of their versions."""
    wanted = {cell for cell, count in asked.cells.items() if count}
    most = asked.most_uses
    found = (one for one in candidates if one.cell in wanted and (most is None or one.uses < most))
    return sorted(found, key=lambda one: one.version_id)


def rows_of(pool: Sequence[Candidate], asked: Asked) -> list[Row]:
    """Return the constraints of one paper that a bank may fail to meet."""
    rows = [
        Row(Limit("cell", cell), np.array([float(one.cell == cell) for one in pool]), count, count)
        for cell, count in asked.cells.items()
        if count
    ]
    rows += [
        Row(Limit("type", (kind,)), np.array([float(one.type == kind) for one in pool]), count, count)
        for kind, count in asked.types.items()
    ]
    if asked.difficulty is not None:
        middle, away = float(asked.target), float(asked.difficulty)
        rows.append(Row(Limit("difficulty"), difficulties(pool, asked), middle - away, middle + away))
    if asked.seconds is not None:
        rows.append(Row(Limit("time"), np.array([float(one.seconds) for one in pool]), *asked.seconds))
    return rows


def difficulties(pool: Sequence[Candidate], asked: Asked) -> Floats:
    """Return what each item adds to the mean difficulty of a paper."""
    return np.array([float(one.difficulty) for one in pool]) / max(asked.total, 1)


def once(pool: Sequence[Candidate]) -> list[list[int]]:
    """Return the places of items that say the same."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(pool):
        places[one.content].append(place)
    return [group for _content, group in sorted(places.items()) if len(group) > 1]


def hostile(pool: Sequence[Candidate], enemies: frozenset[Pair]) -> list[list[int]]:
    """Return the places of items that may not stand together, pair by pair."""
    place = {one.item_id: place for place, one in enumerate(pool)}
    return [[place[low], place[high]] for low, high in sorted(enemies) if low in place and high in place]


def assemble(candidates: Sequence[Candidate], asked: Asked, *, seed: int) -> tuple[int, ...]:
    """Choose item versions for one paper: each cell exactly, no content twice, mean difficulty nearest the target.

    The same candidates, constraints and seed give the same paper. Returns version ids in the order of the cells.
    Raises UnsolvedError where no paper meets every constraint.
    """
    return _draw(usable(candidates, asked), asked, seed=seed, following=0, aim=None)


def assemble_next(
    candidates: Sequence[Candidate],
    asked: Asked,
    *,
    seed: int,
    taken: Sequence[Candidate],
    following: int,
    aim: float,
) -> tuple[int, ...]:
    """Choose the next of several papers without an item in common; `following` papers are still to come.

    `aim` is the information at the cut score that each paper should have. Raises UnsolvedError.
    """
    gone = {one.content for one in taken}
    left = [one for one in candidates if one.content not in gone]
    return _draw(usable(left, asked), asked, seed=seed, following=following, aim=aim)


def shared_aim(candidates: Sequence[Candidate], asked: Asked, papers: int) -> Aim:
    """Return what each of several papers should have: the average of as many papers together.

    Parts of items are allowed in the average; raises UnsolvedError where even so the bank cannot meet what is asked.
    """
    pool = usable(candidates, asked)
    if not pool:
        raise UnsolvedError
    wanted = float(asked.target) * papers
    answer = solve(
        np.append(np.zeros(len(pool)), 1.0),
        [
            *(line_of(row, times=papers) for row in rows_of(pool, asked)),
            *(group_of(group) for group in once(pool)),
            *_distances(difficulties(pool, asked), len(pool), wanted, wanted),
        ],
        integers=0,
        upper=np.append(np.ones(len(pool)), np.inf),
    )
    seconds = np.array([float(one.seconds) for one in pool])
    return Aim(float(answer[:-1] @ _informations(pool)) / papers, float(answer[:-1] @ seconds) / papers)


def _informations(pool: Sequence[Candidate]) -> Floats:
    return np.array([one.information for one in pool])


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a programme: values at places, and its bounds."""

    places: Sequence[int] | Places
    values: Floats
    low: float
    high: float


def line_of(row: Row, *, times: int = 1, start: int = 0) -> Line:
    """Put a row on the variables from `start` on, for as many papers."""
    places = np.flatnonzero(row.values)
    return Line(places + start, row.values[places], row.low * times, row.high * times)


def group_of(places: Sequence[int], *, also: int = 0) -> Line:
    """At most one of a group; with `also` the shadow's places, which start there, count too."""
    shadow = [also + place for place in places] if also else []
    return Line([*places, *shadow], np.ones(len(places) + len(shadow)), -np.inf, 1.0)


def _distances(mean: Floats, last: int, low: float, high: float) -> list[Line]:
    """Bound the mean difficulty from both sides by the last variable."""
    places = [*range(len(mean)), last]
    return [
        Line(places, np.append(mean, -1.0), -np.inf, high),
        Line(places, np.append(mean, 1.0), low, np.inf),
    ]


def _draw(pool: Sequence[Candidate], asked: Asked, *, seed: int, following: int, aim: float | None) -> tuple[int, ...]:
    if not pool:
        raise UnsolvedError
    size = len(pool)
    width = size * (2 if following else 1) + 1
    cost = np.zeros(width)
    cost[:size] = np.random.default_rng(seed).random(size) / asked.total
    cost[-1] = DISTANCE_WEIGHT
    upper = np.append(np.ones(width - 1), np.inf)
    lines = _lines(pool, asked, following=following, aim=aim)
    lines += _distances(
        difficulties(pool, asked), width - 1, float(asked.target) - TOLERANCE, float(asked.target) + TOLERANCE
    )
    answer = solve(cost, lines, integers=size, upper=upper, gap=GAP if aim is None else PARALLEL_GAP)
    chosen = [one for one, part in zip(pool, answer, strict=False) if part > 1 / 2]
    rank = {cell: place for place, cell in enumerate(asked.cells)}
    return tuple(one.version_id for one in sorted(chosen, key=lambda one: (rank[one.cell], one.version_id)))


def _lines(pool: Sequence[Candidate], asked: Asked, *, following: int, aim: float | None) -> list[Line]:
    """Build the constraints of a paper and of the shadow of those that follow."""
    size, shadow = len(pool), len(pool) if following else 0
    rows = rows_of(pool, asked)
    if aim is not None:
        away = float(asked.information)
        rows.append(Row(Limit("information"), _informations(pool), aim * (1 - away), aim * (1 + away)))
    lines = [line_of(row) for row in rows]
    lines += [group_of(pair) for pair in hostile(pool, asked.enemies)]
    lines += [group_of(group, also=shadow) for group in once(pool)]
    if following:
        lines += [line_of(row, times=following, start=size) for row in rows]
        lines += [group_of([place], also=shadow) for place in range(size)]
    return lines


def solve(cost: Floats, lines: Sequence[Line], *, integers: int, upper: Floats, gap: float = GAP) -> Floats:
    """Solve a programme whose first `integers` variables are whole; raises UnsolvedError."""
    whole = np.zeros(len(cost), dtype=np.int64)
    whole[:integers] = 1
    starts = np.cumsum([0, *(len(line.places) for line in lines)])
    matrix = scipy.sparse.csr_array(
        (
            np.concatenate([line.values for line in lines]),
            np.concatenate([np.asarray(line.places, dtype=np.int64) for line in lines]),
            starts,
        ),
        shape=(len(lines), len(cost)),
    )
    answer = scipy.optimize.milp(
        cost,
        integrality=whole,
        bounds=scipy.optimize.Bounds(0, upper),
        constraints=scipy.optimize.LinearConstraint(
            matrix, np.array([line.low for line in lines]), np.array([line.high for line in lines])
        ),
        options={"mip_rel_gap": gap, "node_limit": NODES},
    )
    if answer.x is None:
        raise UnsolvedError
    return np.asarray(answer.x, dtype=np.float64)

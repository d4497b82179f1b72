"""What a blueprint asks beyond its grid: points, item types, expected time, tolerances, exposure."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.items.states import CognitiveLevel, ItemType

SECONDS = {
    "true_false": 40,
    "single": 60,
    "multiple": 90,
    "ordering": 90,
    "blank": 90,
    "matching": 120,
    "numeric": 120,
    "short_answer": 300,
    "case": 600,
    "essay": 1200,
}
"""Expected seconds of an item by type where a blueprint says nothing else: a sample of ours, no rule of law."""
Points = Annotated[Decimal, Field(gt=0, le=100, decimal_places=2)]
Number = Annotated[int, Field(ge=0, le=1000)]
Seconds = Annotated[int, Field(gt=0, le=7200)]
Cell = tuple[str, str]


class Strict(BaseModel):
    """A part of a blueprint: nothing it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PointsRule(Strict):
    """Points that differ from those of every item: by cell of the grid, or by item type."""

    cells: dict[str, dict[CognitiveLevel, Points]] = Field(default_factory=dict)
    types: dict[ItemType, Points] = Field(default_factory=dict)


class Tolerance(Strict):
    """How far a paper may lie from what is asked.

    `difficulty` is a distance of the mean; None lets the paper come as near as it can. `seconds` is a distance of
    the expected time; `information` a share of the information that parallel papers have at the cut score.
    """

    difficulty: Annotated[Decimal, Field(gt=0, le=1)] | None = None
    seconds: Annotated[int, Field(ge=0, le=36000)] = 120
    information: Annotated[Decimal, Field(gt=0, le=1)] = Decimal("0.015")


class Exposure(Strict):
    """An item used `most` times in the last `sessions` sessions is held back."""

    most: Annotated[int, Field(ge=1, le=100)]
    sessions: Annotated[int, Field(ge=1, le=100)]


class Options(Strict):
    """What a blueprint asks beyond its grid; a blueprint that says nothing asks nothing of it.

    `types` maps item types to how many of them a paper has; `seconds` to the expected seconds of an item;
    `expected_seconds` is the expected time of the whole paper. `enemies` are pairs of item codes that may not stand
    together on it, beyond those declared for the bank.
    """

    points: PointsRule = PointsRule()
    types: dict[ItemType, Number] = Field(default_factory=dict)
    seconds: dict[ItemType, Seconds] = Field(default_factory=dict)
    expected_seconds: Annotated[int, Field(gt=0, le=36000)] | None = None
    tolerance: Tolerance = Tolerance()
    exposure: Exposure | None = None
    enemies: tuple[tuple[str, str], ...] = ()

    def seconds_of(self, item_type: str) -> int:
        """Return the expected seconds of an item of a type."""
        return self.seconds.get(ItemType(item_type), SECONDS[item_type])

    def points_of(self, cell: Cell, item_type: str, default: Decimal) -> Decimal:
        """Return the points of an item: its type's where given, else its cell's, else the blueprint's."""
        module, level = cell
        by_cell = {str(one): points for one, points in self.points.cells.get(module, {}).items()}.get(level, default)
        by_type = {str(one): points for one, points in self.points.types.items()}
        return by_type.get(item_type, by_cell)

    def best(self, cells: dict[Cell, int], default: Decimal) -> Decimal | None:
        """Return the points of a whole paper; None where types have points of their own but not all are counted."""
        if not self.points.types:
            return sum((self.points_of(cell, "", default) * count for cell, count in cells.items()), Decimal(0))
        if self.points.cells or sum(self.types.values()) != sum(cells.values()):
            return None
        points = (self.points.types.get(kind, default) * count for kind, count in self.types.items())
        return sum(points, Decimal(0))

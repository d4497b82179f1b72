"""What an examiner asks of a paper, from the page, from a file, or as a blueprint keeps it."""

from dataclasses import dataclass
from decimal import Decimal

from app.assessment.exams.models import Blueprint
from app.assessment.exams.rules.assembly import Cell
from app.assessment.exams.rules.blueprint import Options
from app.assessment.exams.rules.blueprint_file import BlueprintFile
from app.items.states import CognitiveLevel

NOTHING = Options()
"""What a blueprint of the grid alone asks beyond it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an examiner asks of a paper; `cells` maps module and cognitive level to the number of items."""

    name_zh: str
    name_en: str
    level: str
    cells: dict[Cell, int]
    points_per_item: Decimal
    minutes: int
    difficulty_target: Decimal
    cut_score: Decimal
    options: Options = NOTHING

    @property
    def items(self) -> int:
        """Return how many items the paper will have."""
        return sum(self.cells.values())

    @property
    def best(self) -> Decimal:
        """Return the points of the whole paper; nothing where the item types leave them open."""
        return self.options.best(self.cells, self.points_per_item) or Decimal(0)


def draft_of(found: Blueprint) -> Draft:
    """Return what a stored blueprint asks."""
    return Draft(
        name_zh=found.name_zh,
        name_en=found.name_en,
        level=found.level,
        cells=cells_of(found),
        points_per_item=found.points_per_item,
        minutes=found.minutes,
        difficulty_target=found.difficulty_target,
        cut_score=found.cut_score,
        options=Options.model_validate(found.options or {}),
    )


def cells_of(found: Blueprint) -> dict[Cell, int]:
    """Return the cells of a blueprint in the order of its grid."""
    return {(module, level): count for module, row in found.cells.items() for level, count in row.items()}


def draft_from(file: BlueprintFile) -> Draft:
    """Return what a blueprint file asks."""
    return Draft(
        name_zh=file.name_zh,
        name_en=file.name_en,
        level=file.level,
        cells={(module, level): count for module, row in file.cells.items() for level, count in row.items()},
        points_per_item=file.points_per_item,
        minutes=file.minutes,
        difficulty_target=file.difficulty_target,
        cut_score=file.cut_score,
        options=Options(
            points=file.points,
            types=file.types,
            seconds=file.seconds,
            expected_seconds=file.expected_seconds,
            tolerance=file.tolerance,
            exposure=file.exposure,
            enemies=file.enemies,
        ),
    )


def file_of(draft: Draft, bank: str) -> BlueprintFile:
    """Return the file that asks what a draft asks, of the bank with a code."""
    cells: dict[str, dict[CognitiveLevel, int]] = {}
    for (module, level), count in draft.cells.items():
        cells.setdefault(module, {})[CognitiveLevel(level)] = count
    options = draft.options
    return BlueprintFile(
        bank=bank,
        name_zh=draft.name_zh,
        name_en=draft.name_en,
        level=draft.level,
        cells=cells,
        points_per_item=draft.points_per_item,
        minutes=draft.minutes,
        difficulty_target=draft.difficulty_target,
        cut_score=draft.cut_score,
        points=options.points,
        types=options.types,
        seconds=options.seconds,
        expected_seconds=options.expected_seconds,
        tolerance=options.tolerance,
        exposure=options.exposure,
        enemies=options.enemies,
    )

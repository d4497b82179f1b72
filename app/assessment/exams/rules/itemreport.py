"""What the figures say of each item: its options with empirical curves, and what a reviewer should look at."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from typing import Any

from app.assessment.exams.rules.psychometrics.analysis import number
from app.assessment.exams.rules.psychometrics.classical import Classical, Option, distractors, rest_totals
from app.assessment.exams.rules.psychometrics.dif import Dif, mantel_haenszel
from app.assessment.exams.rules.psychometrics.responses import Matrix, Responses
from app.assessment.exams.rules.statistics_rule import StatisticsRule
from app.assessment.exams.statistics_states import DifClass
from app.core.arrays import np
from app.core.errors import Text
from app.core.text import _l

FIFTHS = 5
FLAG_LABELS: dict[str, Text] = {
    "hard": _l("Answered rightly by very few"),
    "easy": _l("Answered rightly by nearly all"),
    "negative": _l("Weak candidates do better on it than strong ones"),
    "weak": _l("Hardly tells strong candidates from weak ones"),
    "unused_option": _l("A wrong option is hardly chosen"),
    "dif": _l("Favours a group strongly at equal score"),
}


@dataclass(frozen=True, slots=True)
class Keyed:
    """An item's options in their order and its key."""

    options: tuple[str, ...]
    key: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """What is told of one item beside its figures: its options and the codes of what a reviewer should look at."""

    options: list[dict[str, Any]]
    flags: list[str]


@dataclass(frozen=True, slots=True)
class Compared:
    """One group against the largest one, item by item."""

    grouping: str
    focal: str
    reference: str
    focal_persons: int
    reference_persons: int
    items: tuple[Dif, ...]


def options(data: Responses, item: int, chosen: Sequence[str], keyed: Keyed) -> list[dict[str, Any]]:
    """Return the option table of an item as it is stored; `chosen` has each person's keys joined, empty where none."""
    if not keyed.options:
        return []
    table = np.array([[float(key in one) for key in keyed.options] for one in chosen])
    rest = rest_totals(data, item)
    found = distractors(table, {key: key in keyed.key for key in keyed.options}, rest)
    fifths = _fifths(rest)
    return [_option(one, table[:, place], fifths) for place, one in enumerate(found)]


def _option(one: Option, chosen: Matrix, fifths: Matrix) -> dict[str, Any]:
    curve = [_mean(chosen[fifths == fifth]) for fifth in range(FIFTHS)]
    told = asdict(one)
    return told | {name: number(told[name]) for name in ("share", "mean", "rest")} | {"curve": curve}


def _mean(values: Matrix) -> float | None:
    return number(float(values.mean())) if len(values) else None


def _fifths(totals: Matrix) -> Matrix:
    """Return in which fifth by total each person is, weakest 0; persons of one total stay together."""
    known = np.nan_to_num(totals)
    edges = np.quantile(known, np.arange(1, FIFTHS) / FIFTHS)
    return np.searchsorted(edges, known, side="left").astype(float)


def flags(
    said: Classical, item: int, table: Sequence[Mapping[str, Any]], rule: StatisticsRule, *, dif: bool
) -> list[str]:
    """Return the codes of what a reviewer should look at."""
    facility, rest = said.facility[item], said.point_biserial_rest[item]
    unused = any(not one["right"] and one["share"] < float(rule.option_least) for one in table)
    tests = {
        "hard": facility < float(rule.facility_low),
        "easy": facility > float(rule.facility_high),
        "negative": not isnan(rest) and rest < 0,
        "weak": not isnan(rest) and 0 <= rest < float(rule.rest_low),
        "unused_option": unused,
        "dif": dif,
    }
    return [code for code, holds in tests.items() if holds]


def compared(data: Responses, grouping: str, labels: Sequence[str | None], least: int) -> list[Compared]:
    """Compare every group of at least `least` persons with the largest one; persons of no known group stay out."""
    known = np.array([label or "" for label in labels])
    names, counts = np.unique(known[known != ""], return_counts=True)
    large = sorted((-int(count), str(name)) for name, count in zip(names, counts, strict=True) if count >= least)
    if not large:
        return []
    (most, reference), *others = large
    return [
        Compared(
            grouping,
            focal,
            reference,
            -count,
            -most,
            tuple(mantel_haenszel(data, known == focal, known == reference)),
        )
        for count, focal in others
    ]


def strongly_favoured(found: Sequence[Compared]) -> set[int]:
    """Return the items of class C in any comparison."""
    return {one.item for group in found for one in group.items if one.dif_class is DifClass.C}

"""Charts of statistics: score distribution, characteristic and information curves, empirical option curves."""

from collections.abc import Sequence
from typing import Any

from app.assessment.exams.models import ItemCalibration, ItemStatistic, StatisticsRun
from app.assessment.exams.queries.statistics import ItemRow
from app.assessment.exams.rules.psychometrics.curves import ABILITIES, Curves
from app.assessment.exams.rules.psychometrics.curves import curves as curves_of
from app.assessment.exams.rules.psychometrics.logistic import from_difficulty
from app.core.arrays import np
from app.core.text import _

PLACES = 3


def _axis() -> list[str]:
    return [f"{theta:g}" for theta in ABILITIES]


def _curves(found: Sequence[ItemCalibration]) -> Curves:
    a, b, c = (np.array([getattr(one, name) for one in found]) for name in ("a", "b", "c"))
    return curves_of(from_difficulty(a, b, c))


def _rounded(values: Any) -> list[float]:  # noqa: ANN401 - an array of any shape
    return [round(float(value), PLACES) for value in values]


def scores(run: StatisticsRun) -> dict[str, Any]:
    """Return the chart of how scores spread."""
    bins = run.summary["bins"]
    return {
        "title": _("Candidates by score"),
        "type": "bar",
        "categories": [f"{low:g}–{high:g}" for low, high, _count in bins],
        "series": [{"name": _("Candidates"), "data": [count for _low, _high, count in bins]}],
        "unit": _("persons"),
    }


def test_information(rows: Sequence[ItemRow]) -> list[dict[str, Any]]:
    """Return the charts of what the paper tells and expects at each ability; none without a model."""
    found = [row.calibration for row in rows if row.calibration is not None]
    if not found:
        return []
    paper = _curves(found)
    return [
        _line(
            _("Information of the paper by ability"),
            [(_("Information"), paper.told), (_("Standard error"), paper.error)],
        ),
        _line(_("Expected share of right items by ability"), [(_("Expected share"), paper.expected)]),
    ]


def item(found: ItemCalibration) -> list[dict[str, Any]]:
    """Return the characteristic and the information curve of an item."""
    told = _curves([found])
    return [
        _line(_("Characteristic curve"), [(_("Probability of a right answer"), told.characteristic[0])]),
        _line(_("Information curve"), [(_("Information"), told.information[0])]),
    ]


def options(found: ItemStatistic) -> dict[str, Any] | None:
    """Return the shares that chose each option in each fifth of the candidates; nothing for an item without options."""
    if not found.options:
        return None
    return {
        "title": _("Options by strength of the candidates"),
        "type": "line",
        "categories": [
            _("Weakest fifth"),
            _("Second fifth"),
            _("Middle fifth"),
            _("Fourth fifth"),
            _("Strongest fifth"),
        ],
        "series": [
            {"name": one["key"], "data": [None if share is None else round(share, PLACES) for share in one["curve"]]}
            for one in found.options
        ],
        "unit": _("share that chose it"),
        "min": 0,
        "max": 1,
    }


def _line(title: str, series: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "line",
        "categories": _axis(),
        "series": [{"name": name, "data": _rounded(values)} for name, values in series],
        "unit": _("by ability, standard normal"),
    }

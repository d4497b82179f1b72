"""A whole analysis in the shape that scripts rely on: items, persons, curves and groups beside the figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.assessment.exams.rules.itemreport import Compared, Judged
from app.assessment.exams.rules.psychometrics.analysis import Analysis, Calibrated, document, number
from app.assessment.exams.rules.psychometrics.curves import ABILITIES, curves
from app.assessment.exams.rules.psychometrics.responses import Matrix
from app.core.arrays import np

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Beside:
    """What an analysis does not know itself: the name of each person, and what was found of items and groups.

    `rule_pack` is the rule that flags stand on, empty where none was given and nothing is flagged.
    """

    persons: Sequence[str]
    judged: Sequence[Judged]
    groups: Sequence[Compared]
    rule_pack: str = ""


def whole(found: Analysis, beside: Beside) -> Told:
    """Return everything that the pages of a session show of an analysis."""
    told = document(found)
    fitted = found.calibrated
    for item, judged in enumerate(beside.judged):
        told["items"][item] |= {"options": judged.options} if judged.options else {}
        told["items"][item] |= {"flags": judged.flags} if beside.rule_pack else {}
    if fitted is not None:
        told["curves"] = _curves(fitted, told["items"])
    told["persons"] = list(_persons(found, beside.persons))
    told["groups"] = [_group(one, found.data.items) for one in beside.groups]
    return told | ({"rule_pack": beside.rule_pack} if beside.rule_pack else {})


def _curves(fitted: Calibrated, items: list[Told]) -> Told:
    """Return the curves of the paper, and put into each item that has parameters its own."""
    held = ~np.isnan(fitted.fit.items.b)
    found = curves(fitted.fit.items.only(held))
    for place, item in enumerate(np.flatnonzero(held)):
        own = (found.characteristic[place], found.information[place])
        items[item] |= {"characteristic": _rounded(own[0]), "information": _rounded(own[1])}
    return {
        "theta": list(ABILITIES),
        "expected": _rounded(found.expected),
        "information": _rounded(found.told),
        "standard_error": _rounded(found.error),
    }


def _rounded(values: Matrix) -> list[float | None]:
    return [number(float(value)) for value in values]


def _persons(found: Analysis, names: Sequence[str]) -> Iterator[Told]:
    columns: dict[str, Matrix] = {"total": np.nan_to_num(found.data.scores) @ found.data.points}
    if found.calibrated is not None:
        able, fits = found.calibrated.abilities, found.calibrated.fitness
        columns |= {"ability": able.eap, "ability_se": able.eap_se, "ability_ml": able.ml}
        columns |= {"lz": fits.lz, "outfit": fits.person_outfit, "infit": fits.person_infit}
    for place, name in enumerate(names):
        yield {"person": name} | {column: number(float(values[place])) for column, values in columns.items()}


def _group(one: Compared, items: Sequence[str]) -> Told:
    return {
        "grouping": str(one.grouping),
        "focal": one.focal,
        "reference": one.reference,
        "focal_persons": one.focal_persons,
        "reference_persons": one.reference_persons,
        "items": [
            {
                "item": items[dif.item],
                "delta": number(dif.delta),
                "error": number(dif.error),
                "chi_square": number(dif.chi_square),
                "p": number(dif.p),
                "class": dif.dif_class.value,
            }
            for dif in one.items
        ],
    }

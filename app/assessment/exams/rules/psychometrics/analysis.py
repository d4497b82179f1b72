"""A whole analysis of one matrix: classical statistics, the model asked for, abilities and fit, and how it is told."""

from dataclasses import dataclass
from math import isnan
from typing import Any

from app.assessment.exams.rules.psychometrics.ability import Abilities, abilities
from app.assessment.exams.rules.psychometrics.classical import Classical, classical
from app.assessment.exams.rules.psychometrics.estimation import Fit, fit
from app.assessment.exams.rules.psychometrics.fitness import Fitness, fitness
from app.assessment.exams.rules.psychometrics.marginal import PRIOR
from app.assessment.exams.rules.psychometrics.responses import Matrix, Responses
from app.assessment.exams.statistics_states import Model
from app.core.arrays import np
from app.core.errors import Text
from app.core.text import _l

PLACES = 6


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A fitted model with the persons' abilities and the fit of both."""

    fit: Fit
    abilities: Abilities
    fitness: Fitness


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a matrix of answers comes to; without a model for classical statistics alone."""

    data: Responses
    classical: Classical
    calibrated: Calibrated | None

    @property
    def model(self) -> Model:
        """Return the model that was asked for."""
        return Model.CTT if self.calibrated is None else self.calibrated.fit.model


def analyse(data: Responses, model: Model) -> Analysis:
    """Analyse a matrix; raises InvalidError where the model cannot be fitted."""
    if model is Model.CTT:
        return Analysis(data, classical(data), None)
    found = fit(data, model)
    persons = abilities(data.right, found.items)
    return Analysis(data, classical(data), Calibrated(found, persons, fitness(data.right, found.items, persons)))


def number(value: float) -> float | None:
    """Return a figure as JSON tells it: six places, None where it is undefined."""
    return None if isnan(value) else round(float(value), PLACES)


def document(found: Analysis) -> dict[str, Any]:
    """Return the analysis in the shape that scripts rely on."""
    said = found.classical
    told: dict[str, Any] = {
        "model": found.model.value,
        "n": found.data.persons,
        "log_likelihood": None if found.calibrated is None else number(found.calibrated.fit.log_likelihood),
        "items": [_item(found, place) for place in range(len(found.data.items))],
        "alpha": number(said.alpha),
        "mean": number(said.mean),
        "sd": number(said.sd),
        "sem": number(said.sem),
        "notes": [str(note) for note in notes(found)],
    }
    if found.model is Model.THREE:
        told["prior"] = {"c": {"distribution": "beta", "alpha": PRIOR[0], "beta": PRIOR[1]}}
    return told


def _item(found: Analysis, place: int) -> dict[str, Any]:
    said = found.classical
    told: dict[str, Any] = {"item": found.data.items[place], "points": float(found.data.points[place])}
    if found.calibrated is not None:
        fitted, fits = found.calibrated.fit, found.calibrated.fitness
        values: dict[str, Matrix] = {
            "a": fitted.items.a,
            "b": fitted.items.b,
            "c": fitted.items.c,
            "se_a": fitted.se_a,
            "se_b": fitted.se_b,
            "se_c": fitted.se_c,
            "outfit": fits.item_outfit,
            "infit": fits.item_infit,
        }
        told |= {name: number(value[place]) for name, value in values.items()}
    values = {
        "facility": said.facility,
        "discrimination": said.discrimination,
        "point_biserial": said.point_biserial,
        "point_biserial_rest": said.point_biserial_rest,
        "alpha_if_deleted": said.alpha_if_deleted,
    }
    return told | {name: number(value[place]) for name, value in values.items()}


def notes(found: Analysis) -> list[Text]:
    """Say what a reader must know of an analysis: what was left out, what is unbounded, what stands on less."""
    said = [*_of_items(found), *_of_persons(found)]
    if found.classical.complete < found.data.persons:
        said.append(
            _l(
                "Alpha and the standard error stand on the %(complete)d persons who answered every item.",
                complete=found.classical.complete,
            )
        )
    return said


def _of_items(found: Analysis) -> list[Text]:
    items = found.data.items
    said: list[Text] = [
        _l(
            "“%(item)s” gives partial credit: models and the comparison of groups leave it out; its classical figures "
            "stand.",
            item=items[place],
        )
        for place in sorted(found.data.graded)
    ]
    if found.calibrated is None:
        return said
    left_out = set(map(int, np.flatnonzero(found.calibrated.fit.left_out))) - found.data.graded
    said += [_without_parameters(items[place], found.classical.facility[place]) for place in sorted(left_out)]
    if not found.calibrated.fit.converged:
        said.append(_l("The estimation did not settle: a slope or a difficulty ran to its bound."))
    return said


def _without_parameters(item: str, facility: float) -> Text:
    if isnan(facility):
        return _l("Nobody answered “%(item)s”: it has no parameters.", item=item)
    if facility >= 1:
        return _l("Everybody answered “%(item)s” right: it has no parameters.", item=item)
    return _l("Nobody answered “%(item)s” wholly right: it has no parameters.", item=item)


def _of_persons(found: Analysis) -> list[Text]:
    said: list[Text] = []
    if found.calibrated is None:
        return said
    modelled = np.delete(found.data.scores, sorted(found.data.graded), axis=1)
    if ((modelled > 0) & (modelled < 1)).any():
        said.append(_l("Models count an item right only where it earned its full points."))
    unbounded = int(np.isnan(found.calibrated.abilities.ml).sum())
    if unbounded:
        said.append(
            _l(
                "%(count)d persons answered everything right or everything wrong: their maximum likelihood ability "
                "has no bound, so the expected a posteriori ability stands for it.",
                count=unbounded,
            )
        )
    return said

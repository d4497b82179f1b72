"""The inner steps of the estimators: slopes that are slopes, steps that solve their equations, nothing that drifts."""

import numpy as np
import pytest
from scipy import optimize

from app.assessment.exams.rules.equating import shares
from app.assessment.exams.rules.information import Parameters, ability_at, chances
from app.assessment.exams.rules.psychometrics import nominal
from app.assessment.exams.rules.psychometrics.estimation import (
    _arrow,
    _expected_maximum,
    _polish,
    _start,
    bounds,
    objective,
)
from app.assessment.exams.rules.psychometrics.logistic import Items
from app.assessment.exams.rules.psychometrics.marginal import patterns
from app.assessment.exams.rules.psychometrics.precision import _drawn, _folded, _places
from app.assessment.exams.rules.psychometrics.responses import Matrix
from app.assessment.exams.statistics_states import Model

pytestmark = pytest.mark.one_database

CHANCE = np.random.default_rng(7)
LENGTH = {Model.RASCH: 4, Model.ONE: 5, Model.TWO: 8, Model.THREE: 12}


def answers(persons: int = 300, items: int = 4) -> Matrix:
    """Return answers of persons of normal ability to items of even spread."""
    chance = np.random.default_rng(11)
    able = chance.normal(size=(persons, 1))
    right = chance.random((persons, items)) < 1 / (1 + np.exp(-(1.2 * able - np.linspace(-1, 1, items))))
    return right.astype(float)


def test_the_curvature_of_the_nominal_model_is_the_slope_of_its_pull() -> None:
    design = np.column_stack([np.ones(6), CHANCE.normal(size=6)])
    weights = CHANCE.normal(size=(2, 2)) / 2

    def pull(flat: Matrix) -> Matrix:
        own = flat.reshape(2, 2)
        p = nominal._softmax(design, own)[:, 1:]
        return np.asarray(((0.5 - p).T @ design - np.array(nominal.RIDGE) * own).ravel(), dtype=float)

    told = nominal._curvature(nominal._softmax(design, weights)[:, 1:], design)

    assert told == pytest.approx(-optimize.approx_fprime(weights.ravel(), pull), abs=1e-5)


def test_options_are_as_likely_as_they_were_chosen() -> None:
    one_hot = np.eye(3)[[0, 1, 2, 0, 1, 0, 2, 2]]
    found = nominal.multinomial(one_hot, np.zeros(8))

    assert found.sum(axis=1) == pytest.approx(np.ones(8))
    assert found[0] == pytest.approx([3 / 8, 2 / 8, 3 / 8], abs=0.01)
    assert nominal.multinomial(np.ones((3, 1)), np.zeros(3)) == pytest.approx(np.ones((3, 1)))


def test_ranks_become_normal_scores() -> None:
    assert nominal.normal_scores(np.array([1.0, 2.0, 3.0])) == pytest.approx([-0.9674, 0, 0.9674], abs=1e-4)


@pytest.mark.parametrize("model", LENGTH)
def test_the_slope_of_the_likelihood_is_its_slope(model: Model) -> None:
    found = patterns(answers(40))
    vector = np.linspace(-0.4, 0.9, LENGTH[model])

    def height(one: Matrix) -> float:
        return objective(one, found, model)[0]

    assert objective(vector, found, model)[1] == pytest.approx(optimize.approx_fprime(vector, height), abs=1e-5)


@pytest.mark.parametrize("model", [Model.RASCH, Model.ONE, Model.TWO])
def test_expectation_and_maximisation_alone_come_close_to_the_highest_likelihood(model: Model) -> None:
    right = answers()
    found = patterns(right)
    start = _start(right.mean(axis=0), model)

    climbed = _expected_maximum(found, model, start)
    highest, settled = _polish(found, model, climbed)

    assert settled
    assert climbed == pytest.approx(highest, abs=0.02)


def test_a_common_slope_is_solved_for_with_all_difficulties() -> None:
    info = np.array([[[2.0, 0.3], [0.3, 1.5]], [[1.0, -0.2], [-0.2, 2.5]], [[3.0, 0.1], [0.1, 0.5]]])
    pull = np.array([[0.5, -0.2, 0.1], [0.3, 0.4, -0.6]])
    whole = np.diag([info[:, 0, 0].sum(), *info[:, 1, 1]])
    whole[0, 1:] = whole[1:, 0] = info[:, 0, 1]

    assert _arrow(info, pull) == pytest.approx(np.linalg.solve(whole, [pull[0].sum(), *pull[1]]))


@pytest.mark.parametrize(
    ("model", "limits"),
    [
        (Model.RASCH, [40] * 4),
        (Model.ONE, [10, *[40] * 4]),
        (Model.TWO, [*[10] * 4, *[40] * 4]),
        (Model.THREE, [*[10] * 4, *[40] * 4, *[8] * 4]),
    ],
)
def test_slopes_difficulties_and_guessing_have_bounds_of_their_own(model: Model, limits: list[int]) -> None:
    low, high = bounds(model, LENGTH[model])

    assert (list(low), list(high)) == ([-one for one in limits], limits)
    items = Items(np.ones(4), np.zeros(4), np.full(4, 0.2))
    drawn = _drawn(model, items)
    assert len(drawn) == LENGTH[model]
    assert drawn.sum() == pytest.approx(4 * 20 * 0.2 * 0.8 if model is Model.THREE else 0)


def test_where_the_parameters_of_each_model_stand() -> None:
    told = {
        model: [list(one) for one in _places(model, 2)] for model in (Model.RASCH, Model.ONE, Model.TWO, Model.THREE)
    }

    assert told == {
        Model.RASCH: [[0, 1], [0, 1]],
        Model.ONE: [[0, 0], [1, 2]],
        Model.TWO: [[0, 1], [2, 3]],
        Model.THREE: [[0, 1], [2, 3], [4, 5]],
    }
    full = np.arange(16.0).reshape(4, 4)
    assert _folded(Model.ONE, full).tolist() == [[10, 8, 10], [17, 10, 11], [25, 14, 15]]
    assert _folded(Model.TWO, full) is full


def test_scores_beyond_the_paper_count_at_its_ends() -> None:
    assert shares([-5, 1, 99, 2], step=1, best=2).values == (0.25, 0.25, 0.5)


def test_the_ability_at_a_share_expects_that_share_whatever_the_items_weigh() -> None:
    items = [Parameters(1.0, -1.0, 0.0, "x"), Parameters(1.5, 2.0, 0.0, "x")]
    found = ability_at(0.3, items, [1.0, 3.0])

    assert float(chances(found, items) @ np.array([1.0, 3.0])) / 4 == pytest.approx(0.3, abs=1e-9)
    assert ability_at(1.0, items, [1.0, 3.0]) == pytest.approx(4)

"""Statistics of items and persons: hand-computed tables, published values, an independent fit, known parameters."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from app.assessment.exams.rules.psychometrics.ability import abilities
from app.assessment.exams.rules.psychometrics.analysis import Analysis, analyse, document, notes
from app.assessment.exams.rules.psychometrics.classical import Classical, classical, distractors, rest_totals
from app.assessment.exams.rules.psychometrics.dif import classed, mantel_haenszel
from app.assessment.exams.rules.psychometrics.estimation import fit
from app.assessment.exams.rules.psychometrics.files import read_csv
from app.assessment.exams.rules.psychometrics.fitness import fitness
from app.assessment.exams.rules.psychometrics.logistic import Items, from_difficulty, information, probability
from app.assessment.exams.rules.psychometrics.marginal import prior
from app.assessment.exams.rules.psychometrics.responses import Matrix, Responses, responses
from app.assessment.exams.statistics_states import DifClass, Model
from app.core.errors import InvalidError
from app.settings import ROOT

LSAT = Path(ROOT) / "content" / "psychometrics" / "lsat6.csv"
DOCS = (Path(ROOT) / "docs" / "psychometrics.md").read_text("utf-8")
PUBLISHED_B = [-3.6153, -1.3224, -0.3176, -1.7301, -2.7802]


@pytest.fixture(scope="module", name="lsat")
def _lsat() -> Responses:
    return read_csv(LSAT.read_bytes()).data


def table(heading: str) -> list[list[str]]:
    """Return the rows of the documentation's table that begins with a heading cell."""
    rows = DOCS[DOCS.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]
    return [re.split(r"\s*\|\s*", row.strip("| ")) for row in rows]


def by_item(found: Classical) -> list[list[str]]:
    """Return the figures of each item as the documentation writes them."""
    columns = (
        found.facility,
        found.discrimination,
        found.point_biserial,
        found.point_biserial_rest,
        found.alpha_if_deleted,
    )
    return [[f"{value:.4f}" for value in row] for row in zip(*columns, strict=True)]


def worked() -> Responses:
    cells = np.array([[float(cell) for cell in row[1:]] for row in table("person")])
    return responses(["A", "B", "C", "D"], cells)


def simulated(items: Items, persons: int, seed: int, theta: Matrix | None = None) -> tuple[Matrix, Matrix]:
    """Return answers of persons whose abilities are standard normal unless given, and those abilities."""
    chance = np.random.default_rng(seed)
    able = chance.normal(size=persons) if theta is None else theta
    p = probability(items, able).T
    return (chance.random(p.shape) < p).astype(float), able


def test_classical_statistics_agree_with_the_table_worked_by_hand_in_the_docs() -> None:
    found = classical(worked())

    assert by_item(found) == [row[1:] for row in table("item")]
    assert (found.alpha, found.sem, found.mean) == pytest.approx((4 / 7, (2 / 3) ** 0.5, 2))


def test_points_weigh_totals_and_an_item_of_no_spread_has_no_correlation() -> None:
    data = responses(["A", "B"], np.array([[1.0, 1], [1, 0], [1, 1]]), np.array([2.0, 3]))

    found = classical(data)

    assert found.mean == pytest.approx(4)
    assert np.isnan(found.point_biserial[0])
    assert np.isnan(found.alpha_if_deleted).all()


def test_a_distractor_table_says_who_chose_what_and_how_strong_they_were() -> None:
    data = worked()
    chosen = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0], [1, 0, 0], *[[0, 1, 0]] * 3])

    right, wrong, unused = distractors(chosen.astype(float), {"A": True, "B": False, "C": False}, rest_totals(data, 1))

    assert (right.count, wrong.count, unused.count) == (6, 4, 0)
    assert right.mean == pytest.approx((3 + 2 + 2 + 2 + 1 + 0) / 6 / 3)
    assert right.rest == pytest.approx(classical(data).point_biserial_rest[1])
    assert wrong.rest == pytest.approx(-right.rest)
    assert np.isnan(unused.mean)
    assert np.isnan(unused.rest)


def test_1pl_on_the_lsat_data_equals_the_published_values_to_three_decimals(lsat: Responses) -> None:
    found = fit(lsat, Model.ONE)

    assert found.items.a == pytest.approx([0.7551] * 5, abs=5e-4)
    assert found.items.b == pytest.approx(PUBLISHED_B, abs=5e-4)
    assert found.log_likelihood == pytest.approx(-2466.938, abs=5e-4)
    assert found.se_a[0] == pytest.approx(0.0694, abs=5e-4)
    assert found.se_b[:4] == pytest.approx([0.3266, 0.1422, 0.0976, 0.1691], abs=5e-4)


def test_2pl_agrees_with_an_independent_fit_of_the_same_likelihood(lsat: Responses) -> None:
    nodes, weights = special.roots_hermitenorm(41)
    rows, counts = np.unique(lsat.right, axis=0, return_counts=True)

    def negative(vector: Matrix) -> float:
        a, b = vector[:5], vector[5:]
        p = special.expit(a[:, None] * (nodes - b[:, None]))
        joint = np.prod(np.where(rows[:, :, None] == 1, p, 1 - p), axis=1)
        return -float(counts @ np.log(joint @ (weights / weights.sum())))

    start = np.array([1.0] * 5 + [-2.0] * 5)
    independent = optimize.minimize(negative, start, method="BFGS", options={"gtol": 1e-6})
    found = fit(lsat, Model.TWO)

    assert found.items.a == pytest.approx(independent.x[:5], abs=1e-3)
    assert found.items.b == pytest.approx(independent.x[5:], abs=3e-3)
    assert found.log_likelihood == pytest.approx(-independent.fun, abs=1e-4)


def test_rasch_fixes_the_slope_and_keeps_unit_variance(lsat: Responses) -> None:
    found = fit(lsat, Model.RASCH)

    assert set(found.items.a) == {1.0}
    assert set(found.se_a) == {0.0}
    assert found.log_likelihood < fit(lsat, Model.ONE).log_likelihood


@pytest.mark.parametrize("model", [Model.TWO, Model.THREE])
def test_known_parameters_are_recovered_with_cells_missing(model: Model) -> None:
    chance = np.random.default_rng(5)
    c = np.full(20, 0.2 if model is Model.THREE else 0.0)
    known = from_difficulty(chance.uniform(0.8, 1.8, 20), np.linspace(-1.5, 1.5, 20), c)
    right, able = simulated(known, 1500, seed=6)
    right[chance.random(right.shape) < 0.1] = np.nan

    found = fit(responses([str(n) for n in range(20)], right), model)
    persons = abilities(right, found.items)

    assert found.converged
    assert np.abs((found.items.b - known.b) / found.se_b).mean() < 1.2
    assert np.abs((found.items.a - known.a) / found.se_a).mean() < 1.2
    assert np.corrcoef(persons.eap, able)[0, 1] > 0.85
    assert (np.abs(persons.eap - able) < 2 * persons.eap_se).mean() == pytest.approx(0.95, abs=0.03)


def test_a_slope_that_ran_to_its_bound_did_not_settle_however_little_it_would_still_gain() -> None:
    known = from_difficulty(np.ones(5), np.linspace(-1, 1, 5), np.zeros(5))
    right, _able = simulated(known, 1500, seed=1)
    best = np.flatnonzero(right.all(axis=1))[:1]
    only_one_of_the_best = np.isin(np.arange(len(right)), best).astype(float)

    settled = fit(responses(list("ABCDE"), right), Model.TWO)
    endless = fit(responses(list("ABCDEF"), np.column_stack([right, only_one_of_the_best])), Model.TWO)

    assert (settled.converged, endless.converged) == (True, False)


def test_a_file_of_thousands_has_errors_from_the_cross_product_that_differ_little(
    monkeypatch: pytest.MonkeyPatch, lsat: Responses
) -> None:
    models = (Model.RASCH, Model.ONE, Model.TWO, Model.THREE)
    exact = [fit(lsat, model) for model in models]
    monkeypatch.setattr("app.assessment.exams.rules.psychometrics.precision.MANY", 0)

    crossed = [fit(lsat, model) for model in models]

    for one, other in zip(exact, crossed, strict=True):
        assert other.se_b == pytest.approx(one.se_b, rel=0.25)
        assert other.se_c == pytest.approx(one.se_c, rel=0.25)
        assert not np.array_equal(other.se_b, one.se_b)


def test_items_and_persons_that_are_all_right_or_all_wrong_are_told_and_do_not_break_the_rest() -> None:
    right, _able = simulated(from_difficulty(np.ones(4), np.array([-1.0, 0, 0.5, 1]), np.zeros(4)), 300, seed=1)
    cells = np.column_stack([right, np.ones(300), np.zeros(300)])
    cells[0], cells[1] = 1, 0
    cells[:, 4], cells[:, 5] = 1, 0
    data = responses(["1", "2", "3", "4", "easy", "hard"], cells)

    found = analyse(data, Model.TWO)
    told = document(found)

    assert found.calibrated
    assert list(found.calibrated.fit.left_out) == [False] * 4 + [True] * 2
    assert [one["b"] is None for one in told["items"]] == [False] * 4 + [True] * 2
    assert len([note for note in notes(found) if "easy" in str(note) or "hard" in str(note)]) == 2
    assert all(str(note) for note in notes(found))


def test_a_model_that_has_too_few_items_is_refused_with_the_number_it_needs() -> None:
    data = responses(["1", "2", "3"], np.array([[1.0, 0, 1], [0, 1, 1], [1, 1, 1]]))

    with pytest.raises(InvalidError, match="3"):
        fit(data, Model.TWO)


def test_ability_of_an_extreme_person_is_finite_only_a_posteriori() -> None:
    items = from_difficulty(np.ones(3), np.array([-1.0, 0, 1]), np.zeros(3))

    found = abilities(np.array([[1.0, 1, 1], [0, 0, 0], [1, 1, 0], [1, np.nan, 0]]), items)

    assert np.isnan(found.ml[:2]).all()
    assert np.isfinite(found.eap).all()
    assert found.eap[0] > found.eap[2] > found.eap[1]
    p = probability(items, found.ml[2:3])[:, 0]
    assert p.sum() == pytest.approx(2, abs=1e-3)
    assert found.ml_se[2] == pytest.approx(1 / np.sqrt(information(items, found.ml[2:3]).sum()))
    assert found.ml[3] == pytest.approx(0, abs=1e-3)


def test_a_person_who_misses_the_easy_and_solves_the_hard_stands_out() -> None:
    known = from_difficulty(np.full(30, 1.2), np.linspace(-2, 2, 30), np.zeros(30))
    right, able = simulated(known, 500, seed=3)
    right[0] = (np.arange(30) >= 15).astype(float)

    persons = abilities(right, known)
    found = fitness(right, known, persons)

    assert found.lz[0] < -4
    assert found.person_outfit[0] > 1.5
    assert found.lz[1:].mean() == pytest.approx(0, abs=0.2)
    assert found.item_infit == pytest.approx(np.ones(30), abs=0.25)
    assert len(able) == len(found.person_infit)


def test_mantel_haenszel_agrees_with_the_table_worked_by_hand() -> None:
    counts = {(1, "ref"): (8, 12), (1, "focal"): (4, 16), (2, "ref"): (15, 5), (2, "focal"): (10, 10)}
    rows, groups = [], []
    for (score, group), (right, wrong) in counts.items():
        for outcome in [1.0] * right + [0.0] * wrong:
            rows.append([outcome, 1 - outcome, float(score - 1)])
            groups.append(group == "focal")
    focal = np.array(groups)

    found = mantel_haenszel(responses(["studied", "filler", "score"], np.array(rows)), focal, ~focal)[0]

    assert found.delta == pytest.approx(-2.4502, abs=1e-4)
    assert found.chi_square == pytest.approx(3.5105, abs=1e-4)
    assert found.p == pytest.approx(0.061, abs=1e-3)
    assert found.dif_class is DifClass.A


@pytest.mark.parametrize(
    ("delta", "error", "p", "expected"),
    [
        (0.99, 0.01, 0.0, DifClass.A),
        (3.0, 1.0, 0.05, DifClass.A),
        (1.2, 0.3, 0.01, DifClass.B),
        (-1.5, 0.1, 0.01, DifClass.C),
        (-2.0, 0.9, 0.01, DifClass.B),
        (1.5, 0.5 / 1.645, 0.01, DifClass.B),
    ],
)
def test_dif_classes_are_those_of_the_ets(delta: float, error: float, p: float, expected: DifClass) -> None:
    assert classed(delta, error, p) is expected


def test_an_item_harder_for_one_group_at_equal_ability_is_found_and_the_others_are_not() -> None:
    chance = np.random.default_rng(2)
    able = chance.normal(size=2000)
    focal = np.arange(2000) % 2 == 0
    p = special.expit(able[:, None] - np.linspace(-1, 1, 20) - np.outer(focal, [1.5] + [0] * 19))
    data = responses([str(n) for n in range(20)], (chance.random(p.shape) < p).astype(float))

    found = mantel_haenszel(data, focal, ~focal)

    assert found[0].dif_class is DifClass.C
    assert found[0].delta < -1.5
    assert {one.dif_class for one in found[1:]} <= {DifClass.A, DifClass.B}


def test_at_a_single_score_the_error_of_delta_is_that_of_one_table_of_odds() -> None:
    """There the variance of Robins, Breslow and Greenland is the sum of the reciprocals of the four cells (Woolf)."""
    cells = {(False, 1.0): 12, (False, 0.0): 8, (True, 1.0): 5, (True, 0.0): 15}
    focal = np.repeat([group for group, _right in cells], list(cells.values()))
    right = np.repeat([right for _group, right in cells], list(cells.values()))
    data = responses(["0", "1"], np.column_stack([right, 1 - right]))

    found = mantel_haenszel(data, focal, ~focal)[0]

    assert found.error == pytest.approx(2.35 * np.sqrt(sum(1 / count for count in cells.values())))
    assert found.delta == pytest.approx(-2.35 * np.log(12 * 15 / (8 * 5)))


def test_an_item_that_a_whole_group_misses_is_told_and_not_left_out() -> None:
    """Of 20 each, 12 of the one group and none of the other have it right at the same score: half a person a cell."""
    right = np.array([1.0] * 12 + [0.0] * 28)
    focal = np.arange(40) >= 20
    data = responses(["0", "1"], np.column_stack([right, 1 - right]))

    found = mantel_haenszel(data, focal, ~focal)

    assert [one.item for one in found] == [0, 1]
    assert found[0].delta == pytest.approx(-2.35 * np.log(12.5 * 20.5 / (8.5 * 0.5)))
    assert found[0].error == pytest.approx(2.35 * np.sqrt(1 / 12.5 + 1 / 8.5 + 1 / 0.5 + 1 / 20.5))
    assert found[0].dif_class is DifClass.C
    assert found[1].delta == pytest.approx(-found[0].delta)


def test_groups_that_never_meet_at_a_score_cannot_be_compared() -> None:
    data = responses(["1", "2"], np.array([[1.0, 1], [1, 1], [0, 0], [0, 0]]))
    focal = np.array([True, True, False, False])

    assert mantel_haenszel(data, focal, ~focal) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A,B\n1,0\n1,2\n", "2"),
        ("A,B\n1,0\n1\n", "3"),
        ("A,A\n1,0\n", "A"),
        ("A,\n1,0\n", "2"),
        ("A,B\n", "A"),
        ("", ""),
        ("A\n1\n0\n", ""),
        ("A,B\n,\n1,0\n", ""),
    ],
)
def test_a_file_that_is_no_matrix_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_csv(text.encode())

    assert str(refused.value)
    assert said in str(refused.value) or text.count("\n") < 2


def test_a_cell_that_is_wrong_is_named_by_row_and_column() -> None:
    with pytest.raises(InvalidError, match=r"4.*Frage zwei.*x"):
        read_csv(b"\xef\xbb\xbfone,Frage zwei\r\n1,0\r\n,1\r\n0,x\r\n")


def test_headers_stay_as_they_stand_and_gbk_is_read() -> None:
    data = read_csv("第 1 题 ,题2\n1,\n0,1\n".encode("gb18030")).data

    assert data.items == ("第 1 题 ", "题2")
    assert np.isnan(data.scores[0, 1])
    with pytest.raises(InvalidError):
        read_csv(b"\xff\xff,\xff")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.integers(2, 6))
def test_alpha_never_exceeds_one_and_facilities_stay_shares(seed: int, persons: int, items: int) -> None:
    cells = np.random.default_rng(seed).integers(0, 2, (persons, items)).astype(float)

    found = classical(responses([str(n) for n in range(items)], cells))

    assert ((found.facility >= 0) & (found.facility <= 1)).all()
    assert np.isnan(found.alpha) or found.alpha <= 1 + 1e-9
    assert (np.abs(np.nan_to_num(found.discrimination)) <= 1 + 1e-9).all()


def test_the_document_has_the_shape_that_scripts_rely_on(lsat: Responses) -> None:
    plain, model = document(analyse(lsat, Model.CTT)), document(analyse(lsat, Model.THREE))

    assert plain["log_likelihood"] is None
    assert not {"a", "b", "c"} & set(plain["items"][0])
    assert plain["items"][0] | {"item": "Item 1", "facility": 0.924} == plain["items"][0]
    assert plain["items"][0]["point_biserial"] == pytest.approx(0.3620, abs=5e-5)
    assert plain["items"][0]["point_biserial_rest"] == pytest.approx(0.1128, abs=5e-5)
    assert plain["alpha"] == pytest.approx(0.295, abs=5e-4)
    assert (plain["n"], model["n"], model["model"]) == (1000, 1000, "3pl")
    assert model["prior"] == {"c": {"distribution": "beta", "alpha": 5.0, "beta": 17.0}}
    assert all(0 < one["c"] < 1 for one in model["items"])


def test_partial_credit_counts_as_right_only_when_full_and_that_is_told() -> None:
    right, _able = simulated(from_difficulty(np.ones(4), np.linspace(-1, 1, 4), np.zeros(4)), 100, seed=1)
    right[0, 0] = 0.5
    right[1, 1] = np.nan

    found: Analysis = analyse(responses(list("ABCD"), right), Model.RASCH)

    assert found.data.right[0, 0] == 0
    assert len(notes(found)) >= 3


def test_the_prior_of_the_lower_asymptote_is_beta_of_5_and_17() -> None:
    c = np.array([0.1, 0.2, 0.35])
    told, slope = prior(Model.THREE, Items(np.ones(3), np.zeros(3), c))

    constant = 3 * np.log(special.beta(5, 17))
    assert told - constant == pytest.approx(stats.beta(5, 17).logpdf(c).sum())
    step = 1e-6
    for place in range(3):
        moved = [special.expit(special.logit(c) + step * sign * (np.arange(3) == place)) for sign in (1, -1)]
        up, down = (prior(Model.THREE, Items(np.ones(3), np.zeros(3), one))[0] for one in moved)
        assert slope[place] == pytest.approx((up - down) / (2 * step), rel=1e-4)

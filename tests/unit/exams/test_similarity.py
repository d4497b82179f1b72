"""Answer similarity: planted copiers are found, honest candidates stay within the nominal rate."""

import numpy as np
import pytest
from scipy import special, stats

from app.assessment.exams.rules.free import folded
from app.assessment.exams.rules.psychometrics.nominal import Choices, coded, multinomial, normal_scores
from app.assessment.exams.rules.psychometrics.similarity import (
    Index,
    Pairs,
    adjusted,
    compare,
    equal_free,
    k2,
    notable,
    tail,
)
from app.assessment.exams.statistics_states import Control
from app.items.rules.responses import Blanks, Choice, NumberGiven, Response, Written

ITEMS, PERSONS = 50, 160


def answers(seed: int, *, copiers: int = 0, share: float = 0.85) -> Choices:
    """Simulate answers of the nominal model; person 2k + 1 copies a share of those of person 2k."""
    chance = np.random.default_rng(seed)
    slope = np.column_stack([np.ones(ITEMS), chance.normal(0, 0.3, (ITEMS, 3))])
    easy = np.column_stack([np.full(ITEMS, 0.6), chance.normal(0, 0.7, (ITEMS, 3))])
    p = special.softmax(easy + slope * chance.normal(size=(PERSONS, 1, 1)), axis=2)
    chosen = (p.cumsum(axis=2) < chance.random((PERSONS, ITEMS, 1))).sum(axis=2)
    for pair in range(copiers):
        copied = chance.random(ITEMS) < share
        chosen[2 * pair + 1, copied] = chosen[2 * pair, copied]
    texts = np.array(list("ABCD"))[chosen]
    return coded(texts.tolist(), ["A"] * ITEMS, (chosen == 0).sum(axis=1).astype(float))


@pytest.fixture(scope="module", name="honest")
def _honest() -> list[Pairs]:
    return [compare(answers(seed)) for seed in range(6)]


@pytest.mark.parametrize("index", list(Index))
@pytest.mark.parametrize("level", [0.05, 0.01, 0.001])
def test_honest_pairs_stay_within_the_nominal_rate(honest: list[Pairs], index: Index, level: float) -> None:
    rates = [(pairs.p[index] <= level).mean() for pairs in honest]

    assert np.mean(rates) <= level * 1.1


def test_no_honest_pair_is_notable(honest: list[Pairs]) -> None:
    for control in Control:
        assert all(len(notable(pairs, level=0.01, needed=2, control=control)) == 0 for pairs in honest)


@pytest.mark.parametrize("control", list(Control))
def test_planted_copiers_are_found_and_nobody_else(control: Control) -> None:
    pairs = compare(answers(21, copiers=6))

    found = notable(pairs, level=0.01, needed=2, control=control)

    listed = {(int(pairs.first[one]), int(pairs.second[one])) for one in found}
    assert listed == {(2 * pair, 2 * pair + 1) for pair in range(6)}
    assert all(pairs.matches[one] > pairs.expected[one] + 10 for one in found)


def test_places_left_empty_alike_are_not_alike() -> None:
    found = answers(3)
    codes = found.codes.copy()
    codes[:2, 10:] = -1

    pairs = compare(Choices(codes, found.wrong, found.totals))

    assert pairs.matches[0] <= 10
    assert min(p[0] for p in pairs.p.values()) > 1e-3


def test_the_tail_of_the_generalised_binomial_is_exact() -> None:
    equal = np.full((12, 3), 0.3)
    assert tail(equal, np.array([0, 5, 12])) == pytest.approx(stats.binom.sf([-1, 4, 11], 12, 0.3))
    chances = np.array([[0.5], [0.2]])
    assert tail(chances, np.array([1])) == pytest.approx([1 - 0.5 * 0.8])
    assert tail(chances, np.array([2])) == pytest.approx([0.1])


def test_option_probabilities_follow_ability() -> None:
    chance = np.random.default_rng(1)
    theta = normal_scores(chance.normal(size=3000))
    p = special.softmax(np.outer(theta, [0, 1.0, -0.5]) + np.array([0, 0.5, -0.3]), axis=1)
    chosen = (p.cumsum(axis=1) < chance.random((3000, 1))).sum(axis=1)

    fitted = multinomial(np.eye(3)[chosen], theta)

    assert fitted == pytest.approx(p, abs=0.05)
    assert multinomial(np.ones((4, 1)), np.zeros(4)) == pytest.approx(np.ones((4, 1)))


def test_adjustment_for_many_comparisons_is_that_of_its_authors() -> None:
    p = np.array([0.01, 0.04, 0.03, 0.005])

    assert adjusted(p, Control.HOLM) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjusted(p, Control.BH) == pytest.approx([0.02, 0.04, 0.04, 0.02])


def test_a_choice_is_numbered_as_found_and_the_key_is_not_wrong() -> None:
    found = coded([["AC", ""], ["B", "A"], ["AC", "B"]], ["AC", "B"], np.array([1.0, 0, 2]))

    assert found.codes.tolist() == [[0, -1], [1, 0], [0, 1]]
    assert [one.tolist() for one in found.wrong] == [[False, True], [True, False]]


def test_nothing_that_was_chosen_at_a_void_place_is_wrong() -> None:
    found = coded([["B", "A"], ["C", "B"]], [None, "B"], np.array([0.0, 1]))

    assert [one.tolist() for one in found.wrong] == [[False, False], [True, False]]


def test_equal_wrong_answers_in_ones_own_words_are_counted_by_hand() -> None:
    codes = np.array([[0, -1, 1], [0, 2, 1], [1, 2, -1], [-1, -1, -1]])

    assert equal_free(codes).tolist() == [[2, 2, 0, 0], [2, 3, 1, 0], [0, 1, 2, 0], [0, 0, 0, 0]]


def test_k2_is_the_binomial_tail_of_equal_wrong_answers() -> None:
    """Four persons with four wrong answers of eight each: the others agree with the source in 3, 1 and 1 of 4.

    Their mean share is 5/12, so of four wrong answers of the source three or more agree with probability
    4 (5/12)^3 (7/12) + (5/12)^4 = 4125/20736, and one or more with 1 - (7/12)^4 = 18335/20736.
    """
    chosen = np.array([[4, 2, 1, 0], [2, 4, 1, 1], [1, 1, 4, 1], [0, 1, 1, 4]], dtype=float)
    free = np.array([[0, 0], [0, 1], [-1, 2], [1, 3]])
    assert equal_free(free)[0, 1] == 1
    same = chosen.copy()
    same[0, 1] = same[1, 0] = chosen[0, 1] + equal_free(free)[0, 1]

    p = k2(same, 8)

    assert p[0, 1] == pytest.approx(4125 / 20736)
    assert p[2, 1] == pytest.approx(18335 / 20736)
    assert p[0, 3] == 1.0


def with_free(seed: int, *, copied: int) -> Choices:
    """Let the last fifteen places be answered in one's own words; the first two err alike in so many of them."""
    chance, whole = np.random.default_rng(seed), answers(seed)
    codes, free = whole.codes.copy(), np.full(whole.codes.shape, -1)
    codes[:, -15:] = -1
    free[:, -15:] = np.where(chance.random((PERSONS, 15)) < 0.5, chance.integers(0, 30, (PERSONS, 15)), -1)
    free[:2, ITEMS - copied :] = 40
    return Choices(codes, whole.wrong, whole.totals, free)


def test_who_errs_alike_in_ones_own_words_stands_out_by_k2_and_honest_ones_do_not() -> None:
    honest, alike = compare(with_free(5, copied=0)), compare(with_free(5, copied=12))

    assert (honest.p[Index.K2] <= 0.01).mean() <= 0.01
    assert alike.p[Index.K2][0] < honest.p[Index.K2][0] / 100
    assert alike.same_wrong[0] >= honest.same_wrong[0] + 8
    assert alike.p[Index.GBT][0] == honest.p[Index.GBT][0], "the model of choices knows nothing of words"


def test_wrong_answers_in_ones_own_words_are_numbered_beside_the_choices() -> None:
    found = coded(
        [["A", ""], ["B", ""], ["A", ""]], ["A", ""], np.array([1.0, 0, 1]), [["", "12 万元"], ["", ""], ["", "7"]]
    )

    assert found.free is not None
    assert found.free.tolist() == [[-1, 0], [-1, -1], [-1, 1]]
    assert coded([["A"]], ["A"], np.array([1.0])).free is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Blanks(("技术 开发", "Ｂ")), Blanks(("技术开发", "b")), True),
        (Blanks(("甲", "乙")), Blanks(("乙", "甲")), False),
        (NumberGiven("1,200", "元"), NumberGiven("1200元"), True),
        (NumberGiven("1200"), NumberGiven("1200", "元"), False),
        (NumberGiven("约十"), NumberGiven("约十 "), True),
        (Written("Ab c."), Written("ab c"), True),
    ],
)
def test_free_answers_that_say_the_same_are_one(one: Response, other: Response, *, same: bool) -> None:
    assert (folded(one) == folded(other)) is same
    assert folded(one) != ""


@pytest.mark.parametrize("empty", [Blanks(("", " ")), NumberGiven(" "), Written(" "), Choice(frozenset("A"))])
def test_what_says_nothing_or_is_a_choice_is_no_free_answer(empty: Response) -> None:
    assert folded(empty) == ""

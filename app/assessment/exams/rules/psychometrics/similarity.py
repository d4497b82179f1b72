"""Answer similarity of all pairs of a session by three published indices, and the control of many comparisons.

* GBT, van der Linden & Sotaridona (2006): matches of two persons follow a generalised binomial distribution; here with
  the nominal response model at fixed abilities. The tail is exact for every pair that is anywhere near unusual.
* Omega, Wollack (1997): matches of a copier with a source whose answers are given, standardised; both directions are
  tried and the smaller p is doubled.
* K2, Sotaridona & Meijer (2002, Journal of Educational Measurement 39(2), 115-132) after Holland (1996): equal wrong
  answers with a source are binomial, their share predicted by a quadratic regression on the share of wrong answers;
  both directions likewise. It needs no response model, so it counts equal wrong answers in one's own words or numbers,
  matchings and orderings as well. They agree by other chances than choices: the count is then a sum of unequal chances
  with the same mean, whose upper tail the binomial exceeds (Hoeffding 1956), so that nobody stands out by the mixture.

Only places that both answered count: two who ran out of time alike are not alike. Holm (1979) and Benjamini & Hochberg
(1995) adjust for the number of pairs.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.assessment.exams.rules.psychometrics.nominal import Choices, Codes, Probabilities, probabilities
from app.assessment.exams.rules.psychometrics.responses import Matrix
from app.assessment.exams.statistics_states import Control
from app.core.arrays import Integers, np, scipy

BLOCK = 256
UNUSUAL = 1.5
"""Pairs beyond so many standard deviations get the exact tail; below, the normal one says enough."""
CHUNK = 4000
EDGE = 1e-9


class Index(StrEnum):
    """The published indices."""

    GBT = "gbt"
    OMEGA = "omega"
    K2 = "k2"


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs (`first` < `second`, rows of the session) with matches, equal wrong answers and p by index."""

    first: Integers
    second: Integers
    matches: Matrix
    same_wrong: Matrix
    expected: Matrix
    p: dict[Index, Matrix]


def compare(found: Choices) -> Pairs:
    """Compare every pair of persons."""
    model = probabilities(found)
    chosen, likely = np.hstack(model.chosen), np.hstack(model.likely)
    wrong = chosen * np.concatenate(found.wrong)
    first, second = np.triu_indices(len(chosen), 1)
    matches, same_wrong = (chosen @ chosen.T)[first, second], wrong @ wrong.T
    if found.free is not None:
        same_wrong = same_wrong + equal_free(found.free)
    mean, spread = _moments(model, first, second)
    return Pairs(
        first,
        second,
        matches,
        same_wrong[first, second],
        mean,
        {
            Index.GBT: _gbt(model, Tested(first, second, matches, mean, spread)),
            Index.OMEGA: _either(_omega(chosen, likely), first, second),
            Index.K2: _either(k2(same_wrong, len(found.wrong)), first, second),
        },
    )


@dataclass(frozen=True, slots=True)
class Tested:
    """Pairs with their matches, and what matches by chance are expected with which variance."""

    first: Integers
    second: Integers
    matches: Matrix
    mean: Matrix
    spread: Matrix


def _moments(model: Probabilities, first: Integers, second: Integers) -> tuple[Matrix, Matrix]:
    """Return mean and variance of the matches of each pair, block by block of persons."""
    persons = len(model.likely[0])
    mean, spread = np.zeros((persons, persons), np.float32), np.zeros((persons, persons), np.float32)
    tables = [one.astype(np.float32) for one in model.likely]
    for start in range(0, persons, BLOCK):
        rows = slice(start, start + BLOCK)
        for table in tables:
            match = table[rows] @ table[start:].T
            mean[rows, start:] += match
            spread[rows, start:] += match * (1 - match)
    return mean[first, second].astype(float), spread[first, second].astype(float)


def _gbt(model: Probabilities, tested: Tested) -> Matrix:
    """Return the chance of as many matches or more."""
    deviation = np.sqrt(np.maximum(tested.spread, EDGE))
    p: Matrix = scipy.special.ndtr(-(tested.matches - 0.5 - tested.mean) / deviation)
    unusual = np.flatnonzero(tested.matches - tested.mean > UNUSUAL * deviation)
    for start in range(0, len(unusual), CHUNK):
        some = unusual[start : start + CHUNK]
        one, other = tested.first[some], tested.second[some]
        chances = np.stack([(table[one] * table[other]).sum(axis=1) for table in model.likely])
        p[some] = tail(chances, tested.matches[some])
    return p


def tail(chances: Matrix, least: Matrix) -> Matrix:
    """Return P(at least `least` successes) of independent trials: trials by cases in, one figure a case out."""
    trials, cases = chances.shape
    spread = np.zeros((trials + 1, cases))
    spread[0] = 1
    for done, chance in enumerate(chances, start=1):
        spread[1 : done + 1] = spread[1 : done + 1] * (1 - chance) + spread[:done] * chance
        spread[0] *= 1 - chance
    above = np.arange(trials + 1)[:, None] >= least - EDGE
    told: Matrix = np.clip((spread * above).sum(axis=0), 0, 1)
    return told


def _omega(chosen: Matrix, likely: Matrix) -> Matrix:
    """Return p by copier (row) and source (column)."""
    given, table = chosen.astype(np.float32), likely.astype(np.float32)
    mean = table @ given.T
    spread = mean - (table**2) @ given.T
    answered = given @ given.T
    surplus = (answered - mean).astype(float) / np.sqrt(np.maximum(spread, EDGE).astype(float))
    p: Matrix = scipy.special.ndtr(-surplus)
    return p


def k2(same_wrong: Matrix, items: int) -> Matrix:
    """Return p by copier (row) and source (column) of equal wrong answers; the diagonal holds each one's wrong ones."""
    own = np.diag(same_wrong)
    share = np.divide(same_wrong, own, out=np.zeros(same_wrong.shape), where=own > 0)
    design: Matrix = np.vander(own / items, 3).astype(float)
    solver: Matrix = np.linalg.pinv(design).astype(float)
    _leave_out_source(share, design, solver)
    chance = np.clip(design @ (solver @ share), 1 / (2 * items), 1 - EDGE)
    p = scipy.special.bdtrc(same_wrong - 1, own[None, :].astype(int), chance)
    told: Matrix = np.where((own[None, :] > 0) & (same_wrong > 0), p, 1.0).astype(float)
    return told


def equal_free(codes: Codes) -> Matrix:
    """Count equal wrong free answers of persons by persons; the diagonal holds how many wrong ones each gave.

    `codes` is persons by items, as in `Choices.free`. Answers that only one person gave are equal to none.
    """
    persons, items = codes.shape
    equal = np.zeros((persons, persons))
    for item in range(items):
        names, place, often = np.unique(codes[:, item], return_inverse=True, return_counts=True)
        for name in np.flatnonzero((names >= 0) & (often > 1)):
            who = np.flatnonzero(place == name)
            equal[np.ix_(who, who)] += 1
    np.fill_diagonal(equal, (codes >= 0).sum(axis=1))
    return equal


def _leave_out_source(share: Matrix, design: Matrix, solver: Matrix) -> None:
    """Replace each source's agreement with itself by what the others predict, so that it has no weight."""
    each = np.arange(len(share))
    leverage = np.einsum("ij,ji->i", design, solver)
    fitted = np.einsum("ij,ji->i", design, solver @ share)
    share[each, each] = (fitted - leverage * share[each, each]) / np.maximum(1 - leverage, EDGE)


def _either(p: Matrix, first: Integers, second: Integers) -> Matrix:
    either: Matrix = np.minimum(1, 2 * np.minimum(p[first, second], p[second, first]))
    return either


def adjusted(p: Matrix, control: Control) -> Matrix:
    """Return p-values adjusted for their number; a pair is notable where its adjusted p is at most the level."""
    order = np.argsort(p)
    count = len(p)
    ranked = _holm(p[order], count) if control is Control.HOLM else _benjamini_hochberg(p[order], count)
    told = np.empty(count)
    told[order] = np.clip(ranked, 0, 1)
    return told


def _holm(ordered: Matrix, count: int) -> Matrix:
    stepped: Matrix = np.maximum.accumulate(ordered * (count - np.arange(count)))
    return stepped


def _benjamini_hochberg(ordered: Matrix, count: int) -> Matrix:
    stepped: Matrix = np.minimum.accumulate((ordered * count / np.arange(1, count + 1))[::-1])[::-1]
    return stepped


def notable(found: Pairs, *, level: float, needed: int, control: Control) -> Integers:
    """Return the pairs of which at least `needed` indices stay at or below the level after adjustment."""
    votes = sum((adjusted(p, control) <= level).astype(int) for p in found.p.values())
    return np.flatnonzero(votes >= needed)

"""How likely a person of some ability chooses each option: the nominal response model at fixed abilities.

Bock (1972): the logit of each option is linear in ability. Ability is the normal score of a person's total, so each
item is one multinomial regression (Newton's method, a light ridge keeps options that few chose finite).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.assessment.exams.rules.psychometrics.responses import Matrix
from app.core.arrays import Flags, Integers, np, scipy

RIDGE = (0.1, 2.0)
"""Of intercepts and slopes: slopes are held back, or two who stand apart would teach the model their own answers."""
STEPS = 25
SETTLED = 1e-6
Codes = Integers


@dataclass(frozen=True, slots=True)
class Choices:
    """What persons chose: `codes` is persons by items, the number of the choice within its item, -1 where none.

    `wrong` says which choices of each item are not the key; `totals` are the persons' scores. `free` is persons by the
    same items: the number of the wrong answer in one's own words or numbers within its item, -1 where it is right,
    missing, void or a choice; None where the paper asks for no such answer.
    """

    codes: Codes
    wrong: tuple[Flags, ...]
    totals: Matrix
    free: Codes | None = None


@dataclass(frozen=True, slots=True)
class Probabilities:
    """By item, persons by choices: how likely each is, and what was chosen; both 0 for who did not answer."""

    likely: tuple[Matrix, ...]
    chosen: tuple[Matrix, ...]


def coded(
    texts: Sequence[Sequence[str]],
    keys: Sequence[str | None],
    totals: Matrix,
    free: Sequence[Sequence[str]] = (),
) -> Choices:
    """Number the choices of each item as they are found in the answers (persons by items, empty where none).

    An item whose key is None is void: nothing that was chosen there is wrong. `free` has the wrong answers in one's own
    words or numbers to the same items, empty where an answer is right, missing or a choice.
    """
    columns = list(zip(*texts, strict=True))
    codes, wrong = [], []
    for column, key in zip(columns, keys, strict=True):
        names, numbers = _numbered(column)
        codes.append(numbers)
        wrong.append(np.array([key is not None and name != key for name in names], dtype=bool))
    written = [_numbered(column)[1] for column in zip(*free, strict=True)]
    return Choices(np.array(codes).T, tuple(wrong), totals, np.array(written).T if written else None)


def _numbered(column: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return the answers that occur in a column, sorted, and the number of each person's; -1 where there is none."""
    names = sorted(set(column) - {""})
    place = {name: number for number, name in enumerate(names)} | {"": -1}
    return names, [place[one] for one in column]


def normal_scores(totals: Matrix) -> Matrix:
    """Return the normal score of each total: persons of one total share the mean rank."""
    ranks = scipy.stats.rankdata(totals)
    told: Matrix = scipy.special.ndtri((ranks - 0.5) / len(totals))
    return told


def probabilities(found: Choices) -> Probabilities:
    """Fit every item and return each person's probabilities."""
    theta = normal_scores(found.totals)
    likely, chosen = [], []
    for item, wrong in enumerate(found.wrong):
        answered = found.codes[:, item] >= 0
        one_hot = np.zeros((len(theta), len(wrong)))
        one_hot[answered, found.codes[answered, item]] = 1
        table = np.zeros_like(one_hot)
        if answered.any():
            table[answered] = multinomial(one_hot[answered], theta[answered])
        likely.append(table)
        chosen.append(one_hot)
    return Probabilities(tuple(likely), tuple(chosen))


def multinomial(one_hot: Matrix, theta: Matrix) -> Matrix:
    """Return the fitted probabilities of each choice by person; the first choice is the base of the logits."""
    kinds = one_hot.shape[1]
    design = np.column_stack([np.ones(len(theta)), theta])
    weights = np.zeros((kinds - 1, 2))
    for _ in range(STEPS if kinds > 1 else 0):
        p = _softmax(design, weights)[:, 1:]
        pull = (one_hot[:, 1:] - p).T @ design - np.array(RIDGE) * weights
        step = np.linalg.solve(_curvature(p, design), pull.ravel()).reshape(weights.shape)
        weights += np.clip(step, -2, 2)
        if np.abs(step).max() < SETTLED:
            break
    return _softmax(design, weights)


def _softmax(design: Matrix, weights: Matrix) -> Matrix:
    logits = np.column_stack([np.zeros(len(design)), design @ weights.T])
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    told: Matrix = raised / raised.sum(axis=1, keepdims=True)
    return told


def _curvature(p: Matrix, design: Matrix) -> Matrix:
    kinds = p.shape[1]
    squares = design[:, :, None] * design[:, None, :]
    own = np.einsum("nk,nab->kab", p, squares)
    cross = np.einsum("nk,nl,nab->kalb", p, p, squares, optimize=True)
    full = -cross
    for kind in range(kinds):
        full[kind, :, kind, :] += own[kind]
    told: Matrix = full.reshape(2 * kinds, 2 * kinds) + np.diag(np.tile(RIDGE, kinds))
    return told

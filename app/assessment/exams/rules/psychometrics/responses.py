"""The matrix that every statistic stands on: persons by items."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.arrays import Flags, Floats, np
from app.core.errors import InvalidError
from app.core.text import _l

Matrix = Floats
LEAST = 2


@dataclass(frozen=True, slots=True)
class Responses:
    """What persons earned: `scores` is persons by items, shares of an item's points from 0 to 1, NaN if not answered.

    `points` holds what each item is worth; a file of zeros and ones counts each item as one point. `graded` names items
    that the models leave out, because they give partial credit.
    """

    items: tuple[str, ...]
    scores: Matrix
    points: Matrix
    graded: frozenset[int] = frozenset()

    @property
    def persons(self) -> int:
        """Return how many persons there are."""
        return int(self.scores.shape[0])

    @property
    def seen(self) -> Matrix:
        """Return 1 where a person answered an item and 0 elsewhere."""
        return (~np.isnan(self.scores)).astype(float)

    @property
    def right(self) -> Matrix:
        """Return 1 where the whole item was right, 0 where not, NaN where not answered: what the models stand on.

        Of a graded item nothing is there.
        """
        told = np.where(np.isnan(self.scores), np.nan, (self.scores >= 1).astype(float))
        told[:, sorted(self.graded)] = np.nan
        return told


def quotient(top: Matrix, bottom: Matrix) -> Matrix:
    """Divide entry by entry, NaN where there is nothing to divide by."""
    told: Matrix = np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=bottom > 0)
    return told


def responses(
    items: Sequence[str], scores: Matrix, points: Matrix | None = None, graded: frozenset[int] = frozenset()
) -> Responses:
    """Build the matrix; persons without any answer are left out. Raises InvalidError for fewer than two either way."""
    kept = scores[answered(scores)] if scores.size else scores
    if len(items) < LEAST or kept.shape[0] < LEAST:
        raise InvalidError(_l("Statistics need at least two items and two persons who answered."))
    worth = np.ones(len(items)) if points is None else points
    return Responses(tuple(items), kept.astype(float), worth.astype(float), graded)


def answered(scores: Matrix) -> Flags:
    """Tell which persons of a matrix answered anything: those who stay in it."""
    seen: Matrix = (~np.isnan(scores)).sum(axis=1)
    told: Flags = seen > 0
    return told

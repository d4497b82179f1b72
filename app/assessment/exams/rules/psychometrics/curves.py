"""Characteristic and information curves: of each item of a fitted model, and of the paper they make."""

from dataclasses import dataclass

from app.assessment.exams.rules.psychometrics.logistic import Items, information, probability
from app.assessment.exams.rules.psychometrics.responses import Matrix
from app.core.arrays import np

ABILITIES = tuple(half / 2 for half in range(-8, 9))
"""The abilities at which a curve is told, standard normal: from -4 to 4 by halves."""
NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Curves:
    """Chance of a right answer and information, items by `ABILITIES`."""

    characteristic: Matrix
    information: Matrix

    @property
    def expected(self) -> Matrix:
        """Return the share of right items that the paper lets expect at each ability."""
        told: Matrix = self.characteristic.mean(axis=0)
        return told

    @property
    def told(self) -> Matrix:
        """Return the information of the paper at each ability."""
        told: Matrix = self.information.sum(axis=0)
        return told

    @property
    def error(self) -> Matrix:
        """Return the standard error of the ability at each ability."""
        error: Matrix = 1 / np.sqrt(np.maximum(self.told, NOTHING))
        return error


def curves(items: Items) -> Curves:
    """Compute the curves of items that have parameters."""
    theta = np.array(ABILITIES)
    return Curves(probability(items, theta), information(items, theta))

"""Reports of a session: pass rates of groups, none of them so small that it shows a person; pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

LEAST = 5
"""Groups of fewer candidates are not shown (sample value: the smallest cell that official statistics commonly show)."""
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates of one region or base; figures are None where they are withheld."""

    name: str
    candidates: int | None
    passed: int | None
    mean: Decimal | None

    @property
    def withheld(self) -> bool:
        """Tell whether the figures of this group are not shown."""
        return self.candidates is None

    @property
    def pass_rate(self) -> Decimal | None:
        """Return how many of a hundred passed."""
        if self.candidates is None or self.passed is None:
            return None
        return percent(self.passed, self.candidates)


def percent(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """Return a share in a hundred to the tenth, half up; None of nothing."""
    return None if not whole else (Decimal(part) * 100 / Decimal(whole)).quantize(TENTH, ROUND_HALF_UP)


def withheld(groups: Sequence[Group], least: int = LEAST) -> list[Group]:
    """Blank the small groups, and further ones until what is blanked together is not small either.

    One blanked group alone would follow from the total, so the next smallest is blanked with it.
    """
    hidden: set[str] = set()
    people = 0
    for group in sorted(groups, key=lambda one: (one.candidates or 0, one.name)):
        small = (group.candidates or 0) < least
        if small or (hidden and (len(hidden) == 1 or people < least)):
            hidden.add(group.name)
            people += group.candidates or 0
    return [Group(one.name, None, None, None) if one.name in hidden else one for one in groups]


def module_shares(modules: Iterable[dict[str, dict[str, str]]]) -> dict[str, Decimal]:
    """Return for each module the mean share of its points, in a hundred, over results as they are stored."""
    reached: dict[str, Decimal] = {}
    possible: dict[str, Decimal] = {}
    for result in modules:
        for module, part in result.items():
            reached[module] = reached.get(module, Decimal(0)) + Decimal(part["score"])
            possible[module] = possible.get(module, Decimal(0)) + Decimal(part["max"])
    shares = {module: percent(score, possible[module]) for module, score in reached.items()}
    return {module: share for module, share in shares.items() if share is not None}


def percentile(own: Decimal, scores: Sequence[Decimal]) -> int | None:
    """Return how many of a hundred candidates scored no higher, half of the equal ones counted; None of few.

    Mid-rank, so that the median candidate stands at 50.
    """
    if len(scores) < LEAST * 2:
        return None
    below = sum(score < own for score in scores)
    same = sum(score == own for score in scores)
    return int((Decimal(below) + Decimal(same) / 2) * 100 / len(scores))

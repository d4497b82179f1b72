"""How markers mark: mean, severity beside the partner, agreement, quadratic weighted kappa, drift on seeds; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

Pair = tuple[Decimal, Decimal]
"""One's own mark and the partner's of the same answer, or the reference of a seed."""


@dataclass(frozen=True, slots=True)
class MarkerFigures:
    """What is known of one marker; None where too little was marked.

    `severity` is the mean of own minus partner's mark: below nothing the marker is the stricter one.
    `seed_deviation` is the mean distance from the reference on seeds.
    """

    count: int
    mean: Decimal | None
    severity: Decimal | None
    agreement: Decimal | None
    kappa: Decimal | None
    seeds: int
    seed_deviation: Decimal | None


def figures(own: Sequence[Decimal], pairs: Sequence[Pair], seeds: Sequence[Pair], tolerance: Decimal) -> MarkerFigures:
    """Sum one marker up: all marks, those with a partner's beside them, and those of seeds."""
    return MarkerFigures(
        count=len(own),
        mean=_mean(own),
        severity=_mean([mine - theirs for mine, theirs in pairs]),
        agreement=_mean([Decimal(abs(mine - theirs) <= tolerance) for mine, theirs in pairs]),
        kappa=weighted_kappa(pairs),
        seeds=len(seeds),
        seed_deviation=_mean([abs(mine - reference) for mine, reference in seeds]),
    )


def weighted_kappa(pairs: Sequence[Pair]) -> Decimal | None:
    """Return Cohen's kappa with quadratic weights (Cohen 1968): 1 for full agreement, 0 for that of chance.

    One minus the mean squared difference of the pairs over that of every mark with every other: the weights of the
    categories cancel out, so marks need no binning. None without pairs, or where nothing varies.
    """
    if not pairs:
        return None
    observed = sum(((mine - theirs) ** 2 for mine, theirs in pairs), Decimal(0)) / len(pairs)
    mine, theirs = [one for one, _other in pairs], [other for _one, other in pairs]
    expected = _spread(mine) + _spread(theirs) + (_sure_mean(mine) - _sure_mean(theirs)) ** 2
    return None if expected == 0 else 1 - observed / expected


def _spread(marks: Sequence[Decimal]) -> Decimal:
    centre = _sure_mean(marks)
    return _sure_mean([(mark - centre) ** 2 for mark in marks])


def _sure_mean(marks: Sequence[Decimal]) -> Decimal:
    return sum(marks, Decimal(0)) / len(marks)


def _mean(marks: Sequence[Decimal]) -> Decimal | None:
    return _sure_mean(marks) if marks else None

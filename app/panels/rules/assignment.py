"""Cases given to experts: each case to as many, nobody to a case they are recused from, loads as even as can be."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from app.panels.rules.draw import shuffled


def assigned(
    cases: Sequence[str],
    experts: Sequence[str],
    *,
    per_case: int,
    barred: Mapping[str, AbstractSet[str]],
    seed: bytes,
) -> dict[str, list[str]] | None:
    """Return the experts of each case, None where a case has fewer than `per_case` free of conflict.

    The greatest load is as small as it can be: the least limit is found for which augmenting paths give
    every case its experts. `barred` holds the experts who must not judge a case; the seed breaks ties.
    """
    allowed = {case: [one for one in shuffled(experts, seed) if one not in barred.get(case, ())] for case in cases}
    if any(len(found) < per_case for found in allowed.values()):
        return None
    least = -(-len(cases) * per_case // max(len(experts), 1))
    limits = range(least, len(cases) + 1)
    return next((found for limit in limits if (found := _within(allowed, per_case, limit)) is not None), None)


def _within(allowed: Mapping[str, list[str]], per_case: int, limit: int) -> dict[str, list[str]] | None:
    loads: dict[str, list[str]] = defaultdict(list)
    for case in allowed:
        for _ in range(per_case):
            if not _give(case, set(), allowed, loads, limit=limit):
                return None
    return {case: sorted(one for one, given in loads.items() if case in given) for case in allowed}


def _give(
    case: str, tried: set[str], allowed: Mapping[str, list[str]], loads: dict[str, list[str]], *, limit: int
) -> bool:
    """Give a case one more expert, moving other cases along an augmenting path where all are at the limit."""
    free = [one for one in allowed[case] if one not in tried and case not in loads[one]]
    for one in sorted(free, key=lambda name: len(loads[name])):
        tried.add(one)
        if len(loads[one]) < limit:
            loads[one].append(case)
            return True
        moved = next((other for other in loads[one] if _give(other, tried, allowed, loads, limit=limit)), None)
        if moved is not None:
            loads[one].remove(moved)
            loads[one].append(case)
            return True
    return False

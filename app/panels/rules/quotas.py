"""Balance of a panel over units and regions: whether a part can be completed, and what stands against it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.accounts.rules.regions import MUNICIPALITIES, UNDER_PROVINCE
from app.core.errors import Text
from app.core.text import _l
from app.rulebook.rules.packs import chain


@dataclass(frozen=True, slots=True)
class Candidate:
    """An eligible expert as the draw sees them: code, unit and region."""

    code: str
    unit: str
    region: str


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many seats, at most how many of one unit, from at least how many regions."""

    seats: int
    per_unit: int = 1_000
    regions: int = 1


def part_of(pool_region: str, region: str) -> str:
    """Return the region that an expert counts for in a draw from a pool: the part right below what both lie in.

    In a pool of the nation that is the province, in one of a province the city, in one of a city the county; who comes
    from outside counts for the whole city or province they come from, who stands at the level of the pool for that.
    """
    above = chain(pool_region)
    return next((one for one in reversed(_levels(region)) if one not in above), region)


def _levels(region: str) -> list[str]:
    """Return a region and those above it, nearest first, without a city where a county lies right in its province."""
    no_city = region[:2] in MUNICIPALITIES or region[2:4] == UNDER_PROVINCE
    return [one for one in chain(region) if not no_city or one != f"{region[:4]}00" or one == region]


def completes(chosen: Sequence[Candidate], rest: Iterable[Candidate], quotas: Quotas) -> bool:
    """Tell whether the rest can complete the chosen to a full panel within the quotas.

    Exact: experts that reach the missing regions are matched to free places of their units; such a
    matching can always be filled up to all seats when the places of the units suffice (units form a
    partition matroid, whose independent sets extend to bases).
    """
    taken = Counter(one.unit for one in chosen)
    if any(count > quotas.per_unit for count in taken.values()) or len(chosen) > quotas.seats:
        return False
    codes = {one.code for one in chosen}
    free = [one for one in rest if one.code not in codes]
    places = {unit: quotas.per_unit - taken[unit] for unit in {one.unit for one in free}}
    in_unit = Counter(one.unit for one in free)
    left = quotas.seats - len(chosen)
    if sum(min(places[unit], count) for unit, count in in_unit.items()) < left:
        return False
    present = {one.region for one in chosen}
    missing = max(0, quotas.regions - len(present))
    return missing <= left and reachable(free, present, places) >= missing


def reachable(free: Iterable[Candidate], present: set[str], places: Mapping[str, int]) -> int:
    """Return how many new regions can be reached at most, each by one expert, within the places of the units."""
    units: dict[str, set[str]] = defaultdict(set)
    for one in free:
        if one.region not in present:
            units[one.region].add(one.unit)
    holders: dict[str, list[str]] = defaultdict(list)

    def place(region: str, tried: set[str]) -> bool:
        for unit in sorted(units[region] - tried):
            tried.add(unit)
            if len(holders[unit]) < places[unit]:
                holders[unit].append(region)
                return True
            for held in holders[unit]:
                if place(held, tried):
                    holders[unit].remove(held)
                    holders[unit].append(region)
                    return True
        return False

    return sum(place(region, set()) for region in sorted(units))


def infeasible(population: Sequence[Candidate], quotas: Quotas) -> list[Text]:
    """Name every quota that no panel of this population can honour; empty where a panel exists."""
    found: list[Text] = []
    units = Counter(one.unit for one in population)
    most = sum(min(count, quotas.per_unit) for count in units.values())
    regions = len({one.region for one in population})
    if len(population) < quotas.seats:
        found.append(
            _l(
                "%(seats)s seats, but only %(count)s eligible experts.",
                seats=quotas.seats,
                count=len(population),
            )
        )
    elif most < quotas.seats:
        found.append(
            _l(
                "At most %(per_unit)s of one unit leaves %(most)s experts for %(seats)s seats.",
                per_unit=quotas.per_unit,
                most=most,
                seats=quotas.seats,
            )
        )
    if regions < quotas.regions:
        found.append(
            _l("%(wanted)s regions wanted, but the experts come from %(count)s.", wanted=quotas.regions, count=regions)
        )
    if not found and not completes([], population, quotas):
        found.append(_l("The quotas for units and regions cannot be honoured together by these experts."))
    return found

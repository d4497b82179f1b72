"""Which pack a region inherits from which: the tree of regions with their packs; pure functions."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.rulebook.models import RulePack
from app.rulebook.rules.packs import NATION, chain, choose


@dataclass(slots=True)
class Branch:
    """A region with its own packs, the pack that binds it on the day, and the regions below that set their own."""

    region_code: str
    own: list[RulePack]
    binding: RulePack | None = None
    below: "list[Branch]" = field(default_factory=list)

    @property
    def inherits(self) -> bool:
        """Tell whether what binds here was set by a region above."""
        return self.binding is not None and self.binding.region_code != self.region_code


@dataclass(frozen=True, slots=True)
class Step:
    """One region of a chain, nearest first: its pack in force on the day, and whether that one binds."""

    region_code: str
    pack: RulePack | None
    binds: bool


def in_force_on(pack: RulePack, on: date) -> bool:
    """Tell whether a published pack is in force on a day."""
    return pack.starts_on <= on and (pack.ends_on is None or on <= pack.ends_on)


def binding(packs: Iterable[RulePack], region_code: str, on: date) -> RulePack | None:
    """Return the pack that binds a region on a day among published packs of one kind."""
    regions = set(chain(region_code))
    return choose((one for one in packs if one.region_code in regions and in_force_on(one, on)), region_code)


def codes_of(packs: Iterable[RulePack]) -> set[str]:
    """Return the regions of packs with all those above them."""
    return {NATION, *(code for pack in packs for code in chain(pack.region_code))}


def tree(packs: Sequence[RulePack], on: date, known: Container[str]) -> Branch:
    """Return the nation with every region that sets rules of its own, and those between, in the order of their codes.

    `known` are the regions that exist: a county right under a municipality has no city between.
    """
    own: dict[str, list[RulePack]] = {}
    for pack in packs:
        own.setdefault(pack.region_code, []).append(pack)
    codes = [code for code in sorted(codes_of(packs)) if code == NATION or code in known]
    branches = {code: Branch(code, _by_start(own.get(code, [])), binding(packs, code, on)) for code in codes}
    for code, branch in branches.items():
        if code != NATION:
            above = next(one for one in chain(code)[1:] if one in branches)
            branches[above].below.append(branch)
    return branches[NATION]


def _by_start(packs: Sequence[RulePack]) -> list[RulePack]:
    return sorted(packs, key=lambda pack: (pack.starts_on, pack.revision), reverse=True)


def steps(packs: Sequence[RulePack], region_code: str, on: date) -> list[Step]:
    """Return the regions that could bind a region, nearest first, with what each has in force on the day."""
    bound = binding(packs, region_code, on)
    found = []
    for code in chain(region_code):
        pack = choose((one for one in packs if one.region_code == code and in_force_on(one, on)), code)
        found.append(Step(code, pack, binds=pack is not None and pack is bound))
    return found


def regions_of(branch: Branch) -> set[str]:
    """Return the codes of every region in a tree."""
    return {branch.region_code}.union(*(regions_of(one) for one in branch.below))


def states(branch: Branch, on: date) -> Mapping[str, str]:
    """Return for each own pack of a branch whether it is `now`, `later`, `over`, or `replaced` by a later start."""
    latest = binding(branch.own, branch.region_code, on)
    return {pack.code: _state(pack, latest, on) for pack in branch.own}


def _state(pack: RulePack, latest: RulePack | None, on: date) -> str:
    if pack is latest:
        return "now"
    if pack.starts_on > on:
        return "later"
    return "replaced" if in_force_on(pack, on) else "over"

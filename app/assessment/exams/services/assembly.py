"""Assembly of papers: what a bank has against what a blueprint asks, one paper or several parallel ones."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from app.assessment.exams.queries import enemies
from app.assessment.exams.queries.parameters import parameters_of
from app.assessment.exams.queries.stock import informed, stock
from app.assessment.exams.rules.assembly import (
    Aim,
    Asked,
    Candidate,
    UnsolvedError,
    assemble,
    assemble_next,
    mean_difficulty,
    shared_aim,
    usable,
)
from app.assessment.exams.rules.infeasible import InfeasibleBlueprintError, Shared, Unmet, unequal, unmet
from app.assessment.exams.rules.information import Point, ability_at, curve
from app.assessment.exams.services.drafts import Draft
from app.assessment.exams.states import label_of
from app.core.errors import Text
from app.core.text import _, _l
from app.items.models import ItemBank
from app.items.states import COGNITIVE_LABELS, TYPE_LABELS

PARALLEL_DIFFICULTY = Decimal("0.02")
"""How far the mean difficulty of parallel papers may lie from the target where the blueprint says nothing."""


@dataclass(frozen=True, slots=True)
class Stock:
    """The items of a bank, what is asked of a paper, and the ability at the cut score."""

    items: list[Candidate]
    asked: Asked
    theta: float
    draft: Draft

    def drawn(self, version_ids: Sequence[int]) -> "Drawn":
        """Return a paper with its figures."""
        by_id = {one.version_id: one for one in self.items}
        chosen = [by_id[version_id] for version_id in version_ids]
        return Drawn(
            chosen,
            mean_difficulty([one.difficulty for one in chosen]),
            sum(one.seconds for one in chosen),
            Decimal(repr(sum(one.information for one in chosen))).quantize(Decimal("0.000001")),
        )


@dataclass(frozen=True, slots=True)
class Drawn:
    """The items of a paper in order, its mean difficulty, expected seconds, and information at the cut score."""

    items: list[Candidate]
    difficulty: Decimal
    seconds: int
    information: Decimal

    def curve(self) -> list[Point]:
        """Return the information of the test from -3 to 3."""
        known = parameters_of(one.version_id for one in self.items)
        return curve(list(known.values()))


def stock_of(bank: ItemBank, draft: Draft, *, at: datetime) -> Stock:
    """Bring together what a bank has and what a draft asks.

    Raises InvalidError for an enemy in the draft that the bank does not have.
    """
    options = draft.options
    items = stock(bank.id, bank.organisation_id, options, at)
    theta = _theta(items, draft)
    seconds, away = options.expected_seconds, options.tolerance.seconds
    asked = Asked(
        cells={cell: count for cell, count in draft.cells.items() if count},
        target=draft.difficulty_target,
        types={kind.value: count for kind, count in options.types.items()},
        difficulty=options.tolerance.difficulty,
        seconds=None if seconds is None else (seconds - away, seconds + away),
        enemies=enemies.pairs(bank.id) | enemies.pairs_named(bank.id, options.enemies),
        most_uses=options.exposure.most if options.exposure else None,
        information=options.tolerance.information,
    )
    return Stock(informed(items, theta), asked, theta, draft)


def _theta(items: Sequence[Candidate], draft: Draft) -> float:
    """Return the ability whose expected score is the cut score, were each cell filled with its average item."""
    wanted = [one for one in items if draft.cells.get(one.cell)]
    if not wanted:
        return 0.0
    have = Counter(one.cell for one in wanted)
    known = parameters_of(one.version_id for one in wanted)
    weights = [
        float(draft.options.points_of(one.cell, one.type, draft.points_per_item))
        * draft.cells[one.cell]
        / have[one.cell]
        for one in wanted
    ]
    share = float(draft.cut_score / draft.best) if draft.best else 0.0
    return ability_at(share, [known[one.version_id] for one in wanted], weights)


def draw(found: Stock, *, seed: int) -> Drawn:
    """Draw one paper; raises InfeasibleBlueprintError naming the constraints that cannot be met."""
    try:
        return found.drawn(assemble(found.items, found.asked, seed=seed))
    except UnsolvedError as error:
        raise InfeasibleBlueprintError(unmet(found.items, found.asked)) from error


def aim_of(found: Stock, papers: int) -> Aim:
    """Return what each of several papers should have; raises InfeasibleBlueprintError."""
    try:
        return shared_aim(found.items, found.asked, papers)
    except UnsolvedError as error:
        raise InfeasibleBlueprintError(unmet(found.items, found.asked, papers)) from error


def draw_next(found: Stock, *, aim: Aim, taken: Sequence[Candidate], papers: int, place: int, seed: int) -> Drawn:
    """Draw the paper number `place` (from 0) of several parallel ones; raises InfeasibleBlueprintError."""
    asked = _parallel(found, aim)
    following = papers - place - 1
    try:
        chosen = assemble_next(found.items, asked, seed=seed, taken=taken, following=following, aim=aim.information)
    except UnsolvedError as error:
        shared = Shared(taken, following, aim.information, seed)
        raise InfeasibleBlueprintError(_in_the_way(found, asked, shared, papers)) from error
    return found.drawn(chosen)


def _in_the_way(found: Stock, asked: Asked, shared: Shared, papers: int) -> tuple[Unmet, ...]:
    """Name what the bank cannot meet; where papers cannot be made equal, what they cannot be made equal in."""
    told = unmet(found.items, found.asked, papers)
    if told[0].kind != "parallel":
        return told
    return (replace(told[0], names=unequal(found.items, asked, shared)),)


def _parallel(found: Stock, aim: Aim) -> Asked:
    """Ask of each parallel paper to be near the others in difficulty and time, where the blueprint asks nothing."""
    away = found.draft.options.tolerance.seconds
    near = (round(aim.seconds) - away, round(aim.seconds) + away)
    return replace(
        found.asked,
        difficulty=found.asked.difficulty or PARALLEL_DIFFICULTY,
        seconds=found.asked.seconds or near,
    )


def draw_all(found: Stock, *, papers: int, seed: int) -> Iterator[Drawn]:
    """Draw several papers without an item in common, the same for the same seed; raises InfeasibleBlueprintError."""
    if papers == 1:
        yield draw(found, seed=seed)
        return
    aim = aim_of(found, papers)
    taken: list[Candidate] = []
    for place in range(papers):
        drawn = draw_next(found, aim=aim, taken=taken, papers=papers, place=place, seed=seed + place)
        taken += drawn.items
        yield drawn


def equivalent(found: Stock, on_paper: Sequence[int], version_id: int, *, barred: set[int]) -> Candidate | None:
    """Return the item nearest to one of a paper that could stand in its place; None where the bank has none.

    `on_paper` are the version ids of the paper, `barred` those that must not be taken.
    """
    by_id = {one.version_id: one for one in found.items}
    gone = by_id.get(version_id)
    if gone is None:
        return None
    others = [by_id[one] for one in on_paper if one in by_id and one != version_id]
    contents = {one.content for one in others} | {gone.content}
    hostile = {item for pair in found.asked.enemies for item in pair if {one.item_id for one in others} & set(pair)}
    fitting = [
        one
        for one in usable(found.items, found.asked)
        if (one.cell, one.type) == (gone.cell, gone.type)
        and one.content not in contents
        and one.item_id not in hostile
        and one.version_id not in barred
    ]
    return min(fitting, key=lambda one: (_away(one, gone), one.version_id), default=None)


def _away(one: Candidate, other: Candidate) -> float:
    return abs(one.information - other.information) + abs(float(one.difficulty - other.difficulty))


def sentence(one: Unmet, modules: dict[str, Text]) -> str:
    """Say in the reader's language which constraint cannot be met, with its figures; `modules` names that of a cell."""
    return _cell(one, modules) if one.kind == "cell" else str(_SAID[one.kind](one))


def _cell(one: Unmet, modules: dict[str, Text]) -> str:
    module, level = one.names
    return _lacking(f"{label_of(modules, module)} / {label_of(COGNITIVE_LABELS, level)}", one)


def _type(one: Unmet) -> str:
    return _lacking(label_of(TYPE_LABELS, one.names[0]), one)


def _lacking(name: str, one: Unmet) -> str:
    if one.nearest is not None:
        return _together(name, one)
    figures = {"name": name, "asked": one.asked, "usable": one.usable}
    said = (
        _(
            "%(name)s asks for %(asked)d items in %(papers)d papers together, the bank has %(usable)d usable",
            papers=one.papers,
            **figures,
        )
        if one.papers > 1
        else _("%(name)s asks for %(asked)d items, the bank has %(usable)d usable", **figures)
    )
    held = _("; %(held)d more are held back by exposure", held=one.held_back) if one.held_back else ""
    return f"{said}{held}"


def _together(name: str, one: Unmet) -> str:
    """Say that there are enough of the items, but not beside what else is asked."""
    if one.kind == "cell":
        return str(
            _(
                "%(name)s asks for %(asked)d items; of the %(usable)d usable ones too many say the same as items of "
                "other cells",
                name=name,
                asked=one.asked,
                usable=one.usable,
            )
        )
    return str(
        _(
            "%(name)s asks for %(asked)d items; with the modules and cognitive levels asked for, a paper comes to "
            "%(nearest)s at the nearest",
            name=name,
            asked=one.asked,
            nearest=one.nearest,
        )
    )


def _difficulty(one: Unmet) -> str:
    return str(
        _(
            "the mean difficulty is asked between %(low)s and %(high)s; with all else met, the nearest the bank comes "
            "to is %(nearest)s",
            low=one.low,
            high=one.high,
            nearest=one.nearest,
        )
    )


def _time(one: Unmet) -> str:
    return str(
        _(
            "the expected time is asked between %(low)s and %(high)s seconds; with all else met, the nearest the bank "
            "comes to is %(nearest)s",
            low=one.low,
            high=one.high,
            nearest=one.nearest,
        )
    )


def _enemies(one: Unmet) -> str:
    first, second = one.names
    return str(_("%(one)s and %(other)s may not stand together, but both would be needed", one=first, other=second))


def _exposure(one: Unmet) -> str:
    return str(
        _(
            "all could be met without the exposure limit, which holds back %(held)d items used %(most)d times or more",
            held=one.held_back,
            most=one.asked,
        )
    )


def _equal(one: Unmet) -> str:
    said = _("%(papers)d papers without an item in common cannot be made equal", papers=one.asked)
    return f"{said}{_(': ')}{_UNEQUAL[one.names[0] if one.names else '']}"


_UNEQUAL: dict[str, Text] = {
    "information": _l(
        "their information at the cut score lies further apart than allowed; allow more, ask for fewer papers, or "
        "approve items that tell more there"
    ),
    "difficulty": _l("their mean difficulties lie further apart than allowed; allow more, or ask for fewer papers"),
    "time": _l("their expected times lie further apart than allowed; allow more, or ask for fewer papers"),
    "enemies": _l("items that may not stand together leave too few; ask for fewer papers, or look at the pairs again"),
    "": _l("ask for fewer papers, allow more, or approve more items"),
}
_SAID = {
    "type": _type,
    "difficulty": _difficulty,
    "time": _time,
    "enemies": _enemies,
    "exposure": _exposure,
    "parallel": _equal,
}

"""The modules of the syllabus in every room: the national ones, and what published syllabus packs name in a region."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import Text
from app.core.text import pick
from app.rulebook.models import RulePack
from app.rulebook.rules.packs import chain, choose, nearest_first
from app.rulebook.states import PackState
from app.rulebook.terms import MODULES, LevelName

SYLLABUS = "syllabus"


@dataclass(frozen=True, slots=True)
class Modules:
    """The modules of one syllabus, by code in its order, and what else its region knows; names as the reader has them.

    Without a pack the syllabus is the national one, at every level. `of_level` has the codes of each level that the
    syllabus sets any for. `labels` names every module: those of the syllabus first, then those that another published
    syllabus of the region or above names, whenever it binds, and the national ones; where another region is asked
    for beside, what its syllabuses and those above it name comes last. `words` are all names that published
    syllabuses give a module, Chinese and English by turns.
    """

    pack: str | None = None
    names: dict[str, Text] = field(default_factory=lambda: dict(MODULES))
    of_level: dict[str, frozenset[str]] = field(default_factory=dict)
    labels: dict[str, Text] = field(default_factory=lambda: dict(MODULES))
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def name(self, module: str) -> Text:
        """Return what a module is called, its code where nobody named it."""
        return self.labels.get(module, module)

    def beside(self, others: Iterable[str]) -> list[str]:
        """Return the modules of the syllabus in its order, then which others there are."""
        return [*self.names, *sorted(set(others) - self.names.keys())]

    def at(self, level: str) -> list[str]:
        """Return the modules of a level in the order of the syllabus; one that it leaves open has all."""
        return [module for module in self.names if module in self.of_level.get(level, self.names)]

    def beyond(self, level: str, modules: Iterable[str]) -> list[str]:
        """Return which of the modules the syllabus does not have at a level; one that it leaves open bounds nothing."""
        allowed = self.of_level.get(level)
        return [] if allowed is None else [module for module in modules if module not in allowed]


def modules_in_force(region_code: str | None, on: date, beside: str | None = None) -> Modules:
    """Return the modules of the syllabus that binds a region on a day, the national ones without a region: one read."""
    packs, own = _published(region_code, beside), chain(region_code or "")
    binding = [one for one in packs if one.starts_on <= on and (one.ends_on is None or on <= one.ends_on)]
    return _modules(choose((one for one in binding if one.region_code in own), region_code or ""), packs)


def modules_of(pack_code: str | None, region_code: str, beside: str | None = None) -> Modules:
    """Return the modules of a published syllabus of a region by its code, the national ones without: one read."""
    packs = _published(region_code, beside)
    return _modules(next((one for one in packs if one.code == pack_code), None), packs)


def modules_in(packs: Collection[str]) -> dict[str, dict[str, LevelName]]:
    """Return what packs, named by their codes, call their modules: what was taught under one of them is called so."""
    if not packs:
        return {}
    query = select(RulePack.code, RulePack.params["levels"]).where(RulePack.kind == SYLLABUS, RulePack.code.in_(packs))
    return {
        code: {one["code"]: LevelName(one["name_zh"], one["name_en"]) for level in levels for one in _in(level)}
        for code, levels in session.execute(query)
    }


def _published(region_code: str | None, beside: str | None) -> list[RulePack]:
    """Return every syllabus that was ever published for a region or one above, nearest and latest first.

    Those of the region beside it, and of the ones above that, come last.
    """
    if region_code is None:
        return []
    others = () if beside is None else (beside,)
    query = select(RulePack).where(
        RulePack.kind == SYLLABUS,
        RulePack.state == PackState.PUBLISHED,
        RulePack.region_code.in_({code for region in (region_code, *others) for code in chain(region)}),
    )
    return sorted(session.scalars(query), key=nearest_first(region_code, *others))


def _modules(pack: RulePack | None, published: list[RulePack]) -> Modules:
    own = _named([pack] if pack else [])
    every = _named([*([pack] if pack else []), *published])
    names: dict[str, Text] = {code: pick(*said[:2]) for code, said in own.items()} or dict(MODULES)
    known: dict[str, Text] = {**MODULES, **{code: pick(*said[:2]) for code, said in every.items()}}
    return Modules(
        pack.code if pack else None,
        names,
        _of_level(pack) if pack else {},
        {**names, **{code: name for code, name in known.items() if code not in names}},
        {code: tuple(said) for code, said in every.items()},
    )


def _named(packs: Iterable[RulePack]) -> dict[str, list[str]]:
    """Return the names of each module, Chinese and English by turns, in the order of packs."""
    named: dict[str, list[str]] = {}
    for pack in packs:
        for level in pack.params["levels"]:
            for module in _in(level):
                named.setdefault(module["code"], []).extend((module["name_zh"], module["name_en"]))
    return named


def _in(level: JsonObject) -> list[dict[str, str]]:
    """Return the modules that a level of a syllabus sets, none where it leaves them open."""
    found: list[dict[str, str]] = level.get("modules", [])
    return found


def _of_level(pack: RulePack) -> dict[str, frozenset[str]]:
    levels = pack.params["levels"]
    return {one["code"]: frozenset(module["code"] for module in one["modules"]) for one in levels if one.get("modules")}

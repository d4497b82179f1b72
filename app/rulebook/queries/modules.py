"""The modules of the syllabus in every room: the national ones, and what published syllabus packs name in a region."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from app.core.db import session
from app.core.errors import Text
from app.core.text import pick
from app.rulebook.models import RulePack
from app.rulebook.rules.packs import chain, choose, nearest_first
from app.rulebook.states import PackState
from app.rulebook.terms import MODULES

SYLLABUS = "syllabus"


@dataclass(frozen=True, slots=True)
class Modules:
    """The modules of one syllabus, by code in its order, and what else its region knows; names as the reader has them.

    Without a pack the syllabus is the national one, at every level. `of_level` has the codes of each level that the
    syllabus sets any for. `labels` names every module: those of the syllabus first, then those that another published
    syllabus of the region or above names, whenever it binds, and the national ones. `words` are all names that
    published syllabuses give a module, Chinese and English by turns.
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


def modules_in_force(region_code: str | None, on: date) -> Modules:
    """Return the modules of the syllabus that binds a region on a day, the national ones without a region: one read."""
    packs = _published(region_code)
    binding = [one for one in packs if one.starts_on <= on and (one.ends_on is None or on <= one.ends_on)]
    return _modules(choose(binding, region_code or ""), packs)


def modules_of(pack_code: str | None, region_code: str) -> Modules:
    """Return the modules of a published syllabus of a region by its code, the national ones without: one read."""
    packs = _published(region_code)
    return _modules(next((one for one in packs if one.code == pack_code), None), packs)


def _published(region_code: str | None) -> list[RulePack]:
    """Return every syllabus that was ever published for a region or one above, nearest and latest first."""
    if region_code is None:
        return []
    query = select(RulePack).where(
        RulePack.kind == SYLLABUS,
        RulePack.state == PackState.PUBLISHED,
        RulePack.region_code.in_(chain(region_code)),
    )
    return sorted(session.scalars(query), key=nearest_first(region_code))


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
            for module in level.get("modules", ()):
                named.setdefault(module["code"], []).extend((module["name_zh"], module["name_en"]))
    return named


def _of_level(pack: RulePack) -> dict[str, frozenset[str]]:
    levels = pack.params["levels"]
    return {one["code"]: frozenset(module["code"] for module in one["modules"]) for one in levels if one.get("modules")}

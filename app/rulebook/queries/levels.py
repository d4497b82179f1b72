"""The levels of technology managers: the national three, and what published packs call them or add to them."""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType

from sqlalchemy import ColumnElement, select

from app.core.db import session
from app.core.errors import Text
from app.core.text import in_language
from app.rulebook.models import RulePack
from app.rulebook.queries.kinds import kinds
from app.rulebook.rules import chain
from app.rulebook.states import PackState
from app.rulebook.terms import LEVEL_NAMES, LevelName

BETWEEN = " / "
Named = dict[str, LevelName]
NOTHING: Mapping[str, Text] = MappingProxyType({})


def levels(region_code: str | None = None) -> Named:
    """Return what each level is called, by its code: all that the nation and published packs call it, each name once.

    The national three come first. With a region only packs of that region and of those above it count.
    """
    return {
        code: LevelName(BETWEEN.join(one.zh for one in names), BETWEEN.join(one.en for one in names))
        for code, names in names_of_levels(region_code).items()
    }


def level_choices(region_code: str | None = None, short: Mapping[str, Text] = NOTHING) -> list[tuple[str, str]]:
    """Return the levels to choose among, in the reader's language; `short` are other words for some of them."""
    return [(code, str(short.get(code, name))) for code, name in levels(region_code).items()]


def names_of_levels(region_code: str | None = None) -> dict[str, list[LevelName]]:
    """Return every name of each level, as `levels` joins them; letter case makes no other name."""
    found = {code: [_national(text)] for code, text in LEVEL_NAMES.items()}
    where = [RulePack.state == PackState.PUBLISHED]
    if region_code is not None:
        where.append(RulePack.region_code.in_(chain(region_code)))
    for _pack, named in _defined(*where):
        for code, name in named.items():
            known = found.setdefault(code, [])
            if name.folded not in {one.folded for one in known}:
                known.append(name)
    return found


def levels_in(packs: Collection[str]) -> dict[str, Named]:
    """Return what packs, named by their codes, call their levels: what a decision under one of them called its own."""
    return dict(_defined(RulePack.code.in_(packs))) if packs else {}


def _defined(*where: ColumnElement[bool]) -> Iterator[tuple[str, Named]]:
    """Yield the code of each pack that defines levels, and their names; one statement, without reading whole packs."""
    defining = [one.name for one in kinds().values() if one.names_levels]
    query = select(RulePack.code, RulePack.params["levels"]).where(RulePack.kind.in_(defining), *where)
    for code, given in session.execute(query.order_by(RulePack.region_code, RulePack.starts_on, RulePack.revision)):
        yield code, {one["code"]: LevelName(one["name_zh"], one["name_en"]) for one in given}


def _national(text: Text) -> LevelName:
    return LevelName(in_language(text, "zh_CN"), in_language(text, "en"))


class LevelWords(Mapping[str, str]):
    """What levels are called in the reader's language: the national ones in given words, others as their packs do.

    Packs are read, once, where a level is none of the national three, or all levels are asked for. A code that nobody
    defines is not in it, and stands for itself.
    """

    def __init__(self, national: Mapping[str, Text] = LEVEL_NAMES) -> None:
        self._national = national

    def __getitem__(self, code: str) -> str:
        return str(self._national.get(code) or self._others.get(code, code))

    def __contains__(self, code: object) -> bool:
        return code in self._national or code in self._others

    def __iter__(self) -> Iterator[str]:
        return iter(self._others)

    def __len__(self) -> int:
        return len(self._others)

    @cached_property
    def _others(self) -> Named:
        return levels()

"""Reads of rule packs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from pydantic import BaseModel
from sqlalchemy import Select, func, or_, select

from app.accounts.access import within
from app.accounts.models import Region
from app.core.access import Actor
from app.core.db import session
from app.core.errors import InvalidError, NotFoundError, Text
from app.core.room import rooms
from app.core.text import _l, pick
from app.rulebook.access import may_see_drafts
from app.rulebook.facts import Catalogue, Catalogued, Fact, FactKind, Question, split
from app.rulebook.kinds import Binding, RuleKind
from app.rulebook.models import RulePack
from app.rulebook.phrases import Phrases
from app.rulebook.queries.kinds import kind, kinds
from app.rulebook.queries.levels import LevelWords
from app.rulebook.rules import PackFile, cases, chain, check_params, choose, read
from app.rulebook.rules.cases import CaseResult
from app.rulebook.rules.conditions import Conditions
from app.rulebook.rules.packs import NATION, as_stored, check_facts
from app.rulebook.states import PackState
from app.rulebook.terms import LEVELS, SERIES, TITLE_LEVELS

PER_PAGE = 25


class Page(NamedTuple):
    """One page of packs."""

    rows: list[RulePack]
    page: int
    pages: int
    total: int


def catalogue() -> Catalogue:
    """Return every fact that criteria may name, by its name without brackets, lower rooms first."""
    levels = LevelWords(LEVELS)
    return {
        kind_.name: Catalogued(_levelled(kind_, levels), source.title, source.subject, given=source.give is not None)
        for room in rooms()
        for source in room.facts
        for kind_ in source.kinds
    }


def _levelled(found: FactKind, levels: LevelWords) -> FactKind:
    return replace(found, parameters=levels) if found.of_levels else found


def catalogue_of(found: RuleKind) -> Catalogue:
    """Return the catalogue with the facts that only decisions of a kind see."""
    own = {one.name: Catalogued(one, found.name, found.name, given=True) for one in found.facts}
    return {**catalogue(), **own}


def facts_of(
    subjects: Sequence[int], names: frozenset[str], *, on: date, known_at: datetime, subject: str = "person"
) -> dict[int, dict[str, Fact]]:
    """Return the facts of many subjects on a day as known at an instant; what is not known is left out.

    `names` are full names such as `hours.module[policy]`, `subject` is whose they are: `person` unless a room says
    otherwise. Each room that declares one of them is asked once.
    """
    asked = {split(name)[0] for name in names}
    found: dict[int, dict[str, Fact]] = {key: {} for key in subjects}
    for source in (source for room in rooms() for source in room.facts):
        if source.give is None or source.subject != subject or not asked & {one.name for one in source.kinds}:
            continue
        for key, facts in source.give(Question(subjects, names, on, known_at)).items():
            found[key].update({name: fact for name, fact in facts.items() if name in names})
    return found


def visible(actor: Actor | None) -> Select[RulePack]:
    """Select what a person may see: published packs for all, drafts of one's region for those who propose."""
    published = RulePack.state == PackState.PUBLISHED
    if actor is not None and may_see_drafts(actor):
        return select(RulePack).where(or_(published, within(RulePack.region_code, actor)))
    return select(RulePack).where(published)


def packs(actor: Actor | None, *, kind_name: str = "", page: int = 1) -> Page:
    """List packs by kind, newest start first; a page beyond the last gives the last."""
    query = visible(actor)
    if kind_name:
        query = query.where(RulePack.kind == kind_name)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    rows = session.scalars(
        query.order_by(RulePack.kind, RulePack.starts_on.desc(), RulePack.revision.desc(), RulePack.id)
        .limit(PER_PAGE)
        .offset((wanted - 1) * PER_PAGE)
    )
    return Page(list(rows), wanted, pages, total)


def published(kind_name: str) -> list[RulePack]:
    """Return every published pack of a kind, of all regions and times."""
    query = select(RulePack).where(RulePack.kind == kind_name, RulePack.state == PackState.PUBLISHED)
    return list(session.scalars(query.order_by(RulePack.region_code, RulePack.starts_on, RulePack.revision)))


def region_named(typed: str) -> Region | None:
    """Return the region under a code or a name, None where there is none."""
    said = typed.strip()
    query = select(Region).where(or_(Region.code == said, Region.name_zh == said, Region.name_en == said))
    return session.scalar(query.order_by(Region.code).limit(1))


def comparable(found: RulePack, actor: Actor | None) -> list[RulePack]:
    """Return the packs of the same kind that a person may see beside one, those of its own series first."""
    query = visible(actor).where(RulePack.kind == found.kind, RulePack.id != found.id)
    other = RulePack.series != found.series
    return list(session.scalars(query.order_by(other, RulePack.region_code, RulePack.id.desc()).limit(50)))


def region_names(codes: set[str]) -> dict[str, Region]:
    """Return regions by code, for columns and facts."""
    rows = session.scalars(select(Region).where(Region.code.in_(codes)))
    return {row.code: row for row in rows}


def pack(code: str, actor: Actor | None) -> RulePack:
    """Return one pack; raises NotFoundError outside of what the person may see."""
    found = session.scalar(visible(actor).where(RulePack.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such rule pack, or it is not published yet."))
    return found


def in_force(kind_name: str, region_code: str, on: date, *, known_at: datetime | None = None) -> RulePack:
    """Return the pack that binds a region on a day: nearest region, then latest start.

    What was published after `known_at` is left out, although it reaches back to the day. Raises InvalidError where no
    pack of the kind is in force.
    """
    query = select(RulePack).where(
        RulePack.kind == kind_name,
        RulePack.state == PackState.PUBLISHED,
        RulePack.region_code.in_(chain(region_code)),
        RulePack.starts_on <= on,
        or_(RulePack.ends_on.is_(None), RulePack.ends_on >= on),
    )
    if known_at is not None:
        query = query.where(RulePack.published_at <= known_at)
    found = choose(session.scalars(query), region_code)
    if found is None:
        raise InvalidError(
            _l(
                "No rule pack of the kind “%(kind)s” is in force. An authority must publish one first.",
                kind=kinds()[kind_name].label if kind_name in kinds() else kind_name,
            )
        )
    return found


def kinds_for(actor: Actor) -> list[RuleKind]:
    """Return the kinds of rules that an authority may set for its region; some the nation alone sets."""
    return [one for one in kinds().values() if not one.national or actor.region_code == NATION]


def kind_for(name: str, actor: Actor) -> RuleKind:
    """Return a kind of rules that an authority may set for its region; raises NotFoundError for any other."""
    found = next((one for one in kinds_for(actor) if one.name == name), None)
    if found is None:
        raise NotFoundError(_l("There is no such kind of rules for your region. Choose one from the list."))
    return found


def binding_today(region_code: str, on: date) -> dict[str, RulePack]:
    """Return for each kind, by name, the pack that binds a region on a day: one statement."""
    query = select(RulePack).where(
        RulePack.state == PackState.PUBLISHED,
        RulePack.region_code.in_(chain(region_code)),
        RulePack.starts_on <= on,
        or_(RulePack.ends_on.is_(None), RulePack.ends_on >= on),
    )
    found: dict[str, list[RulePack]] = {}
    for pack_ in session.scalars(query):
        found.setdefault(pack_.kind, []).append(pack_)
    chosen = {name: choose(packs_, region_code) for name, packs_ in found.items()}
    return {name: pack_ for name, pack_ in chosen.items() if pack_ is not None}


def to_copy(kind_name: str) -> list[RulePack]:
    """Return the latest published pack of every series of a kind, the nation's first."""
    latest: dict[str, RulePack] = {}
    for one in published(kind_name):
        latest[one.series] = max(one, latest.get(one.series, one), key=lambda pack_: pack_.revision)
    return sorted(latest.values(), key=lambda pack_: (pack_.region_code, pack_.series))


def name_of(code: str) -> tuple[str, str] | None:
    """Return the Chinese and the English name of a pack that was published; None where there is none."""
    out = (PackState.PUBLISHED, PackState.WITHDRAWN)
    query = select(RulePack.name_zh, RulePack.name_en).where(RulePack.code == code, RulePack.state.in_(out))
    row = session.execute(query).one_or_none()
    return None if row is None else (row.name_zh, row.name_en)


def by_code(code: str) -> RulePack:
    """Return a pack that a decision has pinned, whatever its state."""
    return session.scalars(select(RulePack).where(RulePack.code == code)).one()


def params(found: RulePack) -> BaseModel:
    """Return the typed parameters of a pack."""
    return check_params(kind(found.kind).model, found.params)


def sentences_of_criteria(given: Conditions) -> list[Text]:
    """Say a pack of the kind `criteria` in plain sentences."""
    purpose = pick(given.purpose_zh, given.purpose_en)
    head = _l(
        "%(purpose)s, level %(level)s, series %(series)s:",
        purpose=purpose,
        level=TITLE_LEVELS.get(given.level, given.level),
        series=SERIES.get(given.series, given.series),
    )
    return [head, *Phrases(catalogue()).sentences(given.tree)]


def binding(found: RulePack) -> Binding:
    """Return a pack as the verdicts on it name it."""
    return Binding(found.code, found.tag.value, found.source["title_zh"], found.source["title_en"])


def checked(text: str) -> tuple[PackFile, BaseModel]:
    """Read a pack file and check it against its kind and the catalogue of facts.

    Raises InvalidError naming what is wrong; whether its test cases pass is another question.
    """
    given = read(text)
    found = kind(given.kind)
    typed = check_params(found.model, as_stored(given.params))
    known = catalogue_of(found)
    check_facts(typed, known)
    cases.check_cases(given.cases, found, known)
    return given, typed


def run_cases(given: PackFile, typed: BaseModel, *, code: str = "") -> list[CaseResult]:
    """Judge the test cases of a pack under its parameters."""
    found = kind(given.kind)
    name = Binding(code or given.code, given.tag.value, given.source.title_zh, given.source.title_en)
    return cases.run(given.cases, found, typed, catalogue=catalogue_of(found), binding=name)


def cases_of(found: RulePack) -> list[CaseResult]:
    """Judge the test cases of a stored pack under its parameters."""
    return run_cases(read(found.text), params(found), code=found.code)


def latest_of(series: str) -> RulePack | None:
    """Return the latest revision of a series, None where nothing was loaded under this code yet."""
    return session.scalar(select(RulePack).where(RulePack.series == series).order_by(RulePack.revision.desc()).limit(1))

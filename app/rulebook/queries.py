"""Reads of rule packs."""

from datetime import date
from typing import NamedTuple

from pydantic import BaseModel
from sqlalchemy import Select, func, or_, select

from app.accounts.access import within
from app.accounts.models import Region
from app.core.access import Actor
from app.core.db import session
from app.core.errors import InvalidError, NotFoundError
from app.core.room import rooms
from app.core.text import _l
from app.rulebook.access import may_see_drafts
from app.rulebook.kinds import RuleKind
from app.rulebook.models import RulePack
from app.rulebook.rules import chain, check_params, choose
from app.rulebook.states import PackState

PER_PAGE = 25


class Page(NamedTuple):
    """One page of packs."""

    rows: list[RulePack]
    page: int
    pages: int
    total: int


def kinds() -> dict[str, RuleKind]:
    """Return every kind of rule that a room declares, by name."""
    return {kind.name: kind for room in rooms() for kind in room.rule_kinds}


def kind(name: str) -> RuleKind:
    """Return a declared kind; raises InvalidError for any other."""
    found = kinds().get(name)
    if found is None:
        raise InvalidError(
            _l(
                "There is no kind of rule “%(kind)s”. Use one of: %(kinds)s.",
                kind=name,
                kinds=", ".join(sorted(kinds())),
            ),
            field="file",
        )
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


def in_force(kind_name: str, region_code: str, on: date) -> RulePack:
    """Return the pack that binds a region on a day: nearest region, then latest start.

    Raises InvalidError where no pack of the kind is in force.
    """
    query = select(RulePack).where(
        RulePack.kind == kind_name,
        RulePack.state == PackState.PUBLISHED,
        RulePack.region_code.in_(chain(region_code)),
        RulePack.starts_on <= on,
        or_(RulePack.ends_on.is_(None), RulePack.ends_on >= on),
    )
    found = choose(session.scalars(query), region_code)
    if found is None:
        raise InvalidError(
            _l(
                "No rule pack of the kind “%(kind)s” is in force. An authority must publish one first.",
                kind=kinds()[kind_name].label if kind_name in kinds() else kind_name,
            )
        )
    return found


def by_code(code: str) -> RulePack:
    """Return a pack that a decision has pinned, whatever its state."""
    return session.scalars(select(RulePack).where(RulePack.code == code)).one()


def params(found: RulePack) -> BaseModel:
    """Return the typed parameters of a pack."""
    return check_params(kind(found.kind).model, found.params)


def latest_of(series: str) -> RulePack | None:
    """Return the latest revision of a series, None where nothing was loaded under this code yet."""
    return session.scalar(select(RulePack).where(RulePack.series == series).order_by(RulePack.revision.desc()).limit(1))

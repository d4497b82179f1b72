"""Reads of organisations, their history and members, and of the region tree."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import CTE, ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.access import Permission, covers, region_span, within
from app.accounts.models import Membership, Organisation, OrganisationChange, Person, Region
from app.accounts.queries import in_force
from app.accounts.states import NATION, Kin, OrganisationKind
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l

PER_PAGE = 50


class OrganisationPage(NamedTuple):
    """One page of organisations, as `ui.pagination` reads it."""

    rows: list[Organisation]
    page: int
    pages: int
    total: int


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may see a body: their own, and those of their region."""
    own = Organisation.id == (actor.organisation_id or 0)
    return or_(own, within(Organisation.region_code, actor)) if actor.may(Permission.ORGANISATIONS_VIEW) else own


def may_see(organisation: Organisation, actor: Actor) -> bool:
    """Tell of a loaded body what `visible` asks the database."""
    views = actor.may(Permission.ORGANISATIONS_VIEW) and covers(actor.region_code, organisation.region_code)
    return views or organisation.id == actor.organisation_id


def page_of(
    actor: Actor, *, text: str = "", kind: str | None = None, state: str | None = None, number: int = 1
) -> OrganisationPage:
    """Return a page of the bodies that the actor may see, by name."""
    condition = visible(actor)
    if text:
        part = text.strip()
        condition &= or_(
            Organisation.name_zh.contains(part, autoescape=True),
            func.lower(Organisation.name_en).contains(part.lower(), autoescape=True),
            Organisation.credit_code == part.upper(),
        )
    if kind in set(OrganisationKind):
        condition &= Organisation.kind == kind
    if state in {"open", "closed"}:
        condition &= Organisation.closed_on.is_(None) if state == "open" else Organisation.closed_on.is_not(None)
    total = session.scalar(select(func.count()).select_from(Organisation).where(condition)) or 0
    pages = max(-(-total // PER_PAGE), 1)
    shown = min(max(number, 1), pages)
    query = select(Organisation).options(joinedload(Organisation.region)).where(condition)
    rows = session.scalars(query.order_by(Organisation.name_zh).offset((shown - 1) * PER_PAGE).limit(PER_PAGE))
    return OrganisationPage(list(rows), shown, pages, total)


def organisation_of(actor: Actor, slug: str) -> Organisation:
    """Return a body that the actor may see, with its region and the whole it belongs to; raises NotFoundError."""
    whole = joinedload(Organisation.parent).joinedload(Organisation.region)
    query = select(Organisation).options(joinedload(Organisation.region), whole)
    found = session.scalar(query.where(Organisation.slug == slug, visible(actor)))
    if found is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def named(actor: Actor, text: str) -> Organisation | None:
    """Return the body that the actor may see by its credit code or its short name in addresses, None where none is."""
    by_text = or_(Organisation.credit_code == text.upper(), Organisation.slug == text.lower())
    return session.scalar(select(Organisation).where(by_text, visible(actor)))


class Parts(NamedTuple):
    """The first parts of a body that the actor may see, by name, and how many there are."""

    rows: list[Organisation]
    total: int


def parts_of(organisation: Organisation, actor: Actor) -> Parts:
    """Return the bodies that name this one as their whole."""
    query = select(Organisation, func.count().over()).where(Organisation.parent_id == organisation.id, visible(actor))
    found = session.execute(query.order_by(Organisation.name_zh, Organisation.id).limit(PER_PAGE)).all()
    return Parts([row for row, _total in found], found[0][1] if found else 0)


def family(ids: Collection[int]) -> dict[int, dict[int, Kin]]:
    """Return by body those above it, its parts, and the other parts of those above it, however far: three statements.

    An authority is no whole whose parts are siblings: it may be above bodies that have nothing else in common.
    """
    over = _by_body(_above(ids))
    tops = {one for line in over.values() for one in line}
    below = _by_body(_below({*ids, *tops}))
    joins = select(Organisation.id).where(Organisation.id.in_(tops), Organisation.kind != OrganisationKind.AUTHORITY)
    wholes = set(session.scalars(joins)) if tops else set[int]()
    return {
        one: {
            **dict.fromkeys((near for top in over[one] & wholes for near in below[top] - {one}), Kin.SIBLING),
            **dict.fromkeys(below[one], Kin.PART),
            **dict.fromkeys(over[one], Kin.WHOLE),
        }
        for one in ids
    }


def above(organisation_id: int) -> set[int]:
    """Return the keys of the bodies above one, however far."""
    return _by_body(_above([organisation_id]))[organisation_id]


def _by_body(line: CTE) -> defaultdict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for of, at in session.execute(select(line.c.of, line.c.at)):
        found[of].add(at)
    return found


def _above(ids: Collection[int]) -> CTE:
    known = Organisation.parent_id.is_not(None)
    first = select(Organisation.id.label("of"), Organisation.parent_id.label("at"))
    line = first.where(Organisation.id.in_(ids), known).cte("above", recursive=True)
    return line.union(
        select(line.c.of, Organisation.parent_id).join(Organisation, Organisation.id == line.c.at).where(known)
    )


def _below(ids: Collection[int]) -> CTE:
    first = select(Organisation.parent_id.label("of"), Organisation.id.label("at"))
    line = first.where(Organisation.parent_id.in_(ids)).cte("below", recursive=True)
    return line.union(select(line.c.of, Organisation.id).join(Organisation, Organisation.parent_id == line.c.at))


def history(organisation: Organisation) -> list[OrganisationChange]:
    """Return the corrections of a body, latest first."""
    query = select(OrganisationChange).where(OrganisationChange.organisation_id == organisation.id)
    return list(session.scalars(query.order_by(OrganisationChange.id.desc()).limit(100)))


class MemberPage(NamedTuple):
    """One page of members, as `ui.pagination` reads it."""

    rows: list[Membership]
    page: int
    pages: int
    total: int


def members_of(organisation: Organisation, on: date, *, number: int = 1) -> MemberPage:
    """Return a page of the memberships of a body: those in force first, then those that ended, by name."""
    condition = Membership.organisation_id == organisation.id
    total = session.scalar(select(func.count()).select_from(Membership).where(condition)) or 0
    pages = max(-(-total // PER_PAGE), 1)
    shown = min(max(number, 1), pages)
    query = (
        select(Membership)
        .join(Membership.person)
        .options(joinedload(Membership.person))
        .where(condition)
        .order_by(in_force(on).desc(), Person.name, Membership.id)
        .offset((shown - 1) * PER_PAGE)
        .limit(PER_PAGE)
    )
    return MemberPage(list(session.scalars(query)), shown, pages, total)


def membership_in(organisation: Organisation, code: str) -> Membership:
    """Return a membership of a body with its person; raises NotFoundError."""
    query = select(Membership).options(joinedload(Membership.person))
    found = session.scalar(query.where(Membership.code == code, Membership.organisation_id == organisation.id))
    if found is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def regions_within(actor: Actor) -> list[Region]:
    """Return the regions of the actor's scope in the order of their codes, for a choice."""
    return list(session.scalars(select(Region).where(within(Region.code, actor)).order_by(Region.code)))


class RegionPage(NamedTuple):
    """A node of the tree: the way to it from the nation, what lies in it, and how many bodies are in each."""

    region: Region
    above: Sequence[Region]
    below: Sequence[Region]
    bodies: dict[str, int]


def region_page(code: str) -> RegionPage:
    """Return a region with its way and its parts; raises NotFoundError."""
    region = session.get(Region, code)
    if region is None:
        raise NotFoundError(_l("There is no region with this code."))
    codes = {NATION, f"{code[:2]}0000", f"{code[:4]}00"} - {code}
    above = session.scalars(select(Region).where(Region.code.in_(codes)).order_by(Region.level, Region.code)).all()
    below = session.scalars(select(Region).where(Region.parent_code == code).order_by(Region.code)).all()
    return RegionPage(region, sorted(above, key=lambda one: (one.code != NATION, one.code)), below, _bodies(below))


def _bodies(regions: Sequence[Region]) -> dict[str, int]:
    counts = dict(
        session.execute(
            select(Organisation.region_code, func.count())
            .where(Organisation.closed_on.is_(None))
            .group_by(Organisation.region_code)
        ).all()
    )
    spans = {region.code: region_span(region.code) for region in regions}
    return {
        code: sum(count for place, count in counts.items() if low <= place <= high)
        for code, (low, high) in spans.items()
    }

"""Reads of organisations, their history and members, and of the region tree."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.access import Permission, region_span, within
from app.accounts.models import Membership, Organisation, OrganisationChange, Person, Region
from app.accounts.queries import in_force
from app.accounts.states import NATION, OrganisationKind
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
    """Return a body that the actor may see, with its region; raises NotFoundError."""
    query = select(Organisation).options(joinedload(Organisation.region))
    found = session.scalar(query.where(Organisation.slug == slug, visible(actor)))
    if found is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


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

"""Reads of pools, experts and committees."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person, Region
from app.accounts.rules.bodies import Alike, alike, body_root
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.panels.access import Permission
from app.panels.models.pools import Committee, CommitteeMember, ExpertPool, PoolExpert
from app.panels.queries import scope
from app.panels.queries.pages import Page, page_of
from app.panels.rules.parameters import CommitteeRules
from app.panels.states import ExpertState, Field, Title
from app.rulebook import queries as rulebook
from app.rulebook.models import RulePack

RULES = "committee_rules"
EXPIRED = "expired"
Record = TypeVar("Record")
SORTS: dict[str, Any] = {
    "name": Person.name,
    "unit": PoolExpert.unit,
    "region": PoolExpert.region_code,
    "ends_on": PoolExpert.ends_on,
}


@dataclass(frozen=True, slots=True)
class Sought:
    """What a person looks for in a pool; empty means all."""

    text: str = ""
    field: str = ""
    title: str = ""
    state: str = ""
    sort: str = "name"


def found(record: Record | None) -> Record:
    """Return a record; raises the one NotFoundError of this room, whatever the reason."""
    if record is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return record


def rules_for(region_code: str, on: date) -> tuple[RulePack, CommitteeRules]:
    """Return the committee rules in force in a region with their pack; raises InvalidError where there are none."""
    pack = rulebook.in_force(RULES, region_code, on)
    return pack, _typed(pack)


def rules_of(code: str) -> CommitteeRules:
    """Return the committee rules that a record has pinned."""
    return _typed(rulebook.by_code(code))


def _typed(pack: RulePack) -> CommitteeRules:
    return cast("CommitteeRules", rulebook.params(pack))


def pools(actor: Actor) -> list[tuple[ExpertPool, int]]:
    """Return the readable pools with how many experts each holds."""
    count = select(func.count(PoolExpert.id)).where(PoolExpert.pool_id == ExpertPool.id).scalar_subquery()
    query = scope.pools(actor).add_columns(count).options(joinedload(ExpertPool.organisation))
    return [(pool, number) for pool, number in session.execute(query.order_by(ExpertPool.region_code, ExpertPool.id))]


def pool(code: str, actor: Actor) -> ExpertPool:
    """Return a readable pool; raises NotFoundError."""
    query = scope.pools(actor).where(ExpertPool.code == code).options(joinedload(ExpertPool.organisation))
    return found(session.scalar(query))


def pools_to_nominate(actor: Actor) -> list[ExpertPool]:
    """Return the pools that a unit may nominate to: those whose region covers its own, nearest first."""
    code = actor.region_code or ""
    covering = {code, f"{code[:4]}00", f"{code[:2]}0000", "100000"}
    query = select(ExpertPool).where(ExpertPool.region_code.in_(covering))
    if actor.may(Permission.ORGANISE):
        query = scope.pools(actor)
    return list(session.scalars(query.order_by(ExpertPool.region_code.desc(), ExpertPool.id)))


def state_is(state: str, on: date) -> ColumnElement[bool] | None:
    """Return the condition of a state as shown: an admitted expert after the term counts as expired."""
    over = PoolExpert.ends_on < on
    if state == EXPIRED:
        return and_(PoolExpert.state == ExpertState.ADMITTED, over)
    if state == ExpertState.ADMITTED:
        return and_(PoolExpert.state == ExpertState.ADMITTED, PoolExpert.ends_on >= on)
    return PoolExpert.state == ExpertState(state) if state in set(ExpertState) else None


def _sought(within: ExpertPool, sought: Sought, on: date) -> Select[PoolExpert]:
    query = select(PoolExpert).join(PoolExpert.person).where(PoolExpert.pool_id == within.id)
    text = sought.text.strip()
    if text:
        columns = (Person.name, PoolExpert.unit)
        query = query.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if sought.field in set(Field):
        query = query.where(PoolExpert.field == Field(sought.field))
    if sought.title in set(Title):
        query = query.where(PoolExpert.title == Title(sought.title))
    condition = state_is(sought.state, on)
    return query if condition is None else query.where(condition)


def _order(sort: str) -> tuple[Any, ...]:
    column = SORTS.get(sort.removeprefix("-"), Person.name)
    return (column.desc() if sort.startswith("-") else column, PoolExpert.id)


def experts(within: ExpertPool, sought: Sought, *, on: date, page: int) -> Page[PoolExpert]:
    """Return a page of the experts of a pool."""
    return page_of(_sought(within, sought, on), _order(sought.sort), page)


def all_experts(within: ExpertPool, sought: Sought, *, on: date) -> list[PoolExpert]:
    """Return all experts that match, for the export."""
    return list(session.scalars(_sought(within, sought, on).order_by(*_order(sought.sort))))


def expert(code: str, actor: Actor) -> PoolExpert:
    """Return an expert of a readable pool; raises NotFoundError."""
    query = scope.experts(actor).where(PoolExpert.code == code).options(joinedload(PoolExpert.pool))
    return found(session.scalar(query))


def own_entries(actor: Actor) -> list[PoolExpert]:
    """Return the entries of the actor in every pool, with the pools."""
    query = select(PoolExpert).where(PoolExpert.person_id == actor.person_id).options(joinedload(PoolExpert.pool))
    return list(session.scalars(query.order_by(PoolExpert.id.desc())))


def own_entry(code: str, actor: Actor) -> PoolExpert:
    """Return one of the actor's own entries; raises NotFoundError."""
    query = select(PoolExpert).where(PoolExpert.code == code, PoolExpert.person_id == actor.person_id)
    return found(session.scalar(query.options(joinedload(PoolExpert.pool))))


def nominated_by(actor: Actor) -> list[PoolExpert]:
    """Return whom the actor nominated, latest first."""
    query = select(PoolExpert).where(PoolExpert.nominated_by_id == actor.person_id)
    return list(session.scalars(query.order_by(PoolExpert.id.desc()).limit(100)))


def entry_of(pool_id: int, person_id: int) -> PoolExpert | None:
    """Return a person's entry in a pool, None where there is none."""
    query = select(PoolExpert).where(PoolExpert.pool_id == pool_id, PoolExpert.person_id == person_id)
    return session.scalar(query)


def region_names(codes: set[str]) -> dict[str, Region]:
    """Return regions by code."""
    return {row.code: row for row in session.scalars(select(Region).where(Region.code.in_(codes)))}


def committees(actor: Actor, *, page: int = 1) -> Page[Committee]:
    """Return a page of readable committees, the latest first."""
    return page_of(scope.committees(actor), (Committee.id.desc(),), page)


def committee(code: str, actor: Actor) -> Committee:
    """Return a readable committee; raises NotFoundError."""
    return found(session.scalar(scope.committees(actor).where(Committee.code == code)))


def members(of: Committee) -> list[CommitteeMember]:
    """Return the members of a committee, the chair first, then by name."""
    return list(session.scalars(members_of(of.id)))


def members_of(committee_id: int) -> Select[CommitteeMember]:
    """Select the members of a committee, joined to their experts, the chair first, then by name."""
    return (
        select(CommitteeMember)
        .join(CommitteeMember.expert)
        .join(PoolExpert.person)
        .where(CommitteeMember.committee_id == committee_id)
        .order_by(CommitteeMember.chair.desc(), Person.name, CommitteeMember.id)
    )


def serving(pool_id: int, on: date, field: Field | None = None) -> list[PoolExpert]:
    """Return the experts of a pool who may be called on a day, by code."""
    query = select(PoolExpert).where(
        PoolExpert.pool_id == pool_id,
        PoolExpert.state == ExpertState.ADMITTED,
        PoolExpert.starts_on <= on,
        PoolExpert.ends_on >= on,
    )
    if field is not None:
        query = query.where(PoolExpert.field == field)
    return list(session.scalars(query.order_by(PoolExpert.code)))


def by_codes(codes: list[str]) -> list[PoolExpert]:
    """Return experts by their outside codes."""
    return list(session.scalars(select(PoolExpert).where(PoolExpert.code.in_(codes))))


def people_of_unit(pool_id: int, unit: str) -> dict[int, Alike]:
    """Return the persons of a pool who gave a unit as theirs, or a part of it, with how its name was written."""
    query = select(PoolExpert.person_id, PoolExpert.unit).where(PoolExpert.pool_id == pool_id)
    rows = session.execute(query.where(PoolExpert.unit_root == body_root(unit)))
    return {person: how for person, given in rows if (how := alike(unit, given))}


def people_among(pool_id: int, person_ids: Collection[int]) -> set[int]:
    """Return who of some people stands in a pool."""
    if not person_ids:
        return set()
    query = select(PoolExpert.person_id).where(PoolExpert.pool_id == pool_id, PoolExpert.person_id.in_(person_ids))
    return set(session.scalars(query))


def pool_for(region_code: str) -> ExpertPool:
    """Return the pool of the nearest authority over a region; raises NotFoundError where none was opened."""
    query = select(ExpertPool).where(
        ExpertPool.region_code.in_({region_code, f"{region_code[:4]}00", f"{region_code[:2]}0000", "100000"})
    )
    nearest = session.scalar(query.order_by(ExpertPool.region_code == "100000", ExpertPool.region_code.desc()).limit(1))
    if nearest is None:
        raise NotFoundError(_l("There is no expert pool for this region yet. The authority must open one."))
    return nearest

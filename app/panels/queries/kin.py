"""Experts who belong to a body above, below or beside an organisation, by a role there or by the unit they gave."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.accounts.models import Membership, Organisation
from app.accounts.organisation_queries import family
from app.accounts.rules.bodies import Alike, alike, body_root
from app.accounts.states import SERVING, Kin
from app.core.db import session
from app.panels.models.pools import PoolExpert
from app.panels.states import KIN_SOURCES

Barred = dict[int, dict[int, str]]
"""By organisation the experts of any pool (keys of persons) and where it is known from."""


def experts_of_kin(organisation_ids: Collection[int], barred: Collection[Kin]) -> Barred:
    """Return who belongs to a relative that bars: at most six statements, three where no organisation has any."""
    near = {one: _barring(kin, barred) for one, kin in family(organisation_ids).items()}
    bodies = {body for kin in near.values() for body in kin}
    people = _people_of(bodies) if bodies else {}
    return {
        one: {person: KIN_SOURCES[kin[body]] for body in kin for person in people.get(body, ())}
        for one, kin in near.items()
    }


def _barring(kin: Mapping[int, Kin], barred: Collection[Kin]) -> dict[int, Kin]:
    return {body: relation for body, relation in sorted(kin.items()) if relation in barred}


def _people_of(bodies: Collection[int]) -> dict[int, set[int]]:
    """Return by body who holds a role there or gave it as their unit; a part that only its name says is left out."""
    query = (
        select(Membership.organisation_id, Membership.person_id)
        .join(PoolExpert, PoolExpert.person_id == Membership.person_id)
        .where(Membership.organisation_id.in_(bodies), Membership.role.not_in(SERVING))
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for body, person in session.execute(query.distinct()):
        found[body or 0].add(person)
    named = select(Organisation.id, Organisation.name_zh).where(Organisation.id.in_(bodies))
    names = dict(session.execute(named).all())
    roots = {body_root(name) for name in names.values()}
    given = session.execute(
        select(PoolExpert.unit_root, PoolExpert.person_id, PoolExpert.unit).where(PoolExpert.unit_root.in_(roots))
    )
    by_root: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for root, person, unit in given:
        by_root[root].append((person, unit))
    for body, name in names.items():
        found[body].update(
            person for person, unit in by_root[body_root(name)] if alike(name, unit) in {Alike.SAME, Alike.WRITTEN}
        )
    return dict(found)

"""Reads of sample audits within the actor's region."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from app.accounts.access import region_span, within
from app.accounts.models import Membership, Person, Region
from app.accounts.queries import in_force
from app.accounts.states import Role
from app.core.access import Actor
from app.core.clock import SHANGHAI, today
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.evidence.models import Evidence, SampleAudit, SampleItem
from app.evidence.queries.pages import Page, page_of
from app.evidence.states import LIVE


def visible(actor: Actor) -> Select[SampleAudit]:
    """Select the audits of the actor's region."""
    return select(SampleAudit).where(within(SampleAudit.region_code, actor))


def audits(actor: Actor, page: int = 1) -> Page[SampleAudit]:
    """List the audits of the actor's region, the latest first."""
    return page_of(visible(actor), (SampleAudit.id.desc(),), page)


def audit(code: str, actor: Actor) -> SampleAudit:
    """Return one audit; raises NotFoundError outside of the actor's region."""
    found = session.scalar(visible(actor).where(SampleAudit.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such sample audit within your region."))
    return found


def items(audit_id: int) -> list[SampleItem]:
    """Return the drawn records in the order of the draw, with their persons: one statement."""
    query = (
        select(SampleItem)
        .join(SampleItem.evidence)
        .join(Evidence.person)
        .options(contains_eager(SampleItem.evidence).contains_eager(Evidence.person))
        .where(SampleItem.audit_id == audit_id)
    )
    return list(session.scalars(query.order_by(SampleItem.place)))


def item(audit_id: int, code: str) -> SampleItem:
    """Return one drawn record of an audit; raises NotFoundError."""
    found = session.scalar(select(SampleItem).where(SampleItem.audit_id == audit_id, SampleItem.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such record in this sample."))
    return found


def done(audit_ids: list[int]) -> dict[int, int]:
    """Return how many findings of each audit were confirmed."""
    query = (
        select(SampleItem.audit_id, func.count())
        .where(SampleItem.audit_id.in_(audit_ids), SampleItem.confirmed_by_id.is_not(None))
        .group_by(SampleItem.audit_id)
    )
    return dict(session.execute(query).all())


def population(region_code: str, since: date, until: date) -> dict[str, int]:
    """Return the live records declared in a region between two Shanghai days, by code with their ids."""
    low, high = region_span(region_code)
    start = datetime.combine(since, time(), SHANGHAI)
    end = datetime.combine(until + timedelta(days=1), time(), SHANGHAI)
    query = select(Evidence.code, Evidence.id).where(
        Evidence.region_code.between(low, high),
        Evidence.state.in_(LIVE),
        Evidence.declared_at >= start,
        Evidence.declared_at < end,
    )
    return dict(session.execute(query).all())


def officers(region_code: str) -> list[Person]:
    """Return who can be given a drawn record: credit officers and regulators whose region covers it, by name."""
    query = (
        select(Person, Membership.region_code)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.role.in_((Role.CREDIT, Role.REGULATOR)), in_force(today()))
    )
    found = {
        person.id: person
        for person, scope in session.execute(query)
        if region_span(scope)[0] <= region_code <= region_span(scope)[1]
    }
    return sorted(found.values(), key=lambda person: (person.name, person.id))


def officer_id(region_code: str, code: str) -> int:
    """Return the key of an officer who can be given a drawn record; 0, which nobody has, for any other code."""
    return next((one.id for one in officers(region_code) if one.code == code), 0)


def regions(actor: Actor) -> list[Region]:
    """Return the regions from which an officer may draw: their own and those right below it."""
    query = select(Region).where((Region.code == actor.region_code) | (Region.parent_code == actor.region_code))
    return list(session.scalars(query.order_by(Region.code)))

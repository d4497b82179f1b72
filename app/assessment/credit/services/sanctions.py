"""Restrictions that a serious record brings: imposed with its confirmation, lifted everywhere when it ends."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Person
from app.assessment.credit.models import CreditRecord, CreditSanction
from app.assessment.credit.queries.packs import RepairPacks
from app.assessment.credit.states import Gravity
from app.cases import services as cases
from app.cases.models import Restriction, RestrictionLift
from app.cases.services.restrictions import Terms
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session

BASIS_LENGTH = 160


def impose(record: CreditRecord, *, by: Actor, at: datetime) -> None:
    """Restrict the person of a serious record until its last day, as the pack in force says."""
    if record.gravity is not Gravity.SERIOUS:
        return
    packs, today = RepairPacks(at), day_of(at)
    span = packs.span(record.region_code, record.effective_on, record.gravity, today)
    names = packs.params(packs.on(record.region_code, today)).restrictions
    if not names or not span.covers(today):
        return
    terms = Terms(today, span.last_day, record.result, determination=f"{record.basis[:BASIS_LENGTH]} ({record.code})")
    person = session.get_one(Person, record.person_id)
    made = cases.impose(names, person, terms, region_code=record.region_code, by=by, at=at)
    session.add_all(CreditSanction(record_id=record.id, restriction_id=one.id) for one in made)
    session.flush()


def standing(record: CreditRecord) -> list[Restriction]:
    """Return the restrictions that a record brought and nobody has lifted."""
    lifted = select(RestrictionLift.id).where(RestrictionLift.restriction_id == Restriction.id).exists()
    query = select(Restriction).join(CreditSanction, CreditSanction.restriction_id == Restriction.id)
    return list(session.scalars(query.where(CreditSanction.record_id == record.id, ~lifted).order_by(Restriction.id)))


def lift(record: CreditRecord, *, reason: str, at: datetime) -> int:
    """Lift what a record brought, in every room at once; return how many restrictions that were."""
    found = standing(record)
    for one in found:
        cases.lift(one, reason=reason, lifted_on=day_of(at), by=None, at=at)
    return len(found)

"""The bar on new applications that follows from the withdrawal of a title, for the time that the rule in force sets.

Nobody has to remember it: it is imposed with the decision, by whoever decides, and lifted where that is set aside.
"""

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Person
from app.assessment.titles import queries
from app.assessment.titles.models import TitleWithdrawal
from app.assessment.titles.services.doors import APPLYING
from app.cases import services as cases
from app.cases.models import Restriction, RestrictionLift
from app.cases.services.restrictions import Terms
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session


def impose(found: TitleWithdrawal, *, by: Actor, at: datetime) -> None:
    """Keep the person from new applications where the rule in force says so for the reason; the rule is kept with it.

    Raises ForbiddenError for who may not restrict people of the region.
    """
    foreseen = queries.bar_foreseen(found, at)
    if foreseen is None:
        return
    found.integrity_rule = foreseen.pack.code
    if foreseen.bar is not None:
        award, first = found.award, day_of(at)
        determination = f"{award.title_zh[:100]} {award.number} ({found.code})"
        terms = Terms(first, foreseen.bar.last_day(first), found.decision or "", determination=determination)
        person = session.get_one(Person, award.person_id)
        (made,) = cases.impose([APPLYING], person, terms, region_code=award.region_code, by=by, at=at)
        found.restriction_id = made.id
    session.flush()


def lift(found: TitleWithdrawal, *, reason: str, at: datetime) -> None:
    """Lift the bar that a withdrawal brought, because it was set aside; an authority may have lifted it before."""
    lifted = select(RestrictionLift.id).where(RestrictionLift.restriction_id == found.restriction_id)
    if found.restriction_id is None or session.scalar(lifted) is not None:
        return
    bar = session.get_one(Restriction, found.restriction_id)
    cases.lift(bar, reason=reason or bar.reason, lifted_on=day_of(at), by=None, at=at)

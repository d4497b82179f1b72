"""The doors of the appraisal that a restriction closes: taking part, reporting, checking on the spot, deciding."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from app.bases.models import TrainingBase
from app.cases.models import Restriction
from app.cases.queries import restrictions
from app.cases.queries.restrictions import holding
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ForbiddenError
from app.performance import queries
from app.performance.access import may_run
from app.performance.models import BaseAppraisal
from app.performance.states import DECIDING, INSPECTING, REPORTING, TAKING_PART


def refuse_running(region_code: str, by: Actor, at: datetime) -> None:
    """Refuse whose authority does not run a region's appraisal, and an officer who may decide nothing in it."""
    if not may_run(by, region_code):
        raise ForbiddenError(queries.WHO_RUNS)
    restrictions.refuse_if_restricted(DECIDING, person_id=by.person_id, on=day_of(at))


def refuse_reporting(row: BaseAppraisal, by: Actor, at: datetime) -> None:
    """Refuse a base that may take no part, and one of its staff who may report nothing; raises ForbiddenError."""
    refuse_part(row, at)
    restrictions.refuse_if_restricted(REPORTING, person_id=by.person_id, on=day_of(at))


def refuse_inspecting(by: Actor, at: datetime) -> None:
    """Refuse an officer who may not check on the spot; raises ForbiddenError."""
    restrictions.refuse_if_restricted(INSPECTING, person_id=by.person_id, on=day_of(at))


def refuse_part(row: BaseAppraisal, at: datetime) -> None:
    """Refuse a base that may take no part in the appraisal; raises ForbiddenError."""
    restrictions.refuse_if_restricted(TAKING_PART, organisation_id=row.organisation_id, on=day_of(at))


def left_out(bases: Sequence[TrainingBase], *, on: date) -> dict[int, Restriction]:
    """Return the restriction by which each of many bases takes no part on a day, by organisation: one statement."""
    bodies = {base.organisation_id for base in bases}
    query = select(Restriction).where(
        Restriction.kind == TAKING_PART, Restriction.organisation_id.in_(bodies), holding(on)
    )
    return {one.organisation_id: one for one in session.scalars(query) if one.organisation_id is not None}

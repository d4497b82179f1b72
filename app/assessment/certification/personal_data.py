"""What the certification room keeps of a person, and what it must keep."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import SelectBase, or_, select

from app.assessment.certification.models import Award, AwardInvolvement
from app.assessment.certification.states import AwardState
from app.core.columns import JsonObject
from app.core.db import session
from app.core.personal_data import PURPOSE_NOT_ACHIEVED, rows
from app.core.room import HoldKind, PersonalData
from app.core.text import _l
from app.desk import services as desk


def _awards(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Award.code,
        Award.level,
        Award.state,
        Award.region_code,
        Award.proposed_at,
        Award.decided_at,
        Award.reason,
        Award.unified_number,
        Award.valid_from,
        Award.valid_until,
        Award.verdict,
    )
    return rows(told.where(Award.person_id == person_id).order_by(Award.id))


def _involved(person_id: int) -> Iterable[JsonObject]:
    told = select(Award.code, AwardInvolvement.how).join(Award, Award.id == AwardInvolvement.award_id)
    return rows(told.where(AwardInvolvement.person_id == person_id).order_by(AwardInvolvement.id))


def _held(person_id: int, on: date) -> SelectBase:
    return select(Award.unified_number, Award.valid_until).where(
        Award.person_id == person_id,
        Award.state == AwardState.AWARDED,
        or_(Award.valid_until.is_(None), Award.valid_until >= on),
    )


def _forget(person_id: int) -> None:
    """Clear the name in to-dos of those who decide."""
    desk.unname("award", select(Award.code).where(Award.person_id == person_id))


def one_involvement(kept_id: int, gone_id: int) -> None:
    """Let a person who was involved under both records stand once."""
    known = select(AwardInvolvement.award_id, AwardInvolvement.how).where(AwardInvolvement.person_id == kept_id)
    kept = {(award_id, how) for award_id, how in session.execute(known)}
    for row in session.scalars(select(AwardInvolvement).where(AwardInvolvement.person_id == gone_id)):
        if (row.award_id, row.how) in kept:
            session.delete(row)


PERSONAL_DATA = (
    PersonalData(
        "awards",
        _l("My levels"),
        _awards,
        holds=(
            HoldKind(
                _l("Name and document for the level %(number)s in the public register"), PURPOSE_NOT_ACHIEVED, _held
            ),
        ),
        forget=_forget,
        columns=("award.person_id",),
        fields={
            "proposed_at": _l("Proposed on"),
            "unified_number": _l("Unified number"),
            "valid_from": _l("Valid from"),
            "valid_until": _l("Valid until"),
            "verdict": _l("Conditions"),
        },
    ),
    PersonalData(
        "involvement",
        _l("Awards I may not decide"),
        _involved,
        columns=("award_involvement.person_id",),
        fields={"how": _l("Why")},
    ),
)
MERGES = {"award_involvement.person_id": one_involvement}

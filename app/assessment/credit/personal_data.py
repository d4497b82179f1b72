"""What the credit room keeps of a person, and what it must keep."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from app.assessment.credit.models import CreditRating, CreditRecord
from app.assessment.credit.queries.records import lives
from app.assessment.credit.states import KNOWN_STATES
from app.core import clock
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ConflictError
from app.core.room import Hold, PersonalData
from app.core.text import _l


def _known(person_id: int) -> list[CreditRecord]:
    query = select(CreditRecord).where(CreditRecord.person_id == person_id, CreditRecord.state.in_(KNOWN_STATES))
    return list(session.scalars(query.order_by(CreditRecord.id)))


def _records(person_id: int) -> Iterable[JsonObject]:
    for row in _known(person_id):
        yield {
            "code": row.code,
            "polarity": row.polarity,
            "class": row.gravity,
            "conduct": row.conduct,
            "result": row.result,
            "deciding_body": row.deciding_body,
            "basis": row.basis,
            "effective_on": row.effective_on,
            "state": row.state,
        }


def _ratings(person_id: int) -> Iterable[JsonObject]:
    query = select(CreditRating).where(CreditRating.person_id == person_id).order_by(CreditRating.id)
    for row in session.scalars(query):
        yield {"code": row.code, "on": row.judged_on, "score": row.score, "grade": row.grade, "pack": row.pack}


def _holds(person_id: int, on: date) -> Iterable[Hold]:
    for life in lives(_known(person_id), on=on, known_at=clock.now(), disputed=set()):
        if life.used and life.span is not None:
            yield Hold(
                _l("A negative credit record that is still used"),
                _l("Personal Information Protection Law, art. 13(3): needed for a statutory duty"),
                life.span.last_day,
            )


def one_rating(kept_id: int, gone_id: int) -> None:
    """Refuse where both records were rated in one cycle: neither rating may disappear."""
    kept = select(CreditRating.cycle_id).where(CreditRating.person_id == kept_id, CreditRating.cycle_id.is_not(None))
    both = select(CreditRating.code).where(CreditRating.person_id == gone_id, CreditRating.cycle_id.in_(kept))
    if session.scalars(both.limit(1)).first() is not None:
        raise ConflictError(_l("Both records were rated in one cycle of credit evaluation. They are not joined."))


PERSONAL_DATA = (
    PersonalData(
        "credit_records",
        _l("Credit records"),
        _records,
        reckoned=_holds,
        columns=("credit_record.person_id",),
        fields={
            "polarity": _l("Positive or negative"),
            "class": _l("Class"),
            "conduct": _l("Conduct"),
            "result": _l("Result"),
            "deciding_body": _l("Deciding body"),
            "basis": _l("Basis"),
            "effective_on": _l("Effective on"),
        },
    ),
    PersonalData(
        "credit_ratings",
        _l("Credit ratings"),
        _ratings,
        columns=("credit_rating.person_id",),
        fields={"on": _l("Rated on"), "score": _l("Score"), "grade": _l("Grade"), "pack": _l("Rule pack")},
    ),
)
MERGES = {"credit_rating.person_id": one_rating}

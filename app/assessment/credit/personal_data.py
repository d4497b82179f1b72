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
    for life in lives(_known(person_id), on=on, known_at=clock.now()):
        if life.used and life.span is not None:
            yield Hold(
                _l("A negative credit record that is still used"),
                _l("Personal Information Protection Law, art. 13(3): needed for a statutory duty"),
                life.span.last_day,
            )


PERSONAL_DATA = (
    PersonalData("credit_records", _l("Credit records"), _records, _holds),
    PersonalData("credit_ratings", _l("Credit ratings"), _ratings),
)

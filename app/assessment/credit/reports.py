"""What takes credit reports back: a record that was corrected or withdrawn, a rating whose review was upheld."""

from sqlalchemy import select

from app.accounts.models import Person
from app.assessment.credit.models import CreditRating, CreditRecord
from app.assessment.credit.services.reports import take_back_reports
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber


def on_record_ended(event: Event) -> None:
    """Take back the reports of the person of a record that no longer stands."""
    _take_back(select(CreditRecord.person_id).where(CreditRecord.code == event.subject_code).scalar_subquery(), event)


def on_review_upheld(event: Event) -> None:
    """Take back the reports of the person whose rating is to be put right."""
    _take_back(select(CreditRating.person_id).where(CreditRating.code == event.subject_code).scalar_subquery(), event)


def _take_back(person_id: object, event: Event) -> None:
    for person in session.scalars(select(Person).where(Person.id == person_id)):
        take_back_reports(person, note=event.reason or "", at=event.at)


REPORTS = (
    Subscriber("credit.corrected", "credit.take_back_reports", on_record_ended, now=True),
    Subscriber("credit.withdrawn", "credit.take_back_reports", on_record_ended, now=True),
    Subscriber("credit.review_upheld", "credit.take_back_reports", on_review_upheld, now=True),
)

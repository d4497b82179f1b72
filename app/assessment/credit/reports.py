"""What credit reports rest on, and what takes them back: a corrected or withdrawn record, an upheld review."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.accounts.models import Person
from app.assessment.credit.models import CreditRating, CreditRecord
from app.assessment.credit.services.reports import KIND, SOURCE, take_back_reports
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.credentials.rules.certified import Certified, Fact


def on_record_ended(event: Event) -> None:
    """Take back the reports of the person of a record that no longer stands."""
    _take_back(select(CreditRecord.person_id).where(CreditRecord.code == event.subject_code).scalar_subquery(), event)


def on_review_upheld(event: Event) -> None:
    """Take back the reports of the person whose rating is to be put right."""
    _take_back(select(CreditRating.person_id).where(CreditRating.code == event.subject_code).scalar_subquery(), event)


def _take_back(person_id: object, event: Event) -> None:
    for person in session.scalars(select(Person).where(Person.id == person_id)):
        take_back_reports(person, note=event.reason or "", at=event.at)


def _known(codes: Collection[str]) -> Mapping[str, Fact]:
    """Return whose ratings reports are on; a report that proved wrong was taken back itself."""
    ratings = {code: code.split(".", 1)[0] for code in codes}
    query = select(CreditRating.code, CreditRating.person_id).where(CreditRating.code.in_(set(ratings.values())))
    people = dict(session.execute(query).all())
    return {code: Fact(people[rating]) for code, rating in ratings.items() if rating in people}


CERTIFIED = Certified(SOURCE, KIND, _known)
REPORTS = (
    Subscriber("credit.corrected", "credit.take_back_reports", on_record_ended, now=True),
    Subscriber("credit.withdrawn", "credit.take_back_reports", on_record_ended, now=True),
    Subscriber("credit.review_upheld", "credit.take_back_reports", on_review_upheld, now=True),
)

"""What the room hears of evidence that was withdrawn or replaced, and of its own records that ended."""

from sqlalchemy import select

from app.accounts.models import Person
from app.assessment.credit.queries import ratings, records
from app.assessment.credit.services.doubts import end_with, open_doubt
from app.assessment.credit.services.ratings import rerate
from app.assessment.credit.services.reports import take_back_reports
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.evidence.models import Evidence
from app.evidence.queries.uses import users_told


def on_evidence_ended(event: Event) -> None:
    """Let officers look again at the records that rest on the evidence, and rate its person again where it counted."""
    for code in users_told(event.data, records.TYPE):
        open_doubt(records.by_code(code), code=event.subject_code, at=event.at)
    if users_told(event.data, ratings.TYPE):
        _rate_without(event)


def _rate_without(event: Event) -> None:
    """Rate the person of the evidence again; a report of a rating that comes out otherwise is taken back."""
    of_evidence = select(Evidence.person_id).where(Evidence.code == event.subject_code)
    person = session.scalars(select(Person).where(Person.id.in_(of_evidence))).one()
    before = ratings.latest(person.id)
    after = rerate(person, at=event.at, evidence=event.subject_code)
    if after is None or before is None or (before.score, before.grade) != (after.score, after.grade):
        take_back_reports(person, note=event.reason or "", at=event.at)


def on_record_ended(event: Event) -> None:
    """Let go of the evidence of a record that ended."""
    end_with(records.by_code(event.subject_code), at=event.at)


ENDED = ("rejected", "corrected", "withdrawn", "repaired")
SUBSCRIBERS = (
    Subscriber("evidence.withdrawn", "credit.look_again", on_evidence_ended, now=True),
    Subscriber("evidence.superseded", "credit.look_again", on_evidence_ended, now=True),
    *(Subscriber(f"credit.{one}", "credit.let_go_of_evidence", on_record_ended, now=True) for one in ENDED),
)

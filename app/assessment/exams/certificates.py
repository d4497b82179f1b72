"""What lets the certificates of passed exams follow their results: a breach of discipline, and a correction."""

from sqlalchemy import select

from app.assessment.exams.models import Attempt, ConductRecord, Registration
from app.assessment.exams.services.certificates import settle
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.credentials.states import RevocationReason


def on_conduct(event: Event) -> None:
    """Take back the certificates of a person whose results a breach made void, or give back what counts again."""
    query = (
        select(Registration.person_id)
        .join(ConductRecord, ConductRecord.registration_id == Registration.id)
        .where(ConductRecord.code == event.subject_code)
    )
    for person_id in session.scalars(query):
        settle(person_id, reason=RevocationReason.EXAM_BREACH, decision=event.code, at=event.at)


def on_corrected(event: Event) -> None:
    """Let the certificate of a result follow its correction."""
    for person_id in session.scalars(select(Attempt.person_id).where(Attempt.code == event.data["attempt"])):
        settle(person_id, reason=RevocationReason.FACT_CORRECTED, decision=event.code, at=event.at)


SUBSCRIBERS = (
    *(
        Subscriber(f"exams.{kind}", "exams.settle_certificates", on_conduct, now=True)
        for kind in ("conduct_upheld", "conduct_reversed")
    ),
    Subscriber("exams.result_corrected", "exams.settle_certificate", on_corrected, now=True),
)

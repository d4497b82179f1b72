"""The awards and certificates of the demo: most decided, some left for whoever tries the demo."""

from datetime import timedelta

from sqlalchemy import func, select

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.services import consents
from app.assessment.certification import queries as certification
from app.assessment.certification import services as awards
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.cli.demo.exams import SUMMER
from app.cli.demo.moved import moved_to
from app.cli.demo.step import Demo, acting_as
from app.core.db import session, unit_of_work
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.states import CertificateKind

AT = SUMMER + timedelta(days=5)
LEFT_TO_DECIDE = 3


def _agree(codes: list[str]) -> None:
    """Let most holders agree that the register shows their names; the last is masked."""
    query = select(Person).join(Award, Award.person_id == Person.id).where(Award.code.in_(codes[:-1]))
    for person in session.scalars(query.order_by(Person.id)).all():
        consents.give_consent(consents.PUBLISH_NAME, by=actor_of(person, None), at=AT)


def load(demo: Demo) -> int:
    """Award and issue once; the job runner signs and renders after the start."""
    del demo
    decided = select(func.count()).select_from(Award).where(Award.state != AwardState.PROPOSED)
    if session.scalar(decided):
        return 0
    session.rollback()
    with moved_to(AT):
        waiting = list(session.scalars(select(Award.code).order_by(Award.id)))[:-LEFT_TO_DECIDE]
        certifier = acting_as("certifier")
        for code in waiting:
            with unit_of_work():
                awards.award_level(certification.award(code, certifier), by=certifier, at=AT)
        with unit_of_work():
            _agree(waiting)
        with unit_of_work():
            first, second = acting_as("issuer"), acting_as("issuer2")
            batch = credentials.prepare_batch(issuing.body_of(first), kind=CertificateKind.CAPABILITY, by=first, at=AT)
            credentials.lint_batch(batch, by=first, at=AT)
            credentials.approve_batch(issuing.batch(batch.code, second), by=second, at=AT)
    return len(waiting)

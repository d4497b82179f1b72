"""A full session of the demo with its waiting list: a seat is offered to the first, others wait in order."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.assessment.exams.administration_states import RevocationReason
from app.assessment.exams.models import ExamSession, ExamVenue, Registration
from app.assessment.exams.queries import board, registering, sittings, venues
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.services import arranging, revoking, sessions, waiting
from app.assessment.exams.services import registering as registrations
from app.assessment.exams.services import venues as venues_services
from app.assessment.exams.services.arranging import Arrangement
from app.assessment.exams.services.sessions import Plan
from app.assessment.exams.services.venues import Place
from app.cli.demo.exams import frozen_paper
from app.cli.demo.marking import actor_of_person
from app.cli.demo.moved import moved_to
from app.cli.demo.step import Demo, acting_as
from app.core import clock
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.courses.models import Cohort, Course, Enrolment
from app.courses.states import EnrolmentState

# zh: invented records are named in both languages
NAME = ("初级机考演练（济南历下考点，小场次）", "Junior exam rehearsal (Lixia venue, Jinan, small session)")
VENUE = Place("济南历下考点", "Lixia venue, Jinan", "济南市历下区演示路21号", "370102")
ROOM = "第1考场"
WORDS = "报名照片与身份证件照片明显不一致，已通知补交证明，期限内未补交。"
SEATS, WAITING, MINUTES, SEED = 3, 3, 60, 20261207
BEFORE, AHEAD = timedelta(hours=2), timedelta(days=21)


def load(demo: Demo) -> int:
    """Fill a small session, let people wait for it and one of the seated be revoked; once."""
    del demo
    known = session.scalar(select(ExamSession.id).where(ExamSession.name_zh == NAME[0])) is not None
    session.rollback()
    if known:
        return 0
    at = clock.now() - BEFORE
    with moved_to(at):
        code = _planned(at)
        *people, left = _people()
        _withdraw(code, left, at)
        for one in people[:SEATS]:
            with unit_of_work():
                registrations.register_oneself(*registering.session_for(code, one), by=one, at=at)
        for place, one in enumerate(people[SEATS:], start=1):
            with unit_of_work():
                waiting.join(*registering.session_for(code, one), by=one, at=at + timedelta(minutes=place))
        _revoke(code, people[0], at + timedelta(minutes=30))
    return 1


def _planned(at: datetime) -> str:
    examiner = acting_as("examiner")
    paper = frozen_paper(NAME, at=at, seed=SEED)
    opens_at = (at + AHEAD).replace(hour=1, minute=0, second=0, microsecond=0)
    plan = Plan(*NAME, opens_at, opens_at + timedelta(hours=3), MINUTES, "100000")
    with unit_of_work():
        made = sessions.create_session(paper=papers_queries.paper(paper, examiner), plan=plan, by=examiner, at=at)
    with unit_of_work():
        venue = venues_services.add_venue(VENUE, by=examiner, at=at)
        venues_services.add_room(venue, name=ROOM, seats=SEATS, by=examiner, at=at)
    with unit_of_work():
        arranging.arrange(
            sessions_queries.exam_session(made.code, examiner), _arranged(venue, examiner, at), by=examiner, at=at
        )
    return made.code


def _arranged(venue: ExamVenue, examiner: Actor, at: datetime) -> Arrangement:
    return Arrangement(
        venue=venue,
        rooms=venues.venue(venue.code, examiner).rooms,
        registers_from=at - timedelta(days=1),
        registers_until=at + AHEAD - timedelta(days=3),
        identity_check=True,
        rehearsal=True,
        extends=True,
    )


def _people() -> list[Actor]:
    """Return who registers, then who waits, at last who withdraws: the demo's trainee is the first offered a seat."""
    shown = [acting_as("trainee"), acting_as("trainee2")]
    query = (
        select(Enrolment.person_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Course, Course.id == Cohort.course_id)
        .where(
            Course.level == "junior",
            Enrolment.state.in_([EnrolmentState.ENROLLED, EnrolmentState.COMPLETED]),
            Enrolment.person_id.not_in([one.person_id for one in shown]),
        )
        .order_by(Enrolment.person_id)
        .distinct()
        .limit(SEATS + WAITING - len(shown) + 1)
    )
    others = [actor_of_person(one) for one in session.scalars(query)]
    session.rollback()
    return [*others[:SEATS], *shown, *others[SEATS:]]


def _withdraw(code: str, actor: Actor, at: datetime) -> None:
    """Let somebody register and withdraw again before the others come."""
    with unit_of_work():
        made = registrations.register_oneself(*registering.session_for(code, actor), by=actor, at=at)
    with unit_of_work():
        registrations.withdraw(sittings.own_registration(made.code, actor), by=actor, at=at)


def _revoke(code: str, actor: Actor, at: datetime) -> None:
    """Let the examiner revoke a registration, so that its seat is offered."""
    examiner = acting_as("examiner")
    mine = select(Registration.code).join(ExamSession, ExamSession.id == Registration.session_id)
    ticket = session.scalars(mine.where(ExamSession.code == code, Registration.person_id == actor.person_id)).one()
    session.rollback()
    with unit_of_work():
        registration, found = board.registration_of(ticket, examiner)
        revoking.revoke(registration, found, reason=RevocationReason.IDENTITY, words=WORDS, by=examiner, at=at)

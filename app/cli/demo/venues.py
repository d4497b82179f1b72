"""An exam day of the demo: a rehearsal at a venue with two rooms and forty candidates, going on as the demo is made."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from app.accounts import services as accounts
from app.accounts.actors import actor_of
from app.accounts.models import Membership, Organisation, Person
from app.accounts.rules.identity import check_digit
from app.accounts.states import IdentityKind, Role
from app.assessment.exams.administration_states import IncidentKind
from app.assessment.exams.models import Admission, Attempt, ExamSession, ExamVenue, Registration, SessionRoom, VenueRoom
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import sittings, venues
from app.assessment.exams.services import (
    arranging,
    conduct,
    doors,
    extra_time,
    incidents,
    invigilating,
    sessions,
    sitting,
)
from app.assessment.exams.services import venues as venues_services
from app.assessment.exams.services.arranging import Arrangement
from app.assessment.exams.services.conduct import Seen
from app.assessment.exams.services.extra_time import More
from app.assessment.exams.services.incidents import Happened
from app.assessment.exams.services.sessions import Plan
from app.assessment.exams.services.signals import Signal, record_signals
from app.assessment.exams.services.sitting import Writer
from app.assessment.exams.services.venues import Place
from app.assessment.exams.signal_kinds import SignalKind
from app.cli.demo.courses import GIVEN, SURNAMES
from app.cli.demo.exams import PAGE, frozen_paper
from app.cli.demo.moved import moved_to
from app.cli.demo.step import MADE_AT, ROLES_FROM, Demo, acting_as
from app.core import clock, jobs
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.courses.models import Cohort, Course, Enrolment
from app.courses.states import CohortState, EnrolmentState
from app.rulebook.models import RulePack

# zh: invented records are named in both languages
NAME = ("初级机考演练（深圳南山考点）", "Junior exam rehearsal (Nanshan venue, Shenzhen)")
VENUE = Place("深圳南山考点", "Nanshan venue, Shenzhen", "深圳市南山区科技园演示路8号", "440305")
ROOMS = (("第1考场", 24), ("第2考场", 24))
CLASS = "考前演练班"
PEOPLE, BASES = 40, ("lingnan", "taishan")
MINUTES, HOURS, SEED = 180, 10, 20261125
ABSENT, SEATED, SUBMITTED = range(6), range(6, 10), range(10, 15)
"""Which candidates are not here, wait at their seats, have handed in; the others have started."""
ASKED, CAUGHT, TROUBLED = 20, 25, 30
NOTICED = {
    16: (SignalKind.HIDDEN, SignalKind.SHOWN) * 3,
    18: (SignalKind.PASTED,),
    CAUGHT: (SignalKind.BLURRED, SignalKind.FOCUSED, SignalKind.PASTED),
}
"""What the pages of some of them reported."""
PLANNED_BEFORE, SINCE = timedelta(days=3), timedelta(minutes=50)


def load(demo: Demo) -> int:
    """Hold the rehearsal, once; it began shortly before the demo was made."""
    del demo
    known = session.scalar(select(ExamSession.id).where(ExamSession.name_zh == NAME[0])) is not None
    session.rollback()
    if known:
        return 0
    opens_at = clock.now() - SINCE
    people = _people()
    code = _plan(opens_at, people)
    _day(code, opens_at)
    return 1


def _people() -> list[int]:
    """Make the candidates and enrol them in a class of two bases."""
    with unit_of_work():
        made = [_person(place) for place in range(PEOPLE)]
        cohorts = [_cohort(slug) for slug in BASES]
        session.add_all(_enrolment(one, cohorts[place % 2]) for place, one in enumerate(made))
        return [one.id for one in made]


def _person(place: int) -> Person:
    first = f"37010219000301{place + 1:03d}"
    person = accounts.add_person(
        name=SURNAMES[place * 7 % len(SURNAMES)] + GIVEN[(place * 5 + 3) % len(GIVEN)],
        identity_kind=IdentityKind.RESIDENT_ID,
        identity_number=first + check_digit(first),
        at=MADE_AT,
    )
    accounts.grant_role(
        person,
        Role.TRAINEE,
        region_code=VENUE.region_code,
        organisation_id=None,
        starts_on=ROLES_FROM,
        by=None,
        at=MADE_AT,
    )
    return person


def _cohort(slug: str) -> Cohort:
    base = session.scalars(select(Organisation).where(Organisation.slug == slug)).one()
    staff = acting_as("base").person_id
    cohort = Cohort(
        base_organisation_id=base.id,
        region_code=base.region_code,
        course_id=session.scalars(select(Course.id).where(Course.level == "junior").order_by(Course.id)).first(),
        syllabus_pack_id=session.scalars(select(RulePack.id).where(RulePack.kind == "syllabus")).first(),
        name=CLASS,
        starts_on=clock.day_of(MADE_AT),
        ends_on=clock.today(),
        capacity=PEOPLE,
        state=CohortState.OPEN,
        created_by_id=staff,
        created_at=MADE_AT,
        opened_by_id=staff,
    )
    session.add(cohort)
    session.flush()
    return cohort


def _enrolment(person: Person, cohort: Cohort) -> Enrolment:
    return Enrolment(
        cohort_id=cohort.id,
        person_id=person.id,
        state=EnrolmentState.COMPLETED,
        invited_at=MADE_AT,
        invited_by_id=cohort.created_by_id,
        enrolled_at=MADE_AT,
        completed_at=MADE_AT,
    )


def _plan(opens_at: datetime, people: Sequence[int]) -> str:
    """Plan, arrange, register and prepare some days before; return the session's code."""
    at, by = opens_at - PLANNED_BEFORE, acting_as("examiner")
    with moved_to(at):
        paper = frozen_paper(NAME, at=at, seed=SEED)
        closes_at = opens_at + timedelta(hours=HOURS)
        plan = Plan(*NAME, opens_at=opens_at, closes_at=closes_at, minutes=MINUTES, region_code="100000")
        with unit_of_work():
            made = sessions.create_session(paper=papers_queries.paper(paper, by), plan=plan, by=by, at=at)
            venue = _venue(by, at)
            arranging.arrange(made, _arrangement(venue, opens_at), by=by, at=at)
        with unit_of_work():
            found = sessions_queries.exam_session(made.code, by)
            sessions.register_people(found, people, by=by, at=at)
            arranging.allocate_seats(found, by=by, at=at)
            sessions.ask_to_prepare(found, by=by, at=at)
        jobs.work()
    return made.code


def _venue(by: Actor, at: datetime) -> ExamVenue:
    venue = venues_services.add_venue(VENUE, by=by, at=at)
    for name, seats in ROOMS:
        venues_services.add_room(venue, name=name, seats=seats, by=by, at=at)
    return venue


def _arrangement(venue: ExamVenue, opens_at: datetime) -> Arrangement:
    rooms = list(session.scalars(select(VenueRoom).where(VenueRoom.venue_id == venue.id)))
    return Arrangement(
        venue=venue,
        rooms=rooms,
        registers_from=opens_at - PLANNED_BEFORE,
        registers_until=opens_at - timedelta(days=1),
        identity_check=True,
        rehearsal=True,
        extends=True,
    )


def _day(code: str, opens_at: datetime) -> None:
    """Let the day go as days go: most are checked in and start, some hand in, things happen."""
    query = select(Registration).join(Registration.session).where(ExamSession.code == code)
    ids = list(session.scalars(query.order_by(Registration.number).with_only_columns(Registration.id)))
    session.rollback()
    _door(ids, opens_at - timedelta(minutes=20))
    with moved_to(opens_at + timedelta(minutes=1)):
        for place, one in enumerate(ids):
            if place not in ABSENT and place not in SEATED:
                _sit(one, opens_at + timedelta(minutes=1), NOTICED.get(place, ()), hand_in=place in SUBMITTED)
    _happenings(code, ids, opens_at + timedelta(minutes=40))


def _door(ids: Sequence[int], at: datetime) -> None:
    by = acting_as("invigilator")
    with unit_of_work():
        for place, one in enumerate(ids):
            if place in ABSENT:
                continue
            seat = session.scalars(select(Admission).where(Admission.registration_id == one)).one()
            doors.check_identity(seat, session.get_one(Registration, one), matches=True, note="", by=by, at=at)


def _sit(registration_id: int, at: datetime, noticed: Sequence[SignalKind], *, hand_in: bool) -> None:
    row = session.execute(
        select(Attempt.code, Attempt.person_id).where(Attempt.registration_id == registration_id)
    ).one()
    membership = session.scalars(select(Membership).where(Membership.person_id == row.person_id)).first()
    actor = actor_of(session.get_one(Person, row.person_id), membership)
    session.rollback()
    with unit_of_work():
        sitting.start(sittings.own_attempt(row.code, actor), by=actor, at=at)
        writer = Writer(row.code, PAGE, actor)
        sitting.take_over(writer, at=at)
        if noticed:
            happened = [Signal(number, kind, at + timedelta(minutes=number)) for number, kind in enumerate(noticed, 1)]
            record_signals(writer, signals=happened, address="10.20.4.9", at=at + timedelta(minutes=len(noticed)))
        if hand_in:
            sitting.submit(writer, at=at + timedelta(minutes=35))


def _happenings(code: str, ids: Sequence[int], at: datetime) -> None:
    """Enter an incident, ask for extra time, record a conduct up to the notice, pause the second room."""
    watch, first, second = acting_as("invigilator"), acting_as("examiner"), acting_as("examiner2")
    with unit_of_work():
        found = sessions_queries.exam_session(code, first)
        troubled, asked, caught = (session.get_one(Registration, ids[place]) for place in (TROUBLED, ASKED, CAUGHT))
        incidents.add_incident(found, _incident(troubled, at), by=watch, at=at)
        extra_time.ask(found, [asked], more=More(10), reason="机器重启，耽误作答约十分钟。", by=watch, at=at)
        seen = Seen("device_at_seat", "经提醒后仍将手机带至座位，屏幕朝上放置。", first.person_id)
        record = conduct.record_conduct(found, caught, seen, by=watch, at=at)
    with unit_of_work():
        session.refresh(record, ["session", "registration"])
        conduct.sign(record, by=first, at=at)
        conduct.notify(record, by=second, at=at)
    with unit_of_work():
        found = sessions_queries.exam_session(code, first)
        room = venues.rooms_of(found.id)[1]
        invigilating.pause(found, room, reason="空调跳闸，考场断电。", by=watch, at=at)
    _still_here(code, room)


def _incident(registration: Registration, at: datetime) -> Happened:
    return Happened(
        kind=IncidentKind.TECHNICAL,
        at=at - timedelta(minutes=10),
        description="考生键盘个别按键失灵。",
        action="更换键盘，考生继续作答，未影响已保存的答案。",
        registration=registration,
    )


def _still_here(code: str, paused: SessionRoom) -> None:
    """Let the pages of the first room show a sign of life at the moment the demo is made, two of them no more."""
    running = (
        select(Attempt.id)
        .join(Admission, Admission.registration_id == Attempt.registration_id)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .where(ExamSession.code == code, Admission.session_room_id != paused.id, Attempt.submitted_at.is_(None))
        .where(Attempt.started_at.is_not(None))
        .order_by(Attempt.id)
    )
    alive = list(session.scalars(running))[2:]
    session.rollback()
    with unit_of_work():
        session.execute(update(Attempt).where(Attempt.id.in_(alive)).values(seen_at=clock.now()))

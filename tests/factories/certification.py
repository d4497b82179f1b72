"""Released results and awards for tests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from sqlalchemy import select

from app.accounts.actors import actor_of
from app.accounts.models import Organisation, Person
from app.accounts.services import consents
from app.accounts.states import OrganisationKind, Role
from app.assessment.certification import queries, services
from app.assessment.certification.models import Award
from app.assessment.exams.models import Attempt, Blueprint, ExamSession, Paper, Registration, Result
from app.assessment.exams.states import PaperState, SessionState, SubmittedHow
from app.core.clock import day_of
from app.core.db import session, unit_of_work
from app.courses.models import Cohort, CohortLecturer, Enrolment
from app.items.models import ItemBank
from app.items.states import Purpose
from tests.factories.accounts import MADE_AT, NATION, SHANDONG, Member, make_member, make_organisation
from tests.factories.credentials import make_office
from tests.factories.exams import make_cohort, make_pack, make_trainee
from tests.worlds import built_once

RELEASED = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DECIDED = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
CUT, BEST = Decimal(60), Decimal(100)
_numbers = count(1)


@dataclass(frozen=True)
class Exam:
    """A released session, who ran it, and the cohort whose trainees sat it."""

    session: ExamSession
    examiner: Member
    examiner2: Member
    cohort: Cohort
    lecturer: Member


@dataclass(frozen=True)
class Candidate:
    """A trainee with a marked result."""

    member: Member
    enrolment: Enrolment
    result: Result


@built_once
def make_exam(region: str = SHANDONG) -> Exam:
    """Make a released session of a region, whose issuing body and rules are in place."""
    make_pack("award", "award-junior-sample.toml")
    make_office(region=NATION)
    body = make_organisation(kind=OrganisationKind.EXAM_BODY, region=region)
    examiner, examiner2 = (make_member(Role.EXAMINER, region, body) for _ in range(2))
    cohort = make_cohort(region)
    lecturer = make_member(Role.LECTURER, region)
    with unit_of_work():
        session.add(CohortLecturer(cohort_id=cohort.id, person_id=lecturer.person.id))
        held = _session(_paper(body, examiner, examiner2), body, examiner, examiner2)
    return Exam(held, examiner, examiner2, cohort, lecturer)


def _paper(body: Organisation, examiner: Member, examiner2: Member) -> Paper:
    bank = ItemBank(
        code=f"award-bank-{next(_numbers)}",
        name_zh="题库",
        name_en="Bank",
        organisation_id=body.id,
        purpose=Purpose.EXAM,
        reviewers=1,
        created_at=MADE_AT,
    )
    session.add(bank)
    session.flush()
    blueprint = Blueprint(
        name_zh="初级卷",
        name_en="Junior paper",
        organisation_id=body.id,
        region_code=body.region_code,
        level="junior",
        bank_id=bank.id,
        cells={},
        points_per_item=Decimal(5),
        minutes=60,
        difficulty_target=Decimal("0.65"),
        cut_score=CUT,
        rule_pack="exam",
        drafted_by_id=examiner.person.id,
        drafted_at=MADE_AT,
    )
    session.add(blueprint)
    session.flush()
    paper = Paper(
        blueprint_id=blueprint.id,
        number=1,
        seed=1,
        state=PaperState.FROZEN,
        difficulty=Decimal("0.65"),
        assembled_by_id=examiner.person.id,
        assembled_at=MADE_AT,
        signed_by_id=examiner.person.id,
        signed_at=MADE_AT,
        signed_hash="0" * 64,
        frozen_by_id=examiner2.person.id,
        frozen_at=MADE_AT,
        content_hash="0" * 64,
    )
    session.add(paper)
    session.flush()
    return paper


def _session(paper: Paper, body: Organisation, examiner: Member, examiner2: Member) -> ExamSession:
    held = ExamSession(
        name_zh="三月场",
        name_en="March session",
        organisation_id=body.id,
        region_code=body.region_code,
        level="junior",
        paper_id=paper.id,
        rule_pack="exam",
        opens_at=RELEASED - timedelta(hours=4),
        closes_at=RELEASED - timedelta(hours=2),
        minutes=60,
        state=SessionState.RELEASED,
        created_by_id=examiner.person.id,
        created_at=MADE_AT,
        prepared_by_id=examiner.person.id,
        prepared_at=MADE_AT,
        marked_by_id=examiner.person.id,
        marked_at=RELEASED,
        proposed_by_id=examiner.person.id,
        proposed_at=RELEASED,
        released_by_id=examiner2.person.id,
        released_at=RELEASED,
    )
    session.add(held)
    return held


def make_candidate(exam: Exam, *, score: int = 80, completed: bool = True, member: Member | None = None) -> Candidate:
    """Make a trainee of the exam's cohort with a result in its session."""
    trainee = member or make_trainee(exam.cohort, completed=completed)
    query = select(Enrolment).where(Enrolment.person_id == trainee.person.id)
    enrolment = session.scalars(query).one()
    number = next(_numbers)
    with unit_of_work():
        registration = Registration(
            session_id=exam.session.id,
            number=number,
            person_id=trainee.person.id,
            enrolment_id=enrolment.id,
            verdict={},
            rule_pack="exam",
            registered_by_id=exam.examiner.person.id,
            registered_at=MADE_AT,
        )
        session.add(registration)
        session.flush()
        attempt = Attempt(
            registration_id=registration.id,
            session_id=exam.session.id,
            person_id=trainee.person.id,
            order=[],
            places=20,
            started_at=exam.session.opens_at,
            deadline_at=exam.session.closes_at,
            submitted_at=exam.session.closes_at,
            submitted_how=SubmittedHow.CANDIDATE,
        )
        session.add(attempt)
        session.flush()
        result = Result(
            attempt_id=attempt.id,
            score=Decimal(score),
            max_score=BEST,
            cut_score=CUT,
            by_module={},
            passed=score >= CUT,
            key_hash="0" * 64,
            marked_at=RELEASED,
        )
        session.add(result)
    return Candidate(trainee, enrolment, result)


def propose_all(exam: Exam, *, at: datetime = RELEASED) -> list[Award]:
    """Propose an award for every passed result that has none."""
    with unit_of_work():
        passed = queries.passed(exam.session.code, after=0, limit=100, on=day_of(at))
        return [services.propose(one, at=at) for one in passed]


@built_once
def make_award(exam: Exam | None = None, *, at: datetime = RELEASED, **given: object) -> Award:
    """Propose an award for one candidate who passed; its person is read with it."""
    held = exam or make_exam()
    make_candidate(held, **given)  # type: ignore[arg-type]
    (award,) = propose_all(held, at=at)
    return award


@built_once
def decided(award: Award, *, at: datetime = DECIDED, by: Member | None = None) -> Award:
    """Let a certifier of the region award a level."""
    certifier = by or make_member(Role.CERTIFIER, award.region_code)
    with unit_of_work():
        services.award_level(award, by=certifier.actor, at=at)
    return award


def publish_name(award: Award, *, at: datetime = DECIDED) -> Award:
    """Let the holder of a level agree that the public register shows their name."""
    with unit_of_work():
        holder = actor_of(session.get_one(Person, award.person_id), None)
        consents.give_consent(consents.PUBLISH_NAME, by=holder, at=at)
    return award


def refused(award: Award, *, reason: str = "材料不实。", at: datetime = DECIDED) -> Award:
    """Let a certifier of the region refuse a level."""
    certifier = make_member(Role.CERTIFIER, award.region_code)
    with unit_of_work():
        services.refuse(award, reason=reason, by=certifier.actor, at=at)
    return award

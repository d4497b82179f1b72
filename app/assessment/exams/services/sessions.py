"""Writes of exam sessions: create, register candidates, prepare every candidate's paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from app.assessment.exams.models import Attempt, ExamSession, Paper, Registration
from app.assessment.exams.queries import candidates as candidates_queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries.extra_time import granted
from app.assessment.exams.rules import judging
from app.assessment.exams.rules.order import Sheet, arrange, to_json
from app.assessment.exams.rules.parameters import ExamRule
from app.assessment.exams.services.retired import refuse_set_aside
from app.assessment.exams.services.sealing import check_unchanged
from app.assessment.exams.services.subjects import named, of_attempt, of_session
from app.assessment.exams.states import SESSION, PaperState, SessionState
from app.core import events, jobs
from app.core.access import Actor
from app.core.clock import SHANGHAI, day_of
from app.core.columns import new_code
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.core.jobs import Job
from app.core.text import _l
from app.courses.models import Enrolment
from app.desk import services as desk
from app.rulebook import queries as rulebook
from app.rulebook import services as rulebook_services
from app.rulebook.services import Decided

PREPARE = "exams.prepare"
CHUNK = 200
REGISTER_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What an examiner asks of a session."""

    name_zh: str
    name_en: str
    opens_at: datetime
    closes_at: datetime
    minutes: int
    region_code: str


@dataclass(frozen=True, slots=True)
class Registered:
    """What a bulk registration came to."""

    registered: int
    refused: int


def create_session(*, paper: Paper, plan: Plan, by: Actor, at: datetime) -> ExamSession:
    """Plan a session on a frozen paper, held by the paper's organisation; raises InvalidError naming the field."""
    pack = rulebook.in_force("exam", plan.region_code, day_of(plan.opens_at))
    _check(paper, plan, ExamRule.model_validate(pack.params), at)
    created = ExamSession(
        name_zh=plan.name_zh,
        name_en=plan.name_en,
        organisation_id=paper.blueprint.organisation_id,
        region_code=plan.region_code,
        level=paper.blueprint.level,
        paper_id=paper.id,
        rule_pack=pack.code,
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        minutes=plan.minutes,
        created_by_id=by.person_id,
        created_at=at,
    )
    session.add(created)
    session.flush()
    events.record("exams.session_created", of_session(created), by=by, at=at, rule=pack.code)
    return created


def _check(paper: Paper, plan: Plan, rule: ExamRule, at: datetime) -> None:
    level = rule.of(paper.blueprint.level)
    if paper.state is not PaperState.FROZEN:
        raise InvalidError(_l("Choose a frozen paper. This one is still a draft."), field="paper")
    refuse_set_aside(paper)
    if plan.opens_at <= at:
        raise InvalidError(_l("The window opens in the future."), field="opens_at")
    if not level.least_minutes <= plan.minutes <= level.most_minutes:
        raise InvalidError(
            _l("The rule allows %(least)d to %(most)d minutes.", least=level.least_minutes, most=level.most_minutes),
            field="minutes",
        )
    if plan.closes_at - plan.opens_at < timedelta(minutes=plan.minutes):
        raise InvalidError(_l("The window is shorter than the sitting. Let it close later."), field="closes_at")


def register_eligible(found: ExamSession, *, by: Actor, at: datetime) -> Registered:
    """Register every candidate whose verdict is met; the others stay on the list with their reasons.

    Raises ConflictError once preparation was asked for.
    """
    return register_people(found, None, by=by, at=at)


def register_people(found: ExamSession, person_ids: Sequence[int] | None, *, by: Actor, at: datetime) -> Registered:
    """Register those of some people whose verdict is met, of everyone where None is given; raises as above."""
    if found.state is not SessionState.PLANNED or found.prepared_at is not None:
        raise ConflictError(_l("Registration has closed: the papers of this session are being prepared."))
    seat = candidates_queries.next_seat(found.id)
    eligible, refused = _eligible(found, person_ids)
    session.add_all(new_registration(found, one, seat + place, by=by, at=at) for place, one in enumerate(eligible))
    session.flush()
    decided = [_decided(found, one, ticket_number(found, seat + place)) for place, one in enumerate(eligible)]
    rulebook_services.record_decisions("exam", decided, by=by, at=at)
    events.record(
        "exams.candidates_registered",
        of_session(found),
        by=by,
        at=at,
        rule=found.rule_pack,
        data={"registered": len(eligible), "refused": refused, "first": seat},
    )
    return Registered(len(eligible), refused)


def _eligible(found: ExamSession, person_ids: Sequence[int] | None) -> tuple[list[candidates_queries.Candidate], int]:
    """Return one candidate for each person whose verdict is met, and how many people are refused."""
    query = candidates_queries.unregistered(found)
    if person_ids is not None:
        query = query.where(Enrolment.person_id.in_(person_ids))
    enrolments = list(session.scalars(query))
    eligible: dict[int, candidates_queries.Candidate] = {}
    for start in range(0, len(enrolments), REGISTER_CHUNK):
        for one in candidates_queries.judged(found, enrolments[start : start + REGISTER_CHUNK]):
            if one.verdict.met:
                eligible.setdefault(one.enrolment.person_id, one)
    refused = {one.person_id for one in enrolments} - eligible.keys()
    return list(eligible.values()), len(refused)


def new_registration(
    found: ExamSession, one: candidates_queries.Candidate, seat: int, *, by: Actor, at: datetime
) -> Registration:
    """Return the registration of a candidate under the session's next number, not yet added."""
    return Registration(
        code=ticket_number(found, seat),
        session_id=found.id,
        number=seat,
        person_id=one.enrolment.person_id,
        enrolment_id=one.enrolment.id,
        verdict=one.verdict.to_json(),
        rule_pack=found.rule_pack,
        registered_by_id=by.person_id,
        registered_at=at,
    )


def _decided(found: ExamSession, one: candidates_queries.Candidate, ticket: str) -> Decided:
    """Return what is recorded of the decision to let a candidate in."""
    return Decided(
        subject=Subject("registration", ticket),
        facts=judging.typed(one.facts, found.level),
        verdict=one.verdict,
        judged_on=day_of(found.opens_at),
        region_code=found.region_code,
        person_id=one.enrolment.person_id,
    )


def record_decision(
    found: ExamSession, one: candidates_queries.Candidate, registration: Registration, *, by: Actor, at: datetime
) -> None:
    """Record the decision to let one candidate in, so that it can be replayed."""
    rulebook_services.record_decisions("exam", [_decided(found, one, registration.code)], by=by, at=at)


def ticket_number(found: ExamSession, seat: int) -> str:
    """Return the number of an admission ticket (准考证号): day of the exam, session, candidate."""
    return f"{found.opens_at.astimezone(SHANGHAI):%y%m%d}{found.id:04d}{seat:05d}"


def ask_to_prepare(found: ExamSession, *, by: Actor, at: datetime) -> Job:
    """Close registration and start the work that prepares every candidate's paper.

    Raises ConflictError without candidates, or where it was asked for before.
    """
    if found.state is not SessionState.PLANNED or found.prepared_at is not None:
        raise ConflictError(_l("The papers of this session are prepared already, or are being prepared."))
    total = candidates_queries.taken(found.id)
    if total == 0:
        raise ConflictError(_l("Nobody is registered yet. Register candidates first."))
    check_unchanged(found.paper)
    found.prepared_by_id = by.person_id
    found.prepared_at = at
    session.flush()
    events.record("exams.preparation_asked", of_session(found), by=by, at=at, data={"candidates": total})
    job = jobs.start_job(PREPARE, key=f"{PREPARE}:{found.code}", by=by, args={"session": found.code})
    job.total = total
    return job


def prepare_some(found: ExamSession, *, after: int, at: datetime) -> tuple[int, int]:
    """Prepare the next chunk of papers; return the last registration and how many were prepared."""
    query = (
        select(Registration)
        .where(Registration.session_id == found.id, Registration.id > after, Registration.withdrawn_at.is_(None))
        .order_by(Registration.id)
        .limit(CHUNK)
    )
    registrations = list(session.scalars(query))
    if not registrations:
        return after, 0
    sheets = papers_queries.outline_of(found.paper_id)
    extra = granted([one.id for one in registrations])
    rows = [{**_attempt(found, sheets, one), "extra_minutes": extra.get(one.id, 0)} for one in registrations]
    session.execute(insert(Attempt), rows)
    _tell_candidates(found, rows, at)
    return registrations[-1].id, len(rows)


def prepare_one(found: ExamSession, registration: Registration, *, at: datetime) -> None:
    """Prepare the paper of one candidate of a session whose papers are prepared: the same paper as ever."""
    paper = session.get_one(Paper, found.paper_id)
    extra = granted([registration.id]).get(registration.id, 0)
    row = {**_attempt(found, papers_queries.outline_of(paper.id), registration), "extra_minutes": extra}
    session.execute(insert(Attempt), [row])
    _tell_candidates(found, [row], at)


def _attempt(found: ExamSession, sheets: Sequence[Sheet], one: Registration) -> dict[str, object]:
    seed = f"{found.paper.content_hash}:{found.code}:{one.code}"
    return {
        "code": new_code(),
        "registration_id": one.id,
        "session_id": found.id,
        "person_id": one.person_id,
        "order": to_json(arrange(sheets, seed)),
        "places": len(sheets),
    }


def _tell_candidates(found: ExamSession, rows: Sequence[dict[str, object]], at: datetime) -> None:
    desk.open_todos(
        "exams.sit",
        [(of_attempt(str(row["code"])), int(str(row["person_id"])), f"/sit/{row['code']}") for row in rows],
        at=at,
        due_on=day_of(found.closes_at),
        params=named(found, "session"),
    )


def finish_preparing(found: ExamSession, *, at: datetime) -> None:
    """Set the session prepared once every registration has its paper."""
    SESSION.move(found, "prepare")
    session.flush()
    events.record("exams.session_prepared", of_session(found), by=None, at=at)

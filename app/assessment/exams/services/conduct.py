"""Writes of conduct records: two invigilators, notice and hearing, the authority's decision, what it voids and bars."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, false, insert, select, update

from app.accounts.models import Person
from app.accounts.queries import members
from app.accounts.states import Role
from app.assessment.exams.administration_states import CONDUCT, ConductState
from app.assessment.exams.models import Attempt, ConductRecord, ConductVoid, ExamSession, Registration, Result
from app.assessment.exams.queries import similarity
from app.assessment.exams.queries.candidates import SIT
from app.assessment.exams.rules.conduct import KIND, ConductRule, Consequence, Void
from app.assessment.exams.services.administration import of_conduct
from app.assessment.exams.services.subjects import named
from app.cases import services as cases
from app.cases.models import Case, Restriction, RestrictionLift
from app.cases.services.restrictions import Terms
from app.core import events
from app.core.access import Actor
from app.core.calendar import Deadline, Published, add_working_days, published
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event
from app.core.text import _l
from app.desk import services as desk
from app.rulebook import queries as rulebook

CASE = "exams.conduct"


@dataclass(frozen=True, slots=True)
class Seen:
    """What an invigilator saw: the code of the conduct, what happened, and who saw it too."""

    conduct: str
    description: str
    witness_id: int


def rule_of(record: ConductRecord) -> ConductRule:
    """Return the rule a record stands on."""
    return ConductRule.model_validate(rulebook.by_code(record.rule_pack).params)


def consequence_of(record: ConductRecord) -> Consequence:
    """Return what the conduct of a record brings."""
    return rule_of(record).of(record.conduct)


def record_conduct(
    found: ExamSession, registration: Registration, seen: Seen, *, by: Actor, at: datetime
) -> ConductRecord:
    """Record a candidate's conduct as an invigilator; a second one signs it.

    Raises InvalidError naming the field: an unknown conduct, or a witness who is not another invigilator.
    """
    pack = rulebook.in_force(KIND, found.region_code, day_of(at))
    ConductRule.model_validate(pack.params).conduct(seen.conduct)
    if seen.witness_id == by.person_id or seen.witness_id not in witnesses(found, at):
        raise InvalidError(_l("Choose another invigilator or examiner of this exam body."), field="witness")
    if registration.person_id in {by.person_id, seen.witness_id}:
        raise InvalidError(_l("Nobody witnesses their own conduct."), field="witness")
    record = ConductRecord(
        session_id=found.id,
        registration_id=registration.id,
        rule_pack=pack.code,
        conduct=seen.conduct,
        description=seen.description.strip(),
        recorded_by_id=by.person_id,
        recorded_at=at,
        witnessed_by_id=seen.witness_id,
    )
    session.add(record)
    session.flush()
    events.record("exams.conduct_recorded", of_conduct(record), by=by, at=at, rule=pack.code)
    _wait(record, found, registration, at)
    return record


@dataclass(frozen=True, slots=True)
class Experts:
    """The two of the expert group whose opinions decided, and their reasons."""

    first_id: int
    second: Actor
    reasons: str


def record_similarity(
    found: ExamSession, registration: Registration, experts: Experts, *, at: datetime
) -> ConductRecord | None:
    """Record answers that the expert group confirmed to be alike, signed by the two who agreed.

    None where the rule in force names no conduct for it, or the candidate has such a record that stands already.
    """
    try:
        pack = rulebook.in_force(KIND, found.region_code, day_of(at))
    except InvalidError:
        return None
    conduct = ConductRule.model_validate(pack.params).similarity
    if conduct is None or _has(registration, conduct):
        return None
    record = ConductRecord(
        session_id=found.id,
        registration_id=registration.id,
        rule_pack=pack.code,
        conduct=conduct,
        description=experts.reasons,
        recorded_by_id=experts.first_id,
        recorded_at=at,
        witnessed_by_id=experts.second.person_id,
    )
    session.add(record)
    session.flush()
    events.record("exams.conduct_recorded", of_conduct(record), by=experts.second, at=at, rule=pack.code)
    sign(record, by=experts.second, at=at)
    return record


def _has(registration: Registration, conduct: str) -> bool:
    query = select(ConductRecord.id).where(
        ConductRecord.registration_id == registration.id,
        ConductRecord.conduct == conduct,
        ConductRecord.state.not_in((ConductState.DISMISSED, ConductState.REVERSED)),
    )
    return session.scalar(query.limit(1)) is not None


def witnesses(found: ExamSession, at: datetime) -> dict[int, str]:
    """Return who may sign as a witness: id and name of the invigilators and examiners of the organisation."""
    return {
        one.person_id: one.person.name
        for role in (Role.INVIGILATOR, Role.EXAMINER)
        for one in members(role, on=day_of(at), organisation_id=found.organisation_id)
    }


def sign(record: ConductRecord, *, by: Actor, at: datetime) -> None:
    """Sign as the witness named; raises ForbiddenError for anyone else."""
    if by.person_id != record.witnessed_by_id:
        raise ForbiddenError(_l("Only the witness named in the record signs it."))
    CONDUCT.move(record, "sign", witnessed_at=at)
    session.flush()
    events.record("exams.conduct_signed", of_conduct(record), by=by, at=at)
    _wait(record, record.session, record.registration, at)


def notify(record: ConductRecord, *, by: Actor, at: datetime) -> None:
    """Give the candidate notice of the consequence that the rule sets, and time to speak.

    Raises ForbiddenError for the invigilator and the witness: they saw it, others decide what follows.
    """
    if by.person_id in {record.recorded_by_id, record.witnessed_by_id}:
        raise ForbiddenError(_l("You signed this record. Another examiner of your organisation gives the notice."))
    rule = rule_of(record)
    _check_founded(record, rule)
    until = hear_until(rule, at, published()).day
    CONDUCT.move(
        record,
        "notify",
        consequence=rule.of(record.conduct).code,
        proposed_by_id=by.person_id,
        proposed_at=at,
        hear_until=until,
    )
    session.flush()
    data = {"until": until.isoformat(), "consequence": record.consequence}
    events.record("exams.conduct_notified", of_conduct(record), by=by, at=at, rule=record.rule_pack, data=data)
    _wait(record, record.session, record.registration, at)


def hear_until(rule: ConductRule, noticed_at: datetime, known: Published) -> Deadline:
    """Return the last day to speak to a notice given at an instant."""
    return add_working_days(day_of(noticed_at), rule.hearing_days, known)


def _check_founded(record: ConductRecord, rule: ConductRule) -> None:
    """Raise ConflictError while the similarity that a record rests on is before its expert group again."""
    if record.conduct == rule.similarity and similarity.doubted(record.registration_id) is not None:
        raise ConflictError(
            _l(
                "The similarity that this record rests on does not stand out any more after a new marking. "
                "Its expert group decides again first."
            )
        )


def state(record: ConductRecord, statement: str, *, by: Actor, at: datetime) -> None:
    """Keep what the candidate says to the notice, once and within the days; raises ConflictError after them."""
    if by.person_id != record.registration.person_id:
        raise ForbiddenError(_l("Only the candidate concerned speaks to this notice."))
    if not statement.strip():
        raise InvalidError(_l("Write what you want to say."), field="statement")
    open_until = record.state is ConductState.NOTIFIED and record.hear_until is not None
    if not open_until or record.statement is not None or day_of(at) > record.hear_until:  # type: ignore[operator]
        raise ConflictError(
            _l("The time to speak has ended, or you have spoken already. The authority hears the case.")
        )
    record.statement, record.stated_at = statement.strip(), at
    session.flush()
    events.record("exams.conduct_heard", of_conduct(record), by=by, at=at)
    _wait(record, record.session, record.registration, at)


def heard(record: ConductRecord, at: datetime) -> bool:
    """Tell whether the candidate has spoken or let the days pass."""
    passed = record.hear_until is not None and day_of(at) > record.hear_until
    return record.statement is not None or passed


def refer(record: ConductRecord, *, by: Actor, at: datetime) -> Case:
    """Put a record before the authority of the region, after the candidate was heard or let the days pass."""
    if record.state is ConductState.NOTIFIED and not heard(record, at):
        raise ConflictError(_l("The candidate may still speak. Wait for the statement or the end of the days."))
    _check_founded(record, rule_of(record))
    CONDUCT.move(record, "refer")
    session.flush()
    parts = [record.description, record.statement]
    facts = "\n\n".join(part for part in parts if part)
    case = cases.open_case(CASE, record.code, cases.Filing(facts, token=f"conduct-{record.code}"), by=by, at=at)
    events.record("exams.conduct_referred", of_conduct(record), by=by, at=at, data={"case": case.code})
    desk.close_todos(of_conduct(record), at=at)
    return case


def case_of(record: ConductRecord) -> Case | None:
    """Return the first case about a record, None before the authority has it."""
    subject = of_conduct(record)
    query = select(Case).where(Case.subject_type == subject.type, Case.subject_code == subject.code)
    return session.scalars(query.order_by(Case.id).limit(1)).first()


def names_of(record: ConductRecord) -> dict[str, str]:
    """Return who wrote, who witnessed and who gave the notice, by part."""
    parts = {"invigilator": record.recorded_by_id, "witness": record.witnessed_by_id, "proposed": record.proposed_by_id}
    people = {one.id: one.name for one in session.scalars(select(Person).where(Person.id.in_(parts.values())))}
    return {part: people[one] for part, one in parts.items() if one is not None}


def uphold(record: ConductRecord, case: Case, *, by: Actor, at: datetime) -> None:
    """Put the consequence in force: void the results, keep the person from exams for the time the rule sets."""
    CONDUCT.move(record, "uphold")
    consequence = consequence_of(record)
    attempts = list(session.scalars(select(Attempt.id).where(_voided(record, consequence))))
    rows = [{"conduct_id": record.id, "attempt_id": one} for one in attempts]
    if rows:
        session.execute(insert(ConductVoid), rows)
    _mark_results(attempts, voided=True)
    if consequence.restricts:
        terms = Terms(day_of(at), consequence.last_day(day_of(at)), case.reasons or record.description, case=case)
        person = session.get_one(Person, record.registration.person_id)
        (made,) = cases.impose([SIT], person, terms, region_code=case.authority_region, by=by, at=at)
        record.restriction_id = made.id
    session.flush()
    data = {"consequence": consequence.code, "voided": len(attempts)}
    events.record("exams.conduct_upheld", of_conduct(record), by=by, at=at, rule=record.rule_pack, data=data)


def _voided(record: ConductRecord, consequence: Consequence) -> ColumnElement[bool]:
    """Return which sittings are void: that of the record, or all of the person on that day."""
    if consequence.void is Void.SUBJECT:
        return Attempt.registration_id == record.registration_id
    day = day_of(record.session.opens_at)
    held = session.execute(
        select(ExamSession.id, ExamSession.opens_at)
        .join(Registration, Registration.session_id == ExamSession.id)
        .where(Registration.person_id == record.registration.person_id)
    )
    same_day = [one.id for one in held if day_of(one.opens_at) == day]
    mine = Attempt.person_id == record.registration.person_id
    return mine & Attempt.session_id.in_(same_day) if same_day else false()


def _mark_results(attempt_ids: list[int], *, voided: bool) -> None:
    session.execute(update(Result).where(Result.attempt_id.in_(attempt_ids)).values(voided=voided))
    session.expire_all()


def drop(record: ConductRecord, *, reason: str, by: Actor, at: datetime) -> None:
    """Dismiss a record that no authority has yet: what it rested on was taken back."""
    CONDUCT.move(record, "dismiss")
    session.flush()
    events.record("exams.conduct_dismissed", of_conduct(record), by=by, at=at, reason=reason)
    desk.close_todos(of_conduct(record), at=at)


def dismiss(record: ConductRecord, *, by: Actor, at: datetime) -> None:
    """Let a record have no consequence, as the authority decided."""
    CONDUCT.move(record, "dismiss")
    session.flush()
    events.record("exams.conduct_dismissed", of_conduct(record), by=by, at=at)


def reverse(record: ConductRecord, *, reason: str, by: Actor, at: datetime) -> None:
    """Undo a consequence as a higher authority decided: results count again, the restriction is lifted."""
    CONDUCT.move(record, "reverse")
    mine = [ConductVoid.conduct_id == record.id, ConductVoid.undone_at.is_(None)]
    attempts = list(session.scalars(select(ConductVoid.attempt_id).where(*mine)))
    session.execute(update(ConductVoid).where(*mine).values(undone_at=at))
    still = standing(attempts)
    _mark_results([one for one in attempts if one not in still], voided=False)
    lifted = select(RestrictionLift.id).where(RestrictionLift.restriction_id == record.restriction_id)
    if record.restriction_id is not None and session.scalar(lifted) is None:
        restriction = session.get_one(Restriction, record.restriction_id)
        cases.lift(restriction, reason=reason, lifted_on=day_of(at), by=None, at=at)
    session.flush()
    events.record("exams.conduct_reversed", of_conduct(record), by=by, at=at, data={"restored": len(attempts)})


def standing(attempt_ids: list[int]) -> set[int]:
    """Return which sittings are void by a record that stands."""
    query = select(ConductVoid.attempt_id).where(
        ConductVoid.attempt_id.in_(attempt_ids), ConductVoid.undone_at.is_(None)
    )
    return set(session.scalars(query))


def void_marked(event: Event) -> None:
    """Void the results of a session marked after a decision, in the transaction that ends the marking."""
    query = (
        select(Attempt.id)
        .join(ConductVoid, ConductVoid.attempt_id == Attempt.id)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .where(ExamSession.code == event.subject_code, ConductVoid.undone_at.is_(None))
    )
    attempts = list(session.scalars(query))
    if attempts:
        _mark_results(attempts, voided=True)


def _wait(record: ConductRecord, found: ExamSession, registration: Registration, at: datetime) -> None:
    """Let the next act wait for the one whose turn it is."""
    desk.close_todos(of_conduct(record), at=at)
    page = f"/exams/conduct/{record.code}"
    if record.state is ConductState.RECORDED:
        _ask("exams.witness", record, found, page, person_id=record.witnessed_by_id, at=at)
        return
    if record.state is ConductState.NOTIFIED and record.statement is None:
        own = f"/exams/mine/conduct/{record.code}"
        _ask("exams.hear", record, found, own, person_id=registration.person_id, due_on=record.hear_until, at=at)
    kind = "exams.notify" if record.state is ConductState.SIGNED else "exams.refer"
    _ask(kind, record, found, page, at=at)


def _ask(
    kind: str,
    record: ConductRecord,
    found: ExamSession,
    page: str,
    *,
    at: datetime,
    person_id: int | None = None,
    due_on: date | None = None,
) -> None:
    """Open a to-do for a person, for the examiners of the session where none is named."""
    for_all = person_id is None
    desk.open_todo(
        kind,
        of_conduct(record),
        url=page,
        at=at,
        person_id=person_id,
        role=Role.EXAMINER if for_all else None,
        organisation_id=found.organisation_id if for_all else None,
        region_code=found.region_code if for_all else None,
        due_on=due_on,
        params=named(found, "session"),
    )

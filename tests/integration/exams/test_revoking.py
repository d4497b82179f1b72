"""A registration revoked before the exam: reason and sentence, notice and appeal, the seat to the next in line."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.accounts.states import Role
from app.assessment.exams.administration_states import RevocationReason, WaitState
from app.assessment.exams.models import (
    Admission,
    Attempt,
    ExamSession,
    Registration,
    RegistrationRevocation,
    WaitingPlace,
)
from app.assessment.exams.queries import board, registering, sittings
from app.assessment.exams.queries import revoking as queries
from app.assessment.exams.revocation_cases import APPEAL
from app.assessment.exams.services import registering as registrations
from app.assessment.exams.services import revoking as services
from app.assessment.exams.services import tickets, waiting
from app.assessment.exams.services.administration import of_registration
from app.assessment.exams.services.registering import RefusedError
from app.cases.models import Case
from app.cases.services import Filing, open_case
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, NotFoundError
from app.core.events import timeline
from app.desk.models import Notice
from app.desk.queries import todos_of
from tests.factories.accounts import Member, make_member
from tests.factories.cases import accepted, decided, make_clocks
from tests.factories.exams import (
    NOW,
    OPENS,
    House,
    attempt_of,
    make_cohort,
    make_house,
    make_prepared,
    make_session,
    make_trainee,
    said,
)
from tests.factories.venues import arrange, make_venue
from tests.submit import submit
from tests.worlds import built_once

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
WORDS = "提交的学历证明经核查系伪造。"
FAR = timedelta(days=20)
FROZEN = "Editing is frozen around the exam. At the door the identity check decides who enters."
OPENED = "The window has opened. What happens in the exam itself goes into a conduct record."
PREPARING = "The papers are being prepared at this moment. Try again in a minute."


@pytest.fixture
@built_once
def house(app: Flask) -> House:
    del app
    make_clocks()
    return make_house()


@pytest.fixture
@built_once
def held(house: House) -> ExamSession:
    """A session in twenty days, at a venue of one seat, that takes registrations."""
    planned = make_session(house, opens_at=OPENS + FAR, closes_at=OPENS + FAR + timedelta(hours=2))
    arrange(house, planned, make_venue(house, rooms=(1,)), registers_from=NOW, registers_until=OPENS + FAR)
    return planned


@pytest.fixture
@built_once
def people(held: ExamSession) -> list[Member]:
    """Three trainees who may sit: the first has the seat, the second waits for it."""
    cohort = make_cohort()
    made = [make_trainee(cohort) for _ in range(3)]
    register(held, made[0])
    with unit_of_work():
        waiting.join(*registering.session_for(held.code, made[1].actor), by=made[1].actor, at=NOW)
    return made


def register(held: ExamSession, member: Member, *, at: datetime = NOW) -> Registration:
    with unit_of_work():
        found, enrolment = registering.session_for(held.code, member.actor)
        return registrations.register_oneself(found, enrolment, by=member.actor, at=at)


def registration_of(member: Member) -> Registration:
    query = select(Registration).where(Registration.person_id == member.person.id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def revoke(house: House, member: Member, *, at: datetime = NOW, by: Member | None = None) -> RegistrationRevocation:
    actor = (by or house.examiner).actor
    with unit_of_work():
        mine, found = board.registration_of(registration_of(member).code, actor)
        return services.revoke(mine, found, reason=RevocationReason.FALSE_PAPERS, words=WORDS, by=actor, at=at)


def appeal(made: RegistrationRevocation, member: Member) -> Case:
    with unit_of_work():
        return open_case(APPEAL, made.code, Filing("学历证明属实，附学信网报告。"), by=member.actor, at=NOW)


def places() -> list[WaitState]:
    query = select(WaitingPlace).order_by(WaitingPlace.id).execution_options(populate_existing=True)
    return [one.state for one in session.scalars(query)]


def count(model: type[RegistrationRevocation | Attempt | Admission]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def told(member: Member) -> list[str]:
    jobs.work()
    return list(session.scalars(select(Notice.kind).where(Notice.person_id == member.person.id)))


def test_the_seat_goes_to_the_next_in_line_and_the_candidate_is_told(
    house: House, held: ExamSession, people: list[Member]
) -> None:
    with unit_of_work():
        mine = sittings.own_registration(registration_of(people[0]).code, people[0].actor)
        tickets.issue(mine, by=people[0].actor, at=NOW)

    made = revoke(house, people[0])
    again = revoke(house, people[0], by=house.examiner2)

    mine = registration_of(people[0])
    assert (again.id, again.revoked_by_id, count(RegistrationRevocation)) == (made.id, house.examiner.person.id, 1)
    assert (mine.withdrawn_at, mine.ticket_hash) == (NOW, None)
    assert places() == [WaitState.OFFERED]
    assert [one.kind for one in timeline(of_registration(mine))].count("exams.registration_revoked") == 1
    assert not any(WORDS in str(one.data) for one in timeline(of_registration(mine)))
    assert "exams.registration_revoked" in told(people[0])
    assert held.code


def test_whoever_was_revoked_neither_registers_nor_waits_again(
    house: House, held: ExamSession, people: list[Member]
) -> None:
    revoke(house, people[0])

    with pytest.raises(RefusedError) as refused:
        register(held, people[0])
    assert [line.reason for line in refused.value.verdict.lines if line.outcome != "met"][-1] == "exams.not_revoked"
    with pytest.raises(RefusedError), unit_of_work():
        waiting.join(*registering.session_for(held.code, people[0].actor), by=people[0].actor, at=NOW)


def test_the_examiner_revokes_on_the_page_and_the_candidate_reads_why(
    house: House, held: ExamSession, people: list[Member], browser_of: Browser, at_time: Clock
) -> None:
    at_time(NOW)
    ticket = registration_of(people[0]).code
    examiner, candidate = browser_of(house.examiner), browser_of(people[0])
    address, listed = f"/exams/registrations/{ticket}/revoke", f"/exams/sessions/{held.code}/registered"

    without = submit(examiner, address, page=address, reason="false_papers", words="")
    other = submit(examiner, address, page=address, reason="other", words=WORDS)
    before = examiner.get(listed).text
    done = submit(examiner, address, page=address, reason="false_papers", words=WORDS)

    code = session.scalars(select(RegistrationRevocation.code)).one()
    session.rollback()
    own, mine = f"/exams/mine/revocations/{code}", candidate.get("/exams/mine").text
    shown, listing = candidate.get(own).text, candidate.get(f"/exams/open/{held.code}").text
    assert (without.status_code, other.status_code, done.location) == (422, 422, address)
    assert address in before
    assert said("Registration revoked") in examiner.get(listed).text
    assert house.examiner.person.name in examiner.get(address).text
    assert own in mine
    assert WORDS in shown
    assert said("False or altered papers") in shown
    assert f"kind={APPEAL}" in shown
    assert own in listing
    assert said("The exam body has not revoked a registration for this exam") in listing
    assert submit(candidate, f"/exams/open/{held.code}/register", page="/home").status_code == 409
    assert browser_of(people[1]).get(own).status_code == 404


def test_only_an_examiner_of_the_body_revokes(house: House, people: list[Member], browser_of: Browser) -> None:
    address = f"/exams/registrations/{registration_of(people[0]).code}/revoke"
    session.rollback()
    invigilator = make_member(Role.INVIGILATOR, organisation=house.body)

    assert browser_of(make_house().examiner).get(address).status_code == 404
    assert browser_of(invigilator).get(address).status_code == 403
    assert browser_of(people[0]).get(address).status_code == 403


def test_a_prepared_paper_is_dropped_and_prepared_again_after_an_upheld_appeal(
    house: House, browser_of: Browser, at_time: Clock
) -> None:
    planned, (member,) = make_prepared(house, opens_at=OPENS + FAR, closes_at=OPENS + FAR + timedelta(hours=2))
    at_time(NOW)
    before = attempt_of(member)
    page, order = f"/sit/{before.code}", before.order
    session.rollback()

    made = revoke(house, member)
    assert browser_of(member).get(page).status_code == 404
    assert (count(Attempt), [one.kind for one in todos_of(member.actor)].count("exams.sit")) == (0, 0)
    case = accepted(appeal(made, member), house.examiner2)
    with pytest.raises(ForbiddenError):
        decided(case, house.examiner)
    decided(case, house.examiner2)

    assert attempt_of(member).order == order
    assert [one.kind for one in todos_of(member.actor)].count("exams.sit") == 1
    found = queries.own(made.code, member.actor)
    assert (found.lifted_at, found.lifted_in, registration_of(member).withdrawn_at) == (NOW, case.code, None)
    assert "exams.registration_restored" in told(member)
    own = browser_of(member).get(f"/exams/mine/revocations/{made.code}").text
    assert said("You are registered again; the ticket is issued anew") in own
    assert str(case.number) in own
    with unit_of_work():
        assert services.lift(queries.by_code(made.code), case_code="x", by=house.examiner2.actor, at=NOW)
    assert planned.code


def test_where_the_seat_is_gone_the_appeal_lifts_the_revocation_and_leaves_others_their_seat(
    house: House, held: ExamSession, people: list[Member], browser_of: Browser
) -> None:
    made = revoke(house, people[0])

    decided(accepted(appeal(made, people[0]), house.examiner2), house.examiner2)

    assert registration_of(people[0]).withdrawn_at == NOW
    assert queries.in_force(held.id, people[0].person.id) is None
    assert places() == [WaitState.OFFERED]
    assert "exams.revocation_lifted" in told(people[0])
    shown = browser_of(people[0]).get(f"/exams/mine/revocations/{made.code}").text
    assert said("No seat of this exam could be given back. You may register for another exam") in shown
    with unit_of_work():
        session.execute(update(WaitingPlace).values(state=WaitState.CLOSED, ended_at=NOW))
    assert register(held, people[0]).withdrawn_at is None


def test_a_rejected_appeal_leaves_the_revocation_in_force_and_nobody_else_appeals(
    house: House, held: ExamSession, people: list[Member]
) -> None:
    made = revoke(house, people[0])
    with pytest.raises(ForbiddenError):
        appeal(made, people[1])

    decided(accepted(appeal(made, people[0]), house.examiner2), house.examiner2, upheld=False)

    assert queries.in_force(held.id, people[0].person.id) is not None
    with pytest.raises(NotFoundError):
        queries.by_code("no such code")


@pytest.mark.parametrize(
    ("preparing", "at", "reason"),
    [
        (
            False,
            OPENS + FAR - timedelta(minutes=10),
            "Editing is frozen around the exam. At the door the identity check decides who enters.",
        ),
        (False, OPENS + FAR, "The window has opened. What happens in the exam itself goes into a conduct record."),
        (True, NOW, "The papers are being prepared at this moment. Try again in a minute."),
    ],
)
def test_too_near_the_exam_or_while_papers_are_prepared_nothing_is_revoked(
    house: House, held: ExamSession, people: list[Member], *, preparing: bool, at: datetime, reason: str
) -> None:
    if preparing:
        with unit_of_work():
            session.execute(update(ExamSession).values(prepared_at=NOW, prepared_by_id=house.examiner.person.id))

    with pytest.raises(ConflictError) as refused:
        revoke(house, people[0], at=at)

    assert str(refused.value) in {reason, said(reason)}
    assert count(RegistrationRevocation) == 0
    assert held.code


def test_what_the_candidate_withdrew_is_not_revoked(house: House, held: ExamSession, people: list[Member]) -> None:
    with unit_of_work():
        mine = sittings.own_registration(registration_of(people[0]).code, people[0].actor)
        registrations.withdraw(mine, by=people[0].actor, at=NOW)

    with pytest.raises(ConflictError):
        revoke(house, people[0])
    assert held.code


def test_the_schema_keeps_one_revocation_in_force_and_a_lifted_one_with_its_case(
    house: House, held: ExamSession, people: list[Member]
) -> None:
    made = revoke(house, people[0])
    twin = {"registration_id": made.registration_id, "reason": "twice", "words": WORDS}
    with pytest.raises(ConflictError), unit_of_work():
        session.add(RegistrationRevocation(**twin, revoked_by_id=house.examiner.person.id, revoked_at=NOW))
    with pytest.raises(ConflictError, match="lifted"), unit_of_work():
        session.execute(update(RegistrationRevocation).values(lifted_at=NOW))
    assert held.code

"""An admission ticket opens its sitting without a password, and nothing else of the site."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from app.accounts.models import Person, SignInSession, Throttle
from app.assessment.exams.models import Registration
from app.assessment.exams.models.sittings import TICKET_USED
from app.assessment.exams.rules.tickets import digest, link
from app.assessment.exams.services import ticket_door as services
from app.assessment.exams.services import tickets
from app.assessment.exams.services.ticket_door import EARLY, LATE
from app.assessment.exams.services.tickets import new_secret
from app.core import clock
from app.core.crypto import digest_token
from app.core.db import db, session, unit_of_work
from app.core.errors import InvalidError
from app.core.events import Event, subscribers
from tests.factories.accounts import Member, open_session
from tests.factories.exams import CLOSES, NOW, OPENS, House, attempt_of, make_house, make_prepared, make_session, said
from tests.submit import submit
from tests.worlds import built_once

Clock = Callable[[datetime], None]
DOOR = "/sit/ticket"
WRONG = "This is not the code of an admission ticket. Check it letter by letter, or ask the invigilator."
ELSEWHERE = "You came in with an admission ticket, which opens its exam and nothing else. Sign in for the rest."


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
def trainee(house: House) -> Member:
    _planned, trainees = make_prepared(house)
    return trainees[0]


def registration_of(member: Member) -> Registration:
    return session.scalars(select(Registration).where(Registration.person_id == member.person.id)).one()


def issue(member: Member, house: House) -> str:
    with unit_of_work():
        return tickets.issue(registration_of(member), by=house.examiner.actor, at=NOW)


@pytest.fixture
@built_once
def secret(trainee: Member, house: House) -> str:
    return issue(trainee, house)


def enter(secret: str, at: datetime = OPENS) -> services.Entered:
    return services.enter(secret, agent="Tests", at=at)


@pytest.mark.one_database
def test_the_whole_link_of_the_code_opens_as_well(secret: str, trainee: Member) -> None:
    assert enter(link("http://localhost:8000", secret)).attempt == attempt_of(trainee).code
    assert enter(f"  {secret} ").attempt == attempt_of(trainee).code


@pytest.mark.one_database
def test_the_link_brings_its_secret_into_the_form(secret: str, client: FlaskClient) -> None:
    assert f'value="{secret}"' in client.get(DOOR, query_string={"secret": secret}).text


def test_a_withdrawn_candidate_is_let_in_nowhere(secret: str) -> None:
    with unit_of_work():
        session.execute(update(Registration).values(withdrawn_at=NOW))

    with pytest.raises(InvalidError):
        enter(secret)


def test_only_the_digest_is_kept(secret: str, trainee: Member) -> None:
    assert registration_of(trainee).ticket_hash == digest(secret)
    assert len(digest(secret)) == 32


def test_a_ticket_opens_a_session_for_its_sitting_alone(secret: str, trainee: Member) -> None:
    entered = enter(secret)

    row = session.scalars(select(SignInSession).where(SignInSession.token == digest_token(entered.token))).one()
    assert entered.attempt == row.only_code == attempt_of(trainee).code
    assert (row.only_permission, row.person_id, row.membership_id) == ("exams.sit", trainee.person.id, None)
    assert (row.agent, row.address_sealed) == ("Tests", None)


def test_a_ticket_sign_in_is_one_statement_that_tells_of_itself(secret: str, trainee: Member) -> None:
    said_to_the_database: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: said_to_the_database.append(given[2]))

    enter(secret)

    (said,) = [one for one in said_to_the_database if not one.startswith("BEGIN")]
    assert said.startswith("INSERT INTO sign_in_session")
    opened = session.scalars(select(SignInSession).where(SignInSession.only_code.is_not(None))).one()
    told = session.scalars(select(Event).where(Event.kind == TICKET_USED.kind)).one()
    assert (told.subject_type, told.subject_code) == ("attempt", attempt_of(trainee).code)
    assert (told.code, told.data, told.at, told.recorded_at) == (
        opened.code,
        {"session": opened.code},
        OPENS,
        opened.started_at,
    )
    assert (told.actor_id, told.acting_role, told.reason, told.rule) == (None, None, None, None)


def test_nobody_waits_for_an_event_that_the_database_writes_by_itself(app: Flask) -> None:
    del app
    assert subscribers(TICKET_USED.kind) == []


def test_no_other_session_tells_of_a_ticket(trainee: Member) -> None:
    open_session(trainee)

    assert session.scalars(select(Event).where(Event.kind == TICKET_USED.kind)).all() == []


def test_a_refused_ticket_tells_nothing(secret: str) -> None:
    with pytest.raises(InvalidError):
        enter(secret, CLOSES)

    assert session.scalars(select(Event).where(Event.kind == TICKET_USED.kind)).all() == []


@pytest.mark.one_database
@pytest.mark.parametrize("at", [OPENS - EARLY - timedelta(seconds=1), CLOSES])
def test_outside_of_its_time_a_ticket_opens_nothing(secret: str, at: datetime) -> None:
    with pytest.raises(InvalidError) as refusal:
        enter(secret, at)

    assert refusal.value.code != "unknown_ticket"
    assert session.scalars(select(SignInSession)).all() == []


@pytest.mark.one_database
@pytest.mark.parametrize("at", [OPENS - EARLY, CLOSES - timedelta(seconds=1)])
def test_from_an_hour_before_the_window_to_its_end_it_opens(secret: str, at: datetime) -> None:
    assert enter(secret, at).attempt


def test_extra_time_after_the_window_keeps_the_ticket_good(secret: str, trainee: Member) -> None:
    attempt = attempt_of(trainee)
    with unit_of_work():
        session.execute(
            update(type(attempt)).values(started_at=OPENS, deadline_at=CLOSES + timedelta(minutes=15), extra_minutes=15)
        )

    assert enter(secret, CLOSES + timedelta(minutes=10)).attempt == attempt.code


def test_for_a_day_after_the_window_a_ticket_opens_what_was_begun(secret: str, trainee: Member) -> None:
    """A device that was offline for hours hands in what it kept; the sitting itself takes nothing any more."""
    attempt = attempt_of(trainee)
    with unit_of_work():
        session.execute(update(type(attempt)).values(started_at=OPENS, deadline_at=CLOSES))

    assert enter(secret, CLOSES + LATE - timedelta(seconds=1)).attempt == attempt.code
    with pytest.raises(InvalidError):
        enter(secret, CLOSES + LATE)


def test_before_the_papers_are_prepared_it_says_so(house: House, trainee: Member) -> None:
    del trainee
    other = make_session(house)
    with unit_of_work():
        known = session.scalars(select(Registration)).first()
        assert known is not None
        ticket = Registration(
            code="26030200990001",
            session_id=other.id,
            number=1,
            person_id=house.examiner.person.id,
            enrolment_id=known.enrolment_id,
            verdict={},
            rule_pack=known.rule_pack,
            registered_by_id=house.examiner.person.id,
            registered_at=NOW,
        )
        session.add(ticket)
        session.flush()
        secret = tickets.issue(ticket, by=house.examiner.actor, at=NOW)

    with pytest.raises(InvalidError) as refusal:
        enter(secret)

    assert "prepared" in str(refusal.value.message) or "准备" in str(refusal.value)


def test_an_erased_person_is_let_in_nowhere(secret: str, trainee: Member) -> None:
    with unit_of_work():
        session.execute(update(Person).where(Person.id == trainee.person.id).values(erased_at=NOW, data_key=None))

    with pytest.raises(InvalidError):
        enter(secret)


def test_a_new_ticket_ends_the_old_one_and_what_it_had_opened(
    secret: str, trainee: Member, house: House, client: FlaskClient, at_time: Clock
) -> None:
    at_time(OPENS)
    assert submit(client, DOOR, ticket=secret).status_code == 302
    address = f"/sit/{attempt_of(trainee).code}"
    assert client.get(address).status_code == 200

    again = issue(trainee, house)

    assert client.get(address).status_code == 401
    with pytest.raises(InvalidError):
        enter(secret)
    assert enter(again).attempt == attempt_of(trainee).code


def test_the_ticket_leads_to_the_sitting_and_through_it(
    secret: str, trainee: Member, client: FlaskClient, at_time: Clock
) -> None:
    at_time(OPENS)

    answer = submit(client, DOOR, ticket=secret)

    code = attempt_of(trainee).code
    assert answer.location == f"/sit/{code}"
    assert trainee.person.name in client.get(f"/sit/{code}").text
    assert submit(client, f"/sit/{code}/start", page=f"/sit/{code}").status_code == 302
    body = {"page": "0123456789abcdef"}
    assert client.post(f"/sit/{code}/hold", json=body).status_code == 200
    sent = {"position": 1, "sequence": 1, "response": {"choice": ["A"]}, "review": False}
    saved = client.post(f"/sit/{code}/save", json={**body, "answers": [sent]})
    assert saved.json is not None
    assert saved.json["saved"] == [[1, 1]]
    assert client.post(f"/sit/{code}/beat", json=body).status_code == 200
    assert client.post(f"/sit/{code}/submit", json=body).status_code == 200


@pytest.mark.one_database
def test_nothing_else_of_the_site_opens(
    app: Flask, secret: str, trainee: Member, client: FlaskClient, at_time: Clock
) -> None:
    at_time(OPENS)
    submit(client, DOOR, ticket=secret)
    own = f"/sit/{attempt_of(trainee).code}"

    for address in ("/home", "/exams/mine", "/me", f"/exams/mine/tickets/{registration_of(trainee).code}"):
        page = client.get(address)
        assert page.status_code == 403, address
        assert said(ELSEWHERE) in page.text
    shown = re.findall(r'href="(/[^"#]*)"', client.get(own).text)
    assert not [one for one in shown if one.startswith(("/home", "/exams", "/me"))]
    del app


@pytest.mark.one_database
def test_another_sitting_of_the_same_person_stays_closed(
    secret: str, trainee: Member, house: House, client: FlaskClient, at_time: Clock
) -> None:
    from_other = make_session(house)
    del from_other
    at_time(OPENS)
    submit(client, DOOR, ticket=secret)
    with unit_of_work():
        session.execute(update(SignInSession).values(only_code="another-sitting"))

    code = attempt_of(trainee).code
    assert client.get(f"/sit/{code}").status_code == 404
    assert client.post(f"/sit/{code}/save", json={"page": "0123456789abcdef", "answers": []}).status_code == 422
    sent = {"position": 1, "sequence": 1, "response": {"choice": ["A"]}, "review": False}
    body = {"page": "0123456789abcdef", "answers": [sent]}
    for act in ("hold", "save", "beat", "submit", "kept"):
        given = body if act in {"save", "kept"} else {"page": body["page"]}
        assert client.post(f"/sit/{code}/{act}", json=given).status_code == 404, act


def test_signing_out_ends_it(secret: str, trainee: Member, client: FlaskClient, at_time: Clock) -> None:
    at_time(OPENS)
    submit(client, DOOR, ticket=secret)

    assert client.post("/sign-out").status_code == 302
    assert client.get(f"/sit/{attempt_of(trainee).code}").status_code == 401


def test_wrong_codes_are_counted_by_address_and_never_hold_up_a_right_one(
    secret: str, client: FlaskClient, at_time: Clock
) -> None:
    at_time(OPENS)
    wrong = submit(client, DOOR, ticket=new_secret())
    assert wrong.status_code == 422
    assert said(WRONG) in wrong.text
    with unit_of_work():
        session.execute(update(Throttle).values(failures=500, last_at=clock.real_now()))

    assert submit(client, DOOR, ticket=new_secret()).status_code == 429
    assert submit(client, DOOR, ticket=secret).status_code == 302


@pytest.mark.one_database
def test_an_empty_form_is_told_what_to_enter(client: FlaskClient) -> None:
    answer = submit(client, DOOR, ticket="")

    assert answer.status_code == 422
    assert said("Enter the code printed on your admission ticket.") in answer.text

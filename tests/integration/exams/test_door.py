"""The door that a hot statement carries lets through exactly whom the usual door lets through."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from app.accounts import door
from app.accounts.actors import signed_in
from app.accounts.models import Membership, Person, SignInSession
from app.accounts.states import Role
from app.assessment.exams.access import Permission
from app.assessment.exams.models import AnswerSave, Attempt
from app.assessment.exams.queries import seb
from app.assessment.exams.services import hot
from app.core import clock
from app.core.clock import real_now
from app.core.crypto import digest_token
from app.core.db import db, session, unit_of_work
from tests.factories.accounts import Member, make_member, open_session
from tests.factories.exams import OPENS, House, answer, attempt_of, make_house, make_prepared, start
from tests.worlds import built_once

Browser = Callable[[Member], FlaskClient]
PAGE = "page-of-tests"
DURING = OPENS + timedelta(minutes=5)
TODAY = date(2026, 3, 2)


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
@built_once
def trainee(house: House) -> Member:
    _planned, trainees = make_prepared(house)
    start(trainees[0])
    return trainees[0]


def through_the_usual_door(token: str, code: str) -> bool:
    """Tell whether the token's session may sit this very sitting, asked as every page asks."""
    found = signed_in(token, at=real_now(), on=TODAY)
    if found is None or not found.actor.may(Permission.SIT) or found.actor.limited_to not in {None, code}:
        return False
    owner = session.scalars(select(Attempt.person_id).where(Attempt.code == code)).one()
    return found.actor.person_id == owner


def through_the_hot_door(token: str, code: str) -> bool:
    knock = door.Knock(token, real_now(), TODAY)
    beaten = hot.beat(knock, code, PAGE, at=DURING)
    sequence = len(session.scalars(select(AnswerSave.id)).all()) + 1
    saved = hot.save(knock, code, PAGE, [answer(1, sequence)], at=DURING)
    session.rollback()
    assert (beaten is None) == (saved is None)
    return saved is not None


TICKET = {"membership_id": None, "only_permission": "exams.sit", "only_code": "OWN"}
CASES: dict[str, tuple[type[Any], dict[str, Any], bool]] = {
    "as signed in": (SignInSession, {}, True),
    "ended": (SignInSession, {"ended_at": OPENS}, False),
    "expired": (SignInSession, {"expires_at": OPENS - timedelta(days=900)}, False),
    "without a role": (SignInSession, {"membership_id": None}, False),
    "without second factor": (SignInSession, {"second_factor": False}, True),
    "ticket": (SignInSession, TICKET, True),
    "ticket of another": (
        SignInSession,
        {"membership_id": None, "only_permission": "exams.sit", "only_code": "x"},
        False,
    ),
    "ticket for another act": (
        SignInSession,
        {"membership_id": None, "only_permission": "x", "only_code": "OWN"},
        False,
    ),
    "role that ended": (Membership, {"ends_on": TODAY - timedelta(days=1)}, False),
    "role that ends today": (Membership, {"ends_on": TODAY}, True),
    "role from tomorrow": (Membership, {"starts_on": TODAY + timedelta(days=1)}, False),
    "role from today": (Membership, {"starts_on": TODAY}, True),
    "role of staff": (Membership, {"role": Role.LECTURER}, False),
    "erased": (Person, {"erased_at": OPENS, "data_key": None}, False),
}


@pytest.mark.parametrize("case", CASES)
def test_both_doors_let_the_same_people_through(trainee: Member, case: str) -> None:
    token, code = open_session(trainee), attempt_of(trainee).code
    table, changes, expected = CASES[case]
    changes = {name: code if value == "OWN" else value for name, value in changes.items()}
    row = trainee.person.id if table is Person else trainee.membership.id
    if changes:
        with unit_of_work():
            query = update(table) if table is SignInSession else update(table).where(table.id == row)
            session.execute(query.values(**changes))

    assert through_the_hot_door(token, code) == through_the_usual_door(token, code) == expected


def test_another_persons_session_and_no_session_stay_outside(trainee: Member) -> None:
    code = attempt_of(trainee).code

    for token in (open_session(make_member(Role.TRAINEE)), "no such token"):
        assert not through_the_hot_door(token, code)
        assert not through_the_usual_door(token, code)


def test_a_save_over_http_is_one_statement_with_session_permission_and_row(
    trainee: Member, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    at_time(DURING)
    browser, code = browser_of(trainee), attempt_of(trainee).code
    assert seb.requirement(code) is None, "asked once a sitting and process"
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    sent = {"position": 1, "sequence": 1, "response": {"choice": ["A"]}}

    saved = browser.post(f"/sit/{code}/save", json={"page": PAGE, "answers": [sent, {**sent, "position": 2}]})
    beaten = browser.post(f"/sit/{code}/beat", json={"page": PAGE})

    assert saved.json is not None
    assert saved.json["saved"] == [[1, 1], [2, 1]]
    assert saved.json["paused"] is False
    assert beaten.json is not None
    assert beaten.json["deadline_at"] == saved.json["deadline_at"]
    words = [one.split()[0] for one in said if not one.startswith(("BEGIN", "SELECT clock"))]
    assert words == ["INSERT", "UPDATE"]


def test_a_session_in_use_is_kept_open_by_saving(
    trainee: Member, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    at_time(DURING)
    browser, code = browser_of(trainee), attempt_of(trainee).code
    long_ago = clock.real_now() - timedelta(minutes=30)
    with unit_of_work():
        session.execute(update(SignInSession).values(seen_at=long_ago, started_at=long_ago))

    assert browser.post(f"/sit/{code}/beat", json={"page": PAGE}).status_code == 200

    row = session.scalars(select(SignInSession)).one()
    assert row.seen_at > long_ago + timedelta(minutes=29)
    assert row.token != digest_token("x")


def test_where_a_password_may_be_due_everyone_takes_the_usual_door(
    trainee: Member,
    browser_of: Browser,
    at_time: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_time(DURING)
    browser, code = browser_of(trainee), attempt_of(trainee).code
    monkeypatch.setattr(door, "is_open", lambda: False)
    monkeypatch.setattr(hot, "save", lambda *_given, **_named: pytest.fail("the short way was taken"))
    sent = {"position": 1, "sequence": 1, "response": {"choice": ["A"]}}

    answered = browser.post(f"/sit/{code}/save", json={"page": PAGE, "answers": [sent]})

    assert answered.json is not None
    assert answered.json["saved"] == [[1, 1]]


@pytest.mark.options(wtf_csrf_enabled=True)
@pytest.mark.parametrize(
    ("site", "kind", "status"),
    [
        ("same-origin", "application/json", 200),
        ("same-site", "application/json", 400),
        ("cross-site", "application/json", 400),
        ("none", "application/json", 400),
        (None, "application/json", 400),
        ("same-origin", "text/plain", 400),
    ],
)
def test_json_without_a_token_is_taken_only_from_our_own_pages(
    trainee: Member,
    browser_of: Browser,
    at_time: Callable[[datetime], None],
    site: str | None,
    kind: str,
    status: int,
) -> None:
    at_time(DURING)
    headers = {"Sec-Fetch-Site": site} if site else {}

    answered = browser_of(trainee).post(
        f"/sit/{attempt_of(trainee).code}/beat", data=f'{{"page": "{PAGE}"}}', content_type=kind, headers=headers
    )

    assert answered.status_code == status

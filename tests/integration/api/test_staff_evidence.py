"""A program of an institution enters evidence of its people with a key: judged as a row of a file, done once."""

import contextvars
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.accounts import key_queries
from app.accounts.keyed import AccessKey, KeyedRequest
from app.accounts.models import Person, Throttle
from app.accounts.services import access_keys
from app.accounts.services.people import open_field
from app.accounts.states import Role
from app.core.access_log import AccessLook
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.events import Event
from app.desk.queries import todos_of
from app.evidence.models import Evidence
from app.evidence.states import Entry, Kind, State
from tests.factories.accounts import JINAN, Member, make_member
from tests.factories.cases import restrict
from tests.factories.evidence import FIELDS, make_declared, make_owner, publish_checks
from tests.factories.keys import ADDRESS, Institution, call, make_institution

BrowserOf = Callable[[Member], FlaskClient]
Record = dict[str, object]


@pytest.fixture(name="house")
def _house(app: Flask) -> Institution:
    del app
    publish_checks()
    return make_institution()


@pytest.fixture(name="manager")
def _technology_manager(house: Institution) -> Member:
    return make_member(Role.TRAINEE, JINAN, house.body)


def record(member: Member, kind: Kind = Kind.SERVICE, **changed: str) -> Record:
    person: Person = member.person
    return {
        "kind": kind.value,
        "person_name": person.name,
        "person_document": open_field(person, "person.identity"),
        "fields": {**FIELDS[kind], **changed},
    }


def entered() -> list[Evidence]:
    return list(session.scalars(select(Evidence).order_by(Evidence.id)))


def uses(house: Institution) -> list[dict[str, object]]:
    query = select(Event.data).where(Event.kind == "accounts.key_used", Event.subject_code == house.key.code)
    return list(session.scalars(query.order_by(Event.id)))


def test_what_a_program_enters_waits_for_its_person_as_an_imported_row_does(
    app: Flask, house: Institution, manager: Member
) -> None:
    answer = call(app, house.text, record(manager))

    (made,) = entered()
    assert (answer.status_code, answer.get_json()) == (
        201,
        {"code": made.code, "state": "declared", "standing": made.standing},
    )
    assert (made.entry, made.state, made.accepted_at) == (Entry.API, State.DECLARED, None)
    assert (made.person_id, made.organisation_id) == (manager.person.id, house.body.id)
    assert made.entered_by_id == house.administrator.person.id
    assert [todo.kind for todo in todos_of(manager.actor)] == ["evidence.accept"]


def test_every_use_leaves_its_trace(app: Flask, house: Institution, manager: Member, browser_of: BrowserOf) -> None:
    call(app, house.text, record(manager))
    call(app, house.text, {"kind": "treasure"}, name="request-0002")

    (made,) = entered()
    assert uses(house) == [{"record": made.code, "status": 201}, {"status": 422}]
    key = session.scalars(select(AccessKey)).one()
    assert key.uses == 2
    assert key.used_at is not None
    looks = session.scalars(select(AccessLook)).all()
    assert [(one.person_id, one.viewer_id, one.record_code) for one in looks] == [
        (manager.person.id, house.administrator.person.id, made.code)
    ]
    page = browser_of(house.administrator).get(f"/organisations/{house.body.slug}/keys/{house.key.code}").text
    assert made.code in page
    assert "422" in page


def test_a_repeated_request_is_done_once_and_answered_the_same(app: Flask, house: Institution, manager: Member) -> None:
    first = call(app, house.text, record(manager))
    again = call(app, house.text, record(manager))

    assert (first.get_json(), first.headers["Idempotency-Replayed"]) == (again.get_json(), "false")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert len(entered()) == 1
    assert [one.get("repeated") for one in uses(house)] == [None, True]
    assert session.scalar(select(func.count()).select_from(AccessLook)) == 1


def test_the_name_of_a_request_is_not_given_to_another_one(app: Flask, house: Institution, manager: Member) -> None:
    call(app, house.text, record(manager))
    other = call(app, house.text, record(manager, title="另一项服务"))

    assert other.status_code == 422
    assert "Idempotency-Key" in other.get_json()["detail"]
    assert len(entered()) == 1


def test_two_keys_may_give_the_same_name(app: Flask, house: Institution, manager: Member) -> None:
    other = make_institution()
    theirs = make_member(Role.TRAINEE, JINAN, other.body)
    assert call(app, house.text, record(manager)).status_code == 201
    assert call(app, other.text, record(theirs)).status_code == 201
    assert len(entered()) == 2


def test_of_two_requests_at_the_same_time_the_second_finds_the_answer_of_the_first(
    app: Flask, house: Institution, manager: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = call(app, house.text, record(manager))
    asked = key_queries.request_named
    unseen: Iterator[KeyedRequest | None] = iter([None])
    monkeypatch.setattr(key_queries, "request_named", lambda key_id, name: next(unseen, asked(key_id, name)))

    second = call(app, house.text, record(manager))

    assert (second.status_code, second.get_json()) == (201, first.get_json())
    assert len(entered()) == 1


def test_a_request_sent_twice_at_once_is_done_once(app: Flask, house: Institution, manager: Member) -> None:
    body = record(manager)
    session.remove()

    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(contextvars.Context().run, call, app, house.text, body) for _time in range(2)]
        answers = [one.result() for one in sent]

    assert [one.status_code for one in answers] == [201, 201]
    assert sorted(one.headers["Idempotency-Replayed"] for one in answers) == ["false", "true"]
    assert [{"code": made.code, "state": "declared", "standing": made.standing} for made in entered()] == [
        answers[0].get_json()
    ]
    assert answers[0].get_json() == answers[1].get_json()


def test_a_refused_request_is_sent_corrected_under_the_same_name(
    app: Flask, house: Institution, manager: Member
) -> None:
    refused = call(app, house.text, record(manager, ended_on="soon"))
    assert (refused.status_code, session.scalars(select(KeyedRequest)).all()) == (422, [])
    assert call(app, house.text, record(manager)).status_code == 201


@pytest.mark.parametrize("name", [None, "short", "x" * 65, "with space", "编号一二三四五六七"])
def test_a_request_without_a_name_is_not_done(
    app: Flask, house: Institution, manager: Member, name: str | None
) -> None:
    headers = {"Authorization": f"Bearer {house.text}"} | (
        {"Idempotency-Key": name.encode().decode("latin1")} if name else {}
    )
    answer = app.test_client().post(ADDRESS, json=record(manager), headers=headers)

    assert answer.status_code == 400
    assert entered() == []


def test_fields_that_do_not_fit_are_named_one_by_one_and_nothing_is_kept(
    app: Flask, house: Institution, manager: Member
) -> None:
    answer = call(app, house.text, record(manager, title="", ended_on="soon", colour="red"))

    problems = {one["field"]: one["reason"] for one in answer.get_json()["problems"]}
    assert answer.status_code == 422
    assert set(problems) == {"title", "ended_on", "colour"}
    assert all(problems.values())
    assert entered() == []


def test_only_people_of_the_organisation_are_known_to_its_key(app: Flask, house: Institution, manager: Member) -> None:
    stranger = make_owner()
    answers = [
        call(app, house.text, record(stranger), name="request-0001"),
        call(app, house.text, {**record(manager), "person_name": "别人"}, name="request-0002"),
        call(app, house.text, {**record(manager), "person_document": ""}, name="request-0003"),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    fields = [[one["field"] for one in answer.get_json()["problems"]] for answer in answers]
    assert fields == [["person_document"], ["person_name"], ["person_document"]]
    assert entered() == []


def test_shares_and_numbers_that_were_declared_already_are_refused(
    app: Flask, house: Institution, manager: Member
) -> None:
    make_declared(Kind.CONTRACT, make_owner(), share="70")
    over = call(app, house.text, record(manager, Kind.CONTRACT, share="40"), name="request-0001")
    held = call(app, house.text, record(manager, Kind.CONTRACT, share="30"), name="request-0002")
    twice = call(app, house.text, record(manager, Kind.CONTRACT, share="30"), name="request-0003")

    assert [over.status_code, held.status_code, twice.status_code] == [422, 201, 422]
    assert [one["field"] for one in over.get_json()["problems"]] == ["share"]
    assert [one["field"] for one in twice.get_json()["problems"]] == ["number"]


def test_a_restricted_organisation_enters_nothing_by_any_way(
    app: Flask, house: Institution, manager: Member, browser_of: BrowserOf
) -> None:
    restrict("evidence.enter_for_people", house.body)

    refused = call(app, house.text, record(manager))

    assert refused.status_code == 403
    assert "鲁科认〔2026〕3号" in refused.get_json()["detail"]
    browser = browser_of(house.administrator)
    typed = {"person": manager.person.code, **FIELDS[Kind.SERVICE], "act": "declare"}
    page = browser.post("/evidence/organisation/new/service", data=typed)
    assert (page.status_code, "鲁科认〔2026〕3号" in page.text) == (403, True)
    assert [one.declared_at for one in entered()] == [None], "what was typed is kept as a draft"


def test_without_a_good_key_nobody_is_let_in(
    app: Flask, house: Institution, manager: Member, browser_of: BrowserOf
) -> None:
    for text in (None, "", "jjk_wrong"):
        answer = call(app, text, record(manager))
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), text
    signed_in = browser_of(house.administrator)
    assert call(app, None, record(manager), client=signed_in).status_code == 403, "people use the pages"
    assert call(app, "jjk_wrong", record(manager), client=signed_in).status_code == 401, "the cookie does not help"
    assert entered() == []


def test_a_key_opens_nothing_but_what_it_was_made_for(app: Flask, house: Institution) -> None:
    browser, head = app.test_client(), {"Authorization": f"Bearer {house.text}"}

    assert browser.get("/evidence/organisation", headers=head).status_code == 401
    entry = {"kind": "work", "fields": FIELDS[Kind.WORK]}
    assert browser.post("/api/v1/evidence", json=entry, headers=head).status_code == 401
    assert browser.post(f"/organisations/{house.body.slug}/keys/new", headers=head).status_code == 401
    with unit_of_work():
        session.execute(update(AccessKey).values(purpose="evidence.check"))
    assert call(app, house.text, {}).status_code == 403


def test_guessing_keys_is_slowed_and_a_good_key_is_still_heard(app: Flask, house: Institution, manager: Member) -> None:
    call(app, "jjk_wrong", {})
    with unit_of_work():
        session.execute(update(Throttle).values(failures=60, last_at=real_now()))

    assert call(app, "jjk_wrong", {}).status_code == 429
    assert call(app, house.text, record(manager)).status_code == 201


def test_a_key_in_too_much_use_waits(
    app: Flask, house: Institution, manager: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_keys, "USES_A_MINUTE", 1)
    assert call(app, house.text, record(manager)).status_code == 201
    answer = call(app, house.text, record(manager), name="request-0002")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    with unit_of_work():
        session.execute(update(AccessKey).values(minute_at=real_now() - timedelta(minutes=2)))
    assert call(app, house.text, record(manager)).status_code == 201


def test_a_key_needs_no_token_of_a_page_and_a_session_still_does(
    app: Flask, house: Institution, manager: Member, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = make_owner()
    browser = browser_of(owner)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", not app.config["WTF_CSRF_ENABLED"])

    assert call(app, house.text, record(manager)).status_code == 201
    assert browser.post("/api/v1/evidence", json={"kind": "work", "fields": FIELDS[Kind.WORK]}).status_code == 400


@pytest.mark.one_database
def test_the_interface_describes_the_key_and_the_name_of_a_request(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").get_json()

    operation = described["paths"]["/organisation/evidence"]["post"]
    assert operation["security"] == [{"key": []}]
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert [one["name"] for one in operation["parameters"]] == ["Idempotency-Key"]
    assert set(operation["responses"]) == {"201", "400", "401", "403", "409", "422", "429"}

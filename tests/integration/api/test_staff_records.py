"""A program reads with its key what became of what its organisation entered, and nothing of anybody else."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.accounts.keyed import AccessKey
from app.accounts.services import access_keys
from app.accounts.states import Role
from app.core.access_log import AccessLook
from app.core.db import session, unit_of_work
from app.evidence import services
from app.evidence.models import Evidence
from app.evidence.queries import programs
from app.evidence.states import Kind, State
from tests.factories.accounts import JINAN, Member, make_member
from tests.factories.evidence import AT, again, make_declared, make_draft, make_owner, publish_checks
from tests.factories.keys import ADDRESS, Institution, make_institution

WHY = "票据与合同不符。"


@pytest.fixture(name="house")
def _house(app: Flask) -> Institution:
    del app
    publish_checks()
    return make_institution()


@pytest.fixture(name="manager")
def _technology_manager(house: Institution) -> Member:
    return make_member(Role.TRAINEE, JINAN, house.body)


Enter = Callable[..., Evidence]


@pytest.fixture(name="enter")
def _enter(house: Institution, manager: Member) -> Enter:
    def entered(kind: Kind = Kind.SERVICE) -> Evidence:
        return make_declared(kind, manager, by=house.administrator)

    return entered


def ask(app: Flask, text: str | None, path: str = "") -> TestResponse:
    headers = {"Authorization": f"Bearer {text}"} if text is not None else {}
    return app.test_client().get(ADDRESS + path, headers=headers)


def codes(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["code"] for one in answer.get_json()["records"]]


def test_a_record_tells_its_state_and_each_check_with_its_reason(
    app: Flask, house: Institution, manager: Member, enter: Enter
) -> None:
    record = enter(Kind.CONTRACT)

    told = ask(app, house.text, f"/{record.code}").get_json()

    assert (told["code"], told["state"], told["standing"]) == (record.code, "declared", record.standing)
    assert told["pack"]
    checks = {one["text"]: one["outcome"] for one in told["checks"]}
    assert set(checks.values()) <= {"met", "not", "near", "unknown"}
    assert len(checks) == len(record.verdict["lines"] if record.verdict else [])
    assert all(checks)
    assert manager.person.name not in str(told)
    looks = session.scalars(select(AccessLook)).all()
    assert [(one.person_id, one.viewer_id, one.record_code) for one in looks] == [
        (manager.person.id, house.administrator.person.id, record.code)
    ]


def test_a_rejected_record_says_why(app: Flask, house: Institution, manager: Member, enter: Enter) -> None:
    record = enter()
    with unit_of_work():
        services.decline(again(record), reason=WHY, by=manager.actor, at=AT)

    told = ask(app, house.text, f"/{record.code}").get_json()

    assert (told["state"], told["reason"]) == ("rejected", WHY)
    assert told["ended_at"]


def test_records_of_others_and_the_makers_own_are_answered_as_if_they_were_not(
    app: Flask, house: Institution, manager: Member, enter: Enter
) -> None:
    own, other = enter(), make_institution()
    theirs = make_declared(
        Kind.SERVICE, make_member(Role.TRAINEE, JINAN, other.body), by=other.administrator, title="别家的服务"
    )
    personal = make_declared(Kind.WORK, make_owner())
    managers_own = make_declared(Kind.WORK, manager)
    draft = make_draft(Kind.AWARD, manager, by=house.administrator)

    for record in (theirs, personal, managers_own, draft):
        answer = ask(app, house.text, f"/{record.code}")
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert ask(app, house.text, "/nobody").status_code == 404
    assert codes(ask(app, house.text)) == [own.code]
    assert codes(ask(app, other.text)) == [theirs.code]
    assert ask(app, other.text, f"/{own.code}").status_code == 404


def test_a_list_is_narrowed_to_a_state_and_to_what_changed_since(
    app: Flask, house: Institution, manager: Member, enter: Enter
) -> None:
    first, second = enter(), enter(Kind.WORK)
    changed = again(second).changed_at
    assert changed is not None
    with unit_of_work():
        services.decline(again(first), reason=WHY, by=manager.actor, at=AT)

    assert codes(ask(app, house.text)) == [second.code, first.code], "what changed last comes last"
    assert codes(ask(app, house.text, "?state=rejected")) == [first.code]
    assert codes(ask(app, house.text, "?state=checked")) == []
    since = (changed + timedelta(microseconds=1)).isoformat()
    assert codes(ask(app, house.text, f"?changed_since={quote(since)}")) == [first.code]
    assert codes(ask(app, house.text, f"?changed_since={since}")) == [first.code], "a plus sign may come as a space"
    assert len(codes(ask(app, house.text, f"?changed_since={quote(changed.isoformat())}"))) == 2


def test_a_list_comes_page_by_page(
    app: Flask, house: Institution, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "PER_PAGE", 1)
    made = [enter().code, enter(Kind.WORK).code]

    pages = [ask(app, house.text, f"?page={number}").get_json() for number in (1, 2)]

    assert [page["records"][0]["code"] for page in pages] == made
    assert {(page["pages"], page["total"]) for page in pages} == {(2, 2)}


@pytest.mark.parametrize("wrong", ["state=draft", "state=x", "changed_since=x", "changed_since=2026-03-02", "page=x"])
def test_what_cannot_be_asked_for_is_refused_in_words(app: Flask, house: Institution, wrong: str) -> None:
    answer = ask(app, house.text, f"?{wrong}")

    assert answer.status_code == 422
    assert wrong.partition("=")[0] in answer.get_json()["detail"]


def test_only_a_key_for_this_purpose_reads_and_not_without_end(
    app: Flask, house: Institution, enter: Enter, browser_of: Callable[[Member], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path = f"/{enter().code}"
    for text in (None, "jjk_wrong"):
        assert ask(app, text, path).status_code == 401
    assert browser_of(house.administrator).get(ADDRESS + path).status_code == 403, "people use the pages"
    monkeypatch.setattr(access_keys, "USES_A_MINUTE", 2)
    assert [ask(app, house.text, path).status_code for _ in range(3)] == [200, 200, 429]
    assert session.scalars(select(AccessKey.uses)).one() == 2
    with unit_of_work():
        session.execute(update(AccessKey).values(purpose="evidence.check", minute_at=None))
    assert ask(app, house.text, path).status_code == 403


@pytest.mark.one_database
def test_the_interface_describes_reading(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").get_json()["paths"]
    listed = described["/organisation/evidence"]["get"]

    assert [one["name"] for one in listed["parameters"]] == ["state", "changed_since", "page"]
    assert listed["security"] == described["/organisation/evidence/{code}"]["get"]["security"] == [{"key": []}]
    assert State.DRAFT not in listed["parameters"][0]["schema"]["enum"]
    assert "404" in described["/organisation/evidence/{code}"]["get"]["responses"]
    assert "/organisation/evidence/{code}" in client.get("/api/v1/docs").text

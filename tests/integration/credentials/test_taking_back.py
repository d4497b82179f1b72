"""A wrong row of a request file is taken back before anybody decided on it, and asked for rightly under its source."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.states import Role
from app.core import jobs
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event, Subject
from app.credentials import services
from app.credentials.models import Batch, CertificateRequest
from app.credentials.states import CertificateKind, RequestState, RevocationReason
from app.desk.queries import todos_of
from tests.factories.accounts import Member, make_member, make_person
from tests.factories.credentials import ISSUED_AT, Office, fields, make_batch, make_office, make_request
from tests.submit import submit

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
REASON = "文件中等级填错"


def take_back(request: CertificateRequest, by: Actor) -> None:
    with unit_of_work():
        services.take_back(session.get_one(CertificateRequest, request.id), reason=REASON, by=by, at=ISSUED_AT)
    session.expire_all()


def ask_by_file(app: Flask, office: Office, folder: Path, holder: Person, level: str) -> tuple[int, CertificateRequest]:
    """Ask for a level by a request file, which prepares a batch; return the exit code and the latest request."""
    row = {"person": holder.code, "fields": fields(level=level), "source": {"type": "decision", "code": "2026-17"}}
    (folder / "rows.json").write_text(
        json.dumps({"body": office.body.slug, "kind": "capability", "certificates": [row]})
    )
    words = ["credentials", "batch", "--request", f"{folder}/rows.json", "--by", office.first.person.code]
    result = app.test_cli_runner().invoke(args=words)
    session.expire_all()
    latest = select(CertificateRequest).order_by(CertificateRequest.id.desc()).limit(1)
    return result.exit_code, session.scalars(latest).one()


def test_a_wrong_row_is_taken_back_and_asked_for_rightly_under_the_same_source(
    app: Flask, office: Office, tmp_path: Path, browser_of: Browser
) -> None:
    holder = make_person()
    _code, wrong = ask_by_file(app, office, tmp_path, holder, "junior")
    assert wrong.requested_by_id == office.first.person.id
    assert ask_by_file(app, office, tmp_path, holder, "senior")[0] == 1, "the source is asked for already"
    browser, page = browser_of(office.first), f"/issuing/requests/{wrong.code}"
    assert page in browser.get(f"/issuing/batches/{session.scalars(select(Batch)).one().code}").text

    assert submit(browser, f"{page}/take-back", page=page, reason="").status_code == 422
    assert submit(browser, f"{page}/take-back", page=page, reason=REASON).status_code == 302

    session.expire_all()
    row = session.get_one(CertificateRequest, wrong.id)
    assert (row.state, row.batch_id, row.declined_because) == (RequestState.DECLINED, None, REASON)
    told = session.scalars(select(Event).where(Event.kind == "credentials.row_taken_back")).one()
    assert (told.actor_id, told.reason, told.subject_code) == (office.first.person.id, REASON, "2026-17")
    shown = browser.get(page).text
    assert REASON in shown
    desk = browser.get("/issuing").text
    assert "已撤回的行" in desk
    assert page in desk, "it is found again where it came from"
    assert "/take-back" not in shown
    code, right = ask_by_file(app, office, tmp_path, holder, "senior")
    assert (code, right.fields["level"]) == (0, "senior")
    assert right.id != wrong.id


def test_a_row_that_waits_is_taken_back_and_nothing_is_left_to_prepare(office: Office) -> None:
    request = make_request(office)
    assert [one.kind for one in todos_of(office.first.actor)] == ["credentials.prepare"]

    take_back(request, office.first.actor)

    assert session.get_one(CertificateRequest, request.id).state is RequestState.DECLINED
    assert todos_of(office.first.actor) == []
    with pytest.raises(ConflictError):
        take_back(request, office.first.actor)


def test_the_batch_is_approved_without_the_row(office: Office) -> None:
    wrong, right = make_request(office), make_request(office)
    batch = make_batch(office)
    seen = batch.digest

    take_back(wrong, office.second.actor)

    left = session.get_one(Batch, batch.id)
    assert (left.size, left.left_out) == (1, 1)
    assert left.digest != seen, "who approves looks at what is left"
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=ISSUED_AT)
    with pytest.raises(ConflictError):
        take_back(right, office.first.actor)
    jobs.work()


def test_only_the_body_takes_its_rows_back_and_no_row_of_a_room(office: Office, browser_of: Browser) -> None:
    request, stranger = make_request(office), make_office(slug="another", platform=False)
    with pytest.raises(ForbiddenError):
        take_back(request, stranger.first.actor)
    assert browser_of(stranger.first).get(f"/issuing/requests/{request.code}").status_code == 404
    assert browser_of(make_member(Role.TRAINEE)).get(f"/issuing/requests/{request.code}").status_code == 403
    with unit_of_work():
        decided = services.request_certificate(
            kind=CertificateKind.CAPABILITY,
            person_id=make_person().id,
            source=Subject("award", "a-1"),
            fields=fields(),
            body=session.merge(office.body),
            by=None,
            at=ISSUED_AT,
        )
    with pytest.raises(ConflictError):
        take_back(decided, office.first.actor)
    page = browser_of(office.first).get(f"/issuing/requests/{decided.code}").text
    assert "由作出决定的部门自行撤回" in page


def test_a_room_that_takes_a_fact_back_passes_over_a_row_that_was_taken_back(office: Office) -> None:
    request = make_request(office)
    take_back(request, office.first.actor)

    with unit_of_work():
        found = session.get_one(CertificateRequest, request.id)
        services.withdraw(found, reason=RevocationReason.ISSUED_IN_ERROR, at=ISSUED_AT)

    session.expire_all()
    assert session.get_one(CertificateRequest, request.id).withdrawn_at is None


def run(app: Flask, *words: str) -> Result:
    result = app.test_cli_runner().invoke(args=["credentials", "take-back", *words])
    session.expire_all()
    return result


def test_a_command_takes_a_row_back_as_the_page_does(app: Flask, office: Office) -> None:
    request = make_request(office)
    batch = make_batch(office)
    words = (request.code, "--reason", REASON, "--by", office.second.person.code)

    done = run(app, *words, "--json")

    assert json.loads(done.stdout) == {"request": request.code, "state": "declined", "batch": batch.code}
    row = session.get_one(CertificateRequest, request.id)
    assert (row.state, row.declined_because, row.batch_id) == (RequestState.DECLINED, REASON, None)
    assert row.declined_by_id == office.second.person.id
    again = run(app, *words, "--json")
    assert again.exit_code == 1
    assert "refused" in json.loads(again.stdout)
    assert session.scalars(select(Event).where(Event.kind == "credentials.row_taken_back")).one().reason == REASON


def test_a_command_takes_back_no_row_of_others_and_none_without_a_reason(app: Flask, office: Office) -> None:
    request, stranger = make_request(office), make_office(slug="another", platform=False)
    base = make_member(Role.BASE)

    for who, reason in ((stranger.first, REASON), (office.first, " "), (office.first, "长" * 2001), (base, REASON)):
        refused = run(app, request.code, "--reason", reason, "--by", who.person.code)
        assert refused.exit_code == 1
        assert refused.stdout == ""
        assert refused.stderr

    assert run(app, request.code, "--by", office.first.person.code).exit_code == 2
    assert session.get_one(CertificateRequest, request.id).state is RequestState.OPEN

"""A program enters evidence in a signed-in session: declared or kept, or refused field by field."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.core.db import session
from app.evidence.models import Evidence
from app.evidence.states import Entry, Kind, State
from tests.factories.accounts import JINAN
from tests.factories.evidence import FIELDS, publish_checks

SignIn = Callable[..., FlaskClient]


@pytest.mark.parametrize(("declare", "state"), [(True, State.DECLARED), (False, State.DRAFT)])
def test_a_record_is_entered_and_declared_where_asked(app: Flask, sign_in: SignIn, declare: bool, state: State) -> None:
    del app
    publish_checks()
    browser = sign_in(Role.TRAINEE, JINAN)

    response = browser.post("/api/v1/evidence", json={"kind": "work", "fields": FIELDS[Kind.WORK], "declare": declare})

    made = session.scalars(select(Evidence)).one()
    assert response.status_code == 201
    assert response.get_json() == {"code": made.code, "state": state.value, "standing": "met" if declare else None}
    assert (made.entry, made.state) == (Entry.API, state)


@pytest.mark.one_database
def test_fields_that_do_not_fit_are_named_and_nothing_is_kept(app: Flask, sign_in: SignIn) -> None:
    del app
    publish_checks()
    fields = {**FIELDS[Kind.WORK], "published_on": "soon", "title": ""}

    response = sign_in(Role.TRAINEE, JINAN).post(
        "/api/v1/evidence", json={"kind": "work", "fields": fields, "declare": True}
    )

    assert response.status_code == 422
    assert [one["field"] for one in response.get_json()["problems"]] == ["title", "published_on"]
    assert session.scalars(select(Evidence)).all() == []


@pytest.mark.one_database
@pytest.mark.parametrize(
    "body", ["", "[]", '{"kind": "treasure", "fields": {}}', '{"kind": "work", "fields": {}, "x": 1}']
)
def test_what_is_no_entry_is_refused(app: Flask, sign_in: SignIn, body: str) -> None:
    del app
    browser = sign_in(Role.TRAINEE, JINAN)

    assert browser.post("/api/v1/evidence", data=body, content_type="application/json").status_code == 422


def test_only_ones_own_evidence_is_entered_so(app: Flask, sign_in: SignIn, client: FlaskClient) -> None:
    del app
    entry = {"kind": "work", "fields": FIELDS[Kind.WORK]}

    assert sign_in(Role.CREDIT, JINAN).post("/api/v1/evidence", json=entry).status_code == 403
    assert client.post("/api/v1/evidence", json=entry).status_code == 401


@pytest.mark.one_database
def test_the_interface_describes_it(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").get_json()

    assert "post" in described["paths"]["/evidence"]
    assert "EvidenceEntry" in described["components"]["schemas"]
    assert client.get("/api/v1/docs").status_code == 200

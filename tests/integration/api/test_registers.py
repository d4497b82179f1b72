"""The registers, the verification and the description of /api/v1, each in the shape it promises."""

import json
from io import BytesIO
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from app.core.db import unit_of_work
from app.credentials import services as credentials
from app.credentials.rules.fields import fields_of
from app.credentials.rules.openbadge import read_certificate
from app.credentials.states import RevocationReason
from tests.factories.accounts import make_organisation
from tests.factories.bases import make_accredited, make_application
from tests.factories.certification import decided, make_award
from tests.factories.credentials import ISSUED_AT, issue, make_office


def body(response: TestResponse) -> dict[str, Any]:
    return cast("dict[str, Any]", response.json)


def description(client: FlaskClient) -> dict[str, Any]:
    return body(client.get("/api/v1/openapi.json"))


def check_shape(client: FlaskClient, response: TestResponse, path: str, method: str = "get") -> None:
    """Hold an answer against what the description promises for its status."""
    api = description(client)
    promised = api["paths"][path][method]["responses"][str(response.status_code)]["content"]
    assert response.mimetype in promised
    schema = {**promised[response.mimetype]["schema"], "components": api["components"]}
    Draft202012Validator(schema).validate(body(response))


@pytest.mark.one_database
def test_the_description_names_existing_routes_and_valid_shapes(app: Flask, client: FlaskClient) -> None:
    api = description(client)

    assert api["openapi"] == "3.1.0"
    assert api["servers"] == [{"url": "http://localhost:8000/api/v1"}]
    for schema in api["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    routes = {
        (rule.rule.removeprefix("/api/v1").replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, methods in api["paths"].items() for method in methods}
    assert routes - described == {("/openapi.json", "get"), ("/docs", "get")}
    assert described <= routes
    operations = [operation["operationId"] for methods in api["paths"].values() for operation in methods.values()]
    assert len(set(operations)) == len(operations)


@pytest.mark.one_database
def test_every_reference_of_the_description_leads_somewhere(client: FlaskClient) -> None:
    api = description(client)
    text = json.dumps(api)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert names <= set(api["components"]["schemas"])


@pytest.mark.one_database
def test_people_read_the_description_as_a_page(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs").text

    for path in ("/verify", "/bases", "/register/{number}"):
        assert path in page


def test_the_register_of_bases_shows_what_is_public(client: FlaskClient) -> None:
    make_accredited(make_organisation(slug="qilu", name_zh="齐鲁基地"))
    make_application(make_organisation(slug="waiting"))

    response = client.get("/api/v1/bases")

    check_shape(client, response, "/bases")
    assert [entry["slug"] for entry in body(response)["entries"]] == ["qilu"]
    assert body(response)["entries"][0]["accredited_until"] == "2028-01-09"
    assert (body(response)["page"], body(response)["pages"], body(response)["total"]) == (1, 1, 1)
    assert body(client.get("/api/v1/bases?text=没有"))["entries"] == []
    assert body(client.get("/api/v1/bases?page=0"))["page"] == 1


def test_the_register_of_managers_answers_by_number(client: FlaskClient) -> None:
    award = decided(make_award())

    response = client.get(f"/api/v1/register/{award.unified_number}")

    check_shape(client, response, "/register/{number}")
    assert body(response) == {
        "unified_number": award.unified_number,
        "name": body(response)["name"],
        "level": "junior",
        "state": "awarded",
        "valid_from": "2026-03-09",
        "valid_until": "2031-03-08",
    }


@pytest.mark.one_database
def test_an_unknown_number_is_a_problem_document(client: FlaskClient) -> None:
    response = client.get("/api/v1/register/JJC0")

    assert response.status_code == 404
    check_shape(client, response, "/register/{number}")


@pytest.fixture
def certificate(app: Flask) -> Any:  # noqa: ANN401 - the model of another room, read only
    del app
    return issue(make_office())


def verify(client: FlaskClient, **sent: Any) -> TestResponse:  # noqa: ANN401 - what werkzeug builds a request of
    response = client.post("/api/v1/verify", **sent)
    check_shape(client, response, "/verify", "post")
    return response


def test_a_certificate_is_verified_as_file_document_number_and_address(client: FlaskClient, certificate: Any) -> None:  # noqa: ANN401 - a row made by the fixture
    raw = certificate.credential.encode()
    ways: list[dict[str, Any]] = [
        {"data": {"file": (BytesIO(raw), "certificate.json")}, "content_type": "multipart/form-data"},
        {"data": raw, "content_type": "application/json"},
        {"data": raw, "content_type": "application/vc"},
        {"json": {"q": certificate.number}},
        {"data": {"q": f"http://localhost:8000/credentials/{certificate.code}"}},
    ]
    for way in ways:
        answer = body(verify(client, **way))
        assert answer["valid"] is True, way
        results = {check["name"]: check["result"] for check in answer["checks"]}
        assert {result for name, result in results.items() if name != "log"} == {"pass"}
        assert answer["fields"] == fields_of(read_certificate(certificate.document))
        assert answer["in_register"] == {}


@pytest.mark.one_database
def test_a_changed_certificate_is_answered_and_not_valid(client: FlaskClient, certificate: Any) -> None:  # noqa: ANN401 - a row made by the fixture
    forged = certificate.credential.replace(certificate.number, "TM3799999999")

    answer = body(verify(client, data=forged.encode(), content_type="application/json"))

    assert answer["valid"] is False
    assert {check["name"]: check["result"] for check in answer["checks"]}["signature"] == "fail"


def test_a_revoked_certificate_is_not_valid(client: FlaskClient, certificate: Any) -> None:  # noqa: ANN401 - a row made by the fixture
    issuer = make_office().first
    with unit_of_work():
        credentials.revoke(certificate, reason=RevocationReason.FALSE_PAPERS, note="", by=issuer.actor, at=ISSUED_AT)

    answer = body(verify(client, json={"q": certificate.number}))

    assert answer["valid"] is False
    assert {check["name"]: check["result"] for check in answer["checks"]}["revocation"] == "fail"


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"q": "TM00000000"}}, 404),
        ({"json": {"q": "  "}}, 422),
        ({"data": {}}, 422),
        ({"data": b"", "content_type": "application/json"}, 422),
        ({"data": b"x" * (4 * 1024 * 1024 + 1), "content_type": "application/octet-stream"}, 413),
    ],
)
def test_what_cannot_be_verified_is_a_problem_document(client: FlaskClient, sent: dict[str, Any], status: int) -> None:
    assert verify(client, **sent).status_code == status


@pytest.mark.one_database
@pytest.mark.parametrize("raw", [b"[1, 2]", b"non\0sense", b'{"q": 1}', b'{"q": "a", "more": 1}', b"%PDF-1.7 broken"])
def test_what_is_no_certificate_is_answered_as_such(client: FlaskClient, raw: bytes) -> None:
    answer = body(verify(client, data=raw, content_type="application/json"))

    assert answer["valid"] is False
    assert "fail" in {check["result"] for check in answer["checks"]}
    assert answer["fields"] == {}


@pytest.mark.one_database
@pytest.mark.options(wtf_csrf_enabled=True)
def test_programs_need_no_token_of_a_page(client: FlaskClient) -> None:
    assert client.post("/api/v1/verify", json={"q": "TM00000000"}).status_code == 404

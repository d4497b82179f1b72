"""The OpenAPI description of /api/v1, from the typed shapes."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api.lists import LISTS
from app.api.shapes import (
    Bases,
    EvidenceEntered,
    EvidenceEntry,
    EvidenceRecord,
    EvidenceRecords,
    EvidenceRefused,
    ListVerification,
    Problem,
    RegisterEntry,
    StaffEvidenceEntry,
    Verification,
)
from app.evidence.states import State

REFERENCE = "#/components/schemas/{model}"
SHAPES: tuple[type[BaseModel], ...] = (
    Bases,
    EvidenceEntered,
    EvidenceEntry,
    EvidenceRecord,
    EvidenceRecords,
    EvidenceRefused,
    ListVerification,
    Problem,
    RegisterEntry,
    StaffEvidenceEntry,
    Verification,
)


def openapi(server: str) -> dict[str, Any]:
    """Return the whole description as OpenAPI 3.1."""
    _, definitions = models_json_schema([(shape, "serialization") for shape in SHAPES], ref_template=REFERENCE)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Jijing API",
            "version": "1",
            "description": "Verify certificates, read the public registers, enter evidence in a session or with a key.",
        },
        "servers": [{"url": f"{server}/api/v1"}],
        "paths": _paths(),
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "jijing"},
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key that the administrator of an organisation made for this purpose",
                },
            },
        },
    }


def _paths() -> dict[str, Any]:
    return {
        "/verify": {"post": _verify()},
        **_registers(),
        "/evidence": {"post": _evidence()},
        "/organisation/evidence": {"post": _staff_evidence(), "get": _staff_records()},
        "/organisation/evidence/{code}": {"get": _staff_record()},
    }


def _verify() -> dict[str, Any]:
    return {
        "operationId": "verify",
        "summary": "Verify a certificate by its number, its address, its file in any form, or its text",
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "file": {"type": "string", "format": "binary"},
                            "q": {"type": "string", "description": "number, code or address"},
                            "text": {"type": "string", "description": "the text of a certificate or of its QR code"},
                            "name": {"type": "string", "description": "the name to compare with the certified one"},
                        },
                    }
                },
                "application/json": {
                    "schema": {
                        "description": "The credential itself, or an object with q and perhaps name",
                        "type": "object",
                    }
                },
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
                **_list_bodies(),
            },
        },
        "responses": {**_answers(Verification, 404, 413, 422, 429, 503), "200": _found_one_or_many()},
    }


def _list_bodies() -> dict[str, Any]:
    """Describe a list as a body of its own; as a file of a form its name ends in .csv or .xlsx."""
    words = "A list: a column of numbers or addresses, perhaps one of names; at most 5,000 rows. Answered row by row."
    schema = {"type": "string", "format": "binary", "description": words}
    return {media: {"schema": schema} for media in LISTS}


def _found_one_or_many() -> dict[str, Any]:
    refs = [{"$ref": REFERENCE.format(model=shape.__name__)} for shape in (Verification, ListVerification)]
    text = "Found: one verification, or for a list the answer to each row"
    return {"description": text, "content": {"application/json": {"schema": {"oneOf": refs}}}}


def _evidence() -> dict[str, Any]:
    """Describe entering evidence: a signed-in session, with the token of a page against forged requests."""
    token = {"name": "X-CSRFToken", "in": "header", "required": True, "schema": {"type": "string"}}
    schema = {"$ref": REFERENCE.format(model="EvidenceEntry")}
    return {
        "operationId": "enter_evidence",
        "summary": "Enter a record of one's own evidence in a signed-in session",
        "security": [{"session": []}],
        "parameters": [token],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "201": _answer("Entered", EvidenceEntered, "application/json"),
            "401": _answer("Refused", Problem, "application/problem+json"),
            "403": _answer("Refused", Problem, "application/problem+json"),
            "422": _answer("Fields do not fit", EvidenceRefused, "application/json"),
        },
    }


def _staff_evidence() -> dict[str, Any]:
    """Describe entering evidence of an organisation's people: with a key, and a name by which it is repeated."""
    name = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "8 to 64 printable signs: new with every new request, the same when a request is repeated",
        "schema": {"type": "string", "minLength": 8, "maxLength": 64},
    }
    schema = {"$ref": REFERENCE.format(model="StaffEvidenceEntry")}
    replayed = {"Idempotency-Replayed": {"schema": {"type": "string", "enum": ["true", "false"]}}}
    entered = _answer("Entered, now or when it was first asked for", EvidenceEntered, "application/json")
    refused = {
        str(status): _answer("Refused", Problem, "application/problem+json") for status in (400, 401, 403, 409, 429)
    }
    return {
        "operationId": "enter_staff_evidence",
        "summary": "Enter a record about one of the people of one's organisation, with a key",
        "security": [{"key": []}],
        "parameters": [name],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "201": {**entered, "headers": replayed},
            "422": _answer("Fields do not fit", EvidenceRefused, "application/json"),
            **refused,
        },
    }


def _staff_records() -> dict[str, Any]:
    """Describe the list of what an organisation entered, for its program to learn what became of it."""
    since = _query("changed_since", "string")
    since["schema"]["format"] = "date-time"
    since["description"] = (
        "Records that changed at this instant or later. To go on, send the changed_at of the last record less a "
        "minute: a change may become visible a moment after its instant, and a record you know already does no harm."
    )
    state = _query("state", "string")
    state["schema"]["enum"] = [one.value for one in State if one is not State.DRAFT]
    return {
        "operationId": "staff_evidence",
        "summary": "List what one's organisation entered, with states and checks, with a key",
        "security": [{"key": []}],
        "parameters": [state, since, _query("page", "integer")],
        "responses": _answers(EvidenceRecords, 401, 403, 422, 429),
    }


def _staff_record() -> dict[str, Any]:
    code = {"name": "code", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "operationId": "staff_evidence_record",
        "summary": "Where a record is that one's organisation entered, and how its checks stand, with a key",
        "security": [{"key": []}],
        "parameters": [code],
        "responses": _answers(EvidenceRecord, 401, 403, 404, 429),
    }


def _registers() -> dict[str, Any]:
    return {
        "/bases": {
            "get": {
                "operationId": "bases",
                "summary": "The register of training bases",
                "parameters": [_query("text", "string"), _query("page", "integer")],
                "responses": _answers(Bases),
            }
        },
        "/register/{number}": {
            "get": {
                "operationId": "registered",
                "summary": "The technology manager under a unified number",
                "parameters": [
                    {
                        "name": "number",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                    }
                ],
                "responses": _answers(RegisterEntry, 404),
            }
        },
    }


def _query(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind}}


def _answers(shape: type[BaseModel], *refusals: int) -> dict[str, Any]:
    found = {"200": _answer("Found", shape, "application/json")}
    refused = {str(status): _answer("Refused", Problem, "application/problem+json") for status in refusals}
    return {**found, **refused}


def _answer(text: str, shape: type[BaseModel], media: str) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(model=shape.__name__)}
    return {"description": text, "content": {media: {"schema": schema}}}

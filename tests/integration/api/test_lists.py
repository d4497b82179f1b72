"""A program has a list verified row by row; guessing numbers is slowed there as on the pages."""

import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.credentials import paper
from app.credentials.rules.guessing import FREE_GUESSES
from tests.factories.accounts import make_person
from tests.factories.credentials import issue, make_office

AT = datetime(2026, 11, 23, tzinfo=UTC)
CSV = "text/csv"


@pytest.fixture
def number(app: Flask, at_time: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch) -> str:
    del app
    at_time(AT)
    monkeypatch.setattr(paper, "available", lambda: False)
    return str(issue(make_office(), make_person(name="张䶮"), number="JJC372026000001E").number)


def test_every_row_is_answered_in_its_order(client: FlaskClient, number: str) -> None:
    text = f"number,name\n{number},张䶮\n{number},李四\nJJC372026000010E,张䶮\nTM1,\n,\n,空\n"

    found = client.post("/api/v1/verify", data=text.encode(), content_type=CSV).get_json()

    assert [(row["line"], row["outcome"], row["near"]) for row in found["rows"]] == [
        (2, "valid", None),
        (3, "name_differs", None),
        (4, "not_found", number),
        (5, "not_found", None),
        (7, "unreadable", None),
    ]
    assert found["counts"] == {"valid": 1, "name_differs": 1, "not_found": 2, "unreadable": 1}
    first, second, *_rest = found["rows"]
    assert (first["kind"], first["level"], first["name_fits"]) == ("capability", "junior", True)
    assert (second["kind"], second["valid_until"], second["name_fits"]) == (None, None, False)


@pytest.mark.one_database
def test_a_file_of_a_form_is_a_list_by_its_name(client: FlaskClient, number: str) -> None:
    file = (io.BytesIO(f"{number}\n".encode("gbk")), "list.CSV")

    found = client.post("/api/v1/verify", data={"file": file}, content_type="multipart/form-data").get_json()

    assert found["counts"] == {"valid": 1}


def test_a_guesser_is_slowed_and_an_honest_program_is_not(client: FlaskClient, number: str) -> None:
    honest = f"{number},张䶮\n" * 200
    for _time in range(3):
        assert client.post("/api/v1/verify", data=honest.encode(), content_type=CSV).status_code == 200
    for guess in range(3):
        assert client.post("/api/v1/verify", json={"q": f"TM{guess:010d}"}).status_code == 404
    guesses = "".join(f"TM{guess:010d}\n" for guess in range(FREE_GUESSES))

    refused = client.post("/api/v1/verify", data=guesses.encode(), content_type=CSV)

    assert refused.status_code == 429
    assert refused.mimetype == "application/problem+json"
    for closed in ({"q": "TM1234567890"}, {"q": number}):
        assert client.post("/api/v1/verify", json=closed).status_code == 429
    assert client.get("/verify", query_string={"q": number}).status_code == 429


@pytest.mark.one_database
@pytest.mark.parametrize(("data", "status"), [(b"", 422), (b"\x00\x01", 422), (b"number\n" + b"TM1\n" * 5001, 422)])
def test_what_is_no_list_is_refused(client: FlaskClient, data: bytes, status: int) -> None:
    assert client.post("/api/v1/verify", data=data, content_type=CSV).status_code == status


@pytest.mark.one_database
def test_the_interface_describes_lists(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").get_json()

    verify = described["paths"]["/verify"]["post"]
    assert CSV in verify["requestBody"]["content"]
    assert {"$ref": "#/components/schemas/ListVerification"} in verify["responses"]["200"]["content"][
        "application/json"
    ]["schema"]["oneOf"]
    page = client.get("/api/v1/docs").text
    assert "Verification | ListVerification" in page
    assert "429" in page

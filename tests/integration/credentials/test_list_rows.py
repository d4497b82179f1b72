"""A row of a list is read as a single number, address or code is, and says as much of what led to nothing."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.core.columns import JsonObject
from app.core.db import session, unit_of_work
from app.core.signing import Algorithm
from app.credentials import queries, services, verification
from app.credentials.models import Certificate, IssuingBody
from app.credentials.references import Missed
from app.credentials.rules import cose
from app.credentials.rules.lists import read_list, shortened
from app.credentials.rules.openbadge import read_certificate
from app.credentials.rules.proof import sign_document
from app.credentials.services.bodies import signer_of
from app.credentials.services.lookups import FREE_SLIPS, Answered, answered
from app.credentials.states import RevocationReason
from app.credentials.wording_holders import line_of_answer
from tests.factories.credentials import Office, issued_before
from tests.submit import submit

pytestmark = pytest.mark.one_database

DURING = datetime(2026, 11, 23, tzinfo=UTC)
SITE = "http://localhost:8000"
NAME, NUMBER = "欧阳㛃", "JJC372026000001E"


@pytest.fixture(name="begun")
def _begun(app: Flask) -> tuple[Office, Certificate]:
    del app
    return issued_before("list-rows", at=DURING, holder=NAME, number=NUMBER)


@pytest.fixture
def certificate(begun: tuple[Office, Certificate]) -> Certificate:
    return begun[1]


def of(*given: tuple[str, str] | str, slips: int = FREE_SLIPS) -> list[Answered]:
    """Answer rows as they come out of a file."""
    pairs = [(one, "") if isinstance(one, str) else one for one in given]
    text = "证书编号\t姓名\n" + "".join(f"{number}\t{name}\n" for number, name in pairs)
    return answered(read_list(text.encode(), len(pairs)), at=DURING, slips=slips)


def told(one: Answered) -> tuple[str, str]:
    return one.outcome.value, one.told.get("fault", "")


def ways_to(certificate: Certificate) -> list[str]:
    """Return everything a person may write to name a certificate."""
    return [
        NUMBER,
        "ｊｊｃ３７２０２６０００００１ｅ",
        "JJC 3720 2600 0001 E",
        "JJC-37-2026-000001E",
        "JJC—37–2026−000001E",
        certificate.code,
        certificate.code.upper(),
        f"http://localhost:8000/credentials/{certificate.code}",
        f"localhost:8000/credentials/{certificate.code}.pdf",
        f"HTTP://LOCALHOST:8000/credentials/{certificate.code}/",
        f"http://localhost:8000/verify?q={NUMBER}",
        f"http://localhost:8000/verify?q={certificate.code}",
        str(certificate.qr),
        str(certificate.qr).partition("#")[2],
    ]


def test_whatever_leads_to_a_certificate_by_itself_leads_to_it_in_a_list(certificate: Certificate) -> None:
    ways = ways_to(certificate)

    rows = of(*((way, NAME) for way in ways), *((way, "李四") for way in ways))

    for way, right, other in zip(ways, rows[: len(ways)], rows[len(ways) :], strict=True):
        single = verification.verify_reference(way, at=DURING, name=NAME)
        assert isinstance(single, verification.Answer), way
        assert single.verdict.valid, way
        assert (told(right), right.name_fits) == (("valid", ""), True), way
        assert (told(other), other.name_fits) == (("name_differs", ""), False), way


MISSES = (
    ("https://elsewhere.example/credentials/x", "", "elsewhere"),
    (f"https://elsewhere.example/verify?q={NUMBER}", NAME, "elsewhere"),
    ("http://localhost:8000@elsewhere.example/credentials/x", "", "elsewhere"),
    ("http://localhost:8000/", "", "no-certificate-page"),
    ("JJC372026000O01E", "", "look-alike"),
    ("JJC-372026000-O01E", "", "look-alike"),
    ("JJC372026000002E", "", "near"),
    ("JJC372026000002E", "李四", "near"),
    ("JJC372026000077E", NAME, "none"),
    ("http://localhost:8000/credentials/nothing", "", "none"),
)


@pytest.mark.usefixtures("certificate")
def test_what_leads_to_nothing_says_the_same_as_by_itself() -> None:
    rows = of(*((given, name) for given, name, _code in MISSES))

    for (given, name, code), row in zip(MISSES, rows, strict=True):
        single = verification.verify_reference(given, at=DURING, name=name)
        assert isinstance(single, Missed)
        assert single.code == code, given
        assert told(row) == ("not_found", "" if code == "none" else code), given
        line = line_of_answer(row)
        assert NUMBER not in line.sentence
        assert line.label == ("非本平台签发" if code in {"elsewhere", "no-certificate-page"} else "查无此编号"), given


def test_the_number_on_record_for_the_given_name_is_told_in_a_list(certificate: Certificate) -> None:
    (row,) = of(("JJC372026000002E", NAME))

    assert (row.near, told(row)) == (certificate.number, ("not_found", ""))
    assert NUMBER in line_of_answer(row).sentence


def test_a_proof_is_checked_in_a_list_as_by_itself(begun: tuple[Office, Certificate]) -> None:
    """Altered digits, a proof of another site, and what a misused key signed: each leads to nothing, and says why."""
    office, certificate = begun
    text = str(certificate.qr)
    sealed = cose.read_address(text)
    altered = cose.qr_address(SITE, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    facts, signer = cose.qr_facts(read_certificate(certificate.document)), signer_of(office.body, Algorithm.P256)
    misused = [
        cose.qr_address(SITE, cose.sign_cose(cose.qr_claims(one), signer))
        for one in (replace(facts, holder="李四"), replace(facts, code="0" * 26))
    ]

    rows = of(altered, text[:-2], text.replace("localhost:8000", "elsewhere.example"), *misused)

    assert [told(row) for row in rows] == [
        ("not_found", "signature-wrong"),
        ("not_found", "qr-damaged"),
        ("not_found", "elsewhere"),
        ("not_found", "another-than-issued"),
        ("not_found", "not-in-register"),
    ]
    labels = [line_of_answer(row).label for row in rows]
    assert labels == ["内容被改动", "无法读取", "非本平台签发", "日志中没有", "非本平台签发"]
    assert all(row.certificate is None for row in rows)


def test_a_proof_of_a_revoked_certificate_says_revoked(begun: tuple[Office, Certificate]) -> None:
    office, certificate = begun
    with unit_of_work():
        services.revoke(
            queries.own_certificate(certificate.code, office.first.actor),
            reason=RevocationReason.FALSE_PAPERS,
            note="",
            by=office.first.actor,
            at=DURING,
        )

    assert [told(row) for row in of((str(certificate.qr), NAME))] == [("revoked", "")]


def test_a_row_holds_no_more_than_the_certificate_by_itself_does(
    begun: tuple[Office, Certificate], count_statements: Callable[[], list[str]]
) -> None:
    """What somebody changed in the register, what the log never saw and what nobody was let issue is not valid."""
    office, certificate = begun
    for change, fault in (
        ({"credential": (certificate.credential or "").replace(NAME, "司马昇")}, "signature-wrong"),
        ({"credential": json.dumps(sign_again(office, certificate))}, "not-logged"),
    ):
        with unit_of_work():
            session.execute(update(Certificate).where(Certificate.id == certificate.id).values(**change))
        (row,) = of((NUMBER, NAME))
        assert told(row) == ("not_found", fault)
        assert row.is_guess is False
    with unit_of_work():
        session.get_one(IssuingBody, office.body.id).closed_at = certificate.valid_from - timedelta(days=1)
    sent = count_statements()
    rows = of(*[(NUMBER, NAME)] * 40, *[(certificate.code, NAME)] * 40)
    assert {told(row) for row in rows} == {("not_found", "issuer-closed")}
    assert {line_of_answer(row).label for row in rows} == {"非本平台签发"}
    assert len(sent) < 12


def sign_again(office: Office, certificate: Certificate) -> JsonObject:
    """Sign the same facts once more, which nobody logged."""
    return sign_document(certificate.document, signer_of(office.body), created=DURING)


def test_rows_beyond_the_bound_say_that_they_were_not_compared(certificate: Certificate) -> None:
    rows = of(*[("JJC372026000002E", NAME)] * 3, (NUMBER, "李四"), slips=2)

    assert [told(row) for row in rows] == [
        ("not_found", ""),
        ("not_found", ""),
        ("not_found", "not-compared"),
        ("name_differs", ""),
    ]
    assert [row.near for row in rows[:3]] == [certificate.number, certificate.number, None]
    assert "请单独核验" in line_of_answer(rows[2]).sentence


def test_guesses_are_numbers_that_were_looked_up(certificate: Certificate) -> None:
    text = str(certificate.qr)
    rows = of("JJC372026000077E", "JJC372026000002E", (NUMBER, "李四"), "https://elsewhere.example/x", text[:-2])

    assert [row.is_guess for row in rows] == [True, True, True, False, False]


def test_a_long_proof_is_kept_and_shown_by_its_first_digits(certificate: Certificate, client: FlaskClient) -> None:
    text = str(certificate.qr)
    data = f"证书编号\n{text}\n{text.partition('#')[2]}\n"

    page = submit(
        client, "/verify/list", file=(io.BytesIO(data.encode()), "a.csv"), content_type="multipart/form-data"
    ).text

    assert text not in page
    assert f"{text[:40]}" in page
    assert page.count("有效") >= 2
    assert shortened(NUMBER) == NUMBER
    assert len(shortened(text)) < 60

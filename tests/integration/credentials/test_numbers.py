"""A number is one holder's: no batch certifies it for another, and every room that numbers passes it over."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, InvalidError
from app.credentials import queries, services
from app.credentials.models import Batch, Certificate, HeldNumber
from app.credentials.queries import steps
from app.credentials.services import succession
from app.credentials.states import CertificateKind, ReissueReason, RevocationReason
from tests.factories.accounts import Member, make_person
from tests.factories.credentials import ISSUED_AT, Office, issue, make_batch, make_office, make_request
from tests.factories.delegations import delegate

NUMBER = "TM3726009999"


def found_in(batch: Batch) -> list[tuple[str, list[str]]]:
    """Return the codes of what lint found at each row of a batch, by the name of its holder."""
    session.expire_all()
    return [
        (one.holder_name, [found["code"] for found in one.findings if found["code"].startswith("number")])
        for one in steps.request_page(batch.id, 1).rows
    ]


def test_a_batch_holding_the_number_of_another_is_refused_with_its_row_and_the_others_batch(office: Office) -> None:
    certificate = issue(office, make_person(name="王芳"), number=NUMBER)
    make_request(office, make_person(name="李雷"), number=NUMBER)
    make_request(office, make_person(name="韩梅"))
    batch = make_batch(office)

    assert found_in(batch) == [("李雷", ["number-taken"]), ("韩梅", [])]
    with pytest.raises(InvalidError), unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=ISSUED_AT)
    row = steps.request_page(batch.id, 1, only_faults=True).rows[0]
    said = next(one for one in row.findings if one["code"] == "number-taken")
    first = session.get_one(Batch, certificate.batch_id)
    assert said["params"] == {"number": NUMBER, "batch": first.code}


def test_the_page_names_the_other_batch_and_nobody(office: Office, browser_of: Callable[[Member], FlaskClient]) -> None:
    certificate = issue(office, make_person(name="王芳"), number=NUMBER)
    make_request(office, make_person(name="李雷"), number=NUMBER)
    batch = make_batch(office)

    page = browser_of(office.second).get(f"/issuing/batches/{batch.code}").text

    assert "属于另一持证人" in page
    assert session.get_one(Batch, certificate.batch_id).code in page
    assert "王芳" not in page


def test_of_two_rows_of_one_batch_the_first_holds_the_number(office: Office) -> None:
    make_request(office, make_person(name="王芳"), number=NUMBER)
    make_request(office, make_person(name="李雷"), number=NUMBER)
    batch = make_batch(office)

    assert found_in(batch) == [("王芳", []), ("李雷", ["number-taken"])]


def test_the_number_of_a_row_in_an_undecided_batch_of_another_body_is_held(office: Office) -> None:
    other = make_office(slug="other-centre", platform=False)
    delegate(office, other.body)
    make_request(office, make_person(name="王芳"), number=NUMBER)
    make_batch(office)
    make_request(other, make_person(name="李雷"), number=NUMBER)

    assert found_in(make_batch(other)) == [("李雷", ["number-taken"])]


def test_who_left_the_batch_holds_the_number_no_more_once_another_asks(office: Office) -> None:
    """A number that was mistyped for one is not lost to whom it was given."""
    make_request(office, make_person(name="王芳"), number=NUMBER)
    wrong = make_batch(office)
    with unit_of_work():
        found = session.get_one(Batch, wrong.id)
        services.reject_batch(found, reason="编号错误", by=office.second.actor, at=ISSUED_AT)
    other = make_office(slug="other-centre", platform=False)
    delegate(office, other.body)
    make_request(other, make_person(name="李雷"), number=NUMBER)

    assert found_in(make_batch(other)) == [("李雷", [])]
    assert found_in(make_batch(office)) == [("王芳", ["number-taken"])]


def test_a_certificate_made_anew_or_for_another_fact_of_the_same_holder_keeps_the_number(office: Office) -> None:
    holder = make_person(name="王芳")
    certificate = issue(office, holder, number=NUMBER)
    with unit_of_work():
        succession.ask_reissue(
            session.get_one(Certificate, certificate.id),
            because=ReissueReason.DATA_CORRECTED,
            by=office.first.actor,
            at=ISSUED_AT,
        )
    assert found_in(make_batch(office)) == [("王芳", [])]
    make_request(office, holder, kind=CertificateKind.EXAM_PASS, number=NUMBER)
    assert found_in(make_batch(office, CertificateKind.EXAM_PASS)) == [("王芳", [])]
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(insert(HeldNumber).values(number=NUMBER, person_id=make_person().id))


def test_a_number_that_a_file_brought_is_passed_over(office: Office) -> None:
    make_request(office, number="JJC2026000002")

    assert queries.free_number(lambda serial: f"JJC{2026000000 + serial}", 1) == "JJC2026000001"
    assert queries.free_number(lambda serial: f"JJC{2026000000 + serial}", 2) == "JJC2026000003"


def test_a_revoked_certificate_keeps_its_number_from_others(office: Office) -> None:
    certificate = issue(office, make_person(name="王芳"), number=NUMBER)
    with unit_of_work():
        services.revoke(
            session.get_one(Certificate, certificate.id),
            reason=RevocationReason.FALSE_PAPERS,
            note="",
            by=office.first.actor,
            at=ISSUED_AT,
        )
    make_request(office, make_person(name="李雷"), number=NUMBER)

    assert found_in(make_batch(office)) == [("李雷", ["number-taken"])]


def test_a_number_that_was_issued_in_error_is_free_for_whom_it_was_given_to(office: Office) -> None:
    """Once every certificate that carries it for its holder was revoked so, and not before."""
    holder = make_person(name="王芳")
    wrong = [issue(office, holder, number=NUMBER), issue(office, holder, level="senior", number=NUMBER)]
    make_request(office, make_person(name="李雷"), number=NUMBER)
    for certificate, found in zip(wrong, (["number-taken"], []), strict=True):
        with unit_of_work():
            services.revoke(
                session.get_one(Certificate, certificate.id),
                reason=RevocationReason.ISSUED_IN_ERROR,
                note="",
                by=office.first.actor,
                at=ISSUED_AT,
            )
        batch = make_batch(office)
        assert found_in(batch) == [("李雷", found)]
        if found:
            with unit_of_work():
                again = session.get_one(Batch, batch.id)
                services.reject_batch(again, reason="编号错误", by=office.second.actor, at=ISSUED_AT)

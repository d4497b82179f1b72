"""The public register: by name or number, with state and base, and nothing else of a person."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.services import consents
from app.assessment.certification import queries, services
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.core.db import session, unit_of_work
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.models import Certificate, CertificateRequest
from app.credentials.states import RevocationReason
from tests.factories.certification import (
    DECIDED,
    Exam,
    decided,
    make_award,
    make_candidate,
    make_exam,
    propose_all,
    publish_name,
    refused,
)
from tests.factories.credentials import make_office

AtTime = Callable[[datetime], None]


@pytest.fixture
def exam(app: object) -> Exam:
    del app
    return make_exam()


def registered(exam: Exam) -> Award:
    return decided(make_award(exam))


def state_of(client: FlaskClient, address: str) -> str:
    return str((client.get(f"/api/v1{address}").json or {}).get("state"))


def number_of(award: Award) -> str:
    return award.unified_number or ""


def name_of(award: Award) -> str:
    return session.scalars(select(Person.name).where(Person.id == award.person_id)).one()


def test_the_public_finds_a_person_by_name_and_by_number_however_typed(client: FlaskClient, exam: Exam) -> None:
    award = publish_name(registered(exam))
    number, name = award.unified_number or "", name_of(award)
    spaced = f"{number[:3].lower()} {number[3:9]} {number[9:]}"
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in number)

    for typed in (name, name[1:], number, number.lower(), spaced, wide, f" {number} "):
        page = client.get("/register", query_string={"text": typed}).text
        assert number in page, typed
    assert number not in client.get("/register", query_string={"text": "无此人"}).text
    assert number not in client.get("/register", query_string={"text": "%"}).text
    assert number not in client.get("/register", query_string={"text": number[:-1]}).text
    assert number in client.get("/register?level=junior").text
    assert number not in client.get("/register?level=senior").text


def test_a_name_is_shown_only_while_its_holder_agrees_to_publish_it(client: FlaskClient, exam: Exam) -> None:
    award = registered(exam)
    number, name = number_of(award), name_of(award)
    address = f"/register/{number}"

    def shown() -> list[bool]:
        listed = client.get("/register", query_string={"text": number}).text
        entry = str((client.get(f"/api/v1{address}").json or {}).get("name"))
        pages = (listed, client.get(address).text, entry, client.get(f"/search?q={number}").text)
        return [name in page for page in pages]

    assert shown() == [False] * 4
    assert f"{name[0]}*" in client.get(address).text
    assert number not in client.get("/register", query_string={"text": name}).text, "a guess is not confirmed"

    publish_name(award)
    assert shown() == [True] * 4

    with unit_of_work():
        holder = actor_of(session.get_one(Person, award.person_id), None)
        consents.withdraw_consent(consents.PUBLISH_NAME, by=holder, at=DECIDED)
    assert shown() == [False] * 4


def test_an_entry_shows_level_number_state_and_base_and_no_other_personal_data(client: FlaskClient, exam: Exam) -> None:
    award = registered(exam)
    person = session.get_one(Person, award.person_id)

    page = client.get(f"/register/{award.unified_number}").text

    assert number_of(award) in page
    assert "初级技术经纪人" in page
    assert "测试培训基地" in page
    assert "有效" in page
    assert person.code not in page
    assert award.code not in page
    assert "139" not in page.replace(award.unified_number or "", "")


def test_only_decided_levels_are_registered(client: FlaskClient, exam: Exam) -> None:
    make_candidate(exam)
    make_candidate(exam)
    waiting, other = propose_all(exam)
    refused(other)

    page = client.get("/register").text

    assert name_of(waiting) not in page
    assert name_of(other) not in page


@pytest.mark.one_database
def test_an_unknown_number_is_a_404_that_says_what_to_do(client: FlaskClient) -> None:
    response = client.get("/register/JJC372026000001A")

    assert response.status_code == 404
    assert "逐字核对" in response.text


def test_an_expired_level_is_shown_as_such_from_the_day_after_its_last(
    client: FlaskClient, exam: Exam, at_time: AtTime
) -> None:
    award = registered(exam)
    address = f"/register/{award.unified_number}"
    at_time(datetime(2031, 3, 8, 15, 59, tzinfo=UTC))
    assert "已过期" not in client.get(address).text

    at_time(datetime(2031, 3, 8, 16, 0, tzinfo=UTC))

    assert "已过期" in client.get(address).text
    assert "已过期" in client.get("/register").text
    assert state_of(client, address) == "expired"
    state = session.scalars(select(Award.state)).one()
    assert state is AwardState.AWARDED, "expiry is derived, never stored"


def issue(run_jobs: Callable[[], int]) -> Certificate:
    """Let two issuers of the body issue what the award asked for."""
    office = make_office()
    with unit_of_work():
        request = session.scalars(select(CertificateRequest)).one()
        batch = credentials.prepare_batch(
            issuing.body_of(office.first.actor), kind=request.kind, by=office.first.actor, at=DECIDED
        )
        credentials.lint_batch(batch, by=office.first.actor, at=DECIDED)
        code = batch.code
    with unit_of_work():
        credentials.approve_batch(issuing.batch(code, office.second.actor), by=office.second.actor, at=DECIDED)
    run_jobs()
    return session.scalars(select(Certificate)).one()


def test_the_base_of_a_page_is_cut_at_its_end(client: FlaskClient, exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PER_PAGE", 1)
    make_candidate(exam)
    make_candidate(exam)
    first, second = (decided(award) for award in propose_all(exam))

    for path in ("/register?page=2", "/register?page=99999999999999999999"):
        assert number_of(first) in client.get(path).text
    assert number_of(second) in client.get("/register?page=0").text


def test_a_withdrawn_level_stays_in_the_register_with_its_reason_in_words(client: FlaskClient, exam: Exam) -> None:
    award = registered(exam)
    with unit_of_work():
        services.withdraw_all([(award, RevocationReason.EXAM_BREACH)], by=None, at=DECIDED)

    page = client.get(f"/register/{award.unified_number}").text

    assert "已撤销" in page
    assert "exam_breach" not in page
    assert state_of(client, f"/register/{award.unified_number}") == "withdrawn"
    found = client.get(f"/search?q={award.unified_number}").text.partition("<main")[2]
    assert "已撤销" in found
    assert f"/register/{award.unified_number}" in found


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (RevocationReason.FALSE_PAPERS, AwardState.WITHDRAWN),
        (RevocationReason.SUPERSEDED, AwardState.AWARDED),
        (RevocationReason.KEY_COMPROMISED, AwardState.AWARDED),
    ],
)
def test_revoking_the_certificate_withdraws_the_level_unless_only_the_document_was_at_fault(
    exam: Exam, run_jobs: Callable[[], int], reason: RevocationReason, state: AwardState
) -> None:
    registered(exam)
    certificate = issue(run_jobs)
    office = make_office()

    with unit_of_work():
        held = issuing.certificate(certificate.code)
        credentials.revoke(held, reason=reason, note="经查实", by=office.first.actor, at=DECIDED)

    assert session.scalars(select(Award.state)).one() is state

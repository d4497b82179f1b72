"""A body issues what the authority delegated to it, while it is delegated; what it issued before stays valid."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.core.jobs import Job
from app.credentials import queries, services
from app.credentials.models import Batch, Certificate, Delegation
from app.credentials.queries import delegations as reads
from app.credentials.rules.delegation import best_coverage, read_endorsement
from app.credentials.rules.openbadge import read_certificate
from app.credentials.rules.proof import verify_proof
from app.credentials.rules.verdict import CheckName
from app.credentials.services import delegations
from app.credentials.states import CertificateKind, CertificateState, DelegationState
from app.credentials.verification import verify_certificate
from tests.factories.accounts import Member
from tests.factories.credentials import ISSUED_AT, Office, issue, make_batch, make_office, make_request
from tests.factories.delegations import ask, delegate


@pytest.fixture
def below(office: Office) -> Office:
    """Give a body below the authority, to which nothing is delegated yet."""
    del office
    return make_office(slug="below", platform=False)


def test_the_authority_signs_on_the_word_of_two(office: Office, below: Office) -> None:
    asked = ask(office, below.body, kinds=(CertificateKind.CAPABILITY,), levels=("junior",))
    with pytest.raises(ForbiddenError), unit_of_work():
        delegations.approve_delegation(session.get_one(Delegation, asked.id), by=office.first.actor, at=ISSUED_AT)
    with unit_of_work():
        delegations.approve_delegation(session.get_one(Delegation, asked.id), by=office.second.actor, at=ISSUED_AT)

    document = reads.endorsement_of(reads.delegation(asked.code))
    found = read_endorsement(document)
    verify_proof(document, queries.did_document(office.body))
    assert (found.authority, found.body) == (office.body.did, below.body.did)
    assert found.scope.kinds == (CertificateKind.CAPABILITY,)
    assert found.scope.levels == ("junior",)


def test_the_schema_keeps_the_two_people_apart(office: Office, below: Office) -> None:
    asked = ask(office, below.body)
    values = {"state": "in_force", "decided_by_id": Delegation.asked_by_id, "decided_at": ISSUED_AT, "credential": "{}"}
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(update(Delegation).where(Delegation.id == asked.id).values(values))


def test_only_the_authority_delegates(office: Office, below: Office) -> None:
    """Not the body itself, not for itself, and one ask at a time."""
    with pytest.raises(NotFoundError):
        ask(below, below.body)
    with pytest.raises(ConflictError):
        ask(office, office.body)
    ask(office, below.body)
    with pytest.raises(ConflictError):
        ask(office, below.body)


@pytest.mark.parametrize(
    "scope", [{"kinds": ()}, {"levels": ("master",)}, {"first_day": date(2026, 1, 2), "last_day": date(2026, 1, 1)}]
)
def test_a_scope_that_says_nothing_is_refused(office: Office, below: Office, scope: dict[str, object]) -> None:
    with pytest.raises(InvalidError):
        ask(office, below.body, **scope)  # type: ignore[arg-type]


def test_a_refused_delegation_lets_nobody_issue(office: Office, below: Office) -> None:
    asked = ask(office, below.body)
    with unit_of_work():
        delegations.refuse_delegation(session.get_one(Delegation, asked.id), by=office.second.actor, at=ISSUED_AT)
    make_request(below)
    with pytest.raises(ForbiddenError) as refused:
        make_batch(below)
    assert refused.value.code == "scope-none"
    with pytest.raises(ConflictError), unit_of_work():
        delegations.approve_delegation(session.get_one(Delegation, asked.id), by=office.second.actor, at=ISSUED_AT)


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({"kinds": (CertificateKind.EXAM_PASS,)}, "scope-kind"),
        ({"levels": ("senior",)}, "scope-level"),
        ({"first_day": date(2027, 1, 1)}, "scope-not-begun"),
        ({"last_day": date(2026, 1, 1)}, "scope-ended"),
    ],
)
def test_nothing_outside_of_the_scope_is_prepared(
    office: Office, below: Office, scope: dict[str, object], code: str
) -> None:
    delegate(office, below.body, **scope)
    make_request(below)
    with pytest.raises(ForbiddenError) as refused:
        make_batch(below)
    assert refused.value.code == code


def _end(office: Office, delegation: Delegation, at: datetime) -> None:
    with unit_of_work():
        delegations.end_delegation(
            session.get_one(Delegation, delegation.id), reason="Closed", by=office.first.actor, at=at
        )


def test_a_body_whose_authority_ended_cannot_approve_or_sign(
    office: Office, below: Office, run_jobs: Callable[[], int]
) -> None:
    given = delegate(office, below.body)
    make_request(below)
    batch = make_batch(below)
    with unit_of_work():
        job = services.approve_batch(
            session.get_one(Batch, batch.id), vouched=True, by=below.second.actor, at=ISSUED_AT
        )
    make_request(below)
    second = make_batch(below)

    _end(office, given, ISSUED_AT)

    with pytest.raises(ForbiddenError) as refused, unit_of_work():
        services.approve_batch(session.get_one(Batch, second.id), vouched=True, by=below.second.actor, at=ISSUED_AT)
    assert refused.value.code == "scope-ended"
    run_jobs()
    session.expire_all()
    states = session.scalars(select(Certificate.state).where(Certificate.batch_id == batch.id)).all()
    assert states == [CertificateState.STORED]
    assert session.get_one(Job, job.id).error


def test_what_was_issued_before_the_end_stays_valid(office: Office, below: Office) -> None:
    given = delegate(office, below.body)
    certificate = issue(below)
    assert verify_certificate(certificate, at=ISSUED_AT).check(CheckName.AUTHORITY).code == "scope-covered"

    _end(office, given, ISSUED_AT + timedelta(days=30))

    later = verify_certificate(certificate, at=ISSUED_AT + timedelta(days=60))
    assert later.valid
    assert later.check(CheckName.AUTHORITY).code == "scope-covered"
    end = read_endorsement(reads.endorsement_of(reads.delegation(given.code))).valid_until
    assert end == ISSUED_AT + timedelta(days=30)
    facts = read_certificate(certificate.document)
    assert best_coverage(reads.endorsements_of(below.body), facts).covered


def test_a_certificate_outside_of_the_scope_is_not_valid(office: Office, below: Office) -> None:
    """Even one that the body managed to sign: the check of the authority reads the scope."""
    given = delegate(office, below.body)
    certificate = issue(below)
    with unit_of_work():
        found = session.get_one(Delegation, given.id)
        found.levels = ["senior"]
        delegations.sign_again(found, at=ISSUED_AT)

    verdict = verify_certificate(certificate, at=ISSUED_AT)

    assert not verdict.valid
    assert verdict.check(CheckName.AUTHORITY).code == "scope-level"


def test_the_authority_itself_and_a_lone_body_need_no_word(office: Office) -> None:
    assert verify_certificate(issue(office), at=ISSUED_AT).check(CheckName.AUTHORITY).code == "issuer-ours"
    assert reads.is_self_standing(office.body)


def test_without_an_authority_bodies_stand_alone(app: object) -> None:
    del app
    alone = make_office(slug="alone", platform=False)
    certificate = issue(alone)
    assert verify_certificate(certificate, at=ISSUED_AT).valid


def test_endorsements_are_published(office: Office, below: Office, client: FlaskClient) -> None:
    assert client.get("/issuers/below/endorsement").status_code == 404
    given = delegate(office, below.body)

    latest = client.get("/issuers/below/endorsement")
    own = client.get(f"/issuers/below/endorsements/{given.code}")

    document = json.loads(own.text)
    assert json.loads(latest.text) == document == reads.endorsement_of(given)
    assert document["id"].endswith(f"/issuers/below/endorsements/{given.code}")
    assert own.mimetype == "application/vc"
    assert client.get(f"/issuers/other/endorsements/{given.code}").status_code == 404
    waiting = ask(office, below.body)
    assert client.get(f"/issuers/below/endorsements/{waiting.code}").status_code == 404


def test_pages_of_the_authority(office: Office, below: Office, browser_of: Callable[[Member], FlaskClient]) -> None:
    first, second = browser_of(office.first), browser_of(office.second)
    given = {"body": "below", "kinds": ["capability"], "levels": ["junior"], "first_day": "2026-01-01"}

    assert browser_of(below.first).get("/issuing/authority").status_code == 404
    assert first.post("/issuing/authority", data={"body": "below"}).status_code == 422
    crossed = {**given, "last_day": "2025-01-01"}
    assert first.post("/issuing/authority", data=crossed).status_code == 422
    assert first.post("/issuing/authority", data=given).status_code == 302
    assert first.post("/issuing/authority", data=given).status_code == 409
    asked = reads.delegations()[0]
    assert "approve" not in first.get("/issuing/authority").text
    stranger = browser_of(below.first)
    for act in ("approve", "refuse"):
        paths = [f"/issuing/authority/{code}/{act}" for code in (asked.code, "none")]
        told = {stranger.post(path, headers={"Accept": "application/json"}).text for path in paths}
        assert len(told) == 1
    assert first.post(f"/issuing/authority/{asked.code}/approve").status_code == 403
    assert second.post(f"/issuing/authority/{asked.code}/approve").status_code == 302
    assert reads.delegation(asked.code).state is DelegationState.IN_FORCE
    assert second.get(f"/issuing/authority/{asked.code}/end").status_code == 200
    assert second.post(f"/issuing/authority/{asked.code}/end", data={}).status_code == 422
    assert second.post(f"/issuing/authority/{asked.code}/end", data={"reason": "Closed"}).status_code == 302
    assert reads.delegation(asked.code).state is DelegationState.ENDED
    assert second.get("/issuing/authority").status_code == 200
    assert first.post("/issuing/authority", data=given).status_code == 302
    again = reads.delegations()[0]
    assert second.post(f"/issuing/authority/{again.code}/refuse").status_code == 302
    assert datetime.now(UTC) > reads.delegation(again.code).asked_at

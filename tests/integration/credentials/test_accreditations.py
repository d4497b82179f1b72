"""The certificate of an accreditation follows what the authority decides of the base, in the same transaction."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.bases import services as bases
from app.bases.models import TrainingBase
from app.bases.states import BaseState
from app.cases.queries import cases
from app.cases.services import Filing, handling, open_case
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import Event
from app.credentials import services
from app.credentials.models import Batch, Certificate, CertificateRequest, CertificateSuspension
from app.credentials.states import CertificateKind, CertificateState, RevocationReason, SuspensionReason
from tests.factories.accounts import MADE_AT, NATION, Member, make_member
from tests.factories.bases import decide, make_accredited
from tests.factories.credentials import Office, make_batch
from tests.factories.panels import publish_pack

Browser = Callable[[Member], FlaskClient]
LATER = MADE_AT + timedelta(days=1)
IN_MAY = datetime(2026, 5, 8, 2, tzinfo=UTC)
KIND = CertificateKind.ACCREDITATION


def fresh(base: TrainingBase) -> TrainingBase:
    session.expire_all()
    return session.get_one(TrainingBase, base.id)


def issue_all(office: Office) -> None:
    batch = make_batch(office, KIND)
    assert batch.faults == 0
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), by=office.second.actor, at=MADE_AT)
    jobs.work()


def certificate() -> Certificate:
    session.expire_all()
    return session.scalars(select(Certificate).where(Certificate.kind == KIND).order_by(Certificate.id.desc())).first()  # type: ignore[return-value]


@pytest.fixture
def base(office: Office) -> TrainingBase:
    """A base whose accreditation is certified."""
    made = make_accredited()
    jobs.work()
    issue_all(office)
    return made


def events_of(kind: str) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))


def test_a_suspended_base_suspends_its_certificate_with_the_decision(base: TrainingBase) -> None:
    decide(fresh(base), "suspend")

    found = certificate()
    assert (found.state, found.suspended_for) == (
        CertificateState.SUSPENDED,
        SuspensionReason.ACCREDITATION_SUSPENDED,
    )
    assert found.suspended_by_id == fresh(base).decided_by_id
    (decision,), (told,) = events_of("bases.suspended"), events_of("credentials.suspended")
    assert (told.reason, told.data["decision"]) == (decision.reason, decision.code)
    assert told.data["why"] == "accreditation_suspended"


def test_a_reinstated_base_lets_its_certificate_count_again(base: TrainingBase) -> None:
    decide(fresh(base), "suspend", "reinstate")

    assert certificate().state is CertificateState.PUBLISHED
    (decision,), (told,) = events_of("bases.reinstated"), events_of("credentials.reinstated")
    assert told.data["decision"] == decision.code
    (ended,) = session.scalars(select(CertificateSuspension))
    assert (ended.ended_by_id, ended.end_reason) == (None, decision.reason)


def test_an_exit_revokes_what_was_suspended_for_good(base: TrainingBase) -> None:
    decide(fresh(base), "suspend", "exit")

    found = certificate()
    assert (found.state, found.revoked_for) == (CertificateState.REVOKED, RevocationReason.ACCREDITATION_ENDED)
    (decision,), (told,) = events_of("bases.exited"), events_of("credentials.revoked")
    assert (told.reason, told.data["decision"]) == (decision.reason, decision.code)


def test_no_issuer_lifts_what_the_authority_decided(
    base: TrainingBase, office: Office, browser_of: Browser, client: FlaskClient
) -> None:
    decide(fresh(base), "suspend")
    found = certificate()

    with pytest.raises(ConflictError), unit_of_work():
        services.reinstate(found, reason="x", by=office.second.actor, at=LATER)
    page = browser_of(office.second).get(f"/issuing/certificates/{found.code}").text
    assert "form-reinstate" not in page
    assert "认定恢复后" in page
    assert "认定已被主管部门暂停" in client.get(f"/credentials/{found.code}").text


def test_a_certificate_issued_while_the_base_is_suspended_begins_suspended(office: Office) -> None:
    base = make_accredited()
    jobs.work()
    decide(fresh(base), "suspend")

    issue_all(office)

    assert certificate().suspended_for is SuspensionReason.ACCREDITATION_SUSPENDED
    decide(fresh(base), "reinstate")
    assert certificate().state is CertificateState.PUBLISHED


def test_the_end_of_an_own_suspension_does_not_lift_that_of_the_base(base: TrainingBase, office: Office) -> None:
    with unit_of_work():
        why = SuspensionReason.INVESTIGATION
        services.suspend(certificate(), reason=why, until=None, note="", by=office.first.actor, at=MADE_AT)
    decide(fresh(base), "suspend")
    assert certificate().suspended_for is SuspensionReason.INVESTIGATION

    with unit_of_work():
        services.reinstate(certificate(), reason="查清", by=office.second.actor, at=LATER)

    assert certificate().suspended_for is SuspensionReason.ACCREDITATION_SUSPENDED


def test_reinstating_the_base_leaves_what_an_issuer_suspended(base: TrainingBase, office: Office) -> None:
    with unit_of_work():
        why = SuspensionReason.INVESTIGATION
        services.suspend(certificate(), reason=why, until=None, note="", by=office.first.actor, at=MADE_AT)

    decide(fresh(base), "suspend", "reinstate")

    assert certificate().suspended_for is SuspensionReason.INVESTIGATION


def test_an_upheld_appeal_gives_the_same_certificate_back(base: TrainingBase) -> None:
    publish_pack("case-clock-nation-sample")
    province = make_member(Role.REGULATOR, f"{base.region_code[:2]}0000")
    with unit_of_work():
        bases.decide(fresh(base), "suspend", reason="核查", by=province.actor, at=IN_MAY)
    suspended = certificate()
    staff = make_member(Role.BASE, base.region_code, fresh(base).organisation)
    nation = make_member(Role.REGULATOR, NATION)
    with unit_of_work():
        slug = fresh(base).organisation.slug
        case = open_case("bases.appeal", slug, Filing("暂停无据。"), by=staff.actor, at=IN_MAY)
        handling.accept(case, by=nation.actor, at=IN_MAY)
    with unit_of_work():
        handling.decide(cases.by_code(case.code), upheld=True, reasons="撤回暂停。", by=nation.actor, at=IN_MAY)
    jobs.work()

    assert fresh(base).state is BaseState.ACCREDITED
    assert (certificate().id, certificate().state) == (suspended.id, CertificateState.PUBLISHED)
    assert len(session.scalars(select(CertificateRequest)).all()) == 1


def test_issuers_cannot_choose_the_reason_of_another_office(
    base: TrainingBase, office: Office, browser_of: Browser
) -> None:
    del base
    page = browser_of(office.first).get(f"/issuing/certificates/{certificate().code}").text

    assert 'value="investigation"' in page
    assert 'value="accreditation_suspended"' not in page

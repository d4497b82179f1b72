"""What becomes of a certificate is told to the level it certifies, in the same transaction."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.services.people import correct_name
from app.accounts.states import NATION, Role
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.cases import services as cases
from app.cases.models import Case
from app.cases.services import Filing
from app.core.db import session, unit_of_work
from app.core.errors import ForbiddenError, NotFoundError
from app.core.events import Event
from app.credentials import services as credentials
from app.credentials.appeals import APPEAL
from app.credentials.models import Certificate, CertificateRequest
from app.credentials.states import CertificateState, ReissueReason, RevocationReason, SuspensionReason
from tests.factories.accounts import Member, make_member
from tests.factories.cases import make_clocks
from tests.factories.certification import DECIDED, Exam, decided, make_award, make_exam
from tests.factories.credentials import Office, make_batch, make_office

Browser = Callable[[Member], FlaskClient]


@pytest.fixture
def exam() -> Exam:
    return make_exam()


@pytest.fixture(name="held")
def _held(exam: Exam, run_jobs: Callable[[], int]) -> tuple[Award, Certificate, Office]:
    office = make_office()
    award = decided(make_award(exam))
    issue(office, run_jobs)
    return award, session.scalars(select(Certificate)).one(), office


def issue(office: Office, run_jobs: Callable[[], int]) -> None:
    batch = make_batch(office)
    with unit_of_work():
        credentials.approve_batch(session.merge(batch), by=office.second.actor, at=DECIDED)
    run_jobs()
    session.expire_all()


def suspend(certificate: Certificate, office: Office) -> None:
    with unit_of_work():
        credentials.suspend(
            session.get_one(Certificate, certificate.id),
            reason=SuspensionReason.OBJECTION,
            until=None,
            note="",
            by=office.first.actor,
            at=DECIDED,
        )


def revoke(certificate: Certificate, office: Office) -> None:
    with unit_of_work():
        found = session.get_one(Certificate, certificate.id)
        reason = RevocationReason.FALSE_PAPERS
        credentials.revoke(found, reason=reason, note="", by=office.first.actor, at=DECIDED)


def award_now(award: Award) -> Award:
    session.expire_all()
    return session.get_one(Award, award.id)


def test_the_register_says_that_a_level_is_suspended(
    client: FlaskClient, held: tuple[Award, Certificate, Office]
) -> None:
    award, certificate, office = held
    address = f"/register/{award.unified_number}"

    suspend(certificate, office)
    assert "已暂停" in client.get(address).text
    assert "已暂停" in client.get("/register").text

    with unit_of_work():
        found = session.get_one(Certificate, certificate.id)
        credentials.reinstate(found, reason="核实无误", by=office.second.actor, at=DECIDED)
    assert "已暂停" not in client.get(address).text
    told = session.scalars(select(Event.kind).where(Event.subject_code == award.code).order_by(Event.id))
    assert list(told)[-2:] == ["certification.suspended", "certification.reinstated"]


def test_a_revocation_ends_the_suspension_of_a_level(held: tuple[Award, Certificate, Office]) -> None:
    award, certificate, office = held
    suspend(certificate, office)

    revoke(certificate, office)

    found = award_now(award)
    assert (found.state, found.suspended_at) == (AwardState.WITHDRAWN, None)


def test_a_new_name_leaves_the_level_as_it_is(
    held: tuple[Award, Certificate, Office], run_jobs: Callable[[], int]
) -> None:
    award, certificate, office = held
    with unit_of_work():
        person = session.get_one(Person, award.person_id)
        correct_name(person, name="新名", name_latin=None, reason="户口簿", at=DECIDED)
    with unit_of_work():
        because = ReissueReason.NAME_CHANGED
        found = session.get_one(Certificate, certificate.id)
        credentials.ask_reissue(found, because=because, by=office.first.actor, at=DECIDED)
    issue(office, run_jobs)

    made = session.scalars(select(Certificate).order_by(Certificate.id.desc())).first()
    assert made is not None
    assert made.replaces_id == certificate.id
    assert award_now(award).state is AwardState.AWARDED
    revoke(made, office)
    assert award_now(award).state is AwardState.WITHDRAWN, "the new certificate stands for the same award"


def test_a_renewal_prolongs_the_level(held: tuple[Award, Certificate, Office], run_jobs: Callable[[], int]) -> None:
    award, certificate, office = held
    assert certificate.valid_until
    last = award.valid_until
    with unit_of_work():
        found = session.get_one(Certificate, certificate.id)
        credentials.ask_renewal(found, by=office.first.actor, at=certificate.valid_until - timedelta(days=1))
    issue(office, run_jobs)

    found_award = award_now(award)
    made = session.scalars(select(CertificateRequest).where(CertificateRequest.replaces_id.is_not(None))).one()
    assert last
    assert found_award.valid_until == date.fromisoformat(made.fields["valid_until"])
    assert found_award.valid_until > last


def appeal(certificate: Certificate, award: Award) -> Case:
    holder = make_member(Role.TRAINEE, NATION, person=session.get_one(Person, award.person_id))
    with unit_of_work():
        return cases.open_case(APPEAL, certificate.code, Filing("我没有作弊。"), by=holder.actor, at=DECIDED)


def uphold(case: Case) -> None:
    officer = make_member(Role.REGULATOR, NATION)
    with unit_of_work():
        cases.accept(session.get_one(Case, case.id), by=officer.actor, at=DECIDED)
    with unit_of_work():
        cases.decide(session.get_one(Case, case.id), upheld=True, reasons="事实不清", by=officer.actor, at=DECIDED)
    session.expire_all()


def test_an_upheld_appeal_lets_a_suspended_certificate_count_again(held: tuple[Award, Certificate, Office]) -> None:
    award, certificate, office = held
    make_clocks()
    with pytest.raises(NotFoundError):
        appeal(certificate, award)
    suspend(certificate, office)
    stranger = make_member(Role.TRAINEE, NATION)
    with pytest.raises(ForbiddenError), unit_of_work():
        cases.open_case(APPEAL, certificate.code, Filing("x"), by=stranger.actor, at=DECIDED)

    uphold(appeal(certificate, award))

    assert session.get_one(Certificate, certificate.id).state is CertificateState.PUBLISHED
    assert award_now(award).suspended_at is None


def test_an_upheld_appeal_against_a_revocation_brings_a_new_certificate(
    held: tuple[Award, Certificate, Office], run_jobs: Callable[[], int]
) -> None:
    """The revocation itself is never taken back; the level is restored, and the new certificate stays good."""
    award, certificate, office = held
    make_clocks()
    revoke(certificate, office)

    uphold(appeal(certificate, award))
    issue(office, run_jobs)

    assert award_now(award).state is AwardState.AWARDED
    former, made = session.scalars(select(Certificate).order_by(Certificate.id)).all()
    assert (former.state, made.state) == (CertificateState.REVOKED, CertificateState.PUBLISHED)
    assert (made.number, made.replaces_id) == (former.number, former.id)

"""A certificate made anew takes the place of the former, a renewed one goes on after it; both keep the number."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.services.people import correct_name
from app.accounts.states import Role
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event
from app.credentials import services
from app.credentials.models import Batch, Certificate, CertificateRequest
from app.credentials.queries import changes
from app.credentials.rules.openbadge import read_certificate
from app.credentials.states import (
    CertificateState,
    ReissueReason,
    RequestState,
    RevocationReason,
    SuspensionReason,
)
from app.desk.models import Notice
from tests.factories.accounts import NATION, Member, make_member, make_person
from tests.factories.credentials import Office, issue, make_batch, make_office
from tests.factories.rulebook import make_published
from tests.integration.credentials.test_suspension import bits
from tests.submit import submit

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
BEFORE_END = datetime(2029, 5, 1, tzinfo=UTC)
A_YEAR = """
[[params.certificates]]
kind = "capability"
closes_days_after = 365
"""
Browser = Callable[[Member], FlaskClient]


@pytest.fixture(autouse=True)
def _in_november(at_time: Callable[[datetime], None]) -> None:
    at_time(AT)


@pytest.fixture
def holder() -> Member:
    return make_member(Role.TRAINEE, NATION, person=make_person(name="王小明"))


@pytest.fixture
def certificate(office: Office, holder: Member) -> Certificate:
    return issue(office, holder.person)


def rename(holder: Member, name: str = "王晓明") -> None:
    with unit_of_work():
        person = session.get_one(Person, holder.person.id)
        correct_name(person, name=name, name_latin=None, reason="户口簿", at=AT)


def fresh(certificate: Certificate) -> Certificate:
    session.expire_all()
    return session.get_one(Certificate, certificate.id)


def ask(certificate: Certificate, by: Member, because: ReissueReason = ReissueReason.NAME_CHANGED) -> None:
    with unit_of_work():
        services.ask_reissue(fresh(certificate), because=because, by=by.actor, at=AT)


def renew(certificate: Certificate, by: Member, at: datetime = BEFORE_END) -> CertificateRequest:
    with unit_of_work():
        return services.ask_renewal(fresh(certificate), by=by.actor, at=at)


def publish(office: Office) -> Certificate:
    """Prepare what waits, let the second issuer approve it, and return the newest certificate."""
    batch = make_batch(office)
    assert batch.faults == 0
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=AT)
    jobs.work()
    session.expire_all()
    return session.scalars(select(Certificate).order_by(Certificate.id.desc())).first()  # type: ignore[return-value]


def test_a_new_name_makes_a_new_certificate_under_the_same_number(
    office: Office, holder: Member, certificate: Certificate
) -> None:
    rename(holder)
    ask(certificate, holder)

    made = publish(office)

    assert made.id != certificate.id
    assert made.number == certificate.number
    assert (made.valid_from, made.valid_until) == (certificate.valid_from, certificate.valid_until)
    assert read_certificate(made.document).holder.name == "王晓明"
    former = fresh(certificate)
    assert (former.state, former.revoked_for) == (CertificateState.REVOKED, RevocationReason.SUPERSEDED)
    assert bits(former) == (True, False)
    assert bits(made) == (False, False)
    follower = changes.follower(former)
    assert follower is not None
    assert follower.id == made.id


def test_the_holder_is_told_once_and_of_no_revocation(
    office: Office, holder: Member, certificate: Certificate, run_jobs: Callable[[], int]
) -> None:
    rename(holder)
    ask(certificate, holder)
    publish(office)
    run_jobs()

    told = session.scalars(select(Notice.kind).where(Notice.person_id == holder.person.id).order_by(Notice.id)).all()
    assert list(told) == ["credentials.published", "credentials.renamed", "credentials.followed"]


def test_a_request_is_made_once(certificate: Certificate, office: Office, holder: Member) -> None:
    rename(holder)
    ask(certificate, holder)
    ask(certificate, office.first)

    query = select(CertificateRequest).where(CertificateRequest.replaces_id == certificate.id)
    assert len(session.scalars(query).all()) == 1


def test_a_holder_asks_only_where_the_name_differs(certificate: Certificate, holder: Member, office: Office) -> None:
    with pytest.raises(ConflictError):
        ask(certificate, holder)
    rename(holder)
    with pytest.raises(ForbiddenError):
        ask(certificate, holder, ReissueReason.DATA_CORRECTED)
    with pytest.raises(ForbiddenError):
        ask(certificate, make_member(Role.TRAINEE, NATION))
    with pytest.raises(ForbiddenError):
        ask(certificate, make_office(slug="other-centre", platform=False).first)
    ask(certificate, office.first)


def test_whoever_asked_and_prepared_does_not_approve(certificate: Certificate, office: Office, holder: Member) -> None:
    rename(holder)
    ask(certificate, office.first)
    batch = make_batch(office)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.first.actor, at=AT)
    assert fresh(certificate).state is CertificateState.PUBLISHED


def test_a_corrected_entry_stands_on_the_new_one(certificate: Certificate, office: Office) -> None:
    with unit_of_work():
        services.ask_reissue(
            fresh(certificate),
            because=ReissueReason.DATA_CORRECTED,
            corrected={"hours": "96.5"},
            by=office.first.actor,
            at=AT,
        )

    assert str(read_certificate(publish(office).document).hours) == "96.5"


def test_what_stands_against_the_former_stands_against_the_new(
    certificate: Certificate, office: Office, holder: Member
) -> None:
    """Suspended between request and publication, it begins suspended: making it anew lifts nothing."""
    rename(holder)
    ask(certificate, holder)
    with unit_of_work():
        reason = SuspensionReason.SANCTION
        services.suspend(fresh(certificate), reason=reason, until=None, note="", by=office.first.actor, at=AT)

    made = publish(office)

    assert made.state is CertificateState.SUSPENDED
    assert bits(made) == (False, True)
    assert bits(certificate) == (True, True)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.reinstate(fresh(made), reason="x", by=office.first.actor, at=AT)


def test_a_certificate_revoked_meanwhile_takes_its_successor_along(
    certificate: Certificate, office: Office, holder: Member
) -> None:
    rename(holder)
    ask(certificate, holder)
    with unit_of_work():
        reason = RevocationReason.FALSE_PAPERS
        services.revoke(fresh(certificate), reason=reason, note="", by=office.first.actor, at=AT)

    with pytest.raises(ConflictError):
        make_batch(office)
    (request,) = session.scalars(select(CertificateRequest).where(CertificateRequest.replaces_id.is_not(None)))
    assert (request.state, request.withdrawn_for) == (RequestState.WITHDRAWN, reason)


def test_what_does_not_stand_is_not_made_anew(certificate: Certificate, office: Office) -> None:
    with unit_of_work():
        reason = SuspensionReason.SANCTION
        services.suspend(fresh(certificate), reason=reason, until=None, note="", by=office.first.actor, at=AT)
    with pytest.raises(ConflictError):
        ask(certificate, office.first, ReissueReason.DATA_CORRECTED)
    with unit_of_work():
        services.revoke(fresh(certificate), reason=RevocationReason.EXAM_BREACH, note="", by=office.first.actor, at=AT)
    with pytest.raises(ConflictError):
        ask(certificate, office.first, ReissueReason.DATA_CORRECTED)


def test_what_happens_to_many_that_are_made_anew_is_written_together(
    office: Office, count_statements: Callable[[], list[str]]
) -> None:
    def statements(people: int) -> int:
        for certificate in [issue(office, make_person()) for _one in range(people)]:
            ask(certificate, office.first, ReissueReason.DATA_CORRECTED)
        batch = make_batch(office)
        with unit_of_work():
            services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=AT)
        sent.clear()
        jobs.work()
        return sum(one.startswith(written) for one in sent)

    written = ("INSERT INTO event", "INSERT INTO certificate_log_entry")
    sent = count_statements()

    assert statements(1) == statements(4) > 0


def test_a_renewal_goes_on_the_day_after_the_last(certificate: Certificate, office: Office, holder: Member) -> None:
    request = renew(certificate, holder)
    assert (request.fields["valid_from"], request.fields["valid_until"]) == ("2029-06-01", "2034-05-31")

    made = publish(office)

    assert made.number == certificate.number
    assert made.valid_from == certificate.valid_until
    assert fresh(certificate).state is CertificateState.PUBLISHED
    published = session.scalars(select(Event).where(Event.subject_code == made.code, Event.kind.like("%published")))
    assert published.one().data["valid_until"] == "2034-05-31"


def test_after_the_end_a_renewal_begins_on_its_day(certificate: Certificate, office: Office) -> None:
    make_published(kind="renewal", code="renewal-test", region=NATION, params=A_YEAR)
    request = renew(certificate, office.first, datetime(2029, 8, 1, 2, tzinfo=UTC))

    assert request.fields["valid_from"] == date(2029, 8, 1).isoformat()


def test_a_renewal_has_its_time(certificate: Certificate, office: Office) -> None:
    make_published(kind="renewal", code="renewal-test", region=NATION, params=A_YEAR)
    with pytest.raises(InvalidError, match="2028"):
        renew(certificate, office.first, AT)
    with pytest.raises(InvalidError, match="2030"):
        renew(certificate, office.first, datetime(2031, 1, 1, tzinfo=UTC))


def test_a_declined_request_can_be_made_again(
    certificate: Certificate, office: Office, holder: Member, browser_of: Browser
) -> None:
    rename(holder)
    ask(certificate, holder)
    request = session.scalars(select(CertificateRequest).where(CertificateRequest.replaces_id.is_not(None))).one()
    issuer, own = browser_of(office.first), f"/issuing/certificates/{certificate.code}"
    path = f"/issuing/requests/{request.code}/decline"
    assert submit(issuer, path, page=own, **{"decline-reason": ""}).status_code == 422
    other = browser_of(make_office(slug="other-centre", platform=False).first)
    assert submit(other, path, page="/me", **{"decline-reason": "x"}).status_code == 404

    submit(issuer, path, page=own, **{"decline-reason": "请先更正证件"})

    assert "请先更正证件" in browser_of(holder).get(f"/my/certificates/{certificate.code}/change").text
    assert session.get_one(CertificateRequest, request.id).state is RequestState.DECLINED
    assert submit(issuer, path, page=own, **{"decline-reason": "x"}).status_code == 409
    ask(certificate, holder)
    assert publish(office).succession is not None


def test_a_request_that_was_taken_back_is_said_and_may_be_made_again(
    certificate: Certificate, office: Office, holder: Member, browser_of: Browser
) -> None:
    rename(holder)
    ask(certificate, holder)
    with unit_of_work():
        request = session.scalars(select(CertificateRequest).where(CertificateRequest.replaces_id.is_not(None))).one()
        services.withdraw(request, reason=RevocationReason.ISSUED_IN_ERROR, note="误报", at=AT)

    page = browser_of(holder).get(f"/my/certificates/{certificate.code}/change")

    assert "已撤回" in page.text
    assert "申请新证书" in page.text
    assert "申请新证书" in browser_of(office.first).get(f"/issuing/certificates/{certificate.code}").text


def test_a_holder_asks_on_the_web(
    certificate: Certificate, office: Office, holder: Member, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    browser, own = browser_of(holder), f"/my/certificates/{certificate.code}/change"
    assert "如姓名已变更，请先办理姓名更正" in browser.get(own).text
    rename(holder)

    for _click in range(2):
        submit(browser, f"/my/certificates/{certificate.code}/reissue", page=own)

    assert "等待制备" in browser.get(own).text
    assert "重新制发申请" in browser_of(office.first).get(f"/issuing/certificates/{certificate.code}").text
    stranger = browser_of(make_member(Role.TRAINEE, NATION))
    assert stranger.get(own).status_code == 404
    assert submit(stranger, f"/my/certificates/{certificate.code}/renew", page="/me").status_code == 404
    made = publish(office)
    assert made.code in browser.get(own).text
    at_time(BEFORE_END)
    submit(browser, f"/my/certificates/{made.code}/renew", page=f"/my/certificates/{made.code}/change")
    assert "等待制备" in browser.get(f"/my/certificates/{made.code}/change").text


def test_an_issuer_asks_on_the_web(certificate: Certificate, office: Office, browser_of: Browser) -> None:
    first, own = browser_of(office.first), f"/issuing/certificates/{certificate.code}"
    refused = submit(first, f"{own}/reissue", page=own, **{"reissue-because": ""})
    assert (refused.status_code, refused.text.count('class="fold" open')) == (422, 1), "what was refused stays open"
    assert (first.get(own).text.count('class="fold"'), first.get(own).text.count('class="fold" open')) == (4, 0)
    assert "起可以续期" in first.get(own).text
    assert submit(first, f"{own}/renew", page=own).status_code == 422

    submit(first, f"{own}/reissue", page=own, **{"reissue-because": "data_corrected", "reissue-hours": "90"})

    assert "等待制备" in first.get(own).text
    publish(office)
    assert "同一编号下已有后续证书" in first.get(own).text
    assert "经第二人批准" not in first.get(own).text, "nothing is left to wait for"

"""A certificate is suspended at once by one issuer, and counts again by a second one or with its last day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event
from app.credentials import queries, services, verification
from app.credentials.models import Certificate, CertificateSuspension, StatusList
from app.credentials.rules.status_list import SUSPENSION, read_bit, read_list
from app.credentials.rules.templates import end_of
from app.credentials.services.status_lists import beside, signed_list
from app.credentials.states import CertificateState, RevocationReason, SuspensionReason
from app.credentials.upkeep import end_suspensions
from app.desk.models import Notice, NoticeDelivery
from app.desk.states import Channel
from tests.factories.accounts import NATION, Member, make_member, make_person
from tests.factories.credentials import Office, issue, make_office
from tests.submit import submit

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
Browser = Callable[[Member], FlaskClient]


@pytest.fixture(autouse=True)
def _in_november(at_time: Callable[[datetime], None]) -> None:
    at_time(AT)


@pytest.fixture
def certificate(office: Office) -> Certificate:
    return issue(office, make_person(name="张䶮"))


def suspend(certificate: Certificate, by: Member, *, until: date | None = None, at: datetime = AT) -> None:
    with unit_of_work():
        services.suspend(
            fresh(certificate),
            reason=SuspensionReason.INVESTIGATION,
            until=end_of(until),
            note="监察〔2026〕3号",
            by=by.actor,
            at=at,
        )


def reinstate(certificate: Certificate, by: Member, at: datetime = AT) -> None:
    with unit_of_work():
        services.reinstate(fresh(certificate), reason="查无实据", by=by.actor, at=at)


def revoke(certificate: Certificate, by: Member) -> None:
    with unit_of_work():
        reason = RevocationReason.FALSE_PAPERS
        services.revoke(fresh(certificate), reason=reason, note="", by=by.actor, at=AT)


def fresh(certificate: Certificate) -> Certificate:
    session.expire_all()
    return session.get_one(Certificate, certificate.id)


def bits(certificate: Certificate) -> tuple[bool, bool]:
    """Return whether both published lists say revoked and suspended."""
    session.expire_all()
    listed = session.get_one(StatusList, certificate.status_list_id)
    parallel = beside(listed.id)
    assert parallel
    revoked, suspended = signed_list(listed), signed_list(parallel)
    index = certificate.status_index
    return (
        read_bit(read_list(revoked, revoked["id"]), index),
        read_bit(read_list(suspended, suspended["id"], SUSPENSION), index),
    )


def kinds(certificate: Certificate) -> list[str]:
    query = select(Event.kind).where(Event.subject_code == certificate.code).order_by(Event.id)
    return list(session.scalars(query))


def test_a_suspended_certificate_is_told_everywhere_at_once(certificate: Certificate, office: Office) -> None:
    suspend(certificate, office.first)

    assert bits(certificate) == (False, True)
    assert verification.standing(fresh(certificate), AT) == "suspended"
    assert "credentials.suspended" in kinds(certificate)


def test_what_lets_it_count_again_takes_a_second_person(certificate: Certificate, office: Office) -> None:
    suspend(certificate, office.first)

    with pytest.raises(ForbiddenError):
        reinstate(certificate, office.first)
    reinstate(certificate, office.second)

    assert bits(certificate) == (False, False)
    assert verification.standing(fresh(certificate), AT) == "valid"
    kept = session.scalars(select(CertificateSuspension)).one()
    assert (kept.suspended_by_id, kept.ended_by_id) == (office.first.person.id, office.second.person.id)


def test_the_schema_keeps_the_two_people_apart(certificate: Certificate, office: Office) -> None:
    suspend(certificate, office.first)

    ended = {"ended_at": AT, "ended_by_id": office.first.person.id, "end_reason": "x"}
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(update(CertificateSuspension).values(**ended))


def test_a_person_in_two_roles_is_one_person(certificate: Certificate, office: Office) -> None:
    """Another membership of the same issuer does not make them a second person."""
    suspend(certificate, office.first)
    organisation = session.get_one(Organisation, office.body.organisation_id)
    again = make_member(Role.ISSUER, NATION, organisation, person=office.first.person)

    with pytest.raises(ForbiddenError):
        reinstate(certificate, again)


def test_a_suspension_ends_with_its_last_day_in_shanghai(certificate: Certificate, office: Office) -> None:
    """It still holds at the last moment of the day, and no more at the first of the next, whatever the job does."""
    last = date(2026, 12, 31)
    suspend(certificate, office.first, until=last)
    end = datetime(2026, 12, 31, 16, tzinfo=UTC)

    assert verification.standing(fresh(certificate), end - timedelta(seconds=1)) == "suspended"
    assert verification.standing(fresh(certificate), end) == "valid"


def test_the_job_ends_what_is_due_once(
    certificate: Certificate, office: Office, at_time: Callable[[datetime], None]
) -> None:
    suspend(certificate, office.first, until=date(2026, 12, 31))
    end = datetime(2026, 12, 31, 16, tzinfo=UTC)
    at_time(end - timedelta(minutes=1))
    end_suspensions()
    assert fresh(certificate).state is CertificateState.SUSPENDED

    at_time(end + timedelta(hours=5))
    end_suspensions()
    end_suspensions()

    assert fresh(certificate).state is CertificateState.PUBLISHED
    assert bits(certificate) == (False, False)
    assert kinds(certificate).count("credentials.reinstated") == 1
    kept = session.scalars(select(CertificateSuspension)).one()
    assert (kept.ended_at, kept.ended_by_id) == (end, None)


def test_an_open_suspension_lasts(
    certificate: Certificate, office: Office, at_time: Callable[[datetime], None]
) -> None:
    suspend(certificate, office.first)
    at_time(AT + timedelta(days=900))

    end_suspensions()

    assert fresh(certificate).state is CertificateState.SUSPENDED


def test_an_end_that_has_passed_is_refused(certificate: Certificate, office: Office) -> None:
    with pytest.raises(InvalidError) as refused:
        suspend(certificate, office.first, until=date(2026, 11, 22))
    assert refused.value.field == "until"
    suspend(certificate, office.first, until=date(2026, 11, 23))


def test_what_is_over_is_not_suspended(certificate: Certificate, office: Office) -> None:
    with pytest.raises(ConflictError):
        suspend(certificate, office.first, at=datetime(2029, 5, 31, 16, tzinfo=UTC))
    suspend(certificate, office.first)
    with pytest.raises(ConflictError):
        suspend(certificate, office.first)
    with pytest.raises(ConflictError):
        reinstate(issue(office), office.second)


def test_a_suspended_certificate_is_revoked_for_good(certificate: Certificate, office: Office) -> None:
    """Its suspension stays in the list, so that no reader with one old list finds it good."""
    suspend(certificate, office.first)

    revoke(certificate, office.first)

    assert bits(certificate) == (True, True)
    assert session.scalars(select(CertificateSuspension.ended_at)).one() == AT
    with pytest.raises(ConflictError):
        reinstate(certificate, office.second)
    with pytest.raises(ConflictError):
        suspend(certificate, office.first)


def test_only_the_own_body_acts(certificate: Certificate, office: Office) -> None:
    other = make_office(slug="other-centre", platform=False)
    with pytest.raises(ForbiddenError):
        suspend(certificate, other.first)
    suspend(certificate, office.first)
    with pytest.raises(ForbiddenError):
        reinstate(certificate, other.first)


def test_the_holder_is_told_what_and_why(office: Office, run_jobs: Callable[[], int]) -> None:
    holder = make_member(Role.TRAINEE, NATION)
    certificate = issue(office, holder.person)

    suspend(certificate, office.first)
    run_jobs()
    run_jobs()

    told = session.scalars(select(Notice).where(Notice.kind == "credentials.suspended")).all()
    assert [(one.person_id, one.label["reason_zh"]) for one in told] == [(holder.person.id, "正在调查")]
    assert told[0].url == f"/my/certificates/{certificate.code}/change"
    sent = session.scalars(select(NoticeDelivery.channel).where(NoticeDelivery.notice_id == told[0].id))
    assert Channel.MAIL in set(sent)


def test_issuers_suspend_and_reinstate_on_the_web(
    certificate: Certificate, office: Office, browser_of: Browser
) -> None:
    first, second = browser_of(office.first), browser_of(office.second)
    own = f"/issuing/certificates/{certificate.code}"
    assert submit(first, f"{own}/suspend", page=own, **{"suspend-reason": ""}).status_code == 422
    past = submit(
        first, f"{own}/suspend", page=own, **{"suspend-reason": "investigation", "suspend-until": "2026-11-01"}
    )
    assert past.status_code == 422
    assert "暂停的截止日已过" in past.text
    assert "2026-11-01" in past.text

    submit(first, f"{own}/suspend", page=own, **{"suspend-reason": "investigation", "suspend-until": "2026-12-01"})

    assert "须由本机构的另一位发证人员恢复" in first.get(own).text
    page = second.get(own)
    assert "2026年12月1日" in page.text
    assert "恢复证书" in page.text
    assert "暂停证书</span>" not in page.text
    assert submit(second, f"{own}/reinstate", page=own, **{"reinstate-reason": ""}).status_code == 422
    submit(second, f"{own}/reinstate", page=own, **{"reinstate-reason": "查无实据"})
    assert "查无实据" in second.get(own).text
    assert fresh(certificate).state is CertificateState.PUBLISHED


def test_a_second_tab_cannot_repeat_an_act(certificate: Certificate, office: Office, browser_of: Browser) -> None:
    """Both tabs show the form; the second is told that the record moved on, and nothing happens twice."""
    first, own = browser_of(office.first), f"/issuing/certificates/{certificate.code}"
    fields = {"suspend-reason": "investigation"}
    submit(first, f"{own}/suspend", page=own, **fields)

    again = submit(first, f"{own}/suspend", page=own, **fields)

    assert again.status_code == 409
    assert kinds(certificate).count("credentials.suspended") == 1


def test_another_bodys_certificate_is_not_found(certificate: Certificate, office: Office, browser_of: Browser) -> None:
    del office
    other = browser_of(make_office(slug="other-centre", platform=False).first)
    own = f"/issuing/certificates/{certificate.code}"
    for act in ("suspend", "reinstate", "reissue", "renew", "revoke"):
        sent = {"suspend-reason": "investigation", "reinstate-reason": "x", "reissue-because": "data_corrected"}
        assert submit(other, f"{own}/{act}", page="/me", reason="false_papers", **sent).status_code == 404
    assert fresh(certificate).state is CertificateState.PUBLISHED


def test_the_public_page_stays_and_says_so(certificate: Certificate, office: Office, client: FlaskClient) -> None:
    suspend(certificate, office.first)

    assert client.get(f"/credentials/{certificate.code}").status_code == 200
    assert queries.by_reference(str(certificate.number)) is not None

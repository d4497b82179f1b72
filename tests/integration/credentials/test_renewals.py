"""A renewal under a rule pack: when it opens and closes, the class hours it takes, each said line by line."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import NATION, Role
from app.core.db import session, unit_of_work
from app.core.errors import InvalidError
from app.credentials import services
from app.credentials.models import Certificate, CertificateRequest
from app.credentials.services import renewals
from app.rulebook.models import DecisionRecord
from app.rulebook.verdicts import Outcome
from tests.factories.accounts import Member, make_member, make_person
from tests.factories.credentials import Office, issue
from tests.factories.exams import make_cohort, make_pack, make_trainee
from tests.factories.rulebook import make_published
from tests.submit import submit

BEFORE_END = datetime(2029, 5, 1, tzinfo=UTC)
AFTER_END = datetime(2029, 8, 1, 2, tzinfo=UTC)
LATE = datetime(2031, 1, 1, tzinfo=UTC)
WINDOW = """
[[params.certificates]]
kind = "capability"
levels = ["junior"]
opens_days_before = 60
closes_days_after = 100
"""


@pytest.fixture
def holder() -> Member:
    return make_member(Role.TRAINEE, NATION, person=make_person(name="王小明"))


@pytest.fixture
def certificate(office: Office, holder: Member) -> Certificate:
    return issue(office, holder.person)


@pytest.fixture
def learn(holder: Member, monkeypatch: pytest.MonkeyPatch) -> Callable[[int, datetime], None]:
    """Let the holder collect class hours in each of four modules at an instant."""

    def collect(hours: int, at: datetime) -> None:
        cohort = make_cohort()
        monkeypatch.setattr("tests.factories.exams.MADE_AT", at)
        make_trainee(cohort, hours=hours, person=holder.person)

    return collect


def lines_of(certificate: Certificate, at: datetime) -> list[tuple[str, Outcome]]:
    session.expire_all()
    verdict = renewals.consider(session.get_one(Certificate, certificate.id), at).verdict
    return [] if verdict is None else [(one.reason, one.outcome) for one in verdict.lines]


def renew(certificate: Certificate, by: Member, at: datetime = BEFORE_END) -> CertificateRequest:
    with unit_of_work():
        return services.ask_renewal(session.get_one(Certificate, certificate.id), by=by.actor, at=at)


def test_without_a_pack_the_template_alone_decides_until_the_last_day(certificate: Certificate, holder: Member) -> None:
    assert lines_of(certificate, BEFORE_END) == []
    with pytest.raises(InvalidError, match="2029"):
        renew(certificate, holder, AFTER_END)
    assert renew(certificate, holder).fields["valid_from"] == "2029-06-01"
    assert session.scalars(select(DecisionRecord)).all() == []


def test_a_pack_moves_when_a_renewal_opens_and_closes(certificate: Certificate, holder: Member) -> None:
    make_published(kind="renewal", code="renewal-test", region=NATION, params=WINDOW)

    with pytest.raises(InvalidError, match=r"2029-04-01|2029年4月1日"):
        renew(certificate, holder, datetime(2029, 3, 1, tzinfo=UTC))
    assert lines_of(certificate, BEFORE_END) == [("opens", Outcome.MET), ("closes", Outcome.MET)]
    assert lines_of(certificate, LATE) == [("opens", Outcome.MET), ("closes", Outcome.NOT_MET)]
    with pytest.raises(InvalidError, match=r"2029-09-08|2029年9月8日"):
        renew(certificate, holder, LATE)
    assert renew(certificate, holder, AFTER_END).fields["valid_from"] == "2029-08-01"


def test_class_hours_that_are_missing_keep_a_certificate_from_being_renewed(
    certificate: Certificate, holder: Member, office: Office, learn: Callable[[int, datetime], None]
) -> None:
    """Those of the period count: what was learned before it led to the level."""
    make_pack("renewal", "renewal-sample.toml")
    learn(24, datetime(2026, 5, 1, tzinfo=UTC))

    assert lines_of(certificate, BEFORE_END)[-1] == ("hours", Outcome.NOT_MET)
    for by in (holder, office.first):
        with pytest.raises(InvalidError) as refused:
            renew(certificate, by)
        assert refused.value.code == "condition"


def test_class_hours_that_were_collected_in_the_period_renew_it_on_record(
    certificate: Certificate, holder: Member, learn: Callable[[int, datetime], None]
) -> None:
    make_pack("renewal", "renewal-sample.toml")
    learn(24, datetime(2027, 5, 1, tzinfo=UTC))

    request = renew(certificate, holder)

    assert request.fields["valid_from"] == "2029-06-01"
    record = session.scalars(select(DecisionRecord).where(DecisionRecord.kind == "renewal")).one()
    assert (record.subject_code, record.person_id) == (certificate.code, holder.person.id)
    assert record.facts["renewal.hours"]["value"] == "96.00"


def test_holder_and_officer_read_each_condition(
    certificate: Certificate,
    holder: Member,
    office: Office,
    browser_of: Callable[[Member], FlaskClient],
    at_time: Callable[[datetime], None],
) -> None:
    make_pack("renewal", "renewal-sample.toml")
    at_time(BEFORE_END)
    for by, url in (
        (holder, f"/my/certificates/{certificate.code}/change"),
        (office.first, f"/issuing/certificates/{certificate.code}"),
    ):
        page = browser_of(by).get(url).text
        assert "继续教育：0/90学时" in page
        assert "续期条件未全部满足" in page
    own = f"/my/certificates/{certificate.code}/change"
    assert submit(browser_of(holder), f"/my/certificates/{certificate.code}/renew", page=own).status_code == 422

"""The kinds beside levels: titles, credit reports, accreditations, transcripts; and taking facts back."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.accounts.states import NATION, OrganisationKind, Role
from app.cases import services as cases
from app.cases.services.restrictions import Terms as RestrictionTerms
from app.core import jobs
from app.core.clock import day_of
from app.core.columns import JsonObject
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.credentials import queries, services, verification
from app.credentials.models import Batch, Certificate, CertificateRequest, IssuingBody
from app.credentials.queries import issued as issued_queries
from app.credentials.queries import steps
from app.credentials.rules.openbadge import read_certificate
from app.credentials.states import (
    BatchState,
    CertificateKind,
    CertificateState,
    RequestState,
    RevocationReason,
)
from app.desk.models import Notice
from app.desk.queries import todos_of
from app.settings import Settings
from tests.factories.accounts import SHANDONG, make_member, make_organisation, make_person
from tests.factories.credentials import ISSUED_AT, Office, make_batch, make_office, make_request

pytestmark = pytest.mark.one_database

BOTH = {"zh": "工程师", "en": "engineer"}
GIVEN: dict[CertificateKind, JsonObject] = {
    CertificateKind.TITLE: {"number": "ZC370001", "words": {"title": BOTH, "series": BOTH}},
    CertificateKind.CREDIT_REPORT: {"words": {"day": BOTH}},
    CertificateKind.ACCREDITATION: {"words": {"levels": BOTH}},
    CertificateKind.CONTINUING_EDUCATION: {"words": {"year": BOTH}, "hours": "12.5"},
}
ENTRY = {"key": "grade", "label": {"zh": "等级", "en": "Grade"}, "value": "A+", "kind": "LetterGrade"}


def ask(office: Office, kind: CertificateKind, *, source: str = "s-1", **changes: object) -> CertificateRequest:
    """Ask for a certificate of one of the newer kinds, each for the holder that it has."""
    with unit_of_work():
        if kind is CertificateKind.ACCREDITATION:
            holder = {"organisation_id": make_organisation(slug="holder-base", name_zh="齐鲁示例基地").id}
        else:
            holder = {"person_id": make_person(name="张䶮").id}
        return services.request_certificate(
            kind=kind,
            **holder,
            source=Subject("sample", source),
            fields={"valid_from": "2026-06-01", "entries": [ENTRY], **GIVEN[kind], **changes},
            body=session.merge(office.body),
            by=None,
            at=ISSUED_AT,
        )


def found_in(batch: Batch) -> list[str]:
    """Return the codes of what lint found in a batch."""
    return [one["code"] for row in steps.request_page(batch.id, 1, only_faults=True).rows for one in row.findings]


def issued(office: Office, request: CertificateRequest) -> Certificate:
    batch = make_batch(office, request.kind)
    assert batch.faults == 0
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=ISSUED_AT)
    jobs.work()
    session.expire_all()
    return session.scalars(select(Certificate).where(Certificate.request_id == request.id)).one()


@pytest.mark.parametrize("kind", GIVEN)
def test_each_kind_is_issued_and_verified(office: Office, kind: CertificateKind) -> None:
    certificate = issued(office, ask(office, kind))

    assert certificate.state is CertificateState.PUBLISHED
    facts = read_certificate(json.loads(certificate.credential or ""))
    assert [(one.key, one.value, one.kind) for one in facts.entries] == [("grade", "A+", "LetterGrade")]
    assert facts.achievement.kind is kind
    verdict = verification.verify_certificate(certificate, at=ISSUED_AT + timedelta(days=1))
    assert verdict.valid


def test_a_report_ends_by_its_template_and_a_title_does_not(office: Office) -> None:
    report = issued(office, ask(office, CertificateKind.CREDIT_REPORT))
    title = issued(office, ask(office, CertificateKind.TITLE))

    assert report.valid_until is not None
    assert day_of(report.valid_until) == day_of(report.valid_from).replace(month=9)
    assert title.valid_until is None


def test_an_accreditation_certifies_an_organisation(office: Office) -> None:
    certificate = issued(office, ask(office, CertificateKind.ACCREDITATION))

    assert certificate.person_id is None
    assert certificate.organisation_id is not None
    assert read_certificate(certificate.document).holder.name == "齐鲁示例基地"
    found = issued_queries.issued(office.body.id, issued_queries.Wanted(text="齐鲁示例"), at=ISSUED_AT)
    assert [one.holder_name for one in found.rows] == ["齐鲁示例基地"]


def test_a_holder_is_a_person_or_an_organisation_as_the_kind_has_it(office: Office) -> None:
    for kind, holder in (
        (CertificateKind.TITLE, {"organisation_id": office.body.organisation_id}),
        (CertificateKind.ACCREDITATION, {"person_id": office.first.actor.person_id}),
        (CertificateKind.ACCREDITATION, {}),
    ):
        with pytest.raises(InvalidError), unit_of_work():
            services.request_certificate(
                kind=kind,
                **holder,
                source=Subject("sample", "x"),
                fields={"valid_from": "2026-06-01", **GIVEN[kind]},
                body=session.merge(office.body),
                by=None,
                at=ISSUED_AT,
            )
    request = ask(office, CertificateKind.TITLE)
    rows = update(CertificateRequest).where(CertificateRequest.id == request.id)
    for values in ({"person_id": None}, {"organisation_id": office.body.organisation_id}):
        with pytest.raises(ConflictError), unit_of_work():
            session.execute(rows.values(values))


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (CertificateKind.TITLE, {"words": {}}),
        (CertificateKind.TITLE, {"level": "senior"}),
        (CertificateKind.TITLE, {"words": {"title": BOTH, "series": {"zh": "{level}", "en": "x"}}}),
        (CertificateKind.CREDIT_REPORT, {"entries": [ENTRY, ENTRY]}),
        (CertificateKind.CREDIT_REPORT, {"entries": [ENTRY | {"key": "hours"}]}),
        (CertificateKind.CREDIT_REPORT, {"entries": [ENTRY | {"key": f"e{at}"} for at in range(21)]}),
    ],
)
def test_fields_that_do_not_fit_the_kind_are_refused(
    office: Office, kind: CertificateKind, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidError):
        ask(office, kind, **changes)


def test_several_reports_of_one_person_stand_beside_each_other(office: Office) -> None:
    first = ask(office, CertificateKind.CREDIT_REPORT)
    issued(office, first)
    with unit_of_work():
        second = services.request_certificate(
            kind=CertificateKind.CREDIT_REPORT,
            person_id=first.person_id,
            source=Subject("sample", "s-2"),
            fields={"valid_from": "2026-06-01", **GIVEN[CertificateKind.CREDIT_REPORT]},
            body=session.merge(office.body),
            by=None,
            at=ISSUED_AT,
        )
    assert issued(office, second).state is CertificateState.PUBLISHED


def test_a_title_needs_its_number(office: Office) -> None:
    ask(office, CertificateKind.TITLE, number=None)
    assert found_in(make_batch(office, CertificateKind.TITLE)) == ["number-missing"]


def take_back(request: CertificateRequest, reason: RevocationReason = RevocationReason.ACCREDITATION_ENDED) -> None:
    with unit_of_work():
        row = session.get_one(CertificateRequest, request.id)
        services.withdraw(row, reason=reason, note="退出", at=ISSUED_AT)


def test_a_fact_taken_back_before_a_batch_is_never_issued(office: Office) -> None:
    request = ask(office, CertificateKind.ACCREDITATION)
    assert [todo.kind for todo in todos_of(office.first.actor)] == ["credentials.prepare"]

    take_back(request)
    take_back(request, RevocationReason.SUPERSEDED)

    session.expire_all()
    row = session.get_one(CertificateRequest, request.id)
    assert (row.state, row.withdrawn_for) == (RequestState.WITHDRAWN, RevocationReason.ACCREDITATION_ENDED)
    assert todos_of(office.first.actor) == []
    with pytest.raises(ConflictError):
        make_batch(office, CertificateKind.ACCREDITATION)


def test_a_batch_with_a_fact_taken_back_is_not_approved(office: Office) -> None:
    request = ask(office, CertificateKind.ACCREDITATION)
    batch = make_batch(office, CertificateKind.ACCREDITATION)
    take_back(request)

    with pytest.raises(ConflictError), unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=ISSUED_AT)
    with unit_of_work():
        services.reject_batch(session.get_one(Batch, batch.id), reason="x", by=office.second.actor, at=ISSUED_AT)

    session.expire_all()
    assert session.get_one(CertificateRequest, request.id).state is RequestState.WITHDRAWN
    assert session.get_one(Batch, batch.id).state is BatchState.REJECTED


def test_a_fact_taken_back_while_its_batch_is_issued_is_not_issued(office: Office) -> None:
    request = ask(office, CertificateKind.ACCREDITATION)
    batch = make_batch(office, CertificateKind.ACCREDITATION)
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=ISSUED_AT)
    take_back(request)

    jobs.work()

    session.expire_all()
    assert session.scalars(select(Certificate)).all() == []
    assert session.get_one(CertificateRequest, request.id).withdrawn_for is RevocationReason.ACCREDITATION_ENDED


def test_a_published_certificate_is_revoked_with_the_cause(office: Office) -> None:
    certificate = issued(office, ask(office, CertificateKind.ACCREDITATION))
    take_back(session.get_one(CertificateRequest, certificate.request_id))

    session.expire_all()
    found = session.get_one(Certificate, certificate.id)
    assert (found.state, found.revoked_by_id, found.revocation_note) == (CertificateState.REVOKED, None, "退出")
    verdict = verification.verify_certificate(found, at=ISSUED_AT + timedelta(days=1))
    assert not verdict.valid


def test_a_restricted_organisation_waits(office: Office) -> None:
    request = ask(office, CertificateKind.ACCREDITATION)
    regulator = make_member(Role.CREDIT, NATION)
    organisation = queries.requests_for_organisation(CertificateKind.ACCREDITATION, request.organisation_id or 0)[0]
    with unit_of_work():
        terms = RestrictionTerms(day_of(ISSUED_AT), None, "整改", determination="文号1")
        holder = session.merge(make_organisation(slug="holder-base"))
        cases.impose(
            ["credentials.issue_to_organisation"], holder, terms, region_code=NATION, by=regulator.actor, at=ISSUED_AT
        )
    with pytest.raises(ForbiddenError):
        make_batch(office, CertificateKind.ACCREDITATION)
    assert organisation.state is RequestState.OPEN


def test_the_holder_of_an_accreditation_is_told(office: Office) -> None:
    base = make_member(Role.BASE, SHANDONG, make_organisation(slug="holder-base", name_zh="齐鲁示例基地"))
    issued(office, ask(office, CertificateKind.ACCREDITATION))
    jobs.work()

    told = [(one.kind, one.person_id) for one in session.scalars(select(Notice))]
    assert told == [("credentials.published", base.actor.person_id)]


def test_who_issues_what(office: Office, settings: Settings) -> None:
    """An authority issues what it decides, any other body the rest; the nearest comes first."""
    del settings
    authority = make_organisation(slug="authority", kind=OrganisationKind.AUTHORITY, region=NATION)
    province = make_organisation(slug="province-authority", kind=OrganisationKind.AUTHORITY, region=SHANDONG)
    with unit_of_work():
        national = services.open_body(session.merge(authority), by=None, at=ISSUED_AT)
        local = services.open_body(session.merge(province), by=None, at=ISSUED_AT)

    def body(kind: CertificateKind, region: str) -> IssuingBody:
        return queries.responsible_body(kind, region)

    assert body(CertificateKind.TITLE, "370102").id == local.id
    assert body(CertificateKind.ACCREDITATION, "440300").id == national.id
    assert body(CertificateKind.CREDIT_REPORT, "370102").id == local.id
    assert body(CertificateKind.CONTINUING_EDUCATION, "370102").id == office.body.id
    assert body(CertificateKind.COURSE_COMPLETION, "440300").id == office.body.id


def test_without_an_authority_the_nearest_body_issues(office: Office) -> None:
    province = make_office(slug="shandong-centre", platform=False, region=SHANDONG)
    assert queries.responsible_body(CertificateKind.TITLE, "370102").id == province.body.id
    assert queries.responsible_body(CertificateKind.TITLE, "440300").id == office.body.id


def test_a_level_still_counts_once(office: Office) -> None:
    holder = make_person()
    make_request(office, holder)
    make_request(office, holder)
    assert found_in(make_batch(office)) == ["duplicate"]

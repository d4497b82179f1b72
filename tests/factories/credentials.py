"""Issuing bodies, issuers and certificates for tests, made through the services that the product uses."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count

from app.accounts.models import Membership, Person
from app.accounts.states import OrganisationKind, Role
from app.core import jobs
from app.core.clock import set_clock
from app.core.columns import JsonObject
from app.core.db import session, unit_of_work
from app.core.events import Subject
from app.core.jobs import Job
from app.credentials import queries, services
from app.credentials.models import Batch, Certificate, CertificateRequest, IssuingBody
from app.credentials.states import CertificateKind
from tests.factories.accounts import MADE_AT, NATION, Member, make_member, make_organisation, make_person, member_of
from tests.prepared import begin_with

ISSUED_AT = datetime(2026, 6, 1, 2, tzinfo=UTC)
_numbers = count(1)


@dataclass(frozen=True)
class Office:
    """An issuing body with two issuers."""

    body: IssuingBody
    first: Member
    second: Member


def make_office(*, slug: str = "sample-centre", platform: bool = True, region: str = NATION) -> Office:
    """Make an issuing body, with its key, and two issuers."""
    organisation = make_organisation(
        slug=slug,
        kind=OrganisationKind.CERTIFICATION_BODY,
        region=region,
        name_zh="示例认证中心",
        name_en="Sample Certification Centre",
    )
    with unit_of_work():
        body = services.open_body(organisation, platform=platform, by=None, at=MADE_AT)
    first = make_member(Role.ISSUER, region, organisation)
    second = make_member(Role.ISSUER, region, organisation)
    return Office(body, first, second)


def fields(**changes: object) -> JsonObject:
    """Return the fields of a junior level, valid for three years."""
    given = {
        "level": "junior",
        "number": f"TM37{next(_numbers):08d}",
        "hours": "80",
        "valid_from": date(2026, 6, 1).isoformat(),
        "valid_until": date(2029, 5, 31).isoformat(),
    }
    return {**given, **changes}


def make_request(
    office: Office,
    person: Person | None = None,
    *,
    kind: CertificateKind = CertificateKind.CAPABILITY,
    source: str | None = None,
    **changes: object,
) -> CertificateRequest:
    """Ask for a certificate of a person."""
    holder = person or make_person()
    with unit_of_work():
        return services.request_certificate(
            kind=kind,
            person_id=holder.id,
            source=Subject("request_file", source or f"award-{next(_numbers)}"),
            fields=fields(**changes),
            body=office.body,
            by=None,
            at=ISSUED_AT,
        )


def make_batch(office: Office, kind: CertificateKind = CertificateKind.CAPABILITY) -> Batch:
    """Prepare what waits as the first issuer."""
    with unit_of_work():
        batch = services.prepare_batch(office.body, kind=kind, by=office.first.actor, at=ISSUED_AT)
        services.lint_batch(batch, by=office.first.actor, at=ISSUED_AT)
        return batch


def issue(office: Office, person: Person | None = None, **changes: object) -> Certificate:
    """Issue one certificate to a person, from request to publication."""
    request = make_request(office, person, **changes)  # type: ignore[arg-type]
    batch = make_batch(office, request.kind)
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=ISSUED_AT)
    jobs.work()
    with unit_of_work():
        return session.query(Certificate).filter_by(request_id=request.id).one()


def walk(batch: Batch, step: str, *, written: bool = True) -> Job:
    """Work until a step of a batch has written its rows, or only until it is next."""
    for _chunk in range(60):
        session.expire_all()
        job = queries.job_of(session.get_one(Batch, batch.id))
        if job is not None and job.result.get("step") == step and bool(job.result.get("done")) is written:
            return job
        jobs.work(1)
    msg = f"the batch never came to {step}"
    raise AssertionError(msg)


def issued_before(name: str, *, at: datetime, holder: str, **changes: object) -> tuple[Office, Certificate]:
    """Give an office at an instant, with a certificate that it issued: made once for all who ask by this name."""

    def make() -> list[int]:
        with unit_of_work():
            set_clock(at)
        office = make_office()
        made = issue(office, make_person(name=holder), **changes)
        return [made.id, office.body.id, office.first.membership.id, office.second.membership.id]

    certificate, body, *people = begin_with(name, make)
    first, second = (member_of(session.get_one(Membership, one)) for one in people)
    return Office(session.get_one(IssuingBody, body), first, second), session.get_one(Certificate, certificate)

"""Reads of issuing bodies, keys, batches and certificates."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.access import covers
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import NotFoundError, UnavailableError
from app.core.files import StoredFile
from app.core.jobs import Job
from app.core.signing import Algorithm, read_multikey
from app.core.text import _l
from app.credentials.models import (
    ERASED,
    Batch,
    Certificate,
    CertificateRequest,
    IssuingBody,
    ShareLink,
    SigningKey,
    StatusList,
)
from app.credentials.rules import did
from app.credentials.states import CertificateState

PER_PAGE = 25
PUBLIC_STATES = (CertificateState.PUBLISHED, CertificateState.SUSPENDED, CertificateState.REVOKED)


class Page(NamedTuple):
    """One page of certificates."""

    rows: list[Certificate]
    page: int
    pages: int
    total: int


class Holder(NamedTuple):
    """Whom a certificate is for, or whose a share link is: a person, or an organisation."""

    person_id: int | None = None
    organisation_id: int | None = None

    def owns(self, table: type[Certificate | ShareLink]) -> ColumnElement[bool]:
        """Return the condition that a certificate or a share link is theirs."""
        if self.organisation_id is not None:
            return table.organisation_id == self.organisation_id
        return table.person_id == self.person_id if self.person_id is not None else false()


def issuing_body(slug: str) -> IssuingBody:
    """Return an issuing body by its slug; raises NotFoundError."""
    found = session.scalar(select(IssuingBody).where(IssuingBody.slug == slug))
    if found is None:
        raise NotFoundError(_l("There is no such issuing body."))
    return found


def body_with(body_id: int) -> IssuingBody:
    """Return an issuing body by its key."""
    return session.get_one(IssuingBody, body_id)


def body_by_did(issuer: str) -> IssuingBody | None:
    """Return the issuing body with a DID, None where none of ours has it."""
    return session.scalar(select(IssuingBody).where(IssuingBody.did == issuer))


def body_for_region(region_code: str) -> IssuingBody:
    """Return the issuing body whose region covers a region most closely.

    Raises UnavailableError where no body issues there yet.
    """
    bodies = session.scalars(
        select(IssuingBody).options(joinedload(IssuingBody.organisation)).where(IssuingBody.closed_at.is_(None))
    )
    covering = [one for one in bodies if covers(one.organisation.region_code, region_code)]
    if not covering:
        raise UnavailableError(_l("No issuing body is responsible for this region yet. An administrator opens one."))
    return max(covering, key=lambda one: len(one.organisation.region_code.rstrip("0")))


def body_of(actor: Actor) -> IssuingBody:
    """Return the issuing body that the actor issues for; raises NotFoundError."""
    found = session.scalar(select(IssuingBody).where(IssuingBody.organisation_id == actor.organisation_id))
    if found is None:
        raise NotFoundError(_l("Your organisation is no issuing body."))
    return found


def signing_key(body_id: int, algorithm: Algorithm = Algorithm.ED25519) -> SigningKey:
    """Return the key of an algorithm that a body signs with now; raises UnavailableError where it has none."""
    found = session.scalar(_current(body_id).where(SigningKey.algorithm == algorithm))
    if found is None:
        raise UnavailableError(_l("The issuing body has no signing key. An administrator makes one."))
    return found


def _current(body_id: int) -> Select[SigningKey]:
    return select(SigningKey).where(SigningKey.body_id == body_id, SigningKey.retired_at.is_(None))


def current_algorithms(body_id: int) -> set[Algorithm]:
    """Return the algorithms of which a body has a current key."""
    return {one.algorithm for one in session.scalars(_current(body_id))}


def did_document(body: IssuingBody) -> JsonObject:
    """Return the DID document of a body with every key it ever used."""
    keys = session.scalars(select(SigningKey).where(SigningKey.body_id == body.id).order_by(SigningKey.id))
    listed = [did.IssuerKey(read_multikey(key.public_multibase), key.revoked_at) for key in keys]
    return did.did_document(body.did, listed)


def status_list(code: str) -> StatusList:
    """Return a status list by its code; raises NotFoundError."""
    found = session.scalar(select(StatusList).where(StatusList.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such status list."))
    return found


def holders() -> tuple[Any, ...]:
    """Load the holders of requests with them: people, and organisations."""
    return joinedload(CertificateRequest.person), joinedload(CertificateRequest.organisation)


def _holders_of() -> tuple[Any, ...]:
    """Load the holders of certificates with them."""
    return joinedload(Certificate.person), joinedload(Certificate.organisation)


def batch(code: str, actor: Actor) -> Batch:
    """Return a batch of the actor's own issuing body; raises NotFoundError."""
    found = session.scalar(
        select(Batch)
        .join(IssuingBody, IssuingBody.id == Batch.body_id)
        .where(Batch.code == code, IssuingBody.organisation_id == actor.organisation_id)
    )
    if found is None:
        raise NotFoundError(_l("There is no such batch at your issuing body."))
    return found


def batch_of_job(job: Job) -> Batch:
    """Return the batch that a job issues."""
    return session.execute(select(Batch).where(Batch.code == job.args["batch"])).scalar_one()


def job_of(batch: Batch) -> Job | None:
    """Return the job that issues a batch, None before its approval."""
    return session.scalar(select(Job).where(Job.key == job_key(batch.code)))


def job_key(batch_code: str) -> str:
    """Return the key under which a batch is issued once."""
    return f"credentials.issue.{batch_code}"


def batches(body_id: int, limit: int = 50) -> list[Batch]:
    """Return the latest batches of a body."""
    return list(session.scalars(select(Batch).where(Batch.body_id == body_id).order_by(Batch.id.desc()).limit(limit)))


def _public() -> Select[Certificate]:
    return select(Certificate).where(Certificate.state.in_(PUBLIC_STATES))


def _shown() -> Select[Certificate]:
    """Select what anyone may be shown: of a person whose data was erased nothing is left to show."""
    return _public().where(Certificate.credential != ERASED)


def certificate(code: str) -> Certificate:
    """Return a published or revoked certificate for anyone; raises NotFoundError."""
    found = session.scalar(_shown().where(Certificate.code == code))
    if found is None:
        raise NotFoundError(_l("No certificate was issued under this address. Check that it is complete."))
    return found


def own_certificate(code: str, actor: Actor) -> Certificate:
    """Return a certificate that the actor's issuing body issued; raises NotFoundError."""
    found = session.scalar(
        _public()
        .join(IssuingBody, IssuingBody.id == Certificate.body_id)
        .options(
            *_holders_of(),
            joinedload(Certificate.body).joinedload(IssuingBody.organisation),
            joinedload(Certificate.former),
        )
        .where(Certificate.code == code, IssuingBody.organisation_id == actor.organisation_id)
    )
    if found is None:
        raise NotFoundError(_l("Your issuing body issued no such certificate."))
    return found


def held_by(holder: Holder) -> list[Certificate]:
    """Return the certificates of a person or an organisation, the latest first."""
    return list(session.scalars(_public().where(holder.owns(Certificate)).order_by(Certificate.id.desc())))


def by_reference(reference: str) -> Certificate | None:
    """Return the certificate with a code or a unified number, a standing one before a revoked one."""
    matches = or_(Certificate.code == reference, Certificate.number == reference.upper())
    order = (Certificate.state == CertificateState.REVOKED, Certificate.id.desc())
    return session.scalars(_shown().where(matches).order_by(*order).limit(1)).first()


def lists_of_batch(batch_id: int) -> list[StatusList]:
    """Return the status lists that hold certificates of a batch."""
    held = select(Certificate.status_list_id).where(Certificate.batch_id == batch_id)
    return list(session.scalars(select(StatusList).where(StatusList.id.in_(held))))


def by_code(code: str) -> Certificate | None:
    """Return the published or revoked certificate with a code, None where there is none."""
    return session.scalar(_public().where(Certificate.code == code))


def pdf_of(certificate: Certificate) -> StoredFile | None:
    """Return the stored PDF of a certificate, None where it was issued without one."""
    return session.get(StoredFile, certificate.pdf_file_id) if certificate.pdf_file_id else None

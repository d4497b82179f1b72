"""Issuing step by step: store, lint, sign, render, publish; each its own act, each safe to repeat."""

import json
from datetime import datetime

from sqlalchemy import select

from app.core import events
from app.core.config import settings
from app.core.db import session
from app.core.errors import InvalidError
from app.core.events import Subject
from app.core.files import StoredFile
from app.core.signing import Signer
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import Batch, Certificate, CertificateRequest, IssuingBody, StatusList
from app.credentials.rules.lint import lint
from app.credentials.rules.openbadge import StatusEntry, build_credential, read_certificate
from app.credentials.rules.proof import sign_document
from app.credentials.rules.status_list import LENGTH, PURPOSE, choose_index, set_bits
from app.credentials.rules.templates import end_of, first_instant
from app.credentials.services.batches import subject as batch_subject
from app.credentials.services.drafts import facts_of, fields_of, template_of, tools
from app.credentials.states import BATCH, CERTIFICATE

FULL = LENGTH // 2
"""Indexes are drawn at random, so a list is closed at half: draws stay few and strangers stay mixed."""


def subject(certificate: Certificate) -> Subject:
    """Name a certificate in events."""
    return Subject("certificate", certificate.code)


def store(request: CertificateRequest, batch: Batch, *, at: datetime) -> Certificate:
    """Keep a certificate, unsigned, with its address and its place in a status list."""
    fields = fields_of(request)
    listed = _current_list(batch.body, at=at)
    certificate = Certificate(
        request_id=request.id,
        batch_id=batch.id,
        body_id=batch.body_id,
        kind=request.kind,
        person_id=request.person_id,
        organisation_id=request.organisation_id,
        template_version_id=template_of(request).id,
        level=fields.level,
        number=fields.number,
        fields=request.fields,
        valid_from=first_instant(fields.valid_from),
        valid_until=end_of(fields.valid_until),
        status_list_id=listed.id,
        status_index=choose_index(lambda index: queries.index_taken(listed.id, index)),
        document={},
        stored_at=at,
    )
    session.add(certificate)
    listed.used += 1
    session.flush()
    status = StatusEntry(list_url(listed), certificate.status_index)
    facts = facts_of(request, batch.body, settings().public_url, code=certificate.code, status=status)
    certificate.document = build_credential(facts)
    session.flush()
    return certificate


def list_url(listed: StatusList) -> str:
    """Return the address under which a status list is published."""
    return f"{settings().public_url}/status/{listed.code}"


def _current_list(body: IssuingBody, *, at: datetime) -> StatusList:
    """Return the list that new certificates of a body go into; a full one is followed by a fresh one."""
    query = select(StatusList).where(StatusList.body_id == body.id, StatusList.used < FULL)
    found = session.scalars(query.order_by(StatusList.id).limit(1)).first()
    if found is not None:
        return found
    opened = StatusList(body_id=body.id, purpose=PURPOSE, bits=set_bits([]), changed_at=at)
    session.add(opened)
    session.flush()
    return opened


def lint_stored(certificate: Certificate, *, at: datetime) -> None:
    """Lint exactly what will be signed; raises InvalidError with the first finding."""
    facts = read_certificate(certificate.document)
    findings = lint(facts, tools(duplicate=queries.other_standing(certificate, at)))
    if findings:
        raise InvalidError(
            _l(
                "Certificate %(code)s failed the check: %(finding)s.",
                code=certificate.code,
                finding=findings[0].code,
            )
        )
    certificate.linted_at = at


def sign(certificate: Certificate, signer: Signer, *, at: datetime) -> None:
    """Sign a linted certificate; the schema refuses one that was not."""
    signed = sign_document(certificate.document, signer, created=at)
    CERTIFICATE.move(
        certificate,
        "sign",
        credential=json.dumps(signed, ensure_ascii=False, separators=(",", ":")),
        key_id=signer.key_id,
        signed_at=at,
    )


def attach_pdf(certificate: Certificate, stored: StoredFile | None, *, at: datetime) -> None:
    """Keep the PDF of a certificate; None says that this machine cannot render one."""
    certificate.pdf_file_id = stored.id if stored else None
    certificate.rendered_at = at


def publish(certificate: Certificate, *, at: datetime) -> None:
    """Let anyone see and verify a certificate from now on; rooms above hear of it."""
    CERTIFICATE.move(certificate, "publish", published_at=at)
    session.flush()
    events.record("credentials.published", subject(certificate), by=None, at=at, data=source_data(certificate))


def source_data(certificate: Certificate) -> dict[str, str]:
    """Return what an event says of a certificate: its kind, number and the record it certifies."""
    request = session.get_one(CertificateRequest, certificate.request_id)
    return {
        "kind": certificate.kind.value,
        "number": certificate.number or "",
        "source_type": request.source_type,
        "source_code": request.source_code,
    }


def finish(batch: Batch, *, at: datetime) -> None:
    """Close a batch in which every certificate is published."""
    BATCH.move(batch, "finish", issued_at=at)
    session.flush()
    events.record("credentials.batch_issued", batch_subject(batch), by=None, at=at, data={"count": batch.size})

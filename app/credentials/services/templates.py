"""Templates of certificates: shipped ones loaded, drafts written by one person and confirmed by another."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.core import events
from app.core.db import session
from app.core.events import Subject
from app.credentials.models import Batch, Certificate, CertificateRequest, CertificateTemplate
from app.credentials.models.templates import ANY_LEVEL
from app.credentials.queries import templates as queries
from app.credentials.rules.template_files import shipped_template
from app.credentials.states import CertificateKind, TemplateState

FIRST = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """How a certificate is drawn: a page with named fields to fill, and its style sheet."""

    html: str
    css: str


def subject(template: CertificateTemplate) -> Subject:
    """Name a version of a template in events and to-dos."""
    return Subject("certificate_template", template.code)


def load_shipped(*, at: datetime) -> int:
    """Put the shipped template of every kind that has none into force as its version 1; return how many those were."""
    made = 0
    for kind in CertificateKind:
        if queries.highest_number(kind, ANY_LEVEL):
            continue
        found = shipped_template(kind)
        version = CertificateTemplate(
            kind=kind,
            number=FIRST,
            state=TemplateState.CONFIRMED,
            tag=found.tag,
            source_zh=found.source_zh,
            source_en=found.source_en,
            wording=found.wording.model_dump(),
            valid_months=found.terms.valid_months,
            may_renew=found.terms.renew_from_days is not None,
            renew_from_days=found.terms.renew_from_days,
            html=found.html,
            css=found.css,
            shipped=True,
            drafted_at=at,
            confirmed_at=at,
        )
        session.add(version)
        session.flush()
        events.record("credentials.template_loaded", subject(version), by=None, at=at, data={"kind": kind.value})
        made += 1
    return made


def pin_batch(batch: Batch) -> None:
    """Tie the requests of a batch to the versions in force: what is approved is what is issued."""
    level = CertificateRequest.fields["level"].as_string()
    mine = CertificateRequest.batch_id == batch.id
    for one in session.scalars(select(level).where(mine).distinct()).all():
        pin = update(CertificateRequest).where(mine, level.is_not_distinct_from(one))
        values = pin.values(template_version_id=queries.current(batch.kind, one).id)
        session.execute(values.execution_options(synchronize_session=False))


def layout_of(certificate: Certificate) -> Layout:
    """Return the layout that a certificate was issued under; of an older one the layout in force."""
    pinned = certificate.template_version_id
    found = (
        session.get_one(CertificateTemplate, pinned)
        if pinned is not None
        else queries.current(certificate.kind, certificate.level)
    )
    return Layout(found.html, found.css)

"""Templates of certificates: shipped ones loaded, drafts written by one person and confirmed by another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.core import events
from app.core.db import session
from app.core.events import Subject
from app.credentials.models import Certificate, CertificateRequest, CertificateTemplate
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


def pin(requests: Iterable[CertificateRequest]) -> None:
    """Tie requests that go into a batch to the versions in force: what is approved is what is issued."""
    known: dict[tuple[CertificateKind, str | None], CertificateTemplate] = {}
    for request in requests:
        what = (request.kind, request.fields.get("level"))
        if what not in known:
            known[what] = queries.current(*what)
        request.template = known[what]


def unpin(request: CertificateRequest) -> None:
    """Free a request that waits again from the version it was tied to."""
    request.template = None


def layout_of(certificate: Certificate) -> Layout:
    """Return the layout that a certificate was issued under; of an older one the layout in force."""
    pinned = certificate.template_version_id
    found = (
        session.get_one(CertificateTemplate, pinned)
        if pinned is not None
        else queries.current(certificate.kind, certificate.level)
    )
    return Layout(found.html, found.css)

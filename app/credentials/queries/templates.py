"""Reads of templates: the current version of a kind and level, its terms, every version with its state."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer_group

from app.core.db import session
from app.core.errors import NotFoundError, UnavailableError
from app.core.text import _l
from app.credentials.models.records import IssuingBody
from app.credentials.models.templates import ANY_LEVEL, CertificateTemplate
from app.credentials.queries.trust import authority_did
from app.credentials.rules.layout import Fault as LayoutFault
from app.credentials.rules.layout import Layout
from app.credentials.rules.layout import faults_of as faults_of_layout
from app.credentials.rules.openbadge import Bilingual
from app.credentials.rules.template_files import shipped_template
from app.credentials.rules.template_wording import Fault as WordFault
from app.credentials.rules.template_wording import Wording, faults_of_words
from app.credentials.rules.templates import Terms
from app.credentials.states import CertificateKind, TemplateState


def current(kind: CertificateKind, level: str | None) -> CertificateTemplate:
    """Return the version that certificates of a kind and level are issued under now.

    A template of the level itself comes before the one of every level. Raises UnavailableError where the
    shipped templates were not loaded.
    """
    found = current_or_none(kind, level)
    if found is None:
        raise UnavailableError(
            _l("No template is in force for this kind of certificate. Load the shipped ones with the set-up.")
        )
    return found


def current_or_none(kind: CertificateKind, level: str | None) -> CertificateTemplate | None:
    """Return the version in force for a kind and level, None where there is none."""
    query = select(CertificateTemplate).where(
        CertificateTemplate.kind == kind,
        CertificateTemplate.level.in_({level or ANY_LEVEL, ANY_LEVEL}),
        CertificateTemplate.state == TemplateState.CONFIRMED,
    )
    return session.scalars(query.order_by(CertificateTemplate.level.desc()).limit(1)).first()


def wording_in_force(kind: CertificateKind, level: str | None) -> Wording:
    """Return the words in force for a kind and level, the shipped ones before the first was put into force."""
    found = current_or_none(kind, level)
    return shipped_template(kind).wording if found is None else wording_of(found)


def wording_of(template: CertificateTemplate) -> Wording:
    """Return the words of a version."""
    return Wording.model_validate(template.wording)


def terms_of(kind: CertificateKind, level: str | None) -> Terms:
    """Return how long certificates of a kind and level hold and how they are renewed, by the version in force.

    Raises UnavailableError where no template is in force.
    """
    return terms_under(current(kind, level), level)


def terms_under(template: CertificateTemplate, level: str | None) -> Terms:
    """Return the terms of one version."""
    takes = wording_of(template).pair("renewal")
    return Terms(
        kind=template.kind,
        level=level,
        valid_months=template.valid_months,
        may_renew=template.may_renew,
        renew_from_days=template.renew_from_days,
        takes=Bilingual(takes.zh, takes.en) if template.may_renew else None,
        template=template.code,
    )


def authority_id() -> int | None:
    """Return the organisation whose issuers write templates: the one that issues under the identity of the site."""
    return session.scalar(select(IssuingBody.organisation_id).where(IssuingBody.did == authority_did()))


def faults(template: CertificateTemplate) -> tuple[list[WordFault], Sequence[LayoutFault]]:
    """Return what is wrong with the words and with the layout of a version, as far as the text alone shows."""
    words = faults_of_words(template.wording, template.kind, may_renew=template.may_renew)
    return words, faults_of_layout(Layout(template.html, template.css))


def versions() -> list[CertificateTemplate]:
    """Return every version of every template, those in force first, with their authors."""
    query = select(CertificateTemplate).options(joinedload(CertificateTemplate.author))
    order = (CertificateTemplate.kind, CertificateTemplate.level, CertificateTemplate.number.desc())
    return list(session.scalars(query.order_by(*order)))


def template(code: str) -> CertificateTemplate:
    """Return one version with its layout; raises NotFoundError."""
    query = select(CertificateTemplate).options(undefer_group("layout")).where(CertificateTemplate.code == code)
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such version of a template."))
    return found


def highest_number(kind: CertificateKind, level: str) -> int:
    """Return the number of the latest version of a kind and level, 0 before the first."""
    query = select(CertificateTemplate.number).where(
        CertificateTemplate.kind == kind, CertificateTemplate.level == level
    )
    return session.scalar(query.order_by(CertificateTemplate.number.desc()).limit(1)) or 0


def in_force(kind: CertificateKind, level: str) -> list[CertificateTemplate]:
    """Return the version of exactly this kind and level that is in force, if there is one."""
    query = select(CertificateTemplate).where(
        CertificateTemplate.kind == kind,
        CertificateTemplate.level == level,
        CertificateTemplate.state == TemplateState.CONFIRMED,
    )
    return list(session.scalars(query))


def drafts() -> list[CertificateTemplate]:
    """Return the drafts that wait for a second person."""
    return list(session.scalars(select(CertificateTemplate).where(CertificateTemplate.state == TemplateState.DRAFT)))


def draft_for(kind: CertificateKind, level: str) -> CertificateTemplate | None:
    """Return the draft that waits for a kind and level, None where none does."""
    query = select(CertificateTemplate).where(
        CertificateTemplate.kind == kind,
        CertificateTemplate.level == level,
        CertificateTemplate.state == TemplateState.DRAFT,
    )
    return session.scalar(query)

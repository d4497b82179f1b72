"""Templates of certificates: shipped ones loaded, drafts written by one person and confirmed by another."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.accounts.states import Role
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.credentials.access import confirms_templates, designs
from app.credentials.models import Batch, Certificate, CertificateRequest, CertificateTemplate
from app.credentials.models.templates import ANY_LEVEL, FIXED
from app.credentials.queries import templates as queries
from app.credentials.rules.layout import Layout
from app.credentials.rules.template_files import shipped_template
from app.credentials.rules.template_wording import names_document
from app.credentials.states import OF_LEVELS, TEMPLATE, CertificateKind, TemplateState
from app.desk import services as desk
from app.rulebook import queries as rulebook
from app.rulebook.states import Tag

FIRST = 1
OFFICIAL_NEEDS = _l("Official is only what an issued document sets: name it with its year in both languages.")
MAY_NOT = _l("Issuers of the authority and system administrators write templates; they bind every issuing body.")


@dataclass(frozen=True, slots=True)
class Content:
    """What a draft says, as it was typed: a draft keeps what is not right yet."""

    wording: dict[str, str]
    html: str
    css: str
    source: tuple[str, str]
    valid_months: int | None
    renew_from_days: int | None
    tag: str = Tag.SAMPLE.value


def start_draft(template: CertificateTemplate, *, level: str, by: Actor, at: datetime) -> CertificateTemplate:
    """Begin the next version of a template, for its own level or another, with what a version says.

    Raises ForbiddenError for who writes no templates, InvalidError for a level that the kind has not, ConflictError
    where a draft of that kind and level waits already.
    """
    if not designs(by, queries.authority_id()):
        raise ForbiddenError(MAY_NOT)
    if level != ANY_LEVEL and (template.kind not in OF_LEVELS or level not in rulebook.levels()):
        raise InvalidError(_l("Certificates of this kind have no such level. Choose from the list."), field="level")
    if queries.draft_for(template.kind, level) is not None:
        raise ConflictError(_l("A draft for this kind and level waits already. Open it in the list."))
    draft = CertificateTemplate(
        kind=template.kind,
        level=level,
        number=queries.highest_number(template.kind, level) + 1,
        tag=template.tag,
        source_zh=template.source_zh,
        source_en=template.source_en,
        wording=dict(template.wording),
        valid_months=template.valid_months,
        may_renew=template.may_renew,
        renew_from_days=template.renew_from_days,
        html=template.html,
        css=template.css,
        based_on_id=template.id,
        drafted_by_id=by.person_id,
        drafted_at=at,
    )
    session.add(draft)
    session.flush()
    events.record("credentials.template_drafted", subject(draft), by=by, at=at, data={"based_on": template.code})
    _ask_second(draft, at=at)
    return draft


def _ask_second(draft: CertificateTemplate, *, at: datetime) -> None:
    authority = queries.authority_id()
    if authority is not None:
        desk.open_todo(
            "credentials.confirm_template",
            subject(draft),
            url=f"/issuing/templates/{draft.code}",
            at=at,
            role=Role.ISSUER,
            organisation_id=authority,
            not_person_id=draft.drafted_by_id,
            params={"number": str(draft.number)},
        )


def save_draft(draft: CertificateTemplate, content: Content, *, by: Actor, at: datetime) -> None:
    """Keep what the author typed, whether it may be confirmed already or not.

    Raises ForbiddenError for anybody but the author, ConflictError where it is no draft any more.
    """
    _own_draft(draft, by)
    _put(content, draft)
    session.flush()
    events.record("credentials.template_changed", subject(draft), by=by, at=at)


def _put(content: Content, draft: CertificateTemplate) -> None:
    draft.wording = content.wording
    draft.html, draft.css = content.html, content.css
    draft.tag = content.tag
    draft.source_zh, draft.source_en = content.source
    draft.valid_months = content.valid_months
    draft.renew_from_days = content.renew_from_days
    draft.may_renew = content.renew_from_days is not None


def as_typed(draft: CertificateTemplate, content: Content, *, by: Actor) -> CertificateTemplate:
    """Return what a draft would be if it were saved now, for a preview; nothing of it is kept.

    Raises as `save_draft`.
    """
    _own_draft(draft, by)
    shown = CertificateTemplate(kind=draft.kind, level=draft.level, number=draft.number)
    _put(content, shown)
    return shown


def _own_draft(draft: CertificateTemplate, by: Actor) -> None:
    if draft.state is not TemplateState.DRAFT:
        raise ConflictError(_l("This version is no draft any more. Begin a new draft from it."))
    if draft.drafted_by_id != by.person_id or not designs(by, queries.authority_id()):
        raise ForbiddenError(_l("Only its author changes a draft; a second person confirms it."))


def discard_draft(draft: CertificateTemplate, *, by: Actor, at: datetime) -> None:
    """Give a draft up; it stays on record and never comes into force."""
    _own_draft(draft, by)
    TEMPLATE.move(draft, "discard", retired_at=at)
    session.flush()
    events.record("credentials.template_discarded", subject(draft), by=by, at=at)
    desk.close_todos(subject(draft), at=at)


def confirm(draft: CertificateTemplate, *, seen: str, by: Actor, at: datetime) -> None:
    """Put a draft into force as a second person; certificates issued before keep the version they have.

    `seen` is the digest of the version that the person looked at (`digest`), which was drawn and found good. Raises
    ForbiddenError for the author and for who is no issuer of the authority, InvalidError while something is wrong,
    ConflictError where the draft changed since.
    """
    if by.person_id == draft.drafted_by_id:
        raise ForbiddenError(_l("You wrote this version, so a second person confirms it."))
    if not confirms_templates(by, queries.authority_id()):
        raise ForbiddenError(_l("An issuer of the authority confirms templates."))
    if draft.tag == Tag.OFFICIAL and not names_document(draft.source_zh, draft.source_en):
        raise InvalidError(OFFICIAL_NEEDS)
    if seen != digest(draft):
        raise ConflictError(_l("The draft changed after you opened it. Reload the page and look at it again."))
    words, layout = queries.faults(draft)
    if words or layout:
        raise InvalidError(_l("Something is wrong with this version; the list says what. Its author corrects it."))
    _retire_earlier(draft, by=by, at=at)
    TEMPLATE.move(draft, "confirm", confirmed_by_id=by.person_id, confirmed_at=at)
    session.flush()
    events.record("credentials.template_confirmed", subject(draft), by=by, at=at, data={"number": draft.number})
    desk.close_todos(subject(draft), at=at)


def _retire_earlier(draft: CertificateTemplate, *, by: Actor, at: datetime) -> None:
    for earlier in queries.in_force(draft.kind, draft.level):
        TEMPLATE.move(earlier, "retire", retired_at=at)
        session.flush()
        events.record("credentials.template_retired", subject(earlier), by=by, at=at)


def digest(template: CertificateTemplate) -> str:
    """Return all that a version says as a digest, so that nothing else is confirmed than what was seen and drawn."""
    said = {name: getattr(template, name) for name in FIXED}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


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

"""What the credentials room puts on desks: to-dos that must be open, notices, numbers."""

from collections.abc import Sequence

from sqlalchemy import ScalarSelect, func, select

from app.accounts.queries import members_of
from app.accounts.states import Role
from app.core.access import Actor
from app.core.db import session
from app.core.events import Event
from app.core.text import _l
from app.credentials.access import Permission
from app.credentials.models import Batch, Certificate, CertificateRequest, IssuingBody
from app.credentials.queries import templates
from app.credentials.services.batches import subject as of_batch
from app.credentials.services.bodies import subject as of_body
from app.credentials.services.templates import subject as of_template
from app.credentials.states import BatchState, CertificateState, RequestState
from app.desk.kinds import Expected, NoticeKind, NumberTile, Told


def expected() -> set[Expected]:
    """Return the to-dos that follow from requests and batches: both wait for the issuers of their body."""
    waits = select(CertificateRequest.id).where(
        CertificateRequest.body_id == IssuingBody.id, CertificateRequest.state == RequestState.OPEN
    )
    bodies = session.scalars(select(IssuingBody).where(waits.exists()))
    authority = templates.authority_id()
    linted = (Batch.state == BatchState.PREPARED, Batch.linted_at.is_not(None))
    batches = session.scalars(select(Batch).where(*linted))
    return (
        {
            Expected("credentials.prepare", of_body(body), role=Role.ISSUER, organisation_id=body.organisation_id)
            for body in bodies
        }
        | {
            Expected("credentials.approve", of_batch(one), role=Role.ISSUER, organisation_id=one.body.organisation_id)
            for one in batches
        }
        | {
            Expected("credentials.confirm_template", of_template(one), role=Role.ISSUER, organisation_id=authority)
            for one in (templates.drafts() if authority is not None else ())
        }
    )


def _holder(happened: Event) -> list[Told]:
    """Tell the holder; of an organisation whoever administers the base."""
    query = select(Certificate.person_id, Certificate.organisation_id)
    url = f"/credentials/{happened.subject_code}"
    told: list[Told] = []
    for person_id, organisation_id in session.execute(query.where(Certificate.code == happened.subject_code)):
        if person_id is not None:
            told.append(Told(person_id, url))
        elif organisation_id is not None:
            told += [Told(row.person_id, url) for row in members_of(organisation_id) if row.role is Role.BASE]
    return told


def _holders(happened: Sequence[Event]) -> dict[int, list[Told]]:
    query = select(Certificate.code, Certificate.person_id)
    codes = [one.subject_code for one in happened]
    held = dict(session.execute(query.where(Certificate.code.in_(codes))).all())
    return {one.id: _told(one, held.get(one.subject_code)) for one in happened}


def _told(happened: Event, person_id: int | None) -> list[Told]:
    return _holder(happened) if person_id is None else [Told(person_id, f"/credentials/{happened.subject_code}")]


NOTICES = (
    NoticeKind(
        "credentials.published",
        "credentials.published",
        label=_l("A certificate was issued to you"),
        sentence=_l("A certificate was issued to you. Anyone can check it."),
        told=_holder,
        mail=True,
        told_of_all=_holders,
    ),
    NoticeKind(
        "credentials.revoked",
        "credentials.revoked",
        label=_l("A certificate of yours was revoked"),
        sentence=_l("A certificate of yours was revoked. Read the reason and what you can do."),
        told=_holder,
        mail=True,
        sms=True,
    ),
)


def _own(actor: Actor) -> ScalarSelect[int]:
    held = (Certificate.person_id == actor.person_id) & (Certificate.state == CertificateState.PUBLISHED)
    return select(func.count()).select_from(Certificate).where(held).scalar_subquery()


def _waiting(actor: Actor) -> ScalarSelect[int]:
    query = (
        select(func.count())
        .select_from(CertificateRequest)
        .join(IssuingBody, IssuingBody.id == CertificateRequest.body_id)
        .where(
            CertificateRequest.state == RequestState.OPEN, IssuingBody.organisation_id == (actor.organisation_id or 0)
        )
    )
    return query.scalar_subquery()


def _valid(actor: Actor) -> ScalarSelect[int]:
    query = (
        select(func.count())
        .select_from(Certificate)
        .join(IssuingBody, IssuingBody.id == Certificate.body_id)
        .where(
            Certificate.state == CertificateState.PUBLISHED, IssuingBody.organisation_id == (actor.organisation_id or 0)
        )
    )
    return query.scalar_subquery()


NUMBERS = (
    NumberTile(_l("My certificates that were not revoked"), Permission.HOLD, _own, "credentials.mine"),
    NumberTile(_l("Requests that wait for a batch"), Permission.PREPARE, _waiting, "credentials.desk"),
    NumberTile(_l("Certificates of my body in force"), Permission.REVOKE, _valid, "credentials.issued"),
)

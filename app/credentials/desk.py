"""What the credentials room puts on desks: to-dos that must be open, notices, numbers."""

from collections.abc import Sequence

from sqlalchemy import ScalarSelect, func, select

from app.accounts.queries import members_of
from app.accounts.states import Role
from app.core.access import Actor
from app.core.clock import real_now
from app.core.db import session
from app.core.events import Event
from app.core.text import _l
from app.credentials.access import Permission
from app.credentials.models import Batch, BulkChange, Certificate, CertificateRequest, IssuingBody
from app.credentials.notices import OF_CHANGES
from app.credentials.queries import authority_body, body_orders, templates
from app.credentials.queries.delegations import waiting_delegations
from app.credentials.queries.keys import waiting_orders
from app.credentials.queries.readers import readers
from app.credentials.services.batches import subject as of_batch
from app.credentials.services.bodies import subject as of_body
from app.credentials.services.body_orders import subject as of_body_order
from app.credentials.services.bulk import subject as of_change
from app.credentials.services.delegations import subject as of_delegation
from app.credentials.services.keys import subject as of_order
from app.credentials.services.seal_ends import endings
from app.credentials.services.templates import subject as of_template
from app.credentials.states import STANDING, BatchState, CertificateState, ChangeState, RequestState
from app.desk.kinds import Expected, NoticeKind, NumberTile, Told

STANDS = Certificate.state != CertificateState.REVOKED
"""Whoever holds a certificate that was revoked since is told of that alone."""


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
        _expected_decisions()
        | {
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


def _expected_decisions() -> set[Expected]:
    """Changes and orders on keys wait for the issuers of their body, delegations for those of the authority."""
    proposed = session.scalars(select(BulkChange).where(BulkChange.state == ChangeState.PROPOSED))
    waiting = {
        Expected(
            "credentials.approve_change", of_change(one), role=Role.ISSUER, organisation_id=one.body.organisation_id
        )
        for one in proposed
    } | {
        Expected("credentials.key_order", of_order(one), role=Role.ISSUER, organisation_id=one.body.organisation_id)
        for one in waiting_orders()
    }
    waiting |= {
        Expected(one.kind, of_body(one.body), role=Role.ISSUER, organisation_id=one.body.organisation_id)
        for one in endings(real_now())
    }
    authority = authority_body()
    if authority is None:
        return waiting
    waiting |= {
        Expected(
            "credentials.body_order", of_body_order(one), role=Role.ISSUER, organisation_id=authority.organisation_id
        )
        for one in body_orders.waiting_orders()
    }
    return waiting | {
        Expected(
            "credentials.delegate", of_delegation(one), role=Role.ISSUER, organisation_id=authority.organisation_id
        )
        for one in waiting_delegations()
    }


def _holders(happened: Sequence[Event]) -> dict[int, list[Told]]:
    """Tell the holders of certificates that follow none; of the others another notice tells."""
    first = {one.id: one.subject_code for one in happened if "succession" not in one.data}
    listed = readers(set(first.values()), STANDS)
    return {
        key: [Told(to.person_id, f"/credentials/{code}") for to in listed.get(code, [])] for key, code in first.items()
    }


def _first(happened: Event) -> list[Told]:
    """Tell the holder of a certificate that follows none."""
    return _holders([happened]).get(happened.id, [])


def _issuers(happened: Event) -> list[Told]:
    """Tell the issuers of a body of its seal."""
    query = select(IssuingBody.organisation_id).where(IssuingBody.slug == happened.subject_code)
    params = {"day": str(happened.data.get("day", ""))}
    return [
        Told(row.person_id, "/issuing/keys", params)
        for one in session.scalars(query)
        for row in members_of(one)
        if row.role is Role.ISSUER
    ]


NOTICES = (
    NoticeKind(
        "credentials.seal_ending",
        "credentials.seal_ending",
        label=_l("The certificate of the seal ends soon"),
        sentence=_l("The certificate of the seal ends on %(day)s. Ask for another one before and hand in its chain."),
        told=_issuers,
        mail=True,
    ),
    NoticeKind(
        "credentials.seal_revoked",
        "credentials.seal_revoked",
        label=_l("An authority revoked a certificate of the seal"),
        sentence=_l("An authority revoked a certificate of your seal. Nothing is sealed until you replace it."),
        told=_issuers,
        mail=True,
    ),
    NoticeKind(
        "credentials.published",
        "credentials.published",
        label=_l("A certificate was issued to you"),
        sentence=_l("A certificate was issued to you. Anyone can check it."),
        told=_first,
        mail=True,
        told_of_all=_holders,
    ),
    *OF_CHANGES,
)


def _own(actor: Actor) -> ScalarSelect[int]:
    held = (Certificate.person_id == actor.person_id) & Certificate.state.in_(STANDING)
    return select(func.count()).select_from(Certificate).where(held).scalar_subquery()


def _of_organisation(actor: Actor) -> ScalarSelect[int]:
    held = (Certificate.organisation_id == (actor.organisation_id or 0)) & Certificate.state.in_(STANDING)
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
    NumberTile(
        _l("Certificates of my organisation that were not revoked"),
        Permission.HOLD_FOR_ORGANISATION,
        _of_organisation,
        "credentials.organisation_mine",
    ),
    NumberTile(_l("Requests that wait for a batch"), Permission.PREPARE, _waiting, "credentials.desk"),
    NumberTile(_l("Certificates of my body in force"), Permission.REVOKE, _valid, "credentials.issued"),
)

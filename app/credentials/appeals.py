"""The appeal against a suspension or revocation: the authority hears it, never who decided; upheld, it takes effect."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation
from app.accounts.states import NATION
from app.cases.kinds import About, Authority, CaseKind
from app.cases.models import Case
from app.cases.states import Instance
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.credentials.access import Permission
from app.credentials.models import Certificate
from app.credentials.services import succession, suspension
from app.credentials.services.issuing import source_data, subject
from app.credentials.states import CertificateState, RevocationReason

APPEAL = "credentials.appeal"
OF_THE_DOCUMENT = frozenset({RevocationReason.SUPERSEDED, RevocationReason.KEY_COMPROMISED})
"""Reasons that take nothing from the holder: another certificate stands in its place."""


def may_be_appealed(certificate: Certificate) -> bool:
    """Tell whether there is a decision against the holder: a suspension, or a revocation for a cause."""
    if certificate.person_id is None:
        return False
    if certificate.state is CertificateState.SUSPENDED:
        return True
    return certificate.state is CertificateState.REVOKED and certificate.revoked_for not in OF_THE_DOCUMENT


def _of_code(code: str) -> Certificate:
    query = select(Certificate).options(joinedload(Certificate.person)).where(Certificate.code == code)
    found = session.scalar(query)
    if found is None or not may_be_appealed(found):
        raise NotFoundError(_l("There is no suspension or revocation of yours at this address."))
    return found


def _about(code: str) -> About:
    found = _of_code(code)
    organisation = session.get_one(Organisation, found.body.organisation_id)
    region = organisation.region_code
    decided_at = found.revoked_at or found.suspended_at
    deciders = {one for one in (found.revoked_by_id, found.suspended_by_id) if one is not None}
    number = found.number or found.code
    return About(
        subject=subject(found),
        # zh: the name of a record in both languages
        name_zh=f"证书{number}",
        name_en=f"Certificate {number}",
        url=f"/my/certificates/{code}/change",
        region_code=region,
        authority=Authority(region if region == NATION else f"{region[:2]}0000"),
        since=day_of(decided_at) if decided_at else None,
        person_id=found.person_id,
        deciders=frozenset(deciders),
    )


def _may_appeal(actor: Actor | None, about: About) -> bool:
    return actor is not None and actor.may(Permission.HOLD) and actor.person_id == about.person_id


def _upheld(case: Case, by: Actor, at: datetime) -> None:
    """Let a suspended certificate count again; ask for a new one where it was revoked, which is never taken back."""
    found = session.scalar(select(Certificate).where(Certificate.code == case.subject_code))
    if found is None or not may_be_appealed(found):
        return
    if found.state is CertificateState.SUSPENDED:
        suspension.set_aside(found, reason=case.reasons or "", by=by, at=at)
        return
    events.record("credentials.set_aside", subject(found), by=by, at=at, data=source_data(found), reason=case.reasons)
    succession.ask_after_appeal(found, by=by, at=at)


KIND = CaseKind(
    name=APPEAL,
    letters="ZS",
    label=_l("Appeal against the suspension or revocation of a certificate"),
    ladder=(Instance.APPEAL,),
    about=_about,
    may_raise=_may_appeal,
    who=_l("The holder appeals against the suspension or revocation of their own certificate."),
    hint=_l("Say what is wrong with the decision. The authority hears it; whoever decided does not."),
    on_upheld=_upheld,
)

"""Reads of delegations: what the authority lets each body issue."""

import json

from sqlalchemy import select

from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.credentials.models import Delegation, IssuingBody
from app.credentials.queries.trust import authority_body, authority_did
from app.credentials.rules.delegation import Endorsement, read_endorsement
from app.credentials.states import DelegationState

PUBLISHED = (DelegationState.IN_FORCE, DelegationState.ENDED)


def authority_of(actor: Actor) -> IssuingBody:
    """Return the authority where the actor issues for it; raises NotFoundError for everyone else."""
    found = authority_body()
    if found is None or found.organisation_id != actor.organisation_id:
        raise NotFoundError(_l("Only the authority of the platform delegates."))
    return found


def delegations() -> list[Delegation]:
    """Return every delegation, the latest first."""
    return list(session.scalars(select(Delegation).order_by(Delegation.id.desc())))


def delegation(code: str) -> Delegation:
    """Return a delegation by its code; raises NotFoundError."""
    found = session.scalar(select(Delegation).where(Delegation.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such delegation."))
    return found


def delegation_of(actor: Actor, code: str) -> Delegation:
    """Return a delegation to who issues for the authority; NotFoundError, the same for all others and for any code."""
    authority_of(actor)
    return delegation(code)


def waiting_delegations() -> list[Delegation]:
    """Return the delegations that wait for a second person."""
    return list(session.scalars(select(Delegation).where(Delegation.state == DelegationState.ASKED)))


def published_delegations(body_id: int | None = None) -> list[Delegation]:
    """Return what the authority signed, of one body or of all, ended ones too, oldest first."""
    query = select(Delegation).where(Delegation.state.in_(PUBLISHED)).order_by(Delegation.id)
    return list(session.scalars(query if body_id is None else query.where(Delegation.body_id == body_id)))


def endorsement_of(found: Delegation) -> JsonObject:
    """Return the signed endorsement of a delegation; raises NotFoundError before it is signed."""
    if found.credential is None:
        raise NotFoundError(_l("There is no such delegation."))
    document: JsonObject = json.loads(found.credential)
    return document


def endorsements_of(body: IssuingBody) -> list[Endorsement]:
    """Return what the authority says of a body."""
    return [read_endorsement(endorsement_of(one)) for one in published_delegations(body.id)]


def bodies_below(authority: IssuingBody) -> list[IssuingBody]:
    """Return every body beside the authority, ended ones too."""
    return list(session.scalars(select(IssuingBody).where(IssuingBody.id != authority.id).order_by(IssuingBody.id)))


def is_self_standing(body: IssuingBody) -> bool:
    """Tell whether a body needs nobody's word: it is the authority, or there is none yet."""
    return body.did == authority_did() or authority_body() is None

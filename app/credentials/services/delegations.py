"""Writes of delegations: asked, signed by the authority on the word of a second person, ended."""

from collections.abc import Sequence
from datetime import date, datetime

from app.accounts.states import Role
from app.core import events
from app.core.access import Actor
from app.core.config import settings
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import Delegation, IssuingBody
from app.credentials.queries import delegations as reads
from app.credentials.rules.delegation import Endorsement, Scope, build_endorsement
from app.credentials.rules.document import write_document
from app.credentials.rules.proof import sign_document
from app.credentials.rules.templates import end_of, first_instant
from app.credentials.services.asking import refuse_asker
from app.credentials.services.bodies import signer_of
from app.credentials.states import DELEGATION, CertificateKind, DelegationState
from app.desk import services as desk
from app.rulebook import queries as rulebook

TODO = "credentials.delegate"


def subject(delegation: Delegation) -> Subject:
    """Name a delegation in events and to-dos."""
    return Subject("delegation", delegation.code)


def ask_delegation(
    body: IssuingBody,
    *,
    kinds: Sequence[CertificateKind],
    levels: Sequence[str],
    first_day: date,
    last_day: date | None,
    by: Actor,
    at: datetime,
) -> Delegation:
    """Ask that the authority let a body issue kinds and levels between two days, as one of the authority's people.

    Raises InvalidError without a kind, for a level that nobody defines or with days that cross, ConflictError where the
    body is the authority itself or another ask of it waits.
    """
    authority = reads.authority_of(by)
    if body.id == authority.id:
        raise ConflictError(_l("The authority issues in its own name and needs no delegation."))
    if not kinds:
        raise InvalidError(_l("Choose at least one kind of certificate."), field="kinds")
    begins, ends = first_instant(first_day), end_of(last_day)
    if ends is not None and ends <= begins:
        raise InvalidError(_l("The last day lies before the first."))
    asked = Delegation(
        body_id=body.id,
        kinds=[kind.value for kind in CertificateKind if kind in kinds],
        levels=_known(levels),
        valid_from=begins,
        valid_until=ends,
        asked_by_id=by.person_id,
        asked_at=at,
    )
    session.add(asked)
    session.flush()
    data = {"body": body.slug, "kinds": asked.kinds, "levels": asked.levels}
    events.record("credentials.delegation_asked", subject(asked), by=by, at=at, data=data)
    desk.open_todo(
        TODO,
        subject(asked),
        url="/issuing/authority",
        at=at,
        role=Role.ISSUER,
        organisation_id=authority.organisation_id,
        not_person_id=by.person_id,
        params={"body_zh": body.name_zh, "body_en": body.name_en},
    )
    return asked


def _known(levels: Sequence[str]) -> list[str]:
    """Return levels in their order; raises InvalidError for one that nobody defines."""
    known = rulebook.levels()
    for level in levels:
        if level not in known:
            raise InvalidError(
                _l("No published rule pack defines the level “%(level)s”. Choose from the list.", level=level),
                field="levels",
            )
    return [level for level in known if level in levels]


def approve_delegation(delegation: Delegation, *, by: Actor, at: datetime) -> None:
    """Let the authority sign a delegation, as the second person.

    Raises ForbiddenError for whoever asked, ConflictError where the body ended since.
    """
    _second(delegation, by)
    if _body(delegation).closed_at is not None:
        raise ConflictError(_l("The authority of this body has ended, so nothing is delegated to it. Refuse it."))
    DELEGATION.move(
        delegation,
        "approve",
        decided_by_id=by.person_id,
        decided_at=at,
        credential=_signed(delegation, delegation.valid_until, at),
    )
    _decided(delegation, "credentials.delegation_signed", by=by, at=at)


def refuse_delegation(delegation: Delegation, *, by: Actor, at: datetime) -> None:
    """Refuse a delegation as the second person."""
    _second(delegation, by)
    DELEGATION.move(delegation, "refuse", decided_by_id=by.person_id, decided_at=at)
    _decided(delegation, "credentials.delegation_refused", by=by, at=at)


def _decided(delegation: Delegation, kind: str, *, by: Actor, at: datetime) -> None:
    session.flush()
    events.record(kind, subject(delegation), by=by, at=at, data={"body": _body(delegation).slug})
    desk.close_todos(subject(delegation), at=at)


def end_delegation(
    delegation: Delegation, *, reason: str, since: datetime | None = None, by: Actor, at: datetime
) -> None:
    """End a delegation at once, or as of an instant before; the endorsement is signed again with that end.

    What came before it stays valid. One person is enough: it only takes away, and a body that must be stopped is
    stopped without waiting.
    """
    reads.authority_of(by)
    over = since or at
    DELEGATION.move(
        delegation,
        "end",
        ended_by_id=by.person_id,
        ended_at=over,
        end_reason=reason,
        credential=_signed(delegation, _end(delegation, over), at),
    )
    _ended(delegation, reason=reason, by=by, at=at)


def _end(delegation: Delegation, over: datetime) -> datetime:
    """Return until when a delegation holds that is over at an instant: never past its own end, nor before it began."""
    until = over if delegation.valid_until is None else min(over, delegation.valid_until)
    return max(until, delegation.valid_from)


def _ended(delegation: Delegation, *, reason: str, by: Actor, at: datetime) -> None:
    session.flush()
    data = {"body": _body(delegation).slug}
    events.record("credentials.delegation_ended", subject(delegation), by=by, at=at, data=data, reason=reason)


def end_all(body: IssuingBody, *, reason: str, since: datetime, by: Actor, at: datetime) -> None:
    """End what the authority delegates to a body, as of an instant; what ended later already ends then."""
    for one in reads.published_delegations(body.id):
        if one.state is DelegationState.IN_FORCE:
            end_delegation(one, reason=reason, since=since, by=by, at=at)
        elif one.ended_at is not None and one.ended_at > since:
            one.ended_at = since
            sign_again(one, at=at)
            _ended(one, reason=reason, by=by, at=at)


def sign_again(delegation: Delegation, *, at: datetime) -> None:
    """Sign an endorsement with the authority's current key: another is distrusted, or its end is another one."""
    ends = delegation.valid_until if delegation.ended_at is None else _end(delegation, delegation.ended_at)
    delegation.credential = _signed(delegation, ends, at)


def _body(delegation: Delegation) -> IssuingBody:
    return session.get_one(IssuingBody, delegation.body_id)


def _signed(delegation: Delegation, ends: datetime | None, at: datetime) -> str:
    authority = queries.authority_body()
    if authority is None:
        raise ConflictError(_l("The platform issues nothing under its own name yet."))
    body = _body(delegation)
    endorsement = Endorsement(
        url=f"{settings().public_url}/issuers/{body.slug}/endorsements/{delegation.code}",
        authority=authority.did,
        body=body.did,
        scope=Scope(tuple(CertificateKind(one) for one in delegation.kinds), tuple(delegation.levels)),
        valid_from=delegation.valid_from,
        valid_until=ends,
    )
    document = sign_document(build_endorsement(endorsement), signer_of(authority), created=at)
    return write_document(document)


def _second(delegation: Delegation, by: Actor) -> None:
    reads.authority_of(by)
    refuse_asker(delegation.asked_by_id, by)

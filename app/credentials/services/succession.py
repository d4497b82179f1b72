"""Certificates made anew: asked for, prepared in a batch that a second person approves, then taking the place."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert

from app.core import events
from app.core.access import Actor
from app.core.columns import JsonObject, new_code
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event
from app.core.text import _l
from app.credentials.models import Certificate, CertificateRequest, IssuingBody
from app.credentials.queries import body_orders as orders
from app.credentials.queries import changes as queries
from app.credentials.queries.records import Holder
from app.credentials.queries.steps import requests_with
from app.credentials.services import renewals, suspension
from app.credentials.services.authority import Certified, certified
from app.credentials.services.batches import checked_fields
from app.credentials.services.handing_over import body_after
from app.credentials.services.issuing import subject
from app.credentials.services.revocation import supersede
from app.credentials.services.sharing import acts_for
from app.credentials.services.waiting import let_prepare, settle_preparing
from app.credentials.states import (
    NOT_OF_BODIES,
    CertificateState,
    ReissueReason,
    RequestState,
    Succession,
)

AT_A_TIME = 500
OF_HOLDERS = frozenset({ReissueReason.NAME_CHANGED})
"""What a holder may ask for; the rest is the issuing body's to see."""


def ask_reissue(
    certificate: Certificate, *, because: ReissueReason, corrected: JsonObject | None = None, by: Actor, at: datetime
) -> CertificateRequest:
    """Ask that a certificate be made anew for the rest of its period, under the same number; asked for once.

    The name is the holder's verified one of the day of issue; `corrected` are fields to correct. Raises ForbiddenError
    for who is neither an issuer of the body nor its holder, ConflictError where it does not stand.
    """
    if because in NOT_OF_BODIES:
        raise ForbiddenError(_l("This follows from what the authority decides. Choose another reason."))
    _check_asks(certificate, by, holder_may=because in OF_HOLDERS)
    known = queries.successor_request(certificate.id)
    if known is not None:
        return known
    _check_stands(certificate, at)
    if because is ReissueReason.NAME_CHANGED and not name_differs(certificate):
        raise ConflictError(_l("The certificate carries the verified name already, so there is nothing to change."))
    fields = _checked(certificate, {**certificate.fields, **(corrected or {})})
    return _ask(certificate, Succession.REISSUE, fields, because=because, by=by, at=at)


def ask_reissue_all(
    asking: Sequence[tuple[Certificate, ReissueReason]], *, by: Actor, at: datetime
) -> list[CertificateRequest]:
    """Ask that certificates of one body be made anew, each for its reason, in as many statements as one.

    The caller has seen that each stands, was not asked for yet, and that its reason fits; raises ConflictError where
    one does not stand.
    """
    for certificate, _because in asking:
        _check_asks(certificate, by, holder_may=False)
        _check_stands(certificate, at)
    wanted = [Asking(one, _checked(one, one.fields), because) for one, because in asking]
    return _ask_all(wanted, Succession.REISSUE, by=by, at=at) if wanted else []


def name_differs(certificate: Certificate) -> bool:
    """Tell whether a certificate names its holder otherwise than the verified name of today."""
    return queries.certified_name(certificate) != verified_name(certificate)


def renamed(ids: Iterable[int]) -> set[int]:
    """Return which certificates name their holder otherwise than the verified name of today: two statements."""
    return {one.id for one in queries.with_holders(ids) if name_differs(one)}


def verified_name(certificate: Certificate) -> tuple[str, str | None]:
    """Return the name that a holder goes by today, and the one in Latin letters or in English."""
    if certificate.person is not None:
        return certificate.person.name, certificate.person.name_latin
    organisation = certificate.organisation
    return (organisation.name_zh, organisation.name_en) if organisation is not None else ("", None)


def ask_renewal(certificate: Certificate, *, by: Actor, at: datetime) -> CertificateRequest:
    """Ask that a certificate be followed by one of the next period, under the same number; asked for once.

    Raises ForbiddenError as `ask_reissue`, InvalidError where it is not renewed or not yet or not any more, or where
    a condition of the rule pack is not met, ConflictError where it was revoked or is suspended.
    """
    _check_asks(certificate, by, holder_may=True)
    known = queries.successor_request(certificate.id)
    if known is not None:
        return known
    _check_stands(certificate, at, expired_too=True)
    considered = renewals.consider(certificate, at)
    period = considered.granted()
    renewals.record(considered, by=by, at=at)
    fields = {**certificate.fields, "valid_from": str(period.first), "valid_until": str(period.last)}
    return _ask(certificate, Succession.RENEWAL, _checked(certificate, fields), by=by, at=at)


def _check_asks(certificate: Certificate, by: Actor, *, holder_may: bool) -> None:
    issuer = by.organisation_id is not None and by.organisation_id == certificate.body.organisation_id
    holder = holder_may and acts_for(Holder(certificate.person_id, certificate.organisation_id), by)
    if not issuer and not holder:
        raise ForbiddenError(_l("Only its holder or an issuer of its body asks that a certificate be made anew."))


def _check_stands(certificate: Certificate, at: datetime, *, expired_too: bool = False) -> None:
    if certificate.state is CertificateState.SUSPENDED:
        raise ConflictError(_l("The certificate is suspended. It can be made anew once it is reinstated."))
    if certificate.state is not CertificateState.PUBLISHED:
        raise ConflictError(_l("The certificate was revoked, so it is not made anew."))
    if certificate.expired(at) and not expired_too:
        raise ConflictError(_l("The certificate has expired. It can be renewed instead."))


def _ask(
    certificate: Certificate,
    succession: Succession,
    fields: JsonObject,
    *,
    because: ReissueReason | None = None,
    by: Actor | None,
    at: datetime,
) -> CertificateRequest:
    """Write a request under the source of the first certificate, so that the room that asked knows it again."""
    return _ask_all([Asking(certificate, fields, because)], succession, by=by, at=at)[0]


class Asking(NamedTuple):
    """A certificate to follow: the fields of the next one, and why it is made anew."""

    certificate: Certificate
    fields: JsonObject
    because: ReissueReason | None = None

    @property
    def fact(self) -> Certified:
        """Return what an authority must cover for the next one."""
        level = self.fields.get("level")
        return certified(self.certificate.kind, level and str(level), str(self.fields["valid_from"]))


def _ask_all(
    asking: Sequence[Asking], succession: Succession, *, by: Actor | None, at: datetime
) -> list[CertificateRequest]:
    """Write requests for what one body issued, in as many statements as one: at the body after it where it ended."""
    firsts = {one.id: one for one in requests_with([one.certificate.request_id for one in asking])}
    own = asking[0].certificate.body
    bodies = {fact: body_after(own, fact, at=at) for fact in {one.fact for one in asking}}
    rows = [
        _following(one, firsts[one.certificate.request_id], succession, body=bodies[one.fact], by=by, at=at)
        for one in asking
    ]
    session.execute(insert(CertificateRequest).execution_options(render_nulls=True), rows)
    told = [
        (subject(one.certificate), {"request": row["code"], **({"because": one.because.value} if one.because else {})})
        for one, row in zip(asking, rows, strict=True)
    ]
    events.record_many(ASKED[succession], told, by=by, at=at)
    for body in {one.id: one for one in bodies.values()}.values():
        let_prepare(body, at=at)
    return queries.requests_by_code([row["code"] for row in rows])


def _following(
    asking: Asking,
    first: CertificateRequest,
    succession: Succession,
    *,
    body: IssuingBody,
    by: Actor | None,
    at: datetime,
) -> JsonObject:
    certificate = asking.certificate
    return {
        "code": new_code(),
        "kind": certificate.kind,
        "body_id": body.id,
        "person_id": certificate.person_id,
        "organisation_id": certificate.organisation_id,
        "source_type": first.source_type,
        "source_code": first.source_code,
        "fields": asking.fields,
        "number": asking.fields.get("number"),
        "requested_at": at,
        "requested_by_id": by.person_id if by else None,
        "replaces_id": certificate.id,
        "succession": succession,
        "because": asking.because,
    }


ASKED = {Succession.REISSUE: "credentials.reissue_asked", Succession.RENEWAL: "credentials.renewal_asked"}


def ask_after_appeal(certificate: Certificate, *, by: Actor | None, at: datetime) -> CertificateRequest:
    """Ask that a certificate be made anew whose revocation an authority set aside: a revocation is never taken back.

    Where its renewal was revoked with it, the last of the chain is made anew: it is the one that would count today.
    """
    following = queries.follower(certificate)
    if following is not None and following.state is CertificateState.REVOKED:
        return ask_after_appeal(following, by=by, at=at)
    known = queries.successor_request(certificate.id)
    if known is not None:
        return known
    fields = _checked(certificate, certificate.fields)
    return _ask(certificate, Succession.REISSUE, fields, because=ReissueReason.SET_ASIDE, by=by, at=at)


def ask_at_body_after(body: IssuingBody, *, by: Actor | None, at: datetime) -> int:
    """Ask the bodies after an ended one for what counts no more because it ended; return for how much. Once each.

    That is what it issued ahead, to be valid only after its end, and what organisations held of a distrusted body: an
    accreditation is decided by another office and stands. People appeal.
    """
    asked = 0
    while found := orders.to_follow(body, at, AT_A_TIME):
        _ask_all(
            [Asking(one, _checked(one, one.fields), ReissueReason.BODY_ENDED) for one in found],
            Succession.REISSUE,
            by=by,
            at=at,
        )
        asked += len(found)
    return asked


def _checked(certificate: Certificate, fields: JsonObject) -> JsonObject:
    return checked_fields(certificate.kind, fields).model_dump(mode="json")


def decline(request: CertificateRequest, *, reason: str, by: Actor, at: datetime) -> None:
    """Decline to make a certificate anew, with the reason its holder reads; it can be asked for again.

    Raises ConflictError where the request is in a batch or declined already, ForbiddenError for another body.
    """
    if by.organisation_id != request.body.organisation_id:
        raise ForbiddenError(_l("Only issuers of the issuing body do this."))
    if request.state is not RequestState.OPEN or request.replaces_id is None:
        raise ConflictError(_l("This request is in a batch or was decided already. Reload the page and look again."))
    request.state = RequestState.DECLINED
    request.declined_at, request.declined_by_id, request.declined_because = at, by.person_id, reason
    session.flush()
    former = session.get_one(Certificate, request.replaces_id)
    data = {"request": request.code}
    events.record("credentials.request_declined", subject(former), by=by, at=at, data=data, reason=reason)
    settle_preparing(request.body, at=at)


def follow(event: Event) -> None:
    """Let a published certificate take the place of the one it follows, in the transaction of its publication."""
    follow_all([event])


def follow_all(happened: Sequence[Event]) -> None:
    """Let certificates that are published together take the places of those they follow.

    The former is revoked as superseded by a reissue, and left to its own end by a renewal. What stands against the
    former stands against the new one: suspended, it begins suspended. One that falls with its former, or whose request
    was closed, was published as revoked and is not among them.
    """
    codes = [one.subject_code for one in happened if "succession" in one.data]
    if not codes:
        return
    at, replaced = happened[0].at, []
    for certificate, former in queries.followings(codes):
        if former.state is CertificateState.REVOKED:
            continue
        if former.suspended(at):
            suspension.carry_over(former, certificate, at=at)
        if certificate.succession is Succession.REISSUE:
            replaced.append(former)
    if replaced:
        supersede(replaced, at=at)

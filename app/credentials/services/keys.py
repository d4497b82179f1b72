"""Orders on keys by two people: rotation, the certificate of an authority, and the compromise of a key.

After a compromise what the key signed is signed anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.accounts.states import Role
from app.core import events, files
from app.core.access import Actor
from app.core.clock import real_now
from app.core.columns import JsonObject
from app.core.config import settings
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError, Text
from app.core.events import Subject
from app.core.jobs import start_job
from app.core.signing import Algorithm, read_multikey
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import (
    Certificate,
    Delegation,
    EarlierCredential,
    IssuingBody,
    KeyOrder,
    SigningKey,
)
from app.credentials.queries import delegations
from app.credentials.queries import keys as reads
from app.credentials.queries.seals import fingerprint_of
from app.credentials.rules import chain as chains
from app.credentials.rules.chain import ChainError
from app.credentials.rules.document import write_document
from app.credentials.rules.proof import sign_document
from app.credentials.rules.sources import Source, SourceError, sources_of, to_text
from app.credentials.rules.tlog import digest_of
from app.credentials.services import log, qr, rows, seal_ends, seal_lists
from app.credentials.services.asking import refuse_asker
from app.credentials.services.bodies import complete_keys, make_key, retire_key, signer_of
from app.credentials.services.delegations import sign_again
from app.credentials.services.jwts import attach_jwt
from app.credentials.services.log import Noted
from app.credentials.services.rows import Changed
from app.credentials.services.status_lists import lists_of, sign_all_again
from app.credentials.states import KEY_ORDER, KeyAct, LogAct, ProofKind, SealLevel
from app.desk import services as desk

JOB = "credentials.resign"
TODO = "credentials.key_order"
OF_LISTS = frozenset({Algorithm.ED25519, Algorithm.P256})
"""The keys that sign status lists: with a proof inside, and as JWT."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a compromise would touch: certificates to sign anew, revoked ones left alone, lists and endorsements."""

    certificates: int
    left_alone: int
    status_lists: int
    endorsements: int


def subject(order: KeyOrder) -> Subject:
    """Name an order in events and to-dos."""
    return Subject("key_order", order.code)


def reach_of(key: SigningKey) -> Reach:
    """Count what the compromise of a key would touch; a drill that writes nothing."""
    body = session.get_one(IssuingBody, key.body_id)
    signs_endorsements = key.algorithm is Algorithm.ED25519
    return Reach(
        certificates=reads.count_signed_by(key),
        left_alone=reads.count_left_alone(key),
        status_lists=len(lists_of(body.id)) if key.algorithm in OF_LISTS else 0,
        endorsements=len(_endorsements(body)) if signs_endorsements else 0,
    )


def ask_key_order(
    key: SigningKey,
    act: KeyAct,
    *,
    reason: str,
    since: datetime | None = None,
    chain: str | None = None,
    sources: Sequence[Source] = (),
    by: Actor,
    at: datetime,
) -> KeyOrder:
    """Ask that a key be rotated, distrusted from an instant on, or seal under the certificate of an authority.

    Another issuer of the body carries it out. `chain` is that certificate in PEM, with those who certified it, and
    `sources` where it is asked whether one of them is revoked, as `checked_sources` returns them. Raises ConflictError
    where an order on the key waits or the key is retired (but for a compromise) or revoked, InvalidError for a
    compromise in the future or before the key was made, and for a chain that does not fit the key.
    """
    body = session.get_one(IssuingBody, key.body_id)
    _own(body, by)
    _refuse_unfit(key, act, since, at)
    if act is KeyAct.CERTIFY:
        chain = chains.to_pem(checked_chain(key, chain or ""))
    order = KeyOrder(
        body_id=body.id,
        key_id=key.id,
        act=act,
        since=since if act is KeyAct.COMPROMISE else None,
        chain=chain if act is KeyAct.CERTIFY else None,
        sources=to_text(sources) if act is KeyAct.CERTIFY else None,
        reason=reason,
        asked_by_id=by.person_id,
        asked_at=at,
    )
    session.add(order)
    session.flush()
    data = {"key": key.key_id, "act": act.value, "body": body.slug}
    events.record("credentials.key_order_asked", subject(order), by=by, at=at, data=data, reason=reason)
    desk.open_todo(
        TODO,
        subject(order),
        url=f"/issuing/keys/orders/{order.code}",
        at=at,
        role=Role.ISSUER,
        organisation_id=body.organisation_id,
        not_person_id=by.person_id,
        params={"algorithm": key.algorithm.value},
    )
    return order


def _refuse_unfit(key: SigningKey, act: KeyAct, since: datetime | None, at: datetime) -> None:
    if key.revoked_at is not None:
        raise ConflictError(_l("This key is revoked already."))
    if act is not KeyAct.COMPROMISE and key.retired_at is not None:
        raise ConflictError(_l("This key is retired already. Choose the current one."))
    if act is KeyAct.CERTIFY and key.algorithm is not Algorithm.RSA:
        raise InvalidError(_l("Only the current key that seals PDF files is certified by an authority."))
    if act is KeyAct.COMPROMISE and (since is None or not key.created_at <= since <= at):
        raise InvalidError(_l("Say since when the key is distrusted: after it was made, and not in the future."))


CHAIN_FAULTS: dict[str, Text] = {
    "file": _l("This is no chain of certificates in PEM of a usual size. Ask the authority for the chain in PEM."),
    "key": _l("None of these certificates is for the seal key of your body. Send the request of this page."),
    "self": _l("The certificate is certified by itself. Hand in the one that the authority made."),
    "issuer": _l("The certificate of “%(name)s”, who issued yours, is missing. Add it to the file."),
    "outside": _l("The certificate of “%(name)s” does not belong to the chain. Leave it out."),
    "validity": _l("The certificate of “%(name)s” does not hold today."),
    "weak": _l("The certificate of “%(name)s” is signed with an outdated method. Ask for one with SHA-256."),
    "use": _l("The certificate of “%(name)s” is not for signing documents. Ask for one that is."),
    "authority": _l("The certificate of “%(name)s” may not certify yours. Ask the authority for the right chain."),
}


def checked_chain(key: SigningKey, pem: str) -> list[bytes]:
    """Return the chain of a seal key's certificate in order; raises InvalidError that says what does not fit."""
    try:
        return chains.read_chain(pem, read_multikey(key.public_multibase).spki, real_now())
    except ChainError as error:
        raise InvalidError(
            str(CHAIN_FAULTS[error.code]) % {"name": error.name}, field="chain", code=f"chain-{error.code}"
        ) from error


SOURCE_FAULTS: dict[str, Text] = {
    "address": _l("“%(url)s” is no web address that can be asked. Begin with http:// or https:// and name a host."),
    "not-allowed": _l(
        "“%(url)s” is not among the addresses that this site may ask. Let whoever runs it add it to REVOCATION_URLS."
    ),
    "many": _l("These are too many addresses. Give those of your chain only."),
}


def checked_sources(*, crl: str, ocsp: str) -> tuple[Source, ...]:
    """Return the addresses that were typed, one a line; raises InvalidError for the field `crl` or `ocsp`."""
    try:
        return sources_of(((ProofKind.CRL, crl), (ProofKind.OCSP, ocsp)), settings().revocation_url_list)
    except SourceError as error:
        said = str(SOURCE_FAULTS[error.code]) % {"url": error.url}
        raise InvalidError(said, field=error.kind.value, code=f"source-{error.code}") from error


def carry_out(order: KeyOrder, *, by: Actor, at: datetime) -> None:
    """Carry out an order as the second person.

    A compromise is in force at once: the DID document says so, and a job signs anew what the key had signed. A chain is
    checked again, and sealing goes on under it; what was sealed before stays as it is.
    """
    _second(order, by)
    key, body = session.get_one(SigningKey, order.key_id), session.get_one(IssuingBody, order.body_id)
    KEY_ORDER.move(order, "carry_out", decided_by_id=by.person_id, decided_at=at)
    _refuse_unfit(key, order.act, order.since, at)
    if order.act is KeyAct.CERTIFY:
        certificate, *issuers = checked_chain(key, order.chain or "")
        key.certificate, key.chain, key.sources = certificate, chains.to_pem(issuers), order.sources
        seal_ends.settle(body, at=at)
        _decided(order, "credentials.key_order_carried_out", by=by, at=at)
        return
    was_current = key.retired_at is None
    if was_current:
        retire_key(body, key, by=by, at=at)
    key.revoked_at = order.since
    session.flush()
    if order.act is KeyAct.COMPROMISE:
        log.note_key(key, LogAct.REVOKE_KEY, issuer=body.did, at=at)
        seal_lists.say_revoked(key)
    if key.algorithm is Algorithm.RSA and was_current:
        seal_ends.settle(body, at=at)
    if was_current:
        make_key(body, key.algorithm, by=by, at=at)
    _decided(order, "credentials.key_order_carried_out", by=by, at=at)
    if order.act is KeyAct.COMPROMISE:
        _documents_anew(body, key.algorithm, at=at)
        data = {"key": key.key_id, "algorithm": key.algorithm.value}
        events.record("credentials.key_revoked", Subject("issuing_body", body.slug), by=by, at=at, data=data)
        job = start_job(JOB, key=reads.resign_key(order), by=by, args={"order": order.code})
        job.total = reads.count_signed_by(key)
        job.due_at = real_now()


def refuse(order: KeyOrder, *, by: Actor, at: datetime) -> None:
    """Refuse an order as the second person; nothing changes."""
    _second(order, by)
    KEY_ORDER.move(order, "refuse", decided_by_id=by.person_id, decided_at=at)
    _decided(order, "credentials.key_order_refused", by=by, at=at)


def _decided(order: KeyOrder, kind: str, *, by: Actor, at: datetime) -> None:
    session.flush()
    events.record(kind, subject(order), by=by, at=at, data={"act": order.act.value})
    desk.close_todos(subject(order), at=at)


def _second(order: KeyOrder, by: Actor) -> None:
    _own(session.get_one(IssuingBody, order.body_id), by)
    refuse_asker(order.asked_by_id, by)


def _own(body: IssuingBody, by: Actor) -> None:
    if by.organisation_id != body.organisation_id:
        raise ForbiddenError(_l("Only issuers of the issuing body do this."))


def complete_all(*, at: datetime) -> int:
    """Make the keys that open bodies lack, as those do that opened before key sets; return how many."""
    return sum(len(complete_keys(body, by=None, at=at)) for body in reads.incomplete_bodies())


@dataclass(frozen=True, slots=True)
class Drawn:
    """A paper that was drawn anew: its bytes, how it is sealed, and under which certificate (DER)."""

    pdf: bytes
    level: SealLevel
    under: bytes


@dataclass(frozen=True, slots=True)
class Resigned:
    """A certificate signed anew: what was published of it before, and what is to be written of it."""

    code: str
    issuer: str
    former: JsonObject
    row: Changed


def sign_anew(certificate: Certificate, order: KeyOrder, *, at: datetime) -> Resigned:
    """Sign a certificate anew under the next key, the same address and facts, and write nothing.

    The certificate leaves the session: `keep_resigned` writes it.
    """
    former = {
        "certificate_id": certificate.id,
        "order_id": order.id,
        "credential": certificate.credential or "",
        "key_id": certificate.key_id or "",
        "signed_at": certificate.signed_at or at,
        "jwt": certificate.jwt,
        "jwt_key_id": certificate.jwt_key_id,
        "pdf_file_id": certificate.pdf_file_id,
        "replaced_at": at,
    }
    body, algorithm = certificate.body, order.key.algorithm
    session.expunge(certificate)
    if algorithm is Algorithm.ED25519:
        signer = signer_of(body)
        certificate.credential = write_document(sign_document(certificate.document, signer, created=at))
        certificate.key_id, certificate.signed_at = signer.key_id, at
    elif algorithm is Algorithm.P256:
        second = signer_of(body, Algorithm.P256)
        attach_jwt(certificate, second, at=at)
        qr.attach(certificate, second, at=at)
    return Resigned(certificate.code, body.did, former, rows.changed(certificate))


def keep_resigned(made: Resigned, drawn: Drawn | None, order: KeyOrder, *, at: datetime) -> None:
    """Keep a certificate that was signed anew, with its paper; what was published before is kept. Once an order.

    The schema refuses a second time. Raises MovedOnError where the certificate or one of the keys changed since.
    """
    columns = dict(made.row.columns)
    under = fingerprint_of(drawn.under) if drawn is not None else None
    used = {columns.get(name) for name in ("key_id", "jwt_key_id")}
    revoked = [one for one in reads.held_keys(order.body_id) if one.revoked_at is not None]
    if any(one.key_id in used or (one.certificate and fingerprint_of(one.certificate) == under) for one in revoked):
        raise rows.MovedOnError("a key was compromised while it signed or sealed")
    session.add(EarlierCredential(**made.former))
    session.flush()
    if drawn is not None:
        stored = files.store(drawn.pdf, name=f"{made.code}.pdf", media_type="application/pdf")
        columns |= {"pdf_file_id": stored.id, "seal_level": drawn.level, "sealed_under": under, "rendered_at": at}
    rows.write([made.row._replace(columns=columns)])
    algorithm = order.key.algorithm
    if algorithm is Algorithm.ED25519:
        digest = digest_of(str(columns["credential"]).encode())
        log.note_rows([Noted(made.row.id, digest, made.issuer)], LogAct.RESIGN, at=at)
    kind = "credentials.resigned" if algorithm is Algorithm.ED25519 else "credentials.forms_resigned"
    data = {"order": order.code, "algorithm": algorithm.value}
    events.record(kind, Subject("certificate", made.code), by=None, at=at, data=data)


def _documents_anew(body: IssuingBody, algorithm: Algorithm, *, at: datetime) -> None:
    """Sign anew at once what a distrusted key signed beside certificates: few documents, on which all of those rest."""
    if algorithm in OF_LISTS:
        sign_all_again(body.id, at=at)
    if algorithm is Algorithm.ED25519:
        for delegation in _endorsements(body):
            sign_again(delegation, at=at)
        session.flush()


def finish_resigning(order: KeyOrder, *, at: datetime) -> None:
    """Note that everything that a distrusted key had signed is signed anew."""
    events.record("credentials.resign_finished", subject(order), by=None, at=at, data={"act": order.act.value})


def _endorsements(body: IssuingBody) -> list[Delegation]:
    own = queries.authority_body()
    return delegations.published_delegations() if own is not None and own.id == body.id else []

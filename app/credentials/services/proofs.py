"""Whether the certificates of a seal are revoked: asked of their authorities before it is needed, and kept.

Sealing asks nobody: it puts into a PDF what was kept and still holds. What is not proven now is sealed without proof,
and every page says so.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete

from app.core import events
from app.core.config import settings
from app.core.db import session
from app.core.lazily import lazily
from app.credentials.models import IssuingBody, SealProof, SigningKey
from app.credentials.queries import seals
from app.credentials.queries.seals import fingerprint_of
from app.credentials.rules.chain import is_root
from app.credentials.rules.sources import Source, allowed, from_text
from app.credentials.services.bodies import subject
from app.credentials.states import ProofKind

if TYPE_CHECKING:
    from app.credentials import vouching
else:
    vouching = lazily("app.credentials.vouching")

TELLING = ("stale", "large", "not-named", "none", "unreachable", "not-allowed", "no-source")
"""Of several faults the one that says most of what is to be done."""


class Plan(NamedTuple):
    """What is asked for a key: about which certificates, and where."""

    key_id: int
    chain: tuple[bytes, ...]
    sources: tuple[Source, ...]


class Told(NamedTuple):
    """What was answered about one certificate: a proof, or the code of why there is none."""

    fingerprint: str
    proof: "vouching.Proof | None" = None
    fault: str | None = None
    revoked_at: datetime | None = None


def plan_of(key: SigningKey) -> Plan:
    """Return what is to be asked for a key."""
    return Plan(key.id, seals.chain_of(key), from_text(key.sources))


def due(key: SigningKey, now: datetime) -> bool:
    """Tell whether something of a key is not proven, or its proof has passed half of its time."""
    kept = seals.proofs_of(key.id)
    wanted = [kept.get(fingerprint_of(one)) for one in seals.to_prove(seals.chain_of(key))]
    return any(one is None or one.fault is not None or _ageing(one, now) for one in wanted)


def _ageing(proof: SealProof, now: datetime) -> bool:
    if proof.begins_at is None or proof.ends_at is None:
        return True
    return now >= proof.begins_at + (proof.ends_at - proof.begins_at) / 2


def ask(plan: Plan) -> list[Told]:
    """Ask about every certificate of a chain; waits for the network, so it is called outside of any transaction."""
    chain = plan.chain
    if not is_root(chain[-1]):
        # Nothing is proven to whoever trusts the root alone
        return [Told(fingerprint_of(one), fault="root") for one in chain]
    sources = _Sources(plan.sources)
    return _as_a_whole(chain, [sources.about(chain[place:]) for place in range(len(chain) - 1)])


class _Sources:
    """The addresses of a chain; a list that tells of several certificates is fetched once."""

    def __init__(self, sources: Sequence[Source]) -> None:
        # A responder tells of one certificate in few bytes, a list of all
        self._sources = sorted(sources, key=lambda one: one.kind is ProofKind.CRL)
        self._lists: dict[str, bytes] = {}

    def about(self, chain: Sequence[bytes]) -> Told:
        """Return what the first address that knows the first certificate of a chain says of it."""
        name, faults = fingerprint_of(chain[0]), {"no-source"} if not self._sources else set()
        for source in self._sources:
            try:
                content = self._content(source, chain[0], chain[1])
                return Told(name, proof=vouching.proof_of(source.kind, content, chain))
            except vouching.ProofError as error:
                if error.code == "revoked":
                    return Told(name, fault=error.code, revoked_at=error.revoked_at)
                faults.add(error.code)
        return Told(name, fault=next(one for one in TELLING if one in faults))

    def _content(self, source: Source, certificate: bytes, issuer: bytes) -> bytes:
        # What the operator took back since the address was set is not asked any more
        if not allowed(source.url, settings().revocation_url_list):
            raise vouching.ProofError("not-allowed")
        if source.kind is ProofKind.OCSP:
            return vouching.answer_at(source.url, certificate, issuer)
        if source.url not in self._lists:
            self._lists[source.url] = vouching.list_at(source.url)
        return self._lists[source.url]


def _as_a_whole(chain: Sequence[bytes], told: list[Told]) -> list[Told]:
    """Look at all proofs together as a reader will; where they do not hold together, the first counts for nothing."""
    proofs = [one.proof for one in told if one.proof is not None]
    if len(proofs) != len(told):
        return told
    try:
        vouching.check_chain(chain, list(_of(proofs, ProofKind.CRL)), list(_of(proofs, ProofKind.OCSP)))
    except vouching.ProofError:
        return [Told(told[0].fingerprint, fault="chain"), *told[1:]]
    return told


def _of(proofs: "Sequence[vouching.Proof]", kind: ProofKind) -> Iterator[bytes]:
    return (one.content for one in proofs if one.kind is kind)


def keep(plan: Plan, told: Sequence[Told], *, now: datetime, at: datetime) -> None:
    """Keep what was answered; an answer that failed leaves what was kept before until its own end.

    Nothing is kept where the chain was replaced meanwhile.
    """
    key = session.get_one(SigningKey, plan.key_id)
    if seals.chain_of(key) != plan.chain:
        return
    kept = seals.proofs_of(key.id)
    old = SealProof.key_id == key.id, SealProof.fingerprint.not_in([one.fingerprint for one in told])
    session.execute(delete(SealProof).where(*old))
    for one in told:
        row = kept.get(one.fingerprint)
        if row is None:
            row = SealProof(key_id=key.id, fingerprint=one.fingerprint)
            session.add(row)
        revoked_before = row.revoked_at is not None
        _write(row, one, now)
        if row.revoked_at is not None and not revoked_before:
            _say_revoked(key, row, at=at)
    session.flush()


def _write(row: SealProof, told: Told, now: datetime) -> None:
    row.asked_at = now
    if told.proof is not None:
        row.kind, row.content = told.proof.kind, told.proof.content
        row.begins_at, row.ends_at = told.proof.begins, told.proof.ends
        row.fault = row.revoked_at = None
    elif told.revoked_at is not None:
        row.kind = row.content = row.begins_at = row.ends_at = None
        row.fault, row.revoked_at = told.fault, told.revoked_at
    elif row.revoked_at is None:
        row.fault = told.fault


def _say_revoked(key: SigningKey, row: SealProof, *, at: datetime) -> None:
    body = session.get_one(IssuingBody, key.body_id)
    data = {"key": key.key_id, "fingerprint": row.fingerprint}
    events.record("credentials.seal_revoked", subject(body), by=None, at=at, data=data)

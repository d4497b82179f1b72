"""What the proof in a QR code is worth: the same checks as of a file, from keys and lists that were brought along.

The page that verifies on a phone does the same in JavaScript (`app/web/assets/js/offline/check.js`); a test holds
both to the same answers. What the reader does not have is told apart: a missing list leaves *unchecked*, a list too
old leaves *unknown*, and neither is ever *valid*.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.core.clock import SHANGHAI
from app.core.signing import Algorithm, PublicKey
from app.credentials.rules import cose, status_list
from app.credentials.rules.cose import CoseError, QrFacts, Sealed
from app.credentials.rules.delegation import Endorsement
from app.credentials.rules.document import JsonObject
from app.credentials.rules.instants import write_instant
from app.credentials.rules.templates import end_of, first_instant
from app.credentials.rules.verdict import (
    OF_FILES,
    REVOCATION_LIST,
    SUSPENSION_LIST,
    Check,
    CheckName,
    ListKind,
    Result,
    Verdict,
)

RECENT = timedelta(hours=1)
"""Keys as known within this time are all there are; a key made since would be known."""
MORE = 0x80
FRESH = timedelta(days=30)
"""How old a status list may be for a phone to say that a certificate is not revoked."""


@dataclass(frozen=True, slots=True)
class KnownScope:
    """What the authority let a body certify: kinds, levels of those that have one, from when and until when."""

    kinds: tuple[str, ...]
    levels: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime | None = None


def known_scope(endorsement: Endorsement) -> KnownScope:
    """Return what an endorsement of the authority lets a body certify."""
    kinds = tuple(one.value for one in endorsement.scope.kinds)
    return KnownScope(kinds, endorsement.scope.levels, endorsement.valid_from, endorsement.valid_until)


@dataclass(frozen=True, slots=True)
class KnownBody:
    """An issuing body as the reader knows it; `vouched` tells whether the authority itself named it.

    `scopes` are its delegations; None for the authority itself and where nobody says. `distrusted` is since when the
    authority trusts nothing that it issued, and why.
    """

    did: str
    name_zh: str = ""
    name_en: str = ""
    closed_at: datetime | None = None
    vouched: bool = False
    scopes: tuple[KnownScope, ...] | None = None
    distrusted: "Distrust | None" = None


@dataclass(frozen=True, slots=True)
class Distrust:
    """Since when the authority trusts nothing that a body issued, and why."""

    since: datetime
    reason: str


def ended(closed_at: datetime, distrusted: Distrust | None) -> Check:
    """Say that the authority of a body had ended, or that nothing which it issued since a day is trusted."""
    if distrusted is None:
        return Check(CheckName.AUTHORITY, Result.FAIL, "issuer-closed", {"on": write_instant(closed_at)})
    params = {"on": write_instant(distrusted.since), "reason": distrusted.reason}
    return Check(CheckName.AUTHORITY, Result.FAIL, "issuer-distrusted", params)


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A P-256 key of a body; a compromised one is revoked and proves nothing."""

    did: str
    key: PublicKey
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class KnownList:
    """The bits of a body's list of revocations and of the parallel one of suspensions, where each is known.

    `as_of` is when somebody confirmed them, `until` how long they clear anybody where whoever brought them says so.
    """

    did: str
    revoked: bytes | None
    suspended: bytes | None = None
    as_of: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class QrTrust:
    """All that a reader knows, as of an instant where somebody vouches for one; `lists` are named by their codes.

    `fresh` is what a phone is told about how old a list may be, `levels` what the levels of packs are called, by their
    codes: in Chinese and, where that leaves no doubt, in English.
    """

    as_of: datetime | None = None
    bodies: list[KnownBody] = field(default_factory=list)
    keys: list[KnownKey] = field(default_factory=list)
    lists: dict[str, KnownList] = field(default_factory=dict)
    fresh: timedelta = FRESH
    levels: list[tuple[str, str, str]] = field(default_factory=list)

    def body(self, issuer: str) -> KnownBody | None:
        """Return the body with a short id in hexadecimal."""
        return next((one for one in self.bodies if cose.short_id(one.did).hex() == issuer), None)

    def keys_named(self, kid: bytes) -> list[KnownKey]:
        """Return the P-256 keys with a short id: one, unless somebody spent years on a collision."""
        p256 = (one for one in self.keys if one.key.algorithm is Algorithm.P256)
        return [one for one in p256 if cose.short_id(one.key.multikey) == kid]


@dataclass(frozen=True, slots=True)
class QrAnswer:
    """The checks of a QR code, its entries where they could be read, and the body that issued it where known."""

    verdict: Verdict
    facts: QrFacts | None
    body: KnownBody | None


def verify_qr(text: str, trust: QrTrust, at: datetime, *, fresh: timedelta | None = None) -> QrAnswer:
    """Check the text of a QR code at an instant; `fresh` is how old a status list may be, None for any age.

    A clock behind what the reader already knows is wrong, so time never goes back behind `trust.as_of`.
    """
    now = max(at, trust.as_of) if trust.as_of else at
    try:
        sealed = cose.read_cose(cose.read_address(text))
    except CoseError as error:
        return QrAnswer(_verdict([Check(CheckName.FORMAT, Result.FAIL, error.code)], at), None, None)
    checks = [Check(CheckName.FORMAT, Result.PASS, "qr-good")]
    try:
        facts = cose.read_claims(sealed.claims)
    except CoseError as error:
        return QrAnswer(_verdict([*checks, Check(CheckName.SHAPE, Result.FAIL, error.code)], at), None, None)
    checks.append(Check(CheckName.SHAPE, Result.PASS, "shape-good"))
    body = trust.body(facts.issuer)
    checks += [_signature(sealed, body, trust, now), _authority(facts, body)]
    if body and checks[-2].result is Result.PASS:
        checks += [_validity(facts, now), *_status(facts, body, trust, _Now(now, now - fresh if fresh else None))]
    return QrAnswer(_verdict(checks, at), facts, body)


def _verdict(checks: Iterable[Check], at: datetime) -> Verdict:
    made = {check.name: check for check in checks}
    names = [name for name in CheckName if name not in OF_FILES]
    missing = {name: Check(name, Result.UNCHECKED, "earlier-check") for name in names}
    return Verdict(tuple(made.get(name, missing[name]) for name in names), None, at)


def _signature(sealed: Sealed, body: KnownBody | None, trust: QrTrust, now: datetime) -> Check:
    if body is None:
        return Check(CheckName.SIGNATURE, Result.UNKNOWN, "issuer-unknown")
    named = trust.keys_named(sealed.kid)
    if not named:
        return _key_unknown(trust, now)
    own = [one for one in named if one.did == body.did]
    if not own:
        return Check(CheckName.SIGNATURE, Result.FAIL, "controller-is-another")
    if any(one.revoked for one in own):
        return Check(CheckName.SIGNATURE, Result.FAIL, "key-revoked")
    if not any(cose.verify_cose(sealed, one.key) for one in own):
        return Check(CheckName.SIGNATURE, Result.FAIL, "signature-wrong")
    return Check(CheckName.SIGNATURE, Result.PASS, "signature-good")


def _key_unknown(trust: QrTrust, now: datetime) -> Check:
    """Tell a key that nobody has from one that may have been made after the reader last asked."""
    if trust.as_of is not None and now - trust.as_of > RECENT:
        return Check(CheckName.SIGNATURE, Result.UNKNOWN, "key-newer", {"on": write_instant(trust.as_of)})
    return Check(CheckName.SIGNATURE, Result.FAIL, "key-unknown")


def _authority(facts: QrFacts, body: KnownBody | None) -> Check:
    if body is None:
        return Check(CheckName.AUTHORITY, Result.UNKNOWN, "issuer-unknown")
    if not body.vouched:
        return Check(CheckName.AUTHORITY, Result.UNCHECKED, "authority-offline")
    if body.closed_at is not None and first_instant(facts.valid_from) > body.closed_at:
        return ended(body.closed_at, body.distrusted)
    if body.scopes is None:
        return Check(CheckName.AUTHORITY, Result.PASS, "issuer-ours")
    found = [_scoped(facts, one) for one in body.scopes]
    none = Check(CheckName.AUTHORITY, Result.FAIL, "scope-none")
    return next((one for one in found if one.result is Result.PASS), found[-1] if found else none)


def _scoped(facts: QrFacts, scope: KnownScope) -> Check:
    """Tell whether a delegation covered a certificate on its first valid day."""
    begins = first_instant(facts.valid_from)
    if facts.kind not in scope.kinds:
        return Check(CheckName.AUTHORITY, Result.FAIL, "scope-kind")
    if facts.is_of_level and facts.level not in scope.levels:
        return Check(CheckName.AUTHORITY, Result.FAIL, "scope-level")
    if begins < scope.valid_from:
        on = {"on": write_instant(scope.valid_from)}
        return Check(CheckName.AUTHORITY, Result.FAIL, "scope-not-begun", on)
    if scope.valid_until is not None and begins >= scope.valid_until:
        return Check(CheckName.AUTHORITY, Result.FAIL, "scope-ended", {"on": write_instant(scope.valid_until)})
    return Check(CheckName.AUTHORITY, Result.PASS, "scope-covered", {"on": write_instant(scope.valid_from)})


def _validity(facts: QrFacts, now: datetime) -> Check:
    today = now.astimezone(SHANGHAI).date()
    if today < facts.valid_from:
        return Check(CheckName.VALIDITY, Result.FAIL, "not-yet-valid", {"on": _instant(facts.valid_from)})
    end = end_of(facts.valid_until)
    if end is None:
        return Check(CheckName.VALIDITY, Result.PASS, "valid-without-end")
    over = now >= end
    code, result = ("expired", Result.FAIL) if over else ("within-validity", Result.PASS)
    return Check(CheckName.VALIDITY, result, code, {"on": write_instant(end)})


def _instant(day: date) -> str:
    return write_instant(first_instant(day))


@dataclass(frozen=True, slots=True)
class _Now:
    """The instant of a check, and since when a list must have been confirmed, None for any age."""

    at: datetime
    limit: datetime | None

    def is_stale(self, as_of: datetime | None, until: datetime | None) -> bool:
        """Tell whether a list is too old to clear anybody."""
        too_old = as_of is None or (self.limit is not None and as_of < self.limit)
        return too_old or (until is not None and self.at > until)


def _status(facts: QrFacts, body: KnownBody, trust: QrTrust, now: _Now) -> tuple[Check, Check, Check]:
    """Read both lists; one that is too old clears no certificate."""
    found = trust.lists.get(facts.list_code)
    log = Check(CheckName.LOG, Result.UNCHECKED, "log-offline")
    if found is not None and found.did != body.did:
        another = "status-list-of-another"
        revocation = Check(CheckName.REVOCATION, Result.UNKNOWN, another)
        return revocation, Check(CheckName.SUSPENSION, Result.UNKNOWN, another), log
    as_of = (found.as_of if found else None) or trust.as_of
    stale = now.is_stale(as_of, found.until if found else None)
    revoked, suspended = (found.revoked, found.suspended) if found else (None, None)
    return (
        _bit(revoked, facts.index, REVOCATION_LIST, as_of, stale=stale),
        _bit(suspended, facts.index, SUSPENSION_LIST, as_of, stale=stale),
        log,
    )


def _bit(bits: bytes | None, index: int, kind: ListKind, as_of: datetime | None, *, stale: bool) -> Check:
    if bits is None:
        return Check(kind.name, Result.UNCHECKED, kind.missing)
    params = {"on": write_instant(as_of)} if as_of else {}
    try:
        found = status_list.read_bit(bits, index)
    except status_list.StatusListError as error:
        return Check(kind.name, Result.UNKNOWN, error.code)
    if found:
        return Check(kind.name, Result.FAIL, kind.found, params)
    if stale:
        return Check(kind.name, Result.UNKNOWN, "status-list-old", params)
    return Check(kind.name, Result.PASS, kind.clear, params)


def trust_document(trust: QrTrust) -> JsonObject:
    """Write what a reader knows as the JSON that the page on a phone keeps: names, keys and lists, no person."""
    return {
        "version": 1,
        "at": write_instant(trust.as_of) if trust.as_of else None,
        "days": trust.fresh.days,
        "bodies": [_body_row(one) for one in trust.bodies],
        "keys": [_key_row(one) for one in trust.keys if one.key.algorithm is Algorithm.P256],
        "lists": {code: _list_row(one) for code, one in trust.lists.items()},
        "levels": [{"code": code, "zh": zh, "en": en} for code, zh, en in trust.levels],
    }


def _body_row(body: KnownBody) -> JsonObject:
    return {
        "id": cose.short_id(body.did).hex(),
        "did": body.did,
        "zh": body.name_zh,
        "en": body.name_en,
        "closed": write_instant(body.closed_at) if body.closed_at else None,
        "distrusted": write_instant(body.distrusted.since) if body.distrusted else None,
        "reason": body.distrusted.reason if body.distrusted else None,
        "vouched": body.vouched,
        "scopes": None if body.scopes is None else [_scope_row(one) for one in body.scopes],
    }


def _scope_row(scope: KnownScope) -> JsonObject:
    return {
        "kinds": list(scope.kinds),
        "levels": list(scope.levels),
        "from": write_instant(scope.valid_from),
        "until": write_instant(scope.valid_until) if scope.valid_until else None,
    }


def _key_row(known: KnownKey) -> JsonObject:
    jwk = known.key.jwk
    kid = cose.short_id(known.key.multikey).hex()
    return {"kid": kid, "did": known.did, "x": jwk["x"], "y": jwk["y"], "revoked": known.revoked}


def _list_row(known: KnownList) -> JsonObject:
    return {
        "did": known.did,
        "revoked": _packed(known.revoked),
        "suspended": _packed(known.suspended),
        "at": write_instant(known.as_of) if known.as_of else None,
        "until": write_instant(known.until) if known.until else None,
    }


def _packed(bits: bytes | None) -> str | None:
    """Pack bits as the indexes that are set, each as the distance from the one before: small where few are set."""
    if bits is None:
        return None
    return f"{len(bits) * status_list.BITS}:{_distances(bits)}"


def _distances(bits: bytes) -> str:
    written, last = bytearray(), -1
    for place, byte in enumerate(bits):
        for bit in range(status_list.BITS) if byte else ():
            if byte & 0x80 >> bit:
                index = place * status_list.BITS + bit
                written += _varint(index - last)
                last = index
    return base64.urlsafe_b64encode(bytes(written)).rstrip(b"=").decode()


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number >= MORE:
        parts.append(number % MORE | MORE)
        number //= MORE
    parts.append(number)
    return bytes(parts)

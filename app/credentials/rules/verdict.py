"""Verification: ordered checks, each passed, failed, unknown or unchecked, and what they add up to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from app.credentials.rules import jwt, openbadge, proof, status_list
from app.credentials.rules.delegation import Coverage
from app.credentials.rules.document import DocumentError, JsonObject, read_document
from app.credentials.rules.inputs import Kind, sniff
from app.credentials.rules.instants import InstantError, read_instant, write_instant
from app.credentials.rules.openbadge import Certificate

NOTHING: Mapping[str, str] = MappingProxyType({})


class Result(StrEnum):
    """What a check found; `unknown` could not be decided, `unchecked` was not tried."""

    PASS = "pass"  # noqa: S105 - a result, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    UNCHECKED = "unchecked"


class CheckName(StrEnum):
    """The checks in the order they are made and shown; `text` and `seal` are of a PDF, `picture` of a PNG or SVG."""

    FORMAT = "format"
    SHAPE = "shape"
    SIGNATURE = "signature"
    AUTHORITY = "authority"
    VALIDITY = "validity"
    REVOCATION = "revocation"
    SUSPENSION = "suspension"
    LOG = "log"
    TEXT = "text"
    SEAL = "seal"
    PICTURE = "picture"


OF_FILES = frozenset({CheckName.TEXT, CheckName.SEAL, CheckName.PICTURE})
"""Checks that are made of some forms only."""
DECISIVE = frozenset({CheckName.SIGNATURE, CheckName.VALIDITY, CheckName.REVOCATION})


@dataclass(frozen=True, slots=True)
class Check:
    """One check with its result; `code` and `params` become a sentence when they are shown."""

    name: CheckName
    result: Result
    code: str
    params: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All checks of one document, and its facts where its shape could be read."""

    checks: tuple[Check, ...]
    certificate: Certificate | None
    at: datetime

    @property
    def failed(self) -> bool:
        """Tell whether any check failed."""
        return any(check.result is Result.FAIL for check in self.checks)

    @property
    def valid(self) -> bool:
        """Tell whether nothing failed, signature, validity and revocation passed, and sheet or picture is proven.

        Suspension and log may be undecided, as they are without network; each is then said plainly.
        """
        return self.holds and (not self.shown or bool(self.shown & self._passed))

    @property
    def holds(self) -> bool:
        """Tell whether the credential is valid, whatever the sheet or picture around it shows."""
        return not self.failed and self._passed >= DECISIVE

    @property
    def _passed(self) -> set[CheckName]:
        return {check.name for check in self.checks if check.result is Result.PASS}

    @property
    def shown(self) -> set[CheckName]:
        """Return the checks of what a file shows beside its credential, of which one must pass.

        A sheet is proven by its text compared whole with the issued one, or by its seal; a badge by its picture.
        """
        return {check.name for check in self.checks if check.name in OF_FILES}

    def check(self, name: CheckName) -> Check:
        """Return the check of a name."""
        return next(check for check in self.checks if check.name is name)

    def with_checks(self, *more: Check) -> "Verdict":
        """Return the verdict with the checks of a form added, such as those of a PDF."""
        return replace(self, checks=(*self.checks, *more))


class Trust(Protocol):
    """What the verifier knows besides the document; nothing a document names is ever fetched."""

    def did_document(self, did: str) -> JsonObject | None:
        """Return the DID document of an issuer, None where the verifier does not have it."""
        ...

    def authority(self, certificate: Certificate) -> Check:
        """Say whether the issuer may issue this kind of certificate."""
        ...

    def revocation(self, certificate: Certificate) -> Check:
        """Say whether the certificate is revoked."""
        ...

    def suspension(self, certificate: Certificate) -> Check:
        """Say whether the certificate is suspended for now."""
        ...

    def log(self, certificate: Certificate, raw: bytes) -> Check:
        """Say whether the public log holds the issue of the credential with these bytes."""
        ...


def delegated(found: Coverage) -> Check:
    """Say what the authority's endorsements of an issuer mean for a certificate."""
    result = Result.PASS if found.covered else Result.FAIL
    return Check(CheckName.AUTHORITY, result, found.code, {"on": write_instant(found.on)} if found.on else NOTHING)


def verify_document(raw: bytes, trust: Trust, at: datetime) -> Verdict:
    """Check an uploaded credential, in JSON with its proof inside or as a JWT, at an instant, with bounded work."""
    try:
        read = _read_token(raw) if sniff(raw) is Kind.JWT else _read_json(raw)
    except DocumentError as error:
        return unreadable(error.code, at, error.params)
    except jwt.JwtError as error:
        if error.code == jwt.BAD_SHAPE:
            return unreadable(error.code, at)
        # The text can be read, and says of itself that it is not signed as ours are.
        checks = [Check(CheckName.FORMAT, Result.PASS, "format-good")]
        checks.append(Check(CheckName.SIGNATURE, Result.FAIL, error.code))
        return _verdict(checks, None, at)
    return _judged(read, raw, trust, at)


@dataclass(frozen=True, slots=True)
class _Read:
    """A document that was read, and how its signature is checked against a DID document."""

    document: JsonObject
    prove: Callable[[JsonObject], object]


def _read_json(raw: bytes) -> _Read:
    document = read_document(raw)
    return _Read(document, lambda did_document: proof.verify_proof(document, did_document))


def _read_token(raw: bytes) -> _Read:
    text = raw.decode("ascii").strip()
    _header, document = jwt.read_jwt(text)
    return _Read(document, lambda did_document: jwt.verify_jwt(text, did_document))


def _judged(read: _Read, raw: bytes, trust: Trust, at: datetime) -> Verdict:
    checks = [Check(CheckName.FORMAT, Result.PASS, "format-good")]
    try:
        certificate = openbadge.read_certificate(read.document)
    except openbadge.ShapeError as error:
        checks.append(Check(CheckName.SHAPE, Result.FAIL, error.code))
        return _verdict(checks, None, at)
    checks.append(Check(CheckName.SHAPE, Result.PASS, "shape-good"))
    checks += [_signature(read, certificate, trust), trust.authority(certificate)]
    if checks[-2].result is Result.PASS:
        checks += [_validity(certificate, at), *_register(certificate, raw, trust)]
    return _verdict(checks, certificate, at)


def _register(certificate: Certificate, raw: bytes, trust: Trust) -> list[Check]:
    """Make the checks that need more than the document: what was revoked, suspended and logged."""
    return [trust.revocation(certificate), trust.suspension(certificate), trust.log(certificate, raw)]


def unreadable(code: str, at: datetime, params: Mapping[str, str] = NOTHING) -> Verdict:
    """Return the verdict of an upload that holds no credential we can read."""
    return _verdict([Check(CheckName.FORMAT, Result.FAIL, code, params)], None, at)


def _verdict(checks: list[Check], certificate: Certificate | None, at: datetime) -> Verdict:
    """Add the checks that were not reached, so that every verdict lists all of them in their order."""
    made = {check.name: check for check in checks}
    names = [name for name in CheckName if name not in OF_FILES]
    listed = [made.get(name) or Check(name, Result.UNCHECKED, "earlier-check") for name in names]
    return Verdict(tuple(listed), certificate, at)


def _signature(read: _Read, certificate: Certificate, trust: Trust) -> Check:
    did_document = trust.did_document(certificate.issuer.did)
    if did_document is None:
        params = {"issuer": certificate.issuer.did}
        return Check(CheckName.SIGNATURE, Result.UNKNOWN, "issuer-unknown", params)
    try:
        read.prove(did_document)
    except proof.ProofError as error:
        return Check(CheckName.SIGNATURE, Result.FAIL, error.code)
    return Check(CheckName.SIGNATURE, Result.PASS, "signature-good")


def _validity(certificate: Certificate, at: datetime) -> Check:
    start, end = certificate.valid_from, certificate.valid_until
    if at < start:
        params = {"on": write_instant(start)}
        return Check(CheckName.VALIDITY, Result.FAIL, "not-yet-valid", params)
    if end is None:
        return Check(CheckName.VALIDITY, Result.PASS, "valid-without-end")
    params = {"on": write_instant(end)}
    if at >= end:
        return Check(CheckName.VALIDITY, Result.FAIL, "expired", params)
    return Check(CheckName.VALIDITY, Result.PASS, "within-validity", params)


def revocation_from_list(
    certificate: Certificate, document: JsonObject | None, did_document: JsonObject | None, *, stale: bool = False
) -> Check:
    """Read from a published list whether a certificate is revoked; the list's own proof is checked first.

    Without a list it is unchecked; with one that does not hold it is unknown, since a forged list says
    nothing about the certificate. A `stale` list still revokes and clears nobody.
    """
    return _aged(_from_list(certificate, document, did_document, REVOCATION_LIST), stale=stale)


def suspension_from_list(
    certificate: Certificate, document: JsonObject | None, did_document: JsonObject | None, *, stale: bool = False
) -> Check:
    """Read from the published list of suspensions, beside that of revocations, whether a certificate is suspended."""
    return _aged(_from_list(certificate, document, did_document, SUSPENSION_LIST), stale=stale)


def _aged(check: Check, *, stale: bool) -> Check:
    if stale and check.result is Result.PASS:
        return replace(check, result=Result.UNKNOWN, code="status-list-old")
    return check


@dataclass(frozen=True, slots=True)
class ListKind:
    """What one of the two lists of a body says: its purpose, where it stands, and the codes of its answers."""

    name: CheckName
    purpose: str
    place: str
    missing: str
    found: str
    clear: str


REVOCATION_LIST = ListKind(
    CheckName.REVOCATION, status_list.PURPOSE, "", "no-status-list", "revoked-by-list", "not-revoked-by-list"
)
SUSPENSION_LIST = ListKind(
    CheckName.SUSPENSION,
    "suspension",
    "/suspension",
    "no-suspension-list",
    "suspended-by-list",
    "not-suspended-by-list",
)


def _from_list(
    certificate: Certificate, document: JsonObject | None, did_document: JsonObject | None, kind: ListKind
) -> Check:
    if document is None or did_document is None:
        return Check(kind.name, Result.UNCHECKED, kind.missing)
    try:
        bits = _checked_bits(certificate, document, did_document, kind)
        is_set = status_list.read_bit(bits, certificate.status.index)
        params = {"on": write_instant(read_instant(document.get("validFrom")))}
    except (proof.ProofError, status_list.StatusListError) as error:
        return Check(kind.name, Result.UNKNOWN, error.code)
    except InstantError:
        return Check(kind.name, Result.UNKNOWN, "status-list-broken")
    if is_set:
        return Check(kind.name, Result.FAIL, kind.found, params)
    return Check(kind.name, Result.PASS, kind.clear, params)


def _checked_bits(certificate: Certificate, document: JsonObject, did_document: JsonObject, kind: ListKind) -> bytes:
    if proof.issuer_of(document) != certificate.issuer.did:
        raise status_list.StatusListError("status-list-of-another")
    proof.verify_proof(document, did_document)
    return status_list.read_list(document, certificate.status.list_url + kind.place, kind.purpose)

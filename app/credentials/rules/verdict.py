"""Verification: ordered checks, each passed, failed, unknown or unchecked, and what they add up to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from app.credentials.rules import openbadge, proof, status_list
from app.credentials.rules.document import DocumentError, JsonObject, read_document
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
    """The checks in the order they are made and shown."""

    FORMAT = "format"
    SHAPE = "shape"
    SIGNATURE = "signature"
    AUTHORITY = "authority"
    VALIDITY = "validity"
    STATUS = "status"


DECISIVE = frozenset({CheckName.SIGNATURE, CheckName.VALIDITY, CheckName.STATUS})


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
        """Tell whether nothing failed and signature, validity and status passed."""
        passed = {check.name for check in self.checks if check.result is Result.PASS}
        return not self.failed and passed >= DECISIVE

    def check(self, name: CheckName) -> Check:
        """Return the check of a name."""
        return next(check for check in self.checks if check.name is name)


class Trust(Protocol):
    """What the verifier knows besides the document; nothing a document names is ever fetched."""

    def did_document(self, did: str) -> JsonObject | None:
        """Return the DID document of an issuer, None where the verifier does not have it."""
        ...

    def authority(self, certificate: Certificate) -> Check:
        """Say whether the issuer may issue this kind of certificate."""
        ...

    def status(self, certificate: Certificate) -> Check:
        """Say whether the certificate is revoked."""
        ...


def verify_document(raw: bytes, trust: Trust, at: datetime) -> Verdict:
    """Check an uploaded credential in JSON, at an instant, with bounded work."""
    try:
        document = read_document(raw)
    except DocumentError as error:
        broken = Check(CheckName.FORMAT, Result.FAIL, error.code, error.params)
        return _verdict([broken], None, at)
    checks = [Check(CheckName.FORMAT, Result.PASS, "format-good")]
    try:
        certificate = openbadge.read_certificate(document)
    except openbadge.ShapeError as error:
        checks.append(Check(CheckName.SHAPE, Result.FAIL, error.code))
        return _verdict(checks, None, at)
    checks.append(Check(CheckName.SHAPE, Result.PASS, "shape-good"))
    checks += [_signature(document, certificate, trust), trust.authority(certificate)]
    if checks[-2].result is Result.PASS:
        checks += [_validity(certificate, at), trust.status(certificate)]
    return _verdict(checks, certificate, at)


def unreadable(code: str, at: datetime, params: Mapping[str, str] = NOTHING) -> Verdict:
    """Return the verdict of an upload that holds no credential we can read."""
    return _verdict([Check(CheckName.FORMAT, Result.FAIL, code, params)], None, at)


def _verdict(checks: list[Check], certificate: Certificate | None, at: datetime) -> Verdict:
    """Add the checks that were not reached, so that every verdict lists all of them."""
    made = {check.name for check in checks}
    rest = [Check(name, Result.UNCHECKED, "earlier-check") for name in CheckName if name not in made]
    return Verdict(tuple(checks + rest), certificate, at)


def _signature(document: JsonObject, certificate: Certificate, trust: Trust) -> Check:
    did_document = trust.did_document(certificate.issuer.did)
    if did_document is None:
        params = {"issuer": certificate.issuer.did}
        return Check(CheckName.SIGNATURE, Result.UNKNOWN, "issuer-unknown", params)
    try:
        proof.verify_proof(document, did_document)
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


def status_from_list(certificate: Certificate, document: JsonObject | None, did_document: JsonObject | None) -> Check:
    """Read a certificate's status from a published list, whose own proof is checked first.

    Without a list the status is unchecked; with one that does not hold it is unknown, since a
    forged list says nothing about the certificate.
    """
    if document is None or did_document is None:
        return Check(CheckName.STATUS, Result.UNCHECKED, "no-status-list")
    try:
        bits = _checked_bits(certificate, document, did_document)
        revoked = status_list.read_bit(bits, certificate.status.index)
        params = {"on": write_instant(read_instant(document.get("validFrom")))}
    except (proof.ProofError, status_list.StatusListError) as error:
        return Check(CheckName.STATUS, Result.UNKNOWN, error.code)
    except InstantError:
        return Check(CheckName.STATUS, Result.UNKNOWN, "status-list-broken")
    if revoked:
        return Check(CheckName.STATUS, Result.FAIL, "revoked-by-list", params)
    return Check(CheckName.STATUS, Result.PASS, "not-revoked-by-list", params)


def _checked_bits(certificate: Certificate, document: JsonObject, did_document: JsonObject) -> bytes:
    if proof.issuer_of(document) != certificate.issuer.did:
        raise status_list.StatusListError("status-list-of-another")
    proof.verify_proof(document, did_document)
    return status_list.read_list(document, certificate.status.list_url)

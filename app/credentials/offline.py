"""Verification with nothing but files: bundles, DID documents and status lists that the checker brought along."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.core.columns import JsonObject
from app.core.errors import InvalidError
from app.core.multibase import MultibaseError
from app.core.notes import NoteError
from app.core.signing import Algorithm, read_multikey
from app.core.text import _l
from app.credentials.pictures import BAKED, picture_check
from app.credentials.reading import present
from app.credentials.rules import bundle, cose, proof, status_list, verdict
from app.credentials.rules import did as dids
from app.credentials.rules.bundle import Bundle, BundleError
from app.credentials.rules.delegation import Endorsement, best_coverage, read_endorsement
from app.credentials.rules.document import DocumentError, Limits, read_document
from app.credentials.rules.inputs import Kind, is_proof, sniff
from app.credentials.rules.instants import InstantError, read_instant
from app.credentials.rules.log_check import KnownLogs, log_check, read_logs
from app.credentials.rules.openbadge import Certificate, ShapeError
from app.credentials.rules.printed import Sheet, paper_checks
from app.credentials.rules.qr_check import (
    Distrust,
    KnownBody,
    KnownKey,
    KnownList,
    QrAnswer,
    QrTrust,
    ended,
    known_scope,
    verify_qr,
)
from app.credentials.rules.tlog import digest_of
from app.credentials.rules.verdict import Check, CheckName, ListKind, Result, Verdict

ISSUER_STATUS = "/status/"
TRUST_LIMITS = Limits(size=256 * 1024, objects=1024, string=192 * 1024)
BUNDLE_REFUSALS = {
    "bundle-too-large": _l("A trust bundle is at most 32 MB and unpacks to at most 128 MB. This file is larger."),
    "bundle-broken": _l("The trust bundle is damaged or encrypted. Download it again."),
    "bundle-twice": _l("The trust bundle names a file twice, so it is not one of ours."),
    "bundle-another": _l("This ZIP file is not a trust bundle of this platform."),
    "bundle-version": _l("The trust bundle has a newer form than this program reads."),
    "bundle-files": _l("The trust bundle does not hold exactly what its manifest names: look at %(path)s."),
    "bundle-changed": _l("The file %(path)s in the trust bundle was changed."),
    "bundle-without-authority": _l("The trust bundle lacks the keys of its authority."),
    "bundle-signature": _l("The signature of the trust bundle does not hold, so nothing in it may be trusted."),
    "bundle-content": _l("The file %(path)s in the trust bundle is not as the form of a bundle asks."),
    "bundle-of-another": _l("The trust bundle was made by %(path)s, not by the authority that you named."),
    "bundle-contradicts": _l(
        "Two trust bundles of different authorities both speak of %(path)s. Give only the one that you trust."
    ),
}
BODY_ENTRIES = ("did", "name_zh", "name_en", "closed", "authority")
LATER_ENTRIES = ("distrusted", "reason")
"""What bundles from before do not say of a body."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A trust bundle that was brought along: whose it is, of when, and until when it may clear anybody."""

    authority: str
    made_at: datetime
    valid_until: datetime

    def is_stale(self, at: datetime) -> bool:
        """Tell whether it is too old to say of anybody that nothing was revoked since."""
        return at > self.valid_until


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check without network found: the verdict, what a QR code proves, and the bundles that were brought."""

    verdict: Verdict
    bundles: list[Brought]
    code: QrAnswer | None = None


@dataclass(slots=True)
class BroughtAlong:
    """The documents that the checker trusts, by their own ids; `bodies` only where an authority named them.

    `until` says for each list, by its address, how long it clears anybody. `proof` is a proof file of the public log.
    """

    at: datetime
    proof: bytes | None = None
    did_documents: dict[str, JsonObject] = field(default_factory=dict)
    status_lists: dict[str, JsonObject] = field(default_factory=dict)
    bodies: dict[str, JsonObject] = field(default_factory=dict)
    bundles: list[Brought] = field(default_factory=list)
    endorsements: list[Endorsement] = field(default_factory=list)
    until: dict[str, datetime] = field(default_factory=dict)
    logs: KnownLogs = field(default_factory=KnownLogs)
    named_by: dict[str, str] = field(default_factory=dict)

    def did_document(self, did: str) -> JsonObject | None:
        """Return the DID document of an issuer."""
        return self.did_documents.get(did)

    def authority(self, certificate: Certificate) -> Check:
        """Say whether an authority named the issuer; without a bundle whom to trust is left to the checker."""
        row = self.bodies.get(certificate.issuer.did)
        if row is None and certificate.issuer.did not in self.did_documents:
            return Check(CheckName.AUTHORITY, Result.UNKNOWN, "issuer-unknown")
        if row is None:
            return Check(CheckName.AUTHORITY, Result.UNCHECKED, "authority-offline")
        closed = _closed(row)
        if closed is not None and certificate.valid_from > closed:
            return ended(closed, _distrusted(row))
        if row.get("authority") == "yes" or not any(one.get("authority") == "yes" for one in self.bodies.values()):
            return Check(CheckName.AUTHORITY, Result.PASS, "issuer-ours")
        return verdict.delegated(best_coverage(self.endorsements, certificate))

    def revocation(self, certificate: Certificate) -> Check:
        """Read from the list that the certificate names, if it was brought along."""
        address = certificate.status.list_url
        listed, keys = self.status_lists.get(address), self.did_documents.get(certificate.issuer.did)
        return verdict.revocation_from_list(certificate, listed, keys, stale=self._is_stale(address))

    def suspension(self, certificate: Certificate) -> Check:
        """Read from the list of suspensions, if it was brought along."""
        address = certificate.status.list_url + verdict.SUSPENSION_LIST.place
        listed, keys = self.status_lists.get(address), self.did_documents.get(certificate.issuer.did)
        return verdict.suspension_from_list(certificate, listed, keys, stale=self._is_stale(address))

    def _is_stale(self, address: str) -> bool:
        return address in self.until and self.at > self.until[address]

    def log(self, certificate: Certificate, raw: bytes) -> Check:
        """Check the proof file that was brought along; the log itself cannot be asked without network."""
        return log_check(self.proof, certificate, _digests(raw), self.logs)

    def for_qr(self, text: str) -> QrTrust:
        """Return the same trust as the check of a QR code asks for it, with the one list that the code names."""
        as_of = max((one.made_at for one in self.bundles), default=None)
        bodies = [self._known_body(did, self.bodies.get(did)) for did in self.did_documents]
        keys = [key for did, document in self.did_documents.items() for key in _known_keys(did, document)]
        return QrTrust(as_of, bodies, keys, dict(self._lists_of(text)))

    def _known_body(self, did: str, row: JsonObject | None) -> KnownBody:
        if row is None:
            return KnownBody(did)
        scopes = tuple(known_scope(one) for one in self.endorsements if one.body == did)
        return KnownBody(
            did,
            str(row["name_zh"]),
            str(row["name_en"]),
            closed_at=_closed(row),
            vouched=True,
            scopes=None if row.get("authority") == "yes" else scopes,
            distrusted=_distrusted(row),
        )

    def _lists_of(self, text: str) -> Iterator[tuple[str, KnownList]]:
        """Yield the list that a code names; a list whose own proof does not hold says nothing and is left out."""
        try:
            code = cose.read_claims(cose.read_cose(cose.read_address(text)).claims).list_code
        except cose.CoseError:
            return
        for address in [one for one in self.status_lists if one.endswith(f"{ISSUER_STATUS}{code}")]:
            did = str(self.status_lists[address].get("issuer"))
            revoked, as_of = self._bits(address, did, verdict.REVOCATION_LIST)
            suspended, _as_of = self._bits(address, did, verdict.SUSPENSION_LIST)
            ends = [self.until[one] for one in (address, address + verdict.SUSPENSION_LIST.place) if one in self.until]
            yield code, KnownList(did, revoked, suspended, None if self.bundles else as_of, min(ends, default=None))

    def _bits(self, address: str, did: str, kind: ListKind) -> tuple[bytes | None, datetime | None]:
        listed, keys = self.status_lists.get(address + kind.place), self.did_documents.get(did)
        if listed is None or keys is None:
            return None, None
        try:
            proof.verify_proof(listed, keys)
            bits = status_list.read_list(listed, address + kind.place, kind.purpose)
            return bits, read_instant(listed.get("validFrom"))
        except (proof.ProofError, status_list.StatusListError, InstantError):
            return None, None


def _closed(row: JsonObject) -> datetime | None:
    return read_instant(row["closed"]) if row.get("closed") else None


def _distrusted(row: JsonObject) -> Distrust | None:
    return Distrust(read_instant(row["distrusted"]), row["reason"]) if row["distrusted"] else None


def _known_keys(did: str, document: JsonObject) -> Iterator[KnownKey]:
    """Yield the P-256 keys of a DID document that are its own."""
    allowed = document.get("assertionMethod", [])
    for method in document.get("verificationMethod", []):
        try:
            key = read_multikey(str(method.get("publicKeyMultibase")))
        except MultibaseError:
            continue
        if key.algorithm is Algorithm.P256 and method.get("controller") == did:
            yield KnownKey(did, key, revoked="revoked" in method or method.get("id") not in allowed)


def _digests(raw: bytes) -> set[str]:
    """Return the names under which the log may know a credential: of its bytes, and of them without a layout.

    A JWT is another text than the one that the log knows.
    """
    if sniff(raw) is Kind.JWT:
        return set()
    plain = json.dumps(read_document(raw), ensure_ascii=False, separators=(",", ":"))
    return {digest_of(raw), digest_of(plain.encode())}


def verify_with(
    raw: bytes, trusted: Sequence[bytes], *, at: datetime, proof: bytes | None = None, authority: str = ""
) -> Checked:
    """Verify a certificate in any form with brought-along documents, and tell which bundles were among them.

    `proof` is a proof file of the public log; with `authority` a bundle of any other is refused.
    Raises InvalidError for a document that cannot be read or a bundle that must not be trusted.
    """
    brought = _read(trusted, BroughtAlong(at, proof), authority)
    try:
        found = present(raw)
    except DocumentError as error:
        return Checked(verdict.unreadable(error.code, at, error.params), brought.bundles)
    if found.credential is None:
        return _by_code(found.references, brought, at)
    made = verdict.verify_document(found.credential, brought, at)
    if found.sheet is not None:
        made = made.with_checks(*_checks_of_paper(found.sheet, made, brought))
    if found.kind in BAKED:
        made = made.with_checks(picture_check(found, raw, made, None))
    return Checked(made, brought.bundles)


def _by_code(references: tuple[str, ...], brought: BroughtAlong, at: datetime) -> Checked:
    """Verify the proof that a QR code carries; numbers and other addresses lead nowhere without network."""
    codes = {one for one in references if is_proof(one)}
    if len(codes) != 1:
        return Checked(verdict.unreadable("several-codes" if codes else "reference-offline", at), brought.bundles)
    text = codes.pop()
    found = verify_qr(text, brought.for_qr(text), at)
    made = found.verdict
    if brought.proof is not None:
        told = Check(CheckName.LOG, Result.UNCHECKED, "log-needs-json")
        made = replace(made, checks=tuple(told if one.name is CheckName.LOG else one for one in made.checks))
    return Checked(made, brought.bundles, found)


def _checks_of_paper(sheet: Sheet, made: Verdict, brought: BroughtAlong) -> Sequence[Check]:
    """Compare a PDF with its credential, once that holds; the issued sheet is not there, so only a seal proves it."""
    facts = made.certificate
    if facts is None or made.check(CheckName.SIGNATURE).result is not Result.PASS:
        return [Check(name, Result.UNCHECKED, "earlier-check") for name in (CheckName.TEXT, CheckName.SEAL)]
    document = brought.did_document(facts.issuer.did) or {}
    return paper_checks(
        sheet,
        facts,
        issued=None,
        is_issuers=lambda key: dids.seals_with(document, key),
        was_issuers=lambda key: dids.sealed_with(document, key),
    )


def _read(trusted: Sequence[bytes], brought: BroughtAlong, authority: str) -> BroughtAlong:
    """Read what was brought along: single documents first, because a pinned authority judges the bundles.

    Of several bundles the youngest speaks last.
    """
    packed = [content for content in trusted if content.startswith(bundle.ZIP_MAGIC)]
    for content in trusted:
        if content not in packed:
            _keep_single(brought, content)
    pinned, own = dict(brought.did_documents), dict(brought.status_lists)
    try:
        opened = [bundle.open_bundle(content, pinned) for content in packed]
        for one in sorted(opened, key=lambda found: found.made_at):
            _keep_bundle(brought, one, authority)
    except BundleError as error:
        raise InvalidError(str(BUNDLE_REFUSALS[error.code]).replace("%(path)s", error.path)) from error
    brought.did_documents |= pinned
    brought.status_lists |= own
    return brought


def _keep_single(brought: BroughtAlong, content: bytes) -> None:
    """Keep a document that was given by itself; how long a list clears anybody it says itself."""
    try:
        document = _trusted(content)
    except DocumentError as error:
        raise InvalidError(_l("A file given with --trust cannot be read.")) from error
    address = str(document.get("id"))
    if "verificationMethod" in document:
        brought.did_documents[address] = document
        return
    brought.status_lists[address] = document
    try:
        begins = read_instant(document.get("validFrom"))
        ends = read_instant(document["validUntil"]) if "validUntil" in document else begins + bundle.VALID
    except (InstantError, OverflowError):
        return
    brought.until[address] = ends


def _trusted(content: bytes) -> JsonObject:
    """Read a DID document or a status list; raises DocumentError for anything that has the form of neither."""
    document = read_document(content, TRUST_LIMITS)
    methods, allowed = document.get("verificationMethod", []), document.get("assertionMethod", [])
    if not isinstance(methods, list) or not isinstance(allowed, list):
        raise DocumentError("not-an-object")
    if not all(isinstance(one, dict) for one in methods):
        raise DocumentError("not-an-object")
    return document


def _keep_bundle(brought: BroughtAlong, opened: Bundle, authority: str) -> None:
    if authority not in {"", opened.authority}:
        raise BundleError("bundle-of-another", opened.authority)
    brought.bundles.append(Brought(opened.authority, opened.made_at, opened.valid_until))
    for path, content in opened.files.items():
        if path.startswith(("did/", "status/")) and path.endswith(".json"):
            _keep_packed(brought, opened, path, content)
    brought.bodies |= _bodies(opened)
    own = brought.did_documents.get(opened.authority, {})
    for path, content in opened.files.items():
        if path.startswith("endorsement/"):
            brought.endorsements.append(_endorsement(content, own))
    brought.logs = brought.logs.and_also(_logs(opened))


def _keep_packed(brought: BroughtAlong, opened: Bundle, path: str, content: bytes) -> None:
    """Keep a document of a bundle; what one authority names another one must not replace."""
    try:
        document = _trusted(content)
    except DocumentError as error:
        raise BundleError("bundle-content", path) from error
    address = str(document.get("id"))
    if brought.named_by.setdefault(address, opened.authority) != opened.authority:
        raise BundleError("bundle-contradicts", address)
    if "verificationMethod" in document:
        brought.did_documents[address] = document
        return
    brought.status_lists[address] = document
    brought.until[address] = opened.valid_until


def _bodies(opened: Bundle) -> dict[str, JsonObject]:
    """Read who the authority says its issuing bodies are; raises BundleError for another form."""
    path = "bodies.json"
    try:
        rows = read_document(opened.files[path], bundle.DID_LIMITS)["bodies"]
        later = dict.fromkeys(LATER_ENTRIES, "")
        found = {row["did"]: {name: str(({**later, **row})[name]) for name in (*BODY_ENTRIES, *later)} for row in rows}
        for row in found.values():
            _closed(row)
            _distrusted(row)
    except (DocumentError, KeyError, TypeError, InstantError) as error:
        raise BundleError("bundle-content", path) from error
    return found


def _logs(opened: Bundle) -> KnownLogs:
    """Read the keys of the public log and the root that the authority saw."""
    keys, checkpoint = (opened.files.get(path, b"") for path in (bundle.LOG_KEYS, bundle.CHECKPOINT))
    try:
        return read_logs(keys.decode(), checkpoint.decode())
    except (NoteError, UnicodeDecodeError) as error:
        raise BundleError("bundle-content", bundle.LOG_KEYS) from error


def _endorsement(content: bytes, authority: JsonObject) -> Endorsement:
    """Read what the authority signed of a body; raises InvalidError where it does not hold."""
    try:
        document = read_document(content, TRUST_LIMITS)
        proof.verify_proof(document, authority)
        return read_endorsement(document)
    except (DocumentError, proof.ProofError, ShapeError) as error:
        raise InvalidError(
            _l("An endorsement in the trust bundle does not hold. Download the bundle again.")
        ) from error

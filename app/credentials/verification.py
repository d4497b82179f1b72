"""Verification against our own records: a file, a text, an address, a number; nothing is ever fetched."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.core import clock, files
from app.core.columns import JsonObject
from app.credentials import queries
from app.credentials.models import Certificate, IssuingBody
from app.credentials.pictures import BAKED, picture_check
from app.credentials.queries import body_orders, delegations, phone
from app.credentials.queries.verification import IssueLeaf
from app.credentials.reading import Presented, present, sheet_of
from app.credentials.references import Missed, code_of, reference_in
from app.credentials.rules import did as dids
from app.credentials.rules import verdict
from app.credentials.rules.cose import QrFacts, qr_facts
from app.credentials.rules.delegation import Endorsement, best_coverage
from app.credentials.rules.document import DocumentError, read_document
from app.credentials.rules.inputs import Kind, is_proof, spellings
from app.credentials.rules.instants import write_instant
from app.credentials.rules.near import nearness, same_name, slips_of
from app.credentials.rules.openbadge import Achievement, Bilingual, Holder, ShapeError, read_certificate
from app.credentials.rules.openbadge import Certificate as Facts
from app.credentials.rules.printed import Sheet, paper_checks
from app.credentials.rules.qr_check import Distrust, QrTrust, ended, verify_qr
from app.credentials.rules.templates import end_of, first_instant
from app.credentials.rules.tlog import digest_of, read_leaf
from app.credentials.rules.verdict import Check, CheckName, Result, Verdict
from app.credentials.states import CertificateState

CREDENTIAL_NAME = "credential.json"
BY_HAND = (Kind.REFERENCE, Kind.ADDRESS)
UPLOAD_LIMIT = 4 * 1024 * 1024


class OwnRecords:
    """What this installation knows: its issuing bodies, their keys, and what it revoked.

    Records that were read already are given, so that they are not read again; of many their leaves of the log, too.
    What is said of a body is asked once.
    """

    def __init__(self, *records: Certificate, leaves: Mapping[int, IssueLeaf] | None = None) -> None:
        self._bodies: dict[str, IssuingBody | None] = {}
        self._documents: dict[str, JsonObject | None] = {}
        self._delegated: dict[str, list[Endorsement] | None] = {}
        self._records: dict[str, Certificate | None] = {one.code: one for one in records}
        self._leaves = leaves

    def _body(self, issuer: str) -> IssuingBody | None:
        if issuer not in self._bodies:
            self._bodies[issuer] = queries.body_by_did(issuer)
        return self._bodies[issuer]

    def did_document(self, did: str) -> JsonObject | None:
        """Return the DID document of one of our bodies."""
        if did not in self._documents:
            body = self._body(did)
            self._documents[did] = queries.did_document(body) if body else None
        return self._documents[did]

    def authority(self, certificate: Facts) -> Check:
        """Tell whether the issuer is one of our bodies; a closed one keeps what it issued before."""
        body = self._body(certificate.issuer.did)
        if body is None:
            params = {"issuer": certificate.issuer.did}
            return Check(CheckName.AUTHORITY, Result.FAIL, "issuer-not-ours", params)
        if body.closed_at is not None and certificate.valid_from > body.closed_at:
            return _ended(body, body.closed_at)
        if body.did not in self._delegated:
            needs_none = delegations.is_self_standing(body)
            self._delegated[body.did] = None if needs_none else delegations.endorsements_of(body)
        given = self._delegated[body.did]
        if given is None:
            return Check(CheckName.AUTHORITY, Result.PASS, "issuer-ours")
        return verdict.delegated(best_coverage(given, certificate))

    def _record(self, certificate: Facts) -> Certificate | None:
        code = code_of(certificate.url)
        if code and code not in self._records:
            self._records[code] = queries.by_code(code)
        return self._records[code] if code else None

    def revocation(self, certificate: Facts) -> Check:
        """Tell from the register itself whether a certificate is revoked, since when and why."""
        record = self._record(certificate)
        if record is None:
            return Check(CheckName.REVOCATION, Result.UNKNOWN, "not-in-register")
        if record.revoked_at is not None and record.revoked_for is not None:
            params = {"on": write_instant(record.revoked_at), "reason": record.revoked_for.value}
            return Check(CheckName.REVOCATION, Result.FAIL, "revoked", params)
        return Check(CheckName.REVOCATION, Result.PASS, "not-revoked")

    def suspension(self, certificate: Facts) -> Check:
        """Tell from the register itself whether a certificate is suspended, since when and why."""
        record = self._record(certificate)
        if record is None:
            return Check(CheckName.SUSPENSION, Result.UNKNOWN, "not-in-register")
        if record.suspended(clock.now()) and record.suspended_at is not None and record.suspended_for is not None:
            params = {"on": write_instant(record.suspended_at), "reason": record.suspended_for.value}
            if record.suspended_until is None:
                return Check(CheckName.SUSPENSION, Result.FAIL, "suspended", params)
            params["until"] = write_instant(record.suspended_until)
            return Check(CheckName.SUSPENSION, Result.FAIL, "suspended-until", params)
        return Check(CheckName.SUSPENSION, Result.PASS, "not-suspended")

    def is_sealing_key(self, certificate: Facts, key: bytes) -> bool | None:
        """Tell whether a key is one that the issuer seals PDF files with; None where its keys are not known."""
        document = self.did_document(certificate.issuer.did)
        return None if document is None else dids.seals_with(document, key)

    def was_sealing_key(self, certificate: Facts, key: bytes) -> bool:
        """Tell whether a key sealed PDF files for the issuer until it was compromised."""
        document = self.did_document(certificate.issuer.did)
        return document is not None and dids.sealed_with(document, key)

    def log(self, certificate: Facts, raw: bytes) -> Check:
        """Tell whether the public log holds the issue of exactly this certificate, under a signed root.

        Another text under its address that is signed all the same means that a key was misused. Of a
        certificate whose data was erased the log still knows the digest, so the file itself is compared.
        """
        record = self._record(certificate)
        if record is None:
            return Check(CheckName.LOG, Result.UNKNOWN, "not-in-register")
        if facts_of(record) not in {certificate, None}:
            return Check(CheckName.LOG, Result.FAIL, "another-than-issued")
        digests = {digest_of((record.credential or "").encode()), digest_of(raw)}
        known = queries.issue_leaf(record.id) if self._leaves is None else self._leaves.get(record.id)
        leaf, sealed = known or (None, False)
        if leaf is None or read_leaf(leaf).credential not in digests:
            return Check(CheckName.LOG, Result.FAIL, "not-logged")
        if not sealed:
            return Check(CheckName.LOG, Result.UNKNOWN, "log-waits")
        return Check(CheckName.LOG, Result.PASS, "logged")


def _ended(body: IssuingBody, at: datetime) -> Check:
    """Say that a body had ended, or that the authority does not trust it since a day, and why."""
    order = body_orders.distrust_of(body.id)
    return ended(at, Distrust(order.since, order.reason) if order is not None and order.since is not None else None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check found: the verdict, our own record where there is one, and whether a given name is the certified.

    `name_fits` is None where no name was given, or none could be compared.
    """

    verdict: Verdict
    record: Certificate | None
    kind: Kind = Kind.REFERENCE
    given_name: str = ""
    name_fits: bool | None = None

    @property
    def held(self) -> Facts | None:
        """Return what the register holds of this certificate."""
        return facts_of(self.record) if self.record else None


def facts_of(record: Certificate) -> Facts | None:
    """Return the facts of one of our own records; None where its data was erased."""
    try:
        return read_certificate(record.document)
    except ShapeError:
        return None


def verify_input(raw: bytes, *, at: datetime, name: str = "") -> Answer | Missed:
    """Verify whatever was handed in: any file of a certificate, its text, or a number or address that leads to one."""
    try:
        found = present(raw)
    except DocumentError as error:
        return Answer(verdict.unreadable(error.code, at, error.params), None, Kind.UNKNOWN, name)
    if found.credential is None:
        return _by_references(found, at=at, name=name)
    return _with_name(_verified(found, raw, at=at), name)


def verify_document(raw: bytes, *, at: datetime) -> Answer:
    """Verify a file of a certificate in any of its forms; one that only leads to a certificate is unreadable."""
    found = verify_input(raw, at=at)
    return found if isinstance(found, Answer) else Answer(verdict.unreadable("not-json", at), None)


def _verified(found: Presented, raw: bytes, *, at: datetime) -> Answer:
    own = OwnRecords()
    made = verdict.verify_document(found.credential or b"", own, at)
    record = _record_of(found.credential or b"", made)
    if found.sheet is not None:
        made = made.with_checks(*_checks_of_paper(found.sheet, made, _issued_sheet(found.sheet, raw, record), own))
        made = _without_paper(made) if record is not None and record.pdf_file_id is None else made
    if found.kind in BAKED:
        made = made.with_checks(picture_check(found, raw, made, record))
    return Answer(made, record, found.kind)


def _record_of(credential: bytes, made: Verdict) -> Certificate | None:
    """Return our record of a document, also of one that was changed so far that its facts cannot be read."""
    try:
        url = made.certificate.url if made.certificate else str(read_document(credential).get("id"))
    except DocumentError:
        return None
    code = code_of(url)
    return queries.by_reference(code) if code else None


def _without_paper(made: Verdict) -> Verdict:
    """Refuse a sheet that nothing proves, of a certificate that the register issued without one."""
    if not made.holds or made.valid:
        return made
    made_up = Check(CheckName.TEXT, Result.FAIL, "sheet-never-issued")
    return replace(made, checks=tuple(made_up if one.name is CheckName.TEXT else one for one in made.checks))


def _checks_of_paper(sheet: Sheet, made: Verdict, issued: Sheet | None, own: OwnRecords) -> Sequence[Check]:
    """Compare a PDF with its credential, once that holds, and with the sheet that was issued."""
    facts = made.certificate
    if facts is None or made.check(CheckName.SIGNATURE).result is not Result.PASS:
        return [Check(name, Result.UNCHECKED, "earlier-check") for name in (CheckName.TEXT, CheckName.SEAL)]
    return paper_checks(
        sheet,
        facts,
        issued=issued,
        is_issuers=lambda key: own.is_sealing_key(facts, key),
        was_issuers=lambda key: own.was_sealing_key(facts, key),
    )


def _issued_sheet(sheet: Sheet, raw: bytes, record: Certificate | None) -> Sheet | None:
    """Return the sheet that the register keeps of a certificate; the very same file is not read twice."""
    stored = queries.pdf_of(record) if record else None
    if stored is None:
        return None
    if stored.sha256 == hashlib.sha256(raw).hexdigest():
        return sheet
    try:
        return sheet_of(files.load(stored))
    except DocumentError:
        return None


def _with_name(answer: Answer, name: str) -> Answer:
    """Say whether the name that was given is the certified one."""
    facts = answer.held or answer.verdict.certificate
    if not name.strip() or facts is None:
        return answer
    fits = same_name(name, facts.holder.name, facts.holder.name_latin)
    return Answer(answer.verdict, answer.record, answer.kind, name, fits)


def verify_certificate(certificate: Certificate, *, at: datetime) -> Verdict:
    """Verify one of our own certificates from the bytes that are published."""
    return verdict.verify_document((certificate.credential or "").encode(), OwnRecords(certificate), at)


def verify_all(certificates: Sequence[Certificate], *, at: datetime) -> dict[int, Verdict]:
    """Verify many of our own certificates as each is by itself; the statements grow with their bodies only."""
    own = OwnRecords(*certificates, leaves=queries.issue_leaves([one.id for one in certificates]))
    return {one.id: verdict.verify_document((one.credential or "").encode(), own, at) for one in certificates}


def verify_reference(reference: str, *, at: datetime, name: str = "") -> Answer | Missed:
    """Verify by number, code or address.

    An address under another host is never followed: what it shows was not issued here.
    """
    found = reference_in(reference)
    if isinstance(found, Missed):
        return found
    if is_proof(found):
        return _with_name(verify_proof_of_qr(found, at=at), name)
    record = next(filter(None, map(queries.by_reference, spellings(found.lower()))), None)
    if record is None:
        return _missed(reference, found.upper(), name)
    return _with_name(Answer(verify_certificate(record, at=at), record), name)


def verify_proof_of_qr(text: str, *, at: datetime) -> Answer:
    """Verify the proof in the text of a QR code, then ask the register what only it knows of the certificate."""
    found = verify_qr(text, QrTrust(at, phone.known_bodies(), phone.known_keys()), at)
    if found.facts is None:
        return Answer(found.verdict, None, Kind.QR)
    record = queries.by_reference(found.facts.code)
    held = facts_of(record) if record else None
    said = _said_by(found.facts, held) if held else None
    made = replace(found.verdict, certificate=said)
    if made.check(CheckName.SIGNATURE).result is Result.PASS:
        asked = _asked(held, as_issued=held is not None and qr_facts(held) == found.facts)
        made = replace(made, checks=tuple(asked.get(one.name, one) for one in made.checks))
    return Answer(made, record, Kind.QR)


def _asked(held: Facts | None, *, as_issued: bool) -> dict[CheckName, Check]:
    """Make the checks that the register answers; a signed proof of something else than was issued is a forged one."""
    if held is None:
        names = (CheckName.REVOCATION, CheckName.SUSPENSION, CheckName.LOG)
        return {name: Check(name, Result.UNKNOWN, "not-in-register") for name in names}
    own = OwnRecords()
    log = own.log(held, b"") if as_issued else Check(CheckName.LOG, Result.FAIL, "another-than-issued")
    return {one.name: one for one in (own.revocation(held), own.suspension(held), log)}


def _said_by(facts: QrFacts, held: Facts) -> Facts:
    """Return what a QR code says of a certificate; what it has no room for is taken from the register."""
    return replace(
        held,
        holder=held.holder if facts.holder == held.holder.name else Holder(facts.holder),
        achievement=_achievement_said_by(facts, held),
        number=facts.number,
        hours=held.hours if facts.hours == held.hours else facts.hours,
        valid_from=held.valid_from
        if qr_facts(held).valid_from == facts.valid_from
        else first_instant(facts.valid_from),
        valid_until=end_of(facts.valid_until),
    )


def _achievement_said_by(facts: QrFacts, held: Facts) -> Achievement:
    """Return the achievement that a QR code names, in the register's words where the code says no other."""
    known = qr_facts(held)
    if (facts.kind, facts.level, facts.level_name) == (known.kind, known.level, known.level_name):
        return held.achievement
    own = Bilingual(facts.level_name) if facts.level_name else None
    return replace(held.achievement, kind=facts.kind, level=facts.level, level_name=own)


def _by_references(found: Presented, *, at: datetime, name: str) -> Answer | Missed:
    """Verify what a line or the codes of a picture lead to; between several certificates nothing is guessed."""
    answers = [verify_reference(one, at=at, name=name) for one in found.references]
    good = {one.record.code: one for one in answers if isinstance(one, Answer) and one.record}
    if len(good) > 1:
        return Answer(verdict.unreadable("several-codes", at), None, found.kind, name)
    for one in good.values():
        return Answer(one.verdict, one.record, found.kind, one.given_name, one.name_fits)
    return answers[0]


def _missed(reference: str, number: str, name: str) -> Missed:
    """Say how near a number that was never issued comes to one that was, without saying whose that is."""
    near = queries.with_numbers(slips_of(number))
    fits = bool(name.strip()) and any(_is_of(one, name) for one in near)
    return Missed(reference, nearness(number, [one.number or "" for one in near], fits=fits), len(near))


def _is_of(record: Certificate, name: str) -> bool:
    facts = facts_of(record)
    return facts is not None and same_name(name, facts.holder.name, facts.holder.name_latin)


def attached_credential(raw: bytes) -> bytes:
    """Return the credential inside a PDF; raises DocumentError where there is none that we can read."""
    return present(raw).credential or b""


def standing(certificate: Certificate, at: datetime) -> str:
    """Return the word for a certificate's state at an instant: valid, expired, suspended, revoked or not yet valid."""
    if certificate.state is CertificateState.REVOKED:
        return "revoked"
    if certificate.suspended(at):
        return "suspended"
    if certificate.expired(at):
        return "expired"
    return "not_yet" if at < certificate.valid_from else "valid"

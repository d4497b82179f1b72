"""Codes of checks, findings and reasons as sentences, put into words when they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core.columns import JsonObject
from app.core.errors import Text
from app.core.jobs import Job, JobState
from app.core.text import _, _l, pick
from app.credentials.models import Certificate, CertificateRequest
from app.credentials.rules.instants import read_instant
from app.credentials.rules.openbadge import Achievement
from app.credentials.rules.openbadge import Certificate as Facts
from app.credentials.rules.verdict import Check, CheckName, Result, Verdict
from app.credentials.states import (
    OF_AUTHORITY,
    OF_ORGANISATIONS,
    BatchState,
    CertificateKind,
    RevocationReason,
    SuspensionReason,
)
from app.credentials.wording_input import MORE_SENTENCES
from app.credentials.wording_log import LOG_SENTENCES
from app.rulebook.terms import LEVEL_NAMES
from app.web.formats import day, number, when

KINDS: dict[str, Text] = {
    CertificateKind.COURSE_COMPLETION: _l("Completed training"),
    CertificateKind.EXAM_PASS: _l("Passed exam"),
    CertificateKind.CAPABILITY: _l("Level of capability"),
    CertificateKind.TITLE: _l("Professional title"),
    CertificateKind.CREDIT_REPORT: _l("Credit report"),
    CertificateKind.ACCREDITATION: _l("Accreditation of a training base"),
    CertificateKind.CONTINUING_EDUCATION: _l("Continuing education"),
}
REASONS: dict[str, Text] = {
    RevocationReason.ISSUED_IN_ERROR: _l("Issued in error"),
    RevocationReason.FALSE_PAPERS: _l("Obtained with false papers"),
    RevocationReason.EXAM_BREACH: _l("Serious breach of exam discipline"),
    RevocationReason.SUPERSEDED: _l("Replaced by a new certificate"),
    RevocationReason.AWARD_WITHDRAWN: _l("The award was withdrawn"),
    RevocationReason.HOLDER_REQUEST: _l("At the holder's request"),
    RevocationReason.KEY_COMPROMISED: _l("The signing key was compromised"),
    RevocationReason.ACCREDITATION_ENDED: _l("The accreditation ended"),
    RevocationReason.FACT_CORRECTED: _l("The records it rests on were corrected"),
    RevocationReason.ISSUER_DISTRUSTED: _l("The authority does not trust what the body issued then"),
}
# That a body is not trusted is for the authority to say
BODY_REVOCATIONS = {code: text for code, text in REASONS.items() if code not in OF_AUTHORITY}
SUSPENSION_REASONS: dict[str, Text] = {
    SuspensionReason.INVESTIGATION: _l("An investigation is under way"),
    SuspensionReason.OBJECTION: _l("An objection is being heard"),
    SuspensionReason.CONTINUING_EDUCATION: _l("Continuing education is missing"),
    SuspensionReason.SANCTION: _l("By a sanction decision"),
    SuspensionReason.HOLDER_REQUEST: _l("At the holder's request"),
    SuspensionReason.ACCREDITATION_SUSPENDED: _l("The authority suspended the accreditation"),
}
BATCH_STATES: dict[str, tuple[Text, str]] = {
    BatchState.PREPARED: (_l("Waits for approval"), "waiting"),
    BatchState.APPROVED: (_l("Being issued"), "info"),
    BatchState.REJECTED: (_l("Rejected"), "bad"),
    BatchState.ISSUED: (_l("Issued"), "good"),
}
STANDINGS: dict[str, tuple[Text, str]] = {
    "valid": (_l("Valid"), "good"),
    "expired": (_l("Expired"), "bad"),
    "revoked": (_l("Revoked"), "bad"),
    "suspended": (_l("Suspended"), "waiting"),
    "not_yet": (_l("Not yet valid"), "waiting"),
}
CHECKS: dict[str, Text] = {
    CheckName.FORMAT: _l("Format"),
    CheckName.SHAPE: _l("Content"),
    CheckName.SIGNATURE: _l("Signature"),
    CheckName.AUTHORITY: _l("Issuing body"),
    CheckName.VALIDITY: _l("Validity"),
    CheckName.REVOCATION: _l("Revocation"),
    CheckName.SUSPENSION: _l("Suspension"),
    CheckName.LOG: _l("Public log"),
    CheckName.TEXT: _l("Printed text"),
    CheckName.SEAL: _l("Signature of the PDF"),
    CheckName.PICTURE: _l("Picture"),
}
RESULTS: dict[str, tuple[Text, str]] = {
    Result.PASS: (_l("Check passed"), "good"),
    Result.FAIL: (_l("Failed"), "bad"),
    Result.UNKNOWN: (_l("Could not be decided"), "waiting"),
    Result.UNCHECKED: (_l("Not checked"), "neutral"),
}
ISOLATE, END_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
"""Around what people typed: a name that turns the writing direction must not turn the sentence about it."""
FULL_STOP = "\N{IDEOGRAPHIC FULL STOP}"
ALTERED: Text = _l("The document says something else than what was signed, so it was changed or copied in part.")
SENTENCES: dict[str, Text] = {
    "format-good": _l("The file can be read."),
    "too-large": _l("The document is larger than a certificate can be."),
    "not-json": _l(
        "The file or text is none of the forms of a certificate: PDF, PNG, SVG, JSON, JWT or a picture of its QR code."
    ),
    "not-an-object": _l("The file is JSON, but not a certificate."),
    "duplicate-key": _l("The document names an entry twice, so readers could see different values."),
    "number": _l("The document holds a number where a certificate has none."),
    "control-character": _l("The document holds invisible characters that a certificate never has."),
    "string-too-long": _l("The document holds a text longer than a certificate can hold."),
    "too-deep": _l("The document is nested deeper than a certificate can be."),
    "too-many-objects": _l("The document has more parts than a certificate can have."),
    "pdf-broken": _l("The PDF cannot be read. Download it again and check the whole file."),
    "pdf-encrypted": _l("The PDF is protected by a password. Check the original file instead."),
    "pdf-without-credential": _l("The PDF carries no credential, so it is not a certificate issued here."),
    "png-broken": _l("The image cannot be read. Download it again and check the whole file."),
    "png-without-credential": _l(
        "The image carries no credential. Apps and photo libraries often remove it: check the PDF."
    ),
    "svg-broken": _l("The drawing cannot be read. Download it again and check the whole file."),
    "svg-without-credential": _l("The drawing carries no credential, so it is not a certificate issued here."),
    "baked-twice": _l("The image carries more than one credential, so readers could see different ones."),
    "shape-good": _l("Every entry is one that a certificate issued here has."),
    "not-our-shape": _l("The entries are not those of a certificate issued here."),
    "signature-good": _l("The signature of the issuing body holds for every entry."),
    "issuer-unknown": _l("The keys of the named issuer are not known here."),
    "signature-wrong": _l("The signature does not fit: at least one entry was changed after signing."),
    "proof-missing": _l("The document carries no signature."),
    "key-revoked": _l(
        "The key that signed this copy was compromised and revoked. The certificate was issued again with the same "
        "entries: take it from its address and check that one."
    ),
    "controller-is-another": _l("The signature was made by somebody else than the named issuer."),
    "key-unknown": _l("The signature was made with a key that the issuer never had."),
    "issuer-ours": _l("The issuer is an issuing body of this platform."),
    "issuer-not-ours": _l("The named issuer is no issuing body of this platform."),
    "scope-covered": _l("The authority had delegated this kind and level to the issuing body, since %(on)s."),
    "scope-none": _l("The authority has delegated nothing to the issuing body."),
    "scope-kind": _l("The authority has not delegated this kind of certificate to the issuing body."),
    "scope-level": _l("The authority has not delegated this level to the issuing body."),
    "scope-not-begun": _l("The authority of the issuing body began only on %(on)s, after this certificate."),
    "scope-ended": _l("The authority of the issuing body had ended on %(on)s, before this certificate."),
    "scope-of-another": _l("The authority's endorsement is of another body."),
    "issuer-distrusted": _l("The authority trusts nothing that this body issued from %(on)s on: %(reason)s"),
    "issuer-closed": _l("The authority of the issuing body ended before the day from which this certificate is valid."),
    "authority-offline": _l("Without network, trusting the issuer is up to whoever brought its keys along."),
    "within-validity": _l("Valid until %(on)s."),
    "valid-without-end": _l("Valid without an end."),
    "expired": _l("The validity ended on %(on)s."),
    "not-yet-valid": _l("The validity begins on %(on)s."),
    "not-revoked": _l("The certificate is not revoked."),
    "revoked": _l("Revoked on %(on)s. Reason: %(reason)s."),
    "not-in-register": _l("The register holds no certificate under this address."),
    "not-revoked-by-list": _l("Not revoked by the status list of %(on)s."),
    "revoked-by-list": _l("Revoked by the status list of %(on)s."),
    "suspended": _l("Suspended on %(on)s. Reason: %(reason)s."),
    "suspended-until": _l("Suspended on %(on)s until the end of %(until)s. Reason: %(reason)s."),
    "not-suspended": _l("The certificate is not suspended."),
    "not-suspended-by-list": _l("Not suspended by the list of suspensions of %(on)s."),
    "suspended-by-list": _l("Suspended by the list of suspensions of %(on)s."),
    "no-suspension-list": _l("Without the list of suspensions nobody can say whether it is suspended now."),
    "log-offline": _l("Without network the public log cannot be asked."),
    "logged": _l("The public log holds the issue of exactly this certificate."),
    "log-waits": _l("The issue waits to be sealed in the public log, which happens each minute. Check again soon."),
    "not-logged": _l("The public log does not hold the issue of this certificate."),
    "status-list-old": _l("The status list of %(on)s is too old to say that it was not revoked or suspended since."),
    "status-index-outside": _l("The status list has no place of that number."),
    "key-newer": _l("The key is not among those known here on %(on)s. Connect to the network once and check again."),
    "reference-offline": _l("A number or address leads nowhere without network. Bring the file or the QR code."),
    "qr-good": _l("The QR code can be read."),
    "qr-not-ours": _l("This is not the QR code of a certificate issued here."),
    "qr-too-long": _l("This is longer than the QR code of a certificate can be."),
    "qr-damaged": _l("Digits of the QR code are missing or changed. Scan it again."),
    "qr-not-cose": _l("The QR code holds no proof of a certificate, or a part of it is missing. Scan it again."),
    "qr-header": _l("The proof in the QR code has not the form of ours."),
    "qr-algorithm": _l("The proof in the QR code asks for a way of signing that is not used here."),
    "qr-claims": _l("The entries in the QR code are not those of a certificate issued here."),
    "qr-version": _l("The QR code has a newer form. Open this page once with network, then check again."),
    "no-status-list": _l("Without a status list nobody can say whether it was revoked."),
    "status-list-broken": _l("The status list cannot be read."),
    "status-list-of-another": _l("The status list is not the one that the certificate names."),
    "earlier-check": _l("Not reached, because an earlier check did not pass."),
}
WITHOUT_REASON: dict[str, Text] = {
    "issuer-distrusted": _l("The authority trusts nothing that this body issued from %(on)s on."),
}
"""What a row of a list says, where the reason that a page gives is not kept."""
ALL_SENTENCES = {**MORE_SENTENCES, **LOG_SENTENCES, **SENTENCES}
FINDINGS: dict[str, Text] = {
    "name-form": _l("The name “%(name)s” is too long or has spaces around it."),
    "name-characters": _l("The name “%(name)s” holds characters that do not belong in a name."),
    "name-glyphs": _l("The fonts cannot draw %(characters)s in the name “%(name)s”."),
    "text-glyphs": _l("The fonts cannot draw %(characters)s in “%(text)s”."),
    "name-missing": _l("The name is missing."),
    "field-missing": _l("A text of the certificate is missing."),
    "validity-order": _l("The validity ends before it begins."),
    "level-missing": _l("The level is missing."),
    "number-missing": _l("This level needs a unified number."),
    "number-taken": _l("The number %(number)s is another holder's: batch %(batch)s gives it to them."),
    "number-held": _l("The number %(number)s was another holder's when the batch was prepared."),
    "hours-not-positive": _l("The class hours must be more than zero."),
    "statement": _l("The sentence that says what the certificate is not is missing."),
    "claim": _l("The name of the certificate claims “%(words)s”, which it is not."),
    "schema": _l("The official schema refuses %(where)s."),
    "document": _l("The document cannot be signed as it stands (%(what)s)."),
    "duplicate": _l("This person holds a standing certificate of this kind and level, or is in the batch twice."),
    "restricted": _l("This person is barred from certificates by a decision in force."),
    "body-ended": _l("The authority of the issuing body ended before it was issued."),
    **{code: SENTENCES[code] for code in ("scope-none", "scope-kind", "scope-level")},
    "scope-not-begun": _l("The authority of the issuing body begins only later."),
    "scope-ended": _l("The authority of the issuing body to issue this has ended."),
    "changed-after-lint": _l("What would be certified changed after the check, so it was not issued."),
    "fact-not-kept": _l("No office of this system decided this fact: it stands only in the file that asked for it."),
    "fact-unknown": _l("The office keeps no such decision for this kind of certificate."),
    "fact-ended": _l("The office decided otherwise since, or has not decided yet: the fact does not count."),
    "fact-holder": _l("The decision of the office is about somebody else."),
    "fact-level": _l("The office decided on another level."),
    "fact-number": _l("The office gave the number %(number)s."),
    "fact-hours": _l("The certificate would say %(said)s class hours, but the courses count %(hours)s now."),
    "fact-values": _l("The hours by module or the year are not those that the courses count now."),
}
SCOPES = ("scope-none", "scope-kind", "scope-level", "scope-not-begun", "scope-ended")
REMEDIES: dict[str, Text] = {
    "name-form": _l("Correct the name in the person's record, then prepare the row again."),
    "name-characters": _l("Correct the name in the person's record, then prepare the row again."),
    "name-glyphs": _l("Have a font with these characters installed, then prepare the row again."),
    "text-glyphs": _l("Have a font with these characters installed, then prepare the row again."),
    "name-missing": _l("Enter the name in the person's record, then prepare the row again."),
    "duplicate": _l("Nothing is to be done where the certificate stands; otherwise revoke the old one first."),
    "number-taken": _l("Compare both rows with the decisions on file. Whose number is wrong asks again with another."),
    "number-held": _l("Prepare the row again: whose the number is now is looked at then."),
    "restricted": _l("The row waits until the decision ends or is lifted."),
    "body-ended": _l("The issuing body after it prepares the row."),
    **dict.fromkeys(SCOPES, _l("Ask the authority to delegate it; the row waits until then.")),
    "changed-after-lint": _l("Prepare the row again: it is checked as it is now."),
    "fact-hours": _l("The holder asks for it again: what waits is then replaced by what is counted."),
    "fact-values": _l("The holder asks for it again: what waits is then replaced by what is counted."),
    "fact-not-kept": _l("Whoever approves compares the row with the decision on file and vouches for it."),
}
"""What the issuer can do about a finding; what is not named here the office that asked for the certificate corrects."""
ASK_AGAIN: Text = _l("The office that asked for the certificate corrects its record and asks again.")
STEP_NAMES: dict[str, Text] = {
    "store": _l("Stored"),
    "lint": _l("Checked once more"),
    "sign": _l("Signed"),
    "log": _l("Logged publicly"),
    "render": _l("Drawn on paper"),
    "publish": _l("Published"),
    "notify": _l("Holders told"),
}


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check as a page shows it."""

    name: str
    label: str
    tone: str
    sentence: str


def sentence_of(check: Check) -> str:
    """Return what a check found, as a sentence."""
    shortened = None if "reason" in check.params else WITHOUT_REASON.get(check.code)
    sentence = shortened or ALL_SENTENCES.get(check.code, ALTERED)
    return str(sentence) % _spoken(check.code, check.params) if "%(" in str(sentence) else str(sentence)


def _spoken(code: str, params: Mapping[str, str]) -> dict[str, str]:
    """Put parameters into words; the end of a validity is said as its last day."""
    spoken = dict(params)
    if "on" in params:
        instant = read_instant(params["on"])
        spoken["on"] = when(instant) if code not in DAYS else day(instant - DAYS[code])
    if "reason" in params:
        spoken["reason"] = str({**REASONS, **SUSPENSION_REASONS}.get(params["reason"], params["reason"]))
    if "until" in params:
        spoken["until"] = day(read_instant(params["until"]) - timedelta(seconds=1))
    return spoken


# A validity ends at the first instant of the day after its last one.
DAYS = {
    "within-validity": timedelta(seconds=1),
    "expired": timedelta(seconds=1),
    "not-yet-valid": timedelta(0),
    "issuer-distrusted": timedelta(0),
}


def lines_of(verdict: Verdict) -> list[CheckLine]:
    """Return the checks of a verdict as lines."""
    return [
        CheckLine(
            name=str(CHECKS[check.name]),
            label=str(RESULTS[check.result][0]),
            tone=RESULTS[check.result][1],
            sentence=sentence_of(check),
        )
        for check in verdict.checks
    ]


def finding_of(code: str, params: Mapping[str, str]) -> str:
    """Return what lint found, as a sentence."""
    sentence = str(FINDINGS.get(code, code))
    spoken = {key: f"{ISOLATE}{value}{END_ISOLATE}" for key, value in params.items()}
    return sentence % spoken if "%(" in sentence else sentence


def findings_of(rows: list[dict[str, Any]]) -> list[str]:
    """Return what lint found at a request and what to do about it, as sentences."""
    return [f"{finding_of(one['code'], one['params'])} {REMEDIES.get(one['code'], ASK_AGAIN)}" for one in rows]


def steps_of(job: Job | None) -> list[dict[str, str]]:
    """Return the steps of issuing as `ui.stepper` shows them: which are done, which is at work and how far."""
    if job is None:
        return []
    now = job.result.get("step", next(iter(STEP_NAMES)))
    names = list(STEP_NAMES)
    over = job.state is JobState.DONE
    return [
        {
            "label": str(STEP_NAMES[name]),
            "state": "done" if over or place < names.index(now) else "current" if name == now else "todo",
            "note": number(job.result.get("done", 0)) if name == now and not over else "",
        }
        for place, name in enumerate(names)
    ]


def about(record: CertificateRequest | Certificate) -> str:
    """Return what a certificate or a request for one is about, beside its kind: the level, title, day or year."""
    level = record.fields.get("level")
    if level is not None:
        return level_named(level, record.fields.get("level_name"))
    return " · ".join(pick(one["zh"], one["en"]) for _name, one in sorted(record.fields.get("words", {}).items()))


def level_named(level: str | None, name: JsonObject | None) -> str:
    """Return what a level is called: as it was certified, else by its national name, else by its code."""
    return pick(name["zh"], name["en"]) if name else str(LEVEL_NAMES.get(level or "", level or ""))


def level_name(achievement: Achievement) -> str:
    """Return what the level of a certificate is called in the reader's language, empty where it has none."""
    own = achievement.level_name
    return level_named(achievement.level, {"zh": own.zh, "en": own.en} if own else None)


def entries_of(facts: Facts) -> list[tuple[Text, str | None] | tuple[Text, str | None, str]]:
    """Return every certified entry as `ui.facts` shows it, so that an edited paper shows itself."""
    achievement = facts.achievement
    entries: list[tuple[Text, str | None] | tuple[Text, str | None, str]] = [
        (_("Holder"), facts.holder.name, "data"),
        (_latin_label(achievement.kind), facts.holder.name_latin, "data"),
        (_("Certificate"), pick(achievement.name.zh, achievement.name.en)),
        (_("Kind of certificate"), str(KINDS[achievement.kind])),
        (_("What it says"), pick(achievement.description.zh, achievement.description.en)),
        (_("What it took"), pick(achievement.criteria.zh, achievement.criteria.en)),
        (_("Level"), level_name(achievement)),
        (_("Unified number"), facts.number, "code"),
        (_("Class hours"), f"{facts.hours.normalize():f}" if facts.hours is not None else None, "number"),
        *[(pick(one.label.zh, one.label.en), one.value, "data") for one in facts.entries],
        (_("Issuing body"), pick(facts.issuer.name.zh, facts.issuer.name.en)),
        (_("Valid from"), day(facts.valid_from)),
        (_("Valid until"), day(facts.valid_until - DAYS["expired"]) if facts.valid_until else _("No end")),
        (_("What it is not"), pick(*_statement(facts.statement))),
        (_("Address"), facts.url, "code"),
    ]
    return [entry for entry in entries if entry[1]]


def _latin_label(kind: CertificateKind) -> str:
    """A person's name is spelt in Latin letters, an organisation has an English one."""
    return str(_("English name") if kind in OF_ORGANISATIONS else _("Name in Latin letters"))


def _statement(statement: str) -> tuple[str, str]:
    """Split the signed sentence, which stands in both languages."""
    zh, full_stop, en = statement.rpartition(FULL_STOP)
    return zh + full_stop, en

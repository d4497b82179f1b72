"""What holders, employers and strangers read: fields, purposes, answers to rows, advice after a withdrawal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from app.core.columns import JsonObject
from app.core.errors import Text
from app.core.text import _, _l, pick
from app.credentials.models import Certificate, CertificateCheck, CheckedRow
from app.credentials.rules.instants import read_instant
from app.credentials.rules.lists import ListRow, shortened
from app.credentials.rules.lookups import is_guess
from app.credentials.rules.openbadge import Entry as Named
from app.credentials.rules.sharing import LinkState, Value
from app.credentials.rules.verdict import Check, CheckName, Result
from app.credentials.services.lookups import Answered
from app.credentials.states import CheckPurpose, RevocationReason, RowOutcome, SharedField
from app.credentials.wording import KINDS, REASONS, SUSPENSION_REASONS, about, sentence_of
from app.credentials.wording_verify import MISSED, WORDS
from app.rulebook.terms import LEVEL_NAMES
from app.web.formats import day

FIELDS: dict[str, Text] = {
    SharedField.LATIN_NAME: _l("Name in Latin letters"),
    SharedField.LEVEL: _l("Level"),
    SharedField.NUMBER: _l("Unified number"),
    SharedField.HOURS: _l("Class hours"),
    SharedField.ENTRIES: _l("Further entries, such as the title or the grade"),
    SharedField.DATES: _l("Validity"),
    SharedField.ISSUER: _l("Issuing body"),
}
LINK_STATES: dict[str, tuple[Text, str]] = {
    LinkState.OPEN: (_l("Link open"), "good"),
    LinkState.EXPIRED: (_l("Expired"), "done"),
    LinkState.REVOKED: (_l("Revoked"), "done"),
}
TERMS: dict[int, Text] = {
    1: _l("1 day"),
    7: _l("7 days"),
    30: _l("30 days"),
    90: _l("90 days"),
    180: _l("180 days"),
    365: _l("1 year"),
}
PURPOSES: dict[str, Text] = {
    CheckPurpose.RECRUITMENT: _l("Recruitment"),
    CheckPurpose.POSITION: _l("Filling a position among our people"),
    CheckPurpose.PROJECT: _l("Staffing a project"),
    CheckPurpose.TENDER: _l("A tender or an application for funds"),
    CheckPurpose.STAFF_REPORT: _l("Reporting our certified people to an authority"),
    CheckPurpose.PARTNER: _l("Getting to know a partner"),
}
OUTCOMES: dict[str, tuple[Text, str]] = {
    RowOutcome.VALID: (_l("Valid"), "good"),
    RowOutcome.NAME_DIFFERS: (_l("Name differs"), "waiting"),
    RowOutcome.NOT_FOUND: (_l("Number not found"), "bad"),
    RowOutcome.REVOKED: (_l("Revoked"), "bad"),
    RowOutcome.SUSPENDED: (_l("Suspended"), "waiting"),
    RowOutcome.EXPIRED: (_l("Expired"), "bad"),
    RowOutcome.NOT_YET: (_l("Not yet valid"), "waiting"),
    RowOutcome.UNREADABLE: (_l("Row cannot be read"), "neutral"),
}
FAULTS: dict[str, Text] = {
    "empty": _l("The number is missing. Enter it, or the link of the certificate."),
    "rounded": _l("The sheet kept this number as a figure and lost its last digits. Format the column as text."),
    "long": _l("The number or name is longer than any certificate has. Compare it."),
    "characters": _l("The row holds invisible characters. Type it again."),
}
NOT_FOUND: dict[str, Text] = {
    "": _l("Nothing was issued here under this number. Compare it letter by letter."),
    "not-compared": _l(
        "Nothing was issued here under this number. The list holds too many unknown numbers to compare each with "
        "similar ones: check this one by itself."
    ),
}
NOT_ISSUED = ("elsewhere", "no-certificate-page", "not-in-register", "qr-not-ours", "key-unknown")
NOT_LOGGED = ("another-than-issued", "not-logged")
ADVICE: dict[str, Text] = {
    RevocationReason.ISSUED_IN_ERROR: _l(
        "Ask the issuing body for the correct certificate; it tells you what was wrong."
    ),
    RevocationReason.FALSE_PAPERS: _l(
        "If you hold this to be wrong, complain within the period that the decision names."
    ),
    RevocationReason.EXAM_BREACH: _l(
        "If you hold this to be wrong, complain within the period that the decision names."
    ),
    RevocationReason.SUPERSEDED: _l("Use the new certificate. Links to this one say that it was replaced."),
    RevocationReason.AWARD_WITHDRAWN: _l(
        "If you hold this to be wrong, complain within the period that the decision names."
    ),
    RevocationReason.HOLDER_REQUEST: _l(
        "It was revoked because you asked for it. To hold it again, apply at the issuing body."
    ),
    RevocationReason.KEY_COMPROMISED: _l(
        "You did nothing wrong. The issuing body issues the certificate again under a new key."
    ),
    RevocationReason.ISSUER_DISTRUSTED: _l(
        "This says nothing of you. Appeal, and where the fact stands another issuing body issues the certificate again."
    ),
}
OF_ORGANISATIONS: dict[str, Text] = {
    RevocationReason.ISSUER_DISTRUSTED: _l(
        "This says nothing of your organisation. Another issuing body issues the certificate again; "
        "you need do nothing."
    ),
}
SHEET_FAULTS: dict[str, Text] = {
    "sheet-unreadable": _l(
        "This is no signed result sheet that can be read. Take the text or file as it was downloaded."
    ),
    "sheet-not-ours": _l("This was signed for something else and is no result sheet."),
    "sheet-key-unknown": _l("The sheet names a key that the platform never had."),
    "sheet-signature-wrong": _l("The signature does not fit: the sheet was changed after signing."),
    "key-revoked": _l("The key was compromised and revoked."),
    "sheet-seal-wrong": _l("The PDF is not sealed by the platform, or it was changed after it was sealed."),
    "rows-differ": _l("The signature holds, but the rows in this file are not those that were signed."),
}
DOWNLOADS: dict[str, Text] = {
    "pdf": _l("Certificate as PDF"),
    "png": _l("Certificate as a picture (PNG)"),
    "svg": _l("Certificate as a drawing (SVG)"),
    "qr.png": _l("QR code with its proof (PNG)"),
    "qr.svg": _l("QR code with its proof (SVG)"),
    "json": _l("Credential as JSON"),
    "jwt": _l("Credential as JWT"),
    "tlog-proof": _l("Proof of the public log"),
}
TOLD = ("kind", "level", "from", "until", "on", "reason", "fault")
ONE_SECOND = timedelta(seconds=1)
"""A validity ends at the first instant of the day after its last one."""

Entry = tuple[Text, str] | tuple[Text, str, str]


@dataclass(frozen=True, slots=True)
class HeldWords:
    """How the pages of a holder are called."""

    title: Text
    links: Text
    one: Text
    shown: Text


OWN = HeldWords(
    _l("My certificates"),
    _l("My share links"),
    _l("My certificate"),
    _l("Your name, the kind of certificate and its state are always shown: without them a link says nothing of you."),
)
OF_ORGANISATION = HeldWords(
    _l("Certificates of my organisation"),
    _l("Share links of my organisation"),
    _l("Certificate of my organisation"),
    _l("The name, the kind of certificate and its state are always shown: without them a link says nothing."),
)


def advice_of(certificate: Certificate) -> Text | None:
    """Return what the holder of a revoked certificate can do."""
    reason = certificate.revoked_for or ""
    own = OF_ORGANISATIONS.get(reason) if certificate.organisation_id is not None else None
    return own or ADVICE.get(reason)


class Look(NamedTuple):
    """One look at a certificate as pages show it."""

    at: datetime
    viewer: str
    organisation: str
    record: Text


def looks_of(checks: Sequence[CertificateCheck]) -> list[Look]:
    """Return the checks of employers that held a certificate in words."""
    return [
        Look(one.asked_at, "–", pick(one.organisation.name_zh, one.organisation.name_en), PURPOSES[one.purpose])
        for one in checks
    ]


def title_of(certificate: Certificate) -> str:
    """Return what a certificate is called in lists: its kind, and what it is about where it says so."""
    kind, what = str(KINDS[certificate.kind]), about(certificate)
    return str(_("%(kind)s: %(level)s", kind=kind, level=what)) if what else kind


def shared_entries(values: Mapping[SharedField, tuple[Value, ...]]) -> list[Entry]:
    """Return the shared fields as `ui.facts` shows them."""
    entries: list[Entry] = []
    for field, value in values.items():
        if field is SharedField.DATES:
            entries += _dates(value)
        elif field is SharedField.ENTRIES:
            entries += [
                (pick(one.label.zh, one.label.en), one.value, "data") for one in value if isinstance(one, Named)
            ]
        else:
            entries.append((FIELDS[field], _spoken(field, value), *STYLES.get(field, ())))
    return entries


STYLES = {SharedField.LATIN_NAME: ("data",), SharedField.NUMBER: ("code",), SharedField.HOURS: ("number",)}


def _spoken(field: SharedField, value: tuple[Value, ...]) -> str:
    if field is SharedField.ISSUER:
        return pick(str(value[0]), None if value[1] is None else str(value[1]))
    if field is SharedField.LEVEL:
        own = [None if one is None else str(one) for one in value[1:]]
        return pick(own[0] or "", own[1]) if own else str(LEVEL_NAMES.get(str(value[0]), value[0]))
    return str(value[0])


def _dates(value: tuple[Value, ...]) -> list[Entry]:
    begins, ends = value
    until = day(ends - ONE_SECOND) if isinstance(ends, datetime) else _("No end")
    return [(_("Valid from"), day(begins) if isinstance(begins, datetime) else ""), (_("Valid until"), until)]


def listed(fields: Sequence[SharedField | str]) -> str:
    """Return the names of fields in one line."""
    return str(_(", ")).join(str(FIELDS[field]) for field in fields)


@dataclass(frozen=True, slots=True)
class RowLine:
    """One answered row as pages, files and programs show it."""

    line: int
    given: str
    name: str
    outcome: str
    label: str
    tone: str
    sentence: str


def line_of(row: CheckedRow) -> RowLine:
    """Return a kept row in words."""
    said = _sentences(row.outcome, row.name_fits, row.near, row.told)
    return _line(ListRow(row.line, row.given, row.name or ""), row.outcome, said, row.told)


def line_of_answer(one: Answered) -> RowLine:
    """Return an answer that is not kept in words."""
    return _line(one.row, one.outcome, _sentences(one.outcome, one.name_fits, one.near, one.told), one.told)


def line_of_codes(values: Sequence[str]) -> RowLine:
    """Return a signed row of a result sheet in words; its values are those that the digest covers."""
    line, given, name, outcome, fits, near, *codes = values
    told = {key: value for key, value in zip(TOLD, codes, strict=True) if value}
    answer = RowOutcome(outcome)
    said = _sentences(answer, {"yes": True, "no": False}.get(fits), near or None, told)
    return _line(ListRow(int(line), given, name), answer, said, told)


def _line(row: ListRow, outcome: RowOutcome, sentence: str, told: JsonObject) -> RowLine:
    label, tone = OUTCOMES[outcome]
    if outcome is RowOutcome.NOT_FOUND and not is_guess(told.get("fault", "")):
        label = _label_of(told["fault"])
    return RowLine(row.line, shortened(row.given), row.name, outcome.value, str(label), tone, sentence)


def _sentences(outcome: RowOutcome, fits: bool | None, near: str | None, told: JsonObject) -> str:  # noqa: FBT001 - three answers
    """Return what a row says beside its answer."""
    if outcome is RowOutcome.UNREADABLE:
        return str(FAULTS[told["fault"]])
    if outcome is RowOutcome.NOT_FOUND:
        return _not_found(near, told)
    if outcome is RowOutcome.NAME_DIFFERS:
        return str(_("The number is on record and stands, but for another name. Compare both with the certificate."))
    differs = _("The name differs as well.") if fits is False else ""
    return str(_("; ")).join(part for part in (_what(told), _when(outcome, told), differs) if part)


def _label_of(fault: str) -> Text:
    """Return the word for what a row leads to where that is nothing, as a certificate by itself is answered."""
    if fault in NOT_LOGGED:
        return WORDS[CheckName.LOG]
    if fault in NOT_ISSUED or fault.startswith(("issuer-", "scope-")):
        return WORDS[CheckName.AUTHORITY]
    return WORDS[CheckName.FORMAT if fault.startswith("qr-") else CheckName.SIGNATURE]


def _not_found(near: str | None, told: JsonObject) -> str:
    fault = told.get("fault", "")
    if near is None:
        said = NOT_FOUND.get(fault) or MISSED.get(fault)
        return str(said) if said else sentence_of(Check(CheckName.FORMAT, Result.FAIL, fault, told))
    return str(_("For this name the number %(number)s is on record. Compare it letter by letter.", number=near))


def _what(told: JsonObject) -> str:
    if "kind" not in told:
        return ""
    kind = str(KINDS[told["kind"]])
    level = told.get("level")
    if not level:
        return kind
    name = pick(told["level_zh"], told["level_en"]) if "level_zh" in told else LEVEL_NAMES.get(level, level)
    return str(_("%(kind)s: %(level)s", kind=kind, level=name))


def _when(outcome: RowOutcome, told: JsonObject) -> str:
    if outcome is RowOutcome.REVOKED and "on" in told:
        reason = str(REASONS[told["reason"]])
        return str(_("Revoked on %(on)s. Reason: %(reason)s.", on=day(read_instant(told["on"])), reason=reason))
    if outcome is RowOutcome.SUSPENDED and "on" in told:
        reason = str(SUSPENSION_REASONS[told["reason"]])
        return str(_("Suspended on %(on)s. Reason: %(reason)s.", on=day(read_instant(told["on"])), reason=reason))
    if outcome is RowOutcome.NOT_YET:
        return str(_("The validity begins on %(on)s.", on=day(read_instant(told["from"]))))
    if "until" not in told:
        return ""
    last = day(read_instant(told["until"]) - ONE_SECOND)
    ended = outcome is RowOutcome.EXPIRED
    return str(_("The validity ended on %(on)s.", on=last) if ended else _("Valid until %(on)s.", on=last))

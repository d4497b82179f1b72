"""The answer of a check in words: one word, a sentence, what to do next, and every entry beside the register."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.core.errors import Text
from app.core.text import _, _l, pick, speaking
from app.credentials.references import Missed
from app.credentials.rules.cose import QrFacts
from app.credentials.rules.openbadge import Certificate
from app.credentials.rules.qr_check import KnownBody
from app.credentials.rules.verdict import CheckName, Result, Verdict
from app.credentials.verification import Answer
from app.credentials.wording import KINDS, entries_of
from app.rulebook.terms import LEVEL_NAMES
from app.web.formats import day


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole answer: a word, its tone, a heading, and what to do next."""

    word: str
    tone: str
    title: str
    advice: str


@dataclass(frozen=True, slots=True)
class Field:
    """One certified entry: what the document says, and what the register holds where that differs."""

    name: str
    value: str | None
    kind: str
    held: str | None = None
    differs: bool = False


WORDS: dict[CheckName, Text] = {
    CheckName.FORMAT: _l("Unreadable"),
    CheckName.SHAPE: _l("Altered"),
    CheckName.SIGNATURE: _l("Altered"),
    CheckName.AUTHORITY: _l("Not issued here"),
    CheckName.VALIDITY: _l("Out of date"),
    CheckName.REVOCATION: _l("Revoked"),
    CheckName.SUSPENSION: _l("Suspended"),
    CheckName.LOG: _l("Not in the log"),
    CheckName.TEXT: _l("Altered"),
    CheckName.SEAL: _l("Altered"),
    CheckName.PICTURE: _l("Altered"),
}
# Which failure is told first: whoever reads of a revocation need not read of an expiry.
FIRST = (
    CheckName.FORMAT,
    CheckName.AUTHORITY,
    CheckName.SHAPE,
    CheckName.SIGNATURE,
    CheckName.TEXT,
    CheckName.SEAL,
    CheckName.PICTURE,
    CheckName.REVOCATION,
    CheckName.SUSPENSION,
    CheckName.VALIDITY,
    CheckName.LOG,
)
NEXT: dict[CheckName, Text] = {
    CheckName.FORMAT: _l("Check by the number on the certificate, or take the file as it was downloaded."),
    CheckName.AUTHORITY: _l("Do not rely on it. Ask whoever handed it in where it was issued."),
    CheckName.SHAPE: _l("Do not rely on it. Ask for the file as it was issued, or check by number."),
    CheckName.SIGNATURE: _l("Do not rely on it. Ask for the file as it was issued, or check by number."),
    CheckName.TEXT: _l("Do not rely on the sheet. What counts are the entries below; compare them with the sheet."),
    CheckName.SEAL: _l("Do not rely on the sheet. What counts are the entries below; compare them with the sheet."),
    CheckName.PICTURE: _l(
        "Do not rely on the picture. What counts are the entries below; compare them with the picture."
    ),
    CheckName.REVOCATION: _l("Do not rely on it. The issuing body can answer questions about the revocation."),
    CheckName.SUSPENSION: _l("Do not rely on it for now. Check again later, or ask the issuing body."),
    CheckName.VALIDITY: _l("Ask the holder for a renewed certificate."),
    CheckName.LOG: _l("Do not rely on it. Ask the issuing body why the public log does not hold it."),
}
MISSED: dict[str, Text] = {
    "elsewhere": _l(
        "This address belongs to another site. What it shows was not issued here, and it was not opened. "
        "Type the number that stands on the certificate instead."
    ),
    "no-certificate-page": _l(
        "This address is one of ours, but not that of a certificate. Copy the link beside the QR code, or the number."
    ),
    "look-alike": _l(
        "No certificate has exactly this number, but one was issued whose number differs only in characters that look "
        "alike: O and 0, I and 1, S and 5. Type it again with care."
    ),
    "near-name": _l(
        "No certificate has exactly this number, but one was issued to this name whose number differs in one place. "
        "Compare the number character by character."
    ),
    "near": _l(
        "Nothing was issued here under this number or link. Certificates with a number that differs in one place were "
        "issued: compare it character by character, or give the name, too."
    ),
    "none": _l("Nothing was issued here under this number or link. Compare it letter by letter, or check the file."),
}


def missed_sentence(missed: Missed) -> str:
    """Return why a number or address led to nothing and what to do, without saying whose a near one is."""
    return str(MISSED[missed.code])


def outcome_of(verdict: Verdict) -> Outcome:
    """Return what a verdict comes to."""
    if verdict.failed:
        first = next(name for name in FIRST if _failed(verdict, name))
        unread = first is CheckName.FORMAT
        title = _("No certificate could be read from this") if unread else _("This certificate is not valid")
        return Outcome(str(WORDS[first]), "bad", title, str(NEXT[first]))
    if verdict.valid:
        return Outcome(
            _("Valid"),
            "good",
            _("This certificate is valid"),
            _("Compare the entries below with the paper or file in front of you: they are what was certified."),
        )
    if verdict.holds and CheckName.PICTURE in verdict.shown:
        return Outcome(
            _("Picture not proven"),
            "waiting",
            _("The certificate holds, but this picture is not proven"),
            _(
                "The credential inside the file is genuine and counts. What the picture shows may have been changed: "
                "rely on the entries below, and ask for the picture as it was issued."
            ),
        )
    if verdict.holds:
        return Outcome(
            _("Sheet not proven"),
            "waiting",
            _("The certificate holds, but this sheet is not proven"),
            _(
                "The credential inside the file is genuine and counts. What the sheet shows may have been changed: "
                "rely on the entries below, and ask for the PDF as it was issued."
            ),
        )
    return Outcome(
        _("Undecided"),
        "waiting",
        _("It cannot be decided whether this certificate is valid"),
        _("Nothing failed, but a check that must pass could not be made. Ask the issuing body."),
    )


def _failed(verdict: Verdict, name: CheckName) -> bool:
    return any(check.name is name and check.result is Result.FAIL for check in verdict.checks)


def outcome_with_name(answer: Answer) -> Outcome:
    """Return what an answer comes to, a name that was given beside the number included."""
    found = outcome_of(answer.verdict)
    if answer.name_fits is not False:
        return found
    return Outcome(
        _("Name differs"),
        "bad",
        _("Number found, name differs"),
        _(
            "A certificate has this number, but another name is certified than the one given. Compare both with care: "
            "the number may be mistyped, or the paper is not the holder's."
        ),
    )


def fields_of(answer: Answer) -> list[Field]:
    """Return every certified entry of the document, beside that of the register where they differ."""
    said, held = answer.verdict.certificate, answer.held
    shown = said or held
    if shown is None:
        return []
    theirs = _texts(held) if held else {}
    own = _texts(shown)
    kinds = _kinds(shown) | (_kinds(held) if held else {})
    names = [*own, *(name for name in theirs if name not in own)]
    return [
        Field(name, own.get(name), kinds[name], theirs.get(name), bool(theirs) and own.get(name) != theirs.get(name))
        for name in names
    ]


def _texts(facts: Certificate) -> dict[str, str]:
    return {str(entry[0]): entry[1] or "" for entry in entries_of(facts)}


def _kinds(facts: Certificate) -> dict[str, str]:
    return {str(entry[0]): entry[2] if len(entry) > 2 else "" for entry in entries_of(facts)}  # noqa: PLR2004 - the third


def entries_of_code(facts: QrFacts, body: KnownBody | None) -> list[tuple[Text, str | None]]:
    """Return every entry that a QR code proves."""
    level, says = (facts.level, None) if facts.is_of_level else (None, facts.level)
    entries: list[tuple[Text, str | None]] = [
        (_("Holder"), facts.holder),
        (_("Kind of certificate"), str(KINDS[facts.kind])),
        (_("What it says"), says),
        (_("Level"), facts.level_name or (str(LEVEL_NAMES[level]) if level else None)),
        (_("Unified number"), facts.number),
        (_("Class hours"), f"{facts.hours.normalize():f}" if facts.hours is not None else None),
        (_("Issuing body"), pick(body.name_zh, body.name_en) if body else None),
        (_("Valid from"), day(facts.valid_from)),
        (_("Valid until"), day(facts.valid_until) if facts.valid_until else _("No end")),
    ]
    return [entry for entry in entries if entry[1]]


def lines_in_both(entries: Callable[[], Sequence[Sequence[Text | None]]]) -> list[str]:
    """Return certified entries as lines, label and value in Chinese and in English; a value that is the same once."""
    said = []
    for language in ("zh_CN", "en"):
        with speaking(language):
            said.append([(str(entry[0]), str(entry[1])) for entry in entries()])
    return [
        f"{zh[0]} / {en[0]}: {zh[1]}{'' if zh[1] == en[1] else f' / {en[1]}'}" for zh, en in zip(*said, strict=True)
    ]

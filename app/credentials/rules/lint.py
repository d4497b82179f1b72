"""Lint: what is checked on every certificate before anything is signed."""

import json
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from jsonschema import Draft201909Validator

from app.credentials.rules import openbadge
from app.credentials.rules.canonical import CanonicalError, canonicalize
from app.credentials.rules.document import DocumentError, JsonObject, check_limits
from app.credentials.rules.openbadge import LANGUAGE_BREAK, Certificate, Holder
from app.credentials.rules.template_wording import CLAIMS
from app.credentials.states import OF_ORGANISATIONS, CertificateKind

SCHEMA_FILE = "ob_v3p0_achievementcredential_schema.json"
LONGEST_NAME = 60
LONGEST_ORGANISATION = 200
MOST_SHOWN = 60
LEVELS_WITHOUT_NUMBER = frozenset({"junior"})
NOTHING: Mapping[str, str] = MappingProxyType({})


class SchemaMissingError(Exception):
    """The official schema is not on this machine; set-up puts it there."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason not to sign; `code` and `params` become a sentence when they are shown."""

    code: str
    params: Mapping[str, str] = field(default_factory=lambda: NOTHING)


class Passed:
    """Which documents passed the schema, each with the holder's own values blanked: the rest of a batch are its twins.

    Only values are blanked of which schema and canonicalization ask no more than that they are text: the address and
    index drawn for this certificate, the holder's names, the number. A test holds twins against the full check.
    """

    MOST = 512

    def __init__(self) -> None:
        self._twins: set[Certificate] = set()

    def __contains__(self, certificate: Certificate) -> bool:
        return self._twin(certificate) in self._twins

    def add(self, certificate: Certificate) -> None:
        """Remember that a certificate passed."""
        if len(self._twins) >= self.MOST:
            self._twins.clear()
        self._twins.add(self._twin(certificate))

    @staticmethod
    def _twin(certificate: Certificate) -> Certificate:
        base, _slash, _code = certificate.url.rpartition("/")
        return replace(
            certificate,
            url=base,
            holder=Holder("x", "x" if certificate.holder.name_latin else None),
            status=replace(certificate.status, index=0),
            number="x" if certificate.number else None,
        )


@dataclass(frozen=True, slots=True)
class LintTools:
    """What lint needs from outside: the official schema, the fonts' reach, and what was issued.

    `covered` holds the code points that the certificate's fonts can draw, None where no font is
    installed and so no PDF is made; `is_duplicate` tells whether the same fact was certified.
    """

    schema: Draft201909Validator
    covered: Collection[int] | None
    is_duplicate: Callable[[Certificate], bool]
    passed: Passed = field(default_factory=Passed)


def schema_path() -> Path:
    """Return where set-up puts the official Open Badges schema: beside the installed packages."""
    return Path(sys.prefix) / "share" / "openbadges" / SCHEMA_FILE


def load_schema(path: Path) -> Draft201909Validator:
    """Load the official schema; raises SchemaMissingError where set-up did not run."""
    try:
        schema = json.loads(path.read_text("utf-8"))
    except OSError as error:
        msg = f"{path} is missing: run the set-up again"
        raise SchemaMissingError(msg) from error
    return Draft201909Validator(schema, format_checker=Draft201909Validator.FORMAT_CHECKER)


def lint(certificate: Certificate, tools: LintTools) -> list[Finding]:
    """Return every reason not to sign a certificate; an empty list lets it pass."""
    document = openbadge.build_credential(certificate)
    return [
        *_name_findings(certificate.holder, tools.covered, longest=_longest_name(certificate)),
        *_text_findings(certificate, tools.covered),
        *_field_findings(certificate),
        *_wording_findings(certificate),
        *_document_findings(certificate, document, tools),
        *([Finding("duplicate")] if tools.is_duplicate(certificate) else []),
    ]


def _longest_name(certificate: Certificate) -> int:
    return LONGEST_ORGANISATION if certificate.achievement.kind in OF_ORGANISATIONS else LONGEST_NAME


def _name_findings(holder: Holder, covered: Collection[int] | None, *, longest: int) -> Iterator[Finding]:
    for name in filter(None, (holder.name, holder.name_latin)):
        if name != name.strip() or len(name) > longest or LANGUAGE_BREAK in name:
            yield Finding("name-form", {"name": name})
        if unicodedata.normalize("NFC", name) != name or not name.isprintable():
            yield Finding("name-characters", {"name": name})
        missing = undrawable(name, covered)
        if missing:
            yield Finding("name-glyphs", {"name": name, "characters": missing})
    if not holder.name.strip():
        yield Finding("name-missing")


def _text_findings(certificate: Certificate, covered: Collection[int] | None) -> Iterator[Finding]:
    """Find what the fonts cannot draw in the other texts of a certificate: issuer, achievement, values."""
    achievement = certificate.achievement
    pairs = (certificate.issuer.name, achievement.name, achievement.description, achievement.criteria)
    labels = tuple(entry.label for entry in certificate.entries)
    texts = [text for pair in (*pairs, *labels) for text in (pair.zh, pair.en) if text]
    for text in (*texts, certificate.statement, *(entry.value for entry in certificate.entries)):
        missing = undrawable("".join(text.split()), covered)
        if missing:
            yield Finding("text-glyphs", {"text": text[:MOST_SHOWN], "characters": missing})


def undrawable(text: str, covered: Collection[int] | None) -> str:
    """Return the characters of a text that the fonts cannot draw, each once."""
    if covered is None:
        return ""
    return "".join(dict.fromkeys(one for one in text if ord(one) not in covered))


def _field_findings(certificate: Certificate) -> Iterator[Finding]:
    achievement = certificate.achievement
    texts = (achievement.name, achievement.description, achievement.criteria)
    if not all(text.zh.strip() for text in (*texts, certificate.issuer.name)):
        yield Finding("field-missing")
    if certificate.valid_until is not None and certificate.valid_until <= certificate.valid_from:
        yield Finding("validity-order")
    if achievement.kind is CertificateKind.CAPABILITY:
        if achievement.level is None:
            yield Finding("level-missing")
        elif certificate.number is None and achievement.level not in LEVELS_WITHOUT_NUMBER:
            yield Finding("number-missing")
    if achievement.kind is CertificateKind.TITLE and certificate.number is None:
        yield Finding("number-missing")
    if certificate.hours is not None and certificate.hours <= 0:
        yield Finding("hours-not-positive")


def _wording_findings(certificate: Certificate) -> Iterator[Finding]:
    kind = certificate.achievement.kind
    if not openbadge.says_what_it_is_not(kind, certificate.statement):
        yield Finding("statement")
    name = certificate.achievement.name.joined().lower()
    for claim, allowed in CLAIMS.items():
        if claim in name and kind not in allowed:
            yield Finding("claim", {"words": claim})


def _document_findings(certificate: Certificate, document: JsonObject, tools: LintTools) -> Iterator[Finding]:
    known = certificate in tools.passed
    found = [] if known else list(_schema_findings(document, tools.schema))
    try:
        check_limits(document)
        openbadge.read_certificate(document)
        if not known:
            canonicalize(document)
    except (DocumentError, openbadge.ShapeError, CanonicalError) as error:
        found.append(Finding("document", {"what": error.code}))
    if not found:
        tools.passed.add(certificate)
    yield from found


def _schema_findings(document: JsonObject, schema: Draft201909Validator) -> Iterator[Finding]:
    for error in schema.iter_errors(document):
        where = "/".join(str(part) for part in error.absolute_path)
        yield Finding("schema", {"where": where or "/", "what": error.message[:200]})

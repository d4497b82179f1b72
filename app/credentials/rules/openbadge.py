"""Open Badges 3.0: from the facts of a certificate to its credential, and strictly back.

One builder makes the only shape we issue, and `read_certificate` accepts a document only when
building its facts again gives the same document: a respelled, wrapped, injected or reordered
member is refused whatever its signature says.
"""

# zh: what is signed stands in both languages, whoever reads it

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from app.credentials.rules.contexts import CREDENTIAL_CONTEXTS
from app.credentials.rules.document import JsonObject
from app.credentials.rules.instants import read_instant, write_instant
from app.credentials.rules.status_list import ENTRY, PURPOSE
from app.credentials.states import CertificateKind

SCHEMA_URL = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
SCHEMA_TYPE = "1EdTechJsonSchemaValidator2019"
LANGUAGE_BREAK = " / "
PARAGRAPH_BREAK = "\n\n"
NAME = "name"
LATIN_NAME = "ext:latinName"
HOURS = "hours"
HOURS_TYPE = "ext:classHours"
LEVEL, LEVEL_TYPE = "level", "ext:level"
RESERVED = frozenset({HOURS, LEVEL})
"""Keys of results that no other certified value may have."""
LEVEL_CODE = r"[a-z][a-z0-9-]{1,39}"
ACHIEVEMENT_TYPES = {
    CertificateKind.COURSE_COMPLETION: "CertificateOfCompletion",
    CertificateKind.EXAM_PASS: "Assessment",
    CertificateKind.CAPABILITY: "Certification",
    CertificateKind.TITLE: "ext:ProfessionalTitle",
    CertificateKind.CREDIT_REPORT: "ext:CreditReport",
    CertificateKind.ACCREDITATION: "QualityAssuranceCredential",
    CertificateKind.CONTINUING_EDUCATION: "ext:ContinuingEducation",
}
KINDS = {name: kind for kind, name in ACHIEVEMENT_TYPES.items()}
_NOT_BOTH = (("不是职业资格证书，也不是职称证书", "neither a vocational qualification nor a title"),)
DENIALS: dict[CertificateKind, tuple[tuple[str, str], ...]] = {
    CertificateKind.COURSE_COMPLETION: _NOT_BOTH,
    CertificateKind.EXAM_PASS: _NOT_BOTH,
    CertificateKind.CAPABILITY: _NOT_BOTH,
    CertificateKind.TITLE: (("不是职业资格证书", "not a vocational qualification"),),
    CertificateKind.CREDIT_REPORT: _NOT_BOTH,
    CertificateKind.ACCREDITATION: (("不证明任何学员的能力", "does not certify the capability of any trainee"),),
    CertificateKind.CONTINUING_EDUCATION: _NOT_BOTH,
}
"""What the sentence of a kind must say the certificate is not, in both languages.

Templates may word everything else as they like. Every denial that was ever accepted stays in its tuple, so that a
certificate verifies for life whatever its template says today.
"""


def says_what_it_is_not(kind: CertificateKind, statement: str) -> bool:
    """Tell whether a sentence denies, in both languages, what certificates of a kind must not be taken for."""
    return any(zh in statement and en in statement for zh, en in DENIALS[kind])


class ShapeError(ValueError):
    """A document that is not a certificate in the one shape we issue."""

    def __init__(self, code: str = "not-our-shape") -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text in Chinese and, where there is one, in English; written into one string."""

    zh: str
    en: str | None = None

    def joined(self, by: str = LANGUAGE_BREAK) -> str:
        """Return both languages in one string, Chinese first."""
        return f"{self.zh}{by}{self.en}" if self.en else self.zh


HOURS_NAME = Bilingual("学时", "Class hours")
LEVEL_LABEL = Bilingual("等级", "Level")


@dataclass(frozen=True, slots=True)
class Holder:
    """The certified person or organisation as the certificate shows them: a name and nothing that identifies more.

    The Latin name of an organisation is its English one.
    """

    name: str
    name_latin: str | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """The issuing body: its DID, its names and the page where people find it."""

    did: str
    name: Bilingual
    url: str


@dataclass(frozen=True, slots=True)
class Achievement:
    """What was achieved: a page of its own, its names, what it takes, and the level where it has one.

    `level_name` is what the level is called where that is another name than the national one of its code.
    """

    url: str
    kind: CertificateKind
    name: Bilingual
    description: Bilingual
    criteria: Bilingual
    level: str | None = None
    level_name: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One certified value beside the class hours: a score, a grade, the hours of a module.

    `key` names it within its achievement, `kind` is a result type of Open Badges such as `RawScore`.
    """

    key: str
    label: Bilingual
    value: str
    kind: str = "Result"


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """Where the certificate's bit stands: the list's address and the index in it."""

    list_url: str
    index: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """Every certified fact of one certificate.

    `url` is its address, `number` the unified number, `statement` the sentence that says what the
    certificate is and is not.
    """

    url: str
    holder: Holder
    issuer: Issuer
    achievement: Achievement
    valid_from: datetime
    valid_until: datetime | None
    status: StatusEntry
    statement: str
    number: str | None = None
    hours: Decimal | None = None
    entries: tuple[Entry, ...] = ()


def build_credential(certificate: Certificate) -> JsonObject:
    """Build the unsigned OpenBadgeCredential of a certificate."""
    document: JsonObject = {
        "@context": list(CREDENTIAL_CONTEXTS),
        "id": certificate.url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": certificate.achievement.name.joined(),
        "description": certificate.statement,
        "issuer": _issuer(certificate.issuer),
        "validFrom": write_instant(certificate.valid_from),
    }
    if certificate.valid_until is not None:
        document["validUntil"] = write_instant(certificate.valid_until)
    document["credentialSubject"] = _subject(certificate)
    document["credentialStatus"] = _status(certificate.status)
    document["credentialSchema"] = {"id": SCHEMA_URL, "type": SCHEMA_TYPE}
    return document


def _issuer(issuer: Issuer) -> JsonObject:
    return {
        "id": issuer.did,
        "type": ["Profile"],
        "name": issuer.name.joined(),
        "url": issuer.url,
    }


def _subject(certificate: Certificate) -> JsonObject:
    results = _results(certificate)
    subject: JsonObject = {
        "type": ["AchievementSubject"],
        "identifier": _identifiers(certificate.holder),
        "achievement": _achievement(certificate.achievement, results),
    }
    if certificate.number is not None:
        subject["licenseNumber"] = certificate.number
    if results:
        subject["result"] = [
            {
                "type": ["Result"],
                "resultDescription": _result_id(certificate.achievement, one.key),
                "value": one.value,
            }
            for one in results
        ]
    return subject


def _results(certificate: Certificate) -> tuple[Entry, ...]:
    """Return every certified value in order: class hours and a level's own name first, where there are any."""
    hours, name = certificate.hours, certificate.achievement.level_name
    return (
        *([] if hours is None else [Entry(HOURS, HOURS_NAME, _write_decimal(hours), HOURS_TYPE)]),
        *([] if name is None else [Entry(LEVEL, LEVEL_LABEL, name.joined(), LEVEL_TYPE)]),
        *certificate.entries,
    )


def _identifiers(holder: Holder) -> list[JsonObject]:
    names = [(NAME, holder.name)]
    if holder.name_latin:
        names.append((LATIN_NAME, holder.name_latin))
    return [
        {"type": "IdentityObject", "hashed": False, "identityHash": name, "identityType": kind} for kind, name in names
    ]


def _achievement(achievement: Achievement, results: tuple[Entry, ...]) -> JsonObject:
    document: JsonObject = {
        "id": achievement.url,
        "type": ["Achievement"],
        "achievementType": ACHIEVEMENT_TYPES[achievement.kind],
        "name": achievement.name.joined(),
        "description": achievement.description.joined(PARAGRAPH_BREAK),
        "criteria": {"narrative": achievement.criteria.joined(PARAGRAPH_BREAK)},
    }
    if achievement.level is not None:
        document["humanCode"] = achievement.level
    if results:
        document["resultDescription"] = [
            {
                "id": _result_id(achievement, one.key),
                "type": ["ResultDescription"],
                "name": one.label.joined(),
                "resultType": one.kind,
            }
            for one in results
        ]
    return document


def _result_id(achievement: Achievement, key: str) -> str:
    return f"{achievement.url}#{key}"


def _status(status: StatusEntry) -> JsonObject:
    return {
        "id": f"{status.list_url}#{status.index}",
        "type": ENTRY,
        "statusPurpose": PURPOSE,
        "statusListIndex": str(status.index),
        "statusListCredential": status.list_url,
    }


def _write_decimal(value: Decimal) -> str:
    return f"{value.normalize():f}"


def read_certificate(document: JsonObject) -> Certificate:
    """Return the facts of a credential, signed or not; raises ShapeError for any other shape."""
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    try:
        certificate = _read(unsecured)
        again = build_credential(certificate)
    except (LookupError, TypeError, AttributeError, ArithmeticError, ValueError) as error:
        raise ShapeError from error
    known = says_what_it_is_not(certificate.achievement.kind, certificate.statement)
    if again != unsecured or not known or not _all_false(unsecured["credentialSubject"]["identifier"]):
        raise ShapeError
    return certificate


def _all_false(identifiers: list[JsonObject]) -> bool:
    """Tell whether what is no text is what it seems: Python holds 0 and False equal, and no other member is either."""
    return all(one["hashed"] is False for one in identifiers)


def _read(document: JsonObject) -> Certificate:
    subject, status = document["credentialSubject"], document["credentialStatus"]
    hours, level_name, entries = _read_results(subject)
    until = document.get("validUntil")
    return Certificate(
        url=_text(document["id"]),
        holder=_read_holder(subject["identifier"]),
        issuer=_read_issuer(document["issuer"]),
        achievement=_read_achievement(subject["achievement"], level_name),
        valid_from=read_instant(document["validFrom"]),
        valid_until=None if until is None else read_instant(until),
        status=StatusEntry(_text(status["statusListCredential"]), _index(status)),
        statement=_text(document["description"]),
        number=_optional_text(subject.get("licenseNumber")),
        hours=hours,
        entries=entries,
    )


def _read_results(subject: JsonObject) -> tuple[Decimal | None, Bilingual | None, tuple[Entry, ...]]:
    """Return class hours, the level's own name and every other value; building them again proves the rest."""
    if "result" not in subject:
        return None, None, ()
    found = subject["achievement"]
    results = zip(found["resultDescription"], subject["result"], strict=True)
    entries = [_read_entry(described, given, found["id"]) for described, given in results]
    if not entries:
        raise ShapeError
    hours = _read_decimal(entries.pop(0).value) if entries[0].key == HOURS else None
    named = bool(entries) and entries[0].key == LEVEL
    return hours, _split(entries.pop(0).value) if named else None, tuple(entries)


def _read_entry(described: JsonObject, given: JsonObject, achievement: str) -> Entry:
    key = _text(described["id"]).removeprefix(f"{achievement}#")
    return Entry(key, _split(described["name"]), _text(given["value"]), _text(described["resultType"]))


def _read_holder(identifiers: list[JsonObject]) -> Holder:
    names = {one["identityType"]: _text(one["identityHash"]) for one in identifiers}
    return Holder(names[NAME], names.get(LATIN_NAME))


def _read_issuer(issuer: JsonObject) -> Issuer:
    return Issuer(_text(issuer["id"]), _split(issuer["name"]), _text(issuer["url"]))


def _read_achievement(found: JsonObject, level_name: Bilingual | None) -> Achievement:
    if level_name is not None and "humanCode" not in found:
        raise ShapeError
    return Achievement(
        url=_text(found["id"]),
        kind=KINDS[found["achievementType"]],
        name=_split(found["name"]),
        description=_split(found["description"], PARAGRAPH_BREAK),
        criteria=_split(found["criteria"]["narrative"], PARAGRAPH_BREAK),
        level=_optional_text(found.get("humanCode")),
        level_name=level_name,
    )


def _index(status: JsonObject) -> int:
    text = _text(status["statusListIndex"])
    if not (text.isascii() and text.isdigit()):
        raise ShapeError
    return int(text)


def _split(value: object, by: str = LANGUAGE_BREAK) -> Bilingual:
    return _parted(_text(value), by)


@lru_cache(maxsize=1024)
def _parted(text: str, by: str) -> Bilingual:
    """Part a text into its languages; names and sentences of one batch are alike, so the last ones are kept."""
    zh, _break, en = text.partition(by)
    return Bilingual(zh, en or None)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ShapeError
    return value


def _optional_text(value: object) -> str | None:
    return None if value is None else _text(value)


def _read_decimal(value: object) -> Decimal:
    number = Decimal(_text(value))
    if not number.is_finite() or number < 0:
        raise ShapeError
    return number

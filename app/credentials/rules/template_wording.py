"""What a template says: words with named blanks, filled per certificate, and what no wording may leave out."""

# zh: the blanks of a certificate are filled in both languages, whoever reads it

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from app.credentials.rules.openbadge import LANGUAGE_BREAK, PARAGRAPH_BREAK, Bilingual, says_what_it_is_not
from app.credentials.states import OF_LEVELS, CertificateKind

BLANK = re.compile(r"\{([a-z]+)\}")
BRACE = re.compile(r"[{}]")
YEAR = re.compile(r"[0-9]{4}")
LONGEST = {"name": 120, "description": 600, "criteria": 600, "statement": 400, "renewal": 600}
FULL_STOP = "\N{IDEOGRAPHIC FULL STOP}"
LEVEL = "level"
BLANKS: dict[CertificateKind, frozenset[str]] = {
    **dict.fromkeys(OF_LEVELS, frozenset({LEVEL})),
    CertificateKind.TITLE: frozenset({"title", "series"}),
    CertificateKind.CREDIT_REPORT: frozenset({"day"}),
    CertificateKind.ACCREDITATION: frozenset({"levels"}),
    CertificateKind.CONTINUING_EDUCATION: frozenset({"year"}),
}
"""The blanks that a wording of each kind may have; requests of the kind fill every one of them."""
CLAIMS: dict[str, frozenset[CertificateKind]] = {
    "职业资格": frozenset(),
    "vocational qualification": frozenset(),
    "职称": frozenset({CertificateKind.TITLE}),
    "professional title": frozenset({CertificateKind.TITLE}),
}
"""Words in the name of a certificate that claim what only the state may grant, and the kinds that may claim it."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
OptionalText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=600)]


class Wording(BaseModel):
    """The words of a template in both languages; `renewal` says what renewing takes, empty where nothing may be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name_zh: Text
    name_en: Text
    description_zh: Text
    description_en: Text
    criteria_zh: Text
    criteria_en: Text
    statement_zh: Text
    statement_en: Text
    renewal_zh: OptionalText = ""
    renewal_en: OptionalText = ""

    def pair(self, name: str) -> Bilingual:
        """Return a text in both languages by its name."""
        return Bilingual(getattr(self, f"{name}_zh"), getattr(self, f"{name}_en") or None)

    @property
    def statement(self) -> str:
        """Return the sentence as it is signed: Chinese first, English right after its full stop."""
        return self.statement_zh + self.statement_en


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a wording: the field it stands in, a code and what fills its sentence."""

    field: str
    code: str
    params: Mapping[str, str]


def faults_of(wording: Wording, kind: CertificateKind, *, may_renew: bool) -> list[Fault]:
    """Return every reason not to issue under a wording; an empty list lets it pass."""
    found = list(_faults_of_texts(wording, kind))
    name = f"{wording.name_zh} {wording.name_en}".lower()
    found += [
        Fault("name_zh", "claim", {"words": words})
        for words, allowed in CLAIMS.items()
        if kind not in allowed and words in name
    ]
    if not says_what_it_is_not(kind, wording.statement):
        found.append(Fault("statement_zh", "statement-dropped", {}))
    if not wording.statement_zh.endswith(FULL_STOP) or FULL_STOP in wording.statement_en:
        found.append(Fault("statement_zh", "statement-form", {}))
    if may_renew and not (wording.renewal_zh and wording.renewal_en):
        found.append(Fault("renewal_zh", "renewal-missing", {}))
    return found


def faults_of_words(words: Mapping[str, str], kind: CertificateKind, *, may_renew: bool) -> list[Fault]:
    """Return the faults of words as they were typed, empty ones among them."""
    try:
        wording = Wording.model_validate(words)
    except ValidationError as error:
        return [
            Fault(str(one["loc"][0]), "empty" if one["type"] == "string_too_short" else "too-long", {"limit": "600"})
            for one in error.errors()
        ]
    return faults_of(wording, kind, may_renew=may_renew)


def _faults_of_texts(wording: Wording, kind: CertificateKind) -> Iterator[Fault]:
    for field, text in wording.model_dump().items():
        longest = LONGEST[field[:-3]]
        if len(text) > longest:
            yield Fault(field, "too-long", {"limit": str(longest)})
        if LANGUAGE_BREAK in text or PARAGRAPH_BREAK in text:
            yield Fault(field, "separator", {})
        if not text.isprintable():
            yield Fault(field, "characters", {})
        wrong = [name for name in BLANK.findall(text) if name not in _blanks(field, kind)]
        if wrong or BRACE.search(BLANK.sub("", text)):
            blanks = " ".join(f"{{{name}}}" for name in sorted(_blanks(field, kind)))
            yield Fault(field, "blank", {"blanks": blanks or "–"})


def _blanks(field: str, kind: CertificateKind) -> frozenset[str]:
    """Return the blanks of a field: what stands on every certificate of the kind has none."""
    return frozenset() if field.startswith(("statement", "renewal")) else BLANKS[kind]


def filled(text: Bilingual, words: Mapping[str, Bilingual]) -> Bilingual:
    """Fill the blanks of a text in both languages; raises KeyError where a word is missing."""
    chinese = BLANK.sub(lambda found: words[found[1]].zh, text.zh)
    if text.en is None:
        return Bilingual(chinese)
    return Bilingual(chinese, BLANK.sub(lambda found: words[found[1]].en or words[found[1]].zh, text.en))


def without_blanks(text: Bilingual, kind: CertificateKind) -> Bilingual:
    """Return a text for readers who look at no certificate: each blank as an ellipsis."""
    return filled(text, dict.fromkeys(BLANKS[kind], Bilingual("……", "…")))


def names_document(source_zh: str, source_en: str) -> bool:
    """Tell whether a source names an issued document in both languages: by its year at least."""
    return all(YEAR.search(text) for text in (source_zh, source_en))

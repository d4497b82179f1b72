"""What the API answers, as typed shapes that also describe it."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.evidence.states import Kind, State


class Check(BaseModel):
    """One check of a certificate."""

    name: str
    result: Literal["pass", "fail", "unknown", "unchecked"]
    detail: str


class Beside(BaseModel):
    """A certificate that follows another one, or is followed by it, under the same number."""

    url: str = Field(description="Its public address")
    how: Literal["reissue", "renewal"] = Field(
        description="reissue: the later takes the place of the earlier; renewal: it continues its period"
    )
    issued: datetime


class Verification(BaseModel):
    """Whether a certificate holds: no check failed, and signature, validity and revocation passed."""

    valid: bool
    outcome: str = Field(description="The answer in one word, in the language asked for")
    kind: str = Field(description="What was sent: pdf, png, picture, svg, json, jwt, address, reference, unknown")
    checks: list[Check]
    fields: dict[str, str] = Field(
        default_factory=dict,
        description=(
            "Every certified field by name: holder, kind, level, number, hours, names, description, criteria in both "
            "languages, issuer, validity, statement, status; of each further value entry:KEY, with entry:KEY:zh and "
            "entry:KEY:en its label and entry:KEY:kind its kind"
        ),
    )
    in_register: dict[str, str] = Field(
        default_factory=dict, description="What the register holds where the document says something else"
    )
    name_fits: bool | None = Field(default=None, description="Whether the name sent is the certified one")
    replaced_by: Beside | None = Field(default=None, description="The published certificate that follows this one")
    replaces: Beside | None = Field(default=None, description="The certificate that this one follows")


class ListRow(BaseModel):
    """One row of a list with the register's answer; it never holds a name but the one that was sent."""

    line: int = Field(description="The line of the row in the file")
    given: str
    name: str
    outcome: Literal["valid", "name_differs", "not_found", "revoked", "suspended", "expired", "not_yet", "unreadable"]
    name_fits: bool | None = Field(description="Whether the name sent is the certified one")
    near: str | None = Field(description="The number on record for this name, where the given one is a slip away")
    fault: str | None = Field(
        default=None,
        description=(
            "Why a row was not read or leads to nothing: elsewhere (an address of another site), look-alike, near, "
            "near-name, not-compared (too many unknown numbers), or what is wrong with the proof of a QR code"
        ),
    )
    kind: str | None = None
    level: str | None = None
    valid_from: str | None = None
    valid_until: str | None = Field(default=None, description="The first instant after the validity, ISO 8601")
    revoked_at: str | None = None
    reason: str | None = None
    detail: str = Field(description="The answer in words, in the language asked for")


class ListVerification(BaseModel):
    """The answers to a list of numbers or addresses, one a row and in its order."""

    counts: dict[str, int]
    rows: list[ListRow]


class Problem(BaseModel):
    """A refusal (RFC 9457)."""

    type: str
    status: int
    title: str
    detail: str


class BaseEntry(BaseModel):
    """One entry of the register of training bases."""

    slug: str
    name_zh: str
    name_en: str
    region_code: str
    levels: list[str]
    state: str
    accredited_on: date | None
    accredited_until: date | None


class Bases(BaseModel):
    """A page of the register of training bases."""

    entries: list[BaseEntry]
    page: int
    pages: int
    total: int


class RegisterEntry(BaseModel):
    """One entry of the register of technology managers."""

    unified_number: str
    name: str
    level: str
    state: str
    valid_from: date | None
    valid_until: date | None


KINDS = "^(" + "|".join(Kind) + ")$"


class EvidenceEntry(BaseModel):
    """A record to enter: its kind, its fields as text, and whether to declare it at once."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(pattern=KINDS, description="contract, registration, invoice, receipt, service and so on")
    fields: dict[str, str] = Field(description="The fields of the kind by name; days as 2026-11-23, amounts in yuan")
    declare: bool = False


class StaffEvidenceEntry(BaseModel):
    """A record that an organisation enters about one of its people: whom, of which kind, and its fields as text."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(pattern=KINDS, description="contract, registration, invoice, receipt, service and so on")
    person_name: str = Field(max_length=200, description="The full name as on the document")
    person_document: str = Field(max_length=40, description="The number of the document; it is kept nowhere but sealed")
    fields: dict[str, str] = Field(description="The fields of the kind by name; days as 2026-11-23, amounts in yuan")


class EvidenceEntered(BaseModel):
    """What was entered: its code, where it is, and how its checks stand."""

    code: str
    state: str
    standing: str | None


class EvidenceCheck(BaseModel):
    """One check of a record: what it asks, how it came out, what was compared, and the rule that asks it."""

    text: str = Field(description="What is checked, in the language asked for")
    outcome: Literal["met", "not", "near", "unknown"]
    evidence: str = Field(description="What was compared")
    rule: str
    source: str


class EvidenceRecord(BaseModel):
    """A record that the organisation entered: where it is, how its checks stand, and why."""

    code: str
    kind: str
    number: str | None
    happened_on: date | None
    state: str = Field(pattern="^(" + "|".join(one for one in State if one is not State.DRAFT) + ")$")
    standing: str | None = Field(description="How the checks stand together: met, not, unknown")
    reason: str | None = Field(description="Why it was rejected or withdrawn")
    declared_at: datetime | None
    accepted_at: datetime | None = Field(description="When the person stood by it")
    confirmed_at: datetime | None = Field(description="When the person or the counterparty confirmed it")
    disputed_at: datetime | None = Field(description="When the counterparty disputed it")
    checked_at: datetime | None
    check_due_on: date | None
    ended_at: datetime | None
    changed_at: datetime | None = Field(description="When it last changed, by the server's own clock")
    pack: str | None = Field(description="The rule pack of the checks")
    checks: list[EvidenceCheck]


class EvidenceRecords(BaseModel):
    """A page of what the organisation entered, what changed longest ago first."""

    records: list[EvidenceRecord]
    page: int
    pages: int
    total: int


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str
    reason: str


class EvidenceRefused(BaseModel):
    """Why a record was not entered, field by field."""

    detail: str
    problems: list[FieldProblem]

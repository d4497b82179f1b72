"""Tables of the evidence ledger."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core.clock import real_now
from app.core.columns import (
    CODE_LENGTH,
    FK,
    PK,
    Code,
    Day,
    Digest,
    Instant,
    JsonList,
    JsonObject,
    Name,
    OptionalDay,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalShort,
    RegionCode,
    ScaledDecimal,
    Short,
)
from app.core.db import Base, Versioned
from app.core.files import StoredFile
from app.core.triggers import made_with
from app.evidence.states import Answer, Entry, Finding, ImportState, Kind, State

OptionalMoney = Annotated[Decimal | None, mapped_column(ScaledDecimal(2))]
OptionalPercent = Annotated[Decimal | None, mapped_column(ScaledDecimal(2))]
OptionalHours = Annotated[Decimal | None, mapped_column(ScaledDecimal(2))]


class Evidence(Versioned, Base):
    """One piece of evidence about one person, in one version.

    `details` holds the fields of its kind as text (`rules/fields.py`); what is searched, summed or compared
    stands in columns of its own. Once declared the content never changes: a trigger refuses it. `changed_at` is
    security time: programs ask for what changed since.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("state <> 'draft' OR declared_at IS NULL", name="draft"),
        CheckConstraint("state = 'draft' OR declared_at IS NOT NULL", name="declared"),
        CheckConstraint("declared_at IS NULL OR happened_on IS NOT NULL", name="dated"),
        CheckConstraint(
            "state IN ('draft', 'declared', 'rejected', 'withdrawn') OR accepted_at IS NOT NULL", name="accepted"
        ),
        CheckConstraint("state <> 'confirmed' OR confirmed_at IS NOT NULL", name="confirmed"),
        CheckConstraint("(checked_by_id IS NULL) = (checked_at IS NULL)", name="checked_by"),
        CheckConstraint("state <> 'checked' OR checked_at IS NOT NULL", name="checked"),
        CheckConstraint(
            "checked_at IS NULL OR state IN ('checked', 'withdrawn', 'superseded')", name="checked_is_kept"
        ),
        CheckConstraint(
            "checked_by_id IS NULL OR (checked_by_id <> entered_by_id AND checked_by_id <> person_id)",
            name="two_people",
        ),
        CheckConstraint("(state = 'rejected') = (rejected_by_id IS NOT NULL)", name="rejected"),
        CheckConstraint("rejected_by_id IS NULL OR rejected_by_id <> entered_by_id", name="rejected_by_another"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_by_id IS NOT NULL)", name="withdrawn"),
        CheckConstraint("state NOT IN ('rejected', 'withdrawn') OR reason IS NOT NULL", name="reason"),
        CheckConstraint("(state IN ('rejected', 'withdrawn', 'superseded')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("share IS NULL OR (share > 0 AND share <= 10000)", name="share"),
        CheckConstraint("amount IS NULL OR amount >= 0", name="amount"),
        CheckConstraint("hours IS NULL OR hours > 0", name="hours"),
        Index("ix_evidence_number", "kind", "number"),
        Index("ix_evidence_facts", "person_id", "kind", "checked_at"),
        Index("ix_evidence_queue", "region_code", "state", "declared_at"),
        Index("ix_evidence_changed", "organisation_id", "changed_at"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    kind: Mapped[Kind]
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"))
    organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
    entered_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    entry: Mapped[Entry]
    series: Mapped[str] = mapped_column(String(CODE_LENGTH), index=True)
    supersedes_id: Mapped[OptionalFK] = mapped_column(ForeignKey("evidence.id"))

    title: Mapped[Name]
    number: Mapped[OptionalShort]
    happened_on: Mapped[OptionalDay]
    amount: Mapped[OptionalMoney]
    share: Mapped[OptionalPercent]
    hours: Mapped[OptionalHours]
    details: Mapped[JsonObject]

    drafted_at: Mapped[Instant]
    declared_at: Mapped[OptionalInstant]
    accepted_at: Mapped[OptionalInstant]
    check_due_on: Mapped[OptionalDay]
    confirmed_at: Mapped[OptionalInstant]
    disputed_at: Mapped[OptionalInstant]
    checked_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    checked_at: Mapped[OptionalInstant]
    checked_verdict: Mapped[JsonObject | None]
    rejected_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    withdrawn_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[OptionalLong]
    ended_at: Mapped[OptionalInstant]
    verdict: Mapped[JsonObject | None]
    standing: Mapped[OptionalShort]
    changed_at: Mapped[OptionalInstant] = mapped_column(default=real_now, onupdate=real_now)

    person: Mapped[Person] = relationship(foreign_keys="Evidence.person_id", lazy="raise_on_sql", viewonly=True)

    def text(self, name: str) -> str:
        """Return a field of the kind as it was written, empty where it was not given."""
        return str(self.details.get(name, ""))


class EvidenceFile(Base):
    """A file attached to a record, by content hash."""

    __tablename__ = "evidence_file"
    __table_args__ = (UniqueConstraint("evidence_id", "file_id"),)

    id: Mapped[PK]
    evidence_id: Mapped[FK] = mapped_column(ForeignKey("evidence.id"))
    file_id: Mapped[FK] = mapped_column(ForeignKey("stored_file.id"))
    name: Mapped[Name]
    attached_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    attached_at: Mapped[Instant]

    file: Mapped[StoredFile] = relationship(lazy="joined", viewonly=True)


class EvidenceLink(Base):
    """A registration, invoice or receipt of a contract; a paper belongs to one contract only.

    Both are named by the code of their first version, so a correction keeps its links.
    """

    __tablename__ = "evidence_link"
    __table_args__ = (CheckConstraint("contract_series <> paper_series", name="two_records"),)

    id: Mapped[PK]
    contract_series: Mapped[str] = mapped_column(String(CODE_LENGTH), ForeignKey("evidence.code"), index=True)
    paper_series: Mapped[str] = mapped_column(String(CODE_LENGTH), ForeignKey("evidence.code"), unique=True)
    linked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    linked_at: Mapped[Instant]


class ContractShare(Base):
    """How much of a registered contract is claimed by all who facilitated it: never over the whole.

    The row is locked by whoever claims, so two claims at once cannot pass 100 % together.
    """

    __tablename__ = "contract_share"
    __table_args__ = (CheckConstraint("claimed >= 0 AND claimed <= 10000", name="whole"),)

    number: Mapped[str] = mapped_column(String(64), primary_key=True)
    claimed: Mapped[Decimal] = mapped_column(ScaledDecimal(2))


class EvidenceUse(Base):
    """Who relies on a record: a title application, a credit rating, a base's results."""

    __tablename__ = "evidence_use"
    __table_args__ = (
        UniqueConstraint("evidence_id", "purpose", "subject_type", "subject_code"),
        CheckConstraint("part > 0 AND part <= 10000", name="part"),
        Index("ix_evidence_use_subject", "subject_type", "subject_code"),
    )

    id: Mapped[PK]
    evidence_id: Mapped[FK] = mapped_column(ForeignKey("evidence.id"))
    purpose: Mapped[Short]
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    part: Mapped[Decimal] = mapped_column(ScaledDecimal(2))
    used_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    used_at: Mapped[Instant]
    released_at: Mapped[OptionalInstant]


class CounterpartyRequest(Base):
    """A link with which the other party of a deal confirms or disputes it, once; the row holds its digest.

    Address and token lie sealed under the subject's own key; the token goes when the mail went, the address
    when the link ends. Its times are security time.
    """

    __tablename__ = "counterparty_request"
    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        CheckConstraint("answered_at IS NULL OR ended_at IS NULL", name="one_end"),
        CheckConstraint("answer IS NULL OR answer <> 'disputed' OR reason IS NOT NULL", name="disputed"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    evidence_id: Mapped[FK] = mapped_column(ForeignKey("evidence.id"))
    token: Mapped[Digest] = mapped_column(unique=True)
    party: Mapped[Name]
    email_sealed: Mapped[bytes | None]
    token_sealed: Mapped[bytes | None]
    mailed_at: Mapped[OptionalInstant]
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    answered_at: Mapped[OptionalInstant]
    ended_at: Mapped[OptionalInstant]
    answer: Mapped[Answer | None]
    reason: Mapped[OptionalLong]


class EvidenceImport(Base):
    """A file of records that an organisation enters for its staff, staged until it is decided on."""

    __tablename__ = "evidence_import"
    __table_args__ = (CheckConstraint("(state = 'staged') = (decided_at IS NULL)", name="decided"),)

    id: Mapped[PK]
    code: Mapped[Code]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[Kind]
    file_name: Mapped[Name]
    digest: Mapped[Short]
    state: Mapped[ImportState] = mapped_column(default=ImportState.STAGED)
    by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Instant]
    decided_at: Mapped[OptionalInstant]


class EvidenceImportRow(Base):
    """A staged row: whose it is, its fields as written, and every problem of it."""

    __tablename__ = "evidence_import_row"
    __table_args__ = (
        UniqueConstraint("import_id", "line"),
        CheckConstraint("NOT good OR person_id IS NOT NULL", name="good"),
    )

    id: Mapped[PK]
    import_id: Mapped[FK] = mapped_column(ForeignKey("evidence_import.id"))
    line: Mapped[int]
    person_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    name: Mapped[Name]
    masked: Mapped[Short]
    details: Mapped[JsonObject]
    problems: Mapped[JsonList]
    good: Mapped[bool]
    evidence_id: Mapped[OptionalFK] = mapped_column(ForeignKey("evidence.id"))


class SampleAudit(Base):
    """A random sample of the records declared in a region and period; anyone can draw it again from its seed."""

    __tablename__ = "sample_audit"
    __table_args__ = (
        CheckConstraint("until >= since", name="period"),
        CheckConstraint("size > 0 AND size <= population", name="size"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    since: Mapped[Day]
    until: Mapped[Day]
    seed: Mapped[Short]
    algorithm: Mapped[Short]
    population: Mapped[int]
    population_digest: Mapped[Short]
    population_codes: Mapped[JsonList]
    size: Mapped[int]
    drawn_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    drawn_at: Mapped[Instant]


class SampleItem(Versioned, Base):
    """One drawn record: who looks at it, what they found, and who confirmed the finding."""

    __tablename__ = "sample_item"
    __table_args__ = (
        UniqueConstraint("audit_id", "evidence_id"),
        UniqueConstraint("audit_id", "place"),
        CheckConstraint(
            "(finding IS NULL) = (found_by_id IS NULL) AND (finding IS NULL) = (found_at IS NULL)", name="found"
        ),
        CheckConstraint("finding IS NULL OR (note IS NOT NULL AND assigned_to_id IS NOT NULL)", name="note"),
        CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> found_by_id", name="two_people"),
        CheckConstraint("confirmed_by_id IS NULL OR finding IS NOT NULL", name="confirmed_finding"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    audit_id: Mapped[FK] = mapped_column(ForeignKey("sample_audit.id"))
    evidence_id: Mapped[FK] = mapped_column(ForeignKey("evidence.id"))
    place: Mapped[int]
    assigned_to_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    finding: Mapped[Finding | None]
    note: Mapped[OptionalLong]
    found_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    found_at: Mapped[OptionalInstant]
    confirmed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[OptionalInstant]

    evidence: Mapped[Evidence] = relationship(lazy="raise_on_sql", viewonly=True)


CONTENT = ("kind", "title", "number", "happened_on", "amount", "share", "hours", "declared_at")
"""What a declared record says; `details` is refused too, compared as text."""
ANOTHER = (
    "NEW.person_id <> OLD.person_id AND NOT EXISTS "
    "(SELECT 1 FROM person AS p WHERE p.id = OLD.person_id AND p.merged_into_id = NEW.person_id)"
)
"""A declared record belongs to another person: only that into which its own was joined may take it."""
REFUSAL = "a declared record is never changed; enter a new version"
ERASING = (
    "NEW.title = '-' AND NEW.person_id = OLD.person_id AND EXISTS "
    "(SELECT 1 FROM erasure AS r WHERE r.person_id = OLD.person_id AND r.state = 'done')"
)
"""Whose erasure is done loses what was written in their records, never the day, number and figures."""
WRITTEN = ("title", "details")


def changed_ddl(dialect: str, *, erasable: bool = True) -> str:
    """Return the condition that the content of a record changes in a way that is refused."""
    differs = "{0} IS NOT {1}" if dialect == "sqlite" else "{0} IS DISTINCT FROM {1}"
    as_text = "" if dialect == "sqlite" else "::text"

    def any_of(columns: tuple[str, ...]) -> str:
        kind = {"details": as_text}
        return " OR ".join(
            differs.format(f"NEW.{one}{kind.get(one, '')}", f"OLD.{one}{kind.get(one, '')}") for one in columns
        )

    if not erasable:
        return f"{any_of((*CONTENT, 'details'))} OR ({ANOTHER})"
    figures = tuple(one for one in CONTENT if one not in WRITTEN)
    return f"{any_of(figures)} OR ({ANOTHER}) OR (({any_of(WRITTEN)}) AND NOT ({ERASING}))"


def content_ddl(dialect: str, *, erasable: bool = True) -> list[str]:
    """Return the statements of the trigger that keeps the content of a declared record as it is."""
    changed = changed_ddl(dialect, erasable=erasable)
    if dialect == "sqlite":
        return [
            (
                f"CREATE TRIGGER evidence_content BEFORE UPDATE ON evidence "
                f"WHEN OLD.declared_at IS NOT NULL AND ({changed}) "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        ]
    return [
        (
            "CREATE OR REPLACE FUNCTION evidence_content() RETURNS trigger AS $$ BEGIN "
            f"IF OLD.declared_at IS NOT NULL AND ({changed}) THEN "
            f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; END $$ LANGUAGE plpgsql"
        ),
        ("CREATE TRIGGER evidence_content BEFORE UPDATE ON evidence FOR EACH ROW EXECUTE FUNCTION evidence_content()"),
    ]


made_with(Evidence, content_ddl)


def on_day(evidence: Evidence) -> date:
    """Return the day a declared record is about."""
    if evidence.happened_on is None:
        msg = "a declared record has its day"
        raise ValueError(msg)
    return evidence.happened_on

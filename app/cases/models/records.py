"""Tables of cases, their clocks, notices and publicity periods."""

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    and_,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, column_property, foreign, mapped_column, relationship

from app.accounts.models import Person
from app.cases.states import CaseState, DeliveryHow, Instance, NoticeKind, Outcome, Protection, Relation
from app.core.columns import (
    FK,
    PK,
    Code,
    Day,
    Digest,
    Instant,
    JsonList,
    Long,
    Name,
    OptionalDay,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalShort,
    RegionCode,
    Short,
    WrappedKey,
)
from app.core.db import Base, Versioned
from app.core.events import append_only
from app.core.files import StoredFile
from app.core.shredding import TextKey, opened
from app.core.triggers import made_with

CASE_TYPE = "case"


class Publicity(Versioned, Base):
    """A publicity period (公示): what may be read by everyone, from a day to a day, and by whom objections are heard.

    `names` are masked before they are stored. Whether the period runs, has passed or lies in the archive
    follows from its dates; `told_at` is when the rooms above were told that it passed without open objection. One that
    was taken off the board may be left off: nothing waits for a corrected one any more.
    """

    __tablename__ = "publicity"
    __table_args__ = (
        Index(
            "uq_publicity_standing",
            "kind",
            "subject_type",
            "subject_code",
            "starts_on",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("(revoked_at IS NULL) = (reason IS NULL)", name="revoked"),
        CheckConstraint("revoked_at IS NULL OR told_at IS NULL", name="told"),
        CheckConstraint("(left_off_at IS NULL) = (left_off_reason IS NULL)", name="left_off"),
        CheckConstraint("left_off_at IS NULL OR revoked_at IS NOT NULL", name="left_off_after"),
        Index("ix_publicity_board", "ends_on", "starts_on"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    kind: Mapped[Short]
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    url: Mapped[str] = mapped_column(String(300))
    title_zh: Mapped[Name]
    title_en: Mapped[Name]
    body_zh: Mapped[Long]
    body_en: Mapped[Long]
    names: Mapped[JsonList]
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    authority_region: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    rule_pack: Mapped[Short]
    starts_on: Mapped[Day]
    ends_on: Mapped[Day]
    provisional: Mapped[bool]
    opened_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[Instant]
    told_at: Mapped[OptionalInstant]
    revoked_at: Mapped[OptionalInstant]
    revoked_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[OptionalLong]
    left_off_at: Mapped[OptionalInstant]
    left_off_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    left_off_reason: Mapped[OptionalLong]


class Case(Versioned, Base):
    """A claim that something done was wrong, and the decision on it.

    The pack of clocks is pinned when the case is raised, and it is given the number by which people call it.
    `person_id` and `subject_organisation_id` are whom it is about; an author who is protected stands in CaseAuthor
    only. What people wrote is kept under the case's text key.
    """

    __tablename__ = "case_record"
    __table_args__ = (
        CheckConstraint("(protection = 'open') = (raised_by_id IS NOT NULL)", name="author"),
        CheckConstraint("state = 'draft' OR (raised_at IS NOT NULL AND rule_pack IS NOT NULL)", name="raised"),
        CheckConstraint(
            "state NOT IN ('accepted', 'waiting', 'decided') OR (accepted_at IS NOT NULL AND decide_by IS NOT NULL)",
            name="accepted",
        ),
        CheckConstraint("(state = 'decided') = (outcome IS NOT NULL)", name="has_outcome"),
        CheckConstraint(
            "(state IN ('decided', 'declined')) = "
            "(decided_by_id IS NOT NULL AND decided_at IS NOT NULL AND reasons IS NOT NULL)",
            name="decided",
        ),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
        CheckConstraint("(instance = 'first') OR previous_id IS NULL OR previous_id <> id", name="previous"),
        CheckConstraint(
            "decided_by_id IS NULL OR raised_by_id IS NULL OR decided_by_id <> raised_by_id", name="two_people"
        ),
        CheckConstraint("decided_by_id IS NULL OR person_id IS NULL OR decided_by_id <> person_id", name="not_own"),
        Index("uq_case_record_number", "number", unique=True),
        Index("ix_case_record_desk", "authority_region", "state", "decide_by"),
        Index("ix_case_record_subject", "subject_type", "subject_code"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    number: Mapped[OptionalShort]
    token: Mapped[Short] = mapped_column(unique=True)
    kind: Mapped[Short] = mapped_column(index=True)
    instance: Mapped[Instance]
    previous_id: Mapped[OptionalFK] = mapped_column(ForeignKey("case_record.id"))
    publicity_id: Mapped[OptionalFK] = mapped_column(ForeignKey("publicity.id"))
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    about_zh: Mapped[Name]
    about_en: Mapped[Name]
    about_url: Mapped[str] = mapped_column(String(300))
    person_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    subject_organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    authority_region: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"))
    authority_role: Mapped[Short]
    authority_organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
    protection: Mapped[Protection]
    raised_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    raised_organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
    facts_kept: Mapped[Long] = mapped_column("facts")
    state: Mapped[CaseState] = mapped_column(default=CaseState.DRAFT)
    drafted_at: Mapped[Instant]
    raised_at: Mapped[OptionalInstant]
    rule_pack: Mapped[OptionalShort]
    accept_by: Mapped[OptionalDay]
    decide_by: Mapped[OptionalDay]
    provisional: Mapped[bool] = mapped_column(default=False)
    accepted_at: Mapped[OptionalInstant]
    accepted_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[Outcome | None]
    reasons_kept: Mapped[OptionalLong] = mapped_column("reasons")
    decided_at: Mapped[OptionalInstant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[OptionalInstant]

    previous: Mapped["Case | None"] = relationship(remote_side="Case.id", lazy="select", viewonly=True)
    text_key: Mapped[TextKey | None] = relationship(
        primaryjoin=lambda: and_(foreign(Case.code) == TextKey.subject_code, TextKey.subject_type == CASE_TYPE),
        lazy="select",
        viewonly=True,
    )

    visitor: Mapped["CaseVisitor | None"] = relationship(lazy="select", viewonly=True, uselist=False)

    @property
    def facts(self) -> str:
        """Return what its author wrote, or that it was erased."""
        return self.opened(self.facts_kept)

    @property
    def reasons(self) -> str | None:
        """Return the reasons of the decision, or that they were erased; None where none was made."""
        return None if self.reasons_kept is None else self.opened(self.reasons_kept)

    def opened(self, kept: str) -> str:
        """Return a text of the case as it was written, or that it was erased."""
        return opened(kept, self.text_key.wrapped_key if self.text_key else None, CASE_TYPE, self.code)

    @property
    def texts_erased(self) -> bool:
        """Tell whether what was written in the case was erased together with a person's data."""
        return self.text_key is not None and self.text_key.destroyed_at is not None


class CaseAuthor(Base):
    """Who raised a protected case, so that no clear key of a person stands beside it.

    `author_index` finds one's own cases; `locator_sealed` is the person's key under the case's own wrapped key,
    `name_sealed` the name under the person's key: destroying either makes it unreadable.
    """

    __tablename__ = "case_author"

    id: Mapped[PK]
    case_id: Mapped[FK] = mapped_column(ForeignKey("case_record.id"), unique=True)
    author_index: Mapped[Digest] = mapped_column(index=True)
    case_key: Mapped[WrappedKey]
    locator_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)


class CaseVisitor(Base):
    """How somebody without an account follows the case they raised: the digest of their secret, a contact if given."""

    __tablename__ = "case_visitor"

    id: Mapped[PK]
    case_id: Mapped[FK] = mapped_column(ForeignKey("case_record.id"), unique=True)
    secret: Mapped[Digest]
    contact: Mapped[OptionalLong]


class CaseBarred(Base):
    """A person who made the decision complained of, or an earlier one on it, and so may not decide."""

    __tablename__ = "case_barred"
    __table_args__ = (UniqueConstraint("case_id", "person_id"),)

    id: Mapped[PK]
    case_id: Mapped[FK] = mapped_column(ForeignKey("case_record.id"))
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    why: Mapped[Short]


class CasePause(Base):
    """A stop of the clock while materials are waited for, with the reason; open until a day is set.

    `due_on` is the last day to supply them, where a rule sets one; `told_at` when the authority was told that it passed
    without them; `answer` the token of the request that brought them, so that it is taken once.
    """

    __tablename__ = "case_pause"
    __table_args__ = (
        CheckConstraint("until_day IS NULL OR until_day >= from_day", name="period"),
        CheckConstraint("due_on IS NULL OR due_on >= from_day", name="due"),
        CheckConstraint("told_at IS NULL OR due_on IS NOT NULL", name="told"),
        CheckConstraint("answer IS NULL OR until_day IS NOT NULL", name="answered"),
    )

    id: Mapped[PK]
    case_id: Mapped[FK] = mapped_column(ForeignKey("case_record.id"))
    from_day: Mapped[Day]
    until_day: Mapped[OptionalDay]
    reason: Mapped[Long]
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[OptionalDay]
    told_at: Mapped[OptionalInstant]
    answer: Mapped[OptionalShort]


class DeclaredRelation(Base):
    """A person or body that somebody names in their declaration of impartiality, and what binds them.

    The name lies under the text key of the case. Who is found by what was given stands in `other_id` or
    `organisation_id`; `name_index` finds whoever bears the name otherwise, without anybody reading it.
    """

    __tablename__ = "declared_relation"
    __table_args__ = (
        UniqueConstraint("case_id", "place"),
        CheckConstraint("other_id IS NULL OR organisation_id IS NULL", name="one"),
    )

    id: Mapped[PK]
    case_id: Mapped[FK] = mapped_column(ForeignKey("case_record.id"))
    place: Mapped[int]
    kind: Mapped[Relation]
    name_kept: Mapped[Long] = mapped_column("name")
    name_index: Mapped[Digest] = mapped_column(index=True)
    other_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))


class CaseFile(Base):
    """An exhibit of a case: a stored content under a title; never changed.

    The title lies under the text key of the case: `case.opened(exhibit.title_kept)` reads it.
    """

    __tablename__ = "case_file"
    __table_args__ = (UniqueConstraint("case_id", "file_id"),)

    id: Mapped[PK]
    case_id: Mapped[FK] = mapped_column(ForeignKey("case_record.id"))
    file_id: Mapped[FK] = mapped_column(ForeignKey("stored_file.id"))
    title_kept: Mapped[Long] = mapped_column("title")
    by_officer: Mapped[bool]
    added_at: Mapped[Instant]

    file: Mapped[StoredFile] = relationship(lazy="joined", viewonly=True)


class CaseEscalation(Base):
    """A clock that ran out and was told to the superior authority, once a step; append-only."""

    __tablename__ = "case_escalation"
    __table_args__ = (UniqueConstraint("case_id", "step", "due_on"),)

    id: Mapped[PK]
    case_id: Mapped[FK] = mapped_column(ForeignKey("case_record.id"))
    step: Mapped[Short]
    due_on: Mapped[Day]
    told_at: Mapped[Instant]


class Notice(Base):
    """A notice (通知) to a party: to a person, to an organisation, or to the protected author of a case.

    `first_deemed_on` is the day on which it counts as delivered as it was sent, `deemed_on` as it was last counted.
    `standing_id` is the person whom it is to now: the record that theirs was joined into since.
    """

    __tablename__ = "case_notice"
    __table_args__ = (
        CheckConstraint("to_person_id IS NULL OR to_organisation_id IS NULL", name="addressee"),
        CheckConstraint("deemed_on >= sent_on", name="deemed"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    case_id: Mapped[FK] = mapped_column(ForeignKey("case_record.id"))
    kind: Mapped[NoticeKind]
    to_person_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    to_organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
    text: Mapped[Long]
    sent_on: Mapped[Day]
    sent_at: Mapped[Instant]
    sent_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    first_deemed_on: Mapped[Day] = mapped_column("deemed_on")
    if TYPE_CHECKING:
        deemed_on: Mapped[date]
        standing_id: Mapped[int | None]

    appeal: Mapped["AppealPeriod | None"] = relationship(lazy="joined", viewonly=True, uselist=False)


class NoticeDay(Base):
    """A later day on which a notice counts as delivered, counted anew with the holidays of a year; append-only."""

    __tablename__ = "case_notice_day"

    id: Mapped[PK]
    notice_id: Mapped[FK] = mapped_column(ForeignKey("case_notice.id"))
    deemed_on: Mapped[Day]
    counted_at: Mapped[Instant]


Notice.deemed_on = column_property(  # the last day counted, in the statement that reads the notice
    select(func.coalesce(func.max(NoticeDay.deemed_on), Notice.first_deemed_on))
    .where(NoticeDay.notice_id == Notice.id)
    .correlate(Notice)
    .scalar_subquery()
)
Notice.standing_id = column_property(
    select(func.coalesce(Person.merged_into_id, Person.id))
    .where(Person.id == Notice.to_person_id)
    .correlate(Notice)
    .scalar_subquery()
)


class AppealPeriod(Base):
    """Until when whoever a decision was sent to may take it further, as they are told; kept once a notice.

    It counts from the day on which the notice counts as delivered, by the clocks that were in force when it was sent.
    """

    __tablename__ = "case_appeal_period"

    id: Mapped[PK]
    notice_id: Mapped[FK] = mapped_column(ForeignKey("case_notice.id"), unique=True)
    rule_pack: Mapped[Short]
    ends_on: Mapped[Day]
    provisional: Mapped[bool]


class Delivery(Base):
    """Proof that a notice was delivered: how, when, to whom, with the receipt where there is one; append-only.

    To whom lies under the text key of the case.
    """

    __tablename__ = "case_delivery"

    id: Mapped[PK]
    notice_id: Mapped[FK] = mapped_column(ForeignKey("case_notice.id"))
    how: Mapped[DeliveryHow]
    delivered_on: Mapped[Day]
    to_whom_kept: Mapped[OptionalLong] = mapped_column("to_whom")
    receipt_file_id: Mapped[OptionalFK] = mapped_column(ForeignKey("stored_file.id"))
    recorded_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[Instant]


APPEND_ONLY = (CaseBarred, CaseEscalation, Notice, NoticeDay)
for _model in APPEND_ONLY:
    append_only(_model)
append_only(CaseFile, seals="title")
append_only(Delivery, seals="to_whom")

REFUSAL = "who made the decision complained of cannot decide the case"
BARRED = (
    "NEW.decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM case_barred AS b "
    "WHERE b.case_id = NEW.id AND b.person_id = NEW.decided_by_id)"
)


def separation_ddl(dialect: str) -> list[str]:
    """Return the statements of the trigger that keeps earlier deciders from deciding again."""
    before = "CREATE TRIGGER case_separation BEFORE UPDATE OF decided_by_id ON case_record "
    if dialect == "sqlite":
        return [f"{before}WHEN {BARRED} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"]
    return [
        (
            "CREATE OR REPLACE FUNCTION case_separation() RETURNS trigger AS $$ BEGIN "
            f"IF {BARRED} THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; END $$ LANGUAGE plpgsql"
        ),
        f"{before}FOR EACH ROW EXECUTE FUNCTION case_separation()",
    ]


made_with(CaseBarred, separation_ddl)

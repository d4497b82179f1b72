"""Tables of what people decide about their own data: consents, exports, erasures, claims and merges."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.accounts.states import ClaimState, ErasureState, MergeState, NameState, ResetWay
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonList,
    JsonObject,
    Long,
    OptionalDay,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalShort,
    Short,
)
from app.core.db import Base, Versioned
from app.core.events import append_only


class ConsentText(Base):
    """The words that people agreed to, in both languages, by purpose and version; append-only."""

    __tablename__ = "consent_text"
    __table_args__ = (UniqueConstraint("purpose", "number"),)

    id: Mapped[PK]
    purpose: Mapped[Short]
    number: Mapped[int]
    text_zh: Mapped[Long]
    text_en: Mapped[Long]
    at: Mapped[Instant]


append_only(ConsentText)


class Consent(Base):
    """A consent of a person to one purpose, from when it was given until it is withdrawn."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= given_at", name="period"),
        Index(
            "uq_consent_open",
            "person_id",
            "purpose",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[Short]
    text_id: Mapped[FK] = mapped_column(ForeignKey("consent_text.id"))
    given_at: Mapped[Instant]
    withdrawn_at: Mapped[OptionalInstant]

    text: Mapped[ConsentText] = relationship(lazy="joined", viewonly=True)


class DataExport(Base):
    """A copy of a person's own data, sealed under their key until it is downloaded once or runs out.

    Times here are security time.
    """

    __tablename__ = "data_export"
    __table_args__ = (
        CheckConstraint("sealed IS NULL OR (ready_at IS NOT NULL AND downloaded_at IS NULL)", name="kept"),
        CheckConstraint("(ready_at IS NULL) = (expires_at IS NULL)", name="ready"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    language: Mapped[Short]
    requested_at: Mapped[Instant]
    ready_at: Mapped[OptionalInstant]
    expires_at: Mapped[OptionalInstant]
    downloaded_at: Mapped[OptionalInstant]
    sha256: Mapped[OptionalShort]
    size: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[bytes | None]


class Erasure(Versioned, Base):
    """A person's request to erase their data, decided by somebody else.

    `kept` is a list of {"what", "law", "until"}: what the law keeps for now, as it was told when decided.
    """

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> person_id", name="second_person"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> requested_by_id", name="two_people"),
        CheckConstraint("(state IN ('limited', 'done', 'refused')) = (decided_by_id IS NOT NULL)", name="decided"),
        CheckConstraint("(state = 'done') = (erased_at IS NOT NULL)", name="erased"),
        Index(
            "uq_erasure_open",
            "person_id",
            unique=True,
            sqlite_where=text("state IN ('requested', 'limited')"),
            postgresql_where=text("state IN ('requested', 'limited')"),
        ),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    state: Mapped[ErasureState] = mapped_column(default=ErasureState.REQUESTED)
    requested_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    answer: Mapped[OptionalLong]
    kept: Mapped[JsonList] = mapped_column(default=list)
    kept_until: Mapped[OptionalDay]
    looked_on: Mapped[OptionalDay]
    erased_at: Mapped[OptionalInstant]

    person: Mapped[Person] = relationship(foreign_keys="Erasure.person_id", lazy="raise_on_sql", viewonly=True)


class NameCorrection(Versioned, Base):
    """A person's request that their verified name be corrected, decided by somebody else after seeing the paper.

    `asked_sealed` is the name asked for and `paper_sealed` the paper that proves it, both under the person's key, so
    that an erasure takes them along; `digest` is the SHA-256 of the paper and stays.
    """

    __tablename__ = "name_correction"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> person_id", name="second_person"),
        CheckConstraint("(state IN ('corrected', 'refused')) = (decided_by_id IS NOT NULL)", name="decided"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint(
            "state <> 'requested' OR (asked_sealed IS NOT NULL AND paper_sealed IS NOT NULL)", name="paper"
        ),
        Index(
            "uq_name_correction_open",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'requested'"),
            postgresql_where=text("state = 'requested'"),
        ),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    state: Mapped[NameState] = mapped_column(default=NameState.REQUESTED)
    asked_sealed: Mapped[bytes | None]
    paper_sealed: Mapped[bytes | None]
    media_type: Mapped[Short]
    digest: Mapped[Short]
    reason: Mapped[Long]
    requested_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    answer: Mapped[OptionalLong]

    person: Mapped[Person] = relationship(foreign_keys="NameCorrection.person_id", lazy="raise_on_sql", viewonly=True)


class PersonMerge(Versioned, Base):
    """Two records of one human being, to be joined into the one that is kept.

    `moved` counts the references moved, by table and column.
    """

    __tablename__ = "person_merge"
    __table_args__ = (
        CheckConstraint("kept_id <> gone_id", name="two_records"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint(
            "(proposed_by_id <> kept_id AND proposed_by_id <> gone_id)"
            " AND (decided_by_id IS NULL OR (decided_by_id <> kept_id AND decided_by_id <> gone_id))",
            name="not_oneself",
        ),
        CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name="decided"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    kept_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    gone_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    state: Mapped[MergeState] = mapped_column(default=MergeState.PROPOSED)
    reasons: Mapped[Long]
    proposed_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    answer: Mapped[OptionalLong]
    moved: Mapped[JsonObject] = mapped_column(default=dict)

    kept: Mapped[Person] = relationship(foreign_keys="PersonMerge.kept_id", lazy="raise_on_sql", viewonly=True)
    gone: Mapped[Person] = relationship(foreign_keys="PersonMerge.gone_id", lazy="raise_on_sql", viewonly=True)


class Claim(Versioned, Base):
    """A person without an account says that a record is theirs; who brought it in checks the document and decides."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> person_id", name="not_oneself"),
        Index(
            "uq_claim_open",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[ClaimState] = mapped_column(default=ClaimState.OPEN)
    claimed_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]

    person: Mapped[Person] = relationship(foreign_keys="Claim.person_id", lazy="raise_on_sql", viewonly=True)


class ContactChange(Base):
    """A telephone number or mail address that a person wants to be reached by, or that an officer has set.

    The person's own stands once the code that it was sent is entered; the code is made when the message leaves, and
    kept as a digest. What is sealed lies under the person's key. Rows go after a week. Times are security time.
    """

    __tablename__ = "contact_change"
    __table_args__ = (
        CheckConstraint("(secret IS NULL) = (expires_at IS NULL)", name="secret"),
        CheckConstraint("done_at IS NULL OR ended_at IS NULL", name="one_end"),
        CheckConstraint("tries BETWEEN 0 AND 5", name="tries"),
        CheckConstraint("changed_by_id <> person_id", name="another"),
        CheckConstraint("(asked_sealed IS NOT NULL) = (done_at IS NULL AND ended_at IS NULL)", name="asked"),
        CheckConstraint("done_at IS NULL OR (secret IS NOT NULL) = (changed_by_id IS NULL)", name="proved"),
        Index(
            "uq_contact_change_open",
            "person_id",
            unique=True,
            sqlite_where=text("done_at IS NULL AND ended_at IS NULL"),
            postgresql_where=text("done_at IS NULL AND ended_at IS NULL"),
        ),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    way: Mapped[ResetWay]
    asked_sealed: Mapped[bytes | None]
    before_sealed: Mapped[bytes | None]
    secret: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    tries: Mapped[int] = mapped_column(default=0)
    changed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    expires_at: Mapped[OptionalInstant]
    done_at: Mapped[OptionalInstant]
    ended_at: Mapped[OptionalInstant]

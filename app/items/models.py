"""Tables of the item bank; a version never changes."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.accounts.models import Organisation
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonList,
    JsonObject,
    Long,
    Name,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalName,
    OptionalShort,
    Short,
    Weight,
)
from app.core.db import Base, Versioned
from app.core.events import append_only
from app.items.states import CognitiveLevel, Fate, FileKind, ImportState, ItemState, ItemType, Opinion, Purpose


class ItemBank(Base):
    """A collection of items that one organisation keeps; so many `reviewers` must accept a version.

    `region_code` is that of the organisation, whose syllabuses name the modules of the items.
    """

    __tablename__ = "item_bank"
    __table_args__ = (CheckConstraint("reviewers BETWEEN 1 AND 3", name="reviewers"),)

    id: Mapped[PK]
    code: Mapped[Short] = mapped_column(unique=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    purpose: Mapped[Purpose]
    reviewers: Mapped[int] = mapped_column(default=2, server_default="2")
    created_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]

    region_code: Mapped[str] = column_property(
        select(Organisation.region_code)
        .where(Organisation.id == organisation_id)
        .correlate_except(Organisation)
        .scalar_subquery()
    )


class Item(Versioned, Base):
    """One item through its life; what it says is in its versions."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("bank_id", "code"),
        CheckConstraint("state <> 'approved' OR approved_by_id IS NOT NULL", name="approved"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> author_id", name="two_people"),
    )

    id: Mapped[PK]
    bank_id: Mapped[FK] = mapped_column(ForeignKey("item_bank.id"))
    code: Mapped[Short]
    state: Mapped[ItemState] = mapped_column(default=ItemState.DRAFT, index=True)
    number: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]
    approved_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[OptionalInstant]

    bank: Mapped[ItemBank] = relationship(lazy="raise_on_sql", viewonly=True)
    versions: Mapped[list["ItemVersion"]] = relationship(
        lazy="raise_on_sql", order_by="ItemVersion.number", back_populates="item"
    )


class ItemVersion(Base):
    """The wording, options, key and metadata of an item; append-only.

    `options` is a list of {"key": "A", "text": "..."}, `key` a list of option keys; `body` holds what other types than
    choices need, in the shape of `rules.bodies.Body`.
    """

    __tablename__ = "item_version"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[PK]
    item_id: Mapped[FK] = mapped_column(ForeignKey("item.id"))
    number: Mapped[int]
    type: Mapped[ItemType]
    stem: Mapped[Long]
    options: Mapped[JsonList]
    key: Mapped[JsonList]
    body: Mapped[JsonObject] = mapped_column(default=dict, server_default="{}")
    explanation: Mapped[OptionalLong]
    module: Mapped[Short] = mapped_column(index=True)
    level: Mapped[CognitiveLevel]
    difficulty: Mapped[Weight]
    topic: Mapped[OptionalName]
    law: Mapped[OptionalName]
    article: Mapped[OptionalName]
    edition: Mapped[OptionalName]
    source_read: Mapped[bool]
    content_hash: Mapped[Short] = mapped_column(index=True)
    created_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]

    item: Mapped[Item] = relationship(lazy="raise_on_sql", back_populates="versions")


append_only(ItemVersion)


class BankFile(Base):
    """A picture or attachment that an author added to a bank: its items may show it; append-only."""

    __tablename__ = "item_bank_file"
    __table_args__ = (UniqueConstraint("bank_id", "file_id"),)

    id: Mapped[PK]
    bank_id: Mapped[FK] = mapped_column(ForeignKey("item_bank.id"))
    file_id: Mapped[FK] = mapped_column(ForeignKey("stored_file.id"))
    name: Mapped[Name]
    media_type: Mapped[Name]
    added_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[Instant]


append_only(BankFile)


class ItemReview(Base):
    """What one reviewer says of one version, once; append-only."""

    __tablename__ = "item_review"
    __table_args__ = (
        UniqueConstraint("item_id", "number", "reviewer_id"),
        CheckConstraint("opinion = 'accept' OR words IS NOT NULL", name="words"),
    )

    id: Mapped[PK]
    item_id: Mapped[FK] = mapped_column(ForeignKey("item.id"))
    number: Mapped[int]
    reviewer_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    opinion: Mapped[Opinion]
    words: Mapped[OptionalLong]
    at: Mapped[Instant]


class ItemComment(Base):
    """What an author, reviewer or examiner says about a version; append-only."""

    __tablename__ = "item_comment"

    id: Mapped[PK]
    item_id: Mapped[FK] = mapped_column(ForeignKey("item.id"), index=True)
    number: Mapped[int]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    words: Mapped[Long]
    at: Mapped[Instant]


class AlikeCleared(Base):
    """Two items that look alike and were found to ask different things, in the versions looked at; append-only.

    The lower id comes first, so that a pair is cleared once for two versions.
    """

    __tablename__ = "item_alike_cleared"
    __table_args__ = (
        UniqueConstraint("low_id", "low_number", "high_id", "high_number"),
        CheckConstraint("low_id < high_id", name="ordered"),
    )

    id: Mapped[PK]
    low_id: Mapped[FK] = mapped_column(ForeignKey("item.id"))
    low_number: Mapped[int]
    high_id: Mapped[FK] = mapped_column(ForeignKey("item.id"))
    high_number: Mapped[int]
    cleared_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    words: Mapped[Long]
    at: Mapped[Instant]


for _table in (ItemReview, ItemComment, AlikeCleared):
    append_only(_table)


class ItemImport(Versioned, Base):
    """An uploaded file of items, kept and looked at before anything of it enters the bank.

    `ignored` lists what of the file belongs to none of its items, as `rules.content.Failure.to_json` says it.
    """

    __tablename__ = "item_import"
    __table_args__ = (
        CheckConstraint("(state = 'committed') = (committed_at IS NOT NULL)", name="committed"),
        CheckConstraint("(committed_at IS NULL) = (committed_by_id IS NULL)", name="committed_by"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    bank_id: Mapped[FK] = mapped_column(ForeignKey("item_bank.id"))
    file_id: Mapped[FK] = mapped_column(ForeignKey("stored_file.id"))
    name: Mapped[Name]
    kind: Mapped[FileKind]
    ignored: Mapped[JsonList]
    state: Mapped[ImportState] = mapped_column(default=ImportState.STAGED)
    uploaded_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[Instant]
    committed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    committed_at: Mapped[OptionalInstant]


class ItemImportRow(Base):
    """One item of an uploaded file: where it stands, what it says, what becomes of it and why.

    `reason` is {"code", "params"} of `rules.reasons`; `content` the fields of an item, empty where it cannot
    be read; `alike_code` names an item of nearly the same wording, `alike_percent` how much of it.
    """

    __tablename__ = "item_import_row"
    __table_args__ = (
        UniqueConstraint("import_id", "position"),
        CheckConstraint("(alike_code IS NULL) = (alike_percent IS NULL)", name="alike"),
    )

    id: Mapped[PK]
    import_id: Mapped[FK] = mapped_column(ForeignKey("item_import.id"))
    position: Mapped[int]
    place: Mapped[Short]
    unit: Mapped[Short]
    code: Mapped[OptionalShort]
    fate: Mapped[Fate]
    reason: Mapped[JsonObject]
    content: Mapped[JsonObject]
    alike_code: Mapped[OptionalShort]
    alike_percent: Mapped[int | None]

"""Tables of blueprints and papers."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.states import PaperState
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonObject,
    Name,
    OptionalFK,
    OptionalInstant,
    OptionalShort,
    RegionCode,
    Score,
    Short,
    Weight,
)
from app.core.db import Base, Versioned
from app.core.events import append_only


class Blueprint(Base):
    """What a paper must hold (双向细目表): modules by cognitive levels; never changed, drafted anew instead.

    `cells` maps module to cognitive level to the number of items.
    """

    __tablename__ = "blueprint"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("points_per_item > 0", name="points"),
        CheckConstraint("cut_score >= 0", name="cut_score"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    level: Mapped[Short]
    bank_id: Mapped[FK] = mapped_column(ForeignKey("item_bank.id"))
    cells: Mapped[JsonObject]
    points_per_item: Mapped[Score]
    minutes: Mapped[int]
    difficulty_target: Mapped[Weight]
    cut_score: Mapped[Score]
    rule_pack: Mapped[Short]
    drafted_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    drafted_at: Mapped[Instant]


class Paper(Versioned, Base):
    """Items drawn for a blueprint by a seed; frozen by a second person under one content hash."""

    __tablename__ = "paper"
    __table_args__ = (
        UniqueConstraint("blueprint_id", "number"),
        CheckConstraint(
            "(state = 'frozen') = (frozen_by_id IS NOT NULL AND frozen_at IS NOT NULL AND content_hash IS NOT NULL)",
            name="frozen",
        ),
        CheckConstraint("frozen_by_id IS NULL OR frozen_by_id <> assembled_by_id", name="two_people"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    blueprint_id: Mapped[FK] = mapped_column(ForeignKey("blueprint.id"))
    number: Mapped[int]
    seed: Mapped[int]
    state: Mapped[PaperState] = mapped_column(default=PaperState.DRAFT)
    difficulty: Mapped[Weight]
    assembled_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    assembled_at: Mapped[Instant]
    frozen_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    frozen_at: Mapped[OptionalInstant]
    content_hash: Mapped[OptionalShort]

    blueprint: Mapped[Blueprint] = relationship(lazy="raise_on_sql", viewonly=True)


class PaperItem(Base):
    """One place of a paper: the version of the item is pinned; append-only."""

    __tablename__ = "paper_item"
    __table_args__ = (
        UniqueConstraint("paper_id", "position"),
        UniqueConstraint("paper_id", "item_version_id"),
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("points > 0", name="points"),
    )

    id: Mapped[PK]
    paper_id: Mapped[FK] = mapped_column(ForeignKey("paper.id"))
    position: Mapped[int]
    item_version_id: Mapped[FK] = mapped_column(ForeignKey("item_version.id"))
    points: Mapped[Score]


append_only(PaperItem)

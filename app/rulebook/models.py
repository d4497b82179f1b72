"""Tables of rule packs."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import (
    PK,
    Day,
    Instant,
    JsonObject,
    Long,
    Name,
    OptionalDay,
    OptionalFK,
    OptionalInstant,
    RegionCode,
    Short,
)
from app.core.db import Base, Versioned
from app.rulebook.states import PackState, Tag


class RulePack(Versioned, Base):
    """Typed parameters of one kind of rule for a region from a day on, with their source."""

    __tablename__ = "rule_pack"
    __table_args__ = (
        UniqueConstraint("series", "revision"),
        CheckConstraint("published_by_id IS NULL OR published_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint(
            "(state = 'published') = (published_by_id IS NOT NULL AND published_at IS NOT NULL)",
            name="published",
        ),
        CheckConstraint("state NOT IN ('proposed', 'published') OR proposed_by_id IS NOT NULL", name="proposed"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period"),
        Index("ix_rule_pack_in_force", "kind", "state", "region_code", "starts_on"),
    )

    id: Mapped[PK]
    code: Mapped[Short] = mapped_column(unique=True)
    series: Mapped[Short]
    revision: Mapped[int] = mapped_column(default=1)
    kind: Mapped[Short]
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"))
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    starts_on: Mapped[Day]
    ends_on: Mapped[OptionalDay]
    tag: Mapped[Tag]
    source: Mapped[JsonObject]
    params: Mapped[JsonObject]
    text: Mapped[Long]
    state: Mapped[PackState] = mapped_column(default=PackState.DRAFT)
    drafted_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    drafted_at: Mapped[Instant]
    proposed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[OptionalInstant]
    published_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[OptionalInstant]

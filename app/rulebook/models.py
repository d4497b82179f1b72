"""Tables of rule packs."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import (
    FK,
    PK,
    BigKey,
    Code,
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
from app.core.events import append_only
from app.rulebook.states import PackState, Tag
from app.rulebook.verdicts import Outcome


class RulePack(Versioned, Base):
    """Typed parameters of one kind of rule for a region from a day on, with their source.

    `copied_from_id` is the pack, of another series, with whose values the series began.
    """

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
    copied_from_id: Mapped[OptionalFK] = mapped_column(ForeignKey("rule_pack.id"))


class DecisionRecord(Base):
    """One decision under a rule: the pack, the facts it saw and the verdict with its reasons; append-only.

    `facts` maps names to {"type", "value", "since", "source"}: codes, figures and days, never a name or a document
    number. A later decision on the same subject supersedes the earlier one.
    """

    __tablename__ = "decision_record"
    __table_args__ = (
        CheckConstraint("supersedes_id IS NULL OR supersedes_id <> id", name="supersedes"),
        Index("ix_decision_record_kind_decided_at", "kind", "decided_at", "id"),
        Index("ix_decision_record_subject", "subject_type", "subject_code", "kind", "id"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    kind: Mapped[Short]
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    person_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    pack: Mapped[Short] = mapped_column(index=True)
    tag: Mapped[Tag]
    judged_on: Mapped[Day]
    facts: Mapped[JsonObject]
    verdict: Mapped[JsonObject]
    outcome: Mapped[Outcome]
    decided_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    supersedes_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("decision_record.id"), unique=True)


append_only(DecisionRecord)


class Replay(Base):
    """What a pack would have decided in a year (Shanghai time) of the decisions in its region.

    `records` and `changed` are counted as the job goes; `last_record_id` bounds it to what was decided when asked.
    """

    __tablename__ = "replay"
    __table_args__ = (
        CheckConstraint("changed <= records AND gained + lost <= changed", name="counts"),
        Index("ix_replay_pack_year", "pack_id", "year"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    pack_id: Mapped[FK] = mapped_column(ForeignKey("rule_pack.id"))
    year: Mapped[int]
    last_record_id: Mapped[int] = mapped_column(BigKey)
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    records: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    gained: Mapped[int] = mapped_column(default=0)
    lost: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[OptionalInstant]

    pack: Mapped[RulePack] = relationship(lazy="raise_on_sql", viewonly=True)


class ReplayChange(Base):
    """A decision that would have come out otherwise, with the verdict of the other pack."""

    __tablename__ = "replay_change"
    __table_args__ = (UniqueConstraint("replay_id", "record_id"),)

    id: Mapped[PK]
    replay_id: Mapped[FK] = mapped_column(ForeignKey("replay.id"))
    record_id: Mapped[FK] = mapped_column(ForeignKey("decision_record.id"))
    before: Mapped[Short]
    after: Mapped[Short]
    verdict: Mapped[JsonObject]

    record: Mapped[DecisionRecord] = relationship(lazy="raise_on_sql", viewonly=True)


class PackEdit(Versioned, Base):
    """What a regulator has typed so far on the way to the next revision of a draft; kept until it is saved.

    `typed` holds the whole pack as text in its fields, right or wrong.
    """

    __tablename__ = "pack_edit"
    __table_args__ = (UniqueConstraint("pack_id", "person_id"),)

    id: Mapped[PK]
    pack_id: Mapped[FK] = mapped_column(ForeignKey("rule_pack.id"))
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    typed: Mapped[JsonObject]
    changed_at: Mapped[Instant]


class PackStart(Versioned, Base):
    """The first pack of a series as a regulator types it; kept until it is saved.

    Kind, series and region are set when it is begun; `copied_from_id` is the pack with whose values it began.
    """

    __tablename__ = "pack_start"
    __table_args__ = (UniqueConstraint("person_id", "series"),)

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[Short]
    series: Mapped[Short]
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"))
    copied_from_id: Mapped[OptionalFK] = mapped_column(ForeignKey("rule_pack.id"))
    typed: Mapped[JsonObject]
    changed_at: Mapped[Instant]

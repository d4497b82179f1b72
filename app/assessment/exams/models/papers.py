"""Tables of blueprints and papers."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.accounts.models import Organisation
from app.assessment.exams.states import OpenedHow, PaperState
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonList,
    JsonObject,
    Name,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalShort,
    OptionalWeight,
    RegionCode,
    Score,
    Short,
    Weight,
    WrappedKey,
)
from app.core.db import Base, Versioned
from app.core.events import REFUSE_FUNCTION, REFUSE_POSTGRESQL, REFUSE_SQLITE
from app.core.triggers import made_with


class Blueprint(Base):
    """What a paper must hold (双向细目表): modules by cognitive levels; never changed, drafted anew instead.

    `cells` maps module to cognitive level to the number of items; `options` is what `rules.blueprint.Options` asks
    beyond the grid. `syllabus_pack` is the syllabus in force when it was drafted, whose modules the grid names; without
    one they are those of the national syllabus. `region_code` is that of who drafted it, `bank_region` that of the
    organisation whose bank it draws from: its items may be of modules that only that region names.
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
    options: Mapped[JsonObject] = mapped_column(default=dict)
    rule_pack: Mapped[Short]
    syllabus_pack: Mapped[OptionalShort]
    drafted_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    drafted_at: Mapped[Instant]

    bank_region: Mapped[str] = column_property(
        select(Organisation.region_code)
        .where(Organisation.id == organisation_id)
        .correlate_except(Organisation)
        .scalar_subquery()
    )


class Paper(Versioned, Base):
    """Items drawn for a blueprint by a seed; frozen when two people have signed the same content hash.

    `seed` is there while the paper is a draft: with the bank it would give the content of a sealed paper away.
    `information` is that of the test at the cut score, `expected_seconds` the expected time.
    """

    __tablename__ = "paper"
    __table_args__ = (
        UniqueConstraint("blueprint_id", "number"),
        CheckConstraint(
            "(state = 'frozen') = (frozen_by_id IS NOT NULL AND frozen_at IS NOT NULL AND content_hash IS NOT NULL)",
            name="frozen",
        ),
        CheckConstraint(
            "(state <> 'draft') = (signed_by_id IS NOT NULL AND signed_at IS NOT NULL AND signed_hash IS NOT NULL)",
            name="signed",
        ),
        CheckConstraint("frozen_by_id IS NULL OR frozen_by_id <> signed_by_id", name="two_people"),
        CheckConstraint("content_hash IS NULL OR content_hash = signed_hash", name="same_content"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    blueprint_id: Mapped[FK] = mapped_column(ForeignKey("blueprint.id"))
    number: Mapped[int]
    seed: Mapped[int | None]
    state: Mapped[PaperState] = mapped_column(default=PaperState.DRAFT)
    difficulty: Mapped[Weight]
    expected_seconds: Mapped[int | None]
    information: Mapped[OptionalWeight]
    assembled_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    assembled_at: Mapped[Instant]
    signed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[OptionalInstant]
    signed_hash: Mapped[OptionalShort]
    frozen_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    frozen_at: Mapped[OptionalInstant]
    content_hash: Mapped[OptionalShort]

    blueprint: Mapped[Blueprint] = relationship(lazy="raise_on_sql", viewonly=True)


class PaperSeal(Versioned, Base):
    """The places of a frozen paper, encrypted under a key of its own until two people or the window open it.

    `outline` is what the preparation of sittings needs and gives nothing away: for each place its number, the letters
    of its options and whether they may move. `sealed_sha256` is the digest of the ciphertext.
    """

    __tablename__ = "paper_seal"
    __table_args__ = (
        CheckConstraint("(opened_at IS NULL) = (opened_how IS NULL)", name="opened"),
        CheckConstraint("(asked_by_id IS NULL) = (asked_at IS NULL)", name="asked"),
        CheckConstraint("(asked_by_id IS NULL) = (reason IS NULL)", name="reason"),
        CheckConstraint(
            "opened_how IS NULL OR opened_how <> 'two_people' OR "
            "(asked_by_id IS NOT NULL AND opened_by_id IS NOT NULL AND opened_by_id <> asked_by_id)",
            name="two_people",
        ),
        CheckConstraint("opened_how IS NULL OR opened_how <> 'window' OR opened_by_id IS NULL", name="window"),
    )

    id: Mapped[PK]
    paper_id: Mapped[FK] = mapped_column(ForeignKey("paper.id"), unique=True)
    wrapped_key: Mapped[WrappedKey]
    sealed: Mapped[bytes]
    sealed_sha256: Mapped[Short]
    outline: Mapped[JsonList]
    sealed_at: Mapped[Instant]
    asked_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[OptionalInstant]
    reason: Mapped[OptionalLong]
    opened_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[OptionalInstant]
    opened_how: Mapped[OpenedHow | None]


class PaperItem(Base):
    """One place of a paper: the version of the item is pinned.

    A place never changes; it leaves a draft when another item takes it, and every place leaves at the sealing.
    """

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


NO_DELETE = "CREATE TRIGGER paper_item_no_delete BEFORE delete ON paper_item"
WHEN_FROZEN = " WHEN EXISTS (SELECT 1 FROM paper WHERE id = OLD.paper_id AND state = 'frozen') BEGIN "
ABORT = "SELECT RAISE(ABORT, 'places of a frozen paper are append-only'); END"
REFUSE_FROZEN = (
    "CREATE OR REPLACE FUNCTION refuse_frozen_place() RETURNS trigger AS $$ BEGIN "
    "IF EXISTS (SELECT 1 FROM paper WHERE id = OLD.paper_id AND state = 'frozen') THEN "
    "RAISE EXCEPTION 'places of a frozen paper are append-only'; END IF; RETURN OLD; END $$ LANGUAGE plpgsql"
)


def places_ddl(dialect: str) -> list[str]:
    """Return the statements that keep places as they are: no update, no deletion once the paper is frozen."""
    if dialect == "sqlite":
        return [
            REFUSE_SQLITE.format(table="paper_item", verb="update"),
            NO_DELETE + WHEN_FROZEN + ABORT,
        ]
    return [
        REFUSE_FUNCTION.replace("%%", "%"),
        REFUSE_POSTGRESQL.format(table="paper_item", verb="update"),
        REFUSE_FROZEN,
        f"{NO_DELETE} FOR EACH ROW EXECUTE FUNCTION refuse_frozen_place()",
    ]


made_with(PaperItem, places_ddl)

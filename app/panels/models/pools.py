"""Tables of expert pools and committees."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.accounts.models import Organisation, Person
from app.accounts.rules.bodies import body_root
from app.core.columns import (
    FK,
    PK,
    Code,
    Day,
    Instant,
    Name,
    OptionalDay,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    RegionCode,
)
from app.core.db import Base, Versioned
from app.panels.states import CommitteeState, Composition, ExpertState, Field, Title


class ExpertPool(Base):
    """The experts (专家库) whom one authority may call."""

    __tablename__ = "expert_pool"
    __table_args__ = (UniqueConstraint("organisation_id", "name_zh"),)

    id: Mapped[PK]
    code: Mapped[Code]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    created_at: Mapped[Instant]

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql", viewonly=True)


class PoolExpert(Versioned, Base):
    """A person in a pool: nominated by a unit, willing, admitted by another person for a term.

    `unit_root` is the whole that the name of the unit says it belongs to, as names are compared.
    """

    __tablename__ = "pool_expert"
    __table_args__ = (
        UniqueConstraint("pool_id", "person_id"),
        CheckConstraint("state NOT IN ('admitted', 'suspended') OR admitted_by_id IS NOT NULL", name="admitted"),
        CheckConstraint("(admitted_by_id IS NULL) = (starts_on IS NULL)", name="dated"),
        CheckConstraint("(starts_on IS NULL) = (ends_on IS NULL)", name="both_days"),
        CheckConstraint("ends_on >= starts_on", name="term"),
        CheckConstraint("admitted_by_id IS NULL OR admitted_by_id <> nominated_by_id", name="two_people"),
        CheckConstraint("admitted_by_id IS NULL OR admitted_by_id <> person_id", name="not_oneself"),
        CheckConstraint("state NOT IN ('refused', 'suspended') OR reason IS NOT NULL", name="reason"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    pool_id: Mapped[FK] = mapped_column(ForeignKey("expert_pool.id"))
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    state: Mapped[ExpertState] = mapped_column(default=ExpertState.NOMINATED, index=True)
    field: Mapped[Field]
    title: Mapped[Title]
    unit: Mapped[Name]
    unit_root: Mapped[Name] = mapped_column(index=True)
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    nominated_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    nominated_at: Mapped[Instant]
    answered_at: Mapped[OptionalInstant]
    admitted_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    admitted_at: Mapped[OptionalInstant]
    starts_on: Mapped[OptionalDay]
    ends_on: Mapped[OptionalDay]
    reason: Mapped[OptionalLong]

    person: Mapped[Person] = relationship(foreign_keys="PoolExpert.person_id", lazy="joined", viewonly=True)
    pool: Mapped[ExpertPool] = relationship(lazy="raise_on_sql", viewonly=True)

    @validates("unit")
    def _know_the_whole(self, _column: str, unit: str) -> str:
        self.unit_root = body_root(unit)
        return unit

    def serves_on(self, day: date) -> bool:
        """Tell whether the expert may be called on a day: admitted, and within the term."""
        return (
            self.state is ExpertState.ADMITTED
            and self.starts_on is not None
            and self.ends_on is not None
            and self.starts_on <= day <= self.ends_on
        )


class Committee(Versioned, Base):
    """A review committee (评审委员会) of a host organisation, filed for a period."""

    __tablename__ = "committee"
    __table_args__ = (
        CheckConstraint(
            "state = 'draft' OR (filed_on IS NOT NULL AND filed_until IS NOT NULL AND filed_by_id IS NOT NULL)",
            name="filed",
        ),
        CheckConstraint("filed_until >= filed_on", name="period"),
        CheckConstraint("filed_by_id IS NULL OR filed_by_id <> prepared_by_id", name="two_people"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    pool_id: Mapped[FK] = mapped_column(ForeignKey("expert_pool.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    state: Mapped[CommitteeState] = mapped_column(default=CommitteeState.DRAFT, index=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    series: Mapped[Name]
    composition: Mapped[Composition]
    level: Mapped[Title]
    rule_code: Mapped[str] = mapped_column(String(26))
    prepared_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    prepared_at: Mapped[Instant]
    filed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    filed_on: Mapped[OptionalDay]
    filed_until: Mapped[OptionalDay]

    organisation: Mapped[Organisation] = relationship(lazy="joined", viewonly=True)

    def may_sit_on(self, day: date) -> bool:
        """Tell whether the committee may review on a day: its filing holds."""
        return (
            self.state is CommitteeState.FILED
            and self.filed_on is not None
            and self.filed_until is not None
            and self.filed_on <= day <= self.filed_until
        )


class CommitteeMember(Base):
    """An expert on a committee; exactly one may be its chair."""

    __tablename__ = "committee_member"
    __table_args__ = (UniqueConstraint("committee_id", "expert_id"),)

    id: Mapped[PK]
    committee_id: Mapped[FK] = mapped_column(ForeignKey("committee.id"))
    expert_id: Mapped[FK] = mapped_column(ForeignKey("pool_expert.id"))
    chair: Mapped[bool] = mapped_column(default=False)
    since: Mapped[Day]

    expert: Mapped[PoolExpert] = relationship(lazy="joined", viewonly=True)

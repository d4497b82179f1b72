"""Tables of credit records, the restrictions they brought, ratings, rating cycles and applications for repair."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.assessment.credit.states import DoubtState, Gravity, Polarity, Proposal, RecordState, RepairState
from app.core.columns import (
    FK,
    PK,
    Code,
    Day,
    Instant,
    Long,
    Name,
    OptionalDay,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    RegionCode,
    Score,
    Short,
)
from app.core.db import Base, Versioned
from app.core.events import append_only
from app.core.files import StoredFile


class CreditRecord(Versioned, Base):
    """A positive or negative record about a person, with the fields of a dishonesty record (Shanghai, 2024).

    It is known from `decided_at`, and until `ended_at` where it was corrected or withdrawn: so what was known at any
    instant can be told. Its publication and its use end by their dates under the rules in force, or by `repaired_on`.
    """

    __tablename__ = "credit_record"
    __table_args__ = (
        CheckConstraint("decided_by_id <> entered_by_id", name="two_people"),
        CheckConstraint(
            "person_id <> entered_by_id AND (decided_by_id IS NULL OR person_id <> decided_by_id)", name="not_own"
        ),
        CheckConstraint("(polarity = 'positive') = (gravity IS NULL)", name="classed"),
        CheckConstraint("gravity = 'minor' OR NOT publish_anyway", name="publish_anyway"),
        CheckConstraint("(state = 'entered') = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(state = 'rejected') = (reason IS NOT NULL)", name="reason"),
        CheckConstraint("(state IN ('corrected', 'withdrawn')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("state <> 'repaired' OR repaired_on IS NOT NULL", name="repaired"),
        CheckConstraint("(repaired_on IS NULL) = (repaired_at IS NULL)", name="repaired_at"),
        CheckConstraint("sanction_until IS NULL OR sanction_until >= effective_on", name="period"),
        Index("ix_credit_record_desk", "region_code", "state", "id"),
        Index("ix_credit_record_public", "polarity", "state", "effective_on"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    token: Mapped[Short] = mapped_column(unique=True)
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    polarity: Mapped[Polarity]
    gravity: Mapped[Gravity | None]
    conduct: Mapped[Name]
    result: Mapped[Long]
    deciding_body: Mapped[Name]
    basis: Mapped[Name]
    effective_on: Mapped[Day]
    sanction_until: Mapped[OptionalDay]
    publish_anyway: Mapped[bool] = mapped_column(default=False)
    file_id: Mapped[FK] = mapped_column(ForeignKey("stored_file.id"))
    corrects_id: Mapped[OptionalFK] = mapped_column(ForeignKey("credit_record.id"))
    state: Mapped[RecordState] = mapped_column(default=RecordState.ENTERED)
    entered_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    reason: Mapped[OptionalLong]
    ended_at: Mapped[OptionalInstant]
    repaired_on: Mapped[OptionalDay]
    repaired_at: Mapped[OptionalInstant]

    person: Mapped[Person] = relationship(foreign_keys="CreditRecord.person_id", lazy="joined", viewonly=True)
    file: Mapped[StoredFile] = relationship(lazy="joined", viewonly=True)


class CreditSanction(Base):
    """A restriction that a serious record brought: lifted everywhere when the record is repaired or withdrawn."""

    __tablename__ = "credit_sanction"

    id: Mapped[PK]
    record_id: Mapped[FK] = mapped_column(ForeignKey("credit_record.id"))
    restriction_id: Mapped[FK] = mapped_column(ForeignKey("restriction.id"), unique=True)


class CreditCycle(Versioned, Base):
    """One rating of everybody of a region on a day, as known at an instant; `rated` of `people` says how far it is."""

    __tablename__ = "credit_cycle"
    __table_args__ = (
        CheckConstraint("rated <= people", name="counts"),
        CheckConstraint("ended_at IS NULL OR rated = people", name="ended"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    token: Mapped[Short] = mapped_column(unique=True)
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    judged_on: Mapped[Day]
    known_at: Mapped[Instant]
    people: Mapped[int]
    rated: Mapped[int] = mapped_column(default=0)
    started_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[Instant]
    ended_at: Mapped[OptionalInstant]


class CreditRating(Base):
    """A score and grade of a person on a day, as known at an instant; facts and reasons stand in the decision."""

    __tablename__ = "credit_rating"
    __table_args__ = (
        UniqueConstraint("cycle_id", "person_id"),
        Index("ix_credit_rating_person", "person_id", "id"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    judged_on: Mapped[Day]
    known_at: Mapped[Instant]
    score: Mapped[Score]
    grade: Mapped[Short]
    pack: Mapped[Short]
    decision_id: Mapped[FK] = mapped_column(ForeignKey("decision_record.id"), unique=True)
    cycle_id: Mapped[OptionalFK] = mapped_column(ForeignKey("credit_cycle.id"))
    rated_at: Mapped[Instant]
    rated_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(foreign_keys="CreditRating.person_id", lazy="joined", viewonly=True)


class CreditRepair(Versioned, Base):
    """An application for repair of a record, with a public commitment and proof, and the decision on it."""

    __tablename__ = "credit_repair"
    __table_args__ = (
        CheckConstraint("decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("(state = 'applied') = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(decided_by_id IS NULL) = (reason IS NULL)", name="reason"),
        Index(
            "uq_credit_repair_open",
            "record_id",
            unique=True,
            sqlite_where=text("state = 'applied'"),
            postgresql_where=text("state = 'applied'"),
        ),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    record_id: Mapped[FK] = mapped_column(ForeignKey("credit_record.id"))
    commitment: Mapped[Long]
    proof_id: Mapped[FK] = mapped_column(ForeignKey("stored_file.id"))
    state: Mapped[RepairState] = mapped_column(default=RepairState.APPLIED)
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    reason: Mapped[OptionalLong]

    proof: Mapped[StoredFile] = relationship(lazy="joined", viewonly=True)


class CreditDoubt(Versioned, Base):
    """The second look at a record whose evidence was withdrawn or replaced: one officer proposes, another agrees.

    The record stands meanwhile, and what was known of it at any instant stays as it was.
    """

    __tablename__ = "credit_doubt"
    __table_args__ = (
        CheckConstraint("decided_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint("(proposal IS NULL) = (proposed_by_id IS NULL)", name="proposed_by"),
        CheckConstraint("(proposal IS NULL) = (proposed_at IS NULL)", name="proposed_at"),
        CheckConstraint("(proposal IS NULL) = (findings IS NULL)", name="findings"),
        CheckConstraint("state <> 'open' OR proposal IS NULL", name="open"),
        CheckConstraint("state <> 'proposed' OR proposal IS NOT NULL", name="proposed"),
        CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled"),
        CheckConstraint("decided_by_id IS NULL OR state = 'settled'", name="decided"),
        Index(
            "uq_credit_doubt_open",
            "record_id",
            unique=True,
            sqlite_where=text("state <> 'settled'"),
            postgresql_where=text("state <> 'settled'"),
        ),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    record_id: Mapped[FK] = mapped_column(ForeignKey("credit_record.id"))
    state: Mapped[DoubtState] = mapped_column(default=DoubtState.OPEN)
    opened_at: Mapped[Instant]
    proposal: Mapped[Proposal | None]
    findings: Mapped[OptionalLong]
    proposed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[OptionalInstant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[OptionalInstant]


for _model in (CreditSanction, CreditRating):
    append_only(_model)

"""Tables of awards and of who was involved before the decision."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.assessment.certification.states import AwardState
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonObject,
    OptionalDay,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalShort,
    RegionCode,
    Short,
)
from app.core.db import Base, Versioned
from app.core.triggers import made_with


class Award(Versioned, Base):
    """A level proposed for a person after a released result, and the decision on it."""

    __tablename__ = "award"
    __table_args__ = (
        UniqueConstraint("person_id", "result_id"),
        CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL AND decided_at IS NULL)", name="decided"),
        CheckConstraint(
            "state NOT IN ('awarded', 'withdrawn') OR (unified_number IS NOT NULL AND valid_from IS NOT NULL)",
            name="awarded",
        ),
        CheckConstraint("state NOT IN ('refused', 'withdrawn') OR reason IS NOT NULL", name="reason"),
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="period"),
        Index("ix_award_register", "state", "region_code", "level"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    level: Mapped[Short]
    result_id: Mapped[FK] = mapped_column(ForeignKey("result.id"))
    enrolment_id: Mapped[FK] = mapped_column(ForeignKey("enrolment.id"))
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    verdict: Mapped[JsonObject]
    rule_pack: Mapped[Short]
    state: Mapped[AwardState] = mapped_column(default=AwardState.PROPOSED)
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    reason: Mapped[OptionalLong]
    unified_number: Mapped[OptionalShort] = mapped_column(unique=True)
    valid_from: Mapped[OptionalDay]
    valid_until: Mapped[OptionalDay]
    suspended_at: Mapped[OptionalInstant]

    person: Mapped[Person] = relationship(foreign_keys="Award.person_id", lazy="raise_on_sql", viewonly=True)


class AwardInvolvement(Base):
    """A person who trained or examined the candidate and so may not decide (ISO/IEC 17024, 9.4)."""

    __tablename__ = "award_involvement"
    __table_args__ = (UniqueConstraint("award_id", "person_id", "how"),)

    id: Mapped[PK]
    award_id: Mapped[FK] = mapped_column(ForeignKey("award.id"))
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    how: Mapped[Short]


REFUSAL = "who trained or examined a person cannot decide the award"
INVOLVED = (
    "NEW.decided_by_id = NEW.person_id OR EXISTS (SELECT 1 FROM award_involvement AS i "
    "WHERE i.award_id = NEW.id AND i.person_id = NEW.decided_by_id)"
)


def separation_ddl(dialect: str) -> list[str]:
    """Return the statements of the trigger that keeps trainers and examiners from deciding."""
    if dialect == "sqlite":
        return [
            (
                "CREATE TRIGGER award_separation BEFORE UPDATE OF decided_by_id ON award "
                f"WHEN NEW.decided_by_id IS NOT NULL AND ({INVOLVED}) "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        ]
    return [
        (
            "CREATE OR REPLACE FUNCTION award_separation() RETURNS trigger AS $$ BEGIN "
            f"IF NEW.decided_by_id IS NOT NULL AND ({INVOLVED}) THEN "
            f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; END $$ LANGUAGE plpgsql"
        ),
        (
            "CREATE TRIGGER award_separation BEFORE UPDATE OF decided_by_id ON award "
            "FOR EACH ROW EXECUTE FUNCTION award_separation()"
        ),
    ]


made_with(AwardInvolvement, separation_ddl)

"""Tables of the performance room: cycles, and the appraisal of each base in a cycle."""

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.accounts.models import Region
from app.bases.models import TrainingBase
from app.cases.models import Publicity
from app.core.columns import (
    FK,
    PK,
    Code,
    Day,
    Instant,
    JsonObject,
    Name,
    OptionalDay,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalScore,
    OptionalShort,
    RegionCode,
    Short,
)
from app.core.db import Base, Versioned
from app.core.files import StoredFile
from app.performance.states import AppraisalState, CycleState, Grade
from app.rulebook.models import RulePack


class AppraisalCycle(Versioned, Base):
    """A year's appraisal of the accredited bases of a region, under one pinned pack.

    `rounds` counts finished computations, so that a repeated request starts none twice.
    """

    __tablename__ = "appraisal_cycle"
    __table_args__ = (
        UniqueConstraint("year", "region_code"),
        CheckConstraint("year BETWEEN 2000 AND 2100", name="year"),
        CheckConstraint("(state = 'proposed') = (confirmed_by_id IS NULL)", name="confirmed"),
        CheckConstraint("confirmed_by_id <> opened_by_id", name="two_people"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    year: Mapped[int]
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    pack_id: Mapped[FK] = mapped_column(ForeignKey("rule_pack.id"))
    state: Mapped[CycleState] = mapped_column(default=CycleState.PROPOSED)
    report_until: Mapped[Day]
    rounds: Mapped[int] = mapped_column(default=0)
    opened_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[Instant]
    confirmed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[OptionalInstant]

    pack: Mapped[RulePack] = relationship(lazy="joined", viewonly=True)
    region: Mapped[Region] = relationship(lazy="joined", viewonly=True)

    def judged_on(self, today: date) -> date:
        """Return the day that is judged: the last of the year, or today while the year runs."""
        return min(date(self.year, 12, 31), today)


class BaseAppraisal(Versioned, Base):
    """The appraisal of one base in a cycle: self-report, local check, computed grade, what followed.

    `answers` maps the code of each self-reported indicator to what was typed. `decision` is the id of the record of
    the computation in force. Who confirms the grade neither checked the report nor proposed the grade.
    """

    __tablename__ = "base_appraisal"
    __table_args__ = (
        UniqueConstraint("cycle_id", "base_id"),
        CheckConstraint("(score IS NULL) = (grade IS NULL)", name="score"),
        CheckConstraint("state IN ('reporting', 'submitted', 'checked') OR grade IS NOT NULL", name="graded"),
        CheckConstraint("checked_by_id <> submitted_by_id", name="checked_by_another"),
        CheckConstraint("confirmed_by_id <> published_by_id", name="confirmed_by_another"),
        CheckConstraint("confirmed_by_id <> checked_by_id", name="confirmed_apart"),
        CheckConstraint(
            "state NOT IN ('rectifying', 'rectified', 'exit_proposed', 'exited') OR grade = 'fail'", name="failed"
        ),
        CheckConstraint("state NOT IN ('rectifying', 'rectified') OR rectify_until IS NOT NULL", name="rectify"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    cycle_id: Mapped[FK] = mapped_column(ForeignKey("appraisal_cycle.id"))
    base_id: Mapped[FK] = mapped_column(ForeignKey("training_base.id"))
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    state: Mapped[AppraisalState] = mapped_column(default=AppraisalState.REPORTING, index=True)
    answers: Mapped[JsonObject] = mapped_column(default=dict)
    submitted_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[OptionalInstant]
    checked_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    checked_at: Mapped[OptionalInstant]
    reason: Mapped[OptionalLong]
    score: Mapped[OptionalScore]
    grade: Mapped[Grade | None]
    decision_id: Mapped[OptionalFK] = mapped_column(ForeignKey("decision_record.id"))
    graded_at: Mapped[OptionalInstant]
    published_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    publicity: Mapped[OptionalShort]
    publicity_passed_at: Mapped[OptionalInstant]
    confirmed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[OptionalInstant]
    rectify_until: Mapped[OptionalDay]
    rectification: Mapped[OptionalLong]

    cycle: Mapped[AppraisalCycle] = relationship(lazy="joined", viewonly=True)
    base: Mapped[TrainingBase] = relationship(lazy="joined", viewonly=True)
    if TYPE_CHECKING:
        publicity_until: Mapped[date | None]


BaseAppraisal.publicity_until = column_property(  # the last day of the period itself: it is counted anew there
    select(Publicity.ends_on)
    .where(Publicity.code == BaseAppraisal.publicity, Publicity.revoked_at.is_(None))
    .correlate(BaseAppraisal)
    .scalar_subquery()
)


class AppraisalFile(Base):
    """A file that proves a self-reported indicator; the last one of an indicator counts."""

    __tablename__ = "appraisal_file"
    __table_args__ = (UniqueConstraint("appraisal_id", "indicator"),)

    id: Mapped[PK]
    appraisal_id: Mapped[FK] = mapped_column(ForeignKey("base_appraisal.id"))
    indicator: Mapped[Short]
    file_id: Mapped[FK] = mapped_column(ForeignKey("stored_file.id"))
    name: Mapped[Name]
    by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Instant]

    file: Mapped[StoredFile] = relationship(lazy="joined", viewonly=True)

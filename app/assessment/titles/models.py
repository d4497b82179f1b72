"""Tables of title evaluation: rounds, applications and the register of titles."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, and_, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from app.accounts.models import Person
from app.assessment.titles.states import ApplicationState, RoundState, WithdrawalReason, WithdrawalState
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
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalShort,
    RegionCode,
    Short,
)
from app.core.db import Base, Versioned
from app.panels.models.pools import Committee


class TitleRound(Versioned, Base):
    """A round of evaluation under one scheme by one committee; opened by an office, confirmed by its authority."""

    __tablename__ = "title_round"
    __table_args__ = (
        CheckConstraint("(state = 'proposed') = (confirmed_by_id IS NULL)", name="confirmed"),
        CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed_at"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint("state NOT IN ('review', 'voting', 'decided') OR meeting_code IS NOT NULL", name="meeting"),
        CheckConstraint("state NOT IN ('voting', 'decided') OR ballot_code IS NOT NULL", name="ballot"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    scheme: Mapped[Short]
    """The code of the pinned rule pack."""
    committee_id: Mapped[FK] = mapped_column(ForeignKey("committee.id"))
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    apply_until: Mapped[Day]
    state: Mapped[RoundState] = mapped_column(default=RoundState.PROPOSED, index=True)
    proposed_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[Instant]
    confirmed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[OptionalInstant]
    meeting_code: Mapped[OptionalShort]
    ballot_code: Mapped[OptionalShort] = mapped_column(index=True)

    committee: Mapped[Committee] = relationship(lazy="joined", viewonly=True)


class TitleApplication(Versioned, Base):
    """A person's application in a round: what they declared, what was judged, what the committee voted."""

    __tablename__ = "title_application"
    __table_args__ = (
        UniqueConstraint("round_id", "person_id"),
        CheckConstraint("state = 'draft' OR (submitted_at IS NOT NULL AND verdict IS NOT NULL)", name="submitted"),
        CheckConstraint("state NOT IN ('returned', 'stopped') OR reason IS NOT NULL", name="reason"),
        CheckConstraint(
            "state IN ('draft', 'submitted', 'returned') OR (checked_by_id IS NOT NULL AND checked_at IS NOT NULL)",
            name="checked",
        ),
        CheckConstraint("checked_by_id IS NULL OR checked_by_id <> person_id", name="not_oneself"),
        CheckConstraint(
            "state NOT IN ('passed', 'refused', 'cleared', 'confirmed', 'stopped') "
            "OR (decided_at IS NOT NULL AND ballot_code IS NOT NULL AND approve IS NOT NULL)",
            name="voted",
        ),
        CheckConstraint("(state = 'confirmed') = (confirmed_by_id IS NOT NULL)", name="confirmed"),
        CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed_at"),
        CheckConstraint(
            "confirmed_by_id IS NULL OR (confirmed_by_id <> checked_by_id AND confirmed_by_id <> person_id)",
            name="two_people",
        ),
        CheckConstraint("returns >= 0", name="returns"),
        Index("ix_title_application_state", "round_id", "state"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    round_id: Mapped[FK] = mapped_column(ForeignKey("title_round.id"))
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    state: Mapped[ApplicationState] = mapped_column(default=ApplicationState.DRAFT)
    declared: Mapped[JsonObject]
    facts: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    verdict: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    started_at: Mapped[Instant]
    submitted_at: Mapped[OptionalInstant]
    returns: Mapped[int] = mapped_column(default=0)
    """How often the formal check returned it."""
    reason: Mapped[OptionalLong]
    checked_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    checked_at: Mapped[OptionalInstant]
    ballot_code: Mapped[OptionalShort]
    attending: Mapped[int | None]
    approve: Mapped[int | None]
    object: Mapped[int | None]
    abstain: Mapped[int | None]
    decided_at: Mapped[OptionalInstant]
    confirmed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[OptionalInstant]

    round: Mapped[TitleRound] = relationship(lazy="joined", viewonly=True)
    person: Mapped[Person] = relationship(
        foreign_keys="TitleApplication.person_id", lazy="joined", viewonly=True, innerjoin=True
    )


class TitleWithdrawal(Versioned, Base):
    """The withdrawal of a title: proposed by one office-holder with what was found, decided by another.

    The title stays in the register, which says publicly that it was withdrawn, when and why.
    """

    __tablename__ = "title_withdrawal"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name="decided_by"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(decided_by_id IS NULL) = (decision IS NULL)", name="decision"),
        CheckConstraint("(state = 'set_aside') = (set_aside_at IS NOT NULL)", name="set_aside"),
        CheckConstraint("restriction_id IS NULL OR integrity_rule IS NOT NULL", name="bar_by_rule"),
        Index(
            "uq_title_withdrawal_standing",
            "award_id",
            unique=True,
            sqlite_where=text("state IN ('proposed', 'in_force')"),
            postgresql_where=text("state IN ('proposed', 'in_force')"),
        ),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    award_id: Mapped[FK] = mapped_column(ForeignKey("title_award.id"))
    state: Mapped[WithdrawalState] = mapped_column(default=WithdrawalState.PROPOSED)
    reason: Mapped[WithdrawalReason]
    findings: Mapped[Long]
    """What was found, with the papers it stands on; the person reads it once the title is withdrawn."""
    proposed_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    decision: Mapped[OptionalLong]
    set_aside_at: Mapped[OptionalInstant]
    integrity_rule: Mapped[OptionalShort]
    """The pack that was in force at the decision; None where none was."""
    restriction_id: Mapped[OptionalFK] = mapped_column(ForeignKey("restriction.id"))
    """The bar on new applications that the rule brought; None where it brings none for the reason."""

    award: Mapped["TitleAward"] = relationship(lazy="joined", viewonly=True, innerjoin=True)


class TitleAward(Base):
    """A title in the register: which, whose, from when, by which application, and whether it was withdrawn."""

    __tablename__ = "title_award"

    id: Mapped[PK]
    code: Mapped[Code]
    number: Mapped[Short] = mapped_column(unique=True)
    application_id: Mapped[int] = mapped_column(BigKey, ForeignKey("title_application.id"), unique=True)
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    level: Mapped[Short]
    series_zh: Mapped[Name]
    series_en: Mapped[Name]
    title_zh: Mapped[Name]
    title_en: Mapped[Name]
    awarded_on: Mapped[Day]
    awarded_at: Mapped[Instant]
    rule_pack: Mapped[Short]

    person: Mapped[Person] = relationship(lazy="joined", viewonly=True, innerjoin=True)
    application: Mapped[TitleApplication] = relationship(lazy="raise_on_sql", viewonly=True)
    withdrawal: Mapped[TitleWithdrawal | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(TitleWithdrawal.award_id) == TitleAward.id, TitleWithdrawal.state == WithdrawalState.IN_FORCE
        ),
        lazy="joined",
        uselist=False,
        viewonly=True,
    )
    """The withdrawal in force, None while the title stands."""

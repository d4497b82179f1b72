"""Tables of blueprints, papers, exam sessions, sittings and results."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.assessment.exams.states import CorrectionState, PaperState, SessionState, SubmittedHow
from app.core.columns import (
    FK,
    PK,
    BigKey,
    Code,
    Instant,
    JsonList,
    JsonObject,
    Name,
    OptionalFK,
    OptionalInstant,
    OptionalScore,
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


class ExamSession(Versioned, Base):
    """One exam at one time (考试场次): a frozen paper, a window, an organisation, a region.

    `prepared_at` and `marked_at` are when the work was asked for; the state says when it was done.
    """

    __tablename__ = "exam_session"
    __table_args__ = (
        CheckConstraint("closes_at > opens_at", name="window"),
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("(prepared_at IS NULL) = (prepared_by_id IS NULL)", name="prepared_by"),
        CheckConstraint("state = 'planned' OR prepared_at IS NOT NULL", name="prepared"),
        CheckConstraint("(marked_at IS NULL) = (marked_by_id IS NULL)", name="marked_by"),
        CheckConstraint("state IN ('planned', 'prepared') OR marked_at IS NOT NULL", name="marked"),
        CheckConstraint(
            "(state IN ('proposed', 'released')) = (proposed_by_id IS NOT NULL AND proposed_at IS NOT NULL)",
            name="proposed",
        ),
        CheckConstraint(
            "(state = 'released') = (released_by_id IS NOT NULL AND released_at IS NOT NULL)",
            name="released",
        ),
        CheckConstraint("released_by_id IS NULL OR released_by_id <> proposed_by_id", name="two_people"),
        Index("ix_exam_session_state_window", "state", "closes_at"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    level: Mapped[Short]
    paper_id: Mapped[FK] = mapped_column(ForeignKey("paper.id"))
    rule_pack: Mapped[Short]
    opens_at: Mapped[Instant]
    closes_at: Mapped[Instant]
    minutes: Mapped[int]
    state: Mapped[SessionState] = mapped_column(default=SessionState.PLANNED)
    created_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]
    prepared_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    prepared_at: Mapped[OptionalInstant]
    marked_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    marked_at: Mapped[OptionalInstant]
    proposed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[OptionalInstant]
    released_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[OptionalInstant]

    paper: Mapped[Paper] = relationship(lazy="raise_on_sql", viewonly=True)


class Registration(Base):
    """A candidate of a session, with the verdict that let them in; `code` is the ticket number (准考证号)."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        UniqueConstraint("session_id", "number"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    number: Mapped[int]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    enrolment_id: Mapped[FK] = mapped_column(ForeignKey("enrolment.id"))
    verdict: Mapped[JsonObject]
    rule_pack: Mapped[Short]
    registered_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    registered_at: Mapped[Instant]

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)
    person: Mapped[Person] = relationship(foreign_keys="Registration.person_id", lazy="raise_on_sql", viewonly=True)


class Attempt(Base):
    """One candidate's sitting (作答), prepared before the window opens.

    `order` lists the places as shown: [paper position, option keys in the order shown]. `holder` names the page
    that took the sitting over last: only that page writes.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        CheckConstraint("(started_at IS NULL) = (deadline_at IS NULL)", name="started"),
        CheckConstraint("submitted_at IS NULL OR started_at IS NOT NULL", name="submitted_after_start"),
        CheckConstraint("(submitted_at IS NULL) = (submitted_how IS NULL)", name="submitted_how"),
        CheckConstraint("extra_minutes >= 0", name="extra"),
        CheckConstraint("places > 0", name="places"),
        Index("ix_attempt_open", "session_id", "submitted_at", "deadline_at"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    registration_id: Mapped[FK] = mapped_column(ForeignKey("registration.id"), unique=True)
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    order: Mapped[JsonList]
    places: Mapped[int]
    extra_minutes: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[OptionalInstant]
    deadline_at: Mapped[OptionalInstant]
    seen_at: Mapped[OptionalInstant]
    holder: Mapped[str | None] = mapped_column(String(40))
    submitted_at: Mapped[OptionalInstant]
    submitted_how: Mapped[SubmittedHow | None]

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)
    registration: Mapped[Registration] = relationship(lazy="raise_on_sql", viewonly=True)


class AnswerSave(Base):
    """One saved answer; the history is never overwritten, the highest sequence of a place counts.

    `position` is the place as shown to this candidate; `value` is {"choice": [keys as shown], "review": bool}.
    """

    __tablename__ = "answer_save"
    __table_args__ = (
        UniqueConstraint("attempt_id", "position", "sequence"),
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("sequence > 0", name="sequence"),
    )

    id: Mapped[PK]
    attempt_id: Mapped[int] = mapped_column(BigKey, ForeignKey("attempt.id"))
    position: Mapped[int]
    sequence: Mapped[int]
    value: Mapped[JsonObject]
    client_at: Mapped[OptionalInstant]
    saved_at: Mapped[Instant]


class Result(Base):
    """What an attempt scored under the key of the frozen paper; seen by the candidate after release.

    `by_module` maps module to {"score": "12.00", "max": "20.00"}; `key_hash` is the paper's content hash.
    """

    __tablename__ = "result"
    __table_args__ = (
        CheckConstraint("score >= 0 AND score <= max_score", name="score"),
        CheckConstraint("passed = (score >= cut_score)", name="passed"),
    )

    id: Mapped[PK]
    attempt_id: Mapped[FK] = mapped_column(ForeignKey("attempt.id"), unique=True)
    score: Mapped[Score]
    max_score: Mapped[Score]
    cut_score: Mapped[Score]
    by_module: Mapped[JsonObject]
    passed: Mapped[bool]
    key_hash: Mapped[Short]
    marked_at: Mapped[Instant]
    voided: Mapped[bool] = mapped_column(default=False)

    attempt: Mapped[Attempt] = relationship(lazy="raise_on_sql", viewonly=True)


class ResultCorrection(Versioned, Base):
    """New points for a released result after an upheld recheck: proposed by one examiner, confirmed by another.

    `by_module` maps module to the points proposed; `was` is the score before, once confirmed.
    """

    __tablename__ = "result_correction"
    __table_args__ = (
        CheckConstraint("(state = 'opened') = (proposed_by_id IS NULL AND by_module IS NULL)", name="proposed"),
        CheckConstraint(
            "(state = 'confirmed') = (confirmed_by_id IS NOT NULL AND confirmed_at IS NOT NULL AND was IS NOT NULL)",
            name="confirmed",
        ),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id", name="two_people"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    result_id: Mapped[FK] = mapped_column(ForeignKey("result.id"))
    case_code: Mapped[Short] = mapped_column(unique=True)
    state: Mapped[CorrectionState] = mapped_column(default=CorrectionState.OPENED)
    opened_at: Mapped[Instant]
    by_module: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    proposed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[OptionalInstant]
    was: Mapped[OptionalScore]
    confirmed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[OptionalInstant]

    result: Mapped[Result] = relationship(lazy="raise_on_sql", viewonly=True)


append_only(PaperItem)
append_only(AnswerSave)

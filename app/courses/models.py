"""Tables of courses, lessons, cohorts, rosters, enrolments and class hours."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person
from app.accounts.staged import PeopleImport
from app.core.columns import (
    FK,
    PK,
    Code,
    Day,
    Hours,
    Instant,
    JsonList,
    JsonObject,
    Long,
    Name,
    OptionalFK,
    OptionalInstant,
    OptionalName,
    RegionCode,
    Short,
)
from app.core.db import Base, Versioned
from app.core.events import append_only
from app.courses.states import CohortState, EnrolmentState, RosterState
from app.rulebook.models import RulePack


class Course(Base):
    """A course for one level, made of lessons mapped to the modules of a syllabus."""

    __tablename__ = "course"

    id: Mapped[PK]
    code: Mapped[Short] = mapped_column(unique=True)
    level: Mapped[Short]
    title_zh: Mapped[Name]
    title_en: Mapped[Name]
    summary_zh: Mapped[Long]
    summary_en: Mapped[Long]
    quiz_bank_id: Mapped[OptionalFK] = mapped_column(ForeignKey("item_bank.id"))
    loaded_at: Mapped[Instant]

    lessons: Mapped[list["Lesson"]] = relationship(lazy="raise_on_sql", order_by="Lesson.position", viewonly=True)


class Lesson(Base):
    """A lesson: text with figures, perhaps a video, objectives and a quiz.

    `objectives` is a list of {"topic", "text_zh", "text_en"}; `sources` of {"law", "article",
    "version", "read"}; `quiz` of item codes in the course's quiz bank; `figures` names each drawing
    and gives {"sha256", "width", "height"}; `video` is a file name in the built media.
    """

    __tablename__ = "lesson"
    __table_args__ = (
        UniqueConstraint("course_id", "code"),
        UniqueConstraint("course_id", "position"),
        CheckConstraint("hours > 0", name="hours"),
        CheckConstraint("minimum_minutes >= 0", name="minutes"),
    )

    id: Mapped[PK]
    course_id: Mapped[FK] = mapped_column(ForeignKey("course.id"))
    code: Mapped[Short]
    position: Mapped[int]
    title_zh: Mapped[Name]
    title_en: Mapped[Name]
    module: Mapped[Short]
    hours: Mapped[Hours]
    minimum_minutes: Mapped[int]
    objectives: Mapped[JsonList]
    body: Mapped[Long]
    content_hash: Mapped[Short]
    figures: Mapped[JsonObject] = mapped_column(default=dict)
    video: Mapped[OptionalName]
    quiz: Mapped[JsonList]
    sources: Mapped[JsonList]


class Cohort(Versioned, Base):
    """A class of trainees at an accredited base; its syllabus pack is pinned when it is planned."""

    __tablename__ = "cohort"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("(state = 'planned') = (opened_by_id IS NULL)", name="opened"),
        UniqueConstraint("base_organisation_id", "name"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    base_organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    course_id: Mapped[FK] = mapped_column(ForeignKey("course.id"))
    syllabus_pack_id: Mapped[FK] = mapped_column(ForeignKey("rule_pack.id"))
    name: Mapped[Name]
    starts_on: Mapped[Day]
    ends_on: Mapped[Day]
    capacity: Mapped[int]
    state: Mapped[CohortState] = mapped_column(default=CohortState.PLANNED)
    created_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]
    opened_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))

    course: Mapped[Course] = relationship(lazy="raise_on_sql", viewonly=True)
    base: Mapped[Organisation] = relationship(lazy="raise_on_sql", viewonly=True)
    syllabus_pack: Mapped[RulePack] = relationship(lazy="raise_on_sql", viewonly=True)
    lecturers: Mapped[list[Person]] = relationship(
        secondary="cohort_lecturer", order_by="Person.name", lazy="raise_on_sql", viewonly=True
    )


class CohortLecturer(Base):
    """A lecturer who trains a cohort, and so may not certify its trainees."""

    __tablename__ = "cohort_lecturer"
    __table_args__ = (UniqueConstraint("cohort_id", "person_id"),)

    id: Mapped[PK]
    cohort_id: Mapped[FK] = mapped_column(ForeignKey("cohort.id"))
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(lazy="raise_on_sql", viewonly=True)


class RosterImport(Versioned, Base):
    """An uploaded roster of a cohort, staged row by row until the base takes it over or discards it."""

    __tablename__ = "roster_import"
    __table_args__ = (CheckConstraint("(state IN ('checking', 'staged')) = (decided_at IS NULL)", name="decided"),)

    id: Mapped[PK]
    code: Mapped[Code]
    cohort_id: Mapped[FK] = mapped_column(ForeignKey("cohort.id"))
    people_import_id: Mapped[FK] = mapped_column(ForeignKey("people_import.id"), unique=True)
    file_name: Mapped[Name]
    digest: Mapped[Short]
    state: Mapped[RosterState] = mapped_column(default=RosterState.CHECKING)
    by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Instant]
    decided_at: Mapped[OptionalInstant]

    people: Mapped[PeopleImport] = relationship(lazy="joined", viewonly=True)
    cohort: Mapped[Cohort] = relationship(lazy="raise_on_sql", viewonly=True)


class Enrolment(Versioned, Base):
    """A trainee's place in a cohort.

    `invitation_sealed` is the token of the invitation under the person's key, so that the base can
    print its slip again; it goes when the trainee enrols.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("cohort_id", "person_id"),
        CheckConstraint("state IN ('invited', 'withdrawn') OR enrolled_at IS NOT NULL", name="enrolled"),
        CheckConstraint("(state = 'completed') = (completed_at IS NOT NULL)", name="completed"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    cohort_id: Mapped[FK] = mapped_column(ForeignKey("cohort.id"))
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    state: Mapped[EnrolmentState] = mapped_column(default=EnrolmentState.INVITED, index=True)
    employer: Mapped[OptionalName]
    invited_at: Mapped[Instant]
    invited_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    invitation_sealed: Mapped[bytes | None]
    enrolled_at: Mapped[OptionalInstant]
    completed_at: Mapped[OptionalInstant]

    cohort: Mapped[Cohort] = relationship(lazy="raise_on_sql", viewonly=True)
    person: Mapped[Person] = relationship(foreign_keys="Enrolment.person_id", lazy="raise_on_sql", viewonly=True)


class LessonProgress(Versioned, Base):
    """How far a trainee is in a lesson: when opened, seconds read, quiz passed.

    `beats` counts the signs of reading that the page sent; without any, time runs from `opened_at`.
    """

    __tablename__ = "lesson_progress"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "lesson_id"),
        CheckConstraint("completed_at IS NULL OR quiz_passed_at IS NOT NULL", name="completed"),
    )

    id: Mapped[PK]
    enrolment_id: Mapped[FK] = mapped_column(ForeignKey("enrolment.id"))
    lesson_id: Mapped[FK] = mapped_column(ForeignKey("lesson.id"))
    opened_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    seconds: Mapped[int] = mapped_column(default=0)
    beats: Mapped[int] = mapped_column(default=0)
    quiz_tries: Mapped[int] = mapped_column(default=0)
    quiz_passed_at: Mapped[OptionalInstant]
    completed_at: Mapped[OptionalInstant]


class QuizTry(Base):
    """One answered quiz; append-only. `answers` maps the id of each item version to the chosen keys."""

    __tablename__ = "quiz_try"
    __table_args__ = (
        UniqueConstraint("progress_id", "number"),
        CheckConstraint("correct >= 0 AND correct <= total", name="correct"),
    )

    id: Mapped[PK]
    progress_id: Mapped[FK] = mapped_column(ForeignKey("lesson_progress.id"))
    number: Mapped[int]
    answers: Mapped[JsonObject]
    correct: Mapped[int]
    total: Mapped[int]
    passed: Mapped[bool]
    at: Mapped[Instant]


append_only(QuizTry)


class ClassHour(Base):
    """Class hours collected for a lesson; append-only, once a lesson."""

    __tablename__ = "class_hour"
    __table_args__ = (UniqueConstraint("enrolment_id", "lesson_id"),)

    id: Mapped[PK]
    enrolment_id: Mapped[FK] = mapped_column(ForeignKey("enrolment.id"))
    lesson_id: Mapped[FK] = mapped_column(ForeignKey("lesson.id"))
    module: Mapped[Short]
    hours: Mapped[Hours]
    at: Mapped[Instant]


append_only(ClassHour)

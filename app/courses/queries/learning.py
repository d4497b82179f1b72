"""Reads of a trainee's own learning: enrolments, lessons, progress, quizzes."""

from decimal import Decimal
from typing import NamedTuple, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError, Text
from app.core.text import _l
from app.courses.models import ClassHour, Cohort, Course, Enrolment, Lesson, LessonProgress, QuizTry
from app.courses.states import EnrolmentState
from app.items.models import Item, ItemVersion

Record = TypeVar("Record")


class LessonLine(NamedTuple):
    """A lesson in the list of a course, with the trainee's progress, None where it was never opened."""

    id: int
    code: str
    position: int
    title_zh: str
    title_en: str
    module: str
    hours: Decimal
    minimum_minutes: int
    progress: LessonProgress | None


def _own(actor: Actor) -> Select[Enrolment]:
    return (
        select(Enrolment)
        .join(Enrolment.cohort)
        .join(Cohort.course)
        .options(
            contains_eager(Enrolment.cohort).contains_eager(Cohort.course),
            contains_eager(Enrolment.cohort).joinedload(Cohort.base),
            contains_eager(Enrolment.cohort).joinedload(Cohort.syllabus_pack),
        )
        .where(Enrolment.person_id == actor.person_id)
    )


def own_enrolments(actor: Actor) -> list[Enrolment]:
    """Return the actor's own enrolments, the latest first; withdrawn ones last."""
    query = _own(actor).order_by(Enrolment.state == EnrolmentState.WITHDRAWN, Enrolment.id.desc())
    return list(session.scalars(query.limit(50)))


def own_hours(actor: Actor) -> dict[int, dict[str, Decimal]]:
    """Return the class hours of all of the actor's enrolments, by enrolment and module."""
    query = (
        select(ClassHour.enrolment_id, ClassHour.module, func.sum(ClassHour.hours, type_=ClassHour.hours.type))
        .join(Enrolment, Enrolment.id == ClassHour.enrolment_id)
        .where(Enrolment.person_id == actor.person_id)
        .group_by(ClassHour.enrolment_id, ClassHour.module)
    )
    collected: dict[int, dict[str, Decimal]] = {}
    for enrolment_id, module, hours in session.execute(query):
        collected.setdefault(enrolment_id, {})[module] = hours
    return collected


def own_enrolment(code: str, actor: Actor) -> Enrolment:
    """Return one of the actor's own enrolments; NotFoundError for those of others."""
    return _found(
        session.scalar(_own(actor).where(Enrolment.code == code)),
        _l("There is no such course among yours. Look at your courses."),
    )


def lessons(enrolment: Enrolment) -> list[LessonLine]:
    """Return the lessons of an enrolment's course in order, without their text, with progress."""
    query = (
        select(
            Lesson.id,
            Lesson.code,
            Lesson.position,
            Lesson.title_zh,
            Lesson.title_en,
            Lesson.module,
            Lesson.hours,
            Lesson.minimum_minutes,
            LessonProgress,
        )
        .outerjoin(
            LessonProgress,
            (LessonProgress.lesson_id == Lesson.id) & (LessonProgress.enrolment_id == enrolment.id),
        )
        .where(Lesson.course_id == enrolment.cohort.course_id)
        .order_by(Lesson.position)
    )
    return [LessonLine(*row) for row in session.execute(query)]


def lesson(enrolment: Enrolment, code: str) -> Lesson:
    """Return a lesson of an enrolment's course; raises NotFoundError."""
    query = select(Lesson).where(Lesson.course_id == enrolment.cohort.course_id, Lesson.code == code)
    return _found(session.scalar(query), _l("There is no such lesson in this course."))


def progress(enrolment: Enrolment, lesson_id: int) -> LessonProgress | None:
    """Return how far a trainee is in a lesson, None before it was opened."""
    query = select(LessonProgress).where(
        LessonProgress.enrolment_id == enrolment.id,
        LessonProgress.lesson_id == lesson_id,
    )
    return session.scalar(query)


def quiz(course: Course, codes: list[str]) -> list[ItemVersion]:
    """Return the present wording of quiz items in the order of the lesson."""
    query = (
        select(Item.code, ItemVersion)
        .join(ItemVersion, (ItemVersion.item_id == Item.id) & (ItemVersion.number == Item.number))
        .where(Item.bank_id == course.quiz_bank_id, Item.code.in_(codes))
    )
    found = dict(session.execute(query).all())
    return [found[code] for code in codes if code in found]


def versions(ids: list[int]) -> list[ItemVersion]:
    """Return the wordings that a quiz try answered, in the order asked for."""
    found = {row.id: row for row in session.scalars(select(ItemVersion).where(ItemVersion.id.in_(ids)))}
    return [found[one] for one in ids if one in found]


def answered(progress_id: int) -> list[ItemVersion]:
    """Return every wording that a trainee has answered in the quizzes of a lesson."""
    tries = session.scalars(select(QuizTry.answers).where(QuizTry.progress_id == progress_id))
    return versions(sorted({int(one) for given in tries for one in given}))


def last_try(progress_id: int) -> QuizTry | None:
    """Return the latest answered quiz of a lesson, None before the first."""
    query = select(QuizTry).where(QuizTry.progress_id == progress_id).order_by(QuizTry.number.desc()).limit(1)
    return session.scalars(query).first()


def quiz_try(progress_id: int, number: int) -> QuizTry:
    """Return one answered quiz of a lesson; raises NotFoundError."""
    query = select(QuizTry).where(QuizTry.progress_id == progress_id, QuizTry.number == number)
    return _found(session.scalar(query), _l("There is no such answered quiz."))


def hours_of_lesson(enrolment_id: int, lesson_id: int) -> ClassHour | None:
    """Return the class hours collected for a lesson, None before."""
    query = select(ClassHour).where(ClassHour.enrolment_id == enrolment_id, ClassHour.lesson_id == lesson_id)
    return session.scalar(query)


def _found(record: Record | None, message: Text) -> Record:
    if record is None:
        raise NotFoundError(message)
    return record

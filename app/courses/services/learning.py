"""Learning: lessons opened and read, quizzes answered, class hours collected once, training completed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import update

from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.courses import queries
from app.courses.models import ClassHour, Enrolment, Lesson, LessonProgress, QuizTry
from app.courses.queries.learning import hours_of_lesson, progress, quiz
from app.courses.rules import reading
from app.courses.rules.syllabus import lacking
from app.courses.services.subjects import of_enrolment
from app.courses.states import ENROLMENT, CohortState, EnrolmentState
from app.desk import services as desk


def open_lesson(enrolment: Enrolment, lesson: Lesson, *, by: Actor, at: datetime) -> LessonProgress:
    """Start a lesson, or go on with it: the time in between does not count as reading.

    Raises ConflictError outside of the cohort's period, naming its days.
    """
    _check_may_learn(enrolment, by=by, at=at)
    found = progress(enrolment, lesson.id)
    if found is not None:
        found.seen_at = at
        session.flush()
        return found
    opened = LessonProgress(enrolment_id=enrolment.id, lesson_id=lesson.id, opened_at=at, seen_at=at)
    session.add(opened)
    session.flush()
    return opened


def _check_may_learn(enrolment: Enrolment, *, by: Actor, at: datetime) -> None:
    if enrolment.person_id != by.person_id:
        raise ForbiddenError(_l("Each trainee learns for themselves."))
    if enrolment.state is EnrolmentState.INVITED:
        raise ConflictError(_l("Confirm your enrolment first; the lessons open then."))
    if enrolment.state is EnrolmentState.WITHDRAWN:
        raise ConflictError(_l("You were withdrawn from this cohort. Ask the training base why."))
    cohort = enrolment.cohort
    if cohort.state is not CohortState.OPEN:
        raise ConflictError(_l("The cohort is closed; its lessons count no more. Ask the training base."))
    if not cohort.starts_on <= day_of(at) <= cohort.ends_on:
        raise ConflictError(
            _l(
                "Lessons count from %(start)s to %(end)s.",
                start=cohort.starts_on.isoformat(),
                end=cohort.ends_on.isoformat(),
            )
        )


def note_reading(enrolment: Enrolment, lesson: Lesson, *, by: Actor, at: datetime) -> LessonProgress:
    """Count a sign of reading that the page sent, at most a minute each; collect what is then due.

    Two windows do not count twice: the statement adds the gap only where nobody added it meanwhile.
    """
    _check_may_learn(enrolment, by=by, at=at)
    found = _opened(enrolment, lesson)
    session.execute(
        update(LessonProgress)
        .where(LessonProgress.id == found.id, LessonProgress.seen_at == found.seen_at)
        .values(
            seconds=LessonProgress.seconds + reading.seconds_since(found.seen_at, at),
            beats=LessonProgress.beats + 1,
            seen_at=at,
        )
        .execution_options(synchronize_session=False)
    )
    session.refresh(found)
    if found.quiz_passed_at and found.completed_at is None:
        _collect_if_due(enrolment, lesson, found, by=by, at=at)
    return found


def _opened(enrolment: Enrolment, lesson: Lesson) -> LessonProgress:
    found = progress(enrolment, lesson.id)
    if found is None:
        raise ConflictError(_l("Open the lesson first."))
    return found


def answer_quiz(
    enrolment: Enrolment,
    lesson: Lesson,
    answers: Mapping[int, Sequence[str]],
    *,
    by: Actor,
    at: datetime,
) -> QuizTry:
    """Mark a quiz: `answers` maps the id of each item version to the chosen keys; all or nothing an item.

    A passed quiz with the minimum read collects the class hours; raises InvalidError where items are open.
    """
    _check_may_learn(enrolment, by=by, at=at)
    found = _opened(enrolment, lesson)
    items = quiz(enrolment.cohort.course, lesson.quiz)
    if not all(answers.get(item.id) for item in items):
        raise InvalidError(_l("Answer every question, then send the quiz."))
    right = reading.count_right(items, answers)
    needed = reading.least_right(len(items), queries.syllabus_of(enrolment.cohort).quiz_pass_share)
    tried = QuizTry(
        progress_id=found.id,
        number=found.quiz_tries + 1,
        answers={str(item.id): sorted(answers[item.id]) for item in items},
        correct=right,
        total=len(items),
        passed=right >= needed,
        at=at,
    )
    found.quiz_tries += 1
    if tried.passed and found.quiz_passed_at is None:
        found.quiz_passed_at = at
    session.add(tried)
    session.flush()
    data = {"lesson": lesson.code, "position": lesson.position, "number": tried.number, "passed": tried.passed}
    events.record("courses.quiz_answered", of_enrolment(enrolment), by=by, at=at, data=data)
    _collect_if_due(enrolment, lesson, found, by=by, at=at)
    return tried


def collect(enrolment: Enrolment, lesson: Lesson, *, by: Actor, at: datetime) -> ClassHour:
    """Collect the class hours of a lesson; raises InvalidError saying what is still missing."""
    _check_may_learn(enrolment, by=by, at=at)
    found = _opened(enrolment, lesson)
    _collect_if_due(enrolment, lesson, found, by=by, at=at)
    hours = hours_of_lesson(enrolment.id, lesson.id)
    if hours is not None:
        return hours
    if found.quiz_passed_at is None:
        raise InvalidError(_l("Pass the quiz of this lesson first."))
    left = reading.minutes_left(found, lesson.minimum_minutes, at)
    raise InvalidError(_l("Read for %(minutes)s more minutes, then collect the class hours.", minutes=left))


def _collect_if_due(enrolment: Enrolment, lesson: Lesson, found: LessonProgress, *, by: Actor, at: datetime) -> None:
    """Collect where time and quiz are both met; a lesson counts once."""
    due = found.quiz_passed_at is not None and reading.minutes_left(found, lesson.minimum_minutes, at) == 0
    if not due or found.completed_at is not None:
        return
    found.seconds = reading.seconds_read(found, lesson.minimum_minutes, at)
    found.completed_at = at
    session.add(
        ClassHour(enrolment_id=enrolment.id, lesson_id=lesson.id, module=lesson.module, hours=lesson.hours, at=at)
    )
    session.flush()
    data = {"lesson": lesson.code, "position": lesson.position, "module": lesson.module, "hours": str(lesson.hours)}
    events.record("courses.hours_collected", of_enrolment(enrolment), by=by, at=at, data=data)
    _complete_if_due(enrolment, by=by, at=at)


def _complete_if_due(enrolment: Enrolment, *, by: Actor, at: datetime) -> None:
    """Complete the training once each required module has its hours."""
    if enrolment.state is not EnrolmentState.ENROLLED:
        return
    collected = queries.hours_by_module(enrolment.id)
    if lacking(queries.required_hours(enrolment.cohort), collected):
        return
    ENROLMENT.move(enrolment, "complete", completed_at=at)
    session.flush()
    events.record(
        "courses.completed",
        of_enrolment(enrolment),
        by=by,
        at=at,
        data={module: str(hours) for module, hours in collected.items()},
        rule=enrolment.cohort.syllabus_pack.code,
    )
    desk.close_todos(of_enrolment(enrolment), at=at)

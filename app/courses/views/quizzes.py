"""Pages of a lesson's quiz: its questions, and the marked answers with their explanations."""

from collections.abc import Sequence

from flask import Response, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm

from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import NotFoundError
from app.core.text import _, _l
from app.courses import queries, services
from app.courses.access import Permission
from app.courses.forms import quiz_answers, quiz_form
from app.courses.models import Enrolment, Lesson, LessonProgress
from app.courses.queries import learning
from app.courses.rules import reading
from app.courses.views.blueprint import Answer, bp
from app.courses.views.lessons import own_lesson
from app.items.models import ItemVersion
from app.items.rules.texts import files_in
from app.items.views import reading as reading_items


@bp.get("/learning/<code>/lessons/<lesson>/quiz")
@requires(Permission.LEARN)
def quiz(code: str, lesson: str) -> str:
    """Show the quiz of a lesson."""
    enrolment, found = own_lesson(code, lesson)
    _opened(enrolment, found)
    items = learning.quiz(enrolment.cohort.course, found.quiz)
    return _quiz_page(enrolment, found, quiz_form(items), items)


def _opened(enrolment: Enrolment, found: Lesson) -> LessonProgress:
    progress = learning.progress(enrolment, found.id)
    if progress is None:
        raise NotFoundError(_l("Open the lesson first; its quiz opens with it."))
    return progress


def _quiz_page(enrolment: Enrolment, found: Lesson, form: FlaskForm, items: Sequence[ItemVersion]) -> str:
    share, count = queries.syllabus_of(enrolment.cohort).quiz_pass_share, len(items)
    base = _files_at(enrolment, found)
    return render_template(
        "courses/quiz.html",
        enrolment=enrolment,
        lesson=found,
        form=form,
        questions=[(form[f"item_{item.id}"], reading_items.shown(item, base)) for item in items],
        count=count,
        needed=reading.least_right(count, share),
    )


@bp.post("/learning/<code>/lessons/<lesson>/quiz")
@requires(Permission.LEARN)
def answer_quiz(code: str, lesson: str) -> Answer:
    """Mark a quiz."""
    enrolment, found = own_lesson(code, lesson)
    items = learning.quiz(enrolment.cohort.course, found.quiz)
    form = quiz_form(items)
    if not form.validate():
        return _quiz_page(enrolment, found, form, items), 422
    with unit_of_work():
        enrolment, found = own_lesson(code, lesson)
        tried = services.answer_quiz(enrolment, found, quiz_answers(form, items), by=acting(), at=clock.now())
    flash(*_outcome(tried.passed))
    return redirect(url_for("courses.quiz_result", code=code, lesson=lesson, number=tried.number))


def _outcome(passed: bool) -> tuple[str, str]:  # noqa: FBT001 - one of two sentences
    if passed:
        return _("The quiz is passed."), "good"
    return _("The quiz is not passed yet. Read the explanations, then try again."), "waiting"


@bp.get("/learning/<code>/lessons/<lesson>/quiz/<int:number>")
@requires(Permission.LEARN)
def quiz_result(code: str, lesson: str, number: int) -> str:
    """Show the marked answers of one's quiz with the explanations."""
    enrolment, found = own_lesson(code, lesson)
    progress = _opened(enrolment, found)
    tried = learning.quiz_try(progress.id, number)
    items = learning.versions([int(one) for one in tried.answers])
    share, base = queries.syllabus_of(enrolment.cohort).quiz_pass_share, _files_at(enrolment, found)
    return render_template(
        "courses/quiz_result.html",
        enrolment=enrolment,
        lesson=found,
        tried=tried,
        progress=progress,
        needed=reading.least_right(tried.total, share),
        left=reading.minutes_left(progress, found.minimum_minutes, clock.now()),
        lines=[
            {
                "number": place,
                "asked": reading_items.shown(item, base),
                "chosen": set(tried.answers[str(item.id)]),
                "right": reading.count_right([item], {item.id: tried.answers[str(item.id)]}) == 1,
            }
            for place, item in enumerate(items, start=1)
        ],
    )


def _files_at(enrolment: Enrolment, found: Lesson) -> str:
    """Return the address that the hash of a file of the quiz completes."""
    return url_for("courses.quiz_file", code=enrolment.code, lesson=found.code, digest="")


@bp.get("/learning/<code>/lessons/<lesson>/quiz/files/<digest>")
@requires(Permission.LEARN)
def quiz_file(code: str, lesson: str, digest: str) -> Response:
    """Send a file of a quiz to its trainee; those of an explanation once the question was answered."""
    enrolment, found = own_lesson(code, lesson)
    progress = _opened(enrolment, found)
    asked = learning.quiz(enrolment.cohort.course, found.quiz)
    answered = learning.answered(progress.id)
    known = {one for item in (*asked, *answered) for text in _told(item) for one in files_in(text)}
    known |= {one for item in answered for one in files_in(item.explanation or "")}
    return reading_items.kept_file(digest, known=digest in known)


def _told(item: ItemVersion) -> list[str]:
    return [item.stem, *(option["text"] for option in item.options)]

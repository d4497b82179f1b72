"""Pages of a lesson: its text with drawings and video, the signs of reading, the class hours."""

from flask import Response, flash, jsonify, redirect, render_template, send_file, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock, files
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import NotFoundError
from app.core.text import _, _l
from app.courses import queries, services
from app.courses.access import Permission
from app.courses.models import Enrolment, Lesson
from app.courses.queries import learning
from app.courses.rules import lesson_text, reading
from app.courses.rules.syllabus import tidy
from app.courses.views.blueprint import bp
from app.settings import ROOT

MEDIA = ROOT / "build" / "media"
MEDIA_TYPES = {"webm": "video/webm", "vtt": "text/vtt", "jpg": "image/jpeg"}
DRAWING_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
HOUR = 3600


@bp.get("/learning/<code>/lessons/<lesson>")
@requires(Permission.LEARN)
def lesson(code: str, lesson: str) -> str:
    """Show a lesson; its text opens once the trainee starts it."""
    enrolment, found = own_lesson(code, lesson)
    progress = learning.progress(enrolment, found.id)
    return render_template(
        "courses/lesson.html",
        enrolment=enrolment,
        lesson=found,
        progress=progress,
        tried=learning.last_try(progress.id) if progress and progress.quiz_tries else None,
        text=_text(enrolment, found),
        video=_has_video(enrolment, found),
        module=next((one for one in queries.level_in(enrolment.cohort).modules if one.code == found.module), None),
        hours=tidy(found.hours),
        reading=_reading(enrolment, found) if progress else None,
    )


def own_lesson(code: str, lesson: str) -> tuple[Enrolment, Lesson]:
    """Return a lesson of one of the actor's own courses; NotFoundError for any other."""
    enrolment = learning.own_enrolment(code, acting())
    return enrolment, learning.lesson(enrolment, lesson)


def _text(enrolment: Enrolment, found: Lesson) -> Markup:
    base = url_for("courses.figure", code=enrolment.code, lesson=found.code, name="")
    return Markup(lesson_text.render(found.body, found.figures, base))  # noqa: S704 - the renderer lets no HTML through


def _has_video(enrolment: Enrolment, found: Lesson) -> bool:
    return bool(found.video) and (MEDIA / enrolment.cohort.course.code / str(found.video)).is_file()


def _reading(enrolment: Enrolment, found: Lesson) -> dict[str, object]:
    """Say how long was read and what is still missing, for the page and for its script."""
    progress = learning.progress(enrolment, found.id)
    if progress is None:
        return {}
    at = clock.now()
    read = reading.seconds_read(progress, found.minimum_minutes, at) // reading.MINUTE
    return {
        "read": min(read, found.minimum_minutes),
        "needed": found.minimum_minutes,
        "left": reading.minutes_left(progress, found.minimum_minutes, at),
        "quiz_passed": progress.quiz_passed_at is not None,
        "collected": progress.completed_at is not None,
    }


@bp.post("/learning/<code>/lessons/<lesson>/open")
@requires(Permission.LEARN)
def open_lesson(code: str, lesson: str) -> AnyResponse:
    """Start a lesson, or go on with it."""
    with unit_of_work():
        enrolment, found = own_lesson(code, lesson)
        services.open_lesson(enrolment, found, by=acting(), at=clock.now())
    return redirect(url_for("courses.lesson", code=code, lesson=lesson))


@bp.post("/learning/<code>/lessons/<lesson>/reading")
@requires(Permission.LEARN)
def note_reading(code: str, lesson: str) -> Response:
    """Take a sign of reading from the page's script."""
    with unit_of_work():
        enrolment, found = own_lesson(code, lesson)
        services.note_reading(enrolment, found, by=acting(), at=clock.now())
        state = _reading(enrolment, found)
    text = _("Read %(read)s of %(needed)s minutes", read=state["read"], needed=state["needed"])
    return jsonify({**state, "text": text})


@bp.post("/learning/<code>/lessons/<lesson>/collect")
@requires(Permission.LEARN)
def collect(code: str, lesson: str) -> AnyResponse:
    """Collect the class hours of a lesson."""
    with unit_of_work():
        enrolment, found = own_lesson(code, lesson)
        services.collect(enrolment, found, by=acting(), at=clock.now())
    flash(_("The class hours of this lesson are collected."), "good")
    return redirect(url_for("courses.course", code=code))


@bp.get("/learning/<code>/lessons/<lesson>/figures/", defaults={"name": ""})
@bp.get("/learning/<code>/lessons/<lesson>/figures/<name>")
@requires(Permission.LEARN)
def figure(code: str, lesson: str, name: str) -> AnyResponse:
    """Send a drawing of a lesson to those who attend it."""
    _enrolment, found = own_lesson(code, lesson)
    known = found.figures.get(name)
    if known is None:
        raise NotFoundError(_l("There is no such drawing in this lesson."))
    response = send_file(files.path_of(known["sha256"]), mimetype="image/svg+xml", etag=known["sha256"])
    response.headers["Content-Security-Policy"] = DRAWING_POLICY
    response.cache_control.private = True
    response.cache_control.max_age = HOUR
    return response


@bp.get("/learning/<code>/lessons/<lesson>/video.<kind>")
@requires(Permission.LEARN)
def video(code: str, lesson: str, kind: str) -> AnyResponse:
    """Send the film of a lesson, its captions or its first picture; parts of it where asked for."""
    enrolment, found = own_lesson(code, lesson)
    if kind not in MEDIA_TYPES or not _has_video(enrolment, found):
        raise NotFoundError(_l("This lesson has no film."))
    path = (MEDIA / enrolment.cohort.course.code / str(found.video)).with_suffix(f".{kind}")
    response = send_file(path, mimetype=MEDIA_TYPES[kind], conditional=True)
    response.cache_control.private = True
    response.cache_control.max_age = HOUR
    return response

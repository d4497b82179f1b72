"""Pages of a trainee: my courses, one course, the confirmation of the enrolment."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.text import _
from app.courses import queries, services
from app.courses.access import Permission
from app.courses.queries import learning
from app.courses.rules import syllabus
from app.courses.states import CohortState, EnrolmentState
from app.courses.views.blueprint import bp


@bp.get("/learning")
@requires(Permission.LEARN)
def my_courses() -> str:
    """List one's own courses with the class hours collected."""
    hours = learning.own_hours(acting())
    rows = [
        {
            "enrolment": row,
            "collected": syllabus.tidy(syllabus.counted(queries.required_hours(row.cohort), hours.get(row.id, {}))),
            "required": syllabus.tidy(sum(queries.required_hours(row.cohort).values(), start=syllabus.NOTHING)),
        }
        for row in learning.own_enrolments(acting())
    ]
    return render_template("courses/my_courses.html", rows=rows)


@bp.get("/learning/<code>")
@requires(Permission.LEARN)
def course(code: str) -> str:
    """Show one's course: modules with their hours, lessons with what is done."""
    found = learning.own_enrolment(code, acting())
    lessons = learning.lessons(found)
    level = queries.level_in(found.cohort)
    return render_template(
        "courses/course.html",
        enrolment=found,
        cohort=found.cohort,
        modules=syllabus.progress(level, queries.hours_by_module(found.id)),
        lessons=lessons,
        names={module.code: module.name for module in level.modules},
        next=next((row for row in lessons if not (row.progress and row.progress.completed_at)), None),
        may_confirm=found.state is EnrolmentState.INVITED and found.cohort.state is CohortState.OPEN,
        begun=found.cohort.starts_on <= clock.today(),
        tidy=syllabus.tidy,
    )


@bp.post("/learning/<code>/confirm")
@requires(Permission.LEARN)
def confirm(code: str) -> Response:
    """Confirm one's own enrolment."""
    with unit_of_work():
        services.confirm(learning.own_enrolment(code, acting()), by=acting(), at=clock.now())
    flash(_("Your enrolment is confirmed. The lessons are open."), "good")
    return redirect(url_for("courses.course", code=code))

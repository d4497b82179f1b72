"""Pages of the examiner who leads the marking: progress, seeds, markers with their figures, adding up."""

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.forms import answers as forms
from app.assessment.exams.models import MarkingTask
from app.assessment.exams.queries import scripts as scripts_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import tasks as queries
from app.assessment.exams.rules.tasks import rubric_of
from app.assessment.exams.services import leading as services
from app.assessment.exams.services.subjects import of_task
from app.assessment.exams.states import SessionState
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.files import files_at
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import InvalidError
from app.core.text import _
from app.desk.queries import timeline_entries
from app.items.rules.bodies import NO_BODY
from app.items.views import reading

ANSWER_LIMIT = 20_000


@bp.get("/sessions/<code>/marking")
@requires(Permission.RESULTS)
def marking_board(code: str) -> str:
    """Show how the marking of a session stands."""
    found = sessions_queries.exam_session(code, acting())
    left = scripts_queries.unfinished(found.id)
    return render_template(
        "exams/marking_board.html",
        session=found,
        boards=queries.boards(found.id),
        rule=queries.rule_of(found),
        left=left,
        may_add_up=found.state is SessionState.PREPARED and found.marked_at is not None and not left,
    )


@bp.post("/sessions/<code>/marking/total")
@requires(Permission.RESULTS)
def add_up(code: str) -> Response:
    """Add the results up once every answer is decided."""
    with unit_of_work():
        services.add_up(sessions_queries.exam_session(code, acting()), by=acting(), at=clock.now())
    flash(_("The results are being added up."), "good")
    return redirect(url_for("exams.session", code=code))


@bp.get("/marking/<code>")
@requires(Permission.RESULTS)
def task(code: str) -> str:
    """Show one task: its rubric, seeds, and markers with their figures."""
    return _page(queries.task(code, acting()))


def _page(
    found: MarkingTask,
    typed: dict[str, str] | None = None,
    error: InvalidError | None = None,
    stop: forms.StopForm | None = None,
) -> str:
    item, question = queries.question(found)
    files = files_at(found.session.paper.code, "exams.paper_file")
    rule = queries.rule_of(found.session)
    return render_template(
        "exams/task.html",
        task=found,
        session=found.session,
        material=reading.shown_part(replace(item, body=NO_BODY), files) if found.part else None,
        question=reading.shown_part(question, files),
        criteria=[
            {
                "key": str(number),
                "name": one.name,
                "best": one.points,
                "typed": (typed or {}).get(str(number), ""),
                "error": str(error) if error and error.field == str(number) else None,
            }
            for number, one in enumerate(rubric_of(question), start=1)
        ],
        answer=(typed or {}).get("answer", ""),
        answer_error=str(error) if error and error.field == "answer" else None,
        seeds=queries.seeds_of(found.id, request.args.get("page", 1, type=int)),
        markers=queries.marker_rows(found, rule),
        rule=rule,
        stop=stop or forms.StopForm(),
        entries=timeline_entries(of_task(found)),
    )


@bp.post("/marking/<code>/seeds")
@requires(Permission.RESULTS)
def add_seed(code: str) -> Answer:
    """Add a paper whose mark is known."""
    found = queries.task(code, acting())
    typed = forms.typed(request.form, queries.criteria(found))
    answer = request.form.get("answer", "")[:ANSWER_LIMIT]
    try:
        with unit_of_work():
            held = queries.task(code, acting())
            services.add_seed(held, answer, forms.points(typed), by=acting(), at=clock.now())
    except InvalidError as error:
        return _page(queries.task(code, acting()), {**typed, "answer": answer}, error), error.status
    flash(_("The paper of known mark is added."), "good")
    return redirect(url_for("exams.task", code=code))


@bp.post("/marking/<code>/stop")
@requires(Permission.RESULTS)
def stop_marker(code: str) -> Answer:
    """Stop a marker of a task and let their answers be marked again."""
    form = forms.StopForm()
    if not form.validate():
        return _page(queries.task(code, acting()), stop=form), 422
    with unit_of_work():
        found = queries.task(code, acting())
        person_id = queries.marker_by_code(found.id, form.person.data or "")
        count = services.stop(found, person_id, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Stopped. Answers marked again: %(count)d.", count=count), "good")
    return redirect(url_for("exams.task", code=code))

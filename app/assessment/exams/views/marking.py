"""Pages of markers: their tasks, one answer under its random code, the draft, the mark."""

from dataclasses import replace
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.forms import answers as forms
from app.assessment.exams.models import ScriptMark
from app.assessment.exams.queries import fresh
from app.assessment.exams.queries import scripts as scripts_queries
from app.assessment.exams.queries import tasks as queries
from app.assessment.exams.rules.tasks import rubric_of
from app.assessment.exams.services import afresh
from app.assessment.exams.services import marking as services
from app.assessment.exams.services.marking import Given
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.files import files_at
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import ConflictError, InvalidError
from app.core.text import _
from app.items.rules.bodies import NO_BODY
from app.items.views import reading
from app.rulebook.queries import LevelWords
from app.rulebook.terms import LEVELS

REMARK_LIMIT = 2000


@bp.get("/marking")
@requires(Permission.MARK)
def marking() -> str:
    """List the tasks of the marker's organisation with their own standing."""
    actor = acting()
    return render_template(
        "exams/marking.html", tasks=queries.own_tasks(actor), levels=LevelWords(LEVELS), afresh=fresh.waits_for(actor)
    )


@bp.post("/marking/<code>/next")
@requires(Permission.MARK)
def mark_next(code: str) -> Response:
    """Take the next answer of a task."""
    try:
        with unit_of_work():
            found = services.claim(queries.task(code, acting()), by=acting(), at=clock.now())
            script = scripts_queries.code_of(found.script_id)
    except ConflictError as error:
        flash(str(error), "waiting")
        return redirect(url_for("exams.marking"))
    return redirect(url_for("exams.script", code=script))


@bp.post("/marking/<code>/difference")
@requires(Permission.ADJUDICATE)
def decide_next(code: str) -> Response:
    """Take the next answer whose two marks differ too much."""
    try:
        with unit_of_work():
            found = services.claim_difference(queries.task(code, acting()), by=acting(), at=clock.now())
            script = scripts_queries.code_of(found.script_id)
    except ConflictError as error:
        flash(str(error), "waiting")
        return redirect(url_for("exams.marking"))
    return redirect(url_for("exams.script", code=script))


@bp.post("/marking/afresh")
@requires(Permission.MARK)
def mark_next_afresh() -> Response:
    """Take an answer that is to be marked afresh."""
    try:
        with unit_of_work():
            found = afresh.claim(by=acting(), at=clock.now())
            script = scripts_queries.code_of(found.script_id)
    except ConflictError as error:
        flash(str(error), "waiting")
        return redirect(url_for("exams.marking"))
    return redirect(url_for("exams.script", code=script))


@bp.get("/scripts/<code>")
@requires(Permission.MARK)
def script(code: str) -> str:
    """Show one answer to its marker: the question, the rubric, the answer, and what was kept of the mark."""
    return _page(queries.own_mark(code, acting()))


def _page(found: ScriptMark, typed: dict[str, str] | None = None, error: InvalidError | None = None) -> str:
    task = found.script.task
    item, question = queries.question(task)
    files = files_at(found.script.code, "exams.script_file")
    kept = found.points or typed or found.draft.get("points", {})
    return render_template(
        "exams/script.html",
        mark=found,
        script=found.script,
        task=task,
        material=reading.shown_part(replace(item, body=NO_BODY), files) if task.part else None,
        question=reading.shown_part(question, files),
        criteria=[
            {
                "key": str(number),
                "name": one.name,
                "best": one.points,
                "guidance": one.guidance,
                "typed": kept.get(str(number), ""),
                "error": str(error) if error and error.field == str(number) else None,
            }
            for number, one in enumerate(rubric_of(question), start=1)
        ],
        remark=found.remark or found.draft.get("remark", ""),
        others=_others(found) if found.slot == services.THIRD else [],
        words=_words(),
        levels=LevelWords(LEVELS),
    )


def _others(found: ScriptMark) -> list[dict[str, Any]]:
    """Return the two marks that differ, without who gave them."""
    return [
        {"points": list((one.points or {}).values()), "total": one.total, "remark": one.remark}
        for one in scripts_queries.marks_of(found.script_id)
        if one.slot in {services.FIRST, services.SECOND} and one.done_at is not None
    ]


def _words() -> dict[str, str]:
    said = {
        "saved": _("Draft saved"),
        "saving": _("Saving the draft"),
        "kept": _("Not saved yet: the draft stays on this page and is sent again by itself"),
        "signed_out": _("Your sign-in has ended. Sign in again in another tab; what you typed stays on this page."),
        "superseded": _("Another page keeps a newer draft of this mark. Load this page again to see it."),
        "done": _("This mark is given already and no longer changes."),
    }
    return {name: str(text) for name, text in said.items()}


@bp.post("/scripts/<code>/draft")
@requires(Permission.MARK)
def keep_draft(code: str) -> Response:
    """Keep what was typed so far."""
    try:
        with unit_of_work():
            found = queries.own_mark(code, acting())
            criteria = queries.criteria(found.script.task)
            draft = {
                "points": forms.typed(request.form, criteria),
                "remark": request.form.get("remark", "")[:REMARK_LIMIT],
            }
            sequence = request.form.get("sequence", 0, type=int) + 1
            services.keep_draft(found, draft, sequence=sequence)
    except ConflictError as error:
        refused = jsonify(code=error.code, message=str(error))
        refused.status_code = error.status
        return refused
    if request.accept_mimetypes.best == "application/json":
        return jsonify(sequence=sequence)
    flash(_("Draft saved"), "good")
    return redirect(url_for("exams.script", code=code))


@bp.post("/scripts/<code>/give")
@requires(Permission.MARK)
def give_mark(code: str) -> Answer:
    """Give the mark for good, then show the marker's tasks."""
    found = queries.own_mark(code, acting())
    typed = forms.typed(request.form, queries.criteria(found.script.task))
    try:
        with unit_of_work():
            given = Given(forms.points(typed), request.form.get("remark", "").strip()[:REMARK_LIMIT])
            services.give(queries.own_mark(code, acting()), given, by=acting(), at=clock.now())
    except InvalidError as error:
        return _page(queries.own_mark(code, acting()), typed, error), error.status
    flash(_("Marked. Take the next answer when you are ready."), "good")
    return redirect(url_for("exams.marking"))


@bp.post("/scripts/<code>/back")
@requires(Permission.MARK)
def give_back(code: str) -> Response:
    """Give an answer back unmarked."""
    with unit_of_work():
        services.give_back(queries.own_mark(code, acting()), by=acting(), at=clock.now())
    flash(_("Given back. Somebody else marks this answer."), "good")
    return redirect(url_for("exams.marking"))

"""The correction of a released result: proposed by one examiner, confirmed by another or the authority above."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.models import ResultCorrection
from app.assessment.exams.queries import modules
from app.assessment.exams.queries.corrections import barred
from app.assessment.exams.queries.corrections import correction as found_correction
from app.assessment.exams.queries.fresh import scripts_of
from app.assessment.exams.services import afresh
from app.assessment.exams.services import corrections as services
from app.assessment.exams.states import CorrectionState
from app.assessment.exams.views.blueprint import Answer, bp
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import InvalidError
from app.core.text import _
from app.desk.queries import timeline_entries

NOT_A_NUMBER = Decimal(-1)


@bp.get("/corrections/<code>")
@requires(Permission.CONFIRM_CORRECTION)
def correction(code: str) -> str:
    """Show one correction."""
    return _page(found_correction(code, acting()))


def _page(found: ResultCorrection, typed: Mapping[str, str] | None = None, error: InvalidError | None = None) -> str:
    session = found.result.attempt.session
    named = modules.of_paper(session.paper_id)
    proposed = found.by_module or {}
    fresh = afresh.suggested(found) if found.state is CorrectionState.OPENED else None
    start = {**found.result.by_module, **(fresh.modules_json() if fresh else {})}
    rows = [
        {
            "key": module,
            "module": str(named.name(module)),
            "score": part["score"],
            "best": part["max"],
            "typed": (typed or {}).get(module, start[module]["score"]),
            "proposed": proposed.get(module, {}).get("score"),
            "error": str(error) if error and error.field == module else None,
        }
        for module, part in found.result.by_module.items()
    ]
    return render_template(
        "exams/correction.html",
        correction=found,
        session=session,
        rows=rows,
        scripts=scripts_of(found.result.attempt_id, found.id),
        suggested=fresh,
        barred=acting().person_id in barred(found),
        own=acting().may(Permission.RESULTS),
        entries=timeline_entries(services.subject(found)),
    )


@bp.post("/corrections/<code>/propose")
@requires(Permission.RESULTS)
def propose_correction(code: str) -> Answer:
    """Propose the corrected points of each module."""
    found = found_correction(code, acting())
    typed = {module: request.form.get(f"points-{module}", "").strip() for module in found.result.by_module}
    try:
        with unit_of_work():
            points = {module: _number(text) for module, text in typed.items()}
            services.propose(found_correction(code, acting()), points, by=acting(), at=clock.now())
    except InvalidError as error:
        return _page(found_correction(code, acting()), typed, error), error.status
    flash(_("Proposed. A second examiner confirms it."), "good")
    return redirect(url_for("exams.correction", code=code))


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return NOT_A_NUMBER


@bp.post("/corrections/<code>/confirm")
@requires(Permission.CONFIRM_CORRECTION)
def confirm_correction(code: str) -> Response:
    """Confirm the corrected points as a second examiner."""
    with unit_of_work():
        services.confirm(found_correction(code, acting()), by=acting(), at=clock.now())
    flash(_("The result is corrected and the candidate is told."), "good")
    return redirect(url_for("exams.correction", code=code))


@bp.post("/corrections/<code>/return")
@requires(Permission.CONFIRM_CORRECTION)
def return_correction(code: str) -> Response:
    """Send the proposed points back."""
    with unit_of_work():
        reason = request.form.get("reason", "").strip() or str(_("Please check the points again."))
        services.send_back(found_correction(code, acting()), reason=reason, by=acting(), at=clock.now())
    flash(_("Sent back."), "good")
    own = acting().may(Permission.RESULTS)
    return redirect(url_for("exams.correction", code=code) if own else url_for("desk.home"))


@bp.post("/corrections/<code>/afresh")
@requires(Permission.RESULTS)
def mark_afresh(code: str) -> Response:
    """Let an answer of the sitting be marked afresh by somebody who never marked it."""
    with unit_of_work():
        script = request.form.get("script", "")
        afresh.ask(found_correction(code, acting()), script, by=acting(), at=clock.now())
    flash(_("Asked for. A marker who never marked this answer marks it afresh."), "good")
    return redirect(url_for("exams.correction", code=code))

"""Pages of equating: propose the conversion of a session's scores, read it, decide on it as a second person."""

from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.accounts.queries import names_of
from app.assessment.exams.access import Permission
from app.assessment.exams.forms.standards import EquatingForm
from app.assessment.exams.models import ExamSession, ScoreEquating
from app.assessment.exams.queries import equating as queries
from app.assessment.exams.queries import marking
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries.standards import released_sessions
from app.assessment.exams.services import equating as services
from app.assessment.exams.services.regrading import MARKED
from app.assessment.exams.services.subjects import of_equating
from app.assessment.exams.states import METHOD_LABELS, Method
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import other_examiners, put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _, pick
from app.desk.queries import timeline_entries


@bp.get("/sessions/<code>/equatings")
@requires(Permission.RESULTS)
def equatings(code: str) -> str:
    """Show the conversions of a session's scores and the form of a new one."""
    found = sessions_queries.exam_session(code, acting())
    return _list_page(found, _form(found))


def _form(found: ExamSession) -> EquatingForm:
    form = EquatingForm()
    released = released_sessions(acting(), found.level)
    form.base.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in released if one.id != found.id]
    return form


def _list_page(found: ExamSession, form: EquatingForm) -> str:
    return render_template(
        "exams/equatings.html",
        session=found,
        rows=queries.equatings_of(found, acting()),
        form=form,
        methods=METHOD_LABELS,
        may_propose=found.state in MARKED and not found.rehearsal,
    )


@bp.post("/sessions/<code>/equatings")
@requires(Permission.RESULTS)
def propose_equating(code: str) -> Answer:
    """Propose a conversion."""
    found = sessions_queries.exam_session(code, acting())
    form = _form(found)
    if not form.validate():
        return _list_page(found, form), 422
    given: dict[str, Any] = form.data
    way = services.Way(Method(given["method"]), given["weight"], given["degree"])
    try:
        with unit_of_work():
            held, base = (sessions_queries.exam_session(one, acting()) for one in (code, given["base"]))
            made = services.propose(held, base, way, reason=given["reason"], by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return _list_page(found, form), error.status
    flash(_("Proposed. Whose result changes is being worked out; a second examiner confirms it."), "good")
    return redirect(url_for("exams.equating", code=made.code))


@bp.get("/equatings/<code>")
@requires(Permission.RESULTS)
def equating(code: str) -> str:
    """Show one conversion with its table and curve."""
    found = queries.equating(code, acting())
    run = queries.run_of(found.id)
    return render_template(
        "exams/equating.html",
        equating=found,
        run=run,
        counts=marking.counts(run.id) if run else None,
        rows=_rows(found),
        chart=_chart(found),
        methods=METHOD_LABELS,
        names=names_of([found.proposed_by_id, found.decided_by_id]),
        mine=found.proposed_by_id == acting().person_id,
        others=other_examiners(acting(), found.session.organisation_id),
        entries=timeline_entries(of_equating(found)),
    )


def _rows(found: ScoreEquating) -> list[tuple[str, str, bool | None]]:
    """Return the table of a conversion, each row with whether it reaches the cut of the reference paper."""
    cut = found.cut_score
    return [(raw, equal, None if cut is None else Decimal(equal) >= cut) for raw, equal in found.table]


def _chart(found: ScoreEquating) -> dict[str, Any]:
    return {
        "title": str(_("Scores and their equivalents on the base paper")),
        "type": "line",
        "categories": [score for score, _equal in found.table],
        "series": [
            {"name": str(_("Equated score")), "data": [float(equal) for _score, equal in found.table]},
            {"name": str(_("Score")), "data": [float(score) for score, _equal in found.table]},
        ],
        "unit": str(_("points")),
    }


@bp.post("/equatings/<code>/decide")
@requires(Permission.RELEASE)
def decide_equating(code: str) -> Response:
    """Confirm a conversion as the second person."""
    return _settle(code, confirm=True)


@bp.post("/equatings/<code>/reject")
@requires(Permission.RELEASE)
def reject_equating(code: str) -> Response:
    """Reject a conversion as the second person."""
    return _settle(code, confirm=False)


def _settle(code: str, *, confirm: bool) -> Response:
    with unit_of_work():
        services.settle(queries.equating(code, acting()), confirm=confirm, by=acting(), at=clock.now())
    flash(_("Confirmed. The results are being converted.") if confirm else _("Rejected. No result changes."), "good")
    return redirect(url_for("exams.equating", code=code))

"""Pages of marking anew: the decisions in force, a preview of whose score changes, the second person's act."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.marking import RulingForm
from app.assessment.exams.forms.parts import ReasonForm
from app.assessment.exams.models import ExamSession, MarkingRun
from app.assessment.exams.queries import marking as queries
from app.assessment.exams.queries import modules
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries.papers import SheetItem
from app.assessment.exams.rules.regrading import from_json
from app.assessment.exams.rules.rulings import Ruling
from app.assessment.exams.services import regrading as services
from app.assessment.exams.services.subjects import of_run
from app.assessment.exams.states import METHOD_LABELS, RUN_LABELS
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.files import files_at, shown_of
from app.assessment.exams.views.shared import other_examiners, put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.desk.queries import timeline_entries
from app.items.states import COGNITIVE_LABELS


@bp.get("/sessions/<code>/markings")
@requires(Permission.RESULTS)
def markings(code: str) -> str:
    """Show every marking of a session, and let an examiner propose another."""
    return _list(sessions_queries.exam_session(code, acting()), None)


def _list(found: ExamSession, form: RulingForm | None) -> str:
    sheet = papers_queries.sheet_of(found.paper_id)
    runs = queries.runs_of(found.id)
    return render_template(
        "exams/markings.html",
        session=found,
        runs=runs,
        form=form or _form(sheet),
        labels=RUN_LABELS,
        **_ruled(queries.rulings_in_force(runs), sheet, found),
        may_propose=found.state in services.MARKED and not any(run.state in queries.OPEN_RUNS for run in runs),
    )


def _form(sheet: list[SheetItem]) -> RulingForm:
    form = RulingForm()
    form.position.choices = [
        (one.position, _("Place %(place)d: %(item)s", place=one.position, item=one.code)) for one in sheet
    ]
    return form


def _ruled(rulings: dict[int, Ruling], sheet: list[SheetItem], held: ExamSession) -> dict[str, Any]:
    """Return what the pages show of rulings: each with its place, and the items in full."""
    places = {one.position: one for one in sheet if one.position in rulings}
    return {
        "rulings": [{"place": places[at], "ruling": _said(ruling)} for at, ruling in sorted(rulings.items())],
        "asked": shown_of(places.values(), files_at(held.paper.code, "exams.paper_file")),
        "modules": modules.of_paper(held.paper_id).labels,
        "cognitive": COGNITIVE_LABELS,
    }


def _said(ruling: Ruling) -> str:
    if ruling.parts:
        told = [_("part %(number)d: %(ruling)s", number=number, ruling=_said(one)) for number, one in ruling.parts]
        return str(_("; ").join(told))
    if ruling.also:
        listed = _("; ").join(str(_(", ")).join(answers) or "–" for answers in ruling.also)
        return str(_("also right: %(answers)s", answers=listed))
    return str(_("void") if ruling.void else _("key %(key)s", key="".join(sorted(ruling.key or ()))))


@bp.post("/sessions/<code>/markings")
@requires(Permission.RESULTS)
def propose_marking(code: str) -> Answer:
    """Propose to mark a session anew under a further decision."""
    found = sessions_queries.exam_session(code, acting())
    form = _form(papers_queries.sheet_of(found.paper_id))
    if not form.validate():
        return _list(found, form), 422
    try:
        with unit_of_work():
            held = sessions_queries.exam_session(code, acting())
            changes = {form.position.data: form.chosen()}
            run = services.propose(held, changes, reason=form.reason.data or "", by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return _list(sessions_queries.exam_session(code, acting()), form), error.status
    flash(_("Proposed. The figures are being worked out; a second examiner confirms them."), "good")
    return redirect(url_for("exams.run", code=run.code))


@bp.get("/runs/<code>")
@requires(Permission.RESULTS)
def run(code: str) -> str:
    """Show one marking: whose score it changes, what happens next."""
    return _page(queries.run(code, acting()), ReasonForm())


def _page(found: MarkingRun, form: ReasonForm) -> str:
    actor = acting()
    page = queries.changes(found.id, request.args.get("page", 1, type=int))
    rulings = from_json(found.rulings)
    mine = found.asked_by_id == actor.person_id
    return render_template(
        "exams/run.html",
        run=found,
        session=found.session,
        page=page,
        counts=queries.counts(found.id),
        form=form,
        labels=RUN_LABELS,
        methods=METHOD_LABELS,
        **_ruled(rulings, papers_queries.sheet_of(found.session.paper_id) if rulings else [], found.session),
        mine=mine,
        others=other_examiners(actor, found.session.organisation_id) if mine else "",
        entries=timeline_entries(of_run(found)),
    )


@bp.post("/runs/<code>/confirm")
@requires(Permission.RELEASE)
def confirm_run(code: str) -> Response:
    """Confirm a new marking as the second examiner."""
    with unit_of_work():
        services.confirm(queries.run(code, acting()), by=acting(), at=clock.now())
    flash(_("Confirmed. The results are being changed."), "good")
    return redirect(url_for("exams.run", code=code))


@bp.post("/runs/<code>/return")
@requires(Permission.RELEASE)
def return_run(code: str) -> Answer:
    """Send a new marking back with a reason."""
    form = ReasonForm()
    if not form.validate():
        return _page(queries.run(code, acting()), form), 422
    with unit_of_work():
        services.send_back(queries.run(code, acting()), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Sent back with your reason."), "good")
    return redirect(url_for("exams.run", code=code))

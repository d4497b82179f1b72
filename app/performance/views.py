"""Pages of the performance room: cycles, the table of one, the appraisal of a base, its self-report."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.core import clock, files
from app.core.access import Actor, acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError, ForbiddenError, NotFoundError
from app.core.spreadsheets import to_csv
from app.core.text import _, _l, pick
from app.desk.queries import timeline_entries
from app.performance import queries, services
from app.performance.access import Permission, may_check, may_run
from app.performance.forms import (
    CycleForm,
    FilterForm,
    ReasonForm,
    RectificationForm,
    file_field,
    report_form,
    typed,
    value_field,
)
from app.performance.models import AppraisalCycle, BaseAppraisal
from app.performance.queries import Wanted
from app.performance.rules import indicators
from app.performance.services.reports import ReportError
from app.performance.services.subjects import of_appraisal, of_cycle
from app.performance.states import APPRAISAL_LABELS, CYCLE_LABELS, DIMENSION_LABELS, GRADE_LABELS, AppraisalState
from app.performance.wording import shown_lines
from app.web.refusals import show_beside

bp = Blueprint("performance", __name__, url_prefix="/performance", template_folder="templates")
Answer = str | Response | tuple[str, int]
FILE_LIMIT = 10 * files.MEGABYTE
LABELS = {
    "states": APPRAISAL_LABELS,
    "cycles": CYCLE_LABELS,
    "grades": GRADE_LABELS,
    "dimensions": DIMENSION_LABELS,
}


@bp.get("")
@requires(Permission.VIEW)
def index() -> str:
    """Show the cycles of one's region, or the appraisals of one's base."""
    return _index(CycleForm(formdata=None, year=clock.today().year))


def _index(form: CycleForm) -> str:
    actor = acting()
    if not actor.may(Permission.CHECK):
        return render_template("performance/own.html", rows=queries.own(actor), **LABELS)
    runs = may_run(actor, actor.region_code or "")
    return render_template("performance/cycles.html", rows=queries.cycles(actor), form=form, runs=runs, **LABELS)


@bp.post("/cycles")
@requires(Permission.RUN)
def open_cycle() -> Answer:
    """Propose the cycle of a year for one's region."""
    form = CycleForm()
    if not form.validate() or form.year.data is None or form.report_until.data is None:
        return _index(form), 422
    try:
        with unit_of_work():
            cycle = services.open_cycle(
                year=form.year.data,
                region_code=acting().region_code or "",
                report_until=form.report_until.data,
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        beside = form.report_until if error.field == "report_until" else form.year
        beside.errors = [str(error)]
        return _index(form), error.status
    flash(_("The cycle is proposed. A second person confirms it."), "good")
    return redirect(url_for("performance.cycle", code=cycle.code))


def _wanted() -> Wanted:
    args = request.args
    return Wanted(*(args.get(name, "") for name in Wanted._fields))


@bp.get("/<code>")
@requires(Permission.CHECK)
def cycle(code: str) -> str:
    """Show a cycle: its bases with score, grade and state."""
    actor = acting()
    found = queries.cycle(code, actor)
    states, grades = queries.counts(found, actor)
    return render_template(
        "performance/cycle.html",
        cycle=found,
        page=queries.page_of(found, actor, _wanted(), request.args.get("page", 1, type=int)),
        form=FilterForm(request.args),
        counted=states,
        by_grade=grades,
        job=queries.job_of(found) if states[AppraisalState.CHECKED] else None,
        runs=may_run(actor, found.region_code),
        entries=timeline_entries(of_cycle(found)),
        **LABELS,
    )


@bp.get("/<code>/table.csv")
@requires(Permission.CHECK)
def table(code: str) -> Response:
    """Send the table of a cycle as shown by the filter."""
    found = queries.cycle(code, acting())
    heads = [_l("Training base"), _l("Region code"), _l("Score"), _l("Appraisal grade"), _l("State")]
    rows = [[str(head) for head in heads], *map(_row, queries.all_of(found, acting(), _wanted()))]
    head = {"Content-Disposition": f'attachment; filename="appraisal-{found.year}.csv"'}
    return Response(to_csv(rows), mimetype="text/csv", headers=head)


def _row(row: BaseAppraisal) -> list[str]:
    organisation = row.base.organisation
    return [
        pick(organisation.name_zh, organisation.name_en),
        row.region_code,
        "" if row.score is None else str(row.score),
        "" if row.grade is None else str(GRADE_LABELS[row.grade]),
        str(APPRAISAL_LABELS[row.state]),
    ]


@bp.post("/<code>/<act>")
@requires(Permission.RUN)
def run(code: str, act: str) -> Response:
    """Confirm a cycle, start its computation or propose its grades."""
    acts: dict[str, tuple[Callable[[AppraisalCycle, Actor, datetime], object], str]] = {
        "confirm": (lambda row, by, at: services.confirm_cycle(row, by=by, at=at), _("The bases are asked to report.")),
        "compute": (
            lambda row, by, at: services.start_computation(row, by=by, at=at),
            _("The computation began."),
        ),
        "publish": (lambda row, by, at: services.publish(row, by=by, at=at), _("The grades are proposed.")),
    }
    if act not in acts:
        raise NotFoundError(_l("There is no such decision."))
    do, said = acts[act]
    with unit_of_work():
        do(queries.to_run(code, acting()), acting(), clock.now())
    flash(said, "good")
    return redirect(url_for("performance.cycle", code=code))


@bp.get("/bases/<code>")
@requires(Permission.VIEW)
def appraisal(code: str) -> str:
    """Show the appraisal of a base: its verdict line by line and what happens next."""
    return _page(queries.appraisal(code, acting()))


def _page(row: BaseAppraisal, **refused: FlaskForm) -> str:
    actor = acting()
    found = queries.decided(row)
    params = queries.params(row.cycle)
    return render_template(
        "performance/appraisal.html",
        row=row,
        params=params,
        record=found,
        lines=shown_lines(found.verdict, params) if found else [],
        proved=queries.files_of(row),
        own=actor.may(Permission.REPORT) and actor.organisation_id == row.organisation_id,
        checks=may_check(actor, row.region_code) and actor.person_id != row.submitted_by_id,
        runs=may_run(actor, row.cycle.region_code),
        second=actor.person_id not in {row.published_by_id, row.checked_by_id},
        orders=actor.person_id != row.confirmed_by_id,
        forms={move: refused.get(move) or ReasonForm(formdata=None, prefix=move) for move in REASONED},
        rectification=refused.get("rectify") or RectificationForm(formdata=None, report=row.rectification),
        entries=timeline_entries(of_appraisal(row)),
        **LABELS,
    )


REASONED: dict[str, Callable[..., None]] = {
    "return": services.send_back,
    "confirm": services.confirm,
    "accept": services.accept,
    "demand": services.demand_again,
    "exit": services.order_exit,
}


@bp.post("/bases/<code>/check")
@requires(Permission.CHECK)
def check(code: str) -> Response:
    """Confirm the local check of a self-report."""
    with unit_of_work():
        services.check(queries.appraisal(code, acting()), by=acting(), at=clock.now())
    flash(_("The local check is confirmed."), "good")
    return redirect(url_for("performance.appraisal", code=code))


@bp.post("/bases/<code>/decide/<move>")
@requires(Permission.CHECK)
def decide(code: str, move: str) -> Answer:
    """Make a decision that has a reason."""
    if move not in REASONED:
        raise NotFoundError(_l("There is no such decision."))
    row = queries.appraisal(code, acting())
    form = ReasonForm(prefix=move)
    if not form.validate():
        return _page(row, **{move: form}), 422
    try:
        with unit_of_work():
            row = queries.appraisal(code, acting())
            REASONED[move](row, reason=form.reason.data or "", by=acting(), at=clock.now())
    except ForbiddenError as error:
        status = show_beside(form, error)
        return _page(queries.appraisal(code, acting()), **{move: form}), status
    flash(_("The decision is recorded and the base can read its reason."), "good")
    return redirect(url_for("performance.appraisal", code=code))


@bp.post("/bases/<code>/rectify")
@requires(Permission.REPORT)
def rectify(code: str) -> Answer:
    """Report the rectification of a failed base."""
    form = RectificationForm()
    if not form.validate():
        return _page(queries.appraisal(code, acting()), rectify=form), 422
    try:
        with unit_of_work():
            row = queries.appraisal(code, acting())
            services.rectify(row, report=form.report.data or "", by=acting(), at=clock.now())
    except ForbiddenError as error:
        status = show_beside(form, error)
        return _page(queries.appraisal(code, acting()), rectify=form), status
    flash(_("The rectification is with the authority."), "good")
    return redirect(url_for("performance.appraisal", code=code))


@bp.get("/bases/<code>/report")
@requires(Permission.REPORT)
def report(code: str) -> str:
    """Show the self-report of one's base."""
    row = queries.appraisal(code, acting())
    return _report(row, report_form(queries.params(row.cycle).reported, row.answers, posted=False))


def _report(row: BaseAppraisal, form: FlaskForm) -> str:
    params = queries.params(row.cycle)
    groups = [(one, form[value_field(one.code)], form[file_field(one.code)]) for one in params.reported]
    return render_template(
        "performance/report.html", row=row, form=form, groups=groups, proved=queries.files_of(row), **LABELS
    )


@bp.post("/bases/<code>/report")
@requires(Permission.REPORT)
def keep(code: str) -> Answer:
    """Keep the self-report as a draft and, where asked, submit it."""
    row = queries.appraisal(code, acting())
    reported = queries.params(row.cycle).reported
    form = report_form(reported, row.answers, posted=True)
    if not form.validate():
        return _report(row, form), 422
    wrong = _kept(code, form, reported)
    if not wrong and request.form.get("act") == "submit":
        wrong = _submitted(code, form)
    if wrong:
        return _report(queries.appraisal(code, acting()), form), wrong
    if request.form.get("act") == "submit":
        flash(_("The self-report is with the local authority."), "good")
        return redirect(url_for("performance.appraisal", code=code))
    flash(_("The draft is kept."), "good")
    return redirect(url_for("performance.report", code=code))


def _kept(code: str, form: FlaskForm, reported: tuple[indicators.Measured, ...]) -> int:
    """Keep what was typed and the files that came; return the status of a refusal, 0 where all was kept."""
    with unit_of_work():
        services.keep(queries.appraisal(code, acting()), typed(form, reported), by=acting())
    status = 0
    for one in reported:
        field = form[file_field(one.code)]
        if not field.data:
            continue
        try:
            data = files.read_limited(field.data.stream, FILE_LIMIT)
            with unit_of_work():
                row = queries.appraisal(code, acting())
                services.attach(row, one.code, data, name=field.data.filename or "", by=acting(), at=clock.now())
        except DomainError as error:
            field.errors = [str(error)]
            status = error.status
    return status


def _submitted(code: str, form: FlaskForm) -> int:
    """Submit; return the status of a refusal with its sentences beside the fields."""
    try:
        with unit_of_work():
            services.submit(queries.appraisal(code, acting()), by=acting(), at=clock.now())
    except ReportError as error:
        for indicator, sentence in error.wrong.items():
            form[value_field(indicator)].errors = [str(sentence)]
        return error.status
    except ForbiddenError as error:
        return show_beside(form, error)
    return 0


@bp.get("/bases/<code>/files/<indicator>")
@requires(Permission.VIEW)
def file(code: str, indicator: str) -> Response:
    """Send a file of a self-report to those who see the appraisal."""
    found = queries.file(queries.appraisal(code, acting()), indicator)
    suffix = {"application/pdf": "pdf", "image/png": "png"}.get(found.file.media_type, "jpg")
    head = {"Content-Disposition": f'attachment; filename="{indicator}.{suffix}"'}
    return Response(files.load(found.file), mimetype=found.file.media_type, headers=head)

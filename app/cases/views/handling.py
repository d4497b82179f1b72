"""The officer's list of cases, and what the authority does with one."""

from collections.abc import Callable

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.cases import services
from app.cases.access import Permission
from app.cases.forms import DecisionForm, DeskForm, ReasonForm
from app.cases.models import Case
from app.cases.queries import cases as queries
from app.cases.queries import kinds
from app.cases.queries.cases import Wanted
from app.cases.services.charge import check_decides
from app.cases.states import INSTANCE_LABELS, STATE_LABELS, Outcome
from app.cases.views.blueprint import Answer, bp
from app.cases.views.records import FORMS, page
from app.core import clock, events
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError, NotFoundError
from app.core.events import Subject
from app.core.spreadsheets import to_csv
from app.core.text import _, _l, pick
from app.web import navigation
from app.web.downloads import CSV, sent
from app.web.refusals import show_beside

ACTS: dict[str, Callable[..., None]] = {
    "decline": lambda case, reason, **who: services.decline(case, reasons=reason, **who),
    "ask": lambda case, reason, **who: services.ask_for_materials(case, what=reason, **who),
    "resume": lambda case, reason, **who: services.resume(case, reason=reason, **who),
}


@bp.get("/cases/desk")
@requires(Permission.HANDLE)
def desk() -> str:
    """List the cases in the charge of one's authority."""
    form = _desk_form()
    page = queries.desk(acting(), _wanted(), on=clock.today(), page=request.args.get("page", 1, type=int))
    return render_template(
        "cases/desk.html",
        form=form,
        page=page,
        kinds=kinds.case_kinds(),
        running=queries.running,
        today=clock.today(),
    )


def _desk_form() -> DeskForm:
    form = DeskForm(request.args)
    named = [(kind.name, kind.label) for kind in kinds.case_kinds().values()]
    form.kind.choices = [("", _("All kinds")), *named]
    return form


def _wanted() -> Wanted:
    given = request.args
    return Wanted(
        kind=given.get("kind", ""),
        state=given.get("state", ""),
        text=given.get("text", ""),
        overdue=bool(given.get("overdue")),
        sort=given.get("sort", ""),
    )


@bp.post("/cases/desk/export")
@requires(Permission.HANDLE)
def export() -> FileResponse:
    """Send the list as CSV; the export is an event."""
    with unit_of_work():
        subject = Subject("person", acting().person_code)
        events.record("cases.exported", subject, by=acting(), at=clock.now(), data={"of": "cases"})
    rows = queries.export(acting(), _wanted(), on=clock.today())
    heads = (_("Case number"), _("Kind"), _("Instance"), _("About"), _("State"), _("Raised on"), _("Due on"))
    return sent(to_csv([[str(head) for head in heads], *(_line(row) for row in rows)]), "cases.csv", CSV)


def _line(row: Case) -> list[str]:
    running = queries.running(row, clock.today())
    return [
        str(row.number),
        str(kinds.case_kind(row.kind).label),
        str(INSTANCE_LABELS[row.instance]),
        pick(row.about_zh, row.about_en),
        str(STATE_LABELS[row.state]),
        clock.day_of(row.raised_at).isoformat() if row.raised_at else "",
        running.due.isoformat() if running else "",
    ]


@bp.post("/cases/<code>/accept")
@requires(Permission.HANDLE)
def accept(code: str) -> Response:
    """Accept a case."""
    with unit_of_work():
        services.accept(queries.handled_case(code, acting()), by=acting(), at=clock.now())
    flash(_("Accepted. The clock of the decision runs."), "good")
    return redirect(url_for("cases.case", code=code))


@bp.post("/cases/<code>/act/<act>")
@requires(Permission.HANDLE)
def act(code: str, act: str) -> Answer:
    """Decline a case, ask for materials, or go on without them."""
    if act not in ACTS:
        raise NotFoundError(_l("There is no such act."))
    form = FORMS[act](prefix=act)
    if not form.validate():
        return page(queries.handled_case(code, acting()), author="", **{act: form}), 422
    try:
        with unit_of_work():
            found = queries.handled_case(code, acting())
            ACTS[act](found, form.reason.data or "", by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return page(queries.handled_case(code, acting()), author="", **{act: form}), status
    flash(_("Recorded. The parties are told."), "good")
    return redirect(url_for("cases.case", code=code))


@bp.get("/cases/<code>/decide")
@requires(Permission.HANDLE)
def decision(code: str) -> str:
    """Show the form of the decision to whom the law lets decide."""
    found = queries.handled_case(code, acting())
    check_decides(found, acting())
    return _decision_page(found, DecisionForm(formdata=None))


def _decision_page(found: Case, form: DecisionForm) -> str:
    navigation.lies_under("cases.desk")
    return render_template(
        "cases/decide.html", case=found, kind=kinds.case_kind(found.kind), form=form, files=queries.files_of(found)
    )


@bp.post("/cases/<code>/decide")
@requires(Permission.HANDLE)
def decide(code: str) -> Answer:
    """Decide a case with reasons."""
    form = DecisionForm()
    found = queries.handled_case(code, acting())
    if not form.validate():
        return _decision_page(found, form), 422
    try:
        with unit_of_work():
            services.decide(
                queries.handled_case(code, acting()),
                upheld=form.outcome.data == Outcome.UPHELD,
                reasons=form.reason.data or "",
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        status = show_beside(form, error)
        return _decision_page(queries.handled_case(code, acting()), form), status
    flash(_("Decided. The parties are told, with the reasons."), "good")
    return redirect(url_for("cases.case", code=code))


@bp.post("/cases/<code>/author")
@requires(Permission.HANDLE)
def reveal(code: str) -> Answer:
    """Show the handling officer who raised a protected case, for a reason that is recorded."""
    form = ReasonForm(prefix="reveal")
    if not form.validate():
        return page(queries.handled_case(code, acting()), reveal=form), 422
    with unit_of_work():
        found = queries.handled_case(code, acting())
        author = services.reveal_author(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    return page(queries.handled_case(code, acting()), author=author)

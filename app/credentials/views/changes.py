"""Pages of changes of many certificates: chosen or given in a file, checked, proposed, approved, watched."""

from collections.abc import Callable, Iterable
from hashlib import sha256

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.queries import names_of
from app.core import clock, files
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError, NotFoundError
from app.core.text import _, _l
from app.credentials import queries, wording_changes
from app.credentials.access import Permission
from app.credentials.forms import RejectForm
from app.credentials.forms.changes import REASONS_OF, ActForm, ChangeFileForm, ChangeForm, IssuedForm
from app.credentials.queries import changes
from app.credentials.queries import issued as listing
from app.credentials.rules import change_file
from app.credentials.rules.change_file import Given
from app.credentials.rules.templates import end_of
from app.credentials.services import bulk
from app.credentials.services.bulk import CHECK_JOB, RUN_JOB, Order
from app.credentials.states import Act, ChangeState
from app.credentials.views.blueprint import bp
from app.credentials.views.issued import ends, wanted_of
from app.credentials.views.looks import shown
from app.desk.queries import timeline_entries
from app.web import downloads

Answer = str | BaseResponse | tuple[str, int]
FILE_LIMIT = 8 * files.MEGABYTE


@bp.get("/issuing/changes")
@requires(Permission.BULK)
def bulk_changes() -> str:
    """List the changes of many certificates of the body."""
    return render_template(
        "credentials/changes.html",
        changes=changes.bulk_changes(queries.body_of(acting()).id),
        acts=wording_changes.ACTS,
        states=wording_changes.CHANGE_STATES,
    )


def _act() -> Act:
    given = request.values.get("act", "")
    if given not in set(Act):
        raise NotFoundError(_l("There is no such act on certificates."))
    return Act(given)


def _chosen() -> tuple[list[str], int]:
    """Return the codes of what was ticked, or of everything that the filter of the list matches, and how many."""
    body, at = queries.body_of(acting()), clock.now()
    if request.values.get("every"):
        codes = listing.codes(body.id, wanted_of(IssuedForm(request.values)), at=at)
    else:
        codes = [code[:64] for code in request.values.getlist("code")]
    return codes, len(codes)


@bp.get("/issuing/changes/new")
@requires(Permission.BULK)
def new_change() -> str:
    """Show what would be done to the chosen certificates, and ask for the reason."""
    return _new_page(ChangeForm(_act(), formdata=None))


def _new_page(form: ChangeForm) -> str:
    _codes, count = _chosen()
    kept = [(name, value) for name, value in request.values.items(multi=True) if name in KEPT]
    return render_template(
        "credentials/change_new.html", form=form, act=wording_changes.ACTS[_act()], count=count, kept=kept
    )


KEPT = frozenset({"act", "code", "every", "text", "standing", "kind", "level", "since", "to"})
"""What a choice on the list is made of."""


@bp.post("/issuing/changes/new")
@requires(Permission.BULK)
def stage_change() -> Answer:
    """Stage the chosen certificates; nothing changes yet."""
    act = _act()
    form = ChangeForm(act)
    if not form.validate():
        return _new_page(form), 422
    codes, _count = _chosen()
    try:
        return _staged(_order(act, form), ((line, code, "") for line, code in enumerate(codes, start=1)))
    except DomainError as error:
        return _beside(form, error, _new_page)


def _order(act: Act, form: ChangeForm) -> Order:
    # A form of another act has not every field
    return Order(act, form.reason.data or None, end_of(form.data.get("until")), form.data.get("note") or "")


def _staged(order: Order, rows: Iterable[Given], **given: str) -> BaseResponse:
    with unit_of_work():
        body = queries.body_of(acting())
        change = bulk.stage(body, order, rows, by=acting(), at=clock.now(), **given)
    return redirect(url_for("credentials.bulk_change", code=change.code))


def _beside(form: ChangeForm, error: DomainError, page: Callable[[ChangeForm], str]) -> Answer:
    """Show a refusal beside its field, or above the form where it has none."""
    if error.field and error.field in form:
        form[error.field].errors = [str(error)]
    else:
        form.form_errors = [str(error)]
    return page(form), error.status


@bp.get("/issuing/changes/file")
@requires(Permission.BULK)
def change_file_upload() -> str:
    """Show the upload of a list for an act."""
    return _upload_page(ChangeFileForm(_act(), formdata=None))


def _upload_page(form: ChangeForm) -> str:
    act = _act()
    return render_template(
        "credentials/change_upload.html",
        form=form,
        act=act,
        title=wording_changes.ACTS[act],
        choice=ActForm(request.args),
        reasons=list(REASONS_OF[act].values()),
    )


@bp.post("/issuing/changes/file")
@requires(Permission.BULK)
def stage_file() -> Answer:
    """Stage an uploaded list; nothing changes yet."""
    act = _act()
    form = ChangeFileForm(act)
    if not form.validate():
        return _upload_page(form), 422
    try:
        data = files.read_limited(form.file.data.stream, FILE_LIMIT)
        codes = wording_changes.reason_codes(REASONS_OF[act])
        rows = [
            (line, reference, codes.get(wording_changes.plain(reason), reason))
            for line, reference, reason in change_file.read(data)
        ]
        name = (form.file.data.filename or "")[:200]
        return _staged(_order(act, form), rows, file_name=name, digest=sha256(data).hexdigest())
    except DomainError as error:
        return _beside(form, error, _upload_page)


@bp.get("/issuing/changes/template.xlsx")
@requires(Permission.BULK)
def change_template() -> Response:
    """Send an empty list with its headings."""
    head = [change_file.HEADINGS[change_file.REFERENCE][0], change_file.HEADINGS[change_file.REASON][0]]
    title = _("List of certificates")
    return downloads.template(head, title, "xlsx")


@bp.get("/issuing/changes/<code>")
@requires(Permission.BULK)
def bulk_change(code: str) -> str:
    """Show a change of many certificates: each row, what stands against it, how far it is, what may be done."""
    return _change_page(code, RejectForm())


def _change_page(code: str, form: RejectForm) -> str:
    found = changes.bulk_change(code, acting())
    only_bad = request.args.get("show") == "bad"
    page = changes.row_page(found.id, only_bad=only_bad, page=request.args.get("page", 1, type=int))
    shown((one.certificate.person_id for one in page.rows if one.certificate), bulk.subject(found))
    kind = CHECK_JOB if found.state is ChangeState.CHECKING else RUN_JOB
    return render_template(
        "credentials/change.html",
        change=found,
        form=form,
        title=wording_changes.ACTS[found.act],
        state=wording_changes.CHANGE_STATES[found.state],
        reasons=REASONS_OF[found.act],
        problems=wording_changes.PROBLEMS,
        names=names_of([found.prepared_by_id, found.approved_by_id]),
        mine=found.prepared_by_id == acting().person_id,
        only_bad=only_bad,
        page=page,
        job=changes.job_of_change(kind, found),
        entries=timeline_entries(bulk.subject(found)),
        ends=ends,
    )


@bp.get("/issuing/changes/<code>/problems.xlsx")
@requires(Permission.BULK)
def change_problems(code: str) -> Response:
    """Send the rows with problems and what to do about each."""
    found = changes.bulk_change(code, acting())
    head = [_("Row"), _("Number or link"), _("What to do")]
    rows = [
        [str(row.line), row.reference, str(wording_changes.PROBLEMS[row.problem or row.skipped_for or "unknown"])]
        for row in changes.bad_rows(found.id)
    ]
    title = _("Rows with problems")
    return downloads.table([head, *rows], title, "xlsx")


@bp.post("/issuing/changes/<code>/propose")
@requires(Permission.BULK)
def propose_change(code: str) -> BaseResponse:
    """Put a checked change before a second person: every row, or the good ones only."""
    only_good = request.form.get("rows") == "good"
    with unit_of_work():
        bulk.propose(changes.bulk_change(code, acting()), only_good=only_good, by=acting(), at=clock.now())
    flash(_("Proposed. Another issuer of your body approves it before anything changes."), "good")
    return redirect(url_for("credentials.bulk_change", code=code))


@bp.post("/issuing/changes/<code>/approve")
@requires(Permission.BULK)
def approve_change(code: str) -> BaseResponse:
    """Approve a change that somebody else prepared, and start carrying it out."""
    with unit_of_work():
        bulk.approve(changes.bulk_change(code, acting()), by=acting(), at=clock.now())
    flash(_("Approved. The change is being carried out; this page shows how far, and you may leave it."), "good")
    return redirect(url_for("credentials.bulk_change", code=code))


@bp.post("/issuing/changes/<code>/reject")
@requires(Permission.BULK)
def reject_change(code: str) -> Answer:
    """Reject a change with a reason; no certificate changes."""
    form = RejectForm()
    if not form.validate():
        return _change_page(code, form), 422
    with unit_of_work():
        bulk.reject(changes.bulk_change(code, acting()), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Rejected. No certificate was changed."), "good")
    return redirect(url_for("credentials.bulk_change", code=code))


@bp.post("/issuing/changes/<code>/discard")
@requires(Permission.BULK)
def discard_change(code: str) -> BaseResponse:
    """Discard a change that nobody approved."""
    with unit_of_work():
        bulk.discard(changes.bulk_change(code, acting()), by=acting(), at=clock.now())
    flash(_("Discarded. No certificate was changed."), "good")
    return redirect(url_for("credentials.bulk_changes"))

"""Pages of issuers: what waits, batches, the certificates of the body, revocation."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.queries import names_of
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import InvalidError
from app.core.text import _, _l, _n
from app.credentials import queries, services, wording
from app.credentials.access import Permission
from app.credentials.forms import ApproveForm, PrepareForm, RejectForm
from app.credentials.models import Batch
from app.credentials.queries import steps as reads
from app.credentials.queries.seals import levels_of
from app.credentials.services.batches import subject as batch_subject
from app.credentials.states import BatchState, CertificateKind
from app.credentials.views.blueprint import bp
from app.credentials.views.looks import WAITING, shown
from app.credentials.wording_keys import FILES_AT
from app.desk.queries import timeline_entries
from app.web.formats import number
from app.web.refusals import show_beside

Answer = str | Response | tuple[str, int]


@bp.get("/issuing")
@requires(Permission.PREPARE)
def desk() -> str:
    """Show what waits to be certified, and the latest batches."""
    body = queries.body_of(acting())
    kinds = reads.waiting_kinds(body.id)
    waiting = reads.waiting_page(body.id, request.args.get("page", 1, type=int))
    taken_back = reads.taken_back(body.id)
    shown((one.person_id for one in (*waiting.rows, *taken_back)), WAITING)
    return render_template(
        "credentials/issuing.html",
        body=body,
        waiting=waiting,
        kinds=[kind for kind in CertificateKind if kind in kinds],
        counts=kinds,
        found_at=wording.findings_of,
        batches=queries.batches(body.id),
        taken_back=taken_back,
        labels=wording.KINDS,
        about=wording.about,
        states=wording.BATCH_STATES,
    )


@bp.post("/issuing/batches")
@requires(Permission.PREPARE)
def prepare() -> Response:
    """Gather the open requests of a kind into a batch and lint them."""
    form = PrepareForm()
    if not form.validate():
        raise InvalidError(_l("Choose the kind of certificate to prepare."))
    with unit_of_work():
        body, kind, at = queries.body_of(acting()), CertificateKind(form.kind.data), clock.now()
        batch = services.prepare_batch(body, kind=kind, by=acting(), at=at)
        services.lint_batch(batch, by=acting(), at=at)
    if batch.linted_at is None:
        flash(_("The batch is prepared and is being checked. This page shows how far."), "good")
    else:
        flash(_("The batch is prepared. Another issuer of your body approves it."), "good")
    return redirect(url_for("credentials.batch", code=batch.code))


@bp.get("/issuing/batches/<code>")
@requires(Permission.PREPARE)
def batch(code: str) -> str:
    """Show one batch: what is in it, what lint found, how far it is issued."""
    return _batch_page(queries.batch(code, acting()))


def _batch_page(found: Batch, *, form: RejectForm | None = None, approving: ApproveForm | None = None) -> str:
    digest = (found.digest or b"").hex()
    only_faults = bool(found.faults) and request.args.get("show") != "all"
    page = reads.request_page(found.id, request.args.get("page", 1, type=int), only_faults=only_faults)
    closed = reads.closed_in(found.id) if found.left_out else []
    shown((one.person_id for one in (*page.rows, *closed)), batch_subject(found))
    job = queries.job_of(found) if found.state is BatchState.APPROVED else None
    levels = levels_of(found.id) if found.state is BatchState.ISSUED else {}
    return render_template(
        "credentials/batch.html",
        batch=found,
        form=form or RejectForm(),
        approving=approving or ApproveForm(digest=digest),
        state=wording.BATCH_STATES[found.state],
        labels=wording.KINDS,
        about=wording.about,
        found_at=wording.findings_of,
        only_faults=only_faults,
        names=names_of([found.prepared_by_id, found.approved_by_id]),
        page=page,
        certificates=reads.certificates_for(page.rows) if found.approved_at else {},
        closed=closed,
        levels=levels,
        sealed=[(FILES_AT[level], number(count), "number") for level, count in levels.items()],
        reasons=wording.REASONS,
        job=job,
        steps=wording.steps_of(job),
        linting=reads.job_with(reads.lint_key(found.code)) if found.linted_at is None else None,
        digest=digest,
        mine=found.prepared_by_id == acting().person_id,
        entries=timeline_entries(batch_subject(found)),
    )


@bp.post("/issuing/batches/<code>/leave-out")
@requires(Permission.PREPARE)
def leave_out(code: str) -> Response:
    """Let the rows with faults wait for another batch."""
    with unit_of_work():
        count = services.leave_out_faults(queries.batch(code, acting()), by=acting(), at=clock.now())
    flash(_n("%(num)s row was left out and waits.", "%(num)s rows were left out and wait.", count), "good")
    return redirect(url_for("credentials.batch", code=code))


@bp.post("/issuing/batches/<code>/approve")
@requires(Permission.APPROVE)
def approve(code: str) -> Answer:
    """Approve a batch prepared by somebody else and start issuing it."""
    form = ApproveForm()
    seen, vouched = form.digest.data, form.vouched.data
    try:
        with unit_of_work():
            found = queries.batch(code, acting())
            services.approve_batch(found, seen=seen, vouched=vouched, by=acting(), at=clock.now())
    except InvalidError as error:
        if error.field is None:
            raise
        status = show_beside(form, error)
        return _batch_page(queries.batch(code, acting()), approving=form), status
    flash(_("Approved. The certificates are being issued; this page shows how far."), "good")
    return redirect(url_for("credentials.batch", code=code))


@bp.post("/issuing/batches/<code>/reject")
@requires(Permission.APPROVE)
def reject(code: str) -> Answer:
    """Reject a batch with a reason; its requests wait again."""
    form = RejectForm()
    if not form.validate():
        return _batch_page(queries.batch(code, acting()), form=form), 422
    with unit_of_work():
        services.reject_batch(queries.batch(code, acting()), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Rejected. The requests wait for the next batch."), "good")
    return redirect(url_for("credentials.desk"))

"""Pages of issuers about what was issued: the list with its filters and files, one certificate and every act on it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.queries import names_of
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.credentials import queries, services, verification, wording, wording_changes, wording_renewals
from app.credentials.access import Permission
from app.credentials.forms import RevokeForm
from app.credentials.forms.changes import DeclineForm, IssuedForm, ReinstateForm, ReissueForm, SuspendForm
from app.credentials.models import Certificate
from app.credentials.queries import changes
from app.credentials.queries import issued as listing
from app.credentials.queries.issued import LATEST, Wanted
from app.credentials.queries.seals import unproven
from app.credentials.rules.templates import end_of
from app.credentials.services import renewals, succession
from app.credentials.services.issuing import subject
from app.credentials.states import (
    OF_ROOMS,
    STANDING,
    TAKES_ALONG,
    CertificateState,
    ReissueReason,
    RequestState,
    RevocationReason,
    SuspensionReason,
)
from app.credentials.views.blueprint import bp
from app.credentials.views.looks import ISSUED, shown
from app.credentials.wording_changes import FOLLOWED, REISSUE_REASONS, REQUEST_STATES, SUCCESSIONS
from app.credentials.wording_keys import seal_words
from app.desk.queries import timeline_entries
from app.web import downloads
from app.web.formats import day

Answer = str | BaseResponse | tuple[str, int]
Act = Callable[[Certificate], object]


def wanted_of(form: IssuedForm) -> Wanted:
    """Return what a filter looks for; a day that is none is left out."""
    valid = form.validate()
    return Wanted(
        text=(form.text.data or "").strip(),
        standing=form.standing.data or "",
        kind=form.kind.data or "",
        level=form.level.data or "",
        since=form.since.data if valid or not form.since.errors else None,
        until=form.to.data if valid or not form.to.errors else None,
        sort=request.args.get("sort", LATEST),
    )


@bp.get("/issuing/certificates")
@requires(Permission.REVOKE)
def issued() -> str:
    """List what the body issued."""
    form, at = IssuedForm(request.args), clock.now()
    number = request.args.get("page", 1, type=int)
    page = listing.issued(queries.body_of(acting()).id, wanted_of(form), at=at, page=number)
    shown((one.person_id for one in page.rows), ISSUED)
    return render_template(
        "credentials/issued.html",
        page=page,
        form=form,
        labels=wording.KINDS,
        about=wording.about,
        standings=wording.STANDINGS,
        standing={one.id: verification.standing(one, at) for one in page.rows},
        acts=wording_changes.ACTS,
        hidden={name: value for name, value in request.args.items() if name not in {"page", "code"}},
        last_day=last_day,
    )


def last_day(certificate: Certificate) -> str:
    """Return the last valid day of a certificate in words: its validity ends at the first instant of the next."""
    return day(certificate.valid_until - timedelta(seconds=1)) if certificate.valid_until else _("No end")


def ends(until: datetime | None) -> str:
    """Return the last day of a suspension in words: it ends at the first instant of the next."""
    return day(until - timedelta(seconds=1)) if until else _("No day set")


@bp.get("/issuing/certificates.csv")
@requires(Permission.REVOKE)
def issued_csv() -> Response:
    """Send everything that is looked for as csv."""
    return downloads.table(_table(), _("Issued certificates"), "csv")


@bp.get("/issuing/certificates.xlsx")
@requires(Permission.REVOKE)
def issued_xlsx() -> Response:
    """Send everything that is looked for as a workbook."""
    return downloads.table(_table(), _("Issued certificates"), "xlsx")


def _table() -> list[list[str]]:
    at = clock.now()
    rows = list(listing.every(queries.body_of(acting()).id, wanted_of(IssuedForm(request.args)), at=at))
    shown((one.person_id for one in rows), ISSUED)
    return [wording_changes.file_head(), *(wording_changes.file_row(row, at) for row in rows)]


@bp.get("/issuing/certificates/<code>")
@requires(Permission.REVOKE)
def issued_one(code: str) -> str:
    """Show one issued certificate, what may be done with it, what follows it, and what happened."""
    return _page(code)


def _page(code: str, **forms: object) -> str:
    at, found = clock.now(), queries.own_certificate(code, acting())
    shown([found.person_id], subject(found))
    suspensions = changes.suspensions_of(found.id)
    suspending = {one.suspended_by_id: one.suspended_by.name for one in suspensions}
    given = {
        "form": RevokeForm(),
        "suspend_form": SuspendForm(prefix="suspend"),
        "reinstate_form": ReinstateForm(prefix="reinstate"),
        "reissue_form": ReissueForm(prefix="reissue"),
        "decline_form": DeclineForm(prefix="decline"),
        **forms,
    }
    return render_template(
        "credentials/issued_one.html",
        record=found,
        standing=wording.STANDINGS[verification.standing(found, at)],
        labels=wording.KINDS,
        about=wording.about,
        reasons=wording.REASONS,
        seal=seal_words(found),
        unproven=unproven(found),
        suspension_reasons=wording.SUSPENSION_REASONS,
        reissue_reasons=REISSUE_REASONS,
        successions=SUCCESSIONS,
        suspensions=suspensions,
        of_rooms=OF_ROOMS,
        mine=found.suspended_by_id == acting().person_id,
        expired=found.expired(at),
        **chain_of(found),
        renewal=renewal_of(found) if found.state is CertificateState.PUBLISHED else {},
        name_differs=succession.name_differs(found),
        names=suspending | names_of([found.revoked_by_id]),
        entries=timeline_entries(subject(found)),
        last_day=last_day,
        ends=ends,
        **given,
    )


def chain_of(found: Certificate) -> dict[str, object]:
    """Return what a certificate follows, what follows it, the request for that and its state, and whether one may ask.

    A request stays in its batch once its certificate is published: then it is said as issued.
    """
    asked = changes.successor_requests([found.id]).get(found.id)
    follower = None if asked is None else changes.follower(found)
    over = asked is None or asked.state in changes.OVER
    state = None if asked is None else RequestState.WITHDRAWN if asked.withdrawn_at else asked.state
    return {
        "former": changes.former(found),
        "follower": follower,
        "successor": asked,
        "request_state": state and (FOLLOWED if follower and not over else REQUEST_STATES[state]),
        "may_ask": over,
    }


def renewal_of(found: Certificate) -> dict[str, object]:
    """Return the period of a renewal asked for now, or why it is not renewed, with the verdict line by line."""
    try:
        considered = renewals.consider(found, clock.now())
    except DomainError as error:
        return {"withheld": str(error)}
    verdict = None if considered.verdict is None else wording_renewals.shown(considered.verdict)
    try:
        period = considered.granted()
    except DomainError as error:
        return {"withheld": str(error), "verdict": verdict}
    return {"first": period.first, "last": period.last, "verdict": verdict}


def _done(code: str, act: Act, said: str) -> BaseResponse:
    with unit_of_work():
        act(queries.own_certificate(code, acting()))
    flash(said, "good")
    return redirect(url_for("credentials.issued_one", code=code))


@bp.post("/issuing/certificates/<code>/revoke")
@requires(Permission.REVOKE)
def revoke(code: str) -> Answer:
    """Revoke a certificate for one of the closed reasons."""
    form = RevokeForm()
    if not form.validate():
        return _page(code, form=form), 422
    reason, note = RevocationReason(form.reason.data), form.note.data or ""
    renewal = changes.follower(queries.own_certificate(code, acting()))
    if renewal is not None and renewal.state in STANDING and "confirmed" not in request.form:
        return _confirm_page(code, form, reason, renewal)
    return _done(
        code,
        lambda found: services.revoke(found, reason=reason, note=note, by=acting(), at=clock.now()),
        _("Revoked. Every check of the certificate says so from now on."),
    )


def _confirm_page(code: str, form: RevokeForm, reason: RevocationReason, renewal: Certificate) -> str:
    """Say what a revocation takes along before it is done: the renewal, or not, by the reason that was chosen."""
    return render_template(
        "credentials/revoke_confirm.html",
        record=queries.own_certificate(code, acting()),
        renewal=renewal,
        form=form,
        reason=wording.REASONS[reason],
        along=TAKES_ALONG[reason],
        table=[(wording.REASONS[one], along) for one, along in TAKES_ALONG.items()],
        last_day=last_day,
    )


@bp.post("/issuing/certificates/<code>/suspend")
@requires(Permission.SUSPEND)
def suspend(code: str) -> Answer:
    """Suspend a certificate for one of the closed reasons, until a day or until somebody reinstates it."""
    form = SuspendForm(prefix="suspend")
    if not form.validate():
        return _page(code, suspend_form=form), 422
    reason, note, until = SuspensionReason(form.reason.data), form.note.data or "", end_of(form.until.data)
    try:
        return _done(
            code,
            lambda found: services.suspend(found, reason=reason, until=until, note=note, by=acting(), at=clock.now()),
            _("Suspended. Every check of the certificate says so from now on."),
        )
    except DomainError as error:
        if error.field is None:
            raise
        form[error.field].errors = [str(error)]
        return _page(code, suspend_form=form), error.status


@bp.post("/issuing/certificates/<code>/reinstate")
@requires(Permission.SUSPEND)
def reinstate(code: str) -> Answer:
    """Let a certificate count again that another issuer suspended."""
    form = ReinstateForm(prefix="reinstate")
    if not form.validate():
        return _page(code, reinstate_form=form), 422
    reason = form.reason.data or ""
    return _done(
        code,
        lambda found: services.reinstate(found, reason=reason, by=acting(), at=clock.now()),
        _("Reinstated. The certificate counts again."),
    )


@bp.post("/issuing/certificates/<code>/reissue")
@requires(Permission.REISSUE)
def reissue(code: str) -> Answer:
    """Ask that a certificate be made anew for the rest of its period."""
    form = ReissueForm(prefix="reissue")
    if not form.validate():
        return _page(code, reissue_form=form), 422
    because = ReissueReason(form.because.data)
    corrected = {"hours": str(form.hours.data)} if form.hours.data is not None else {}
    return _done(
        code,
        lambda found: services.ask_reissue(found, because=because, corrected=corrected, by=acting(), at=clock.now()),
        _("Asked for. Prepare it in the next batch; another issuer approves it."),
    )


@bp.post("/issuing/certificates/<code>/renew")
@requires(Permission.REISSUE)
def renew(code: str) -> Answer:
    """Ask that a certificate be followed by one of the next period."""
    return _done(
        code,
        lambda found: services.ask_renewal(found, by=acting(), at=clock.now()),
        _("Asked for. Prepare it in the next batch; another issuer approves it."),
    )


@bp.post("/issuing/requests/<code>/decline")
@requires(Permission.REISSUE)
def decline_request(code: str) -> Answer:
    """Decline to make a certificate anew, with the reason its holder reads."""
    form, found = DeclineForm(prefix="decline"), changes.request_of_body(code, acting())
    former = changes.former_of(found)
    if not form.validate():
        return _page(former, decline_form=form), 422
    with unit_of_work():
        services.decline(
            changes.request_of_body(code, acting()), reason=form.reason.data or "", by=acting(), at=clock.now()
        )
    flash(_("Declined. The holder reads the reason."), "good")
    return redirect(url_for("credentials.issued_one", code=former))

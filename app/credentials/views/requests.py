"""A request for a certificate as its issuing body sees it, and taking back a row of a request file."""

from datetime import date

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.accounts.queries import names_of
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.text import _
from app.credentials import services, wording, wording_changes
from app.credentials.access import Permission
from app.credentials.forms import TakeBackForm
from app.credentials.queries import changes, steps
from app.credentials.views.blueprint import bp
from app.credentials.views.looks import WAITING, shown


@bp.get("/issuing/requests/<code>")
@requires(Permission.PREPARE)
def issuing_request(code: str) -> str:
    """Show what was asked for and where it stands."""
    return _page(code, TakeBackForm())


def _page(code: str, form: TakeBackForm) -> str:
    found = changes.request_of_body(code, acting())
    shown([found.person_id], WAITING)
    batch = steps.batch_of(found)
    return render_template(
        "credentials/request.html",
        row=found,
        batch=batch,
        valid_from=date.fromisoformat(begins) if (begins := found.fields.get("valid_from")) else None,
        form=form,
        may_take_back=services.may_be_taken_back(found, batch),
        names=names_of([found.requested_by_id, found.declined_by_id]),
        labels=wording.KINDS,
        state=wording_changes.state_of_request(found, batch),
        about=wording.about,
        found_at=wording.findings_of,
    )


@bp.post("/issuing/requests/<code>/take-back")
@requires(Permission.PREPARE)
def take_back_request(code: str) -> Response | str | tuple[str, int]:
    """Take a row of a request file back that nobody decided on yet."""
    form = TakeBackForm()
    changes.request_of_body(code, acting())
    if not form.validate():
        return _page(code, form), 422
    with unit_of_work():
        found = changes.request_of_body(code, acting())
        services.take_back(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Taken back. It is not certified; its source can be asked for again."), "good")
    return redirect(url_for("credentials.issuing_request", code=code))

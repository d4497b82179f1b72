"""The page before a withdrawal: who relies on the record and will decide again."""

from flask import flash, redirect, render_template, url_for

from app.core import clock
from app.core.access import acting, signed_in
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.evidence import services
from app.evidence.access import owns
from app.evidence.forms import ReasonForm
from app.evidence.models import Evidence
from app.evidence.queries import records, uses
from app.evidence.states import KIND_LABELS, LIVE
from app.evidence.views.blueprint import Answer, bp
from app.evidence.views.uses import shown
from app.web.refusals import show_beside


@bp.get("/<code>/withdraw")
@signed_in
def withdrawal(code: str) -> str:
    """Show what a withdrawal undoes, and ask for the reason."""
    return _page(records.record(code, acting()), ReasonForm())


def _page(found: Evidence, form: ReasonForm) -> str:
    return render_template(
        "evidence/withdraw.html",
        record=found,
        label=KIND_LABELS[found.kind],
        uses=shown(uses.standing_uses(found.id), own=owns(acting(), found)),
        open=found.state in LIVE,
        form=form,
    )


@bp.post("/<code>/withdraw")
@signed_in
def withdraw(code: str) -> Answer:
    """Withdraw a record."""
    form = ReasonForm()
    found = records.record(code, acting())
    if not form.validate():
        return _page(found, form), 422
    try:
        with unit_of_work():
            found = records.record(code, acting())
            services.withdraw(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _page(records.record(code, acting()), form), status
    flash(_("The record is withdrawn. What relied on it stands in its history."), "good")
    return redirect(url_for("evidence.record", code=code))

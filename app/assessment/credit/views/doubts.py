"""The second look at a record whose evidence ended: one officer proposes, another agrees or sends it back."""

from flask import flash, redirect, url_for

from app.assessment.credit import services
from app.assessment.credit.access import Permission
from app.assessment.credit.forms import DoubtForm, ReasonForm
from app.assessment.credit.queries import doubts as queries
from app.assessment.credit.states import Proposal
from app.assessment.credit.views.blueprint import Answer, bp
from app.assessment.credit.views.records import record_page
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.text import _


@bp.post("/doubts/<code>/propose")
@requires(Permission.RECORD)
def propose(code: str) -> Answer:
    """Propose that a record be withdrawn or stand."""
    form, (_doubt, found) = DoubtForm(prefix="proposal"), queries.doubt(code, acting())
    if not form.validate():
        return record_page(found, proposal=form), 422
    with unit_of_work():
        services.propose(
            *queries.doubt(code, acting()),
            proposal=Proposal(form.proposal.data),
            findings=form.findings.data or "",
            by=acting(),
            at=clock.now(),
        )
    flash(_("Your proposal waits for a second officer."), "good")
    return redirect(url_for("credit.record", code=found.code))


@bp.post("/doubts/<code>/agree")
@requires(Permission.RECORD)
def agree(code: str) -> Answer:
    """Agree to what was proposed."""
    _doubt, found = queries.doubt(code, acting())
    with unit_of_work():
        services.agree(*queries.doubt(code, acting()), by=acting(), at=clock.now())
    flash(_("Decided. The person was told."), "good")
    return redirect(url_for("credit.record", code=found.code))


@bp.post("/doubts/<code>/return")
@requires(Permission.RECORD)
def send_back(code: str) -> Answer:
    """Not agree to what was proposed, with the reason."""
    form, (_doubt, found) = ReasonForm(prefix="sent_back"), queries.doubt(code, acting())
    if not form.validate():
        return record_page(found, sent_back=form), 422
    with unit_of_work():
        services.send_back(*queries.doubt(code, acting()), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Sent back. Officers look at the record again."), "good")
    return redirect(url_for("credit.record", code=found.code))

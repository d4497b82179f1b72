"""Credit repair: the subject's application and the officer's decision."""

from flask import flash, redirect, render_template, url_for

from app.assessment.credit import services
from app.assessment.credit.access import Permission
from app.assessment.credit.forms import RepairDecisionForm, RepairForm
from app.assessment.credit.models import CreditRecord
from app.assessment.credit.queries import records as queries
from app.assessment.credit.services.repairs import Decision
from app.assessment.credit.views.blueprint import Answer, bp, keep, read_upload
from app.assessment.credit.views.records import record_page
from app.core import clock
from app.core.access import acting, requires, signed_in
from app.core.db import unit_of_work
from app.core.errors import DomainError, NotFoundError
from app.core.text import _, _l
from app.web.refusals import show_beside


@bp.get("/records/<code>/repair")
@signed_in
def repair(code: str) -> str:
    """Show the application for the repair of a record about oneself."""
    return _page(_own(code), RepairForm(formdata=None))


def _own(code: str) -> CreditRecord:
    found = queries.record(code, acting())
    if found.person_id != acting().person_id:
        raise NotFoundError(_l("There is no such credit record of yours."))
    return found


def _page(found: CreditRecord, form: RepairForm) -> str:
    (life,) = queries.lives([found], on=clock.today(), known_at=clock.now())
    return render_template("credit/repair.html", record=found, life=life, form=form, today=clock.today())


@bp.post("/records/<code>/repair")
@signed_in
def ask_for_repair(code: str) -> Answer:
    """Apply for repair."""
    form, found = RepairForm(), _own(code)
    if not form.validate():
        return _page(found, form), 422
    try:
        read = read_upload(form.file.data)
        with unit_of_work():
            services.apply_for_repair(
                _own(code), commitment=form.commitment.data or "", proof=keep(read), by=acting(), at=clock.now()
            )
    except DomainError as error:
        status = show_beside(form, error)
        return _page(_own(code), form), status
    flash(_("Your application is with the credit officers of the region."), "good")
    return redirect(url_for("credit.record", code=code))


@bp.post("/repairs/<code>/decide")
@requires(Permission.RECORD)
def decide_repair(code: str) -> Answer:
    """Decide on an application for repair."""
    form, (_application, found) = RepairDecisionForm(prefix="decision"), queries.repair(code, acting())
    if not form.validate():
        return record_page(found, decision=form), 422
    decision = Decision(form.outcome.data == "grant", bool(form.corrected.data), form.reason.data or "")
    try:
        with unit_of_work():
            services.decide_repair(*queries.repair(code, acting()), decision, by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return record_page(queries.repair(code, acting())[1], decision=form), status
    flash(_("Decided. The person was told."), "good")
    return redirect(url_for("credit.record", code=found.code))

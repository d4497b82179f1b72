"""What the examiners decide on a frozen paper of which an item was retired."""

from flask import flash, redirect, request, url_for

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.parts import ReasonForm
from app.assessment.exams.queries import papers as queries
from app.assessment.exams.services import retired as services
from app.assessment.exams.states import PaperFate
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.paper import paper_page
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError, NotFoundError
from app.core.text import _, _l
from app.web.refusals import show_beside

FATES = {fate.value: fate for fate in PaperFate}


@bp.post("/papers/<code>/doubt")
@requires(Permission.FREEZE)
def decide_doubt(code: str) -> Answer:
    """Keep a frozen paper of which an item was retired, or set it aside."""
    fate = FATES.get(request.form.get("fate", ""))
    found, form = queries.paper(code, acting()), ReasonForm(prefix="doubt")
    if fate is None:
        raise NotFoundError(_l("There is no such act."))
    if not form.validate():
        return paper_page(found, ReasonForm(formdata=None), doubting=form), 422
    try:
        with unit_of_work():
            found = queries.paper(code, acting())
            services.decide(found, fate, reason=form.reason.data or "", by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return paper_page(queries.paper(code, acting()), ReasonForm(formdata=None), doubting=form), status
    kept = fate is PaperFate.KEPT
    flash(
        _("The paper is kept as it is.") if kept else _("The paper is set aside. No session is planned on it."), "good"
    )
    return redirect(url_for("exams.paper", code=code))

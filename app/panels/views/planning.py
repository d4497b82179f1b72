"""The page on which an office plans a panel for cases that wait for experts."""

from flask import flash, redirect, render_template, url_for

from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _, pick
from app.panels.access import Permission
from app.panels.forms.draws import PlanForm
from app.panels.queries import pools
from app.panels.services import offers
from app.panels.views.blueprint import Answer, bp


@bp.get("/panels/new")
@requires(Permission.ORGANISE)
def new_panel() -> str:
    """Show the form that plans a panel."""
    return render_template("panels/panel_new.html", form=_form())


def _form() -> PlanForm:
    form = PlanForm()
    form.pool.choices = [(one.code, pick(one.name_zh, one.name_en)) for one, _count in pools.pools(acting())]
    given = [(one.code, one.given) for one in offers.offered(acting())]
    form.cases.choices = [(code, pick(case.label_zh, case.label_en)) for code, case in given]
    return form


@bp.post("/panels/new")
@requires(Permission.ORGANISE)
def plan_panel() -> Answer:
    """Plan a panel."""
    form = _form()
    if not form.validate():
        return render_template("panels/panel_new.html", form=form), 422
    try:
        with unit_of_work():
            pool = pools.pool(form.pool.data or "", acting())
            made = offers.plan(pool, form.planned(), form.cases.data or [], by=acting(), at=clock.now())
    except DomainError as error:
        form[error.field or "pool"].errors = [str(error)]
        return render_template("panels/panel_new.html", form=form), error.status
    flash(_("Planned. The office and the witnesses commit to secrets now."), "good")
    return redirect(url_for("panels.panel", code=made.code))

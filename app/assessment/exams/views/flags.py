"""Pages of flagged items: what reviewers of the bank see of them, and their decision."""

from flask import flash, redirect, render_template, url_for

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.statistics import FlagForm
from app.assessment.exams.models import ItemFlag
from app.assessment.exams.queries import statistics as queries
from app.assessment.exams.rules.itemreport import FLAG_LABELS
from app.assessment.exams.services import flagged as services
from app.assessment.exams.statistics_states import FLAG_STATE_LABELS
from app.assessment.exams.views import curves
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.files import files_at
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.items.views import reading

LABELS = {"flag_labels": FLAG_LABELS, "labels": FLAG_STATE_LABELS}


@bp.get("/flags/<code>")
@requires(Permission.ITEM_REVIEW)
def flags(code: str) -> str:
    """List the items of a session that its statistics flagged."""
    found = queries.flagged_session(code, acting())
    rows = queries.flag_rows(found, acting())
    return render_template("exams/flags.html", session=found, rows=rows, **LABELS)


@bp.get("/flags/items/<code>")
@requires(Permission.ITEM_REVIEW)
def flag(code: str) -> str:
    """Show one flagged item with its figures."""
    return _page(queries.flag(code, acting()), FlagForm())


def _page(found: ItemFlag, form: FlagForm) -> str:
    row = queries.statistic_of(found)
    chart = curves.options(row.statistic)
    charts = [chart] if chart else []
    asked = reading.shown(row.statistic.version, files_at(found.code, "exams.flag_file"))
    return render_template("exams/flag.html", flag=found, row=row, asked=asked, charts=charts, form=form, **LABELS)


@bp.post("/flags/items/<code>")
@requires(Permission.ITEM_REVIEW)
def decide_flag(code: str) -> Answer:
    """Keep a flagged item, send it back or retire it."""
    form = FlagForm()
    if not form.validate():
        return _page(queries.flag(code, acting()), form), 422
    act = {"keep": services.keep, "revise": services.send_back, "retire": services.retire}[form.decision.data]
    try:
        with unit_of_work():
            found = queries.flag(code, acting())
            act(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    except DomainError as error:
        form.form_errors.append(str(error))
        return _page(queries.flag(code, acting()), form), error.status
    flash(_("Your decision is recorded."), "good")
    return redirect(url_for("exams.flags", code=found.session.code))

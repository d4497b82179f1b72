"""Pages of an expert's own: nominations to answer and the terms served."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import acting, signed_in
from app.core.db import unit_of_work
from app.core.errors import NotFoundError
from app.core.text import _, _l
from app.panels.queries import pools as queries
from app.panels.services import pools as services
from app.panels.states import FIELD_LABELS, TITLE_LABELS
from app.panels.views.blueprint import bp

ANSWERS = {"accept": True, "decline": False}


@bp.get("/my/panels")
@signed_in
def own_entries() -> str:
    """Show a person their own entries in expert pools."""
    return render_template("panels/own.html", entries=queries.own_entries(acting()), today=clock.today())


@bp.get("/my/panels/entries/<code>")
@signed_in
def own_entry(code: str) -> str:
    """Show a person one of their entries, with the answer that is due."""
    found = queries.own_entry(code, acting())
    return render_template(
        "panels/entry.html", expert=found, fields=FIELD_LABELS, titles=TITLE_LABELS, today=clock.today()
    )


@bp.post("/my/panels/entries/<code>/<answer>")
@signed_in
def answer_entry(code: str, answer: str) -> Response:
    """Accept or decline a nomination."""
    if answer not in ANSWERS:
        raise NotFoundError(_l("There is no such answer. Accept or decline."))
    with unit_of_work():
        services.answer(queries.own_entry(code, acting()), willing=ANSWERS[answer], by=acting(), at=clock.now())
    flash(_("Your answer is recorded."), "good")
    return redirect(url_for("panels.own_entry", code=code))

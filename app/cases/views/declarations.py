"""Choosing which body a complaint is about."""

from flask import render_template, request

from app.cases.forms import BodyForm
from app.cases.queries import cases as queries
from app.cases.views.blueprint import bp
from app.core.access import public


@bp.get("/cases/complain")
@public
def complain() -> str:
    """Look up the body that a complaint about a service is about."""
    form = BodyForm(request.args)
    return render_template("cases/complain.html", form=form, bodies=queries.bodies(form.name.data or ""))

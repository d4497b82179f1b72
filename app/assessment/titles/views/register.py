"""The public register of titles."""

from flask import render_template, request

from app.assessment.titles import queries
from app.assessment.titles.forms import SearchForm
from app.assessment.titles.states import WITHDRAWAL_REASONS
from app.assessment.titles.views.blueprint import bp
from app.core.access import public
from app.panels.states import TITLE_LABELS


@bp.get("/register")
@public
def register() -> str:
    """Search the register of titles."""
    form = SearchForm(request.args)
    page = queries.register(text=form.text.data or "", page=request.args.get("page", 1, type=int))
    return render_template(
        "titles/register.html", page=page, names=queries.shown_names(page.rows), form=form, levels=TITLE_LABELS
    )


@bp.get("/register/<number>")
@public
def registered(number: str) -> str:
    """Show one entry of the register."""
    found = queries.registered(number)
    region = queries.region(found.region_code)
    return render_template(
        "titles/registered.html",
        award=found,
        name=queries.shown_names([found])[found.person_id],
        region=region,
        levels=TITLE_LABELS,
        reasons=WITHDRAWAL_REASONS,
    )

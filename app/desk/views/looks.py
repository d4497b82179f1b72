"""The access log: who looked me up, and for the auditor all of a region."""

from flask import render_template, request

from app.core.access import acting, requires, signed_in
from app.desk.access import Permission
from app.desk.forms import LooksFilter
from app.desk.queries import looks as queries
from app.desk.views.blueprint import bp


@bp.get("/me/looks")
@signed_in
def looks() -> str:
    """Show who looked one's own record up, when and for what."""
    form = LooksFilter(request.args)
    page = queries.looks_at_me(acting(), form.wanted, page=request.args.get("page", 1, type=int))
    return render_template("desk/looks.html", page=page, form=form)


@bp.get("/access-log")
@requires(Permission.AUDIT)
def access_log() -> str:
    """Show the looks by those who act within the auditor's region."""
    form = LooksFilter(request.args)
    page = queries.looks_in_scope(acting(), form.wanted, page=request.args.get("page", 1, type=int))
    return render_template("desk/access_log.html", page=page, form=form)

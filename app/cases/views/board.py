"""The public notice board (公示栏): what runs, what has passed, one notice on screen and on paper."""

from flask import flash, redirect, render_template, request, url_for

from app.cases.access import Permission, hears_objections
from app.cases.forms import BoardForm, ReasonForm
from app.cases.models import Publicity
from app.cases.queries import notices as queries
from app.cases.services import publicity
from app.cases.views.blueprint import Answer, bp
from app.core import clock
from app.core.access import acting, current_actor, public, requires
from app.core.db import unit_of_work
from app.core.text import _


@bp.get("/notices")
@public
def board() -> str:
    """List the public notices, or their archive."""
    archive = request.args.get("show") == "archive"
    form = BoardForm(request.args)
    page = queries.board(
        archive=archive,
        on=clock.today(),
        text=form.text.data or "",
        page=request.args.get("page", 1, type=int),
    )
    return render_template("cases/board.html", page=page, archive=archive, form=form)


@bp.get("/notices/<code>")
@public
def public_notice(code: str) -> str:
    """Show one public notice."""
    return _page(queries.publicity(code))


def _page(found: Publicity, form: ReasonForm | None = None) -> str:
    today, actor = clock.today(), current_actor()
    runs = found.revoked_at is None and found.starts_on <= today <= found.ends_on
    hears = hears_objections(actor, found)
    return render_template(
        "cases/public_notice.html",
        notice=found,
        runs=runs,
        objections=queries.objections(found),
        form=(form or ReasonForm(formdata=None)) if runs and hears else None,
    )


@bp.get("/notices/<code>/print")
@public
def print_notice(code: str) -> str:
    """Show a public notice for printing and posting."""
    return render_template("cases/public_print.html", notice=queries.publicity(code))


@bp.post("/notices/<code>/revoke")
@requires(Permission.HANDLE)
def revoke(code: str) -> Answer:
    """Take a notice off the board before its time."""
    found, form = queries.publicity(code), ReasonForm()
    publicity.refuse_others(found, acting())
    if not form.validate():
        return _page(found, form), 422
    with unit_of_work():
        publicity.revoke(queries.publicity(code), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("The notice is off the board. Its page says why."), "good")
    return redirect(url_for("cases.public_notice", code=code))

"""The public notice board (公示栏): what runs, what has passed, one notice on screen and on paper."""

from flask import flash, redirect, render_template, request, url_for

from app.cases.access import Permission, hears_objections
from app.cases.forms import BoardForm, CorrectionForm, PublicReasonForm
from app.cases.models import Publicity
from app.cases.queries import notices as queries
from app.cases.services import publicity
from app.cases.views.blueprint import Answer, bp
from app.core import clock
from app.core.access import acting, current_actor, public, requires
from app.core.db import unit_of_work
from app.core.errors import NotFoundError
from app.core.text import _, _l


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


def _page(
    found: Publicity,
    form: PublicReasonForm | None = None,
    corrected: CorrectionForm | None = None,
    left: PublicReasonForm | None = None,
) -> str:
    today, actor = clock.today(), current_actor()
    runs = found.revoked_at is None and found.starts_on <= today <= found.ends_on
    hears = hears_objections(actor, found)
    later = queries.later(found) if found.revoked_at else None
    corrects = hears and found.revoked_at is not None and later is None
    return render_template(
        "cases/public_notice.html",
        notice=found,
        runs=runs,
        later=later,
        shown=found.revoked_at is None or hears,
        objections=queries.objections(found),
        form=(form or PublicReasonForm(formdata=None)) if runs and hears else None,
        correction=(corrected or CorrectionForm(formdata=None, obj=found)) if corrects else None,
        leaving=(left or PublicReasonForm(formdata=None)) if corrects and found.left_off_at is None else None,
    )


@bp.get("/notices/<code>/print")
@public
def print_notice(code: str) -> str:
    """Show a public notice for printing and posting, unless it was taken off the board."""
    found = queries.publicity(code)
    if found.revoked_at is not None:
        raise NotFoundError(_l("This notice was taken off the board. Its page says why."))
    return render_template("cases/public_print.html", notice=found)


@bp.post("/notices/<code>/revoke")
@requires(Permission.HANDLE)
def revoke(code: str) -> Answer:
    """Take a notice off the board before its time."""
    found, form = queries.publicity(code), PublicReasonForm()
    publicity.refuse_others(found, acting())
    if not form.validate():
        return _page(found, form), 422
    with unit_of_work():
        publicity.revoke(queries.publicity(code), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("The notice is off the board. Its page says why."), "good")
    return redirect(url_for("cases.public_notice", code=code))


@bp.post("/notices/<code>/correct")
@requires(Permission.HANDLE)
def correct(code: str) -> Answer:
    """Open a corrected notice in place of one that was taken off the board."""
    found, form = queries.publicity(code), CorrectionForm()
    publicity.refuse_others(found, acting())
    if not form.validate():
        return _page(found, corrected=form), 422
    said = publicity.Correction(*(form[name].data or "" for name in ("title_zh", "title_en", "body_zh", "body_en")))
    with unit_of_work():
        made = publicity.correct(queries.publicity(code), said, by=acting(), at=clock.now())
    flash(_("The corrected notice is on the board for a whole period."), "good")
    return redirect(url_for("cases.public_notice", code=made.code))


@bp.post("/notices/<code>/leave-off")
@requires(Permission.HANDLE)
def leave_off(code: str) -> Answer:
    """Leave a notice that was taken off the board without a corrected one."""
    found, form = queries.publicity(code), PublicReasonForm()
    publicity.refuse_others(found, acting())
    if not form.validate():
        return _page(found, left=form), 422
    with unit_of_work():
        publicity.leave_off(queries.publicity(code), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("The notice stays off the board, and nobody waits for a corrected one."), "good")
    return redirect(url_for("cases.public_notice", code=code))

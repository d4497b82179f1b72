"""Pages on which the authority ends a body: asked by one of its people, carried out on the word of another."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.accounts.queries import names_of
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.credentials import wording_keys
from app.credentials.access import Permission
from app.credentials.forms.keys import BodyOrderForm
from app.credentials.queries import body_orders as reads
from app.credentials.rules.templates import first_instant
from app.credentials.services import body_orders as services
from app.credentials.states import BodyAct
from app.credentials.views.blueprint import bp
from app.desk.queries import timeline_entries

Answer = str | Response | tuple[str, int]


@bp.get("/issuing/authority/bodies/<slug>/end")
@requires(Permission.DELEGATE)
def ordering(slug: str) -> str:
    """Ask how the authority of a body ends, and why."""
    return _ordering(slug, BodyOrderForm())


def _ordering(slug: str, form: BodyOrderForm) -> str:
    body = reads.body_below(acting(), slug)
    if body.closed_at is not None:
        form.act.choices = [(BodyAct.DISTRUST, wording_keys.BODY_ACTS[BodyAct.DISTRUST])]
    return render_template("credentials/body_end.html", body=body, form=form)


@bp.post("/issuing/authority/bodies/<slug>/end")
@requires(Permission.DELEGATE)
def ask_body_order(slug: str) -> Answer:
    """Ask that the authority of a body end; a second person decides."""
    form = BodyOrderForm()
    reads.body_below(acting(), slug)
    if not form.validate():
        return _ordering(slug, form), 422
    try:
        with unit_of_work():
            order = services.ask(
                reads.body_below(acting(), slug),
                BodyAct(form.act.data),
                reason=form.reason.data or "",
                since=first_instant(form.since.data) if form.since.data else None,
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        form["since" if error.field == "since" else "act"].errors = [str(error)]
        return _ordering(slug, form), error.status
    flash(_("Asked. Another issuer of the authority decides on it."), "good")
    return redirect(url_for("credentials.body_order", code=order.code))


@bp.get("/issuing/authority/orders/<code>")
@requires(Permission.DELEGATE)
def body_order(code: str) -> str:
    """Show an order on a body, what it takes back, and how far that is."""
    order = reads.order_of(acting(), code)
    return render_template(
        "credentials/body_order.html",
        order=order,
        name=wording_keys.BODY_ACT_NAMES[order.act],
        act=wording_keys.BODY_ACTS[order.act],
        state=wording_keys.ORDER_STATES[order.state],
        counts=reads.count_distrusted(order) if order.act is BodyAct.DISTRUST else None,
        job=reads.job_of(order),
        mine=order.asked_by_id == acting().person_id,
        names=names_of([order.asked_by_id, order.decided_by_id]),
        entries=timeline_entries(services.subject(order)),
    )


@bp.post("/issuing/authority/orders/<code>/carry-out")
@requires(Permission.DELEGATE)
def carry_out_body_order(code: str) -> Response:
    """Carry out an order on a body as the second person."""
    with unit_of_work():
        services.carry_out(reads.order_of(acting(), code), by=acting(), at=clock.now())
    flash(_("Carried out. The body issues nothing from now on."), "good")
    return redirect(url_for("credentials.body_order", code=code))


@bp.post("/issuing/authority/orders/<code>/refuse")
@requires(Permission.DELEGATE)
def refuse_body_order(code: str) -> Response:
    """Refuse an order on a body as the second person."""
    with unit_of_work():
        services.refuse(reads.order_of(acting(), code), by=acting(), at=clock.now())
    flash(_("Refused. Nothing was changed."), "good")
    return redirect(url_for("credentials.authority"))

"""What an officer asked a second person to correct of people, and how they take it back."""

from flask import render_template, url_for

from app.accounts import orders, services
from app.accounts.contact_forms import WithdrawForm
from app.accounts.states import ORDER_LABELS
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.orders import STATES, standing, state_label, take_back, timeline_of
from app.core.access import acting, signed_in
from app.core.access_log import Purpose, looked_up
from app.core.events import Subject


@bp.get("/people/corrections")
@signed_in
def own_corrections() -> str:
    """List the corrections that one asked for, and what became of them."""
    rows = orders.own_corrections(acting())
    record = Subject("security_order", "asked")
    looked_up((row.person_id for row in rows), by=acting(), purpose=Purpose.ADMINISTRATION, record=record)
    lines = [
        {
            "person": row.person.name,
            "url": url_for("accounts.own_correction", code=row.code),
            "what": ORDER_LABELS[row.kind],
            "asked_at": row.asked_at,
            "state": state_label(row.state),
            "tone": STATES[row.state],
        }
        for row in rows
    ]
    return render_template("accounts/asked.html", lines=lines)


@bp.get("/people/corrections/<code>")
@signed_in
def own_correction(code: str) -> str:
    """Show a correction that one asked for; while it waits it is withdrawn here."""
    return _page(code, WithdrawForm(formdata=None))


def _page(code: str, form: WithdrawForm) -> str:
    found = orders.own_correction(code, acting())
    record = Subject("security_order", found.code)
    looked_up([found.person_id], by=acting(), purpose=Purpose.ADMINISTRATION, record=record)
    return render_template(
        "accounts/asked_one.html",
        order=found,
        what=ORDER_LABELS[found.kind],
        state=state_label(found.state),
        tone=STATES[found.state],
        asked=services.masked_asked(found),
        stands=standing(found),
        entries=timeline_of(found),
        form=form,
    )


@bp.post("/people/corrections/<code>/withdraw")
@signed_in
def withdraw_correction(code: str) -> Answer:
    """Take a correction back that one asked for."""
    back = url_for("accounts.own_correction", code=code)
    return take_back(lambda: orders.own_correction(code, acting()), lambda form: _page(code, form), back)

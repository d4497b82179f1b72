"""The door of an exam: an admission ticket opens its sitting, without a password and nothing else."""

from flask import redirect, render_template, request, url_for

from app.accounts.views.current import put_token
from app.accounts.views.doors import count_source
from app.assessment.exams.forms.tickets import TicketForm
from app.assessment.exams.services import ticket_door as services
from app.assessment.exams.views.blueprint import Answer, sitting
from app.assessment.exams.views.shared import put_beside_field
from app.core import clock
from app.core.access import public
from app.core.errors import DomainError, InvalidError

DOOR = "ticket"
MOST_LETTERS = 120


@sitting.get("/ticket")
@public
def ticket() -> str:
    """Ask for the code of an admission ticket; the link of its QR code brings it along."""
    return _page(TicketForm(data={"ticket": request.args.get("secret", "")[:MOST_LETTERS]}))


@sitting.post("/ticket")
@public
def enter() -> Answer:
    """Open the sitting of a ticket. Wrong codes are counted by address; a right one is never held up."""
    form = TicketForm()
    if not form.validate():
        return _page(form), 422
    try:
        entered = services.enter(form.ticket.data or "", agent=request.user_agent.string, at=clock.now())
    except InvalidError as error:
        return _refused(form, error)
    put_token(entered.token)
    return redirect(url_for("sitting.page", code=entered.attempt))


def _refused(form: TicketForm, error: DomainError) -> tuple[str, int]:
    if error.code == "unknown_ticket":
        try:
            count_source(DOOR)
        except DomainError as closed:
            error = closed
    put_beside_field(form, error)
    return _page(form), error.status


def _page(form: TicketForm) -> str:
    return render_template("exams/ticket_door.html", form=form)

"""Asking the other party, and the page behind its link: no account, only what concerns them."""

from flask import flash, redirect, render_template, url_for

from app.accounts.views.doors import count_try
from app.core import clock
from app.core.access import acting, public, signed_in
from app.core.db import unit_of_work
from app.core.errors import DomainError, UnavailableError
from app.core.post import Letter, can_send
from app.core.text import _, _l
from app.evidence import services
from app.evidence.forms import AnswerForm, AskForm
from app.evidence.models import Evidence
from app.evidence.queries import counterparty as queries
from app.evidence.queries import records
from app.evidence.states import KIND_LABELS
from app.evidence.states import Answer as Said
from app.evidence.views.blueprint import Answer, bp
from app.evidence.views.fields import shown
from app.web.refusals import show_beside

DOOR = "counterparty"


@bp.get("/<code>/ask")
@signed_in
def asking(code: str) -> str:
    """Show whom the record can be put before, and which links were sent."""
    found = records.record(code, acting())
    return _ask_page(found, AskForm())


def _ask_page(found: Evidence, form: AskForm) -> str:
    return render_template(
        "evidence/ask.html",
        record=found,
        label=KIND_LABELS[found.kind],
        form=form.offer(queries.parties(found)),
        requests=queries.requests_of(found.id),
        now=clock.real_now(),
    )


@bp.post("/<code>/ask")
@signed_in
def ask(code: str) -> Answer:
    """Send the link."""
    form = AskForm()
    found = records.record(code, acting())
    form.offer(queries.parties(found))
    if not form.validate():
        return _ask_page(found, form), 422
    try:
        _send(code, form)
    except DomainError as error:
        status = show_beside(form, error)
        return _ask_page(records.record(code, acting()), form), status
    flash(_("The link is on its way by mail."), "good")
    return redirect(url_for("evidence.record", code=code))


def _send(code: str, form: AskForm) -> None:
    if not can_send(Letter):
        raise UnavailableError(_l("The platform sends no mail at present. Ask its administrator."))
    with unit_of_work():
        services.ask(
            records.record(code, acting()),
            party=form.party.data or "",
            email=form.email.data or "",
            by=acting(),
            at=clock.now(),
            real=clock.real_now(),
        )


@bp.get("/answer/<token>")
@public
def answering(token: str) -> str:
    """Show the other party what concerns them."""
    return _answer_page(queries.open_request(token, clock.real_now()), AnswerForm())


def _answer_page(asked: queries.Asked, form: AnswerForm) -> str:
    return render_template(
        "evidence/answer.html",
        request_=asked.request,
        record=asked.evidence,
        label=KIND_LABELS[asked.evidence.kind],
        fields=shown(asked.evidence, queries.concerning(asked.evidence)),
        form=form,
    )


@bp.post("/answer/<token>")
@public
def answer(token: str) -> Answer:
    """Take the answer of the other party, once."""
    asked = queries.open_request(token, clock.real_now())
    form = AnswerForm()
    if not form.validate():
        return _answer_page(asked, form), 422
    count_try(DOOR, asked.request.code)
    try:
        with unit_of_work():
            asked = queries.open_request(token, clock.real_now())
            said, reason = Said(form.said.data), form.reason.data or ""
            services.answer(asked, said=said, reason=reason, at=clock.now(), real=clock.real_now())
    except DomainError as error:
        status = show_beside(form, error)
        return _answer_page(queries.open_request(token, clock.real_now()), form), status
    return render_template("evidence/answered.html", confirmed=said is Said.CONFIRMED)

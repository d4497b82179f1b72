"""A forgotten password: ask, then set a new one by the mail's link or the message's code."""

from flask import flash, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from app.accounts import queries, security, services
from app.accounts.forms import RESET_WAYS, AskResetForm, NewPasswordForm, ResetCodeForm, password_hint
from app.accounts.models import Account, PasswordReset
from app.accounts.states import ResetWay
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.doors import count_source, count_try
from app.core import clock, post
from app.core.access import public
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.web.refusals import show_beside

ASKED = "reset"
WAYS = {ResetWay.MAIL: post.Letter, ResetWay.SMS: post.ShortMessage}


@bp.get("/reset")
@public
def ask_reset() -> str:
    """Ask whose password it is and how to reach them."""
    return _ask_page(_ask_form())


@bp.post("/reset")
@public
def asked_reset() -> Answer:
    """Note the wish; the answer is the same whether an account fits or not."""
    form = _ask_form()
    if not form.validate():
        return _ask_page(form), 422
    way = ResetWay(form.way.data)
    try:
        session[ASKED] = _ask(form.name.data or "", way)
    except DomainError as error:
        status = show_beside(form, error)
        return _ask_page(form), status
    return redirect(url_for("accounts.reset_by_code" if way is ResetWay.SMS else "accounts.reset_sent"))


def _ask(name: str, way: ResetWay) -> str:
    account = queries.account_by_name(name)
    who = account.person.code if account else name.strip().lower()
    count_source("reset")
    count_try("reset", who)
    with unit_of_work():
        found = queries.account_by_name(name)
        return services.ask_reset(found, way, at=clock.real_now()).code


def _ask_form() -> AskResetForm:
    form = AskResetForm()
    offered = [(way.value, label) for way, label in RESET_WAYS.items() if post.can_send(WAYS[way])]
    form.way.choices = offered
    if len(offered) == 1 and not form.way.data:
        form.way.data = offered[0][0]
    return form


def _ask_page(form: AskResetForm) -> str:
    return render_template("accounts/reset.html", form=form, open=bool(form.way.choices))


@bp.get("/reset/sent")
@public
def reset_sent() -> str:
    """Say what happens next, whoever asked."""
    return render_template("accounts/reset_sent.html")


@bp.get("/reset/code")
@public
def reset_by_code() -> Answer:
    """Ask for the code of the message and a new password."""
    if ASKED not in session:
        return redirect(url_for("accounts.ask_reset"))
    return _code_page(ResetCodeForm())


@bp.post("/reset/code")
@public
def set_by_code() -> Answer:
    """Set the new password where the code is right."""
    form = ResetCodeForm()
    if ASKED not in session:
        return redirect(url_for("accounts.ask_reset"))
    if not form.validate():
        return _code_page(form), 422
    try:
        _finish(_checked(str(session[ASKED]), form.code.data or ""), form)
    except DomainError as error:
        status = show_beside(form, error)
        return _code_page(form), status
    session.pop(ASKED)
    return _done()


def _checked(code: str, typed: str) -> PasswordReset:
    count_source("reset")
    with unit_of_work():
        services.count_code_try(code)
    return services.check_reset_code(security.reset_by_code(code, clock.real_now()), typed)


def _code_page(form: ResetCodeForm) -> str:
    return render_template("accounts/reset_code.html", form=form, hint=password_hint())


@bp.get("/reset/link/<token>")
@public
def reset_by_link(token: str) -> str:
    """Ask for a new password; who holds the link has read the mail."""
    security.reset_by_link(token, clock.real_now())
    return _link_page(NewPasswordForm())


@bp.post("/reset/link/<token>")
@public
def set_by_link(token: str) -> Answer:
    """Set the new password; the link is spent."""
    row = security.reset_by_link(token, clock.real_now())
    form = NewPasswordForm()
    if not form.validate():
        return _link_page(form), 422
    try:
        _finish(row, form)
    except DomainError as error:
        status = show_beside(form, error)
        return _link_page(form), status
    return _done()


def _link_page(form: NewPasswordForm) -> str:
    return render_template("accounts/reset_link.html", form=form, hint=password_hint())


def _finish(row: PasswordReset, form: NewPasswordForm) -> None:
    account: Account | None = queries.account_of(row.person_id or 0)
    if account is None:
        raise security.gone()
    new = services.new_password(account, form.password.data or "")
    with unit_of_work():
        services.finish_reset(row, new, at=clock.real_now())


def _done() -> Response:
    flash(_("Your new password is set and all your sessions have ended. Sign in with it."), "good")
    return redirect(url_for("accounts.sign_in"))

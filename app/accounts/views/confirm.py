"""Dangerous acts ask first that the person shows once more who they are."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import queries, security, services
from app.accounts.forms import ConfirmForm, ConfirmWithCodeForm
from app.accounts.models import Account
from app.accounts.rules import passwords
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.challenge import keep
from app.accounts.views.current import confirmed_at, current_token
from app.accounts.views.doors import count_try, forgive_try
from app.core import clock
from app.core.access import acting, signed_in
from app.core.db import unit_of_work
from app.core.errors import DomainError, ForbiddenError, InvalidError
from app.core.text import _, _l
from app.web.refusals import show_beside
from app.web.views import local_path

View = TypeVar("View", bound=Callable[..., Any])
FRESH_FOR = timedelta(minutes=15)


def is_fresh() -> bool:
    """Tell whether the person signed in or confirmed it is them within the last quarter of an hour."""
    shown = confirmed_at()
    return shown is not None and clock.real_now() - shown < FRESH_FOR


def freshly(view: View) -> View:
    """Ask before a dangerous act that the person shows once more who they are, then lead back to the page."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> object:
        if is_fresh():
            return view(*args, **kwargs)
        if request.method != "GET":
            flash(_("Confirm first that it is you, then do it again. Nothing was changed."), "waiting")
        return redirect(url_for("accounts.confirm", next=_back()))

    return cast("View", guarded)


def _back() -> str:
    if request.method == "GET":
        return request.full_path.rstrip("?")
    came_from = urlsplit(request.referrer or "")
    same_site = came_from.netloc == request.host
    return local_path(came_from.path) if same_site else url_for("accounts.me")


@bp.get("/confirm")
@signed_in
def confirm() -> str:
    """Ask for the password, and for the code where an app is set up."""
    return _page(_form(own_account(), next=local_path(request.args.get("next"))))


@bp.post("/confirm")
@signed_in
def check_confirm() -> Answer:
    """Note that it is the person, and lead back."""
    account = own_account()
    form = _form(account)
    if not form.validate():
        return _page(form), 422
    try:
        _check(account, form)
    except DomainError as error:
        status = show_beside(form, error)
        return _page(form), status
    return _lead_back(form)


def _check(account: Account, form: ConfirmForm) -> None:
    key = count_try("password", acting().person_code)
    if not passwords.matches(account.password_hash, form.password.data or ""):
        raise InvalidError(_l("This is not your present password."), field="password")
    with unit_of_work():
        if isinstance(form, ConfirmWithCodeForm):
            services.check_code(
                queries.account_of_code(acting().person_code), form.code.data or "", at=clock.real_now()
            )
        note_confirmed()
    forgive_try("password", key)


def note_confirmed() -> None:
    """Open dangerous acts to the session of this browser for a while; runs inside of a unit of work."""
    row = queries.session_by_token(current_token() or "", clock.real_now())
    if row is not None:
        services.confirm_session(row, by=acting(), at=clock.real_now())


def _lead_back(form: ConfirmForm) -> Response:
    wanted = local_path(form.next.data)
    return redirect(wanted if wanted != "/" else url_for("accounts.me"))


def _form(account: Account, **data: str) -> ConfirmForm:
    kind = ConfirmWithCodeForm if account.totp_sealed else ConfirmForm
    return kind(data=data) if data else kind()


def _page(form: ConfirmForm) -> str:
    passkeys = security.passkeys_of(acting().person_id)
    options, state = services.ask_to_show(passkeys)
    keep(state)
    return render_template("accounts/confirm.html", form=form, options=options if passkeys else None)


def own_account() -> Account:
    """Return the account of who is acting; raises ForbiddenError where they have none."""
    account = queries.account_of(acting().person_id)
    if account is None:
        raise ForbiddenError(_l("You have no account of your own yet."))
    return account

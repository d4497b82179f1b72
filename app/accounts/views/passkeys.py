"""Passkeys: add, name and remove one's own; sign in and confirm with one."""

import json

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.accounts import queries, security, services
from app.accounts.forms import CodeForm, PasskeyForm, PasskeyNameForm
from app.accounts.models import Account, Passkey
from app.accounts.services.passkeys import CLONED, Shown
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.challenge import keep, kept_state
from app.accounts.views.confirm import freshly, note_confirmed, own_account
from app.accounts.views.doors import count_source, forgive_source
from app.accounts.views.sign_in import Pending, enter, enter_first, pending_sign_in, second_page, to_start
from app.core import clock
from app.core.access import acting, public, signed_in
from app.core.columns import JsonObject
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError
from app.core.text import _, _l
from app.web.formats import when
from app.web.refusals import show_beside
from app.web.views import local_path


@bp.get("/me/security/passkeys")
@signed_in
@freshly
def passkeys() -> str:
    """List one's own passkeys and offer to add one."""
    return _page(PasskeyForm())


def _page(form: PasskeyForm) -> str:
    account = own_account()
    options, state = services.ask_to_add(account.person)
    keep(state)
    return render_template(
        "accounts/passkeys.html",
        form=form,
        options=options,
        lines=[_line(one) for one in security.passkeys_of(account.person_id)],
    )


def _line(one: Passkey) -> dict[str, object]:
    return {
        "name": one.name,
        "added": when(one.added_at),
        "used": when(one.used_at) if one.used_at else _("never"),
        "url": url_for("accounts.passkey", code=one.code),
    }


@bp.post("/me/security/passkeys")
@signed_in
@freshly
def add_passkey() -> Answer:
    """Keep the passkey that the browser has made."""
    form = PasskeyForm()
    if not form.validate():
        return _page(form), 422
    try:
        state, answer = kept_state(), _answer(form)
        with unit_of_work():
            at = clock.real_now()
            services.add_passkey(own_account(), state, answer, name=form.name.data or "", by=acting(), at=at)
    except DomainError as error:
        status = show_beside(form, error)
        return _page(form), status
    flash(_("The passkey is added. From now on it can stand in the place of password and code."), "good")
    return redirect(url_for("accounts.passkeys"))


@bp.get("/me/security/passkeys/<code>")
@signed_in
@freshly
def passkey(code: str) -> str:
    """Show one of one's own passkeys."""
    found = security.own_passkey(code, acting().person_id)
    return _passkey_page(found, PasskeyNameForm(data={"name": found.name}))


def _passkey_page(found: Passkey, form: PasskeyNameForm) -> str:
    return render_template("accounts/passkey.html", passkey=found, form=form)


@bp.post("/me/security/passkeys/<code>")
@signed_in
@freshly
def rename_passkey(code: str) -> Answer:
    """Give one of one's own passkeys another name."""
    found, form = security.own_passkey(code, acting().person_id), PasskeyNameForm()
    if not form.validate():
        return _passkey_page(found, form), 422
    with unit_of_work():
        services.rename_passkey(found, form.name.data or "", by=acting(), at=clock.real_now())
    flash(_("The passkey has its new name."), "good")
    return redirect(url_for("accounts.passkeys"))


@bp.post("/me/security/passkeys/<code>/remove")
@signed_in
@freshly
def remove_passkey(code: str) -> Response:
    """Take one of one's own passkeys away."""
    with unit_of_work():
        passkey = security.own_passkey(code, acting().person_id)
        services.remove_passkey(own_account(), passkey, by=acting(), at=clock.real_now())
    flash(_("The passkey is removed. Delete it on the device too."), "good")
    return redirect(url_for("accounts.passkeys"))


@bp.post("/sign-in/passkey")
@public
def sign_in_by_passkey() -> Response:
    """Go in by a passkey alone: the device has verified its user."""
    form = PasskeyForm()
    try:
        account = _opened(form)
    except DomainError as error:
        flash(str(error), "bad")
        return redirect(url_for("accounts.sign_in", next=local_path(form.next.data)))
    return enter(account, local_path(form.next.data), second_factor=True)


@bp.post("/sign-in/second-factor/passkey")
@public
def second_factor_by_passkey() -> Response:
    """Show a passkey as the second factor after the password."""
    pending = pending_sign_in()
    if pending is None:
        return to_start()
    try:
        account = _opened(PasskeyForm(), queries.account_of_code(pending.person))
    except DomainError as error:
        flash(str(error), "bad")
        return redirect(url_for("accounts.second_factor"))
    return enter(account, pending.next, second_factor=True)


@bp.post("/sign-in/second-factor/new-passkey")
@public
def first_passkey() -> Answer:
    """Keep a passkey as the second factor of a person whose role needs one and who has none, then go in."""
    pending, form = pending_sign_in(), PasskeyForm()
    if pending is None or pending.secret is None:
        return to_start()
    if not form.validate():
        return second_page(CodeForm(formdata=None), pending, form), 422
    try:
        account = _kept_first(pending, form)
    except DomainError as error:
        status = show_beside(form, error)
        return second_page(CodeForm(formdata=None), pending, form), status
    return enter_first(account, pending)


def _kept_first(pending: Pending, form: PasskeyForm) -> Account:
    count_source("passkey")
    state, answer = kept_state(), _answer(form)
    with unit_of_work():
        account = queries.account_of_code(pending.person)
        services.add_first_passkey(account, state, answer, name=form.name.data or "", at=clock.real_now())
    forgive_source("passkey")
    return account


@bp.post("/confirm/passkey")
@signed_in
def confirm_by_passkey() -> Response:
    """Confirm by a passkey that it is the person who is signed in."""
    form = PasskeyForm()
    wanted = local_path(form.next.data)
    try:
        _opened(form, own_account())
    except DomainError as error:
        flash(str(error), "bad")
        return redirect(url_for("accounts.confirm", next=wanted))
    with unit_of_work():
        note_confirmed()
    return redirect(wanted if wanted != "/" else url_for("accounts.me"))


def _opened(form: PasskeyForm, expected: Account | None = None) -> Account:
    """Return the account that the shown passkey opens; of one person only where one is expected."""
    count_source("passkey")
    shown = services.check_passkey(kept_state(), _answer(form))
    if expected is not None and shown.passkey.person_id != expected.person_id:
        raise InvalidError(_l("This passkey belongs to another account."))
    account = _used(shown)
    forgive_source("passkey")
    return account


def _used(shown: Shown) -> Account:
    try:
        with unit_of_work():
            return services.use_passkey(shown, at=clock.real_now())
    except InvalidError as error:
        if error.code == CLONED:
            _note_clone(shown.passkey)
        raise


def _note_clone(passkey: Passkey) -> None:
    with unit_of_work():
        services.note_clone(passkey, at=clock.real_now())


def _answer(form: PasskeyForm) -> JsonObject:
    try:
        answer = json.loads(form.credential.data or "")
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise InvalidError(_l("Your browser gave no passkey. It needs JavaScript, and a device that keeps passkeys."))
    return answer

"""One's own second factor: the authenticator app and the recovery codes."""

import io

import segno
from flask import flash, redirect, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.accounts import security, services
from app.accounts.forms import CodeForm
from app.accounts.rules import totp
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.confirm import freshly, own_account
from app.accounts.views.doors import count_try, forgive_try
from app.core import clock
from app.core.access import acting, signed_in
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.web.refusals import show_beside
from app.web.views import local_path

NEW_SECRET = "new_factor"  # noqa: S105 - the name of a place in the cookie


@bp.get("/me/security/app")
@signed_in
@freshly
def app_factor() -> str:
    """Show the QR code of a new secret for the authenticator app."""
    session[NEW_SECRET] = totp.new_secret()
    return _app_page(CodeForm(), session[NEW_SECRET])


@bp.post("/me/security/app")
@signed_in
@freshly
def set_app_factor() -> Answer:
    """Take the new app in use once its first code is right."""
    form, secret = CodeForm(), session.get(NEW_SECRET)
    if not isinstance(secret, str):
        return redirect(url_for("accounts.app_factor"))
    if not form.validate():
        return _app_page(form, secret), 422
    try:
        _set_up(secret, form.code.data or "")
    except DomainError as error:
        status = show_beside(form, error)
        return _app_page(form, secret), status
    session.pop(NEW_SECRET)
    flash(_("Your authenticator app is set up. You will be asked for its code when you sign in."), "good")
    return redirect(url_for("accounts.me"))


def _set_up(secret: str, code: str) -> None:
    key = count_try("code", acting().person_code)
    with unit_of_work():
        services.set_up_app(own_account(), secret, code, at=clock.real_now())
    forgive_try("code", key)


def _app_page(form: CodeForm, secret: str) -> str:
    account = own_account()
    return render_template(
        "accounts/app_factor.html",
        form=form,
        secret=secret,
        picture=qr_code(secret, acting().person_code),
        present=account.totp_sealed is not None,
    )


@bp.post("/me/security/app/remove")
@signed_in
@freshly
def remove_app_factor() -> Response:
    """Take the authenticator app away."""
    with unit_of_work():
        services.remove_app(own_account(), by=acting(), at=clock.real_now())
    flash(_("The authenticator app is removed."), "good")
    return redirect(url_for("accounts.me"))


@bp.get("/me/security/recovery")
@signed_in
@freshly
def recovery_codes() -> str:
    """Say how many codes are left and offer new ones."""
    return _codes_page(security.recovery_codes_left(acting().person_id))


def _codes_page(left: int, codes: list[str] | None = None) -> str:
    """Show how many codes are left or the new ones; `next` in the address is where a first sign-in leads on to."""
    wanted = local_path(request.args.get("next"))
    return render_template("accounts/recovery.html", left=left, codes=codes, wanted=wanted if wanted != "/" else None)


@bp.post("/me/security/recovery")
@signed_in
@freshly
def make_recovery_codes() -> str:
    """Make new codes and show them this once; those before end."""
    with unit_of_work():
        codes = services.make_recovery_codes(own_account(), by=acting(), at=clock.real_now())
    return _codes_page(len(codes), codes)


def qr_code(secret: str, person: str) -> Markup:
    """Return the QR code of a new secret as an SVG of our own making."""
    out = io.BytesIO()
    segno.make(totp.address(secret, person), error="m").save(
        out, kind="svg", scale=5, border=2, xmldecl=False, svgns=True, omitsize=False, title=_("QR code")
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - made here from a secret in base32

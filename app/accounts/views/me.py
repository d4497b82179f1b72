"""One's own account: data, roles, language, password, sessions."""

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.accounts import queries, security, services
from app.accounts.actors import scope_label
from app.accounts.forms import LanguageForm, PasswordForm, password_hint
from app.accounts.rules import passwords
from app.accounts.rules.agents import device_name
from app.accounts.services.documents import documents_of
from app.accounts.states import IDENTITY_LABELS, ROLE_LABELS
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.confirm import own_account
from app.accounts.views.doors import count_try, forgive_try
from app.core import clock
from app.core.access import acting, signed_in
from app.core.config import settings
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError
from app.core.text import _, _l
from app.web import languages
from app.web.refusals import show_beside


@bp.get("/me")
@signed_in
def me() -> str:
    """Show one's own data, what guards the account, and where one is signed in."""
    return _page()


def _page() -> str:
    actor = acting()
    person = queries.person_of(actor)
    account = queries.account_of(person.id)
    guard = security.guard_of(person.id)
    return render_template(
        "accounts/me.html",
        person=person,
        known=services.masked_data(person),
        further=documents_of(person)[1:],
        labels=IDENTITY_LABELS,
        document=IDENTITY_LABELS[person.identity_kind] if person.identity_kind else None,
        account=account,
        guard=guard,
        password_since=guard.replaced_at or (account.created_at if account else None),
        due=security.password_is_due(person.id, clock.real_now()),
        sessions=queries.sessions_of(actor, clock.real_now()),
        device_name=device_name,
        place_of=lambda row: services.place_of(row, person),
        language=LanguageForm(data={"language": account.language if account else None}),
    )


@bp.post("/me/language")
@signed_in
def choose_language() -> Answer:
    """Remember the language of the person, on this browser too."""
    form = LanguageForm()
    if not form.validate():
        return _page(), 422
    with unit_of_work():
        services.set_language(own_account(), form.language.data, by=acting(), at=clock.real_now())
    response = make_response(redirect(url_for("accounts.me")))
    secure = settings().public_url.startswith("https://")
    languages.keep(response, languages.COOKIE, form.language.data, secure=secure)
    return response


@bp.get("/me/password")
@signed_in
def password() -> str:
    """Ask for the present password and a new one."""
    return _password_page(PasswordForm())


def _password_page(form: PasswordForm) -> str:
    account = own_account()
    alone = not security.has_second_factor(account) and not queries.is_staff(account.person_id, clock.today())
    return render_template("accounts/password.html", form=form, hint=password_hint(alone=alone))


@bp.post("/me/password")
@signed_in
def change_password() -> Answer:
    """Replace the password; every other session ends."""
    form = PasswordForm()
    if not form.validate():
        return _password_page(form), 422
    try:
        _change(form)
    except DomainError as error:
        status = show_beside(form, error)
        return _password_page(form), status
    flash(_("Your password is changed. Your other sessions have ended."), "good")
    return redirect(url_for("accounts.me"))


def _change(form: PasswordForm) -> None:
    key = count_try("password", acting().person_code)
    if not passwords.matches(own_account().password_hash, form.current.data or ""):
        raise InvalidError(_l("This is not your present password."), field="current")
    forgive_try("password", key)
    new = services.new_password(own_account(), form.password.data or "")
    with unit_of_work():
        services.change_password(own_account(), new, by=acting(), at=clock.real_now())
        services.end_other_sessions(by=acting(), at=clock.real_now())


@bp.post("/me/sessions/end-others")
@signed_in
def end_other_sessions() -> Response:
    """End all of one's own sessions but this one."""
    with unit_of_work():
        services.end_other_sessions(by=acting(), at=clock.real_now())
    flash(_("Your other sessions have ended. Whoever used them has to sign in again."), "good")
    return redirect(url_for("accounts.me"))


@bp.post("/me/sessions/<code>/end")
@signed_in
def end_session(code: str) -> Response:
    """End one of one's own sessions, here or elsewhere."""
    actor = acting()
    with unit_of_work():
        row = queries.own_session(code, actor)
        services.end_session(row, queries.person_of(actor), by=actor, at=clock.real_now())
    flash(_("The session has ended. Whoever used it has to sign in again."), "good")
    return redirect(url_for("accounts.me"))


@bp.get("/acting")
@signed_in
def roles() -> str:
    """Show the roles one may act under."""
    return render_template(
        "accounts/acting.html",
        memberships=queries.memberships_of(acting().person_id),
        active=acting().extra.get("membership"),
        labels=ROLE_LABELS,
        scope_label=scope_label,
        today=clock.today(),
    )


@bp.post("/acting/<code>")
@signed_in
def act_as(code: str) -> Response:
    """Act under another of one's own roles."""
    actor = acting()
    with unit_of_work():
        membership = queries.own_membership(code, actor)
        row = queries.own_session(actor.extra["session"], actor)
        services.act_as(row, membership, by=actor, at=clock.real_now(), on=clock.today())
    flash(_("You now act as: %(role)s.", role=ROLE_LABELS[membership.role]), "good")
    return redirect(url_for("desk.home"))

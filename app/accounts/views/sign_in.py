"""Sign-in: password, then the second factor for staff, then the desk."""

from dataclasses import asdict, dataclass

from flask import flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.accounts import queries, security, services
from app.accounts.forms import CodeForm, PasskeyForm, RecoveryCodeForm, SignInForm
from app.accounts.models import Account
from app.accounts.rules import passwords, totp
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.challenge import keep
from app.accounts.views.current import current_token, drop_token, put_token
from app.accounts.views.doors import count_sign_in, count_try, forgive_sign_in, remember_device
from app.accounts.views.security import qr_code
from app.core import clock
from app.core.access import acting, current_actor, narrow, public, signed_in
from app.core.config import settings
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError
from app.core.text import _, _l
from app.web import languages
from app.web.refusals import show_beside
from app.web.views import local_path

PENDING = "pending"
PENDING_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in between its two steps, kept in the signed cookie for ten minutes."""

    person: str
    next: str
    since: float
    secret: str | None = None


@bp.get("/sign-in")
@public
def sign_in() -> Answer:
    """Ask who it is."""
    wanted = local_path(request.args.get("next"))
    if current_actor() is not None:
        return redirect(wanted if wanted != "/" else url_for("desk.home"))
    return _sign_in_page(SignInForm(data={"next": wanted}))


def _sign_in_page(form: SignInForm) -> str:
    options, state = services.ask_to_show()
    keep(state)
    return render_template("accounts/sign_in.html", form=form, options=options)


@bp.post("/sign-in")
@public
def check_sign_in() -> Answer:
    """Check the password, then go on to the second step or in."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form), 422
    try:
        account = _heard(form.name.data or "", form.password.data or "")
    except DomainError as error:
        status = show_beside(form, error)
        return _sign_in_page(form), status
    return go_on(account, local_path(form.next.data))


def _heard(name: str, password: str) -> Account:
    """Return the account that a name and password open; the same words for every wrong pair."""
    account = queries.account_by_name(name)
    who = account.person.code if account else name.strip().lower()
    password_hash = account.password_hash if account else None
    tried = count_sign_in(who)
    if not passwords.matches(password_hash, password) or account is None:
        raise InvalidError(_l("Name and password do not fit together. Check both and try again."))
    forgive_sign_in(tried)
    return account


def go_on(account: Account, wanted: str) -> Response:
    """Lead on after the first step: to the second factor where there is one or the person is staff, else in."""
    person = account.person
    guarded = security.has_second_factor(account)
    if not guarded and not queries.is_staff(person.id, clock.today()):
        return enter(account, wanted, second_factor=False)
    secret = None if guarded else totp.new_secret()
    session.clear()
    session[PENDING] = asdict(Pending(person.code, wanted, clock.real_now().timestamp(), secret))
    return redirect(url_for("accounts.second_factor"))


def enter_first(account: Account, pending: Pending) -> Response:
    """Lead in after a second factor was set up: its recovery codes follow, then what the person wanted."""
    flash(_("Your second factor is set up. Now take recovery codes for the day its device is lost."), "good")
    wanted = pending.next if pending.next != "/" else url_for("desk.home")
    return enter(account, url_for("accounts.recovery_codes", next=wanted), second_factor=True)


def enter(account: Account, wanted: str, *, second_factor: bool) -> Response:
    """Open the session and the door."""
    with unit_of_work():
        membership = queries.membership_to_start_with(account.person_id, clock.today(), second_factor=second_factor)
        token = services.start_session(
            person=account.person,
            membership=membership,
            second_factor=second_factor,
            at=clock.real_now(),
            agent=request.user_agent.string,
            address=request.remote_addr,
        )
    put_token(token)
    response = make_response(redirect(_first_page(account, wanted)))
    remember_device(response, account.person.code)
    languages.adopt(response, account.language, secure=settings().public_url.startswith("https://"))
    return response


def _first_page(account: Account, wanted: str) -> str:
    """Return where one goes first: to a new password where it is due, else where one wanted."""
    if security.password_is_due(account.person_id, clock.real_now()):
        flash(_("Your password is older than the rules allow. Choose a new one; then everything is open again."))
        return url_for("accounts.password")
    return wanted if wanted != "/" else url_for("desk.home")


@bp.get("/sign-in/second-factor")
@public
def second_factor() -> Answer:
    """Ask for the code; show how to set it up where the person has no second factor yet."""
    pending = pending_sign_in()
    return to_start() if pending is None else second_page(CodeForm(), pending)


@bp.post("/sign-in/second-factor")
@public
def check_second_factor() -> Answer:
    """Check the code and go in."""
    pending = pending_sign_in()
    if pending is None:
        return to_start()
    form = CodeForm()
    if not form.validate():
        return second_page(form, pending), 422
    try:
        account, first = _shown(pending, form.code.data or "")
    except DomainError as error:
        status = show_beside(form, error)
        return second_page(form, pending), status
    return enter_first(account, pending) if first else enter(account, pending.next, second_factor=True)


def _shown(pending: Pending, code: str) -> tuple[Account, bool]:
    """Return the account that a code opens, and whether the code has just set its app up."""
    key = count_try("code", pending.person)
    with unit_of_work():
        account = queries.account_of_code(pending.person)
        first = pending.secret is not None and not security.has_second_factor(account)
        if first:
            services.set_up_code(account, pending.secret or "", code, at=clock.real_now())
        else:
            services.check_code(account, code, at=clock.real_now())
        services.forgive("code", key)
    return account, first


def pending_sign_in() -> Pending | None:
    """Return the sign-in that waits for its second step, None where there is none or it is older than ten minutes."""
    kept = session.get(PENDING)
    if not isinstance(kept, dict):
        return None
    pending = Pending(**kept)
    fresh = clock.real_now().timestamp() - pending.since < PENDING_SECONDS
    return pending if fresh else None


def to_start() -> Response:
    """Lead back to the first step, saying why."""
    flash(_("Start with your password. The second step stays open for ten minutes."), "waiting")
    return redirect(url_for("accounts.sign_in"))


def second_page(form: CodeForm, pending: Pending, device: PasskeyForm | None = None) -> str:
    """Ask for the second factor, or let the person choose one; `device` is a form of a passkey that was refused."""
    account = queries.account_of_code(pending.person)
    if pending.secret and not security.has_second_factor(account):
        return _choice_page(form, device or PasskeyForm(formdata=None), pending, account)
    passkeys = security.passkeys_of(account.person_id)
    options, state = services.ask_to_show(passkeys)
    keep(state)
    return render_template(
        "accounts/second_factor.html",
        form=form,
        has_app=account.totp_sealed is not None,
        options=options if passkeys else None,
        codes_left=security.recovery_codes_left(account.person_id),
    )


def _choice_page(form: CodeForm, device: PasskeyForm, pending: Pending, account: Account) -> str:
    options, state = services.ask_to_add(account.person)
    keep(state)
    return render_template(
        "accounts/first_factor.html",
        form=form,
        device_form=device,
        options=options,
        secret=pending.secret,
        picture=qr_code(pending.secret or "", pending.person),
    )


@bp.get("/sign-in/recovery")
@public
def recovery() -> Answer:
    """Ask for a recovery code in the place of the device that is lost."""
    if pending_sign_in() is None:
        return to_start()
    return render_template("accounts/recovery_sign_in.html", form=RecoveryCodeForm())


@bp.post("/sign-in/recovery")
@public
def check_recovery() -> Answer:
    """Spend the recovery code and go in."""
    pending, form = pending_sign_in(), RecoveryCodeForm()
    if pending is None:
        return to_start()
    if not form.validate():
        return render_template("accounts/recovery_sign_in.html", form=form), 422
    try:
        account = _recovered(pending, form.code.data or "")
    except DomainError as error:
        status = show_beside(form, error)
        return render_template("accounts/recovery_sign_in.html", form=form), status
    answer = enter(account, url_for("accounts.me"), second_factor=True)
    flash(_("You came in by a recovery code. Set up your second factor again if the device is lost."), "waiting")
    return answer


def _recovered(pending: Pending, code: str) -> Account:
    key = count_try("recovery", pending.person)
    with unit_of_work():
        account = queries.account_of_code(pending.person)
        services.use_recovery_code(account, code, at=clock.real_now())
        services.forgive("recovery", key)
    return account


@bp.post("/sign-out")
@signed_in
@narrow
def sign_out() -> Response:
    """End the session of this browser."""
    actor = acting()
    with unit_of_work():
        row = queries.session_by_token(current_token() or "", clock.real_now())
        if row is not None:
            services.end_session(row, queries.person_of(actor), by=actor, at=clock.real_now())
    drop_token()
    flash(_("You are signed out."), "good")
    return redirect("/")

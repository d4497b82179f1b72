"""One's own telephone and mail address: a new one is proved by a code before it stands."""

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm

from app.accounts import services
from app.accounts.contact_forms import MailForm, PhoneForm, ProofForm
from app.accounts.services import contacts
from app.accounts.states import ResetWay
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.confirm import freshly, own_account
from app.accounts.views.doors import count_try
from app.core import clock, post
from app.core.access import acting, signed_in
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.web.refusals import show_beside


@bp.get("/me/contacts")
@signed_in
@freshly
def own_contacts() -> str:
    """Show how one is reached, what waits for its code, and the forms of new addresses."""
    return _page()


def _page(**forms: FlaskForm) -> str:
    person = own_account().person
    given = {
        "phone": PhoneForm(formdata=None),
        "mail": MailForm(formdata=None),
        "proof": ProofForm(formdata=None),
        **forms,
    }
    wish = contacts.wish_of(person.id, clock.real_now())
    return render_template(
        "accounts/contacts.html",
        known=services.masked_data(person),
        wish=wish,
        wished=contacts.address_asked(wish, person) if wish else None,
        sends_messages=post.can_send(post.ShortMessage),
        sends_mail=post.can_send(post.Letter),
        minutes=int(contacts.OPEN_FOR.total_seconds() // 60),
        **given,
    )


@bp.post("/me/contacts/phone")
@signed_in
@freshly
def ask_phone() -> Answer:
    """Ask that another telephone number stand; its code goes there."""
    form = PhoneForm()
    return _ask(ResetWay.SMS, form, form.phone.data or "", phone=form)


@bp.post("/me/contacts/mail")
@signed_in
@freshly
def ask_mail() -> Answer:
    """Ask that another mail address stand; its code goes there."""
    form = MailForm()
    return _ask(ResetWay.MAIL, form, form.email.data or "", mail=form)


def _ask(way: ResetWay, form: FlaskForm, typed: str, **shown: FlaskForm) -> Answer:
    if not form.validate():
        return _page(**shown), 422
    try:
        count_try("contact", acting().person_code)
        with unit_of_work():
            contacts.ask_change(way, typed, by=acting(), at=clock.real_now())
    except DomainError as error:
        status = show_beside(form, error)
        return _page(**shown), status
    flash(_("A code is on its way to the new address. Enter it here; until then the old address stands."), "good")
    return redirect(url_for("accounts.own_contacts"))


@bp.post("/me/contacts/code")
@signed_in
@freshly
def prove_contact() -> Answer:
    """Let the new address stand where its code is right."""
    form = ProofForm()
    if not form.validate():
        return _page(proof=form), 422
    try:
        with unit_of_work():
            contacts.count_proof_try(acting().person_id)
        with unit_of_work():
            change = contacts.prove(form.code.data or "", by=acting(), at=clock.real_now())
            told = change.before_sealed is not None
    except DomainError as error:
        status = show_beside(form, error)
        return _page(proof=form), status
    said = _("The new address stands. The old one was told that it does not any more.")
    flash(said if told else _("The new address stands."), "good")
    return redirect(url_for("accounts.me"))

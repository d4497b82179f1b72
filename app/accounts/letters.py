"""What the house writes to a person about their account, sent from the outbox in their language."""

from collections.abc import Callable

from flask_babel import force_locale
from sqlalchemy import select

from app.accounts import services
from app.accounts.models import Account, Person
from app.accounts.queries import EMAIL, account_of
from app.accounts.rights import ContactChange
from app.accounts.services import contacts
from app.accounts.services.contacts import KINDS, Proof
from app.accounts.services.resets import Sealed
from app.accounts.states import ResetWay
from app.core import clock, post
from app.core.config import settings
from app.core.db import session, unit_of_work
from app.core.errors import Text
from app.core.events import Event
from app.core.post import Letter, Message, ShortMessage
from app.core.room import Subscriber
from app.core.text import _, _l
from app.web.formats import when
from app.web.languages import DEFAULT

WARNINGS: dict[str, Text] = {
    "accounts.passkey_added": _l("A passkey was added to your account"),
    "accounts.password_changed": _l("The password of your account was changed"),
    "accounts.password_reset": _l("The password of your account was reset"),
    "accounts.recovery_code_used": _l("A recovery code of your account was used"),
    "accounts.second_factor_set": _l("A second factor was set up for your account"),
    "accounts.second_factor_removed": _l("The authenticator app was removed from your account"),
    "accounts.second_factor_reset": _l("The second factor of your account was reset"),
    "accounts.document_corrected": _l("The identity document of your account was corrected"),
    "accounts.document_added": _l("A further identity document was added to your account"),
}


def warn(happened: Event) -> None:
    """Tell a person by mail what happened to their account; nothing leaves where no mail address is known."""
    account = _account_of(happened.subject_code)
    to = services.open_field(account.person, EMAIL) if account and account.person.data_key else None
    if account is None or to is None:
        return
    with force_locale(account.language or DEFAULT):
        letter = _warning(happened, to)
    post.send(letter)


def _warning(happened: Event, to: str) -> Letter:
    what = str(WARNINGS[happened.kind])
    body = _(
        "%(what)s on %(when)s.\n\nWas it you? Then nothing is to be done.\n"
        "Was it not you? Sign in at once, change your password and end the sessions that you do not know:\n%(address)s",
        what=what,
        when=when(happened.at),
        address=f"{settings().public_url}/me",
    )
    return Letter(to, what, body, key=f"warn:{happened.code}")


def send_reset(happened: Event) -> None:
    """Make the secret of a reset and send it; a second try makes a new one, so that each letter has its own key."""
    with unit_of_work():
        sealed = services.seal_reset(happened.subject_code, at=clock.real_now())
    if sealed is None:
        return
    with force_locale(sealed.account.language or DEFAULT):
        message = _reset_letter(sealed) if sealed.way is ResetWay.MAIL else _reset_message(sealed)
    post.send(message)


def _reset_letter(sealed: Sealed) -> Letter:
    body = _(
        "Someone, probably you, asked for a new password. Open this link within 15 minutes and choose one:\n"
        "%(address)s\n\nIf it was not you, do nothing: your password stays as it is.",
        address=f"{settings().public_url}/reset/link/{sealed.secret}",
    )
    return Letter(sealed.to, _("Choose a new password"), body, key=f"reset:{sealed.secret}")


def _reset_message(sealed: Sealed) -> ShortMessage:
    body = _(
        "Your code for a new password is %(code)s. It works for 15 minutes. Give it to nobody, whoever asks.",
        code=sealed.secret,
    )
    return ShortMessage(sealed.to, body, key=f"reset:{sealed.code}:{sealed.secret}")


def send_proof(happened: Event) -> None:
    """Make the code that proves a new address and send it there; a second try makes a new one."""
    with unit_of_work():
        proof = contacts.seal_proof(str(happened.data["contact"]), at=clock.real_now())
    if proof is None:
        return
    with force_locale(_language_of(proof.person)):
        message = _proof(proof)
    post.send(message)


def _proof(proof: Proof) -> Message:
    body = _(
        "Your code is %(code)s. Enter it on the platform within 15 minutes, and you are reached here from then on."
        " Give it to nobody, whoever asks. If you did not ask for it, do nothing.",
        code=proof.secret,
    )
    return _message(
        proof.way, proof.to, _("Code for your new address"), body, key=f"contact:{proof.change}:{proof.secret}"
    )


def _message(way: ResetWay, to: str, subject: str, body: str, *, key: str) -> Message:
    return Letter(to, subject, body, key=key) if way is ResetWay.MAIL else ShortMessage(to, body, key=key)


def _language_of(person: Person) -> str:
    account = account_of(person.id)
    return account.language or DEFAULT if account else DEFAULT


CHANGED = {
    ResetWay.MAIL: _l("The mail address by which the platform reaches you was changed"),
    ResetWay.SMS: _l("The telephone number by which the platform reaches you was changed"),
}


def tell_old(happened: Event) -> None:
    """Tell a person at the old address that they are reached elsewhere."""
    for change, person in _changed(happened):
        _tell(happened, change, person, (change.way, contacts.address_before(change, person)))


def tell_other(happened: Event) -> None:
    """Tell a person the same by the other way, whether or not the old address still takes anything."""
    for change, person in _changed(happened):
        way = ResetWay.SMS if change.way is ResetWay.MAIL else ResetWay.MAIL
        _tell(happened, change, person, (way, services.open_field(person, KINDS[way].purpose)))


def _changed(happened: Event) -> list[tuple[ContactChange, Person]]:
    """Return the change and whose it is; none where it was forgotten or the person erased."""
    query = select(ContactChange, Person).join(Person, Person.id == ContactChange.person_id)
    found = session.execute(query.where(ContactChange.code == str(happened.data["contact"]))).all()
    return [(change, person) for change, person in found if person.data_key is not None]


def _tell(happened: Event, change: ContactChange, person: Person, where: tuple[ResetWay, str | None]) -> None:
    way, to = where
    if not to:
        return
    with force_locale(_language_of(person)):
        what = str(CHANGED[change.way])
        body = _told(happened, what, signs_in=account_of(person.id) is not None)
    post.send(_message(way, to, what, body, key=f"told:{happened.code}:{way}"))


def _told(happened: Event, what: str, *, signs_in: bool) -> str:
    told = (
        _l(
            "%(what)s on %(when)s. Was it neither you nor an officer whom you asked? Change your password at once and"
            " tell the body that entered your data: %(address)s"
        )
        if signs_in
        else _l(
            "%(what)s on %(when)s. Was it neither you nor an officer whom you asked? Tell the body that entered your"
            " data at once."
        )
    )
    return str(told) % {"what": what, "when": when(happened.at), "address": f"{settings().public_url}/me"}


def _account_of(person_code: str) -> Account | None:
    query = select(Account).join(Account.person).where(Person.code == person_code)
    return session.scalar(query)


def _listening(kind: str, handle: Callable[[Event], None], also: str = "") -> Subscriber:
    return Subscriber(kind, f"accounts.letter.{kind.removeprefix('accounts.')}{also}", handle, outside=True)


SUBSCRIBERS = (
    _listening("accounts.reset_asked", send_reset),
    _listening("accounts.contact_asked", send_proof),
    *(
        _listening(kind, tell, also)
        for kind in ("accounts.contact_changed", "accounts.contact_corrected")
        for tell, also in ((tell_old, ""), (tell_other, "_by_the_other_way"))
    ),
    *(_listening(kind, warn) for kind in WARNINGS),
)

"""What the house writes to a person about their account, sent from the outbox in their language."""

from collections.abc import Callable

from flask_babel import force_locale
from sqlalchemy import select

from app.accounts import services
from app.accounts.models import Account, Person
from app.accounts.queries import EMAIL
from app.accounts.services.resets import Sealed
from app.accounts.states import ResetWay
from app.core import clock, post
from app.core.config import settings
from app.core.db import session, unit_of_work
from app.core.errors import Text
from app.core.events import Event
from app.core.post import Letter, ShortMessage
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


def _account_of(person_code: str) -> Account | None:
    query = select(Account).join(Account.person).where(Person.code == person_code)
    return session.scalar(query)


def _listening(kind: str, handle: Callable[[Event], None]) -> Subscriber:
    return Subscriber(kind, f"accounts.letter.{kind.removeprefix('accounts.')}", handle, outside=True)


SUBSCRIBERS = (_listening("accounts.reset_asked", send_reset), *(_listening(kind, warn) for kind in WARNINGS))

"""What the accounts room gives to the house."""

from flask import Flask

from app.accounts.access import GRANTS
from app.accounts.views import current
from app.core.room import Room
from app.core.text import _l


def _start(app: Flask) -> None:
    current.init_app(app)


room = Room(
    name="accounts",
    grants=GRANTS,
    events={
        "accounts.person_added": _l("Person added"),
        "accounts.account_added": _l("Account made"),
        "accounts.password_changed": _l("Password changed"),
        "accounts.language_chosen": _l("Language chosen"),
        "accounts.second_factor_set": _l("Second factor set up"),
        "accounts.organisation_added": _l("Organisation added"),
        "accounts.role_granted": _l("Role given"),
        "accounts.role_ended": _l("Role ended"),
        "accounts.role_switched": _l("Role switched"),
        "accounts.session_started": _l("Signed in"),
        "accounts.session_ended": _l("Session ended"),
        "accounts.person_invited": _l("Invitation sent"),
    },
    start=_start,
)

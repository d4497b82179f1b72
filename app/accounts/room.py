"""What the accounts room gives to the house."""

from flask import Flask

from app.accounts import rights  # noqa: F401 - its tables belong to the schema
from app.accounts.access import GRANTS, Permission
from app.accounts.jobs import SWEEP
from app.accounts.start import refuse_demo
from app.accounts.views import bp, current
from app.core.room import NavItem, Room
from app.core.text import _l
from app.web.navigation import offer_account_link


def _start(app: Flask) -> None:
    current.init_app(app)
    refuse_demo(app)
    offer_account_link(app, NavItem(_l("My account"), "accounts.me", None, "user"))
    offer_account_link(app, NavItem(_l("My roles"), "accounts.roles", None, "user-circle"))


room = Room(
    name="accounts",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("People and roles"), "accounts.people", Permission.PEOPLE_VIEW, "user", 80),
        NavItem(_l("Organisations"), "accounts.organisations", Permission.ORGANISATIONS_VIEW, "building", 81),
        NavItem(_l("My organisation"), "accounts.own_organisation", Permission.MEMBERS, "building", 82),
    ),
    grants=GRANTS,
    events={
        "accounts.person_added": _l("Person added"),
        "accounts.account_added": _l("Account made"),
        "accounts.password_changed": _l("Password changed"),
        "accounts.language_chosen": _l("Language chosen"),
        "accounts.second_factor_set": _l("Second factor set up"),
        "accounts.organisation_added": _l("Organisation added"),
        "accounts.organisation_corrected": _l("Organisation corrected"),
        "accounts.organisation_closed": _l("Organisation closed"),
        "accounts.role_granted": _l("Role given"),
        "accounts.role_ended": _l("Role ended"),
        "accounts.role_switched": _l("Role switched"),
        "accounts.session_started": _l("Signed in"),
        "accounts.session_ended": _l("Session ended"),
        "accounts.person_invited": _l("Invitation sent"),
    },
    periodic=(SWEEP,),
    start=_start,
)

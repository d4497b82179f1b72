"""Writes of the accounts room: people, roles, sign-in, sessions, invitations, keys."""

from app.accounts.services.invitations import accept, invite
from app.accounts.services.keys import rotate_keys
from app.accounts.services.people import (
    add_account,
    add_organisation,
    add_person,
    change_password,
    open_field,
    set_language,
)
from app.accounts.services.roles import end_role, grant_role
from app.accounts.services.sessions import (
    act_as,
    confirm_second_factor,
    end_session,
    start_session,
    touch_session,
)
from app.accounts.services.sign_in import check_code, forgive, knock

__all__ = [
    "accept",
    "act_as",
    "add_account",
    "add_organisation",
    "add_person",
    "change_password",
    "check_code",
    "confirm_second_factor",
    "end_role",
    "end_session",
    "forgive",
    "grant_role",
    "invite",
    "knock",
    "open_field",
    "rotate_keys",
    "set_language",
    "start_session",
    "touch_session",
]

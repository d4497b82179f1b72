"""Writes of the accounts room: people, roles, sign-in, sessions, invitations, keys."""

from app.accounts.services.invitations import accept, check_last_four, invite
from app.accounts.services.keys import rotate_keys
from app.accounts.services.organisations import (
    close_organisation,
    correct_organisation,
    end_membership,
    invite_member,
    register_organisation,
)
from app.accounts.services.people import (
    add_account,
    add_organisation,
    add_person,
    change_password,
    masked_data,
    open_field,
    set_language,
)
from app.accounts.services.roles import end_role, grant_role
from app.accounts.services.sessions import (
    act_as,
    end_other_sessions,
    end_session,
    start_session,
    touch_session,
)
from app.accounts.services.sign_in import check_code, forget_old_tries, forgive, knock, set_up_code

__all__ = [
    "accept",
    "act_as",
    "add_account",
    "add_organisation",
    "add_person",
    "change_password",
    "check_code",
    "check_last_four",
    "close_organisation",
    "correct_organisation",
    "end_membership",
    "end_other_sessions",
    "end_role",
    "end_session",
    "forget_old_tries",
    "forgive",
    "grant_role",
    "invite",
    "invite_member",
    "knock",
    "masked_data",
    "open_field",
    "register_organisation",
    "rotate_keys",
    "set_language",
    "set_up_code",
    "start_session",
    "touch_session",
]

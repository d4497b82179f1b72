"""Writes of the accounts room: people, roles, sign-in, sessions, invitations, keys."""

from app.accounts.services.factors import (
    make_recovery_codes,
    remove_app,
    reset_factors,
    set_up_app,
    use_recovery_code,
)
from app.accounts.services.invitations import accept, check_last_four, invite
from app.accounts.services.keys import rotate_keys
from app.accounts.services.passkeys import (
    add_passkey,
    ask_to_add,
    ask_to_show,
    check_passkey,
    forget_old_challenges,
    note_clone,
    remove_passkey,
    rename_passkey,
    use_passkey,
)
from app.accounts.services.passwords import change_password, new_password
from app.accounts.services.people import (
    add_account,
    add_organisation,
    add_person,
    masked_data,
    open_field,
    set_language,
)
from app.accounts.services.resets import (
    ask_reset,
    check_reset_code,
    count_code_try,
    finish_reset,
    forget_old_resets,
    seal_reset,
)
from app.accounts.services.roles import end_role, grant_role
from app.accounts.services.sessions import (
    act_as,
    confirm_session,
    end_all_sessions,
    end_other_sessions,
    end_session,
    place_of,
    start_session,
    touch_session,
)
from app.accounts.services.sign_in import check_code, forget_old_tries, forgive, knock, set_up_code

__all__ = [
    "accept",
    "act_as",
    "add_account",
    "add_organisation",
    "add_passkey",
    "add_person",
    "ask_reset",
    "ask_to_add",
    "ask_to_show",
    "change_password",
    "check_code",
    "check_last_four",
    "check_passkey",
    "check_reset_code",
    "confirm_session",
    "count_code_try",
    "end_all_sessions",
    "end_other_sessions",
    "end_role",
    "end_session",
    "finish_reset",
    "forget_old_challenges",
    "forget_old_resets",
    "forget_old_tries",
    "forgive",
    "grant_role",
    "invite",
    "knock",
    "make_recovery_codes",
    "masked_data",
    "new_password",
    "note_clone",
    "open_field",
    "place_of",
    "remove_app",
    "remove_passkey",
    "rename_passkey",
    "reset_factors",
    "rotate_keys",
    "seal_reset",
    "set_language",
    "set_up_app",
    "set_up_code",
    "start_session",
    "touch_session",
    "use_passkey",
    "use_recovery_code",
]

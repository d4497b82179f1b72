"""Writes of the desk, called by the rooms above within their own transactions."""

from app.desk.services.documents import index, index_all, refresh, withdraw
from app.desk.services.notices import (
    choose,
    mark_all_read,
    mark_read,
    return_notices,
    set_rhythm,
    tell_all,
    withdraw_notices,
)
from app.desk.services.todos import (
    close_shortly,
    close_todos,
    move_todos,
    open_todo,
    open_todos,
    readdress_todos,
    retitle_todos,
    unname,
)

__all__ = [
    "choose",
    "close_shortly",
    "close_todos",
    "index",
    "index_all",
    "mark_all_read",
    "mark_read",
    "move_todos",
    "open_todo",
    "open_todos",
    "readdress_todos",
    "refresh",
    "retitle_todos",
    "return_notices",
    "set_rhythm",
    "tell_all",
    "unname",
    "withdraw",
    "withdraw_notices",
]

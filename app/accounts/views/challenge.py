"""The question that a page has put to a device, kept in the signed cookie until it is answered."""

from datetime import timedelta

from flask import session

from app.core import clock
from app.core.columns import JsonObject
from app.core.errors import InvalidError
from app.core.text import _l

STATE = "passkey"
ANSWERED_WITHIN = timedelta(minutes=10)


def keep(state: JsonObject) -> None:
    """Keep the state of an open question; the page opened last is the one that can be answered."""
    session[STATE] = {**state, "since": clock.real_now().timestamp()}


def kept_state() -> JsonObject:
    """Return the state of the open question; raises InvalidError where there is none within ten minutes."""
    state = session.pop(STATE, None)
    if not isinstance(state, dict) or clock.real_now().timestamp() - state["since"] > ANSWERED_WITHIN.total_seconds():
        raise InvalidError(_l("The page was open for too long. Try again."))
    return state

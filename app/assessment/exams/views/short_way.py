"""The short way of a request: its cookie's token knocks at the door, and one short transaction does the act."""

from collections.abc import Callable
from datetime import datetime

from app.accounts import door
from app.accounts.door import Knock
from app.accounts.services.sessions import TOUCH_AFTER
from app.accounts.views.current import keep_open, token_in_cookie
from app.core import clock


def through_door(act: Callable[[Knock, datetime], datetime | None]) -> bool:
    """Try an act at the door; False where it does not answer, and nothing was written then.

    The act returns when the session was last noted as used, so that one in use is prolonged.
    """
    token = token_in_cookie()
    if token is None or not door.is_open():
        return False
    at = clock.now()
    knock = door.knock(token, at)
    seen_at = act(knock, at)
    if seen_at is None:
        return False
    if knock.at - seen_at >= TOUCH_AFTER:
        keep_open(token)
    return True

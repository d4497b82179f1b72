"""What the script of the candidate's page sends, as JSON; 200 only once it is durable.

Saves and heartbeats take the short way of `services.hot` and, where that does not answer, the long one. Every answer
carries the server's time, the deadline in force and whether the sitting is paused.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import current_app, jsonify, request
from pydantic import BaseModel
from werkzeug.wrappers import Response

from app.accounts import door
from app.accounts.door import Knock
from app.accounts.services.sessions import TOUCH_AFTER
from app.accounts.views.current import keep_open, token_in_cookie
from app.assessment.exams.access import Permission
from app.assessment.exams.forms.sitting import SentPage, SentSaves
from app.assessment.exams.queries import sittings as queries
from app.assessment.exams.services import doors, hot, late, standing
from app.assessment.exams.services import sitting as services
from app.assessment.exams.services.answers import Beat, Saved, Writer
from app.assessment.exams.views.blueprint import sitting
from app.assessment.exams.views.reading import read_sent
from app.assessment.exams.views.seb import refuse_other_browser, shows_key
from app.core import clock
from app.core.access import acting, checks_itself, enforce, narrow, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError

Sent = TypeVar("Sent", bound=BaseModel)
Said = dict[str, Any]
Act = Callable[[Sent, datetime], Said]


@sitting.post("/<code>/arrive")
@requires(Permission.SIT)
@narrow
def arrive(code: str) -> Response:
    """Tell that the page which waits for the start is open."""

    def act(sent: SentPage, at: datetime) -> Said:
        services.arrive(_writer(code, sent), at=at)
        return {}

    return _long(SentPage, act)


@sitting.post("/<code>/hold")
@requires(Permission.SIT)
@narrow
def hold(code: str) -> Response:
    """Let the page that asks write; answer with what the server holds."""

    def act(sent: SentPage, at: datetime) -> Said:
        found = services.take_over(_writer(code, sent), at=at)
        kept = queries.kept(queries.own_attempt(code, acting()).id)
        answers = [
            {"position": place, "sequence": one.sequence, "response": one.response, "review": one.review}
            for place, one in kept.items()
        ]
        return {**_beat(found), "answers": answers}

    return _long(SentPage, act)


@sitting.post("/<code>/save")
@requires(Permission.SIT)
@narrow
@checks_itself
def save(code: str) -> Response:
    """Save answers; 200 only once they are durable."""

    def act(sent: SentSaves, at: datetime) -> Said:
        return _saved(services.save(_writer(code, sent), answers=sent.read(), at=at))

    def short(knock: Knock, sent: SentSaves, at: datetime) -> tuple[Said, datetime] | None:
        through = hot.save(knock, code, sent.page, sent.read(), at=at, checked=shows_key())
        return None if through is None else (_saved(through.done), through.seen_at)

    return _short(SentSaves, short) or _long(SentSaves, act)


@sitting.post("/<code>/beat")
@requires(Permission.SIT)
@narrow
@checks_itself
def beat(code: str) -> Response:
    """Show a sign of life; the answer carries the deadline in force."""

    def act(sent: SentPage, at: datetime) -> Said:
        return _beat(services.beat(_writer(code, sent), at=at))

    def short(knock: Knock, sent: SentPage, at: datetime) -> tuple[Said, datetime] | None:
        through = hot.beat(knock, code, sent.page, at=at, checked=shows_key())
        return None if through is None else (_beat(through.done), through.seen_at)

    return _short(SentPage, short) or _long(SentPage, act)


@sitting.post("/<code>/submit")
@requires(Permission.SIT)
@narrow
@checks_itself
def submit(code: str) -> Response:
    """Hand in; repeated, it says the same."""

    def act(sent: SentPage, at: datetime) -> Said:
        doors.refuse_early_hand_in(code, by=acting(), at=at)
        return {"submitted": services.submit(_writer(code, sent), at=at).value}

    def short(knock: Knock, sent: SentPage, at: datetime) -> tuple[Said, datetime] | None:
        through = hot.submit(knock, code, sent.page, at=at, checked=shows_key())
        return None if through is None else ({"submitted": through.done.value}, through.seen_at)

    return _short(SentPage, short) or _long(SentPage, act)


@sitting.post("/<code>/kept")
@requires(Permission.SIT)
@narrow
def keep(code: str) -> Response:
    """Take answers that came after the end, or from a page that had lost the sitting."""

    def act(sent: SentSaves, at: datetime) -> Said:
        done = late.keep(_writer(code, sent), answers=sent.read(), at=at)
        return {"kept": done.kept, "merged": done.merged, **_time(done.deadline_at, paused=done.paused)}

    return _long(SentSaves, act)


def _writer(code: str, sent: SentPage) -> Writer:
    queries.refuse_beyond(code, acting())
    return Writer(code, sent.page, acting())


def _saved(done: Saved) -> Said:
    return {"saved": done.saved, "superseded": done.superseded, **_time(done.deadline_at, paused=done.paused)}


def _beat(done: Beat) -> Said:
    return {"holds": done.holds, **_time(done.deadline_at, paused=done.paused)}


def _time(deadline_at: datetime, *, paused: bool) -> Said:
    """Return what every answer carries: the deadline, whether time stands still, and then when to ask again (ms)."""
    said = {"deadline_at": deadline_at.isoformat(), "paused": paused}
    return {**said, "again": standing.asks_again() // timedelta(milliseconds=1)} if paused else said


def _short(kind: type[Sent], act: Callable[[Knock, Sent, datetime], tuple[Said, datetime] | None]) -> Response | None:
    """Try the short way; None where it does not answer, and nothing was written then."""
    token = token_in_cookie()
    if token is None or not door.is_open():
        return None
    try:
        sent = read_sent(kind)
    except DomainError:
        return None
    at = clock.now()
    knock = door.knock(token, at)
    through = act(knock, sent, at)
    if through is None:
        return None
    said, seen_at = through
    if knock.at - seen_at >= TOUCH_AFTER:
        keep_open(token)
    return _json(said, at)


def _long(kind: type[Sent], act: Act[Sent]) -> Response:
    """Check who it is, read what the page sent, act in one transaction, answer once it is committed."""
    enforce()
    try:
        refuse_other_browser((request.view_args or {})["code"])
        sent = read_sent(kind)
        at = clock.now()
        with unit_of_work():
            done = act(sent, at)
    except DomainError as error:
        refusal = jsonify(code=error.code, error=error.code, message=str(error), now=clock.now().isoformat())
        refusal.status_code = error.status
        return refusal
    return _json(done, at)


def _json(said: Said, at: datetime) -> Response:
    text = current_app.json.dumps({**said, "now": at.isoformat()})
    return current_app.response_class(text, mimetype="application/json")

"""What the chair does: open, close, start the key over, call off."""

from datetime import timedelta

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from app.ballots import queries, services
from app.ballots.access import Permission
from app.ballots.forms import CallOffForm, OpenForm
from app.ballots.models import Ballot
from app.ballots.views.pages import ballot_page, bp
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.text import _, _l

Answer = str | Response | tuple[str, int]


def _conducted(code: str) -> Ballot:
    found = queries.ballot(code, acting())
    if not queries.may_conduct(found, acting()):
        raise ForbiddenError(_l("Only the chair of this ballot conducts it."))
    return found


def _back(code: str) -> Response:
    return redirect(url_for("ballots.ballot", code=code))


@bp.post("/<code>/open")
@requires(Permission.CONDUCT)
def open_vote(code: str) -> Answer:
    """Open the vote for so many minutes."""
    found, form = _conducted(code), OpenForm()
    if not form.validate():
        return ballot_page(found, open=form), 422
    now = clock.now()
    try:
        with unit_of_work():
            closes_at = now + timedelta(minutes=form.minutes.data or 0)
            services.open_vote(_conducted(code), closes_at=closes_at, by=acting(), at=now)
    except ConflictError as error:
        form.form_errors.append(str(error))
        return ballot_page(_conducted(code), open=form), error.status
    flash(_("The vote is open. Every voter who attends finds it among their to-dos."), "good")
    return _back(code)


@bp.post("/<code>/close")
@requires(Permission.CONDUCT)
def close_vote(code: str) -> Answer:
    """Close the vote; its list is fixed from now on."""
    with unit_of_work():
        services.close_vote(_conducted(code), by=acting(), at=clock.now())
    flash(_("The vote is closed and its list is fixed."), "good")
    return _back(code)


@bp.post("/<code>/restart")
@requires(Permission.CONDUCT)
def restart(code: str) -> Answer:
    """Let the trustees make the key again."""
    with unit_of_work():
        services.restart(_conducted(code), by=acting(), at=clock.now())
    flash(_("The trustees are asked to make the key again."), "good")
    return _back(code)


@bp.post("/<code>/call-off")
@requires(Permission.CALL_OFF)
def call_off(code: str) -> Answer:
    """Call the ballot off with a reason."""
    found, form = queries.ballot(code, acting()), CallOffForm()
    if not queries.may_call_off(found, acting()):
        raise ForbiddenError(services.NOT_TO_BE_CALLED_OFF)
    if not form.validate():
        return ballot_page(found, call_off=form), 422
    with unit_of_work():
        services.call_off(queries.ballot(code, acting()), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("The ballot is called off. Its votes stay sealed."), "good")
    return _back(code)

"""A trustee's page: making the key, and opening the tally, both in the trustee's own browser."""

from flask import jsonify, render_template, request
from werkzeug.wrappers import Response

from app.ballots import queries, services
from app.ballots.access import Permission
from app.ballots.queries.steps import key_data, step_of, trustee_word
from app.ballots.states import Step
from app.ballots.views.pages import bp
from app.cases.queries import restrictions
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import InvalidError, NotFoundError
from app.core.text import _l

ACTS = {
    Step.JOIN.value: services.join,
    Step.DEAL.value: services.deal,
    Step.CONFIRM.value: services.confirm,
    Step.OPEN.value: services.hand_in,
    "complain": services.complain,
}


@bp.get("/<code>/key")
@requires(Permission.KEEP)
def key(code: str) -> str:
    """Show a trustee what their key needs next."""
    found = queries.ballot(code, acting())
    trustee = queries.trustee_of(found, acting())
    barred = queries.barred_from(found, acting())
    return render_template(
        "ballots/key.html",
        ballot=found,
        trustee=trustee,
        step=Step.WAIT if barred else step_of(found, trustee),
        barred=restrictions.refusal(barred) if barred else None,
        data=key_data(found, trustee),
        places={one.place: trustee_word(one) for one in found.trustees},
    )


@bp.post("/<code>/key/<act>")
@requires(Permission.KEEP)
def act(code: str, act: str) -> Response:
    """Take what a trustee's browser made for a step; secrets never are among it."""
    if act not in ACTS:
        raise NotFoundError(_l("There is no such step."))
    queries.trustee_of(queries.ballot(code, acting()), acting())
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise InvalidError(_l("The page sent something that cannot be read. Reload it and try again."))
    with unit_of_work():
        ACTS[act](queries.ballot(code, acting()), sent=sent, by=acting(), at=clock.now())
    return jsonify({"done": act})

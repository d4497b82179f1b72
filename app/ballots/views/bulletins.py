"""The bulletin of a ballot: hashes while the vote runs, everything to count again once it is closed."""

from flask import Response, jsonify, render_template, request

from app.ballots import queries
from app.ballots.models import Ballot
from app.ballots.queries.counting import bulletin_of
from app.ballots.states import BallotState
from app.ballots.views.pages import bp
from app.core.access import Actor, acting, signed_in
from app.core.errors import ConflictError, NotFoundError
from app.core.text import _l

HELD = {BallotState.CLOSED, BallotState.DECIDED}


@bp.get("/<code>/bulletin")
@signed_in
def bulletin(code: str) -> str:
    """Show the hashes of all votes; a voter finds their own."""
    found = queries.ballot(code, acting())
    sought = request.args.get("hash", "").strip().lower()
    hashes = queries.vote_hashes(found)
    return render_template(
        "ballots/bulletin.html",
        ballot=found,
        hashes=hashes,
        sought=sought,
        whole=found.state in HELD and _may_read(found, acting()),
        represented=queries.represented_in(found) if found.state in HELD else [],
    )


@bp.get("/<code>/bulletin.json")
@signed_in
def bulletin_json(code: str) -> Response:
    """Send the whole bulletin of a closed ballot."""
    found = queries.ballot(code, acting())
    if not _may_read(found, acting()):
        raise NotFoundError(queries.UNKNOWN)
    if found.state not in HELD:
        raise ConflictError(_l("The bulletin is complete when the vote is closed. Come back then."))
    answer = jsonify(bulletin_of(found))
    answer.headers["Content-Disposition"] = f'attachment; filename="ballot-{found.code}.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _may_read(found: Ballot, actor: Actor) -> bool:
    """Whoever is recused from a question finds no whole bulletin, which holds its result; a trustee needs the votes."""
    recused = len(queries.visible_questions(found, actor)) < len(found.questions)
    keeps = any(one.person_id == actor.person_id for one in found.trustees)
    return not recused or (keeps and found.state is BallotState.CLOSED)

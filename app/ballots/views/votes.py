"""A voter's ballot page and the casting of an encrypted vote."""

from flask import jsonify, render_template, request
from pydantic import ValidationError
from werkzeug.wrappers import Response

from app.ballots import queries, services
from app.ballots.access import Permission
from app.ballots.forms import SentVote
from app.ballots.queries.counting import election_key
from app.ballots.states import CHOICE_LABELS, BallotState
from app.ballots.views.pages import bp
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import InvalidError
from app.core.text import _l


@bp.get("/<code>/vote")
@requires(Permission.VOTE)
def vote(code: str) -> str:
    """Show the ballot to a voter, or the receipt of what they cast."""
    found = queries.ballot(code, acting())
    voter = queries.voter_for(found, acting(), request.args.get("for", ""))
    own = voter.person_id == acting().person_id
    rules, here = queries.pinned(found).rules, (voter if own else queries.own_seat(found, acting())).attending
    cast_before = queries.vote_of(voter)
    open_now = found.state is BallotState.OPEN and found.closes_at is not None and clock.now() <= found.closes_at
    return render_template(
        "ballots/vote.html",
        ballot=found,
        voter=voter,
        questions=queries.questions_for(found, voter),
        choices=list(CHOICE_LABELS.items()),
        receipt=cast_before,
        may_vote=open_now and here and (cast_before is None or rules.revoting == "last"),
        absent=open_now and not here,
        may_be_represented=rules.proxy and own,
        election=election_key(found) if found.fingerprint else {},
        revoting=rules.revoting == "last",
    )


@bp.post("/<code>/vote")
@requires(Permission.VOTE)
def cast(code: str) -> tuple[Response, int]:
    """Keep an encrypted vote; its proofs are checked before the transaction begins."""
    found = queries.ballot(code, acting())
    sent = _sent()
    voter = queries.voter_for(found, acting(), sent.voter)
    checked = services.read(found, voter, sent.vote)
    with unit_of_work():
        row = services.cast(found, voter, vote=checked, by=acting(), at=clock.now())
    return jsonify({"ballot": code, "hash": row.hash}), 201


def _sent() -> SentVote:
    try:
        return SentVote.model_validate(request.get_json(silent=True))
    except ValidationError as error:
        raise InvalidError(_l("The page sent something that is not a vote. Reload it and vote again.")) from error

"""The trustees open the tally: each hands in a part with its proof, the second part gives the counts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.ballots import queries
from app.ballots.models import Ballot
from app.ballots.queries.counting import counted, lines_of, opened_product
from app.ballots.rules.group import point
from app.ballots.rules.keys import THRESHOLD, public_share
from app.ballots.rules.tally import check_opening, counts, opening_context
from app.ballots.services.deciding import decide
from app.ballots.services.subjects import subject
from app.ballots.services.trustees import refuse_restricted
from app.ballots.states import BallotState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError
from app.core.text import _l
from app.desk import services as desk


def hand_in(found: Ballot, *, sent: Mapping[str, Any], by: Actor, at: datetime) -> None:
    """Keep a trustee's part of the tally; with two parts the counts are found and the ballot is decided.

    Raises RefusedError where the proof does not hold, ConflictError where the tally is not being opened, ForbiddenError
    for who may not serve as an expert: the other two open it.
    """
    standing = queries.locked(found)
    trustee = queries.trustee_of(standing, by)
    session.refresh(trustee)
    if trustee.opening is not None:
        return
    refuse_restricted(by, at=at)
    if standing.state is not BallotState.CLOSED:
        raise ConflictError(_l("The tally is not being opened now. Reload to see where the ballot is."))
    summed = opened_product(standing)
    held = public_share(trustee.place, lines_of(standing))
    context = opening_context(standing.fingerprint or "", trustee.place, standing.list_digest or "")
    check_opening(context, held, summed, sent)
    trustee.opening = {"shares": sent["shares"], "proof": sent["proof"]}
    trustee.opened_at = at
    session.flush()
    events.record("ballots.trustee_opened", subject(standing), by=by, at=at, data={"place": trustee.place})
    desk.close_todos(subject(standing), at=at, kind="ballots.tally", person_id=trustee.person_id)
    openings = {
        one.place: [point(text) for text in one.opening["shares"]]
        for one in standing.trustees
        if one.opening is not None
    }
    if len(openings) >= THRESHOLD:
        decide(standing, counts(summed, openings, len(counted(standing))), at=at)

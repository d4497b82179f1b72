"""Trustees who may not serve as experts act on nothing of a ballot; it goes on without them, or its office is told.

Two of three trustees open a tally, so one of them may be missing. Where fewer are left, or nobody conducts the vote,
the office that called the ballot calls it off and calls it anew, and no vote is opened. A part that was handed in
before a restriction counts.
"""

from datetime import datetime

from sqlalchemy import select

from app.ballots import queries
from app.ballots.models import Ballot, BallotTrustee
from app.ballots.services.subjects import subject, titles, url
from app.ballots.states import SERVE, STANDING, BallotState
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ForbiddenError
from app.core.text import _l
from app.desk import services as desk


def refuse_restricted(by: Actor, *, at: datetime) -> None:
    """Raise ForbiddenError for a trustee or chair who may not serve as an expert, with what becomes of the ballot."""
    found = restrictions.in_force(SERVE, person_id=by.person_id, on=day_of(at))
    if found:
        raise ForbiddenError(
            _l(
                "%(why)s Two of the three trustees are enough to open the tally without you. Where fewer are left, or "
                "the chair is missing, the office that called the ballot calls it off and calls it anew.",
                why=str(restrictions.refusal(found[0])),
            ),
            code="restricted",
        )


def heed_restrictions(*, at: datetime) -> None:
    """Write down which trustees of standing ballots may not serve today, and tell whom it concerns.

    Restrictions begin, end and are lifted by decisions and by dates, so this is asked on both.
    """
    query = (
        select(BallotTrustee.ballot_id, BallotTrustee.person_id, BallotTrustee.barred)
        .join(Ballot, Ballot.id == BallotTrustee.ballot_id)
        .where(Ballot.state.in_(STANDING))
    )
    rows = session.execute(query).all()
    barred = restrictions.restricted(SERVE, {person for _ballot, person, _barred in rows}, on=day_of(at))
    changed = {ballot for ballot, person, was in rows if was is not (person in barred)}
    for ballot_id in sorted(changed):
        _heed(queries.locked(session.get_one(Ballot, ballot_id)), set(barred), at=at)


def _heed(standing: Ballot, barred: set[int], *, at: datetime) -> None:
    if standing.state not in STANDING:
        return
    for one in standing.trustees:
        session.refresh(one)
        if one.barred is not (one.person_id in barred):
            one.barred = not one.barred
            kind = "ballots.trustee_barred" if one.barred else "ballots.trustee_free"
            session.flush()
            events.record(kind, subject(standing), by=None, at=at, data={"place": one.place})
    ask_trustees(standing, at=at)


def ask_trustees(standing: Ballot, *, at: datetime) -> None:
    """Let the key or the tally wait for each trustee who owes a part and may act; tell the office where none can be."""
    for one in standing.trustees:
        for kind, owed in _owed(standing, one).items():
            if owed and not one.barred:
                _ask(standing, kind, one.person_id, at=at)
            else:
                desk.close_todos(subject(standing), at=at, kind=kind, person_id=one.person_id)
    if standing.called_by_id is not None and queries.held_up(standing):
        _ask(standing, "ballots.held_up", standing.called_by_id, at=at)
    else:
        desk.close_todos(subject(standing), at=at, kind="ballots.held_up")


def _owed(standing: Ballot, one: BallotTrustee) -> dict[str, bool]:
    return {
        "ballots.key": standing.state is BallotState.KEYS and one.confirm_proof is None,
        "ballots.tally": standing.state is BallotState.CLOSED and one.opening is None,
    }


def _ask(standing: Ballot, kind: str, person_id: int, *, at: datetime) -> None:
    page = url(standing) if kind == "ballots.held_up" else url(standing, "/key")
    desk.open_todo(kind, subject(standing), url=page, at=at, person_id=person_id, params=titles(standing))

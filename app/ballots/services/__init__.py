"""Writes of the ballots room; rooms above call these."""

from app.ballots.services.calling import Asked, Eligible, call_ballot, call_off
from app.ballots.services.keys import complain, confirm, deal, join, restart
from app.ballots.services.opening import hand_in
from app.ballots.services.recusing import recuse
from app.ballots.services.subjects import subject
from app.ballots.services.voting import (
    appoint_proxy,
    cast,
    close_vote,
    open_vote,
    read,
    set_attendance,
)

__all__ = [
    "Asked",
    "Eligible",
    "appoint_proxy",
    "call_ballot",
    "call_off",
    "cast",
    "close_vote",
    "complain",
    "confirm",
    "deal",
    "hand_in",
    "join",
    "open_vote",
    "read",
    "recuse",
    "restart",
    "set_attendance",
    "subject",
]

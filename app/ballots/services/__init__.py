"""Writes of the ballots room; rooms above call these."""

from app.ballots.services.calling import NOT_TO_BE_CALLED_OFF, Asked, Eligible, call_ballot, call_off
from app.ballots.services.keys import complain, confirm, deal, join, restart
from app.ballots.services.opening import hand_in
from app.ballots.services.presence import note_presence
from app.ballots.services.proxies import appoint_proxy, take_back_proxy
from app.ballots.services.recusing import readmit, recuse
from app.ballots.services.subjects import subject
from app.ballots.services.trustees import heed_restrictions
from app.ballots.services.voting import cast, close_vote, open_vote, read

__all__ = [
    "NOT_TO_BE_CALLED_OFF",
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
    "heed_restrictions",
    "join",
    "note_presence",
    "open_vote",
    "read",
    "readmit",
    "recuse",
    "restart",
    "subject",
    "take_back_proxy",
]

"""When an absent voter may be represented by another; pure."""

from app.ballots.rules.parameters import BallotRules
from app.ballots.states import TAKING, BallotState
from app.core.errors import ConflictError
from app.core.text import _l


def may_be_represented(rules: BallotRules, state: BallotState, *, attending: bool, voted: bool) -> None:
    """Refuse where nothing of a voter's proxy can be settled, with the reason and what is left; ConflictError."""
    if not rules.proxy:
        raise ConflictError(
            _l("The rules of this ballot let nobody vote for somebody else. Whoever is absent has no vote.")
        )
    if state not in TAKING:
        raise ConflictError(_l("The vote is over; nobody can be represented in it any more."))
    if voted:
        raise ConflictError(_l("Your vote is cast, so your proxy can no longer be changed."))
    if attending:
        raise ConflictError(_l("You are recorded as present, so you vote yourself and need no proxy."))

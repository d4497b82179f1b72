"""The life of a secret ballot: its keys are made, it opens, closes, and two of three trustees open the tally."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class BallotState(StrEnum):
    """Where a ballot is."""

    KEYS = "keys"
    READY = "ready"
    OPEN = "open"
    CLOSED = "closed"
    DECIDED = "decided"
    CALLED_OFF = "called_off"


STANDING = (BallotState.KEYS, BallotState.READY, BallotState.OPEN, BallotState.CLOSED)
"""Where a ballot has neither a result nor an end without one."""

BEFORE_VOTE = (BallotState.KEYS, BallotState.READY)
"""Where nobody could vote yet, so that who may vote on what can still grow."""

TAKING = (BallotState.KEYS, BallotState.READY, BallotState.OPEN)
"""Where votes are taken or still to come, so that attendance and proxies matter."""


class Choice(StrEnum):
    """What a voter may say to a question."""

    APPROVE = "approve"
    OBJECT = "object"
    ABSTAIN = "abstain"


CHOICE_LABELS: dict[Choice, Text] = {
    Choice.APPROVE: _l("In favour"),
    Choice.OBJECT: _l("Against"),
    Choice.ABSTAIN: _l("Abstain"),
}


class Step(StrEnum):
    """What a trustee does next."""

    JOIN = "join"
    DEAL = "deal"
    CONFIRM = "confirm"
    OPEN = "open"
    WAIT = "wait"


CONDUCT, CALL_OFF = "ballots.conduct", "ballots.call_off"
SERVE = "panels.serve"
"""The restriction under which nobody serves as an expert; this is the lowest of the rooms whose doors ask about it."""
BALLOT = Lifecycle[BallotState](
    "ballot",
    BallotState.KEYS,
    (
        Move("key", frozenset({BallotState.KEYS}), BallotState.READY, None, _l("The key is complete")),
        Move(
            "restart",
            frozenset({BallotState.KEYS, BallotState.READY}),
            BallotState.KEYS,
            CONDUCT,
            _l("Make the key again"),
        ),
        Move("open", frozenset({BallotState.READY}), BallotState.OPEN, CONDUCT, _l("Open the vote")),
        Move("close", frozenset({BallotState.OPEN}), BallotState.CLOSED, CONDUCT, _l("Close the vote")),
        Move("decide", frozenset({BallotState.CLOSED}), BallotState.DECIDED, None, _l("The tally is open")),
        Move(
            "call_off",
            frozenset(STANDING),
            BallotState.CALLED_OFF,
            CALL_OFF,
            _l("Call the ballot off"),
        ),
    ),
)

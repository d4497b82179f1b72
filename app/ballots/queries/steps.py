"""What a trustee does next, and what their browser needs for it."""

from typing import Any

from app.ballots.models import Ballot, BallotTrustee
from app.ballots.states import BallotState, Step


def step_of(found: Ballot, trustee: BallotTrustee) -> Step:
    """Return the act that waits for a trustee, `Step.WAIT` where others come first."""
    if found.state is BallotState.CLOSED:
        return Step.OPEN if trustee.opening is None else Step.WAIT
    if found.state is not BallotState.KEYS or any(one.complaint for one in found.trustees):
        return Step.WAIT
    if trustee.exchange is None:
        return Step.JOIN
    joined = all(one.exchange for one in found.trustees)
    dealt = all(one.dealt for one in found.trustees)
    if trustee.dealt is None:
        return Step.DEAL if joined else Step.WAIT
    if trustee.confirm_proof is None:
        return Step.CONFIRM if dealt else Step.WAIT
    return Step.WAIT


def key_data(found: Ballot, trustee: BallotTrustee) -> dict[str, Any]:
    """Return what a trustee's browser works on: public values, and shares that only it can open."""
    return {
        "ballot": found.code,
        "ceremony": found.ceremony,
        "place": trustee.place,
        "step": step_of(found, trustee).value,
        "questions": [one.code for one in found.questions],
        "exchanges": [one.exchange for one in found.trustees],
        "dealt": [one.dealt for one in found.trustees],
    }


def trustee_word(one: BallotTrustee) -> str:
    """Return where a trustee is: none, joined, dealt, confirmed or opened."""
    reached = ("exchange", "joined"), ("dealt", "dealt"), ("confirm_proof", "confirmed"), ("opening", "opened")
    words = ["none", *(word for column, word in reached if getattr(one, column) is not None)]
    return "complained" if one.complaint else words[-1]

"""From counts to a verdict with its lines, and whether a vote may be cast; pure functions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.ballots.rules.parameters import BallotRules
from app.ballots.rules.tally import Counts
from app.ballots.states import BallotState, Choice
from app.core.errors import ConflictError, Text
from app.core.text import _l
from app.rulebook.verdicts import Line, Outcome, Verdict

REASONS: dict[str, Text] = {
    "quorum": _l("%(present)s of the %(committee)s members attend; at least %(needed)s must."),
    "opened": _l("%(votes)s votes were cast on this question; at least %(needed)s are needed to open the tally."),
    "approvals": _l("%(approve)s of the %(attending)s attending approve; at least %(needed)s must."),
}


@dataclass(frozen=True, slots=True)
class Pinned:
    """The pack a ballot was called under: its parameters, code, tag and source in words."""

    rules: BallotRules
    code: str
    tag: str
    source: str


@dataclass(frozen=True, slots=True)
class Turnout:
    """The facts of one question when the vote closed: `free` are present and not recused, `attending` are counted.

    Who is represented counts among those attending once a vote was cast for them, and never among those present.
    """

    committee: int
    present: int
    free: int
    attending: int
    votes: int


def verdict(pinned: Pinned, turnout: Turnout, counted: Counts | None) -> Verdict:
    """Decide one question; without counts (too few votes to open) it cannot pass."""
    needed_present = pinned.rules.needed_present(turnout.committee)
    needed_approvals = pinned.rules.needed_approvals(turnout.attending)
    approve = counted[Choice.APPROVE] if counted else 0
    lines = [
        _line(
            pinned,
            "quorum",
            turnout.present >= needed_present,
            {"present": turnout.present, "committee": turnout.committee, "needed": needed_present},
        ),
        _line(
            pinned,
            "opened",
            turnout.votes >= pinned.rules.least_votes,
            {"votes": turnout.votes, "needed": pinned.rules.least_votes},
        ),
    ]
    if counted:
        facts = {"approve": approve, "attending": turnout.attending, "needed": needed_approvals}
        lines.append(_line(pinned, "approvals", approve >= needed_approvals, facts))
    return Verdict(tuple(lines), pinned.code, pinned.tag)


def _line(pinned: Pinned, reason: str, met: object, facts: dict[str, int]) -> Line:
    return Line(
        reason,
        Outcome.MET if met else Outcome.NOT_MET,
        params={name: str(value) for name, value in facts.items()},
        rule=pinned.code,
        source=pinned.source,
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """What decides whether a vote is taken now."""

    state: BallotState
    opened_at: datetime | None
    closes_at: datetime | None
    committee: int
    present: int
    at: datetime


def may_be_cast(rules: BallotRules, moment: Moment) -> None:
    """Refuse a vote before the opening, after the end, or without a quorum; raises ConflictError."""
    if moment.opened_at is None or moment.closes_at is None or moment.state is not BallotState.OPEN:
        raise ConflictError(_l("The vote is not open. The page of the ballot shows where it is."), code="not_open")
    if moment.at < moment.opened_at:
        raise ConflictError(_l("The vote has not begun yet."), code="not_open")
    if moment.at > moment.closes_at + timedelta(minutes=rules.late_minutes):
        raise ConflictError(
            _l("The time to vote is over and later votes are not taken. The chair closes the vote."), code="late"
        )
    if moment.present < rules.needed_present(moment.committee):
        raise ConflictError(
            _l("Too few members attend, so votes are not taken. Try again when the chair has the quorum back."),
            code="quorum",
        )

"""The result of a ballot: counts and a verdict for each question, told to the rooms above by an event."""

from collections.abc import Mapping
from datetime import datetime

from app.ballots import queries
from app.ballots.models import Ballot, BallotQuestion
from app.ballots.queries.counting import turnouts
from app.ballots.rules.tally import Counts
from app.ballots.rules.verdicts import Turnout, verdict
from app.ballots.services.subjects import subject
from app.ballots.states import BALLOT, Choice
from app.core import events
from app.core.columns import JsonObject
from app.core.db import session
from app.desk import services as desk


def decide(standing: Ballot, counted: Mapping[str, Counts], *, at: datetime) -> None:
    """Write counts and verdicts and record `ballots.decided` for the room that called the ballot."""
    pinned, facts = queries.pinned(standing), turnouts(standing)
    BALLOT.move(standing, "decide", decided_at=at)
    for question in standing.questions:
        found = counted.get(question.code)
        reached = verdict(pinned, facts[question.code], found)
        question.attending = facts[question.code].attending
        if found is not None:
            question.approve, question.object, question.abstain = (found[choice] for choice in Choice)
        question.passed, question.verdict = reached.met, reached.to_json()
    session.flush()
    data = {"meeting": standing.meeting_code, "questions": [_told(one, facts[one.code]) for one in standing.questions]}
    events.record("ballots.decided", subject(standing), by=None, at=at, rule=pinned.code, data=data)
    desk.close_todos(subject(standing), at=at)


def _told(question: BallotQuestion, facts: Turnout) -> JsonObject:
    return {
        "question": question.code,
        "reference": question.reference,
        "present": facts.present,
        "free": facts.free,
        "attending": question.attending,
        "approve": question.approve,
        "object": question.object,
        "abstain": question.abstain,
        "passed": question.passed,
    }

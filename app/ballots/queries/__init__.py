"""Reads of the ballots room: records within one's scope, and the bulletin of a closed ballot."""

from app.ballots.queries.records import (
    Page,
    ballot,
    ballots,
    locked,
    may_conduct,
    pinned,
    questions_for,
    trustee_of,
    turnout_of,
    visible,
    visible_question,
    visible_questions,
    vote_hashes,
    vote_of,
    voter_for,
    voters_for,
)

__all__ = [
    "Page",
    "ballot",
    "ballots",
    "locked",
    "may_conduct",
    "pinned",
    "questions_for",
    "trustee_of",
    "turnout_of",
    "visible",
    "visible_question",
    "visible_questions",
    "vote_hashes",
    "vote_of",
    "voter_for",
    "voters_for",
]

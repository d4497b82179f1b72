"""Writes of title evaluation."""

from app.assessment.titles.services.applications import accept, give_back, save, start, submit
from app.assessment.titles.services.results import clear_or_stop, confirm_title, count_votes, reopen, vote_again
from app.assessment.titles.services.rounds import Planned, call_meeting, call_vote, confirm_round, propose

__all__ = [
    "Planned",
    "accept",
    "call_meeting",
    "call_vote",
    "clear_or_stop",
    "confirm_round",
    "confirm_title",
    "count_votes",
    "give_back",
    "propose",
    "reopen",
    "save",
    "start",
    "submit",
    "vote_again",
]

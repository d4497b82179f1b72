"""Writes of title evaluation."""

from app.assessment.titles.services.applications import accept, give_back, save, start, submit, take_new_versions
from app.assessment.titles.services.results import (
    clear_or_stop,
    confirm_title,
    count_votes,
    reopen,
    stop_without,
    vote_again,
)
from app.assessment.titles.services.rounds import Planned, call_meeting, call_vote, confirm_round, propose
from app.assessment.titles.services.withdrawals import (
    approve_withdrawal,
    of_withdrawal,
    propose_withdrawal,
    reject_withdrawal,
    set_aside_withdrawal,
)

__all__ = [
    "Planned",
    "accept",
    "approve_withdrawal",
    "call_meeting",
    "call_vote",
    "clear_or_stop",
    "confirm_round",
    "confirm_title",
    "count_votes",
    "give_back",
    "of_withdrawal",
    "propose",
    "propose_withdrawal",
    "reject_withdrawal",
    "reopen",
    "save",
    "set_aside_withdrawal",
    "start",
    "stop_without",
    "submit",
    "take_new_versions",
    "vote_again",
]

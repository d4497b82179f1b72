"""Writes of the credit room: records by two officers, ratings, repair."""

from app.assessment.credit.services.doubts import agree, propose, send_back
from app.assessment.credit.services.ratings import rate_person, rate_some, start_cycle
from app.assessment.credit.services.records import Entry, confirm, enter, reinstate, reject, withdraw
from app.assessment.credit.services.repairs import apply_for_repair, decide_repair

__all__ = [
    "Entry",
    "agree",
    "apply_for_repair",
    "confirm",
    "decide_repair",
    "enter",
    "propose",
    "rate_person",
    "rate_some",
    "reinstate",
    "reject",
    "send_back",
    "start_cycle",
    "withdraw",
]

"""Writes of the case room: the API that other rooms call."""

from app.cases.services.appeals import appeal_until, keep_older
from app.cases.services.cases import Filing, appeal, keep_draft, open_case, raise_draft, supply, withdraw
from app.cases.services.clocks import end_publicity, escalate, remind_of_declarations, tell_of_missing
from app.cases.services.handling import accept, ask_for_materials, decide, decline, resume, reveal_author
from app.cases.services.leads import count_lead
from app.cases.services.notices import confirm_receipt, record_delivery
from app.cases.services.older import seal_some
from app.cases.services.relations import Relative
from app.cases.services.restrictions import impose, lift
from app.cases.services.rising import is_left_alone, rise
from app.cases.services.visitors import (
    Pass,
    appeal_followed,
    count_wrong,
    followed,
    forget_contact,
    let_follow,
    secret_of,
    supply_followed,
)

__all__ = [
    "Filing",
    "Pass",
    "Relative",
    "accept",
    "appeal",
    "appeal_followed",
    "appeal_until",
    "ask_for_materials",
    "confirm_receipt",
    "count_lead",
    "count_wrong",
    "decide",
    "decline",
    "end_publicity",
    "escalate",
    "followed",
    "forget_contact",
    "impose",
    "is_left_alone",
    "keep_draft",
    "keep_older",
    "let_follow",
    "lift",
    "open_case",
    "raise_draft",
    "record_delivery",
    "remind_of_declarations",
    "resume",
    "reveal_author",
    "rise",
    "seal_some",
    "secret_of",
    "supply",
    "supply_followed",
    "tell_of_missing",
    "withdraw",
]

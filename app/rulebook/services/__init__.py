"""Writes of the rulebook: packs and their publication, records of decisions, replays, drafts as they are edited."""

from app.rulebook.services.packs import load_draft, propose, publish, send_back, subject, withdraw
from app.rulebook.services.records import Decided, record_decision, record_decisions
from app.rulebook.services.replays import ask_for_replay, replay_some

__all__ = [
    "Decided",
    "ask_for_replay",
    "load_draft",
    "propose",
    "publish",
    "record_decision",
    "record_decisions",
    "replay_some",
    "send_back",
    "subject",
    "withdraw",
]

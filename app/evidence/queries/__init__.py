"""Reads of the evidence room."""

from app.evidence.queries.facts import facts_of

__all__ = ["facts_of"]

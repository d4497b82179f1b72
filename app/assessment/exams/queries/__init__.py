"""Reads of the exams room; what the rooms above may ask is named here."""

from app.assessment.exams.queries.results import released_result
from app.assessment.exams.queries.sessions import examined_by

__all__ = ["examined_by", "released_result"]

"""Pages of the exams room."""

from app.assessment.exams.views import (
    corrections,
    late,
    own,
    papers,
    protocol,
    results,
    sessions,
    sitting,
    tickets,
)
from app.assessment.exams.views.blueprint import bp
from app.assessment.exams.views.blueprint import sitting as sitting_bp

__all__ = [
    "bp",
    "corrections",
    "late",
    "own",
    "papers",
    "protocol",
    "results",
    "sessions",
    "sitting",
    "sitting_bp",
    "tickets",
]

"""Pages of the exams room."""

from app.assessment.exams.views import (
    corrections,
    flags,
    own,
    papers,
    results,
    sessions,
    similarity,
    sitting,
    statistics,
)
from app.assessment.exams.views.blueprint import bp
from app.assessment.exams.views.blueprint import sitting as sitting_bp

__all__ = [
    "bp",
    "corrections",
    "flags",
    "own",
    "papers",
    "results",
    "sessions",
    "similarity",
    "sitting",
    "sitting_bp",
    "statistics",
]

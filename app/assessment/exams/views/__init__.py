"""Pages of the exams room."""

from app.assessment.exams.views import (
    corrections,
    enemies,
    equating,
    own,
    paper,
    papers,
    results,
    sessions,
    sitting,
    standards,
)
from app.assessment.exams.views.blueprint import bp
from app.assessment.exams.views.blueprint import sitting as sitting_bp

__all__ = [
    "bp",
    "corrections",
    "enemies",
    "equating",
    "own",
    "paper",
    "papers",
    "results",
    "sessions",
    "sitting",
    "sitting_bp",
    "standards",
]

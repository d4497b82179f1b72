"""Pages of the exams room."""

from app.assessment.exams.views import (
    corrections,
    leading,
    marking,
    own,
    papers,
    regrading,
    reports,
    results,
    sessions,
    sitting,
)
from app.assessment.exams.views.blueprint import bp
from app.assessment.exams.views.blueprint import sitting as sitting_bp

__all__ = [
    "bp",
    "corrections",
    "leading",
    "marking",
    "own",
    "papers",
    "regrading",
    "reports",
    "results",
    "sessions",
    "sitting",
    "sitting_bp",
]

"""Pages of the exams room."""

from app.assessment.exams.views import (
    arranging,
    board,
    conduct,
    corrections,
    extra_time,
    files,
    incidents,
    own,
    papers,
    registering,
    results,
    seb,
    sessions,
    signals,
    sitting,
    tickets,
    venues,
)
from app.assessment.exams.views.blueprint import bp
from app.assessment.exams.views.blueprint import sitting as sitting_bp

__all__ = [
    "arranging",
    "board",
    "bp",
    "conduct",
    "corrections",
    "extra_time",
    "files",
    "incidents",
    "own",
    "papers",
    "registering",
    "results",
    "seb",
    "sessions",
    "signals",
    "sitting",
    "sitting_bp",
    "tickets",
    "venues",
]

"""Pages of the exams room."""

from app.assessment.exams.views import corrections, files, own, papers, results, seb, sessions, signals, sitting
from app.assessment.exams.views.blueprint import bp
from app.assessment.exams.views.blueprint import sitting as sitting_bp

__all__ = [
    "bp",
    "corrections",
    "files",
    "own",
    "papers",
    "results",
    "seb",
    "sessions",
    "signals",
    "sitting",
    "sitting_bp",
]

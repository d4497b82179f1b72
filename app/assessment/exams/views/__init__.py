"""Pages of the exams room."""

from app.assessment.exams.views import corrections, enemies, own, paper, papers, results, sessions, sitting
from app.assessment.exams.views.blueprint import bp
from app.assessment.exams.views.blueprint import sitting as sitting_bp

__all__ = ["bp", "corrections", "enemies", "own", "paper", "papers", "results", "sessions", "sitting", "sitting_bp"]

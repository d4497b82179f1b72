"""Pages of the titles room."""

from app.assessment.titles.views import applications, register, rounds, scores
from app.assessment.titles.views.blueprint import bp

__all__ = ["applications", "bp", "register", "rounds", "scores"]

"""Pages of the titles room."""

from app.assessment.titles.views import applications, register, rounds, scores, withdrawals
from app.assessment.titles.views.blueprint import bp

__all__ = ["applications", "bp", "register", "rounds", "scores", "withdrawals"]

"""Pages of the titles room."""

from app.assessment.titles.views import applications, register, rounds, withdrawals
from app.assessment.titles.views.blueprint import bp

__all__ = ["applications", "bp", "register", "rounds", "withdrawals"]
